"""What a class needs of its reports, so that ten thousand fit into memory.

A whole report has up to half a megabyte, most of it pictures. The pages of the class, the gradebook and the
comparison need verdicts, points, titles and answers; the rest lies in the student's files and record. What is
equal in many reports, such as a check that passed, is held once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from grader.records import Answer, CheckResult, Report, TaskResult

Shared = TypeVar("Shared", bound=Hashable)


@dataclass(frozen=True)
class Slimmer:
    """Makes reports slim; those of one class by one slimmer, which holds what they share."""

    held: dict[Hashable, Hashable] = field(default_factory=dict)

    def slim(self, report: Report) -> Report:
        """The report without pictures, tables, counterexamples, and the notebook as it ran."""
        return dataclasses.replace(
            report,
            tasks=tuple(map(self._task, report.tasks)),
            answers=tuple(map(self._answer, report.answers)),
            provenance=self._one(report.provenance),
            training_note=self._one(report.training_note),
            accuracies=(),
            executed=None,
        )

    def _task(self, task: TaskResult) -> TaskResult:
        return self._one(dataclasses.replace(task, checks=tuple(map(self._check, task.checks))))

    def _check(self, result: CheckResult) -> CheckResult:
        return self._one(dataclasses.replace(result, counterexample=None, table=(), pictures=(), seconds=0.0))

    def _answer(self, answer: Answer) -> Answer:
        """Only the text is the student's own."""
        question, reason = self._one(answer.question), self._one(answer.reason)
        return dataclasses.replace(answer, question=question, reason=reason, words=())

    def _one(self, value: Shared) -> Shared:
        return self.held.setdefault(value, value)  # type: ignore[return-value]  # it is equal, so of its type
