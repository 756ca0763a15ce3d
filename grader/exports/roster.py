"""The students of a class found on the list of a learning platform, and every way in which they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.exports.rows import Row
from grader.people import Identity, find, listed


@dataclass(frozen=True)
class Entry:
    """A student on the list: the row in the file, the name as it stands there, and by what to know them."""

    place: int
    shown: str
    identity: Identity


@dataclass(frozen=True)
class Matched:
    """Who was found, by the row in the file; what does not fit, a line each; who handed nothing in."""

    rows: dict[int, Row]
    problems: tuple[str, ...]
    absent: tuple[str, ...]


def match(rows: Sequence[Row], entries: Sequence[Entry], roster: Path) -> Matched:
    """Find each student on the list: by a number or address if one is known there, else by the name.

    Nobody is guessed at: where a name may be of two, or two hand-ins of one student, none of them counts.
    """
    identities = [entry.identity for entry in entries]
    claims: dict[int, list[Row]] = {}
    strangers: list[str] = []
    unclear: list[str] = []
    for row in rows:
        places = find(row.identity, identities)
        if len(places) == 1:
            claims.setdefault(places[0], []).append(row)
        else:
            (unclear if places else strangers).append(row.student)
    twice = [
        f"{entries[place].shown} ({', '.join(row.student for row in claimed)})"
        for place, claimed in sorted(claims.items())
        if len(claimed) > 1
    ]
    found = {entries[place].place: claimed[0] for place, claimed in claims.items() if len(claimed) == 1}
    absent = [entry.shown for place, entry in enumerate(entries) if place not in claims]
    return Matched(found, tuple(_problems(strangers, unclear, twice, entries, roster)), tuple(absent))


def _problems(
    strangers: list[str], unclear: list[str], twice: list[str], entries: Sequence[Entry], roster: Path
) -> list[str]:
    found = []
    if strangers:
        found.append(
            f"{_students(strangers, 'is', 'are')} not on the list {roster}: {listed(strangers)}; "
            "export the list again, or leave them out with --partial."
        )
    if unclear:
        found.append(
            f"the {_names(unclear)} of {listed(unclear)} may be of several on the list {roster}; name the "
            "folder by the student's number or login there, or leave them out with --partial."
        )
    if twice:
        found.append(
            f"{_students(twice, 'has', 'have')} more than one hand-in: {listed(twice)}; take all but one "
            "out of the class folder and grade again, or leave them out with --partial."
        )
    if repeated := _repeated(entries):
        found.append(
            f"{_students(repeated, 'stands', 'stand')} on the list {roster} twice: {listed(repeated)}; "
            "remove the second line, or leave them out with --partial."
        )
    return found


def _repeated(entries: Sequence[Entry]) -> list[str]:
    """The students with two lines of the same number."""
    seen: set[str] = set()
    found = []
    for entry in entries:
        if entry.identity.ids & seen:
            found.append(entry.shown)
        seen |= entry.identity.ids
    return found


def _students(names: Sequence[str], one: str, many: str) -> str:
    return f"1 student {one}" if len(names) == 1 else f"{len(names)} students {many}"


def _names(names: Sequence[str]) -> str:
    return "name" if len(names) == 1 else "names"
