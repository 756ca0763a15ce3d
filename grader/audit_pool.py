"""Many cases of an audit at once: a few processes, each with a warm kernel that takes case after case."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from grader import children, labs
from grader.audit import Case, Trial
from grader.forks import fork_context
from grader.records import Settings
from grader.worker import one_line_of, stand_alone

POLL_S = 0.2
EXTRA_S = 240.0  # beside the time that a notebook may run, for the kernel's start and the checks

Done = Callable[[str, Trial], None]


@dataclass
class Desk:
    """A process with a warm kernel, and the case that it has now."""

    process: ForkServerProcess
    talk: connection.Connection
    scratch: Path
    case: Case | None = None
    deadline: float = 0.0


def run_cases(lab: str, cases: Sequence[Case], settings: Settings, jobs: int, done: Done) -> bool:
    """Run every case and tell ``done`` of each, by its name, as soon as it has ended.

    A case that hangs, or that ends its process, costs itself only.

    Args:
        lab: the lab's id.
        cases: what to run.
        settings: the same for all.
        jobs: how many processes, at least 1.
        done: is called in the caller's thread.

    Returns:
        Whether all were run; ``False`` where SIGINT, SIGTERM or SIGHUP stopped it before.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lg-", ignore_cleanup_errors=True) as scratch,
        children.stop_signals() as stop,
    ):
        settings = dataclasses.replace(settings, threads=1)  # there is a kernel for each core
        pool = _Pool(lab, settings, deque(cases), done, Path(scratch))
        try:
            while pool.waiting or pool.busy():
                if stop.is_set():
                    return False
                pool.hand_out(jobs)
                pool.look()
        finally:
            children.end(pool.desks)
    return True


@dataclass
class _Pool:
    lab: str
    settings: Settings
    waiting: deque[Case]
    done: Done
    scratch: Path
    desks: list[Desk] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        self.limit_s = labs.longest_notebook_s(self.settings) + EXTRA_S

    def busy(self) -> list[Desk]:
        """The desks that have a case."""
        return [desk for desk in self.desks if desk.case is not None]

    def hand_out(self, jobs: int) -> None:
        """Give every free desk a case, and open desks as long as there are fewer than ``jobs``."""
        while self.waiting:
            free = next((desk for desk in self.desks if desk.case is None), None)
            if free is None and len(self.desks) >= jobs:
                return
            desk = free or self._open()
            desk.case = self.waiting.popleft()
            desk.deadline = time.monotonic() + self.limit_s
            with suppress(OSError):  # it has ended; that is seen when it is looked at
                desk.talk.send(desk.case)

    def look(self) -> None:
        """Wait a moment for news, and take it in."""
        ends = [desk.process.sentinel for desk in self.desks]
        connection.wait([*ends, *(desk.talk for desk in self.desks)], timeout=POLL_S)
        for desk in self.busy():
            ended = not desk.process.is_alive()  # asked before reading, so that nothing said is missed
            trial = _heard(desk)
            if trial is None and ended:
                trial = Trial(problem="the process that judged it ended")
            elif trial is None and time.monotonic() > desk.deadline:
                trial, ended = Trial(problem="it did not come to an end in time"), True
            if trial is not None and desk.case is not None:
                self.done(desk.case.name, trial)
                desk.case = None
            if ended:
                self._close(desk)

    def _open(self) -> Desk:
        self.opened += 1
        scratch = self.scratch / str(self.opened)
        scratch.mkdir()
        context = fork_context()
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(self.lab, self.settings, scratch, there))
        process.start()
        there.close()
        desk = Desk(process, here, scratch)
        self.desks.append(desk)
        return desk

    def _close(self, desk: Desk) -> None:
        children.end([desk])
        desk.talk.close()
        shutil.rmtree(desk.scratch, ignore_errors=True)
        self.desks.remove(desk)


def _heard(desk: Desk) -> Trial | None:
    with suppress(EOFError, OSError):
        if desk.talk.poll():
            trial = desk.talk.recv()
            return trial if isinstance(trial, Trial) else None
    return None


def serve(lab: str, settings: Settings, scratch: Path, talk: connection.Connection) -> None:
    """Judge the cases that come through the pipe until it ends; runs in a process of its own."""
    from grader.warm import WarmKernel  # noqa: PLC0415 - only a child needs it

    stand_alone()
    tempfile.tempdir = str(scratch)
    kernel = WarmKernel(lab, settings)
    try:
        for case in _received(talk):
            try:
                trial = kernel.judge(case)
            except Exception as error:  # noqa: BLE001 - a fault of ours costs this case only
                trial = Trial(problem=one_line_of(error))
            talk.send(trial)
    finally:
        kernel.close()


def _received(talk: connection.Connection) -> Iterator[Case]:
    while True:
        try:
            yield talk.recv()
        except (EOFError, OSError):
            return
