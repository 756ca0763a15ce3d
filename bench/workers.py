"""What a Ray cluster makes of more workers, and how much one machine can ask of it.

    .venv/bin/python -m bench.workers [--submissions 4] [--rounds 3] [--light 60]

The same short notebooks are graded by 1 and by 2 Ray workers of this machine in turn, round by round, so that
the ratio holds where the machine does other things at a steady pace; the load beside each row says whether
it did. Then light submissions, which have their report at once, show what a result costs the asking process,
in seconds of its own work. From these the cost of 10,000 submissions on 10, 100 and 1,000 cores is reckoned.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.scale import grade_at_once, make_class
from grader import batch, data, intake, sandbox
from grader.batch import Event, Finished
from grader.cluster import joining
from grader.cluster.crew import ClusterCrew
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


def measure(
    crew: ClusterCrew, some: Sequence[Submission], settings: Settings, grade: Grade, jobs: int
) -> Measured:
    """Grade some submissions, ``jobs`` at a time, and note each for a later run."""
    records = records_for(settings)
    before, started = psutil.Process().cpu_times(), time.monotonic()
    batch.grade_all(some, settings, jobs, require_graded, crew=crew, grade=grade, records=records)
    wall_s, after = time.monotonic() - started, psutil.Process().cpu_times()
    asking_s = after.user + after.system - before.user - before.system
    return Measured(len(some), wall_s, asking_s, os.getloadavg()[0])


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


def reckon(seconds: float, asking_s: float) -> None:
    """What a class of 10,000 costs where one submission takes a core so long; bounded by who asks."""
    print(f"\n{CLASS} submissions of {seconds:.1f} s each:")
    print(f"{'cores':>6}{'hours':>9}{'core-hours':>12}{'asking process busy':>22}")
    for cores in CORES:
        wall_s = max(CLASS * seconds / cores, CLASS * asking_s)
        print(f"{cores:6d}{wall_s / 3600:9.2f}{wall_s * cores / 3600:12.1f}{CLASS * asking_s / wall_s:21.0%}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--submissions", type=int, default=4, metavar="N", help="notebooks of a round")
    asked.add_argument("--rounds", type=int, default=3, metavar="N")
    asked.add_argument("--light", type=int, default=60, metavar="N", help="reports without notebooks")
    chosen = asked.parse_args()
    prepared, (name, _) = data.prepare_data(None), sandbox.choose("auto")
    with tempfile.TemporaryDirectory(prefix="labgrade-") as folder, cluster_of(2) as address:
        place = Path(folder)
        make_class(place / "class", max(chosen.submissions, chosen.light))
        found = intake.find_submissions(place / "class", place / "unpacked")
        settings = Settings(
            out=place / "out", visible=prepared.visible, hidden=prepared.hidden, data=prepared.label,
            lab="cnn", tasks=("1.1",), sandbox=name,
        )  # fmt: skip
        some, light = found[: chosen.submissions], found[: chosen.light]
        print(f"{'':<34}{'number':>6}{'s each':>9}{'asking ms':>12}{'load':>7}", flush=True)
        with joining.crew_of(address, settings) as crew:
            measure(crew, found[:2], settings, grade_one, 2)  # the workers start
            alone_s, both_s = [], []
            for _ in range(chosen.rounds):
                for jobs, times in ((1, alone_s), (2, both_s)):
                    one = measure(crew, some, settings, grade_one, jobs)
                    show(f"notebooks, {jobs} at a time", one)
                    times.append(one.each_s)
            few = measure(crew, light, settings, grade_at_once, 2)
            show("whole reports at once", few)
    ratio = sum(alone_s) / sum(both_s)
    memory = psutil.Process().memory_info().rss / 2**20
    print(f"\n2 workers do {ratio:.2f} times what 1 does; the asking process has {memory:.0f} MiB")
    for seconds in (min(alone_s), 20.0, 40.0):
        reckon(seconds, few.asking_s / few.submissions)


if __name__ == "__main__":
    main()
