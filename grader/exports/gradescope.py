"""``gradescope``: a ``results.json`` per student, as an autograder hands it to Gradescope.

It follows "Autograder Specifications, Output format" (gradescope-autograders.readthedocs.io/en/latest/specs):
``score``, ``execution_time``, ``output`` and ``output_format``, ``visibility`` and ``stdout_visibility``,
``tests`` with ``score``, ``max_score``, ``status``, ``name``, ``number``, ``output`` and ``tags``, and
``extra_data``. Every text is of the format "text", so Gradescope shows it as it is and runs nothing. A check
that waits for a person, or that the grader failed on, has no score. The whole ``score`` is the final one, so
it goes before the sum of the tests. Points are rounded half up to two decimals.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from grader.exports.files import Export, File, printable, text_file
from grader.exports.rows import CheckRow, ClassRows, Row
from grader.names import unique_slugs
from grader.policies import half_up

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
UNDECIDED = frozenset({"manual", "error"})


def gradescope(marks: ClassRows, folder: Path, visibility: Visibility = "after_published") -> Export:
    """A folder per student in ``folder`` with the student's ``results.json``.

    Args:
        marks: the class.
        folder: where they are written.
        visibility: when students see the tests.
    """
    slugs = unique_slugs([row.student for row in marks.rows])
    return Export(
        tuple(_file(row, folder / slug, visibility) for row, slug in zip(marks.rows, slugs, strict=True))
    )


def results(row: Row, visibility: Visibility) -> dict[str, Any]:
    """What Gradescope reads of one student."""
    return {
        "score": half_up(row.points, 2),
        "execution_time": max(0, round(row.seconds)),
        "output": _summary(row),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [_test(one, visibility) for one in row.checks],
        "extra_data": {
            "student": row.student, "lab": row.lab, "status": row.status,
            "max_score": half_up(row.max_score, 2), "pending_manual": half_up(row.pending, 2),
        },
    }  # fmt: skip


def _file(row: Row, folder: Path, visibility: Visibility) -> File:
    text = json.dumps(results(row, visibility), indent=2, ensure_ascii=False, allow_nan=False)
    return text_file(folder / "results.json", text + "\n")


def _summary(row: Row) -> str:
    lines = [f"{half_up(row.points, 2):g} of {half_up(row.max_score, 2):g} points."]
    if row.pending:
        lines.append(f"{half_up(row.pending, 2):g} of them wait for a person.")
    return "\n".join(filter(None, [*lines, printable(row.problem), *map(printable, row.reasons)]))


def _test(check: CheckRow, visibility: Visibility) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": printable(check.title), "number": check.task, "visibility": visibility, "tags": [check.task],
        "output": "\n".join(filter(None, (printable(check.message), printable(check.hint)))),
        "extra_data": {"check": check.id, "status": check.status},
    }  # fmt: skip
    if check.status not in UNDECIDED:
        found |= {
            "score": half_up(check.points, 2),
            "max_score": half_up(check.max_points, 2),
            "status": "passed" if check.status == "passed" else "failed",
        }
    return found
