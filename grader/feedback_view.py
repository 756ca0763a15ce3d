"""What of a report stands where on the student's page."""

from __future__ import annotations

from dataclasses import dataclass

from grader.page_words import anchor
from grader.records import Answer, CheckResult, Report, TaskResult

MENDED_FIRST = 3
LONG_ANSWER = 700  # characters
LONG_ANSWER_LINES = 12


@dataclass(frozen=True)
class WrittenAnswer:
    """A written answer with the manual check that carries its points, if it is worth any."""

    answer: Answer
    check: CheckResult | None


def worth_mending(report: Report) -> tuple[CheckResult, ...]:
    """The failed checks that cost most, at most three."""
    failed = [c for c in report.checks if c.status == "failed" and c.max_points > c.points]
    return tuple(sorted(failed, key=lambda c: c.points - c.max_points)[:MENDED_FIRST])


def answers_of(report: Report, task: TaskResult) -> tuple[WrittenAnswer, ...]:
    """The written answers to a task's questions, each with its check."""
    checks = {check.id: check for check in task.checks}
    return tuple(
        WrittenAnswer(answer, checks.get(answer.check)) for answer in report.answers if answer.task == task.id
    )


def checks_of(report: Report, task: TaskResult) -> tuple[CheckResult, ...]:
    """The checks of a task that are no written answers."""
    written = {one.answer.check for one in answers_of(report, task)}
    return tuple(check for check in task.checks if check.id not in written)


def unanswered(report: Report) -> tuple[WrittenAnswer, ...]:
    """The questions on the page to which no answer was found."""
    return tuple(
        one for task in report.tasks for one in answers_of(report, task) if one.answer.verdict == "missing"
    )


def question_anchors(report: Report) -> dict[str, str]:
    """Where on the page each written answer stands, by the id of its question."""
    return {answer.id: f"check-{anchor(answer.check)}" for answer in report.answers}


def is_long(text: str) -> bool:
    """Whether an answer is folded at first."""
    return len(text) > LONG_ANSWER or text.count("\n") > LONG_ANSWER_LINES


def said_by_its_sides(check: CheckResult) -> bool:
    """Whether the message only repeats expected and received, which stand below it (``Mismatch``)."""
    return check.message == f"Expected {check.expected}, but received {check.received}."
