"""What a batch shows while it runs, on a terminal and elsewhere."""

import io

import pytest
from rich.console import Console

from grader.batch import Finished, PhaseChanged, Started
from grader.cli import progress
from grader.cli.text import clean, number, one_line
from grader.records import CellError, Execution
from tests.grader.cli.test_check import ADA, report, result
from tests.grader.fakes import report_on


def finished(made, student="ada"):
    return Finished(student, "ada", 3, 8, made, 31.4)


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (report_on(ADA, score=41.5, max_score=60.0), "[3/8] ada: graded 41.5 of 60 in 31 s"),
        (report_on(ADA, status="unreadable", problem="No\nfile."), "[3/8] ada: unreadable: No file."),
        (report_on(ADA, status="incomplete", problem="It broke."), "[3/8] ada: incomplete: It broke."),
    ],
)
def test_outcome(made, line):
    """One line says who it was, what came of it, and how long it took."""
    assert progress.outcome(finished(made)) == line


@pytest.mark.parametrize(
    ("made", "says"),
    [
        pytest.param(report(result("passed")), "", id="nothing"),
        pytest.param(report(result("skipped"), result("failed")), "4.1 build_CNN builds the layers", id="1"),
        pytest.param(
            report(execution=Execution("error", 9, 9, 1.0, (CellError(3, "NameError", ""),))),
            "cell 3 raised NameError", id="cell",
        ),
        pytest.param(report(execution=Execution("out_of_memory", 9, 2, 1.0)), "out of memory", id="the-run"),
        pytest.param(report(status="incomplete", problem="It broke."), "It broke.", id="the-grader"),
    ],
)  # fmt: skip
def test_what_failed_first(made, says):
    """The table names the first thing that went wrong."""
    assert progress.first_failure(made).endswith(says)
    assert bool(progress.first_failure(made)) == bool(says)


def test_live_display(monkeypatch):
    """On a terminal running students have a line each, what is done scrolls above, and names stay text."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, _environ={"TERM": "xterm"}, highlight=False)
    monkeypatch.setattr(progress, "_console", lambda: console)
    display = progress.choose_display(8, quiet=False, as_json=False)
    assert isinstance(display, progress.LiveDisplay)
    with display:
        display(Started("[red]eve\x1b[2J", "eve", 1, 8))
        display(PhaseChanged("[red]eve\x1b[2J", "eve", "running cell 12 of 74"))
        display(Finished("bob", "bob", 1, 8, report_on(ADA), 2.0))
        display.live.refresh()
    text = file.getvalue()
    assert "[red]eve[2J" in text and "running cell 12 of 74" in text and "1/8" in text
    assert "[1/8] bob: graded 3.5 of 4 in 2 s" in text
    assert "\x1b[2J" not in text


def test_what_is_taken_over_is_no_news(monkeypatch):
    """It fills the bar and foretells nothing about the time left; only what is graded gets a line."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100, _environ={"TERM": "xterm"})
    monkeypatch.setattr(progress, "_console", lambda: console)
    display = progress.choose_display(3, quiet=False, as_json=False)
    with display:
        display(Finished("ada", "ada", 1, 3, report_on(ADA), 0.0, taken_over=True))
        display(Finished("bob", "bob", 2, 3, report_on(ADA), 0.0, taken_over=True))
        assert display.bar.tasks[0].completed == 2 and display.bar.tasks[0].speed is None
        display(Finished("eve", "eve", 3, 3, report_on(ADA), 4.0))
    text = console.file.getvalue()
    assert "[3/3] eve" in text and "ada" not in text and "bob" not in text


def test_which_display():
    """--json comes before --quiet; without a terminal lines are plain."""
    kinds = [
        type(progress.choose_display(1, quiet=quiet, as_json=as_json))
        for quiet, as_json in [(True, True), (False, True), (True, False), (False, False)]
    ]
    assert kinds == [progress.JsonDisplay, progress.JsonDisplay, progress.Display, progress.PlainDisplay]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain åäö 李 ✓", "plain åäö 李 ✓"),
        ("a\x1b[31mb\x07\r\x9b2J", "a[31mb2J"),
        ("abc\u202edcba\u2066", "abcdcba"),
        ("\udce9a\x00", "a"),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
    ids=["plain", "escapes", "directions", "no-characters", "space"],
)
def test_clean(text, expected):
    """What moves the cursor, colours the screen or turns the writing is gone; the rest stays."""
    assert clean(text) == expected
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(("value", "text"), [(60.0, "60"), (41.5, "41.5"), (10 / 3, "3.33"), (0.0, "0")])
def test_number(value, text):
    """Points are shown with at most two decimals, and none where there are none."""
    assert number(value) == text
