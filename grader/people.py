"""Who is who: the names, numbers and addresses by which two lists speak of one student."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NUMBERED = re.compile(r"(?P<name>.+?)(?:_late)?_(?P<id>\d+)", re.IGNORECASE)  # as in a download's names


@dataclass(frozen=True)
class Identity:
    """One student as one list knows them: ids that are theirs alone, and spellings of the name."""

    ids: frozenset[str]
    names: frozenset[str]


def identity(student: str, ids: Iterable[str] = ()) -> Identity:
    """The student's identity.

    Args:
        student: the name as handed in or listed, with or without the number that a download adds.
        ids: whatever else names the student alone, such as a number, a login or an address.
    """
    found = {_folded(one) for one in (student, *ids)}
    return Identity(frozenset(found - {""}), spellings(without_number(student)))


def without_number(student: str) -> str:
    """A name of a download without its number.

    >>> without_number("lovelaceada_12345"), without_number("Ada Lovelace")
    ('lovelaceada', 'Ada Lovelace')
    """
    found = NUMBERED.fullmatch(student)
    return found["name"] if found else student


def spellings(name: str) -> frozenset[str]:
    """A name's letters and digits alone, with the last name at the end and at the beginning.

    >>> sorted(spellings("Lovelace, Ada")), sorted(spellings("Ada Lovelace")), sorted(spellings("ada"))
    (['adalovelace', 'lovelaceada'], ['adalovelace', 'lovelaceada'], ['ada'])
    """
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.strip().rpartition(" ")
    return frozenset(_letters(one) for one in (last + first, first + last)) - {""}


def find(wanted: Identity, among: Sequence[Identity]) -> list[int]:
    """The places in ``among`` of those who may be ``wanted``: by an id if any is shared, else by the name."""
    by_id = [place for place, one in enumerate(among) if one.ids & wanted.ids]
    return by_id or [place for place, one in enumerate(among) if one.names & wanted.names]


def listed(names: Sequence[str], most: int = 5) -> str:
    """Some of these names for one line: ``ada, bo, cy and 4 more``."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _letters(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
