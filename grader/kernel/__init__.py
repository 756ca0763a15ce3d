"""The only code of ours that enters the sandbox; it imports nothing of ours and holds no verdict.

It runs in the student's process, so nothing it says is believed: it hands out plain data (JSON and
raw arrays), and the grader judges that data elsewhere.
"""
