"""One run over a class, from what an earlier run has left to the gradebook; loaded when it begins."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import batch, class_note, output, resume
from grader.cache.class_cache import ClassCache
from grader.cache.store import Store
from grader.cli import options
from grader.cli.progress import Display, choose_display
from grader.crew import Crew
from grader.fault_log import faults_of_the_class, log_path
from grader.gradebook.place import Place, name_beside
from grader.records import Report, Settings, Submission
from grader.run_notes import RunNotes
from grader.similarity.find import find_similar

INTERRUPTED = 130

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClassRun:
    """A class and how it is to be graded.

    ``out`` is the folder for the results as the instructor names it; ``announce`` is told what is no error.
    ``gradebook`` is the database in which the run is noted, ``store`` where runs and verdicts are kept.
    ``crew`` does the work, by default processes of this machine.
    """

    submissions: tuple[Submission, ...]
    settings: Settings
    title: str
    out: Path
    announce: Callable[[str], None]
    no_cache: bool
    gradebook: Place
    store: Store | None = None
    crew: Crew[Any] | None = None

    def carry_out(self, jobs: int | None, *, quiet: bool, as_json: bool) -> int:
        """Grade, show, and write the class's pages, also for what is done when the run is stopped.

        Returns the exit status.
        """
        total, stopped = len(self.submissions), False
        records = resume.records_for(self.settings)
        notes = RunNotes(self.gradebook, self.title, self.settings.out, options.say)
        earlier = self._take_over(records, notes)
        display = choose_display(total, quiet=quiet, as_json=as_json)
        cache = ClassCache(self.settings, self.store if len(earlier) < total else None)

        def listen(event: batch.Event) -> None:
            display(event)
            notes(event)
            cache(event)

        with display:
            try:
                reports = batch.grade_all(
                    self.submissions, self.settings, jobs or self._jobs(total - len(earlier)),
                    listen, records=records, earlier=earlier, crew=self.crew, **cache.functions(),
                )  # fmt: skip
            except batch.Interrupted as interrupted:
                reports, stopped = interrupted.reports, True
            except KeyboardInterrupt:
                options.say(f"stopped at once; {self._go_on()}")
                return INTERRUPTED
            notes.catch_up()
            reports = notes.published(reports)
            written = not reports or self._write_class(reports)
            notes.close()
            if written and not stopped and not self._compare(reports, display):
                return INTERRUPTED
        self._tell_of_cache(cache, total)
        display.end(reports, self.out, total=total)
        if stopped:
            done = f"{len(reports)} of {total} graded, their results are in {self.out}"
            options.say(f"stopped: {done}; {self._go_on()}")
            return INTERRUPTED
        return _status(reports) if written else 1

    def _jobs(self, submissions: int) -> int:
        """How many at a time where nobody says: as fit here, or as many as a cluster has places for."""
        return batch.default_jobs(submissions) if self.crew is None else sys.maxsize

    def _take_over(self, records: resume.Records, notes: RunNotes) -> resume.Earlier:
        """The reports of an earlier run that still hold; of the rest nothing may mislead."""
        out = self.settings.out
        earlier = resume.take_all(records, () if self.no_cache else self.submissions)
        self._tell(earlier, resume.no_longer_handed_in(self.submissions, out))
        output.remove_drafts(out)
        output.forget_similar(out)
        resume.forget_outdated(records, self.submissions)
        if any((out / name).exists() for name in output.CLASS_OUTPUTS):
            reports = tuple(earlier.slim.values())
            self._write_class(notes.published(reports))  # if this run is killed, it shows no old marks
        return earlier

    def _tell(self, earlier: resume.Earlier, others: tuple[str, ...]) -> None:
        if earlier:
            self.announce(
                f"{len(earlier)} of {len(self.submissions)} taken over from an earlier run; "
                "--no-cache grades all again"
            )
        if others:
            names = ", ".join(others[:5]) + (" …" if len(others) > 5 else "")
            self.announce(
                f"{self.out} also holds results of {len(others)} not in this folder ({names}): "
                "they are left as they are, and out of the class page and the gradebook"
            )

    def _tell_of_cache(self, cache: ClassCache, total: int) -> None:
        if told := cache.end(total):
            self.announce(f"{told}; --no-cache grades all again")

    def _compare(self, reports: tuple[Report, ...], display: Display) -> bool:
        """Look for similar submissions; the results stand whatever comes of it. False where it is stopped."""
        with faults_of_the_class(self.settings.out):
            try:
                similar = find_similar(self.submissions, reports, display.compared)
                output.write_similar(similar, self.settings.out)
                output.write_class(reports, self.settings.out, self.title)
            except KeyboardInterrupt:
                options.say(f"stopped before all submissions were compared; {self._go_on()}")
                return False
            except Exception:  # noqa: BLE001 - nobody's result may depend on it
                _log.exception("The submissions could not be compared.")
                where = log_path(self.out)
                options.say(
                    f"the submissions were not compared with each other, all else is done ({where} says why)"
                )
        return True

    def _write_class(self, reports: tuple[Report, ...]) -> bool:
        """Write the class's pages; where that fails, say so and return false."""
        try:
            output.write_class(reports, self.settings.out, self.title)
            class_note.write_gradebook(self.settings.out, name_beside(self.gradebook, self.settings.out))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            options.say(f"the class page and the gradebook could not be written ({reason}); {self._go_on()}")
            output.forget_class(self.settings.out)
            return False
        return True

    def _go_on(self) -> str:
        without = " without --no-cache" if self.no_cache else ""
        return f"run the same command again{without} to go on"


def _status(reports: tuple[Report, ...]) -> int:
    failed = sum(report.status == "incomplete" for report in reports)
    if failed:
        options.say(f"the grader itself failed on {failed} of {len(reports)}; their pages say why")
    return 1 if failed else 0
