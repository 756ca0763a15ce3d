"""People's marks and an automatic report, put together. A mark never changes the report it is laid over:
where it does not fit any more it is kept, does not count, and a sentence says why.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping

from grader.gradebook.records import Basis, Mark, Standing, basis_of
from grader.records import CheckResult, Marking, Report, TaskResult

CLOSE = 1e-6  # points


def standings(report: Report, marks: Iterable[Mark]) -> dict[str, Standing]:
    """The marks in effect on a student, by check id, each held against the report.

    A mark that was taken back has no standing.
    """
    checks = {check.id: check for check in report.checks}
    return {
        mark.target.check: standing_of(
            mark, basis_of(report, check) if (check := checks.get(mark.target.check)) else None
        )
        for mark in marks
        if mark.points is not None
    }


def standing_of(mark: Mark, now: Basis | None) -> Standing:
    """A mark held against what a person would look at today; ``None`` where the check is gone."""
    if now is None:
        return Standing(mark, "The latest report has no such check.")
    problem = _changed(mark.basis, now) or _above(mark, now)
    smaller = not problem and abs(mark.out_of - now.max_points) > CLOSE and now.max_points > 0
    note = f"The mark was given out of {mark.out_of:g}; the check is now worth {now.max_points:g}."
    return Standing(mark, problem, note if smaller else "")


def _changed(then: Basis, now: Basis) -> str:
    if then.text_sha256 and now.text_sha256:
        return "" if then.text_sha256 == now.text_sha256 else "The answer has changed since it was marked."
    if then.text_sha256 != now.text_sha256:
        return "It was not the same kind of check when it was marked."
    if then.submission_sha256 != now.submission_sha256:
        return "The student has handed in another notebook since it was marked."
    if (then.status, round(then.points, 6)) != (now.status, round(now.points, 6)):
        return "The program judges it differently since it was marked."
    return ""


def _above(mark: Mark, now: Basis) -> str:
    if mark.points is None or now.max_points <= 0 or mark.points <= now.max_points + CLOSE:
        return ""
    return f"{mark.points:g} points are more than the {now.max_points:g} that it is worth now."


def with_marks(report: Report, marks: Iterable[Mark]) -> Report:
    """The report with the points of the marks that fit; sums, statuses and what waits are made again."""
    found = standings(report, marks)
    counting = {check: standing.mark for check, standing in found.items() if standing.counts}
    if not counting:
        return report
    tasks = tuple(_task(task, counting) for task in report.tasks)
    score = report.score + sum(now.points - was.points for now, was in _pairs(tasks, report.tasks))
    most = report.max_score + sum(now.max_points - was.max_points for now, was in _pairs(tasks, report.tasks))
    result = dataclasses.replace(report, tasks=tasks, score=_tidy(score), max_score=_tidy(most))
    statuses = {check.status for check in result.checks}
    mended = report.status == "incomplete" and not report.problem and "error" not in statuses
    return dataclasses.replace(
        result,
        status="graded" if mended else report.status,
        pending_manual=_tidy(sum(task.pending for task in tasks)),
    )


def _pairs(
    tasks: tuple[TaskResult, ...], before: tuple[TaskResult, ...]
) -> Iterable[tuple[TaskResult, TaskResult]]:
    return zip(tasks, before, strict=True)


def _task(task: TaskResult, marks: Mapping[str, Mark]) -> TaskResult:
    checks = tuple(_marked(check, marks[check.id]) if check.id in marks else check for check in task.checks)
    return dataclasses.replace(
        task,
        checks=checks,
        points=_tidy(task.points + sum(check.points for check in checks) - _points(task)),
        max_points=_tidy(task.max_points + sum(check.max_points for check in checks) - _most(task)),
    )


def _points(task: TaskResult) -> float:
    return sum(check.points for check in task.checks)


def _most(task: TaskResult) -> float:
    return sum(check.max_points for check in task.checks)


def _marked(check: CheckResult, mark: Mark) -> CheckResult:
    points = mark.points or 0.0
    most = mark.out_of if check.not_counted else check.max_points
    marking = Marking(
        mark.comment, mark.reason, mark.who, mark.at.isoformat(timespec="seconds"), check.status, check.points
    )
    full = points >= most - CLOSE
    marked = dataclasses.replace(
        check, status="passed" if full else "failed", points=points, max_points=most, marking=marking,
        message=mark.comment or f"A person gave {points:g} of {most:g} points.", not_counted=False,
    )  # fmt: skip
    if not full:
        return marked
    return dataclasses.replace(  # what the program had against it no longer holds
        marked, expected="", received="", hint="", counterexample=None, table=(), pictures=()
    )


def _tidy(value: float) -> float:
    """A sum without the noise of binary fractions: marks of 0.1 add up to what people expect."""
    return round(value, 9) if math.isfinite(value) else value
