"""The child processes of a batch, seen from the parent: started, ended, and swept up after."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType
from typing import Protocol

import psutil

from grader import scratch
from grader.forks import fork_context
from grader.worker import Job, Message, work

TERMINATE_S = 3.0
ECHO_S = 0.1  # a terminal and a program that started us may both pass on one Ctrl-C


class Group(Protocol):
    """A process that leads a group of its own, and the folder of its temporary files."""

    @property
    def process(self) -> ForkServerProcess:
        """The leader."""

    @property
    def scratch(self) -> Path:
        """Where the homes of its kernels lie."""


@dataclass(frozen=True)
class Child:
    """A process and the pipe on which it tells its news; ``started`` is in seconds of the monotonic clock."""

    job: Job
    process: ForkServerProcess
    events: connection.Connection
    started: float

    @property
    def scratch(self) -> Path:
        """The folder of its temporary files."""
        return self.job.scratch

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.is_alive()

    def overdue(self, limit_s: float) -> bool:
        """Whether it has run for longer than ``limit_s``."""
        return time.monotonic() > self.started + limit_s

    def news(self) -> Iterator[Message]:
        """What it has told since last asked."""
        while True:
            try:
                if not self.events.poll():
                    return
                message = self.events.recv()
            except (EOFError, OSError):  # it has ended, maybe in the middle of a word
                return
            yield message

    def how_it_ended(self) -> str:
        """A sentence for people about a process that ended without a report."""
        exitcode = self.process.exitcode
        if exitcode == -signal.SIGKILL:
            return "The grader's process was killed by the system, most often because the memory ran out."
        if exitcode is not None and exitcode < 0:
            return f"The grader's process was ended by {signal.Signals(-exitcode).name}."
        return f"The grader's process ended with status {exitcode} and no report."


class Processes:
    """The crew of this machine: each submission has a process of its own."""

    def places(self) -> int:
        """As many as the caller likes."""
        return sys.maxsize

    def launch(self, job: Job) -> Child:
        """Start a process; see ``launch``."""
        return launch(job)

    def wait(self, children: Sequence[Child], timeout_s: float) -> None:
        """Wait for news of a child, at most ``timeout_s``."""
        ends = [child.process.sentinel for child in children]
        connection.wait([*ends, *(child.events for child in children)], timeout=timeout_s)

    def end(self, children: Sequence[Child], patience_s: float) -> None:
        """End them, with all that they started."""
        end(children, patience_s)

    def clear(self, child: Child) -> None:
        """Forget one that has ended."""
        clear(child)


def launch(job: Job) -> Child:
    """Start a process for ``job``.

    Raises:
        OSError: the system gives no process, or no pipe.
        EOFError: the server that forks our children has ended.
    """
    context = fork_context()
    job.scratch.mkdir()
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(job, send))
    try:
        process.start()
    finally:
        send.close()
    return Child(job, process, receive, time.monotonic())


class Stop(threading.Event):
    """Set once somebody wants the run to stop; ``at_once`` where they have said so twice."""

    at_once = False
    asked_at = 0.0  # seconds of the monotonic clock


@contextmanager
def stop_signals() -> Iterator[Stop]:
    """An event that is set by the first signal to stop; outside the main thread nothing sets it.

    The second raises ``KeyboardInterrupt`` wherever the main thread is, and from then on none is heard.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(_signal: int, _frame: FrameType | None) -> None:
        if not stop.is_set():
            stop.asked_at = time.monotonic()
            stop.set()
        elif not stop.at_once and time.monotonic() - stop.asked_at > ECHO_S:
            stop.at_once = True
            raise KeyboardInterrupt

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(children: Sequence[Group], patience_s: float = TERMINATE_S) -> None:
    """End the children and all that they started: politely, then after ``patience_s`` for good.

    Whatever interrupts the waiting, they are killed.
    """
    try:
        if patience_s > 0:
            _ask_to_end(children, patience_s)
    finally:
        for child in children:
            _signal_group(child, signal.SIGKILL)
        for child in children:
            child.process.join(TERMINATE_S)
            _kill_strays(child.scratch)


def _ask_to_end(children: Sequence[Group], patience_s: float) -> None:
    for child in children:
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    for child in children:
        child.process.join(max(0.0, deadline - time.monotonic()))


def _signal_group(child: Group, number: signal.Signals) -> None:
    pid = child.process.pid
    if pid is None:
        return
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # it has ended, or not yet made its group
        if child.process.is_alive():
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _kill_strays(scratch: Path) -> None:
    """Kill what has left the group: a kernel has a session of its own, but its home is in ``scratch``."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("HOME", "").startswith(f"{scratch}{os.sep}"):
                process.kill()


def clear(child: Child) -> None:
    """Forget a process that has ended, and its temporary files."""
    child.events.close()
    child.process.join(0)
    scratch.remove(child.scratch)
