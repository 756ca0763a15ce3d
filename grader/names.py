"""Names that are safe on every file system, made from names of any origin."""

from __future__ import annotations

import os
import re
import unicodedata

MAX_CHARACTERS = 80
MAX_BYTES = 200  # most file systems stop at 255 bytes a name
PLAIN = frozenset(" -_.()+,@")
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
# Control characters, line and paragraph separators, signs of no width and those that turn the writing round,
# but not the joiners, without which some scripts cannot be written.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
OURS = frozenset(
    {
        "exports",
        "index.html",
        "gradebook.csv",
        "gradebook.db",
        "gradebook.db-wal",
        "gradebook.db-shm",
        "similarity.json",
    }
)


def readable(name: str) -> str:
    """The name in NFC, with bytes that were no UTF-8 shown as ``�``."""
    try:
        raw = os.fsencode(name)
    except UnicodeEncodeError:  # half a surrogate pair, which no file's name has
        raw = name.encode("utf-8", errors="replace")
    return unicodedata.normalize("NFC", raw.decode("utf-8", errors="replace"))


def visible(name: str) -> str:
    """The readable name, with each sign that cannot be seen, or that turns the writing round, as its number.

    >>> visible("ada\\u202egpj.ipynb")
    'ada⟨U+202E⟩gpj.ipynb'
    """
    return HIDDEN.sub(lambda sign: f"⟨U+{ord(sign[0]):04X}⟩", readable(name))


def slug(name: str) -> str:
    """One path component that every system takes: never empty, hidden, reserved, or over 80 characters.

    Letters and digits of every script stay as they are; other signs but a few become ``-``.
    """
    kept = "".join(sign if _stays(sign) else "-" for sign in readable(name))
    kept = _shorten(kept.lstrip(". ")).rstrip(". ")
    if not kept.strip("-"):
        return "student"
    if DEVICES.match(kept) or kept.casefold() in OURS:
        return f"student-{kept}"
    return kept


def unique_slugs(names: list[str]) -> list[str]:
    """A slug for each name, in order; those that differ only in case get ``-2``, ``-3`` …"""
    taken: set[str] = set()
    slugs = []
    for name in names:
        base = candidate = slug(name)
        count = 1
        while _fold(candidate) in taken:
            count += 1
            ending = f"-{count}"
            candidate = _shorten(base, len(ending)).rstrip(". ") + ending
        taken.add(_fold(candidate))
        slugs.append(candidate)
    return slugs


def _stays(sign: str) -> bool:
    return sign in PLAIN or sign.isalnum() or unicodedata.category(sign).startswith("M")


def _shorten(text: str, spare: int = 0) -> str:
    text = text[: MAX_CHARACTERS - spare]
    while len(text.encode()) > MAX_BYTES - spare:
        text = text[:-1]
    return text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
