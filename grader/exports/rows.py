"""What is exported, read from a folder with results: a frozen row per student, people's marks included."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.class_list import Enrolled, read_list
from grader.errors import UsageProblem
from grader.gradebook.fitting import with_marks
from grader.gradebook.records import Mark
from grader.output import result_json
from grader.people import Identity, find, identity, without_number
from grader.records import NOWHERE, Origin
from grader.resume import kept_report


@dataclass(frozen=True)
class CheckRow:
    """One check's verdict; the texts are the student's business, maybe of the student's making."""

    id: str
    task: str
    title: str
    status: str
    points: float
    max_points: float
    message: str
    hint: str
    seconds: float


@dataclass(frozen=True)
class TaskRow:
    """One task's points; ``pending`` are those that wait for a person."""

    id: str
    title: str
    points: float
    max_points: float
    pending: float


@dataclass(frozen=True)
class Row:
    """One student's result. Of a group each student has a row, with the same ``slug``.

    ``points`` are those that count: the final score where there are policies, with ``reasons`` for it,
    else ``score``. ``feedback`` is the page, relative to the folder with the results.
    """

    student: str
    slug: str
    lab: str
    lab_title: str
    status: str
    problem: str
    score: float
    max_score: float
    pending: float
    points: float
    reasons: tuple[str, ...]
    tasks: tuple[TaskRow, ...]
    checks: tuple[CheckRow, ...]
    feedback: str
    seconds: float
    origin: Origin = NOWHERE

    @property
    def name(self) -> str:
        """The student's name without the number that a download adds."""
        return without_number(self.student) if self.origin.lms else self.student

    @property
    def identity(self) -> Identity:
        """By what other lists may know the student."""
        origin = self.origin
        numbers = [f"{origin.lms}:{origin.id}"] if origin.id else []
        if origin.lms == "gradescope":
            numbers.append(origin.id)  # the number of the school, not one of the platform's own
        return identity(self.student, (*numbers, origin.email, origin.email.partition("@")[0]))

    @property
    def by_task(self) -> dict[str, TaskRow]:
        """The tasks by their ids."""
        return {task.id: task for task in self.tasks}


@dataclass(frozen=True)
class ClassRows:
    """A class: the rows in the order of the students' names, and who is not graded yet."""

    title: str
    rows: tuple[Row, ...]
    not_graded: tuple[str, ...] = ()


def read_rows(out: Path, marks: Iterable[Mark] = (), lab: str | None = None) -> ClassRows:
    """The class of the last run into ``out``.

    Args:
        out: a folder that ``labgrade grade`` wrote.
        marks: people's marks that count.
        lab: only results of this lab.

    Raises:
        UsageProblem: there are no results, or one of them cannot be read.
    """
    if not out.is_dir():
        raise UsageProblem(f"{out} is no folder; name the one that labgrade grade wrote its results to.")
    listed = read_list(out)
    known = listed.students if listed else _found(out)
    by_student: dict[str, list[Mark]] = {}
    for mark in marks:
        by_student.setdefault(mark.target.student, []).append(mark)
    rows, missing = [], []
    for one in known:
        document = _document(out, one.slug, by_student.get(one.slug, []))
        if document is None:
            missing.append(one.student)
        elif lab is None or document["lab"] == lab:
            rows += _rows(one, document)
    if not rows:
        of = f" of lab {lab}" if lab else ""
        raise UsageProblem(f"{out} holds no results{of}; run: labgrade grade FOLDER --out {out}")
    ordered = sorted(rows, key=lambda row: (row.student.casefold(), row.slug))
    return ClassRows(listed.title if listed else out.absolute().name, tuple(ordered), tuple(missing))


def _found(out: Path) -> tuple[Enrolled, ...]:
    """Everybody with a result, where no run has noted its class."""
    return tuple(
        Enrolled(path.parent.name, path.parent.name, NOWHERE) for path in sorted(out.glob("*/result.json"))
    )


def _document(out: Path, slug: str, marks: Sequence[Mark]) -> dict[str, Any] | None:
    """A student's result as ``result.json`` has it, with the marks in; ``None`` where there is none."""
    place = out / slug / "result.json"
    if not place.is_file():
        return None
    report = kept_report(out, slug)
    try:
        text = result_json(with_marks(report, marks)) if report else place.read_text("utf-8")
        found = json.loads(text)
        if found["schema"] != 1:
            raise ValueError(f"schema {found['schema']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageProblem(
            f"{place} cannot be read ({type(error).__name__}); remove it and grade again."
        ) from error
    return dict(found)


def _rows(one: Enrolled, document: dict[str, Any]) -> list[Row]:
    members = tuple(document.get("members", ())) or one.members
    if not members:
        return [_row(document.get("student", one.student), one, document, one.origin)]
    return [_row(member, one, document, _origin_of(member, one, members)) for member in members]


def _origin_of(member: str, one: Enrolled, members: tuple[str, ...]) -> Origin:
    """What is known of the one of a group who handed in; of the others only when."""
    first = one.origin.lms == "gradescope" and member == members[0]
    if first or find(identity(member, ()), [identity(one.student, (one.origin.id, one.origin.email))]):
        return one.origin
    return Origin(submitted=one.origin.submitted, told_by=one.origin.told_by)


def _row(student: str, one: Enrolled, document: dict[str, Any], origin: Origin) -> Row:
    checks = tuple(_check(found) for found in document["checks"])
    return Row(
        student=student,
        slug=one.slug,
        lab=document["lab"],
        lab_title=document.get("lab_title", ""),
        status=document["status"],
        problem=document.get("problem", ""),
        score=document["score"],
        max_score=document["max_score"],
        pending=document["pending_manual"],
        points=document.get("final_score", document["score"]),
        reasons=tuple(document.get("final_reasons", ())),
        tasks=tuple(_task(found, checks) for found in document.get("tasks", ())),
        checks=checks,
        feedback=f"{quote(one.slug)}/feedback.html",
        seconds=document["execution"]["seconds"],
        origin=origin,
    )


def _task(found: dict[str, Any], checks: tuple[CheckRow, ...]) -> TaskRow:
    waiting = sum(one.max_points for one in checks if one.task == found["id"] and one.status == "manual")
    return TaskRow(found["id"], found["title"], found["points"], found["max_points"], waiting)


def _check(found: dict[str, Any]) -> CheckRow:
    return CheckRow(
        found["id"], found["task"], found["title"], found["status"], found["points"], found["max_points"],
        found.get("message") or "", found.get("hint") or "", found.get("seconds") or 0.0,
    )  # fmt: skip
