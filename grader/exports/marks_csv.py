"""``csv``: one row per student for a spreadsheet or a script of one's own.

It follows RFC 4180 (comma, quotes doubled, a header line), in UTF-8 with line feeds. A text that a
spreadsheet would take for a formula begins with an apostrophe, as OWASP's page on CSV injection advises.
Points keep up to 6 decimals, with a decimal point; the final score is rounded only where a policy says so.
"""

from __future__ import annotations

from pathlib import Path

from grader.exports.files import Export, Sheet, number, printable, text_file
from grader.exports.rows import CheckRow, ClassRows, Row, TaskRow
from grader.output import guarded

FIRST = (
    "student", "id", "email", "lab", "status", "score", "max_score", "pending", "final_score", "submitted",
    "feedback", "reasons",
)  # fmt: skip


def marks_csv(marks: ClassRows, path: Path, *, checks: bool = False, bom: bool = False) -> Export:
    """The class as one sheet.

    Args:
        marks: the class.
        path: the file to write.
        checks: whether there is a column per check as well, beside one per task.
        bom: whether a byte-order mark tells Excel that it is UTF-8.
    """
    tasks = tuple(dict.fromkeys(task.id for row in marks.rows for task in row.tasks))
    ids = tuple(dict.fromkeys(one.id for row in marks.rows for one in row.checks)) if checks else ()
    header = tuple(map(_text, (*FIRST, *tasks, *ids)))
    return Export(
        (text_file(path, Sheet((header, *(_cells(r, tasks, ids) for r in marks.rows)), bom=bom).text()),)
    )


def _cells(row: Row, tasks: tuple[str, ...], ids: tuple[str, ...]) -> tuple[str, ...]:
    checks = {one.id: one for one in row.checks}
    texts = (row.student, row.origin.id, row.origin.email, row.lab, row.status)
    points = (row.score, row.max_score, row.pending, row.points)
    return (
        *map(_text, texts),
        *(number(value, 6) for value in points),
        *map(_text, (row.origin.submitted, row.feedback, " ".join(row.reasons))),
        *(_task(row.by_task.get(task)) for task in tasks),
        *(_check(checks.get(one)) for one in ids),
    )  # fmt: skip


def _text(text: str) -> str:
    return guarded(printable(text))


def _task(task: TaskRow | None) -> str:
    """A task's points; blank where all of it waits, since a 0 would read as a verdict."""
    if task is None or (task.pending > 0 and task.pending >= task.max_points and not task.points):
        return ""
    return number(task.points, 6)


def _check(check: CheckRow | None) -> str:
    return "" if check is None or check.status == "manual" else number(check.points, 6)
