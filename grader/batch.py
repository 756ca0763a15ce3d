"""Many submissions at once, each in a process of its own, so that none can cost another its result."""

from __future__ import annotations

import dataclasses
import math
import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

import grader
from grader import children, labs
from grader.crew import Crew, Hand
from grader.housekeeping import scratch_folder
from grader.output import forget_report
from grader.records import Execution, Provenance, Report, Settings, Submission
from grader.resume import Records
from grader.slim import Slimmer
from grader.worker import Failed, Grade, Job, Write, grade_one, write_one

GRADING_MEMORY_BYTES = int(2.5 * 2**30)  # TensorFlow, the images twice, and a small network's training
POLL_S = 0.2
MOST_THREADS = 2  # of a notebook whose trainings are short
LEAVE_S = 10.0  # from the report to the end of the process
EXTRA_S = 300.0  # beside twice the time that a notebook may run, for the kernel, the checks and the pages


@dataclass(frozen=True)
class Started:
    """Work on a submission has begun; ``number`` counts from 1 in the order of starting."""

    student: str
    slug: str
    number: int
    total: int


@dataclass(frozen=True)
class PhaseChanged:
    """A submission has come to the next phase, such as "running cell 12 of 74"."""

    student: str
    slug: str
    phase: str


@dataclass(frozen=True)
class Finished:
    """A submission has its report (without ``executed``); ``number`` counts those that are done.

    ``taken_over`` says that it is an earlier run's.
    """

    student: str
    slug: str
    number: int
    total: int
    report: Report
    seconds: float
    taken_over: bool = False


Event = Started | PhaseChanged | Finished


class Interrupted(Exception):  # noqa: N818 - somebody's wish, not an error
    """The run was told to stop; ``reports`` are those that were done by then, in order."""

    def __init__(self, reports: tuple[Report, ...]) -> None:
        super().__init__(f"stopped with {len(reports)} done")
        self.reports = reports


def default_jobs(submissions: int) -> int:
    """How many submissions this machine can grade at once: bounded by cores and by free memory."""
    by_memory = int(psutil.virtual_memory().available) // GRADING_MEMORY_BYTES
    return max(1, min(_cores(), by_memory, submissions))


def threads_for(jobs: int, training: str) -> int:
    """How many threads each of so many notebooks may compute with, so that they do not fight for the cores.

    A training that is cut short gains nothing by more than a few.
    """
    share = max(1, _cores() // max(1, jobs))
    return share if training == "full" else min(share, MOST_THREADS)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def grade_all(
    submissions: Sequence[Submission],
    settings: Settings,
    jobs: int,
    listen: Callable[[Event], None],
    *,
    grade: Grade = grade_one,
    write: Write = write_one,
    records: Records | None = None,
    earlier: Mapping[str, Report] | None = None,
    crew: Crew[Any] | None = None,
) -> tuple[Report, ...]:
    """Grade every submission, ``jobs`` at a time, and write each one's files as it is done.

    Args:
        submissions: what to grade; the reports come back in this order, slim (``grader.slim``).
        settings: the same for all; results go to ``settings.out / submission.slug``.
        jobs: how many at a time, at least 1.
        listen: is told of every event, in the caller's thread.
        grade: makes the report, in the child process; a function that can be pickled.
        write: writes a report's files, in the child process; a function that can be pickled.
        records: where each report is noted once its files are written, for later runs.
        earlier: reports by slug that are taken over, with their files, as they are.
        crew: who does the work; by default processes of this machine.

    Raises:
        Interrupted: SIGINT, SIGTERM or SIGHUP arrived; every child has been ended.
        KeyboardInterrupt: a second one did, and the children were killed at once.
    """
    with scratch_folder() as scratch, children.stop_signals() as stop:
        who: Crew[Any] = crew or children.Processes()
        settings = dataclasses.replace(settings, threads=threads_for(jobs, settings.training))
        batch = _Batch(tuple(submissions), settings, listen, grade, write, records, scratch, who)
        try:
            batch.take_over(earlier or {})
            while batch.waiting or batch.running:
                if stop.is_set():
                    raise KeyboardInterrupt
                batch.start(jobs)
                batch.look()
        except KeyboardInterrupt:
            if stop.at_once:
                raise
            raise Interrupted(batch.reports()) from None
        finally:
            patience_s = 0.0 if stop.at_once else children.TERMINATE_S
            who.end([work.child for work in batch.running], patience_s)
    return batch.reports()


@dataclass
class _Work:
    """A submission at work and what came of it so far; past ``leave_by`` it is ended."""

    child: Hand
    leave_by: float = math.inf  # in seconds of the monotonic clock
    report: Report | None = None
    fault: str = ""


@dataclass
class _Batch:
    """The state of one run."""

    submissions: tuple[Submission, ...]
    settings: Settings
    listen: Callable[[Event], None]
    grade: Grade
    write: Write
    records: Records | None
    scratch: Path
    crew: Crew[Any]
    running: list[_Work] = field(default_factory=list)
    done: dict[str, Report] = field(default_factory=dict)
    begun: int = 0
    slimmer: Slimmer = field(default_factory=Slimmer)

    def __post_init__(self) -> None:
        self.waiting = deque(self.submissions)
        self.limit_s = labs.longest_notebook_s(self.settings) * 2 + EXTRA_S

    def _limit_s(self, submission: Submission) -> float:
        """How long a submission may take, its earlier attempts included."""
        return self.limit_s * (1 + len(submission.earlier))

    def reports(self) -> tuple[Report, ...]:
        """What is done, in the order of the submissions."""
        return tuple(self.done[one.slug] for one in self.submissions if one.slug in self.done)

    def take_over(self, earlier: Mapping[str, Report]) -> None:
        """Count as done what an earlier run has finished."""
        self.waiting = deque(one for one in self.submissions if one.slug not in earlier)
        self.begun = len(self.submissions) - len(self.waiting)
        for submission in self.submissions:
            if submission.slug in earlier:
                self._close(submission, earlier[submission.slug], 0.0, taken_over=True)

    def start(self, jobs: int) -> None:
        """Fill the free places."""
        while self.waiting and len(self.running) < min(jobs, self.crew.places()):
            submission = self.waiting.popleft()
            self.begun += 1
            self.listen(Started(submission.student, submission.slug, self.begun, len(self.submissions)))
            if self.records is not None:
                self.records.drop(submission)
            forget_report(self.settings.out / submission.slug)
            job = Job(
                submission, self.settings, self.scratch / str(self.begun), self.grade, self.write,
                self.records,
            )  # fmt: skip
            try:
                child = self.crew.launch(job)
            except (OSError, EOFError) as error:
                fault = f"The grader could not start a process for it ({type(error).__name__}: {error})."
                self._close(submission, self._lost(submission, fault), 0.0)
            else:
                self.running.append(_Work(child))

    def look(self) -> None:
        """Wait a moment for news of the children, and take it in."""
        self.crew.wait([work.child for work in self.running], POLL_S)
        for work in list(self.running):
            ended = not work.child.alive()  # asked before reading, so that nothing said is missed
            self._read(work)
            too_long = work.child.overdue(self._limit_s(work.child.job.submission))
            if ended or too_long or time.monotonic() > work.leave_by:
                self._finish(work)
                self.running.remove(work)

    def _read(self, work: _Work) -> None:
        submission = work.child.job.submission
        for message in work.child.news():
            if isinstance(message, str):
                self.listen(PhaseChanged(submission.student, submission.slug, message))
                continue
            if isinstance(message, Failed):
                work.fault = message.reason
            else:
                work.report = message
            work.leave_by = time.monotonic() + LEAVE_S

    def _finish(self, work: _Work) -> None:
        submission, in_time = work.child.job.submission, not work.child.alive()
        if not in_time or work.report is None:
            self.crew.end([work.child], children.TERMINATE_S)
        if work.report is None:
            limit_s = self._limit_s(submission)
            too_long = f"The grader did not come to an end within {limit_s:.0f} s and was stopped."
            fault = work.fault or (work.child.how_it_ended() if in_time else too_long)
            work.report = self._lost(submission, fault)
        self.crew.clear(work.child)
        self._close(submission, work.report, time.monotonic() - work.child.started)

    def _close(
        self, submission: Submission, report: Report, seconds: float, *, taken_over: bool = False
    ) -> None:
        self.done[submission.slug] = self.slimmer.slim(report)
        number, total = len(self.done), len(self.submissions)
        self.listen(Finished(submission.student, submission.slug, number, total, report, seconds, taken_over))

    def _lost(self, submission: Submission, fault: str) -> Report:
        """The report, written out, of a submission on which the grader failed."""
        report = incomplete(submission, self.settings, fault)
        folder = self.settings.out / submission.slug
        forget_report(folder)  # the child may have written some of its files
        try:
            self.write(report, folder)
        except Exception:  # noqa: BLE001 - what kept the child from writing may keep us; the report is told
            forget_report(folder)
        return dataclasses.replace(report, executed=None)


def incomplete(submission: Submission, settings: Settings, fault: str) -> Report:
    """The report of a submission on which the grader failed; ``fault`` says how, in a sentence."""
    return Report(
        lab=settings.lab or "",
        lab_title="",
        student=submission.student,
        slug=submission.slug,
        notebook=submission.notebook.name if submission.notebook else "",
        sha256="",
        status="incomplete",
        score=0.0,
        max_score=0.0,
        pending_manual=0.0,
        execution=Execution("not_run", 0, 0, 0.0),
        tasks=(),
        provenance=Provenance(
            grader.__version__, "", settings.seed, settings.training, settings.sandbox, settings.data
        ),
        problem=f"{fault} This says nothing about the student's work; grade it again.",
    )
