"""What can go wrong with a gradebook, each in one line that says what to do."""

from __future__ import annotations

from grader.errors import UsageProblem
from grader.gradebook.records import Mark


class GradebookProblem(UsageProblem):
    """The gradebook cannot be used as it is; the message never holds a password."""


class Conflict(Exception):  # noqa: N818 - somebody was faster, which is no error
    """Another person has marked the same since one looked: ``current``, or ``None``."""

    def __init__(self, current: Mark | None) -> None:
        super().__init__("marked by somebody else in the meantime")
        self.current = current
