"""The written answers as checks that wait for a person; a program decides only where a rubric says so."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from typing import Any

from grader.answers import find_answers
from grader.labs import Rubric
from grader.questions import load_questions
from grader.records import Answer, CheckResult, TaskResult

_log = logging.getLogger(__name__)

TITLE_LIMIT = 110  # characters
UNLISTED = "Questions"  # the title of a task that the rubric does not name


def written_answers(
    lab: str, rubric: Rubric, cells: Sequence[Any], tasks: Sequence[str] = (),
    printed: Sequence[float] | None = (),
) -> tuple[Answer, ...]:  # fmt: skip
    """The answers to those questions of a lab that the rubric lists, judged, in the lab's order.

    Args:
        lab: the lab's id.
        rubric: which questions there are, and their points.
        cells: of the notebook in nbformat 4, as handed in.
        tasks: only questions of these tasks; of all where empty.
        printed: the numbers in the notebook's saved outputs. ``None``: no answer is judged.
    """
    return tuple(
        answer if printed is None else judged(lab, answer, printed)
        for answer in find_answers(load_questions(lab), cells)
        if answer.id in rubric.answers and (not tasks or answer.task in tasks)
    )


def judged(lab: str, answer: Answer, printed: Sequence[float]) -> Answer:
    """An answer with the verdict proposed for it; a fault of ours leaves it to a person."""
    if answer.verdict == "missing":
        return answer
    from grader.judging.judge import judge  # noqa: PLC0415 - a student edition lacks them
    from grader.judging.rules import load_rules  # noqa: PLC0415

    try:
        found = judge(answer.id, answer.text, load_rules(lab), printed)
    except Exception as error:  # noqa: BLE001 - our own fault, whatever it is, must cost nobody anything
        _log.warning("the answer to %s could not be judged", answer.id, exc_info=error)
        return answer
    return dataclasses.replace(answer, verdict=found.verdict, reason=found.reason, words=found.words)


def answers_score(lab: str, rubric: Rubric, tasks: Sequence[str] = ()) -> float:
    """The points that all written answers together are worth, or those of these tasks."""
    asked = load_questions(lab).items
    return sum(rubric.answers.get(one.id, 0.0) for one in asked if not tasks or one.task in tasks)


def with_answers(
    tasks: Sequence[TaskResult], rubric: Rubric, answers: Sequence[Answer]
) -> tuple[TaskResult, ...]:
    """The tasks with a check for each question that is worth points, in the rubric's order: a manual one,
    or one that the answer's verdict decides where the rubric says so.
    """
    judged = {task.id: task for task in tasks}
    listed = {task.id: task for task in rubric.tasks}
    worth = [answer for answer in answers if rubric.answers.get(answer.id, 0.0) > 0]
    asked = dict.fromkeys(answer.task for answer in worth)
    found = []
    for id in dict.fromkeys([*listed, *asked, *judged]):  # noqa: A001 - it is one
        checks = tuple(answer_check(one, rubric) for one in worth if one.task == id)
        empty = TaskResult(
            id, listed[id].title if id in listed else UNLISTED, listed[id].asked if id in listed else "",
            0.0, 0.0, (),
        )  # fmt: skip
        if id in judged or checks:
            found.append(_joined(judged.get(id, empty), checks))
    return tuple(found)


def answer_check(answer: Answer, rubric: Rubric) -> CheckResult:
    """The check of an answer: where the rubric lets a program decide, all its points or none."""
    check = manual_check(answer, rubric.answers[answer.id])
    if not rubric.auto_answers or answer.verdict not in ("likely_right", "likely_wrong"):
        return check
    right = answer.verdict == "likely_right"
    points = check.max_points if right else 0.0
    message = f"{answer.reason} A program has decided this, as the rubric says; ask if it seems wrong to you."
    return dataclasses.replace(check, status="passed" if right else "failed", points=points, message=message)


def manual_check(answer: Answer, points: float) -> CheckResult:
    """The check that a person decides by reading an answer."""
    if answer.verdict == "missing":
        message = f"{answer.reason} A person looks at it."
    else:
        message = "This answer waits for a person."
    return CheckResult(answer.check, answer.task, _one_line(answer.question), "manual", 0.0, points, message)


def _joined(task: TaskResult, checks: tuple[CheckResult, ...]) -> TaskResult:
    more = sum(check.max_points for check in checks)
    got = sum(check.points for check in checks)
    return dataclasses.replace(
        task, points=task.points + got, max_points=task.max_points + more, checks=task.checks + checks
    )


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= TITLE_LIMIT:
        return line
    return f"{line[: TITLE_LIMIT - 1].rsplit(' ', 1)[0]}…"
