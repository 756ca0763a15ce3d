"""From submissions and their reports to what is compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.notebooks import Unreadable, read_notebook
from grader.questions import load_questions
from grader.records import Report, Submission
from grader.similarity.records import Part, Work

NOTEBOOK_BYTES = 50 * 2**20  # outputs included; what is larger is left out, and said to be
MODULES = 20  # helper modules of one hand-in that are read
MODULE_CHARACTERS = 40_000


def read_works(
    submissions: Sequence[Submission],
    reports: Sequence[Report],
    listen: Callable[[int, int], None],
) -> tuple[tuple[Work, ...], tuple[str, ...]]:
    """What each readable submission holds, and the slugs of those that are too large or cannot be read now.

    Args:
        submissions: of a class; those without a report, or with one that says ``unreadable``, are left out.
        reports: what came of them.
        listen: told after each one how many of how many are read.
    """
    by_slug = {submission.slug: submission for submission in submissions}
    chosen = [one for one in reports if one.status != "unreadable" and one.lab and one.slug in by_slug]
    works: list[Work] = []
    left_out: list[str] = []
    for number, report in enumerate(sorted(chosen, key=lambda one: one.slug), start=1):
        work = _work(by_slug[report.slug], report)
        if work is None:
            left_out.append(report.slug)
        else:
            works.append(work)
        listen(number, len(chosen))
    return tuple(works), tuple(left_out)


def _work(submission: Submission, report: Report) -> Work | None:
    if submission.notebook is None:
        return None
    try:
        cells = read_notebook(submission.notebook, NOTEBOOK_BYTES).notebook.cells
    except Unreadable:
        return None
    code: list[Part] = []
    prose: list[Part] = []
    for cell in cells:
        if cell.cell_type == "code" and cell.source.strip():
            code.append(Part(f"cell {len(code) + 1}", cell.source))
        elif cell.cell_type == "markdown":
            prose.append(Part(f"text cell {len(prose) + 1}", cell.source))
    if load_questions(report.lab).items:
        prose = [Part(answer.id, answer.text) for answer in report.answers if answer.text]
    return Work(submission.student, submission.slug, report.lab, (*code, *_modules(submission)), tuple(prose))


def _modules(submission: Submission) -> tuple[Part, ...]:
    """The helper modules, each cut to its beginning."""
    found: list[Part] = []
    for name, path in submission.files:
        if not name.endswith(".py") or len(found) >= MODULES:
            continue
        try:
            with path.open("rb") as file:
                text = file.read(MODULE_CHARACTERS).decode("utf-8", "replace")
        except OSError:
            continue
        found.append(Part(name, text))
    return tuple(found)
