"""Whether time and memory per submission stay flat: grades classes of 10, 100 and 1,000.

    .venv/bin/python -m bench.scale [--sizes 10 100 1000] [--jobs 2] [--whole]

Each class is made up: short notebooks of lab cnn's part 1, no two alike, each graded by the whole command
in a sandboxed kernel of its own, with nothing taken from a cache. A row per size: seconds per submission
while submissions are graded, seconds of the class as a whole (pages, gradebook, comparison), the largest
resident memory of the command's own process, and ratios to the first row. The load of the machine stands
beside them: other work makes a row slower, not larger. ``--reports`` leaves out kernels: each
submission gets a full report at once, which shows what the class's own work costs for 10,000 and more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10, 100, 1000)
CHECK_S = 0.05
CELLS = (
    """import numpy as np
from scipy import datasets
from scipy.signal import convolve2d

image = datasets.ascent()
gaussFilter = np.outer(*[np.exp(-0.5 * (np.arange(15) - 7.0) ** 2 / {sigma} ** 2)] * 2)
gaussFilter = gaussFilter / gaussFilter.sum()
sobelX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
sobelY = sobelX.T""",
    """filterResponseGauss = convolve2d(image, gaussFilter, mode={mode!r})
filterResponseSobelX = convolve2d(image, sobelX, mode={mode!r})
filterResponseSobelY = convolve2d(image, sobelY, mode={mode!r})
print({number}, filterResponseGauss.shape)""",
)
MODES = ("same", "valid", "full")


@dataclass(frozen=True)
class Row:
    """A class that was graded: seconds, and MiB of the command's own process."""

    size: int
    grading_s: float
    class_s: float
    memory_mib: float
    load: float
    graded: int

    @property
    def each_s(self) -> float:
        """Seconds of grading per submission."""
        return self.grading_s / self.size


def make_class(folder: Path, size: int) -> None:
    """Write a class of short notebooks, right ones and some with one mistake."""
    for number in range(size):
        values = {"sigma": 3.0 + number % 7 / 10, "mode": MODES[number % 3], "number": number}
        cells = [nbformat.v4.new_code_cell(source.format(**values)) for source in CELLS]
        home = folder / f"student-{number:05d}"
        home.mkdir(parents=True)
        text = f"# Part 1: convolutions\n\n**Answer 1:** It blurs, with sigma {values['sigma']}."
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text), *cells])
        (home / "lab.ipynb").write_text(nbformat.writes(notebook), "utf-8")


def grade(folder: Path, out: Path, jobs: int, size: int, more: Sequence[str]) -> Row:
    """Grade a class with the command, and watch its process meanwhile."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--jobs", str(jobs)]
    command += ["--lab", "cnn", "--task", "1.1", "--no-cache", "--json", *more]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        memory, first, last, graded = 0.0, started, started, 0
        for line in process.stdout:
            event = json.loads(line)
            memory = max(memory, high_water_mib(process.pid))
            if event["event"] == "started" and event["number"] == 1:
                first = time.monotonic()
            if event["event"] == "finished":
                last = time.monotonic()
            if event["event"] == "done":
                graded = event["graded"]
    return Row(size, last - first, time.monotonic() - last, memory, os.getloadavg()[0], graded)


def high_water_mib(pid: int) -> float:
    """The largest resident memory that a process has had so far, in MiB; 0.0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)
