"""``moodle``: the grading worksheet of an assignment, filled in, and a zip of feedback files.

It follows Moodle's documentation of the assignment's "Offline grading worksheet" and "Upload multiple
feedback files in a zip" (docs.moodle.org, Using Assignment), and Moodle's own importers
(moodle/moodle, mod/assign/feedback/offline/importgradeslib.php and feedback/file/importziplib.php): rows are
told by the number at the end of the first column, such as "Participant 12345"; a folder in the zip is named
FULL NAME_NUMBER_assignsubmission_file_ as in Moodle's own download, where an underscore in a name is a
space. Identifiers, dates and every other cell of the worksheet stay as they are. Grades are rounded half up
to two decimals, with a decimal point, which Moodle reads in any language. Feedback is HTML, so it is escaped.
Rows that Moodle has locked stay as they are, since it would not take them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import BinaryIO

from grader.errors import UsageProblem
from grader.exports.columns import chosen
from grader.exports.files import Export, File, Sheet, number, read_sheet, text_file
from grader.exports.roster import Entry, match
from grader.exports.rows import ClassRows, Row
from grader.people import Identity, listed, spellings

IDENTIFIER = re.compile(r".*?(\d+)\s*")
GRADE, FEEDBACK, NAME, LOCK = "Grade", "Feedback comments", "Full name", "Grade can be changed"
MOST = ("Maximum Grade", "Maximum grade")
EMAILS = ("Email address", "ID number", "Username")
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in the zip, so that the same marks make the same zip


@dataclass(frozen=True)
class Worksheet:
    """A grading worksheet: the file, where grade, feedback (or -1) and name stand, the students' rows."""

    sheet: Sheet
    grade: int
    feedback: int
    name: int
    students: tuple[int, ...]

    def cell(self, row: int, column: int) -> str:
        """A cell, "" where the row is shorter or there is no such column."""
        cells = self.sheet.cells[row]
        return cells[column].strip() if 0 <= column < len(cells) else ""

    def column(self, *names: str) -> int:
        """The place of the first column of one of these names, or -1."""
        header = [name.strip() for name in self.sheet.header]
        return next((header.index(name) for name in names if name in header), -1)

    def number(self, row: int) -> str:
        """The participant's number."""
        found = IDENTIFIER.fullmatch(self.cell(row, 0))
        return found[1] if found else ""


def moodle(marks: ClassRows, path: Path, roster: Path, out: Path, column: str | None = None) -> Export:
    """The worksheet with grades and feedback, and beside it a zip of the students' pages.

    Args:
        marks: the class, of one lab.
        path: the worksheet to write; the zip is named after it.
        roster: the worksheet that Moodle gave.
        out: the folder with the results.
        column: the column of the grades, where Moodle speaks another language than English.

    Raises:
        UsageProblem: the roster is no grading worksheet.
    """
    sheet = read_worksheet(roster, column)
    matched = match(marks.rows, [_entry(sheet, row) for row in sheet.students], roster)
    lock = sheet.column(LOCK)
    locked = [row for row in sorted(matched.rows) if sheet.cell(row, lock) == "No"]
    filled = {
        at: row for at, row in matched.rows.items() if at not in locked and row.status != "incomplete"
    }  # fmt: skip
    changes = {(at, sheet.grade): number(row.points) for at, row in filled.items()}
    if sheet.feedback >= 0:
        changes |= {(at, sheet.feedback): comment(row) for at, row in filled.items()}
    notes = [
        *_told(locked, sheet, "have grades that Moodle has locked, and stay as they are"),
        *_about_most(sheet, filled),
    ]
    if matched.absent:
        notes.append(
            f"{len(matched.absent)} on the list handed nothing in: {listed(matched.absent)}; "
            "their cells stay as they are."
        )
    if sheet.feedback < 0:
        notes.append(f"the worksheet has no column “{FEEDBACK}”, so comments are in the zip alone.")
    pages = {
        f"{folder_of(sheet, at)}/feedback.html": out / row.slug / "feedback.html"
        for at, row in filled.items()
    }
    files = (
        text_file(path, sheet.sheet.with_cells(changes).text()),
        File(path.with_name(f"{path.stem}-feedback.zip"), lambda file: _zip(file, pages)),
    )
    return Export(files, tuple(notes), matched.problems)


def read_worksheet(roster: Path, column: str | None = None) -> Worksheet:
    """The grading worksheet in a CSV of Moodle.

    Raises:
        UsageProblem: it is none.
    """
    sheet = read_sheet(roster)
    header = [name.strip() for name in sheet.header]
    rows = tuple(at for at, row in enumerate(sheet.cells) if at and any(row))
    numbered = all(IDENTIFIER.fullmatch(sheet.cells[row][0]) for row in rows)
    if len(header) < 3 or not rows or not numbered or (column is None and GRADE not in header):
        raise UsageProblem(
            f"{roster} is no grading worksheet of Moodle: its first column must hold identifiers such as "
            f"“Participant 12345”, and one must be called {GRADE} (else name it with --column). In the "
            "assignment choose View all submissions, Download grading worksheet."
        )
    names = {place: (name,) for place, name in enumerate(header) if place and name}
    grade = chosen(names, column, (GRADE,), f"the worksheet {roster}")
    place = next((header.index(name) for name in (NAME,) if name in header), 1)
    return Worksheet(
        sheet,
        grade,
        header.index(FEEDBACK) if FEEDBACK in header else -1,
        place if place != grade else -1,
        rows,
    )


def comment(row: Row) -> str:
    """A student's feedback in a few lines of HTML: the points, what they are made of, what failed."""
    waiting = f"; {number(row.pending)} more wait for a person" if row.pending else ""
    lines = [f"{number(row.points)} of {number(row.max_score - row.pending)} points{waiting}.", row.problem]
    lines += row.reasons
    lines += [
        f"{task.id} {task.title}: {number(task.points)} of {number(task.max_points - task.pending)}"
        for task in row.tasks
        if task.max_points > task.pending or task.points
    ]
    lines += [f"Not passed: {one.title} ({one.id})." for one in row.checks if one.status == "failed"]
    return "<br>".join(escape(" ".join(line.split())) for line in lines if line)


def folder_of(sheet: Worksheet, row: int) -> str:
    """The folder of a student in the zip, as Moodle's own download names it."""
    name = re.sub(r"[^\w .,'()@+-]|_", " ", sheet.cell(row, sheet.name)).strip(" .") or "Participant"
    return f"{name}_{sheet.number(row)}_assignsubmission_file_"


def _entry(sheet: Worksheet, row: int) -> Entry:
    others = [sheet.cell(row, sheet.column(name)).casefold() for name in EMAILS]
    ids = {f"moodle:{sheet.number(row)}", *others, *(one.partition("@")[0] for one in others)} - {""}
    name = sheet.cell(row, sheet.name)
    return Entry(row, name or sheet.cell(row, 0), Identity(frozenset(ids), spellings(name)))


def _about_most(sheet: Worksheet, filled: Mapping[int, Row]) -> list[str]:
    column = sheet.column(*MOST)
    most = {sheet.cell(row, column).replace(",", ".") for row in filled} - {""}
    wanted = {number(row.max_score) for row in filled.values() if row.max_score}
    if (
        not most
        or not wanted
        or {one.rstrip("0").rstrip(".") if "." in one else one for one in most} == wanted
    ):
        return []
    told, labs = " or ".join(sorted(most)), " or ".join(sorted(wanted))
    return [f"Moodle's maximum grade is {told}, and the lab is out of {labs}."]


def _told(rows: list[int], sheet: Worksheet, what: str) -> list[str]:
    if not rows:
        return []
    return [
        f"{len(rows)} {what}: {listed([sheet.cell(row, sheet.name) or sheet.cell(row, 0) for row in rows])}."
    ]


def _zip(file: BinaryIO, pages: Mapping[str, Path]) -> None:
    """The pages that there are, each under its name, always with the same bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, path in sorted(pages.items()):
            if path.is_file():
                member = zipfile.ZipInfo(name, EPOCH)
                member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                made.writestr(member, path.read_bytes())
