"""The process between the grader and a sandbox: it starts it, keeps its limits, and ends all of it.

``python -I -S -c BOOTSTRAP ORDER COMMAND…``, where ORDER is a file with an ``Order`` in JSON. A process
of its own, since a thread would wait for the grader's work just when it is needed. It holds a sandbox
even where its code ignores every signal, forks, and leaves its session. Where a control group can be
had, the kernel keeps the limits on memory and processes; a watch, some times a second, keeps them
elsewhere, and that on the disk. At the end it writes why the sandbox ended, as an ``Ending`` in JSON.

It must start at once: nothing but the standard library, and two modules of ours that need no more.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from grader import cgroup, usage

LOOK_S = 0.2
CLOSER_S, CLOSER_LATE_S = 0.2, 3.0
SCARCE = 0.1  # of this machine's memory
DISK_S = 1.0
IDLE_SHARE = 8  # of the time that looking takes, for everybody else
KILL_S = 10.0
GRADER_BYTES = 3 * 2**30  # what the grader's own memory may grow by while the sandbox sends it data
NICE = 10  # that the sandbox stands behind the watchdog, where that has no priority of its own
FILTER_FD = 9  # where bubblewrap finds the system-call filter
OWN_THREADS = 2
OPEN_FILES = 4096
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
BOOTSTRAP = "import sys; sys.path.insert(0, {root!r}); from grader.watchdog import main; main()"
AWAITED_NAMES = ("SIGCHLD", "SIGTERM", "SIGINT", "SIGHUP")
AWAITED = {getattr(signal, name) for name in AWAITED_NAMES if hasattr(signal, name)}


def works_here() -> bool:
    """Whether this system has what the watchdog is made of; a student's own machine may be of any kind."""
    return sys.platform == "linux" and hasattr(os, "fork") and hasattr(signal, "sigtimedwait")


@dataclass(frozen=True)
class Order:
    """What one sandbox may use, in bytes. ``folders`` are those it writes to.

    ``grader`` is the process id of the grader, ``filter`` the file with the system-call filter, or "", and
    ``ending`` the file to write.
    """

    memory_bytes: int
    processes: int
    disk_bytes: int
    folders: tuple[str, ...]
    grader: int
    ending: str
    filter: str = ""
    sandboxed: bool = True


@dataclass(frozen=True)
class Ending:
    """Why a sandbox ended.

    ``broken`` is the limit it met: ``memory``, ``processes``, ``disk``, ``messages`` (more than the
    grader can take in), or ``""``. ``ordered`` where the grader wanted it to end. ``exit`` is its exit
    status, ``signal`` what killed it, 0 for none.
    """

    broken: str = ""
    ordered: bool = False
    exit: int = 0
    signal: int = 0
    peak_mib: float = 0.0
    kept_by: str = "watch"  # or "cgroup"


class Closer(threading.Thread):
    """A closer look at the memory of some processes."""

    def __init__(self, pids: Sequence[int], in_tmpfs: int) -> None:
        super().__init__(daemon=True)
        self.pids = pids
        self.in_tmpfs = in_tmpfs
        self.used: int | None = None
        self.deadline = time.monotonic() + CLOSER_LATE_S
        self.start()

    def run(self) -> None:
        """Measure."""
        self.used = usage.memory(self.pids, self.in_tmpfs)

    def late(self) -> bool:
        """Whether it takes so long that this machine's own memory has to tell."""
        return time.monotonic() > self.deadline

    def result(self) -> int | None:
        """The bytes, or ``None`` where it is not done within a moment."""
        self.join(CLOSER_S)
        return self.used


class Watch:
    """Looks at a sandbox now and then; ``broken`` names the limit that it met, once it did."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.grader_bytes = usage.anonymous_bytes(order.grader)
        self.peak_bytes = 0
        self.closer: Closer | None = None
        self.next_disk = time.monotonic() + DISK_S
        self.free_bytes = self.free_at_start = usage.free_bytes(order.folders[0])
        self.disk_bytes = 0

    def look(self) -> str:
        """The limit that is broken now, or ``""``."""
        order = self.order
        # All below us, since what left its session and its parent is not below the child any more.
        found = usage.tree(os.getpid(), order.processes + OWN_THREADS)
        if found.threads > order.processes + OWN_THREADS:  # first: to look at them all would take longest
            return "processes"
        pids = found.pids[1:]
        in_tmpfs = usage.in_tmpfs(pids[1]) if order.sandboxed and len(pids) > 1 else 0
        if self._too_much_memory(pids, in_tmpfs):
            return "memory"
        if usage.anonymous_bytes(order.grader) - self.grader_bytes > GRADER_BYTES:
            return "messages"
        return "disk" if self._disk_due() and self._too_much_written(pids, in_tmpfs) else ""

    def _too_much_memory(self, pids: Sequence[int], in_tmpfs: int) -> bool:
        """Whether the limit is broken; shared pages are told apart by a thread, which may have to wait."""
        limit = self.order.memory_bytes
        most = in_tmpfs + usage.most_memory(pids)
        if most <= limit:
            self.peak_bytes = max(self.peak_bytes, most)
            return False
        if self.closer is None:
            self.closer = Closer(pids, in_tmpfs)
        used = self.closer.result()
        if used is None:  # among hundreds of processes that fork, it may wait for long
            return self.closer.late() and usage.available_share() < SCARCE
        self.closer = None
        self.peak_bytes = max(self.peak_bytes, used)
        return used > limit

    def _disk_due(self) -> bool:
        left = self.order.disk_bytes - self.disk_bytes
        with suppress(OSError):
            if self.free_bytes - usage.free_bytes(self.order.folders[0]) > left:
                return True
        return time.monotonic() >= self.next_disk

    def _too_much_written(self, pids: Sequence[int], in_tmpfs: int) -> bool:
        started = time.monotonic()
        found = usage.written(self.order.folders, pids, self.order.disk_bytes)
        self.disk_bytes = found.total_bytes + in_tmpfs
        with suppress(OSError):
            self.free_bytes = usage.free_bytes(self.order.folders[0])
        now = time.monotonic()
        self.next_disk = now + max(DISK_S, IDLE_SHARE * (now - started))
        vanished = self.free_at_start - self.free_bytes > self.order.disk_bytes
        return self.disk_bytes > self.order.disk_bytes or (found.hidden and vanished)


def main() -> None:
    """Carry out the order that the command line names, and end when the sandbox has."""
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    order = Order(**json.loads(Path(sys.argv[1]).read_text("utf-8")))
    _bind_lives()
    group = cgroup.make(order.memory_bytes, order.processes)
    try:
        try:
            child = start(order, sys.argv[2:], group)
        except (OSError, subprocess.SubprocessError):  # we may make a group here, and not move into it
            if group is None:
                raise
            group.remove()
            group = None
            child = start(order, sys.argv[2:], group)
        ending = _guard(Watch(order), child, group)
    finally:
        end(group)
    draft = Path(f"{order.ending}.tmp")
    draft.write_text(json.dumps(asdict(ending)), "utf-8")
    draft.replace(order.ending)


def _bind_lives() -> None:
    """End with the grader, and become the parent of whatever the sandbox leaves without one."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    with suppress(OSError):  # to be heard among thousands of processes; for root only
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def start(order: Order, command: Sequence[str], group: cgroup.Group | None) -> subprocess.Popen[bytes]:
    """Start the sandbox with the limits that a process can carry itself."""
    import resource  # noqa: PLC0415 - not on Windows, which imports this module too

    behind = 0 if os.sched_getscheduler(0) & os.SCHED_RR else NICE
    filters: tuple[int, ...] = ()
    if order.filter:
        opened = os.open(order.filter, os.O_RDONLY)
        os.dup2(opened, FILTER_FD, inheritable=True)
        filters = (FILTER_FD,)

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
        os.nice(behind)
        for name, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, order.disk_bytes),
            (resource.RLIMIT_NOFILE, OPEN_FILES),
            (resource.RLIMIT_MSGQUEUE, 0),
        ):
            hard = resource.getrlimit(name)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)  # noqa: PLW2901 - at most what we may
            resource.setrlimit(name, (most, most))
        if group is not None:
            group.join()

    return subprocess.Popen(
        command,
        preexec_fn=prepare,  # noqa: PLW1509 - there is but one thread
        pass_fds=filters,
        stdin=subprocess.DEVNULL,
    )


def _guard(watch: Watch, child: subprocess.Popen[bytes], group: cgroup.Group | None) -> Ending:
    """Watch until the sandbox has ended, by itself or because it must."""
    broken, ordered, pause = "", False, LOOK_S
    next_look = time.monotonic()
    while (status := _reap(child.pid)) is None:
        heard = signal.sigtimedwait(AWAITED, pause)
        ordered = os.getppid() != watch.order.grader or (
            heard is not None and heard.si_signo != signal.SIGCHLD
        )
        started = time.monotonic()
        if not ordered and started >= next_look:
            broken = (group.broken() if group else "") or watch.look()
            pause = max(LOOK_S, IDLE_SHARE * (time.monotonic() - started))
            next_look = started + pause
        if broken or ordered:
            status = kill(child.pid, group)
            break
    broken = broken or (group.broken() if group and not ordered else "")
    code = os.waitstatus_to_exitcode(status)
    killed_by = -code if code < 0 else code - 128 if watch.order.sandboxed and code > 128 else 0
    return Ending(
        broken, ordered, max(0, code), killed_by, round(watch.peak_bytes / 2**20, 1),
        "cgroup" if group else "watch",
    )  # fmt: skip


def kill(root: int, group: cgroup.Group | None) -> int:
    """Kill a process and all that descend from it, and return its wait status."""
    deadline = time.monotonic() + KILL_S
    while time.monotonic() < deadline:
        if group is not None:
            group.kill()
        for pid in usage.tree(root).pids:  # the second is the sandbox's first: all end with it
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        status = _reap(root)
        if status is not None:
            return status
        time.sleep(0.02)
    return signal.SIGKILL


def end(group: cgroup.Group | None) -> None:
    """Kill and bury whatever is left below us."""
    deadline = time.monotonic() + KILL_S
    while time.monotonic() < deadline:
        left = usage.tree(os.getpid()).pids[1:]
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        _reap(0)
        if not left:
            break
        time.sleep(0.02)
    if group is not None:
        group.remove()


def _reap(child: int) -> int | None:
    """Bury every process below us that has ended; the wait status of ``child`` if it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = status
