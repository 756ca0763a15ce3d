"""From evidence to verdicts: every check of a lab, run in the grader's own process."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator, Sequence

from checks.kit import Check, Failure, Gone, Holds, NotAttempted, Raised, Student, Undecided
from grader.labs import Rubric
from grader.records import CheckResult, CheckStatus, TaskResult

Verdict = Callable[[Check, CheckResult, Callable[[], CheckResult]], CheckResult]

_log = logging.getLogger(__name__)


def grade(
    selected: Sequence[Check], rubric: Rubric, student: Student, progress: Callable[[str], None],
    verdict: Verdict = lambda _check, _blank, make: make(),
) -> tuple[TaskResult, ...]:  # fmt: skip
    """Run the checks in order and group their results by task.

    A check whose ``needs`` did not pass is skipped. What a check itself gets wrong is an ``error``:
    its points are not counted, neither for nor against the student. What the rubric has switched off
    has no result, and what needs it is judged as if it had passed. The ``max_points`` of a bonus are 0,
    so that an earned one comes on top. ``verdict`` may give a check's result from before, with the title and
    the points of the blank one, in place of what it would make.
    """
    results: dict[str, CheckResult] = {}
    for check in selected:
        if check.id not in rubric.switched_off:
            progress(f"checking {check.task}")
            results[check.id] = _verdict(check, rubric, student, results, verdict)
    return tuple(
        TaskResult(
            id=task.id,
            title=task.title,
            asked=task.asked,
            points=sum(result.points for result in own),
            max_points=sum(result.max_points for result in own),
            checks=own,
        )
        for task in rubric.tasks
        if (own := tuple(result for result in results.values() if result.task == task.id))
    )


def with_needs(chosen: Sequence[Check]) -> tuple[Check, ...]:
    """The chosen checks and all they depend on, each once, dependencies first."""
    ordered: list[Check] = []

    def add(check: Check) -> None:
        for need in check.needs:
            add(need)
        if check not in ordered:
            ordered.append(check)

    for check in chosen:
        add(check)
    return tuple(ordered)


def _verdict(
    check: Check, rubric: Rubric, student: Student, earlier: dict[str, CheckResult], verdict: Verdict
) -> CheckResult:
    counted = rubric.points.get(check.id, 0.0)
    worth = rubric.bonus.get(check.id, counted)
    result = CheckResult(check.id, check.task, check.title, "passed", worth, counted, "")
    for need in _needed(check, rubric):
        before = earlier[need.id]
        if before.status == "passed":
            continue
        if before.not_counted:
            reason = (
                f"This depends on “{need.title}” ({need.id}), where the grader itself failed; "
                "it is not counted."
            )
            return dataclasses.replace(
                result, status="skipped", points=0.0, max_points=0.0, message=reason, not_counted=True
            )
        reason = f"This depends on “{need.title}” ({need.id}), which did not pass."
        return dataclasses.replace(result, status="skipped", points=0.0, message=reason)
    return verdict(check, result, lambda: _timed(check, result, student))


def _timed(check: Check, result: CheckResult, student: Student) -> CheckResult:
    started = time.monotonic()
    result = _judge(check, result, student)
    return dataclasses.replace(result, seconds=round(time.monotonic() - started, 3))


def _needed(check: Check, rubric: Rubric) -> Iterator[Check]:
    """What a check depends on. A check that is switched off could pass only where its own needs did."""
    for need in check.needs:
        if need.id in rubric.switched_off:
            yield from _needed(need, rubric)
        else:
            yield need


def _judge(check: Check, result: CheckResult, student: Student) -> CheckResult:
    """Run one check and turn however it ends into a result."""
    try:
        note = check.run(student)
    except (NotAttempted, Undecided) as left:
        message = f"{left.message} {left.hint}".strip()
        status: CheckStatus = "manual" if isinstance(left, Undecided) else "skipped"
        return dataclasses.replace(result, status=status, points=0.0, message=message)
    except Failure as failure:
        return dataclasses.replace(
            result, status="failed", points=0.0, message=failure.message, expected=failure.expected,
            received=failure.received, hint=failure.hint, counterexample=failure.counterexample,
            table=failure.table, pictures=failure.pictures,
        )  # fmt: skip
    except Gone as gone:
        return dataclasses.replace(
            result, status="failed", points=0.0,
            message=f"Your code could not be asked about this: {gone.reason}.",
            hint="Look for calls of exit(), endless loops and very large arrays.",
        )  # fmt: skip
    except Raised as raised:
        message = f"Your code stopped with {raised}."
        return dataclasses.replace(result, status="failed", points=0.0, message=message)
    except Exception as error:  # noqa: BLE001 - our own fault, whatever it is, must cost nobody anything
        _log.warning("check %s failed", check.id, exc_info=error)
        message = (
            "The grader itself failed here, which is not your fault: the "
            f"{result.points:g} points of this check are not counted. ({_in_words(error)})"
        )
        return dataclasses.replace(
            result, status="error", points=0.0, max_points=0.0, message=message[:1500], not_counted=True
        )
    holds = note if isinstance(note, Holds) else Holds(note or "")
    return dataclasses.replace(result, message=holds.hint, pictures=holds.pictures)


def _in_words(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - the words may quote an object of any kind
        return type(error).__name__
