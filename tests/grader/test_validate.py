"""The reference solutions, handed in like any other work, get full marks."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from grader import labs, sandbox
from grader.errors import UsageProblem
from grader.records import Settings
from grader.validate import hand_in, validate_lab


@pytest.fixture(scope="module")
def settings(prepared, tmp_path_factory):
    """What the reference is graded with."""
    return Settings(
        out=tmp_path_factory.mktemp("validate"), visible=prepared.visible, hidden=prepared.hidden,
        data="built-in pictures", sandbox=sandbox.choose("auto")[0],
    )  # fmt: skip


@pytest.fixture(scope="module", params=labs.lab_ids())
def report(request, settings):
    """The reference of each lab, run and judged once; the lab is left to be recognised."""
    return validate_lab(request.param, settings)


def test_the_reference_earns_full_marks(report):
    """Every check of the lab passes, and together they are worth the whole score.

    Hints only tell of what this machine lacks: photographs, or a graphics card.
    """
    not_passed = {
        check.id: check.message for check in report.checks if check.status not in ("passed", "manual")
    }
    assert not_passed == {}
    bonus = sum(labs.load_rubric(labs.load_lab(report.lab)).bonus.values())
    assert (report.status, report.score + report.pending_manual) == ("graded", report.max_score + bonus)
    hinted = {check.task for check in report.checks if check.status == "passed" and check.message}
    assert hinted <= {"7", "P2.3"}


def test_every_check_was_asked(report):
    """No check is left out of a lab's validation."""
    lab = labs.load_lab(report.lab)
    decided = {check.id for check in report.checks if check.status != "manual"}
    assert decided == {check.id for check in labs.load_checks(lab)}
    assert report.decided == sum(labs.load_rubric(lab).points.values())
    assert report.pending_manual == sum(labs.load_rubric(lab).answers.values())


def test_every_question_is_answered(report):
    """An answer to every written question is found, and most are right beyond doubt: what cannot be said is
    only whether numbers are those of a notebook without saved outputs.
    """
    rubric = labs.load_rubric(labs.load_lab(report.lab))
    unclear = [answer for answer in report.answers if answer.verdict != "likely_right"]
    assert {(one.verdict, one.reason) for one in unclear} <= {
        ("unclear", "The notebook has no saved outputs to compare its numbers with.")
    }
    assert {answer.id for answer in report.answers} == set(rubric.answers)


def test_the_reference_runs_clean(report):
    """No cell of the reference raises, and nothing is to be said of how it ran."""
    assert report.execution.errors == ()
    assert (report.execution.status, report.execution.note) == ("ok", "")
    assert report.execution.cells == report.execution.cells_run
    assert report.findings == ()


@pytest.mark.parametrize("lab", labs.lab_ids())
def test_the_reference_is_handed_in_like_any_other(lab, tmp_path):
    """The hand-in is a valid notebook with its files, in one folder, under the names that students use."""
    submission = hand_in(lab, tmp_path)
    nbformat.validate(nbformat.read(submission.notebook, as_version=4))
    for name, path in submission.files:
        assert path == tmp_path / name
        assert path.read_text("utf-8").strip()
    assert lab != "cnn" or "utilities.py" in dict(submission.files)


def test_a_lab_without_a_reference(tmp_path, settings):
    """Where there is no reference solution that is said in one line, and nothing is run."""
    with pytest.raises(UsageProblem, match="there is no reference solution of lab 'unknown'"):
        validate_lab("unknown", settings)
    assert list(Path(tmp_path).iterdir()) == []
