"""What the judging of one hand-in may take from before, and notes for later; without a cache, nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from checks.kit import Check, Lab, Reply
from grader.attachments import Attachments
from grader.evidence import Evidence, LiveStudent
from grader.labs import Rubric
from grader.limits import Limits
from grader.notebooks import ReadNotebook
from grader.records import CheckResult, Execution, Phase, Report, Settings, Submission

Result = TypeVar("Result")
Put = Callable[[str, dict[str, Any], tuple[Any, ...]], Reply]

TAKEN = "taken from the cache"
AGAIN = "checked again on the evidence in the cache"


@dataclass(frozen=True)
class Case:
    """A hand-in that was read, and how it is to be judged."""

    submission: Submission
    settings: Settings
    lab: Lab
    rubric: Rubric
    limits: Limits
    notebook: ReadNotebook
    files: Attachments


class NotKept(Exception):  # noqa: N818 - nobody's error: it has to be done again
    """Something is asked that is not in the cache, so the notebook must run."""


class Parts(Protocol):
    """The parts of a judgement: each is made, or taken from before where all that decides it is equal."""

    @property
    def renewed(self) -> bool:
        """Whether some were made again."""

    def evidence(self, folder: Path) -> Evidence:
        """Where the evidence of a run goes, with a folder for its arrays."""

    def wrapped(self, put: Put) -> Put:
        """The way to the kernel, watched."""

    def watch(self, student: LiveStudent) -> None:
        """The student that is judged from now on."""

    def verdict(self, check: Check, blank: CheckResult, make: Callable[[], CheckResult]) -> CheckResult:
        """A check's result with the title and points of ``blank``.

        Raises:
            NotKept: it cannot be had without running the notebook.
        """

    def take(self, name: str, make: Callable[[], Result]) -> Result:
        """What is found or shown beside the checks: ``claims``, ``pictures`` or ``accuracies``.

        Raises:
            NotKept: it cannot be had without running the notebook.
        """

    def keep(self, report: Report, run: Execution, executed: Any) -> None:
        """Note what came of it, unless it may be due to this machine; never raises.

        Args:
            report: the whole.
            run: how the notebook ran, without what is said of files that were left out.
            executed: the notebook as it ran.
        """


class Afresh:
    """All is made, and nothing is noted."""

    @property
    def renewed(self) -> bool:
        """All are, but none again."""
        return False

    def evidence(self, folder: Path) -> Evidence:
        """Evidence that nobody keeps."""
        return Evidence(folder)

    def wrapped(self, put: Put) -> Put:
        """The same."""
        return put

    def watch(self, student: LiveStudent) -> None:
        """Nothing."""

    def verdict(self, _check: Check, _blank: CheckResult, make: Callable[[], CheckResult]) -> CheckResult:
        """The check's result, made now."""
        return make()

    def take(self, _name: str, make: Callable[[], Result]) -> Result:
        """What is made now."""
        return make()

    def keep(self, report: Report, run: Execution, executed: Any) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Kept:
    """A run of the same code from before.

    ``executed`` is the hand-in's notebook with the outputs of that run, ``run`` how it ran, without what is
    said of files that were left out. ``phases`` and ``peak_mib`` are that run's.
    """

    executed: Any
    run: Execution
    evidence: Evidence
    put: Put
    parts: Parts
    phases: tuple[Phase, ...]
    peak_mib: float


class Cache(Protocol):
    """What is kept from before, of all hand-ins."""

    def recall(self, case: Case, folder: Path) -> Kept | None:
        """The run of the same code, if it is kept; evidence is unpacked into ``folder`` when it is needed."""

    def recording(self, case: Case) -> Parts:
        """The parts of a run that begins now."""
