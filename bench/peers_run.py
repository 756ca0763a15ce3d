"""Runs commands and measures them: seconds, processor time, and the memory of all their processes."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK_S = 0.1
TAIL = 3  # lines of a log that are shown


class Trouble(Exception):  # noqa: N818 - what ends the measurement, as one sentence
    """Something cannot be measured; the text says what and why."""


@dataclass(frozen=True)
class Measured:
    """One run: its seconds; of all its processes the processor's seconds and the largest memory in MiB.

    The latter two are 0 where nobody looked. Other work on the machine changes them little.
    """

    seconds: float
    cpu_s: float = 0.0
    peak_mib: float = 0.0


class Watch(threading.Thread):
    """Looks ten times a second at a process and all below it.

    Pages that processes share are counted once between them (PSS), where the system tells. Of the processor's
    time a process' last moment before its end is not seen. The system's own account leaves out what ends with
    its sandbox, which would flatter us.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.peak_bytes = 0
        self.cpu_s: dict[psutil.Process, float] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        """Look until told to end."""
        while not self.ended.wait(LOOK_S):
            with contextlib.suppress(psutil.Error):
                tree = [self.root, *self.root.children(recursive=True)]
                self.peak_bytes = max(self.peak_bytes, sum(map(_memory, tree)))
                for process in tree:
                    with contextlib.suppress(psutil.Error):
                        used = process.cpu_times()
                        self.cpu_s[process] = used.user + used.system


def _memory(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        return int(process.memory_full_info().pss)
    with contextlib.suppress(psutil.Error, OSError):
        return int(process.memory_info().rss)
    return 0


def measure(
    commands: Sequence[Sequence[str]], folder: Path, variables: Mapping[str, str], *, look: bool
) -> Measured:
    """Run the commands one after the other in ``folder``; ``variables`` are their environment.

    Raises:
        Trouble: one of them ended with another exit status than 0.
    """
    runs = [_run(command, folder, variables, look=look) for command in commands]
    return Measured(
        sum(run.seconds for run in runs), sum(run.cpu_s for run in runs), max(run.peak_mib for run in runs)
    )


def _run(command: Sequence[str], folder: Path, variables: Mapping[str, str], *, look: bool) -> Measured:
    log, started = folder / "log.txt", time.perf_counter()
    with log.open("w") as output, subprocess.Popen(
        [*command], cwd=folder, env={**variables},
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        watch = Watch(process.pid)
        if look:
            watch.start()
        status = process.wait()
        seconds = time.perf_counter() - started
        watch.ended.set()
    if status != 0:
        last = " / ".join(log.read_text("utf-8", "replace").strip().splitlines()[-TAIL:])
        raise Trouble(f"{Path(command[0]).name} {command[1]} ended with status {status}: {last}")
    return Measured(seconds, sum(watch.cpu_s.values()), watch.peak_bytes / 2**20)
