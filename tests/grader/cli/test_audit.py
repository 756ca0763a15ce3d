"""``labgrade audit``: what is chosen, what is told, and the exit status."""

import json

import pytest

from checks.kit.fault import Fault, Rewrite
from grader import audit_cases, audit_pool, cli
from grader.audit import Case, Entry, Trial
from grader.cli import options
from grader.records import CheckResult
from tests.grader import fakes


def entry(seeded, task="1.1", problem=""):
    case = None if problem else Case(seeded.name, ("pass",), {}, ("1.1/sobel",))
    return Entry("topic", seeded, (task,), case, problem)


ENTRIES = (
    entry(Fault("no-kernel", "1.1/sobel", ())),
    entry(Fault("no-image", "1.1/sobel", ())),
    entry(Rewrite("fft", (), ("1.1",))),
    entry(Fault("no-split", "3.2/split", ()), task="3.2"),
)


@pytest.fixture
def audit(monkeypatch, tmp_path):
    """A function that audits made-up entries, each of which ends with the status given by its name."""
    monkeypatch.setattr(options, "settings_for", lambda out, **_: fakes.settings_for(tmp_path))

    def call(*arguments, statuses=(), entries=ENTRIES, stops=False):
        def chosen(_lab, tasks=()):
            return tuple(one for one in entries if not tasks or set(one.tasks) & set(tasks))

        def run(_lab, cases, _settings, jobs, done):
            for case in cases[: 1 if stops else None]:
                check = "3.2/split" if "split" in case.name else "1.1/sobel"
                right = "passed" if case.name == "fft" else "failed"
                status = dict(statuses).get(case.name, right)
                done(case.name, Trial((CheckResult(check, "1.1", "A claim", status, 0.0, 1.0, "Said."),)))
            return not stops

        monkeypatch.setattr(audit_cases, "entries", chosen)
        monkeypatch.setattr(audit_pool, "run_cases", run)
        return cli.run(["audit", "--lab", "cnn", *arguments])

    return call


@pytest.mark.parametrize(
    ("statuses", "status", "words"),
    [
        ({}, 0, "3 of 3 faults were caught and 1 of 1 rewrites passed"),
        ({"no-image": "passed"}, 1, "To mend: 1 missed."),
        ({"fft": "failed"}, 1, "1 false alarm"),
        ({"fft": "error"}, 1, "1 error"),
    ],
    ids=["all-well", "missed", "false-alarm", "error"],
)
def test_exit_status(audit, statuses, status, words, capsys):
    """Only an audit without misses, false alarms and errors gives exit status 0."""
    assert audit(statuses=statuses) == status
    assert words in capsys.readouterr().out


def test_a_broken_entry_counts_against_the_audit(audit, capsys):
    """An edit that does not fit is shown with what it looked for."""
    assert audit(entries=(*ENTRIES, entry(Fault("old", "1.1/sobel", ()), problem="no cell has 'x'"))) == 1
    shown = capsys.readouterr().out
    assert "no cell has 'x'" in shown
    assert "1 broken" in shown


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--only", "no-*"), {"no-kernel", "no-image", "no-split"}),
        (("--only", "fft", "--only", "no-split"), {"fft", "no-split"}),
        (("--task", "3.2"), {"no-split"}),
        (("--sample", "2"), {"no-kernel", "fft"}),
        (("--sample", "99"), {"no-kernel", "no-image", "fft", "no-split"}),
    ],
    ids=["glob", "two", "task", "sample", "large-sample"],
)
def test_what_is_chosen(audit, arguments, names, capsys):
    """Names, tasks and a sample choose what runs; a sample takes of everything."""
    assert audit("--json", *arguments) == 0
    assert {one["name"] for one in json.loads(capsys.readouterr().out)["entries"]} == names


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--only", "no-kernal"), "did you mean 'no-kernel'"),
        (("--task", "9.9"), "there is no task '9.9'"),
        (("--sample", "0"), "--sample"),
        (("--html", "/nowhere/audit.html"), "cannot be written"),
        (("--lab", "cmm"), "unknown lab 'cmm'"),
    ],
    ids=["name", "task", "sample", "html", "lab"],
)
def test_wrong_usage(audit, arguments, words, capsys):
    """A wrong wish is told in one line, with exit status 2."""
    assert audit(*arguments) == 2
    shown = capsys.readouterr().err
    assert words in shown
    assert "Traceback" not in shown


def test_a_stopped_audit_shows_what_is_done(audit, capsys):
    """After Ctrl-C the table holds what was run, and says how much that is."""
    assert audit(stops=True) == 130
    shown = capsys.readouterr()
    assert "1 of 1 faults were caught" in shown.out
    assert "stopped: 1 of 4 were run" in shown.err


def test_the_page_is_written(audit, tmp_path):
    """--html writes the page beside the table."""
    assert audit("--html", str(tmp_path / "audit.html"), statuses={"no-image": "passed"}) == 1
    assert "no-image" in (tmp_path / "audit.html").read_text()
