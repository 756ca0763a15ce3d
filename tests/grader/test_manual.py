"""Written answers as checks that wait for a person: their points, their place, and what is pending."""

from __future__ import annotations

import dataclasses

import pytest

from grader.answers import WAITS
from grader.labs import Rubric, Task
from grader.manual import (
    UNLISTED,
    answers_score,
    manual_check,
    with_answers,
    written_answers,
)
from grader.records import Answer, CheckResult, TaskResult
from tests.grader.answer_formats import markdown

RUBRIC = Rubric(
    "A lab",
    (
        Task("1.1", "Filters", "Filter."),
        Task("1.2", "Questions", "Answer."),
        Task("4.2", "Training", "Train."),
    ),
    {"4.2/trained": 3.0},
    "",
    answers={"Q1": 1.0, "Q2": 2.0, "Q13": 1.5, "Q14": 0.0},
)
RUBRIC_OF_Q9 = dataclasses.replace(RUBRIC, answers={"Q9": 1.0})
TRAINED = TaskResult(
    "4.2",
    "Training",
    "Train.",
    3.0,
    3.0,
    (CheckResult("4.2/trained", "4.2", "It is trained", "passed", 3, 3, ""),),
)
CELLS = [markdown("Q1: It blurs.\n\nQ13: 0.4\n\nQ14: Memory.\n\nQ30: Smaller models.")]


def answers(*tasks):
    return written_answers("cnn", RUBRIC, CELLS, tasks)


def test_the_rubric_says_which_questions_there_are():
    """Questions that the rubric does not list are not reported; those worth nothing are."""
    assert [(one.id, one.text) for one in answers()] == [
        ("Q1", "It blurs."), ("Q2", ""), ("Q13", "0.4"), ("Q14", "Memory."),
    ]  # fmt: skip
    assert [one.id for one in answers("4.2")] == ["Q13", "Q14"]
    assert answers("3.1") == ()


def test_manual_checks_follow_the_programs():
    """Each question with points is a manual check at the end of its task; tasks keep the rubric's order."""
    tasks = with_answers((TRAINED,), RUBRIC, answers())
    assert [(task.id, [check.id for check in task.checks]) for task in tasks] == [
        ("1.2", ["1.2/q1", "1.2/q2"]),
        ("4.2", ["4.2/trained", "4.2/q13"]),
    ]
    assert [(task.title, task.points, task.max_points, task.pending, task.decided) for task in tasks] == [
        ("Questions", 0, 3, 3, 0),
        ("Training", 3, 4.5, 1.5, 3),
    ]
    assert [task.status for task in tasks] == ["manual", "manual"]


def test_only_the_tasks_asked_for():
    """With one task chosen the questions of the others are neither shown nor counted."""
    tasks = with_answers((TRAINED,), RUBRIC, answers("4.2"))
    assert [task.id for task in tasks] == ["4.2"]
    assert answers_score("cnn", RUBRIC) == 4.5
    assert answers_score("cnn", RUBRIC, ["1.2"]) == 3


def test_a_task_that_the_rubric_does_not_name_still_shows():
    """No question with points is lost for want of a title."""
    rubric = dataclasses.replace(RUBRIC, tasks=RUBRIC.tasks[2:])
    tasks = with_answers((TRAINED,), rubric, answers())
    assert [(task.id, task.title) for task in tasks] == [("4.2", "Training"), ("1.2", UNLISTED)]


def test_without_answers_nothing_changes():
    """A lab without questions keeps its tasks as they are."""
    assert with_answers((TRAINED,), RUBRIC, ()) == (TRAINED,)


@pytest.mark.parametrize(
    ("verdict", "says"),
    [("unclear", "This answer waits for a person."), ("missing", "Nothing there. A person")],
)
def test_a_manual_check(verdict, says):
    """It has the question's text in one line as its title, no points yet, and says what it waits for."""
    answer = Answer("Q28b", "6", "Why\n so " + "long " * 40, "text", 3, verdict, "Nothing there.")
    check = manual_check(answer, 2.0)
    assert (check.id, check.task, check.status, check.points, check.max_points) == (
        "6/q28b",
        "6",
        "manual",
        0,
        2,
    )
    assert check.title.startswith("Why so long")
    assert check.title.endswith("…")
    assert len(check.title) <= 110
    assert check.message.startswith(says)


LIKELY = {
    "likely_right": ("passed", 2.0, "Both are said. A program has decided this"),
    "likely_wrong": ("failed", 0.0, "Both are said. A program has decided this"),
    "unclear": ("manual", 0.0, "This answer waits for a person."),
    "missing": ("manual", 0.0, "Both are said. A person looks at it."),
}


@pytest.mark.parametrize("verdict", LIKELY)
def test_a_rubric_may_let_verdicts_count(verdict):
    """With auto_answers what is likely decides, and the rest waits; without it all wait."""
    answer = Answer("Q2", "1.2", "Why?", "text", 3, verdict, "Both are said.")
    (waiting,) = with_answers((), RUBRIC, [answer])
    assert (waiting.status, waiting.points, waiting.pending) == ("manual", 0, 2)
    (task,) = with_answers((), dataclasses.replace(RUBRIC, auto_answers=True), [answer])
    status, points, message = LIKELY[verdict]
    (check,) = task.checks
    assert (check.status, check.points, check.max_points, task.points) == (status, points, 2, points)
    assert check.message.startswith(message)


def test_a_self_check_tells_no_guess():
    """Before it is handed in, a notebook is told which answers were found, and not what is thought of them."""
    cells = [markdown("**Question 9:** How many CUDA cores?\n\n**Answer:** 10496")]
    (judged,) = (one for one in written_answers("cnn", RUBRIC_OF_Q9, cells) if one.text)
    (found,) = (one for one in written_answers("cnn", RUBRIC_OF_Q9, cells, printed=None) if one.text)
    assert judged.verdict == "likely_right"
    assert (found.verdict, found.reason, found.words) == ("unclear", WAITS, ())
