"""``canvas``: the gradebook CSV that was exported from Canvas, with one column filled in.

It follows Instructure's guides "How do I export grades in the Gradebook?" and "How do I import grades in the
Gradebook?", and Canvas' own importer (instructure/canvas-lms, lib/gradebook_importer.rb): a header that
begins with Student and ID (or LastName, FirstName and ID), assignments as "Title (number)", rows for manual
posting and "Points Possible", commas or semicolons. Every row, column and cell stays as it was exported, in
its order, and so does a byte-order mark; only the cells of one assignment change, those of students whose
hand-in was graded. No cell of ours is a text, so no formula can be in it. Points are rounded half up to two
decimals, with a decimal point, which Canvas reads in any language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageProblem
from grader.exports.columns import chosen
from grader.exports.files import Export, Sheet, number, read_sheet, text_file
from grader.exports.roster import Entry, match
from grader.exports.rows import ClassRows, Row
from grader.people import Identity, listed, spellings

NUMBERED = re.compile(r"(?P<title>.+) \((?P<id>\d+)\)")
EXCUSED = "ex"
TEST_STUDENT = "Student, Test"
ID_COLUMNS = ("SIS User ID", "SIS Login ID", "Integration ID")


@dataclass(frozen=True)
class Gradebook:
    """A gradebook of Canvas: the file, the column of each id, the place of the students, the points row."""

    sheet: Sheet
    id: int
    names: tuple[int, ...]
    other_ids: tuple[int, ...]
    students: tuple[int, ...]
    possible: int

    def cell(self, row: int, column: int) -> str:
        """A cell, "" where the row is shorter."""
        cells = self.sheet.cells[row]
        return cells[column].strip() if column < len(cells) else ""


def canvas(marks: ClassRows, path: Path, roster: Path, column: str | None = None) -> Export:
    """The gradebook of Canvas with the points of one assignment.

    Args:
        marks: the class, of one lab.
        path: the file to write.
        roster: the CSV that Canvas exported.
        column: the assignment, by its title, its number, or its whole header; needed where neither the
            lab's title nor there being only one tells which it is.

    Raises:
        UsageProblem: the roster is none of Canvas', or names no such assignment.
    """
    book = read_gradebook(roster)
    place = _column(book, roster, column, marks.rows)
    matched = match(marks.rows, [_entry(book, row) for row in book.students], roster)
    kept = {row for row in matched.rows if book.cell(row, place).casefold() == EXCUSED}
    changes = {
        (at, place): number(row.points)
        for at, row in matched.rows.items()
        if row.status != "incomplete" and at not in kept
    }
    notes = [*_notes(book, place, marks), *_told_excused([_name(book, row) for row in sorted(kept)])]
    if matched.absent:
        notes.append(
            f"{len(matched.absent)} on the list handed nothing in: {listed(matched.absent)}; "
            "their cells stay as they are."
        )
    files = (text_file(path, book.sheet.with_cells(changes).text()),)
    return Export(files, tuple(notes), matched.problems)


def read_gradebook(roster: Path) -> Gradebook:
    """The gradebook in a CSV of Canvas.

    Raises:
        UsageProblem: it is none.
    """
    sheet = read_sheet(roster)
    header = [name.strip() for name in sheet.header]
    split = header[:3] == ["LastName", "FirstName", "ID"]
    if (not split and header[:2] != ["Student", "ID"]) or "Section" not in header:
        raise UsageProblem(
            f"{roster} is no gradebook of Canvas: its first line must begin with Student, ID and have a "
            "column Section. In Canvas choose Grades, Export, Export Entire Gradebook."
        )
    possible = next(
        (at for at, row in enumerate(sheet.cells) if at and "Points Possible" in "".join(row[:1])), 0
    )
    others = tuple(header.index(name) for name in ID_COLUMNS if name in header)
    rows = tuple(
        at
        for at, row in enumerate(sheet.cells)
        if at and at != possible and _is_student(row, 2 if split else 1)
    )
    return Gradebook(sheet, 2 if split else 1, (0, 1) if split else (0,), others, rows, possible)


def _is_student(row: tuple[str, ...], names: int) -> bool:
    """Whether a row is a student's; those on manual posting name nobody, and Canvas' test student is none."""
    name = ", ".join(cell.strip() for cell in row[:names])
    return bool(name.strip(", ")) and name != TEST_STUDENT


def _entry(book: Gradebook, row: int) -> Entry:
    own = book.cell(row, book.id)
    logins = [book.cell(row, column).casefold() for column in book.other_ids]
    ids = {f"canvas:{own}" if own else "", own, *logins, *(login.partition("@")[0] for login in logins)}
    return Entry(row, _name(book, row), Identity(frozenset(ids - {""}), spellings(_name(book, row))))


def _name(book: Gradebook, row: int) -> str:
    return ", ".join(book.cell(row, column) for column in book.names)


def _column(book: Gradebook, roster: Path, wanted: str | None, rows: Sequence[Row]) -> int:
    """The place of the assignment's column; columns that Canvas only shows cannot be it."""
    names: dict[int, tuple[str, ...]] = {}
    for place, header in enumerate(book.sheet.header):
        found = NUMBERED.fullmatch(header.strip())
        if found and "read only" not in book.cell(book.possible, place):
            names[place] = (header.strip(), found["title"], found["id"])
    if not names:
        raise UsageProblem(
            f"{roster} has no assignment, which is a column such as “Lab 2 (1234)”; make the assignment in "
            "Canvas, and export the gradebook again."
        )
    guesses = dict.fromkeys([*(row.lab_title for row in rows), *(row.lab for row in rows)])
    return chosen(names, wanted, tuple(guesses), f"the gradebook {roster}")


def _notes(book: Gradebook, place: int, marks: ClassRows) -> list[str]:
    possible = book.cell(book.possible, place) if book.possible else ""
    most = sorted({row.max_score for row in marks.rows if row.max_score})
    told = " or ".join(number(value) for value in most)
    if (
        not possible
        or not most
        or any(possible in (number(value), f"{value:.2f}", f"{value:.1f}") for value in most)
    ):
        return []
    return [f"Canvas has {possible} points possible for this assignment, and the lab is out of {told}."]


def _told_excused(names: list[str]) -> list[str]:
    if not names:
        return []
    return [f"{len(names)} excused in Canvas stay excused: {listed(names)}."]
