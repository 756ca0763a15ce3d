"""A mark counts where it still fits; where it does not, it is kept and a sentence says why."""

import dataclasses

import pytest

from grader.gradebook import fitting
from tests.grader.gradebook.classes import with_answer, with_check, without_check
from tests.grader.gradebook.reports import FULL

ANOTHER = dataclasses.replace(FULL, sha256="e" * 64)


def result(report, check):
    return next(one for one in report.checks if one.id == check)


def test_a_mark_on_an_answer(ada):
    """Points, task, score and what waits add up, and the check says what the person said."""
    ada.mark(1.0, comment="Nearly.")
    marked = ada.book.with_marks(FULL)
    assert (marked.score, marked.max_score, marked.pending_manual) == (21.0, 34.0, 4.5)
    check = result(marked, "1.2/q1")
    assert (check.status, check.points, check.message) == ("failed", 1.0, "Nearly.")
    assert (check.marking.status, check.marking.points, check.marking.who) == ("manual", 0.0, "Grace")
    (task,) = [task for task in marked.tasks if task.id == "1.2"]
    assert (task.points, task.max_points, task.pending) == (1.0, 6.0, 4.5)


def test_a_full_mark_passes(ada):
    """All points make the check one that passed, and fractions leave no noise in the sums."""
    ada.mark(0.1, check="1.2/q1")
    ada.mark(0.2, check="1.2/q2")
    ada.mark(1.0, check="1.2/q3")
    marked = ada.book.with_marks(FULL)
    assert result(marked, "1.2/q3").status == "passed"
    assert marked.score == 21.3


def test_an_override(ada):
    """A person's word goes before the program's; what the program had against it is no longer shown."""
    ada.mark(8.0, check="4.1/architecture", reason="The layers are equal.", comment="This is right.")
    marked = ada.book.with_marks(FULL)
    check = result(marked, "4.1/architecture")
    assert (check.status, check.points, check.expected, check.table) == ("passed", 8.0, "", ())
    assert (marked.score, check.marking.points) == (26.0, 2.0)
    ada.mark(3.0, check="4.1/architecture", reason="Half of it.")
    assert result(ada.book.with_marks(FULL), "4.1/architecture").expected == "padding='same'"


def test_a_check_that_the_grader_failed_on(ada):
    """What was not counted counts when a person gives it points, and the report is complete."""
    lost = with_check(FULL, "4.1/learning-rate", not_counted=True, status="error", points=0.0, max_points=0.0)
    ada.book.record_run([lost], "again")
    ada.first = lost
    target = ada.target("4.1/learning-rate")
    ada.book.mark(target, fitting_wish(1.5, 2.0), "Grace", seen=0, report=ada.number())
    marked = ada.book.with_marks(lost)
    assert (marked.score, marked.max_score, marked.status) == (21.5, 36.0, "graded")


def fitting_wish(points, out_of):
    from grader.gradebook.records import Wish

    return Wish(points, out_of, "", "The probe did not answer.")


@pytest.mark.parametrize(
    ("check", "now", "because"),
    [
        pytest.param("1.2/q1", with_answer(FULL, "Q1", "They sharpen."), "answer has changed", id="answer"),
        pytest.param("1.2/q1", with_check(FULL, "1.2/q1", max_points=0.5), "more than the 0.5", id="maximum"),
        pytest.param("1.2/q1", without_check(FULL, "1.2/q1"), "no such check", id="gone"),
        pytest.param("1.2/q1", dataclasses.replace(FULL, answers=()), "same kind of check", id="no answer"),
        pytest.param("4.1/architecture", ANOTHER, "another notebook", id="submission"),
        pytest.param(
            "4.1/architecture", with_check(FULL, "4.1/architecture", status="passed", points=8.0),
            "judges it differently", id="verdict",
        ),
    ],
)  # fmt: skip
def test_what_no_longer_fits(ada, check, now, because):
    """The mark does not count, is still there, and the reason is said."""
    ada.mark(1.0, check=check, reason="It is right.")
    assert ada.book.with_marks(now) == now
    standing = fitting.standings(now, ada.book.marks())[check]
    assert because in standing.problem and not standing.counts


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(ANOTHER, id="another notebook, same answer"),
        pytest.param(with_answer(FULL, "Q1", "They *blur*.  \nAnd <more>.\n"), id="spaces"),
        pytest.param(with_answer(FULL, "Q2", "512"), id="another answer"),
        pytest.param(with_check(FULL, "1.2/q1", status="passed", points=1.5), id="a program decides now"),
    ],
)
def test_what_still_fits(ada, now):
    """A mark on an answer counts as long as the answer is the same."""
    ada.mark(1.0)
    assert result(ada.book.with_marks(now), "1.2/q1").points == 1.0


def test_a_larger_maximum_is_noted(ada):
    """The mark counts as it was given, and a note says that there is more to have now."""
    ada.mark(1.5)
    now = with_check(FULL, "1.2/q1", max_points=3.0)
    standing = fitting.standings(now, ada.book.marks())["1.2/q1"]
    assert standing.counts and "given out of 1.5; the check is now worth 3" in standing.note


def test_grading_again_loses_no_mark(ada):
    """A new rubric, a new submission and its taking back leave every mark where it was."""
    ada.mark(1.0)
    for now in (with_check(FULL, "1.2/q1", max_points=0.5), with_answer(ANOTHER, "Q1", "Other."), FULL):
        ada.book.record_run([now], "again")
        assert [mark.points for mark in ada.book.marks()] == [1.0]
    assert ada.book.with_marks(ada.book.latest("cnn", "ada")).score == 21.0
