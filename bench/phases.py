"""Where the time goes: grades a folder and prints seconds by phase, memory, and networks judged per second.

    .venv/bin/python bench/phases.py [FOLDER] [--jobs N] [--data DIR]

The table has a row per submission. "other" is what the phases leave of a submission's time: its
process starts, its pages are written. The last line is task 4.1's architecture check alone, on the
reference network in a warm kernel: how many different configurations it judged, and how fast.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.cnn import network
from grader import batch, data, intake, sandbox
from grader.batch import Event, Finished
from grader.records import Report, Settings
from tests.live import LiveKernel

ROOT = Path(__file__).resolve().parents[1]
PHASES = ("reading", "kernel start", "notebook", "checks")
COLUMNS = (*PHASES, "other", "all")


@dataclass(frozen=True)
class Row:
    """One submission: seconds by column, and the sandbox's largest resident memory in MiB."""

    student: str
    status: str
    seconds: dict[str, float]
    peak_mib: float


@dataclass
class Rows:
    """Listens to a batch and keeps a row of each submission that is done."""

    rows: list[Row] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Finished):
            self.rows.append(row_of(event.report, event.seconds))


def row_of(report: Report, whole_s: float) -> Row:
    seconds: defaultdict[str, float] = defaultdict(float)
    for phase in report.phases:  # a notebook that is run again has some of them twice
        seconds[phase.name] += phase.seconds
    known = {name: seconds[name] for name in PHASES}
    other = max(0.0, whole_s - sum(known.values()))
    return Row(report.student, report.status, {**known, "other": other, "all": whole_s}, report.peak_mib)


def grade(folder: Path, settings: Settings, jobs: int | None) -> tuple[list[Row], float]:
    """A row per submission, in the order in which they were done, and the seconds of the whole run."""
    listen = Rows()
    with tempfile.TemporaryDirectory(prefix="labgrade-") as unpacked:
        submissions = intake.find_submissions(folder, Path(unpacked))
        started = time.perf_counter()
        batch.grade_all(submissions, settings, jobs or batch.default_jobs(len(submissions)), listen)
    return listen.rows, time.perf_counter() - started


def print_table(rows: Sequence[Row], wall_s: float) -> None:
    width = max(len(name) for name in ["submission", *(row.student for row in rows)])
    print(
        f"{'submission':{width}}  {'status':10}" + "".join(f"{name:>13}" for name in COLUMNS) + f"{'MiB':>7}"
    )
    for row in rows:
        cells = "".join(f"{row.seconds[name]:11.2f} s" for name in COLUMNS)
        print(f"{row.student:{width}}  {row.status:10}{cells}{row.peak_mib:7.0f}")
    total = {name: sum(row.seconds[name] for row in rows) for name in COLUMNS}
    shares = "".join(f"{total[name] / (total['all'] or 1):12.0%} " for name in COLUMNS)
    print(f"{'share':{width}}  {'':10}{shares}{max((row.peak_mib for row in rows), default=0):7.0f}")
    print(f"\n{len(rows)} submissions in {wall_s:.1f} s, {wall_s / (len(rows) or 1):.1f} s each")


def networks(visible: Path) -> tuple[int, float]:
    """How many configurations of 4.1 the check of the layers judged, and in how many seconds."""
    kernel = LiveKernel(visible)
    try:
        student = kernel.run((ROOT / "reference/cnn/network.py").read_text("utf-8"))
        network.callable.run(student)  # TensorFlow's first model takes seconds
        put, described = student.put, Counter[str]()

        def counted(op: str, arguments: dict[str, Any], arrays: tuple[Any, ...]) -> Any:
            described[op] += 1
            return put(op, arguments, arrays)

        student.put = counted
        started = time.perf_counter()
        network.architecture.run(student)
        return described["describe"], time.perf_counter() - started
    finally:
        kernel.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "submissions/demo", metavar="FOLDER")
    parser.add_argument("--jobs", type=int, metavar="N", help="submissions at a time (default: as fit here)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with cifar10.npz and ascent.dat")
    options = parser.parse_args()
    prepared = data.prepare_data(options.data)
    name, warning = sandbox.choose("auto")
    print(f"data: {prepared.label}; sandbox: {name}{f' ({warning})' if warning else ''}\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="labgrade-") as out:
        settings = Settings(out=Path(out), visible=prepared.visible, data=prepared.label, sandbox=name)
        print_table(*grade(options.folder, settings, options.jobs))
    count, seconds = networks(prepared.visible)
    print(
        f"4.1: {count} different configurations judged in {seconds:.1f} s, {count / seconds:.1f} per second"
    )


if __name__ == "__main__":
    main()
