"""Who does the work of a batch: processes of this machine, or something that is asked in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from grader.worker import Job, Message


class Hand(Protocol):
    """One submission at work, wherever that is."""

    @property
    def job(self) -> Job:
        """What is to be done."""

    @property
    def started(self) -> float:
        """When it was launched, in seconds of the monotonic clock."""

    def alive(self) -> bool:
        """Whether something may still come of it."""

    def overdue(self, limit_s: float) -> bool:
        """Whether it has been worked on for longer than ``limit_s``."""

    def news(self) -> Iterator[Message]:
        """What it has told since last asked: phases, then a report, or why there is none."""

    def how_it_ended(self) -> str:
        """A sentence for people about one that ended without a report."""


H = TypeVar("H", bound=Hand)


class Crew(Protocol[H]):
    """What a batch hands its submissions to, one by one."""

    def places(self) -> int:
        """How many submissions it can work on at once, at this moment; at least 1."""

    def launch(self, job: Job) -> H:
        """Begin to work on a submission.

        Raises:
            OSError, EOFError: it cannot be begun.
        """

    def wait(self, hands: Sequence[H], timeout_s: float) -> None:
        """Wait until one of them has news, at most ``timeout_s``."""

    def end(self, hands: Sequence[H], patience_s: float) -> None:
        """End them, and what they have started: politely for ``patience_s``, then for good."""

    def clear(self, hand: H) -> None:
        """Forget one that has ended."""
