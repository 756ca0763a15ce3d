"""Graders for the tests of the batch: importable, so that a child process can load them."""

import dataclasses
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from grader.records import Execution, Provenance, Report, Settings, Submission
from tests.grader.gradebook.reports import FULL as MARKED_BY_PEOPLE
from tests.grader.page_reports import FULL


def report_on(submission, **changes):
    """A report with 3.5 of 4 points."""
    values = {
        "lab": "cnn", "lab_title": "CNN", "student": submission.student, "slug": submission.slug,
        "notebook": "lab.ipynb", "sha256": "0", "status": "graded", "score": 3.5, "max_score": 4.0,
        "pending_manual": 0.0, "execution": Execution("ok", 2, 2, 0.1), "tasks": (),
        "provenance": Provenance("0", "0", 0, "budget", "none", "none"), "executed": {"cells": []},
    }  # fmt: skip
    return Report(**{**values, **changes})


def students(*names):
    """Submissions of these students, without files."""
    return tuple(Submission(name, name, None) for name in names)


def settings_for(folder, **changes):
    """Settings that need nothing prepared."""
    return Settings(
        **{
            "out": Path(folder),
            "visible": Path(folder) / "nothing",
            "data": "none",
            "sandbox": "none",
            **changes,
        }
    )


def grade(submission, settings, progress):
    """Do to the student's submission what the student's name says."""
    progress("reading")
    progress("running cell 1 of 2")
    act = ACTS.get(submission.student.split("-")[0])
    if act:
        act(settings, progress)
    if submission.student == "unreadable":
        return report_on(submission, status="unreadable", problem="This is no notebook.")
    return report_on(submission)


def write(report, folder):
    """One file, as the real one writes several."""
    folder.mkdir(parents=True, exist_ok=True)
    if report.student == "unwritable":
        raise OSError(28, "No space left on device")
    (folder / "result.json").write_text(report.status)


def grade_a_notebook(submission, settings, progress):
    """A report with all there is in one, after half a second."""
    time.sleep(0.5)
    progress("checking 4.1")
    return dataclasses.replace(FULL, student=submission.student, slug=submission.slug, status="graded")


def grade_quickly(submission, settings, progress):
    """The same report at once; its hash is that of the hand-in."""
    sha256 = f"{submission.notebook.stat().st_size:064d}"
    return dataclasses.replace(
        MARKED_BY_PEOPLE, student=submission.student, slug=submission.slug, status="graded", sha256=sha256
    )


def write_all(report, folder):
    """The real files; imported where they are written."""
    from grader.output import write_report

    write_report(report, folder)


def leave(_settings, _progress):
    """End without a word."""
    os._exit(9)


def fail(_settings, _progress):
    """A fault of the grader."""
    raise ValueError("the grader\nbroke")


def die(_settings, _progress):
    """As the system does when the memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash(_settings, _progress):
    """A segmentation fault."""
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(settings, _progress):
    """Start a kernel, and never come back."""
    start_kernel(settings)
    time.sleep(600)


def stubborn(settings, progress):
    """Refuse to leave when asked."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(settings, os.getpid())
    progress("deaf")
    time.sleep(600)


def leave_a_kernel(settings, _progress):
    """Die and leave a kernel behind."""
    start_kernel(settings)
    os.kill(os.getpid(), signal.SIGKILL)


def start_kernel(settings):
    """A process with a session and a home of its own, as kernels have."""
    home = {"HOME": f"{tempfile.mkdtemp()}/home"}
    note(settings, subprocess.Popen(["sleep", "600"], start_new_session=True, env=home).pid)


def note(settings, pid):
    """Leave a process's number, and the folder for temporary files, for the test to read."""
    settings.out.mkdir(exist_ok=True)
    (settings.out / "noted").write_text(f"{pid} {tempfile.gettempdir()}")


def talk(_settings, _progress):
    """Write on both standard streams, as a library might."""
    os.write(1, b"noise on stdout")
    os.write(2, b"noise on stderr")


ACTS = {
    "leave": leave, "fail": fail, "die": die, "crash": crash, "hang": hang, "stubborn": stubborn,
    "orphan": leave_a_kernel, "talk": talk,
}  # fmt: skip

__all__ = ["Submission", "grade", "report_on", "settings_for", "students", "write"]
