"""What a written answer says, held against what a right one holds: a proposal to the person who marks.

``tokens`` reads words and numbers, ``phrases`` finds phrases in them, ``rules`` holds what a lab's file
asks for, ``own`` compares with what the notebook printed, and ``judge`` gives the verdict.
"""
