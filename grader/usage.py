"""What a tree of processes uses, read from /proc and the folders it writes to (Linux).

Belongs to the watchdog, which must start at once: nothing but the standard library.
"""
# Called for thousands of files a second, where a Path costs more than the call.
# ruff: noqa: PTH110, PTH116, PTH123, PTH208

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

KIB = 1024
BLOCK = 4096  # the least that a file or folder costs, so that empty ones count too
INODE = 1024  # of kernel memory for each file of a tmpfs
TMPFS = ("/tmp", "/dev/shm")  # noqa: S108 - the sandbox's own


@dataclass(frozen=True)
class Written:
    """What lies in some folders. ``hidden`` where a part of them cannot be looked at."""

    total_bytes: int
    hidden: bool


@dataclass(frozen=True)
class Tree:
    """A process and all that descend from it, parents first, with the number of all their threads."""

    pids: tuple[int, ...]
    threads: int


def tree(root: int, most: int | None = None) -> Tree:
    """The process and all below it; those that end meanwhile are left out.

    Args:
        root: the process.
        most: with more threads than that, the rest is not looked at.
    """
    found, threads = [root], 0
    for pid in found:  # grows as it goes
        for thread in _names(f"/proc/{pid}/task"):
            threads += 1
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
        if most is not None and threads > most:
            break
    return Tree(tuple(found), threads)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def most_memory(pids: Sequence[int]) -> int:
    """The most that these processes can hold of memory that cannot be given back, in bytes.

    Counted are anonymous and shared memory, swapped out or not, and page tables; files that are only
    mapped can be read again. Pages that several processes share are counted for each.
    """
    names = ("RssAnon", "RssShmem", "VmSwap", "VmPTE")
    states = [_fields(f"/proc/{pid}/status") for pid in pids]
    return sum(state.get(name, 0) * KIB for state in states for name in names)


def memory(pids: Sequence[int], extra_bytes: int) -> int:
    """What these processes hold, with shared pages counted once, in bytes.

    Takes long where the processes are many, and waits for those that are just changing their memory.

    Args:
        pids: the processes.
        extra_bytes: what a tmpfs holds, some of which may be among their shared pages.
    """
    shares = [_fields(f"/proc/{pid}/smaps_rollup") for pid in pids]
    own = sum(share.get(name, 0) * KIB for share in shares for name in ("Pss_Anon", "SwapPss"))
    tables = sum(_fields(f"/proc/{pid}/status").get("VmPTE", 0) * KIB for pid in pids)
    shared = sum(share.get("Pss_Shmem", 0) * KIB for share in shares)
    return own + tables + max(shared, extra_bytes)


def available_share() -> float:
    """The part of this machine's memory that is free or can be made free, from 0 to 1."""
    state = _fields("/proc/meminfo")
    return state.get("MemAvailable", 1) / max(1, state.get("MemTotal", 1))


def anonymous_bytes(pid: int) -> int:
    """The memory of one process that is its own; 0 where it is gone."""
    return _fields(f"/proc/{pid}/status").get("RssAnon", 0) * KIB


def in_tmpfs(pid: int) -> int:
    """The bytes in the tmpfs that a sandboxed process sees; 0 where they are this machine's own."""
    return sum(_tmpfs_bytes(f"/proc/{pid}/root{place}", place) for place in TMPFS)


def _tmpfs_bytes(inside: str, outside: str) -> int:
    try:
        if os.path.exists(outside) and os.stat(inside).st_dev == os.stat(outside).st_dev:
            return 0
        state = os.statvfs(inside)
    except OSError:
        return 0
    return (state.f_blocks - state.f_bfree) * state.f_frsize + (state.f_files - state.f_ffree) * INODE


def written(folders: Sequence[str], pids: Sequence[int], limit_bytes: int) -> Written:
    """What lies in the folders, and in deleted files that the processes still hold open.

    Stops counting once it is over the limit.
    """
    total, hidden, waiting = 0, False, list(folders)
    while waiting and total <= limit_bytes:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    total += max(BLOCK, entry.stat(follow_symlinks=False).st_blocks * 512)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    if total > limit_bytes:
                        break
        except FileNotFoundError:
            continue
        except OSError:  # no right to look, or a path that is too long
            hidden = True
    return Written(total + sum(_deleted(pids)), hidden)


def free_bytes(folder: str) -> int:
    """The free space of the file system that holds a folder."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def _deleted(pids: Sequence[int]) -> Iterator[int]:
    """The sizes of open files that have no name any more, each once."""
    seen: set[tuple[int, int]] = set()
    for pid in pids:
        for name in _names(f"/proc/{pid}/fd"):
            try:
                state = os.stat(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if state.st_nlink == 0 and state.st_blocks and (state.st_dev, state.st_ino) not in seen:
                seen.add((state.st_dev, state.st_ino))
                yield state.st_blocks * 512


def _fields(place: str) -> dict[str, int]:
    """The whole numbers of a file of /proc such as ``VmPTE:  52 kB``, by name; none where it is gone."""
    found: dict[str, int] = {}
    for line in _read(place).splitlines():
        name, _, rest = line.partition(":")
        number = rest.split(maxsplit=1)[:1]
        if number and number[0].isdigit():
            found[name] = int(number[0])
    return found


def _read(place: str) -> str:
    try:
        with open(place, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
