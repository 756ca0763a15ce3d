"""From evidence to verdicts: five ways in which a check may end, and what each costs."""

from __future__ import annotations

import dataclasses

import pytest

from checks.kit import Failure, Gone, Mismatch, NotAttempted, Raised, TableRow, check
from grader.grading import grade, with_needs
from grader.labs import Rubric, Task

RUBRIC = Rubric(
    "A lab",
    (Task("1.1", "Filters", "Filter."), Task("1.2", "Questions", "Answer."), Task("9.9", "Unused", "")),
    {"1.1/first": 3.0, "1.1/second": 2.0, "1.2/third": 5.0},
    "0",
)


SKIPPED = ("skipped", 0.0, 0.0, True)


def three(first, second=lambda student: None, third=lambda student: None):
    """Checks ``first``, ``second`` which needs it, and ``third`` of another task."""

    def named(function, name):
        def run(student):
            return function(student)

        run.__name__, run.__doc__ = name, f"The {name} claim holds"
        return run

    one = check(task="1.1")(named(first, "first"))
    two = check(task="1.1", needs=one)(named(second, "second"))
    return one, two, check(task="1.2")(named(third, "third"))


def raising(error):
    """A check that ends in an error."""

    def run(_student):
        raise error

    return run


def results(*functions):
    """Results by check id."""
    tasks = grade(three(*functions), RUBRIC, object(), lambda _phase: None)
    return {result.id: result for task in tasks for result in task.checks}


def test_all_pass():
    """A claim that holds earns its points and says nothing."""
    found = results(lambda student: None)
    assert [(one.status, one.points, one.max_points, one.message) for one in found.values()] == [
        ("passed", 3.0, 3.0, ""), ("passed", 2.0, 2.0, ""), ("passed", 5.0, 5.0, ""),
    ]  # fmt: skip
    assert found["1.1/first"].title == "The first claim holds"


def test_a_hint_costs_nothing():
    """A claim that holds with a hint earns its points, and what needs it is judged."""
    found = results(lambda student: "It could be shorter.")
    assert (found["1.1/first"].status, found["1.1/first"].points) == ("passed", 3.0)
    assert found["1.1/first"].message == "It could be shorter."
    assert found["1.1/second"].status == "passed"


def test_a_failure_carries_its_parts():
    """A failure's parts come through whole, and what needs the check is skipped, naming it."""
    table = (TableRow("Conv2D", "Dense", same=False),)
    failure = Failure(
        "It shrinks.", expected="same", received="valid", hint="Q4", counterexample="build_CNN()", table=table
    )
    found = results(raising(failure))
    first = found["1.1/first"]
    assert (first.status, first.points, first.max_points) == ("failed", 0.0, 3.0)
    assert (first.message, first.expected, first.received) == ("It shrinks.", "same", "valid")
    assert (first.hint, first.counterexample, first.table) == ("Q4", "build_CNN()", table)
    second = found["1.1/second"]
    assert (second.status, second.points, second.max_points) == ("skipped", 0.0, 2.0)
    assert second.message == "This depends on “The first claim holds” (1.1/first), which did not pass."
    assert found["1.2/third"].status == "passed"


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        pytest.param(Mismatch(expected="2", received="3"), "Expected 2, but received 3.", "", id="mismatch"),
        pytest.param(
            Raised("NameError", "name 'x' is not defined"),
            "Your code stopped with NameError: name 'x' is not defined.", "", id="raised",
        ),
        pytest.param(Raised("ValueError", ""), "Your code stopped with ValueError.", "", id="silently"),
        pytest.param(
            Gone("there was no answer within 90 s"),
            "Your code could not be asked about this: there was no answer within 90 s.", "endless loops",
            id="gone",
        ),
    ],
)  # fmt: skip
def test_the_student_s_fault_costs_the_points(error, message, hint):
    """What the student's code did wrong fails the check, in a sentence."""
    first = results(raising(error))["1.1/first"]
    assert (first.status, first.points, first.max_points, first.not_counted) == ("failed", 0.0, 3.0, False)
    assert first.message == message
    assert hint in first.hint


@pytest.mark.parametrize("error", [ValueError("oops"), AssertionError(), KeyError("x"), RecursionError()])
def test_the_grader_s_fault_counts_neither_way(error):
    """A check that itself breaks is taken out of both sums, with all that needs it."""
    tasks = grade(three(raising(error)), RUBRIC, object(), lambda _phase: None)
    first, second = tasks[0].checks
    assert (first.status, first.points, first.max_points, first.not_counted) == ("error", 0.0, 0.0, True)
    assert "not your fault: the 3 points of this check are not counted" in first.message
    assert type(error).__name__ in first.message
    assert (second.status, second.points, second.max_points, second.not_counted) == (
        "skipped",
        0.0,
        0.0,
        True,
    )
    assert "the grader itself failed" in second.message
    assert (tasks[0].points, tasks[0].max_points, tasks[0].status) == (0.0, 0.0, "error")
    assert (tasks[1].points, tasks[1].max_points) == (5.0, 5.0)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_stopping_the_grader_is_no_verdict(error):
    """Ctrl-C ends the grading, not one check of it."""
    with pytest.raises(error):
        grade(three(raising(error)), RUBRIC, object(), lambda _phase: None)


def test_tasks_are_in_the_rubric_s_order():
    """Results are grouped by task, with the task's words; a task without results is left out."""
    first, second, third = three(lambda student: None)
    tasks = grade((third, first, second), RUBRIC, object(), lambda _phase: None)
    assert [(task.id, task.title, task.asked, task.max_points) for task in tasks] == [
        ("1.1", "Filters", "Filter.", 5.0), ("1.2", "Questions", "Answer.", 5.0),
    ]  # fmt: skip


def test_a_check_without_points_is_worth_nothing():
    """A check that the rubric does not list runs and counts zero."""
    rubric = Rubric("A lab", RUBRIC.tasks, {"1.1/second": 2.0}, "0")
    tasks = grade(three(lambda student: None), rubric, object(), lambda _phase: None)
    assert [result.points for task in tasks for result in task.checks] == [0.0, 2.0, 0.0]


def graded(**changes):
    """Tasks by id, graded by RUBRIC with changes; the first check fails, the others pass."""
    rubric = dataclasses.replace(RUBRIC, **changes)
    tasks = grade(three(raising(Failure("No."))), rubric, object(), lambda _phase: None)
    return {task.id: task for task in tasks}


def test_what_is_switched_off_does_not_run():
    """It has no result and no points; a task of which nothing is left is not shown."""
    ran = []
    rubric = dataclasses.replace(RUBRIC, switched_off=frozenset({"1.1/first", "1.2/third"}))
    tasks = grade(three(ran.append, ran.append, ran.append), rubric, "student", lambda _phase: None)
    assert ran == ["student"]
    assert [(task.id, [result.id for result in task.checks]) for task in tasks] == [("1.1", ["1.1/second"])]
    assert tasks[0].max_points == 2.0


def test_what_needs_a_switched_off_check_is_judged():
    """It runs as if what it needs had passed."""
    assert graded()["1.1"].checks[1].status == "skipped"
    (second,) = graded(switched_off=frozenset({"1.1/first"}))["1.1"].checks
    assert (second.id, second.status, second.points) == ("1.1/second", "passed", 2.0)


def test_a_switched_off_check_hands_its_needs_on():
    """It could have passed only where what it needs itself did, so that is still asked for."""
    first, second, third = three(raising(Failure("No.")))
    last = check(task="1.2", needs=second)(third.run)
    rubric = dataclasses.replace(RUBRIC, switched_off=frozenset({"1.1/second"}))
    tasks = grade((first, second, last), rubric, object(), lambda _phase: None)
    assert tasks[1].checks[0].status == "skipped"
    assert "(1.1/first), which did not pass" in tasks[1].checks[0].message


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(lambda _student: None, ("passed", 2.0, 0.0), id="earned"),
        pytest.param(raising(Failure("No.")), ("failed", 0.0, 0.0), id="missed"),
        pytest.param(raising(ValueError()), ("error", 0.0, 0.0), id="fault-of-ours"),
    ],
)
def test_a_bonus_comes_on_top(second, expected):
    """An earned bonus adds to the points; neither an earned nor a missed one adds to the maximum."""
    rubric = dataclasses.replace(RUBRIC, points={"1.1/first": 3.0}, bonus={"1.1/second": 2.0})
    (task, _) = grade(three(lambda _student: None, second), rubric, object(), lambda _phase: None)
    bonus = task.checks[1]
    assert (bonus.status, bonus.points, bonus.max_points) == expected
    assert (task.points, task.max_points) == (3.0 + expected[1], 3.0)


def test_every_check_is_announced():
    """Whoever waits is told which task is judged."""
    told = []
    grade(three(lambda student: None), RUBRIC, object(), told.append)
    assert told == ["checking 1.1", "checking 1.1", "checking 1.2"]


def test_every_check_sees_the_student():
    """A check is given the student's evidence."""
    student, seen = object(), []
    grade(three(seen.append, seen.append, seen.append), RUBRIC, student, lambda _phase: None)
    assert seen == [student] * 3


def test_what_is_needed_comes_first():
    """A selection is completed by what it depends on, each once, before what needs it."""
    first, second, third = three(lambda student: None)
    deeper = check(task="1.2", needs=(second, third))(second.run)
    assert with_needs([second]) == (first, second)
    assert with_needs([third, second, first]) == (third, first, second)
    assert with_needs([deeper, second]) == (first, second, third, deeper)
    assert with_needs([]) == ()


def test_a_check_without_a_docstring_is_refused():
    """The docstring is the title that students read, so there is no check without one."""

    def nameless(_student):
        pass

    with pytest.raises(ValueError, match="'nameless' needs a docstring"):
        check(task="1.1")(nameless)


def test_what_is_optional_may_be_left_out():
    """A task that was not attempted is skipped, not failed: it says so, and what needs it is skipped too."""
    found = results(raising(NotAttempted("It is optional.", hint="Nothing is lost.")))
    first = found["1.1/first"]
    assert (first.status, first.points, first.message) == ("skipped", 0.0, "It is optional. Nothing is lost.")
    assert found["1.1/second"].status == "skipped"
