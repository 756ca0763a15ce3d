"""Runs commands and measures them: seconds, and the memory of all their processes."""

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
    """One run: its seconds, and its largest memory in MiB, 0 where nobody looked."""

    seconds: float
    peak_mib: float


class Watch(threading.Thread):
    """Looks ten times a second at the memory of a process and all below it.

    Pages that processes share are counted once between them (PSS), where the system tells.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.peak_bytes = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """Look until told to end."""
        while not self.ended.wait(LOOK_S):
            with contextlib.suppress(psutil.Error):
                tree = [self.root, *self.root.children(recursive=True)]
                self.peak_bytes = max(self.peak_bytes, sum(map(_memory, tree)))


def _memory(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        return int(process.memory_full_info().pss)
    with contextlib.suppress(psutil.Error, OSError):
        return int(process.memory_info().rss)
    return 0


def measure(
    commands: Sequence[Sequence[str]], folder: Path, variables: Mapping[str, str], *, memory: bool
) -> Measured:
    """Run the commands one after the other in ``folder``; ``variables`` are their environment.

    Raises:
        Trouble: one of them ended with another exit status than 0.
    """
    started, peak = time.perf_counter(), 0
    for command in commands:
        log = folder / "log.txt"
        with log.open("w") as output, subprocess.Popen(
            [*command], cwd=folder, env={**variables},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            watch = Watch(process.pid)
            if memory:
                watch.start()
            status = process.wait()
            watch.ended.set()
        peak = max(peak, watch.peak_bytes)
        if status != 0:
            last = " / ".join(log.read_text("utf-8", "replace").strip().splitlines()[-TAIL:])
            raise Trouble(f"{Path(command[0]).name} {command[1]} ended with status {status}: {last}")
    return Measured(time.perf_counter() - started, peak / 2**20)
