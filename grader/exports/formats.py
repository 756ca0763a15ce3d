"""The formats there are, and one call for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from grader.errors import UsageProblem
from grader.exports.canvas import canvas
from grader.exports.files import Export, number
from grader.exports.gradescope import Visibility, gradescope
from grader.exports.junit import junit
from grader.exports.marks_csv import marks_csv
from grader.exports.moodle import moodle
from grader.exports.rows import ClassRows
from grader.people import listed

Format = Literal["csv", "canvas", "moodle", "gradescope", "junit"]
FORMATS: tuple[Format, ...] = get_args(Format)
FOLDER = "exports"  # in the folder with the results; no student's folder is called so
FILES = {"csv": "marks.csv", "canvas": "canvas.csv", "moodle": "moodle.csv", "junit": "junit.xml"}
NEED_ROSTER = {
    "canvas": "the gradebook that Canvas exports (Grades, Export, Export Entire Gradebook)",
    "moodle": "the grading worksheet of the assignment (View all submissions, Download grading worksheet)",
}


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for. ``path`` is ``None`` for the usual place in ``out``."""

    format: Format
    out: Path
    path: Path | None = None
    roster: Path | None = None
    column: str | None = None
    checks: bool = False
    bom: bool = False
    visibility: Visibility = "after_published"


def export(wanted: Wanted, marks: ClassRows) -> Export:
    """The files of a format, not written yet.

    Raises:
        UsageProblem: the format needs a roster, or the one given is none.
    """
    path = wanted.path or wanted.out / FOLDER / FILES.get(wanted.format, wanted.format)
    if wanted.format == "csv":
        return marks_csv(marks, path, checks=wanted.checks, bom=wanted.bom)
    if wanted.format == "junit":
        return junit(marks, path)
    if wanted.format == "gradescope":
        return gradescope(marks, path, wanted.visibility)
    return _for_platform(wanted, marks, path)


def _for_platform(wanted: Wanted, marks: ClassRows, path: Path) -> Export:
    """One column of one assignment, so one lab."""
    if wanted.roster is None:
        raise UsageProblem(
            f"{wanted.format} needs a list of the students: name {NEED_ROSTER[wanted.format]} with --roster."
        )
    labs = sorted({row.lab for row in marks.rows if row.lab})
    if len(labs) > 1:
        raise UsageProblem(
            f"{wanted.out} holds results of the labs {' and '.join(labs)}; name one with --lab."
        )
    if wanted.format == "canvas":
        return canvas(marks, path, wanted.roster, wanted.column)
    return moodle(marks, path, wanted.roster, wanted.out, wanted.column)


def worth_knowing(marks: ClassRows) -> Iterator[str]:
    """What anybody should know who passes these marks on, a line each."""
    if marks.not_graded:
        yield f"{len(marks.not_graded)} not graded yet, so left out: {listed(marks.not_graded)}."
    waiting = [row for row in marks.rows if row.pending]
    if waiting:
        points = number(sum(row.pending for row in waiting))
        yield (
            f"{len(waiting)} of {len(marks.rows)} have answers that wait for a person ({points} points in "
            "all), which count 0 so far."
        )
    failed = [row.student for row in marks.rows if row.status == "incomplete"]
    if failed:
        yield (
            f"the grader itself failed on {len(failed)}: {listed(failed)}; their marks go to no platform. "
            "Grade them again."
        )
    unreadable = [row.student for row in marks.rows if row.status == "unreadable"]
    if unreadable:
        yield f"{len(unreadable)} could not be read and have 0 points: {listed(unreadable)}."
