"""What a Ray cluster makes of more workers, and how much one machine can ask of it.

    .venv/bin/python -m bench.workers [--submissions 8] [--light 300]

One class is graded on 1 and on 2 Ray nodes of this machine, each with one core to itself, in turn within one
run, so that the ratio holds whatever else the machine does. Then light submissions, which have their report
at once, show what a submission costs beside the student's code: the node's own work, the way there and
back, and how many per second the asking process can take in at most. From these the cost of 10,000
submissions on 10, 100 and 1,000 cores is reckoned.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.scale import grade_at_once, make_class
from grader import batch, data, intake, sandbox
from grader.batch import Event, Finished
from grader.cluster import joining
from grader.records import Settings, Submission
from grader.resume import records_for
from grader.worker import Grade, grade_one

NODE = {"num_cpus": 1, "memory": 3 * 2**30, "object_store_memory": 100 * 2**20}
CLASS = 10_000
CORES = (10, 100, 1000)


@dataclass(frozen=True)
class Measured:
    """A class that was graded: seconds from start to end, and those of the asking process's own work."""

    submissions: int
    wall_s: float
    asking_s: float
    load: float

    @property
    def each_s(self) -> float:
        """Seconds per submission."""
        return self.wall_s / self.submissions


@contextmanager
def cluster_of(nodes: int) -> Iterator[str]:
    """The address of a cluster of so many nodes on this machine, beside a head that grades nothing."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415 - an extra

    head = {**NODE, "num_cpus": 0, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(nodes):
            cluster.add_node(**NODE, wait=False)
        cluster.wait_for_nodes()
        yield cluster.address
    finally:
        cluster.shutdown()


def measure(address: str, submissions: tuple[Submission, ...], settings: Settings, grade: Grade) -> Measured:
    """Grade a class on a cluster whose workers have started: the first two submissions are not counted."""
    records = records_for(settings)
    with joining.crew_of(address, settings) as crew:

        def run(some: tuple[Submission, ...], listen: Callable[[Event], None]) -> None:
            batch.grade_all(some, settings, 99, listen, crew=crew, grade=grade, records=records)

        run(submissions[:2], lambda _: None)
        before, started = psutil.Process().cpu_times(), time.monotonic()
        run(submissions[2:], require_graded)
        wall_s, after = time.monotonic() - started, psutil.Process().cpu_times()
    asking_s = after.user + after.system - before.user - before.system
    return Measured(len(submissions) - 2, wall_s, asking_s, os.getloadavg()[0])


def require_graded(event: Event) -> None:
    """A figure of a class that failed would mean nothing."""
    if isinstance(event, Finished) and event.report.status != "graded":
        raise RuntimeError(event.report.problem)


def show(name: str, one: Measured) -> None:
    print(
        f"{name:<34}{one.submissions:6d}{one.each_s:9.3f}{1000 * one.asking_s / one.submissions:12.1f}"
        f"{one.load:7.1f}",
        flush=True,
    )


def reckon(seconds: float, asking_s: float, ratio: float) -> None:
    """What a class of 10,000 costs where one submission takes a core so long; bounded by who asks."""
    print(f"\n{CLASS} submissions of {seconds:.0f} s each:")
    print(f"{'cores':>6}{'hours':>9}{'core-hours':>12}{'asked of one process':>22}")
    for cores in CORES:
        by_cores = CLASS * seconds / (cores * min(1.0, ratio / 2))
        wall_s = max(by_cores, CLASS * asking_s)
        print(f"{cores:6d}{wall_s / 3600:9.2f}{wall_s * cores / 3600:12.1f}{CLASS * asking_s / wall_s:21.0%}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--submissions", type=int, default=8, metavar="N", help="notebooks that are run")
    asked.add_argument("--light", type=int, default=300, metavar="N", help="reports without notebooks")
    chosen = asked.parse_args()
    prepared, (name, _) = data.prepare_data(None), sandbox.choose("auto")
    with tempfile.TemporaryDirectory(prefix="labgrade-") as folder:
        place = Path(folder)
        make_class(place / "class", max(chosen.submissions, chosen.light) + 2)
        found = intake.find_submissions(place / "class", place / "unpacked")
        settings: Any = {"visible": prepared.visible, "hidden": prepared.hidden, "data": prepared.label}
        settings |= {"sandbox": name, "lab": "cnn", "tasks": ("1.1",)}
        print(f"{'':<34}{'number':>6}{'s each':>9}{'asking ms':>12}{'load':>7}")
        some, light = found[: chosen.submissions + 2], found[: chosen.light + 2]
        with cluster_of(1) as address:
            one = measure(address, some, Settings(out=place / "one", **settings), grade_one)
            show("notebooks, 1 worker", one)
        with cluster_of(2) as address:
            two = measure(address, some, Settings(out=place / "two", **settings), grade_one)
            show("notebooks, 2 workers", two)
            few = measure(address, light, Settings(out=place / "light", **settings), grade_at_once)
            show("whole reports at once, 2 workers", few)
    ratio = one.each_s / two.each_s
    print(f"\n2 workers do {ratio:.2f} times what 1 does")
    for seconds in (one.each_s, 20.0, 40.0):
        reckon(seconds, few.asking_s / few.submissions, ratio)


if __name__ == "__main__":
    main()
