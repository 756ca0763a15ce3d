"""The crew of a batch whose submissions are graded by a cluster: what is lost with a node is begun again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader.cluster.carriers import Carrier
from grader.cluster.node import BEGUN
from grader.cluster.parcels import Ground, Outcome, Parcel, pack, report_in, write_files
from grader.fault_log import append_log
from grader.records import Report
from grader.resume import code_hash, hand_in
from grader.worker import Failed, Job, Message, fault_of

TRIES = 4  # of one submission, whatever takes its node or process away
PAUSE_S = 1.0  # before the second try; before each later one longer
COUNT_S = 2.0  # between two looks at how large the cluster is
CODE_S = 5.0  # between two looks at our own code: results come by the dozen
SLACK_S = 60.0  # for a node to notice itself that a submission takes too long


class Lost(Exception):  # noqa: N818 - nobody's error: a node may end at any time
    """Nothing came of a task; the text says what became of it, after "because"."""


class Cluster(Protocol):
    """What does the work; a task is whatever ``submit`` returns, and can be a key."""

    def places(self) -> int:
        """How many submissions fit onto the nodes that are alive."""

    def submit(self, parcel: Parcel) -> Any:
        """Have a node grade it, as soon as one is free."""

    def wait(self, tasks: Sequence[Any], timeout_s: float) -> set[Any]:
        """Those that have ended, after waiting at most ``timeout_s`` for the first."""

    def take(self, task: Any) -> Outcome:
        """What came of a task that has ended.

        Raises:
            Lost: nothing did.
        """

    def phases(self) -> Mapping[str, str]:
        """What the nodes have told since last asked, by the key of the parcel."""

    def end(self, tasks: Sequence[Any], patience_s: float) -> None:
        """End tasks: politely for so long, then for good."""


@dataclass
class TaskHand:
    """A submission at work on a node, or waiting for one."""

    job: Job
    read: str  # the hash of the hand-in as it was sent
    started: float = field(default_factory=time.monotonic)
    tries: int = 0
    task: Any = None
    parcel: Parcel | None = None
    begun: float | None = None  # on a node, in seconds of the monotonic clock
    again_at: float = 0.0
    told: list[Message] = field(default_factory=list)
    ended: bool = False

    @property
    def key(self) -> str:
        """What tells this try from all others."""
        return f"{self.job.submission.slug}/{self.tries}"

    def alive(self) -> bool:
        """Whether something may still come of it."""
        return not self.ended

    def overdue(self, limit_s: float) -> bool:
        """Whether a node has worked on it for longer than ``limit_s``, and has not noticed."""
        return self.begun is not None and time.monotonic() > self.begun + limit_s + SLACK_S

    def news(self) -> Iterator[Message]:
        """What was told since last asked."""
        told, self.told = self.told, []
        yield from told

    def how_it_ended(self) -> str:
        """A sentence for people about one that ended without a report."""
        return "The cluster ended its work on it."

    def hear(self, phase: str) -> None:
        """A node tells of its work."""
        if phase == BEGUN:
            self.begun = time.monotonic()
            phase = "begun on a node"
        self.told.append(phase)

    def close(self, last: Report | Failed) -> None:
        """Nothing more will come."""
        self.told.append(last)
        self.ended = True


@dataclass
class ClusterCrew:
    """Hands submissions to a cluster.

    ``given`` is the hash of what all share, ``carrier`` takes files there and back, ``ground`` is what
    decides verdicts on this machine.
    """

    cluster: Cluster
    carrier: Carrier
    given: str
    ground: Ground
    counted: int = 1
    count_at: float = 0.0
    code: str = ""
    code_at: float = 0.0

    def places(self) -> int:
        """As many as fit onto the nodes that are alive now; one waits where there are none."""
        if time.monotonic() >= self.count_at:
            self.counted = max(1, self.cluster.places())
            self.count_at = time.monotonic() + COUNT_S
        return self.counted

    def launch(self, job: Job) -> TaskHand:
        """Send a submission to the cluster. One whose files cannot be read has its news at once."""
        hand = TaskHand(job, hand_in(job.submission) if job.records else "")
        self._begin(hand)
        return hand

    def _begin(self, hand: TaskHand) -> None:
        hand.tries, hand.begun, hand.again_at = hand.tries + 1, None, 0.0
        job = hand.job
        try:
            contents = pack(job.submission, job.settings, self.carrier)
            hand.parcel = Parcel(
                hand.key, job.submission, contents, job.settings, self.given, self.ground,
                job.grade, job.write,
            )  # fmt: skip
            hand.task = self.cluster.submit(hand.parcel)
        except Exception as error:  # noqa: BLE001 - whatever keeps one from travelling keeps no other
            hand.close(Failed(fault_of(error, "graded")))
        else:
            hand.told.append("waiting for a node")

    def wait(self, hands: Sequence[TaskHand], timeout_s: float) -> None:
        """Wait for news, take in what has ended, and begin again what was lost."""
        now = time.monotonic()
        for hand in hands:
            if hand.again_at and now >= hand.again_at and not hand.ended:
                self._begin(hand)
        if any(hand.told for hand in hands):
            timeout_s = 0.0
        by_task = {hand.task: hand for hand in hands if hand.task is not None}
        by_key = {hand.key: hand for hand in hands}
        for task in self.cluster.wait(list(by_task), timeout_s):
            self._take(by_task[task])
        for key, phase in self.cluster.phases().items():
            if key in by_key and not by_key[key].ended:
                by_key[key].hear(phase)

    def _take(self, hand: TaskHand) -> None:
        task, hand.task = hand.task, None
        try:
            outcome = self.cluster.take(task)
        except Lost as lost:
            self._lose(hand, lost)
        else:
            hand.close(self._written(hand, outcome))
        finally:
            if hand.parcel is not None:
                hand.parcel.drop(self.carrier)

    def _lose(self, hand: TaskHand, lost: Lost) -> None:
        if hand.tries >= TRIES:
            hand.close(Failed(f"It was begun {TRIES} times and lost each time, at last because {lost}."))
            return
        hand.told.append(f"lost because {lost}; try {hand.tries + 1} of {TRIES}")
        hand.again_at = time.monotonic() + PAUSE_S * hand.tries
        self.count_at = 0.0  # the cluster may have become smaller

    def _written(self, hand: TaskHand, outcome: Outcome) -> Report | Failed:
        """The report, once its files and its record are written."""
        job, folder = hand.job, hand.job.settings.out / hand.job.submission.slug
        try:
            report = report_in(outcome)
            write_files(outcome, folder, self.carrier)
            append_log(job.settings.out, outcome.log)
            if job.records is not None and outcome.same_packages:
                job.records.keep(job.submission, report, hand.read, self._code())
        except Exception as error:  # noqa: BLE001 - as in a process of this machine
            return Failed(fault_of(error, "written"))
        return report

    def _code(self) -> str:
        """The hash of our code, which takes as long as all else that is done here for a result."""
        if time.monotonic() >= self.code_at:
            self.code, self.code_at = code_hash(), time.monotonic() + CODE_S
        return self.code

    def end(self, hands: Sequence[TaskHand], patience_s: float) -> None:
        """End what is still at work."""
        tasks = [hand.task for hand in hands if hand.task is not None]
        for hand in hands:
            hand.task, hand.ended = None, True
        self.cluster.end(tasks, patience_s)

    def clear(self, hand: TaskHand) -> None:
        """Nothing of it is left here."""
