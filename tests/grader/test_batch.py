"""Many submissions at once: none costs another its result, and everything stops when told to."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from grader import batch
from grader.batch import Finished, Interrupted, PhaseChanged, Started, default_jobs, grade_all
from tests.grader.fakes import grade, settings_for, students, write


def run(submissions, settings, jobs=2, listen=lambda _: None):
    return grade_all(submissions, settings, jobs, listen, grade=grade, write=write)


def test_order_events_and_files(tmp_path):
    """Reports come in the order of the submissions, each with its events, files, and no executed notebook."""
    heard = []
    reports = run(students("bob", "ada", "chen"), settings_for(tmp_path), listen=heard.append)
    assert [report.student for report in reports] == ["bob", "ada", "chen"]
    assert all(report.executed is None and report.score == 3.5 for report in reports)
    of_ada = [event for event in heard if event.slug == "ada"]
    assert [type(event) for event in of_ada] == [Started, *[PhaseChanged] * 3, Finished]
    assert [event.phase for event in of_ada[1:4]] == ["reading", "running cell 1 of 2", "writing"]
    assert sorted(event.number for event in heard if isinstance(event, Finished)) == [1, 2, 3]
    assert (tmp_path / "ada" / "result.json").read_text() == "graded"


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("leave", "status 9"),
        ("fail", "ValueError: the grader broke, in fakes.py line"),
        ("die", "memory"),
        ("crash", "SIGSEGV"),
        ("unwritable", "No space left"),
    ],
)
def test_a_crash_costs_only_its_own(tmp_path, act, says):
    """A child that ends, raises, or is killed makes its report incomplete, and no other."""
    reports = run(students("ada", act, "bob"), settings_for(tmp_path))
    assert [report.status for report in reports] == ["graded", "incomplete", "graded"]
    lost = reports[1]
    assert says in lost.problem and "\n" not in lost.problem
    assert (lost.execution.status, lost.max_score, lost.lab) == ("not_run", 0.0, "")
    if act != "unwritable":
        assert (tmp_path / act / "result.json").read_text() == "incomplete"


def test_old_results_do_not_outlive_a_crash(tmp_path):
    """Where this run cannot write a result, an earlier one is not left to be taken for it."""
    old = tmp_path / "unwritable" / "result.json"
    old.parent.mkdir()
    old.write_text("full marks")
    run(students("unwritable"), settings_for(tmp_path))
    assert not old.exists()


def test_never_more_than_jobs(tmp_path):
    """At no time do more than ``jobs`` submissions run."""
    running, most = set(), 0

    def listen(event):
        nonlocal most
        if isinstance(event, Started):
            running.add(event.slug)
        if isinstance(event, Finished):
            running.discard(event.slug)
        most = max(most, len(running))

    run(students(*"abcdef"), settings_for(tmp_path), jobs=2, listen=listen)
    assert most == 2 and not running


def test_libraries_cannot_write_on_our_output(tmp_path):
    """What a child prints does not reach the terminal, where progress or JSON is written."""
    with grading_process("talk", tmp_path) as process:
        shown = process.stdout.read()
    assert "Finished" in shown and "noise" not in shown


def test_watchdog(tmp_path, monkeypatch):
    """A child that does not come to an end is stopped with all it started, and the rest is graded."""
    monkeypatch.setattr(batch, "EXTRA_S", 1.5)
    reports = run(students("hang", "ada"), settings_for(tmp_path, limits={"notebook_s": 0.0}), jobs=1)
    assert [report.status for report in reports] == ["incomplete", "graded"]
    assert "did not come to an end" in reports[0].problem
    pid, scratch = noted(tmp_path)
    assert gone(pid) and not scratch.exists()


def test_what_a_dead_child_left_is_killed(tmp_path):
    """A kernel in a session of its own does not outlive a grader that was killed."""
    left = []

    def listen(event):
        if isinstance(event, Finished) and event.slug == "orphan":
            left.append(noted(tmp_path)[1].exists())

    run(students("orphan", "ada"), settings_for(tmp_path), listen=listen)
    assert gone(noted(tmp_path)[0])
    assert left == [False]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_keeps_what_is_done(tmp_path, number):
    """A signal ends the children and their kernels, and hands over the reports that are done.

    One that arrives twice, from the terminal and from the program that started us, is still one.
    """

    def send():
        os.kill(os.getpid(), number)
        time.sleep(0.02)
        os.kill(os.getpid(), number)

    def listen(event):
        if isinstance(event, Finished):
            threading.Timer(0.8, send).start()

    def late(_number, _frame):
        """The second may come when the run is over, and must not end the tests."""

    before = signal.signal(number, late)
    try:
        with pytest.raises(Interrupted) as caught:
            run(students("ada", "hang", "bob"), settings_for(tmp_path), jobs=1, listen=listen)
        assert signal.getsignal(number) is late
        time.sleep(0.1)
    finally:
        signal.signal(number, before)
    assert [report.student for report in caught.value.reports] == ["ada"]
    pid, scratch = noted(tmp_path)
    assert gone(pid) and not scratch.exists()


def test_stubborn_children_are_killed(tmp_path, monkeypatch):
    """A child that ignores SIGTERM gets SIGKILL soon after, also when the listener breaks off."""
    monkeypatch.setattr("grader.children.TERMINATE_S", 0.5)

    def listen(event):
        if isinstance(event, PhaseChanged) and event.phase == "deaf":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        run(students("stubborn"), settings_for(tmp_path), listen=listen)
    assert gone(noted(tmp_path)[0])


def test_children_end_with_a_killed_parent(tmp_path):
    """A grader that is killed outright leaves no child of its own at work."""
    with grading_process("stubborn", tmp_path) as parent:
        assert any("deaf" in line for line in parent.stdout)
        parent.kill()
    assert gone(noted(tmp_path)[0])


def grading_process(student, folder):
    """A process that grades one student and prints what it hears, both streams on one pipe."""
    code = (
        "from tests.grader.fakes import *; from grader.batch import grade_all;"
        f"settings = settings_for({str(folder)!r}); listen = lambda event: print(event, flush=True);"
        f"grade_all(students({student!r}), settings, 1, listen, grade=grade, write=write)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )


def noted(folder):
    """The process that a fake noted, and the scratch folder of its grader."""
    pid, scratch = (folder / "noted").read_text().split()
    return int(pid), Path(scratch)


def gone(pid):
    """Whether the process has ended, or ends within two seconds."""
    for _ in range(20):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("cores", "free_gib", "submissions", "expected"),
    [(8, 100, 50, 8), (8, 6, 50, 2), (8, 1, 50, 1), (8, 100, 3, 3), (1, 100, 0, 1)],
    ids=["cores", "memory", "least", "submissions", "none"],
)
def test_default_jobs(monkeypatch, cores, free_gib, submissions, expected):
    """As many at once as cores, memory and submissions allow, and at least one."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    memory = type("Memory", (), {"available": free_gib * 2**30})()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert default_jobs(submissions) == expected


def test_threads_are_shared_out(monkeypatch):
    """All notebooks together have a thread for each core; one that trains in full takes all that are free."""
    monkeypatch.setattr(batch, "_cores", lambda: 8)
    assert [batch.threads_for(jobs, "budget") for jobs in (1, 4, 8, 100)] == [2, 2, 1, 1]
    assert [batch.threads_for(jobs, "full") for jobs in (1, 4, 8)] == [8, 2, 1]
