"""A control group (cgroup v2) for one sandbox, where this machine lets us make one.

Belongs to the watchdog, which must start at once: nothing but the standard library.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NAME = "labgrade-"
NEEDED = frozenset({"memory", "pids"})
REMOVE_S = 5.0


@dataclass(frozen=True)
class Group:
    """A group that holds one sandbox and its limits; the kernel keeps them."""

    path: Path

    def join(self) -> None:
        """Put the calling process into the group.

        Raises:
            OSError: it cannot be moved there.
        """
        (self.path / "cgroup.procs").write_text("0")

    def broken(self) -> str:
        """The limit that was met: ``memory``, ``processes``, or ``""``."""
        if _count(self.path / "memory.events", "oom_kill"):
            return "memory"
        return "processes" if _count(self.path / "pids.events", "max") else ""

    def kill(self) -> None:
        """Kill everything in the group at once, where the system knows how (Linux 5.14)."""
        with suppress(OSError):
            (self.path / "cgroup.kill").write_text("1")

    def remove(self) -> None:
        """Kill what is left, and remove the group."""
        deadline = time.monotonic() + REMOVE_S
        while time.monotonic() < deadline:
            self.kill()
            try:
                self.path.rmdir()
            except FileNotFoundError:
                return
            except OSError:  # what was killed takes a moment to go
                time.sleep(0.01)
            else:
                return


def make(
    memory_bytes: int, processes: int, *, proc: Path = Path("/proc"), pid: int | None = None
) -> Group | None:
    """A new group with these limits, or ``None`` where none can be had.

    It is made beside the groups above our own: our own holds us, and a group that holds processes
    cannot hand its controllers on.
    """
    for parent in _parents(proc):
        if NEEDED - set(_text(parent / "cgroup.subtree_control").split()):
            continue
        _sweep(parent, proc)
        group = Group(parent / f"{NAME}{pid or os.getpid()}")
        try:
            group.path.mkdir()
        except OSError:
            continue
        try:
            _limit(group.path, memory_bytes, processes)
        except OSError:
            group.remove()
            continue
        return group
    return None


def _limit(path: Path, memory_bytes: int, processes: int) -> None:
    (path / "memory.max").write_text(str(memory_bytes))
    (path / "pids.max").write_text(str(processes))
    with suppress(OSError):  # a kernel without swap has no such file
        (path / "memory.swap.max").write_text("0")
    with suppress(OSError):  # Linux 4.19
        (path / "memory.oom.group").write_text("1")


def _parents(proc: Path) -> list[Path]:
    """The groups above our own, the nearest first, as folders."""
    own = next((line[3:] for line in _text(proc / "self/cgroup").splitlines() if line.startswith("0::/")), "")
    mount = _mount(proc)
    if not own or mount is None or ".." in own.split("/"):
        return []
    path = mount / own.lstrip("/")
    above = [path, *path.parents]
    return [folder for folder in above if folder.is_relative_to(mount)]


def _mount(proc: Path) -> Path | None:
    """Where the whole cgroup v2 hierarchy that we see is mounted."""
    for line in _text(proc / "self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if after.startswith("cgroup2 ") and fields[3] == "/":
            return Path(fields[4])
    return None


def _sweep(parent: Path, proc: Path) -> None:
    """Remove the empty groups that runs left behind which were killed."""
    with suppress(OSError):
        for path in parent.glob(f"{NAME}*"):
            pid = path.name.removeprefix(NAME)
            if pid.isdigit() and not (proc / pid).exists():
                with suppress(OSError):
                    path.rmdir()


def _count(place: Path, name: str) -> int:
    """A counter of a file with lines such as ``oom_kill 2``."""
    for line in _text(place).splitlines():
        key, _, number = line.partition(" ")
        if key == name and number.isdigit():
            return int(number)
    return 0


def _text(place: Path) -> str:
    try:
        return place.read_text("ascii")
    except (OSError, ValueError):
        return ""
