"""What the cache saves: grades a class once, and then again after a change of something.

    .venv/bin/python -m bench.cache [--submissions N] [--jobs N] [--whole]

The class is N copies of a short notebook, part 1 of lab cnn alone, or with --whole of ada's whole lab from
submissions/demo; each has a comment of its own in a code cell, so that no two are equal. All runs are
the command itself, in a copy of our code, into a cache that is empty at first. A row of the table is a
run: its seconds, those per submission, those of processors that the grader's own processes have used (of the
notebooks only what the sandbox has waited for; on a busy machine these tell more), its part of the first
run's time, and how many came from where.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHORT = (
    "import numpy as np, scipy\nfrom scipy.signal import convolve2d\nimport matplotlib.pyplot as plt\n"
    "image = scipy.datasets.ascent()",
    "x = np.arange(-7, 8)\ng = np.exp(-(x[:, None] ** 2 + x[None] ** 2) / 32)\ngaussFilter = g / g.sum()\n"
    "sobelX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])\n"
    "sobelY = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])",
    "filterResponseGauss = convolve2d(image, gaussFilter)\nfilterResponseSobelX = convolve2d(image, sobelX)\n"
    "filterResponseSobelY = convolve2d(image, sobelY)",
    "plt.imshow(filterResponseGauss, cmap='gray'); plt.show()",
)
POINTS = '[checks."1.1/gaussian"]\npoints = 3\n[checks."1.1/sobel"]\npoints = 0.5\n'
TAKEN = re.compile(r"(\d+) of \d+ (taken over|taken from the cache)(?:, (\d+) of them checked again)?")


PR_SET_CHILD_SUBREAPER = 36  # of prctl(2): who is left without a parent becomes our child


@dataclass(frozen=True)
class Bench:
    """The folders of one measurement."""

    base: Path
    submissions: int
    options: tuple[str, ...]

    def grade(self, out: str, *more: str) -> tuple[float, float, str]:
        """One run: its seconds, those of processors, and what it told of the cache."""
        before = processor_s()
        places = (str(self.base / "class"), "--out", str(self.base / out))
        started = time.perf_counter()
        done = subprocess.run(
            [
                sys.executable, "-m", "grader", "grade", *places, "--cache", str(self.base / "store"),
                "--cache-size", "50", *self.options, *more,
            ],
            cwd=self.base / "tree", env={**os.environ, "PYTHONPATH": str(self.base / "tree")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        told = [f"{n} {where}{f', {again} checked again' if again else ''}" for n, where, again in
                TAKEN.findall(done.stderr)]  # fmt: skip
        return seconds, processor_s() - before, "; ".join(told) or "all run"

    def row(self, name: str, first_s: float, out: str, *more: str) -> float:
        """Measure one run and print its row; returns its seconds."""
        wall_s, used_s, told = self.grade(out, *more)
        each = f"{wall_s / self.submissions:8.2f} s{used_s / self.submissions:10.2f} s"
        print(f"{name:30}{wall_s:8.1f} s{each}{wall_s / (first_s or wall_s):10.1%}   {told}", flush=True)
        return wall_s


def processor_s() -> float:
    """The seconds of processors that all processes have used which were started here and have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def mark(notebook: Path, number: int) -> None:
    """Give the first code cell of a notebook a comment that no other copy has."""
    document = json.loads(notebook.read_text("utf-8"))
    cell = next(cell for cell in document["cells"] if cell["cell_type"] == "code")
    cell["source"] = f"{''.join(cell['source'])}\n# copy {number}"
    notebook.write_text(json.dumps(document), "utf-8")


def write_class(folder: Path, submissions: int, whole: bool) -> None:
    """Write the copies."""
    for number in range(submissions):
        place = folder / f"student-{number:04d}"
        if whole:
            shutil.copytree(ROOT / "submissions/demo/ada", place)
            (notebook,) = place.glob("*.ipynb")
            mark(notebook, number)
        else:
            place.mkdir(parents=True)
            cells = [_cell("markdown", "# 2D CNN"), *(_cell("code", source) for source in SHORT)]
            (place / "lab.ipynb").write_text(json.dumps(_notebook(cells)))
            mark(place / "lab.ipynb", number)


def _cell(kind: str, source: str) -> dict[str, object]:
    more = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def _notebook(cells: list[dict[str, object]]) -> dict[str, object]:
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}


def measure(bench: Bench) -> None:
    print(f"{'run':30}{'all':>10}{'each':>10}{'processor':>12}{'of first':>10}")
    first = bench.row("the first", 0.0, "out")
    bench.row("nothing changed, same --out", first, "out")
    bench.row("nothing changed, another --out", first, "elsewhere")
    (bench.base / "points.toml").write_text(POINTS)
    bench.row("points changed", first, "out", "--rubric", str(bench.base / "points.toml"))
    with (bench.base / "tree/checks/cnn/convolutions.py").open("a") as file:
        file.write("# edited\n")
    bench.row("one check's module changed", first, "out")
    kept = [path.stat().st_size for path in (bench.base / "store").rglob("*") if path.is_file()]
    print(
        f"\nthe cache has {len(kept)} files, {sum(kept) / 2**20 / bench.submissions:.1f} MiB per submission"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=8, metavar="N", help="copies (default: 8)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="submissions at a time (default: 2)")
    parser.add_argument("--whole", action="store_true", help="a whole lab in place of its first part")
    asked = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    options = ("--jobs", str(asked.jobs), *(() if asked.whole else ("--lab", "cnn", "--task", "1.1")))
    with tempfile.TemporaryDirectory(prefix="labgrade-") as folder:
        base = Path(folder)
        for name in ("grader", "checks", "templates"):
            shutil.copytree(ROOT / name, base / "tree" / name, ignore=shutil.ignore_patterns("__pycache__"))
        write_class(base / "class", asked.submissions, asked.whole)
        measure(Bench(base, asked.submissions, options))


if __name__ == "__main__":
    main()
