"""Who is in a class folder and since when: what instructors add to it, and what stays with the results."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.errors import UsageProblem
from grader.housekeeping import own_folder
from grader.output import write_atomically
from grader.people import Identity, find, identity, listed
from grader.records import NOWHERE, Origin, Submission

SCHEMA = 1
NAME = "class.json"


@dataclass(frozen=True)
class Enrolled:
    """One submission of the class, as far as it is known without grading it."""

    student: str
    slug: str
    origin: Origin
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassList:
    """The class of the last run into a folder."""

    title: str
    students: tuple[Enrolled, ...]


def write_list(out: Path, title: str, submissions: Sequence[Submission]) -> None:
    """Note whose results the class page and the gradebook in ``out`` are.

    Raises:
        OSError: it cannot be written.
    """
    students = [Enrolled(one.student, one.slug, one.origin, one.members) for one in submissions]
    document = {"schema": SCHEMA, "title": title, "students": [dataclasses.asdict(one) for one in students]}
    own_folder(out).mkdir(exist_ok=True)
    write_atomically(own_folder(out) / NAME, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def read_list(out: Path) -> ClassList | None:
    """The class of the last run into ``out``; ``None`` where none was noted, or it cannot be read."""
    try:
        found = json.loads((own_folder(out) / NAME).read_bytes())
        if found["schema"] != SCHEMA:
            return None
        return ClassList(str(found["title"]), tuple(_enrolled(one) for one in found["students"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def arranged(
    submissions: Iterable[Submission], groups: Path | None, times: Path | None
) -> tuple[Submission, ...]:
    """The submissions with what an instructor's files add to them.

    Args:
        submissions: as found.
        groups: a file that says who works together: a CSV with the columns ``group`` and ``student``, or
            TOML with a list of students per group.
        times: a CSV with the columns ``student`` and ``submitted``, a time in ISO 8601.

    Raises:
        UsageProblem: a file cannot be read, or does not fit the submissions.
    """
    found = tuple(submissions)
    if times is not None:
        found = _at_times(found, times)
    return found if groups is None else _in_groups(found, groups)


def plain(submissions: Iterable[Submission], *, groups: bool) -> tuple[Submission, ...]:
    """The submissions as they are graded where no policy is: what time and origin say decides nothing."""
    return tuple(
        dataclasses.replace(
            one, origin=NOWHERE, earlier=(), members=one.members if groups else ()
        )
        for one in submissions
    )  # fmt: skip


def read_groups(place: Path) -> dict[str, tuple[str, ...]]:
    """The students of each group.

    Raises:
        UsageProblem: the file cannot be read, or somebody is in two groups.
    """
    groups = _toml_groups(place) if place.suffix.lower() == ".toml" else _csv_groups(place)
    if not groups:
        raise UsageProblem(f"{place} names no group.")
    seen: dict[str, str] = {}
    for group, members in groups.items():
        for member in members:
            if seen.setdefault(member.casefold(), group) != group:
                other = seen[member.casefold()]
                raise UsageProblem(
                    f"{place}: {member} is in the groups {other} and {group}; leave one of them."
                )
    return groups


def group_of(who: Identity, groups: Mapping[str, tuple[str, ...]]) -> str:
    """The name of the group that a student is in, or ""."""
    names = list(groups)
    for name in names:
        if find(who, [identity(member) for member in groups[name]]):
            return name
    return ""


def identity_of(student: str, origin: Origin) -> Identity:
    """A submission's identity."""
    return identity(student, (origin.id, origin.email, origin.email.partition("@")[0]))


def _in_groups(submissions: tuple[Submission, ...], place: Path) -> tuple[Submission, ...]:
    groups = read_groups(place)
    owners: dict[str, list[str]] = {}
    found = []
    for one in submissions:
        group = group_of(identity_of(one.student, one.origin), groups)
        members = groups.get(group, ())
        owners.setdefault(group, []).append(one.student)
        earlier = tuple(dataclasses.replace(before, members=members) for before in one.earlier)
        found.append(dataclasses.replace(one, members=members, earlier=earlier) if members else one)
    twice = [f"{group} ({', '.join(who)})" for group, who in owners.items() if group and len(who) > 1]
    if twice:
        raise UsageProblem(
            f"{len(twice)} {_of(twice, 'group has', 'groups have')} more than one hand-in: {listed(twice)}; "
            f"take all but one out of the folder, or take these students out of {place}."
        )
    return tuple(found)


def _at_times(submissions: tuple[Submission, ...], place: Path) -> tuple[Submission, ...]:
    identities = [identity_of(one.student, one.origin) for one in submissions]
    found, strangers = list(submissions), []
    for number, row in _rows(place, ("student", "submitted")):
        try:
            when = datetime.fromisoformat(row["submitted"])
        except ValueError as error:
            raise UsageProblem(
                f"{place}, line {number}: {row['submitted']!r} is no time; "
                "write it as 2026-03-01T23:59 or 2026-03-01T23:59+01:00."
            ) from error
        places = find(identity(row["student"]), identities)
        if len(places) != 1:
            strangers.append(row["student"])
            continue
        told = (when if when.tzinfo else when.astimezone()).isoformat()
        origin = dataclasses.replace(found[places[0]].origin, submitted=told, told_by="the list of times")
        found[places[0]] = dataclasses.replace(found[places[0]], origin=origin)
    if strangers:
        raise UsageProblem(
            f"{place} names {len(strangers)} who handed nothing in, or whose names are not told apart: "
            f"{listed(strangers)}; name them as their folders are named, or leave them out."
        )
    return tuple(found)


def _csv_groups(place: Path) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for _, row in _rows(place, ("group", "student")):
        members = groups.setdefault(row["group"], [])
        if row["student"] not in members:
            members.append(row["student"])
    return {group: tuple(members) for group, members in groups.items()}


def _toml_groups(place: Path) -> dict[str, tuple[str, ...]]:
    try:
        document = tomllib.loads(_text(place))
    except tomllib.TOMLDecodeError as error:
        raise UsageProblem(f"{place} is no valid TOML: {error}.") from error
    table = document.get("groups", document)
    wrong = [name for name, members in table.items() if not _is_list_of_names(members)]
    if wrong:
        raise UsageProblem(f'{place}: {wrong[0]} must be a list of students, such as ["ada", "ben"].')
    return {name: tuple(dict.fromkeys(members)) for name, members in table.items()}


def _is_list_of_names(members: Any) -> bool:
    return isinstance(members, list) and all(isinstance(one, str) and one.strip() for one in members)


def _rows(place: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV with these columns, each with its line; empty ones are passed over."""
    reader = csv.DictReader(io.StringIO(_text(place)))
    header = {str(name).strip().casefold(): name for name in reader.fieldnames or ()}
    missing = [name for name in columns if name not in header]
    if missing:
        raise UsageProblem(
            f"{place} has no column {missing[0]!r}: its first line must name the columns "
            f"{' and '.join(columns)}."
        )
    found = []
    for row in reader:
        cells = {name: (row[header[name]] or "").strip() for name in columns}
        if any(cells.values()):
            found.append((reader.line_num, cells))
    gaps = [number for number, cells in found if not all(cells.values())]
    if gaps:
        raise UsageProblem(f"{place}, line {gaps[0]}: a cell of {' or '.join(columns)} is empty.")
    return found


def _text(place: Path) -> str:
    try:
        return place.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{place} is no UTF-8 text; save it as CSV in UTF-8.") from error
    except OSError as error:
        raise UsageProblem(f"{place} cannot be read: {error.strerror}.") from error


def _enrolled(found: Any) -> Enrolled:
    return Enrolled(
        student=str(found["student"]),
        slug=str(found["slug"]),
        origin=Origin(**found["origin"]),
        members=tuple(map(str, found["members"])),
    )


def _of(things: Sequence[str], one: str, many: str) -> str:
    return one if len(things) == 1 else many
