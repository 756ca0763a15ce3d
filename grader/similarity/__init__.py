"""Which submissions of a class are alike, beyond what the course gave to all.

The result is for the person who marks: it is on the class page and in ``similarity.json``, and nowhere in
what a student gets. ``find.py`` is the way in.
"""
