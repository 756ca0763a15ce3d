"""What a run of the grader notes in the gradebook; a database that fails costs one line, never a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from grader import publishing
from grader.batch import Event, Finished
from grader.gradebook.engine import BUSY_S
from grader.gradebook.place import Place
from grader.gradebook.problems import GradebookProblem
from grader.gradebook.store import Gradebook
from grader.records import Report


class RunNotes:
    """Notes each report as it comes, and keeps published marks on the pages.

    A gradebook that fails is tried once more at the end; ``say`` is then told what is missing.
    """

    def __init__(self, place: Place, title: str, out: Path, say: Callable[[str], None]) -> None:
        self.place, self.title, self.out, self.say = place, title, out, say
        self._book: Gradebook | None = None
        self._run = 0
        self._told = ""
        self._waiting: list[Report] = []
        self._open()

    def __call__(self, event: Event) -> None:
        """Take in one event of the run."""
        if not isinstance(event, Finished):
            return
        if self._waiting or not self._note([event.report]):
            self._waiting.append(event.report)

    def catch_up(self) -> None:
        """Try once more what could not be noted."""
        if not self._waiting:
            return
        if self._book is None:
            self._open()
        if self._note(self._waiting, last=True):
            self._waiting = []

    def published(self, reports: Sequence[Report]) -> tuple[Report, ...]:
        """The reports with the marks that are published; as they are where the gradebook fails."""
        if self._book is None:
            return tuple(reports)
        try:
            return tuple(self._book.with_marks(report, published=True) for report in reports)
        except GradebookProblem as problem:
            self._complain(problem)
            return tuple(reports)

    def close(self) -> None:
        """Let go of the database."""
        if self._book is not None:
            self._book.close()

    def _open(self) -> None:
        try:
            self._book = Gradebook.open_place(self.place, busy_s=BUSY_S)
            self._run = self._book.begin_run(self.title)
        except GradebookProblem as problem:
            self._book = None
            self._complain(problem)

    def _note(self, reports: Sequence[Report], *, last: bool = False) -> bool:
        """Whether the reports are noted, and the pages of their students show the published marks."""
        if self._book is None:
            return False
        try:
            for report in reports:
                self._book.record(self._run, report)
                marked = self._book.with_marks(report, published=True)
                if marked is not report:
                    publishing.show(marked, self.out)
        except GradebookProblem as problem:
            if last:
                self._complain(problem)
            return False
        except OSError:
            return True  # the pages are there, without the marks; publishing makes them again
        return True

    def _complain(self, problem: GradebookProblem) -> None:
        if self._told != str(problem):
            self.say(
                f"this run is not in the gradebook, and people's marks are not on its pages: {problem} "
                "The program's results are complete; labgrade review makes up for the rest."
            )
        self._told = str(problem)
