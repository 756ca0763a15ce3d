"""Text of a student's, and numbers, made fit for a terminal."""

from __future__ import annotations

DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """``text`` without what could move the cursor, colour the screen or turn the writing round.

    New lines and tabs stay.
    """
    return "".join(sign for sign in text if sign in "\n\t" or (_shows(sign) and sign not in DIRECTIONS))


def one_line(text: str) -> str:
    """``text``, clean, with every run of white space as one space."""
    return " ".join(clean(text).split())


def number(value: float) -> str:
    """A count of points: ``60``, ``41.5``, ``3.33``."""
    return f"{round(value, 2):g}"


def _shows(sign: str) -> bool:
    code = ord(sign)
    return code >= 32 and not 0x7F <= code <= 0x9F and not 0xD800 <= code <= 0xDFFF
