"""The same class graded by labgrade, nbgrader and otter-grader, in turn within one session.

    .venv/bin/python -m bench.peers [--short N] [--whole N] [--rounds N] [--environments DIR] [--data DIR]

The first class hands in part 1 of lab ``cnn`` alone, a short notebook with three tests; one hand-in of three
is wrong. The second hands in the whole lab. Each of the other graders is installed into an environment
of its own (below --environments, or a temporary folder), with the libraries that labgrade has for notebooks.
Before anything is measured, each must run every cell and give all hand-ins the scores that are known.

The table has the median seconds per submission of all rounds, the least and the most; and from a round of its
own the seconds of the processor per submission and the largest memory, both of all processes together. The
whole lab is graded by labgrade alone, unless --full lets nbgrader run one such notebook to its end, which
takes ten minutes or more; or --full-seconds gives what that has taken on this machine.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers_class import Work, short_class, whole_class
from bench.peers_install import SHARED, environment, requirements, surroundings
from bench.peers_run import Measured, Trouble, measure
from bench.peers_tools import Tool, fresh, labgrade, nbclient, nbgrader, otter, wrong_verdicts
from grader import data

SHORT_GOAL, WHOLE_GOAL = 3.0, 25.0  # times the other grader's throughput
WIDTH = 36


@dataclass
class Row:
    """One way to grade a class: seconds per submission of each round; of all processes time and memory."""

    name: str
    seconds: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    peak_mib: float = 0.0

    @property
    def median(self) -> float:
        """Of the rounds."""
        return statistics.median(self.seconds)

    def line(self) -> str:
        """As it stands in the table."""
        spread = f"{min(self.seconds):.2f} – {max(self.seconds):.2f}"
        used = f"{self.cpu_s:10.2f} s{self.peak_mib:10.0f} MiB"
        return f"{self.name:{WIDTH}}{self.median:9.2f} s{spread:>17}{used}"


@dataclass(frozen=True)
class Goal:
    """How many times as many submissions ``ours`` must grade as ``theirs`` in the same time."""

    what: str
    ours: float
    theirs: float
    wanted: float

    @property
    def ratio(self) -> float:
        """Theirs in seconds per submission by ours."""
        return self.theirs / self.ours

    def line(self) -> str:
        """As it stands in the table."""
        verdict = "reached" if self.ratio >= self.wanted else "not reached"
        return f"{self.what:{WIDTH + 22}}{self.ratio:7.1f} ×   wanted {self.wanted:g} ×, {verdict}"


def in_turn(tools: Sequence[Tool], works: Sequence[Work], rounds: int, folder: Path) -> list[Row]:
    """The rows of all tools: a round to see that each is right, the rounds that count, one for the memory.

    Raises:
        Trouble: a tool fails, runs no cell, or gives a wrong score.
    """
    rows = [Row(tool.name) for tool in tools]
    for number in range(rounds + 2):
        look = number == rounds + 1
        for tool, row in zip(tools, rows, strict=True):
            found = _one_run(tool, works, fresh(folder / "run"), look=look)
            if look:
                row.cpu_s, row.peak_mib = found.cpu_s / len(works), found.peak_mib
            elif number > 0:  # the first has filled the caches of files and fonts
                row.seconds.append(found.seconds / len(works))
            kind = "memory" if look else f"round {number} of {rounds}" if number else "scores"
            print(f"{kind}: {tool.name}, {found.seconds:.1f} s", file=sys.stderr, flush=True)
    return rows


def _one_run(tool: Tool, works: Sequence[Work], folder: Path, *, look: bool) -> Measured:
    tool.prepare(works, folder)
    found = measure(tool.commands(folder), folder, tool.variables, look=look)
    if wrong := wrong_verdicts(works, tool.verdicts(works, folder)):
        raise Trouble(f"{tool.name} does not give the scores that are known: {wrong[0]}")
    return found


def best(rows: Iterable[Row], start: str) -> Row:
    """The quickest of the rows whose names begin so."""
    return min((row for row in rows if row.name.startswith(start)), key=lambda row: row.median)


def short_goals(rows: Sequence[Row]) -> list[Goal]:
    """Ours with two jobs against each other grader at its best."""
    ours = best(rows, "labgrade --jobs 2").median
    return [
        Goal(f"labgrade --jobs 2 : {(peer := best(rows, start)).name}", ours, peer.median, SHORT_GOAL)
        for start in ("nbgrader", "otter")
    ]


def show(title: str, rows: Sequence[Row], goals: Sequence[Goal]) -> None:
    """Print a table."""
    print(f"\n{title}\n{'':{WIDTH}}{'median each':>11}{'least – most':>17}{'processor':>12}{'memory':>14}")
    print(*(row.line() for row in rows), *(goal.line() for goal in goals), sep="\n", flush=True)


def grade_short(options: argparse.Namespace, places: Places) -> None:
    """The short notebook by all."""
    works, variables = short_class(options.short), places.variables(own_kernel=False)
    made = {name: environment(name, places.environments) for name in ("nbclient", "nbgrader", "otter")}
    tools = [
        nbclient(made["nbclient"], variables),
        nbgrader(made["nbgrader"], variables),
        nbgrader(made["nbgrader"], variables, feedback=True),
        *(otter(made["otter"], variables, jobs) for jobs in (1, 2)),
        *(labgrade(jobs, options.data) for jobs in (1, 2)),
    ]
    rows = in_turn(tools, works, options.rounds, places.scratch)
    show(f"Part 1 alone, {len(works)} submissions, {options.rounds} rounds", rows, short_goals(rows))


def grade_whole(options: argparse.Namespace, places: Places) -> None:
    """The whole lab by labgrade, and by nbgrader where asked."""
    works = whole_class(options.whole)
    tools = [labgrade(jobs, options.data) for jobs in (1, 2)]
    rows = in_turn(tools, works, options.rounds, places.scratch)
    goals, full_s = [], options.full_seconds
    if options.full:
        theirs = nbgrader(environment("nbgrader", places.environments), places.variables(own_kernel=True))
        found = _one_run(theirs, works[:1], fresh(places.scratch / "run"), look=True)
        rows.append(Row(f"{theirs.name}, in full", [found.seconds], found.cpu_s, found.peak_mib))
        full_s = found.seconds
    if full_s is not None:
        told = "measured" if options.full else "given"
        what = f"labgrade --jobs 2 : nbgrader in full ({full_s:.0f} s, {told})"
        goals.append(Goal(what, best(rows, "labgrade --jobs 2").median, full_s, WHOLE_GOAL))
    show(f"The whole lab, {len(works)} submissions, {options.rounds} rounds", rows, goals)


@dataclass(frozen=True)
class Places:
    """Where things lie: what is measured, the environments, and the data that notebooks may read."""

    scratch: Path
    environments: Path
    visible: Path

    def variables(self, *, own_kernel: bool) -> Mapping[str, str]:
        """The environment of the other graders."""
        return surroundings(self.scratch, self.visible, own_kernel=own_kernel)


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", type=int, default=6, metavar="N", help="submissions of part 1 (default 6)")
    parser.add_argument("--whole", type=int, default=2, metavar="N", help="of the whole lab (default 2)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="that count (default 3)")
    parser.add_argument("--environments", type=Path, metavar="DIR", help="where to keep what is installed")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with cifar10.npz and ascent.dat")
    full = parser.add_mutually_exclusive_group()
    full.add_argument("--full", action="store_true", help="nbgrader runs one whole notebook, in 10 minutes")
    full.add_argument("--full-seconds", type=float, metavar="S", help="what that has taken here before")
    options = parser.parse_args(arguments)
    if options.short < 0 or options.whole < 0 or options.short == 1 or options.rounds < 1:
        parser.error("--short takes 0, or 2 and more (one right, one wrong); --rounds 1 and more")
    if options.full and not options.whole:
        parser.error("--full needs --whole 1 or more")
    return options


def main() -> int:
    """Measure and print."""
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="lgp-") as name:
        prepared = data.prepare_data(options.data)
        kept = (options.environments or Path(name) / "environments").absolute()
        places = Places(Path(name), kept, prepared.visible)
        versions = ", ".join(f"{one} {importlib.metadata.version(one)}" for one in SHARED)
        print(
            f"Python {platform.python_version()}, {os.cpu_count()} cores; data: {prepared.label}; {versions}"
        )
        print(
            f"nbgrader: {requirements('nbgrader')[0]}; otter-grader: {requirements('otter')[0]}", flush=True
        )
        try:
            if options.short:
                grade_short(options, places)
            if options.whole:
                grade_whole(options, places)
        except Trouble as trouble:
            print(f"peers: {trouble}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
