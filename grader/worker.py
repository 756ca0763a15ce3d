"""The child's side of a batch: one submission, its files, and news of it through a pipe."""

from __future__ import annotations

import dataclasses
import errno
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from grader.fault_log import log_faults_of
from grader.records import Report, Settings, Submission
from grader.resume import Records, hand_in

if TYPE_CHECKING:
    from grader.recall import Cache

Grade = Callable[[Submission, Settings, Callable[[str], None]], Report]
Write = Callable[[Report, Path], object]


@dataclass(frozen=True)
class Failed:
    """The grader raised; ``reason`` is one sentence in one line that names the error and its place."""

    reason: str


Message = str | Report | Failed  # a phase, then the end
_log = logging.getLogger(__name__)


def grade_one(
    submission: Submission, settings: Settings, progress: Callable[[str], None], cache: Cache | None = None
) -> Report:
    """The whole pipeline for one submission, and for its earlier attempts; imported where it runs."""
    from grader.attempts import grade_attempts  # noqa: PLC0415 - only a child needs it
    from grader.session import grade_submission  # noqa: PLC0415

    if not submission.earlier:
        return grade_submission(submission, settings, progress, cache)
    return grade_attempts(submission, lambda one: grade_submission(one, settings, progress, cache), progress)


def write_one(report: Report, folder: Path) -> None:
    """Write one report's files; imported where it runs."""
    from grader.output import write_report  # noqa: PLC0415 - only a child needs it

    write_report(report, folder)


@dataclass(frozen=True)
class Job:
    """What one child is to do. Its temporary files go to ``scratch``, which the parent removes."""

    submission: Submission
    settings: Settings
    scratch: Path
    grade: Grade = grade_one
    write: Write = write_one
    records: Records | None = None


def work(job: Job, events: Connection) -> None:
    """Grade and write one submission, telling ``events`` of each phase and of the end."""
    stand_alone()
    tempfile.tempdir = str(job.scratch)
    last = ""

    def progress(phase: str) -> None:
        nonlocal last
        if phase != last:
            last = phase
            events.send(phase)

    at_work = "graded"
    try:
        log_faults_of(job.submission.student, job.settings.out)
        read = hand_in(job.submission) if job.records is not None else ""
        report = job.grade(job.submission, job.settings, progress)
        at_work = "written"
        progress("writing")
        job.write(report, job.settings.out / job.submission.slug)
        report = dataclasses.replace(report, executed=None)
        if job.records is not None:
            job.records.keep(job.submission, report, read)
        events.send(report)
    except Exception as error:  # noqa: BLE001 - whatever the grader's fault, it costs this submission only
        if os.environ.get("LABGRADE_DEBUG"):
            traceback.print_exc()
        _log.warning("could not be %s", at_work, exc_info=error)
        events.send(Failed(fault_of(error, at_work)))


def fault_of(error: Exception, at_work: str) -> str:
    """What went wrong while a submission was ``at_work`` ("graded", "written"), in a sentence for people."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        holds = "the temporary files" if at_work == "graded" else "the results"
        return f"The disk that holds {holds} is full, so this could not be {at_work}: {error.strerror}."
    return f"The grader itself failed on this submission ({one_line_of(error)})."


def stand_alone() -> None:
    """Leave the terminal's process group, keep its output clean, and end when the parent does."""
    os.setsid()
    signal.signal(signal.SIGINT, _ignore)
    signal.signal(signal.SIGTERM, _leave)
    out = os.dup(2) if os.environ.get("LABGRADE_DEBUG") else os.open(os.devnull, os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing. Not SIG_IGN, which kernels would inherit and could then not be interrupted."""


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Leave by way of every ``finally``, so that kernels and folders go too."""
    sys.exit(128 + signal.SIGTERM)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def one_line_of(error: Exception) -> str:
    """An error of ours and its place in our code, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f", in {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    text = " ".join(text_of(error).split())[:300]
    return f"{type(error).__name__}: {text}{place}" if text else f"{type(error).__name__}{place}"


def text_of(error: BaseException) -> str:
    """An error's own words; ``""`` where they cannot be had."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the words may quote an object of any kind
        return ""
