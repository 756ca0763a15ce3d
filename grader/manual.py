"""What waits for a person: the written answers as checks that no program decides."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from grader.answers import find_answers
from grader.labs import Rubric
from grader.questions import load_questions
from grader.records import Answer, CheckResult, TaskResult

TITLE_LIMIT = 110  # characters
UNLISTED = "Questions"  # the title of a task that the rubric does not name


def written_answers(
    lab: str, rubric: Rubric, cells: Sequence[Any], tasks: Sequence[str] = ()
) -> tuple[Answer, ...]:
    """The answers to those questions of a lab that the rubric lists, in the lab's order.

    Args:
        lab: the lab's id.
        rubric: which questions there are, and their points.
        cells: of the notebook in nbformat 4, as handed in.
        tasks: only questions of these tasks; of all where empty.
    """
    return tuple(
        answer
        for answer in find_answers(load_questions(lab), cells)
        if answer.id in rubric.answers and (not tasks or answer.task in tasks)
    )


def answers_score(lab: str, rubric: Rubric, tasks: Sequence[str] = ()) -> float:
    """The points that all written answers together are worth, or those of these tasks."""
    asked = load_questions(lab).items
    return sum(rubric.answers.get(one.id, 0.0) for one in asked if not tasks or one.task in tasks)


def with_answers(
    tasks: Sequence[TaskResult], rubric: Rubric, answers: Sequence[Answer]
) -> tuple[TaskResult, ...]:
    """The tasks with a manual check for each question that is worth points, in the rubric's order."""
    judged = {task.id: task for task in tasks}
    listed = {task.id: task for task in rubric.tasks}
    worth = [answer for answer in answers if rubric.answers.get(answer.id, 0.0) > 0]
    asked = dict.fromkeys(answer.task for answer in worth)
    found = []
    for id in dict.fromkeys([*listed, *asked, *judged]):  # noqa: A001 - it is one
        checks = tuple(manual_check(one, rubric.answers[one.id]) for one in worth if one.task == id)
        empty = TaskResult(
            id, listed[id].title if id in listed else UNLISTED, listed[id].asked if id in listed else "",
            0.0, 0.0, (),
        )  # fmt: skip
        if id in judged or checks:
            found.append(_joined(judged.get(id, empty), checks))
    return tuple(found)


def manual_check(answer: Answer, points: float) -> CheckResult:
    """The check that a person decides by reading an answer."""
    if answer.verdict == "missing":
        message = f"{answer.reason} A person looks at it."
    else:
        message = "This answer waits for a person."
    return CheckResult(answer.check, answer.task, _one_line(answer.question), "manual", 0.0, points, message)


def _joined(task: TaskResult, checks: tuple[CheckResult, ...]) -> TaskResult:
    more = sum(check.max_points for check in checks)
    return dataclasses.replace(task, max_points=task.max_points + more, checks=task.checks + checks)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= TITLE_LIMIT:
        return line
    return f"{line[: TITLE_LIMIT - 1].rsplit(' ', 1)[0]}…"
