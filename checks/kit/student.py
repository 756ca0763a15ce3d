"""The evidence a check may ask for: plain data that came back from the student's kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]
Json = Any


@dataclass(frozen=True)
class Version:
    """One value that a watched variable had, as seen when a cell had ended.

    ``cell`` counts the code cells that are not blank, from 1. ``array`` is read-only, or ``None``
    where the value was no array (then ``type`` says what it was).
    """

    name: str
    cell: int
    type: str
    array: Array | None


@dataclass(frozen=True)
class Fit:
    """What the student asked of one ``fit``, before the grader cut it short.

    ``train`` and ``validation`` are ``(images, labels)`` where they were arrays, else ``None``.
    """

    cell: int
    flavour: str
    epochs: int | None
    batch_size: int | None
    steps_per_epoch: float | None
    train: tuple[Array | None, Array | None] = (None, None)
    validation: tuple[Array | None, Array | None] | None = None


@dataclass(frozen=True)
class Reply:
    """A kernel's answer to one request: JSON data and the arrays that belong to it."""

    data: Mapping[str, Json]
    arrays: tuple[Array, ...] = field(default=())


class Raised(Exception):  # noqa: N818 - what the student's code did, not an error of ours
    """The student's code raised: ``ename`` is the exception's class, ``evalue`` its text."""

    def __init__(self, ename: str, evalue: str) -> None:
        super().__init__(f"{ename}: {evalue}" if evalue else ename)
        self.ename = ename
        self.evalue = evalue


class Gone(Exception):  # noqa: N818
    """The student's process ended or stopped answering while it was asked; ``reason`` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Student(Protocol):
    """One executed submission, as a check sees it."""

    @property
    def given(self) -> Mapping[str, Array]:
        """What the grader put into the sandbox, by name (``cifar10/x_train``, ``ascent`` …), read-only."""

    @property
    def seed(self) -> int:
        """The run's seed: every draw of a check starts from it."""

    @property
    def fits(self) -> tuple[Fit, ...]:
        """Every ``fit`` in the order of the calls."""

    @property
    def last_cell(self) -> int:
        """The number of the last code cell that ran."""

    def versions(self, name: str) -> tuple[Version, ...]:
        """Every value ``name`` had, oldest first; empty when the notebook never set it."""

    def why_missing(self, name: str) -> str:
        """A sentence that says why ``name`` has no value: the cell that failed, or that none sets it."""

    def ask(self, op: str, arrays: tuple[Array, ...] = (), **arguments: Json) -> Reply:
        """Put one request to the live kernel; ``arrays`` travel with it.

        Raises:
            Raised: the student's code raised.
            Gone: the process died or did not answer in time.
        """
