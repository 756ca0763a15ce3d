"""``labgrade validate``: the reference must get full marks from every check."""

import sys
import types

import pytest

from grader import cli
from grader.cli import options
from tests.grader import fakes
from tests.grader.cli.test_check import report, result


@pytest.fixture
def validate(monkeypatch, tmp_path):
    """A function that validates labs of which the pipeline makes the reports given."""
    monkeypatch.setattr(options, "settings_for", lambda out, **_: fakes.settings_for(tmp_path))

    def call(made, *arguments):
        module = types.SimpleNamespace(validate_lab=lambda lab, settings: made)
        monkeypatch.setitem(sys.modules, "grader.validate", module)
        return cli.run(["validate", "--lab", "cnn", *arguments])

    return call


FULL = result("passed", points=2.0)


@pytest.mark.parametrize(
    ("made", "status"),
    [
        pytest.param(report(FULL, result("manual")), 0, id="full-marks"),
        pytest.param(report(FULL, result("passed", points=1.0)), 1, id="not-full-marks"),
        pytest.param(report(FULL, result("failed")), 1, id="failed"),
        pytest.param(report(FULL, result("skipped")), 1, id="skipped"),
        pytest.param(report(FULL, result("error"), status="incomplete"), 1, id="error"),
        pytest.param(report(tasks=()), 1, id="no-checks"),
        pytest.param(report(status="unreadable", problem="No notebook."), 1, id="unreadable"),
    ],
)
def test_exit_status(validate, made, status, capsys):
    """Only full marks from every check that a program decides give exit status 0."""
    assert validate(made) == status
    shown = capsys.readouterr().out
    assert ("all 2 checks hold" in shown) == (status == 0)
    assert made.problem in shown


def test_what_does_not_hold_is_named(validate, capsys):
    """The table has a line per check, and the end names those that do not hold."""
    validate(report(FULL, result("failed", id="4.1/callable", message="Nothing can be called.")))
    shown = capsys.readouterr().out
    assert "1 of 2 checks do not hold: 4.1/callable" in shown
    assert "Nothing can be called." in shown
