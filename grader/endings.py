"""Why a cell or a whole kernel ended before its time, in words."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from pathlib import Path

from grader import limits as units
from grader.limits import Limits
from grader.records import ExecutionStatus
from grader.watchdog import Ending

CRASH_NAMES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL", "SIGSYS")
CRASHES = frozenset(getattr(signal, name) for name in CRASH_NAMES if hasattr(signal, name))


@dataclass(frozen=True)
class Loss:
    """What happened to a cell, as an exception's name, and in two parts of a sentence.

    ``what`` goes before "in cell 12", ``reason`` after it and a colon.
    """

    ename: str
    what: str
    reason: str
    status: ExecutionStatus

    @property
    def why(self) -> str:
        """Both parts, where the cell is named already."""
        return f"{self.what}: {self.reason}" if self.reason else self.what

    def sentence(self, cell: int) -> str:
        """The whole sentence."""
        start = f"{self.what[0].upper()}{self.what[1:]} in cell {cell}"
        return f"{start}: {self.reason}." if self.reason else f"{start}."


def read(place: Path) -> Ending | None:
    """What the watchdog wrote of how a sandbox ended; ``None`` where it could not."""
    try:
        return Ending(**json.loads(place.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def timeout(limit_s: float, limits: Limits, *, whole: bool, killed: bool) -> Loss:
    """A cell was stopped after ``limit_s``; ``whole`` where the notebook's time was used up."""
    ran = f"stopped after {units.seconds(round(limit_s, 1))}"
    reason = (
        f"all cells together may run {units.seconds(limits.notebook_s)}"
        if whole
        else "one cell may run no longer"
    )
    return Loss(
        "Timeout", ran, f"{reason}, and it did not react to the interrupt" if killed else reason, "timeout"
    )


def loss(ending: Ending | None, limits: Limits) -> Loss:
    """What a cell did that ended its kernel."""
    if ending is None:
        return Loss("Exited", "the Python process ended", "", "died")
    if ending.broken:
        return _broken(ending.broken, limits)
    if ending.signal in CRASHES:
        name = signal.Signals(ending.signal).name
        return Loss("Crashed", "the Python process crashed", f"signal {name}", "died")
    if ending.signal:
        return Loss("Killed", "the Python process was killed", f"signal {_name(ending.signal)}", "died")
    return Loss("Exited", "the Python process ended", f"exit status {ending.exit}", "died")


def _broken(limit: str, limits: Limits) -> Loss:
    if limit == "memory":
        most = f"a submission may use {units.mib(limits.memory_mib)}, Python and its libraries included"
        return Loss("OutOfMemory", "out of memory", most, "out_of_memory")
    if limit == "processes":
        most = f"a submission may have {limits.processes:,.0f} processes and threads"
        return Loss("TooManyProcesses", "stopped with too many processes", most, "died")
    if limit == "disk":
        most = f"a submission may write {units.mib(limits.disk_mib)}"
        return Loss("DiskFull", "stopped with its disk full", most, "died")
    return Loss("TooMuchOutput", "stopped", "it sent more than the grader can take in", "died")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
