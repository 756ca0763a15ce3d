"""People's marks put on the pages: the students' files and the class's are made again with them in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import class_note, resume
from grader.gradebook.fitting import with_marks
from grader.gradebook.keeping import document_of
from grader.gradebook.records import Mark
from grader.gradebook.store import Gradebook
from grader.housekeeping import only_run_in
from grader.output import write_class, write_pages
from grader.records import Report


@dataclass(frozen=True)
class Published:
    """What publishing did: how many students the class has, for how many the pages changed, and the names
    of those without a report, who are left out of the class's pages.
    """

    students: int
    changed: int
    left_out: tuple[str, ...] = ()


def publish(
    book: Gradebook, out: Path, who: str, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> Published:
    """Make the pages of all students and of the class again, with the marks now in effect.

    Args:
        book: the gradebook with the marks.
        out: the folder with the results.
        who: who publishes.
        progress: is told how many of how many students are done.

    Raises:
        GradebookProblem: the gradebook cannot be used; nothing was changed.
        UsageProblem: a run of the grader is writing there.
        OSError: the folder cannot be written.
    """
    note = class_note.read(out)
    with only_run_in(out):
        found = {slug: report_in(book, out, slug) for slug in note.slugs}
        reports = [report for report in found.values() if report is not None]
        by_student = _by_student(book.publish(who, sorted({report.lab for report in reports})))
        shown, changed = [], 0
        for done, report in enumerate(reports, 1):
            marked = with_marks(report, by_student.get((report.lab, report.slug), ()))
            changed += show(marked, out)
            shown.append(marked)
            progress(done, len(reports))
        write_class(shown, out, note.title)
    return Published(len(reports), changed, tuple(slug for slug, one in found.items() if one is None))


def _by_student(marks: Iterable[Mark]) -> dict[tuple[str, str], list[Mark]]:
    found: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks:
        found.setdefault((mark.target.lab, mark.target.student), []).append(mark)
    return found


def report_in(book: Gradebook, out: Path, slug: str) -> Report | None:
    """The automatic report of a student's results in ``out``: the run's own record, else the gradebook's."""
    return resume.kept_report(out, slug) or _reported(book, out / slug)


def _reported(book: Gradebook, folder: Path) -> Report | None:
    with suppress(OSError, ValueError, TypeError, KeyError):
        result = json.loads((folder / "result.json").read_bytes())
        return book.latest(str(result["lab"]), folder.name)
    return None


def show(report: Report, out: Path) -> bool:
    """Make a student's pages show ``report``; false where they do already.

    Raises:
        OSError: the folder cannot be written.
    """
    what = hashlib.sha256(document_of(report).encode("ascii")).hexdigest()
    folder = out / report.slug
    if resume.shows(out, report.slug, what):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    write_pages(dataclasses.replace(report, executed=_executed(folder)), folder)
    resume.note_pages(out, report.slug, what)
    return True


def _executed(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / "executed.ipynb").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
