"""What the sandbox costs: the same hand-ins with and without it in turn, within one run.

    .venv/bin/python -m bench.sandbox_cost [FOLDER] [--rounds N] [--data DIR]

One submission at a time, as user of this machine without a sandbox and in bubblewrap, each round in the
other order. The table has the median seconds of each phase, the last column how often more (or less) the
sandbox takes. Student code is run WITHOUT protection here: use it on hand-ins that you trust.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from bench.phases import COLUMNS, ROOT, Row, grade
from grader import data, sandbox
from grader.records import Settings

Kind = Literal["bubblewrap", "none"]
KINDS: tuple[Kind, Kind] = ("none", "bubblewrap")


def rows_by_kind(folder: Path, prepared: data.PreparedData, rounds: int) -> dict[Kind, list[Row]]:
    """The rows of every submission of every round, for each kind of sandbox."""
    found: dict[Kind, list[Row]] = {kind: [] for kind in KINDS}
    for number in range(rounds):
        for kind in KINDS if number % 2 == 0 else KINDS[::-1]:
            with tempfile.TemporaryDirectory(prefix="labgrade-") as out:
                settings = Settings(
                    out=Path(out), visible=prepared.visible, hidden=prepared.hidden, data=prepared.label,
                    sandbox=kind,
                )  # fmt: skip
                rows, wall_s = grade(folder, settings, 1)
            found[kind] += rows
            print(f"round {number + 1} of {rounds}, {kind}: {wall_s:.1f} s", file=sys.stderr, flush=True)
    return found


def median(rows: Iterable[Row], column: str) -> float:
    """The median seconds of a phase."""
    return statistics.median(row.seconds[column] for row in rows)


def print_table(found: dict[Kind, list[Row]]) -> None:
    """Print the median of each phase for both, and their ratio."""
    print(f"{'phase':14}{'none':>10}{'bubblewrap':>12}{'ratio':>8}")
    for column in COLUMNS:
        plain, walled = (median(found[kind], column) for kind in KINDS)
        ratio = f"{walled / plain:8.2f}" if plain > 0.05 else f"{'-':>8}"
        print(f"{column:14}{plain:9.2f}s{walled:11.2f}s{ratio}")
    peaks = {kind: max(row.peak_mib for row in rows) for kind, rows in found.items()}
    print(f"{'largest MiB':14}{peaks['none']:10.0f}{peaks['bubblewrap']:12.0f}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "submissions/demo", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with cifar10.npz and ascent.dat")
    options = parser.parse_args()
    name, warning = sandbox.choose("auto")
    if name != "bubblewrap":
        print(f"There is no sandbox here to measure: {warning}", file=sys.stderr)
        return 2
    prepared = data.prepare_data(options.data)
    print(f"data: {prepared.label}\n", flush=True)
    print_table(rows_by_kind(options.folder, prepared, options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
