"""What a check says when it does not hold; this text *is* the student's feedback."""

from __future__ import annotations

from dataclasses import dataclass

from checks.kit.picture import Picture


@dataclass(frozen=True)
class TableRow:
    """One line of a side-by-side table, e.g. one layer of a network.

    ``expected`` and ``received`` are already text for people; ``""`` stands for "no such row".
    """

    expected: str
    received: str
    same: bool


class Failure(Exception):  # noqa: N818 - the field's word: a check ends in a Failure, not in an error
    """The student's fault, in whole sentences.

    Args:
        message: one sentence that names the fault in a student's words.
        expected: what the task asks for, or ``""``.
        received: what came instead, or ``""``.
        hint: what to try, without giving the solution away, or ``""``.
        counterexample: code to paste that shows the fault, or ``None``.
        table: expected and received side by side, row by row.
        pictures: what shows it: the input and both results, for instance.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str = "",
        received: str = "",
        hint: str = "",
        counterexample: str | None = None,
        table: tuple[TableRow, ...] = (),
        pictures: tuple[Picture, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.received = received
        self.hint = hint
        self.counterexample = counterexample
        self.table = table
        self.pictures = pictures


class NotAttempted(Failure):
    """An optional task that the student left out: no mistake, so the check is skipped and nothing is lost."""


class Undecided(Failure):
    """What no program can say here, since nothing was trained: no mistake and no pass, a person decides."""


class Mismatch(Failure):
    """A failure that is fully said by its two sides."""

    def __init__(
        self, *, expected: str, received: str, hint: str = "", counterexample: str | None = None
    ) -> None:
        super().__init__(
            f"Expected {expected}, but received {received}.",
            expected=expected, received=received, hint=hint, counterexample=counterexample,
        )  # fmt: skip
