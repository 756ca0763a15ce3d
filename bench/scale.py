"""Whether time and memory per submission stay flat: grades classes of 10, 100 and 1,000.

    .venv/bin/python -m bench.scale [--sizes 10 100 1000] [--jobs 2]
    .venv/bin/python -m bench.scale --class-alone [--sizes 100 1000 10000]

Each class is made up: short notebooks of lab cnn's part 1, no two alike, each graded by the whole command
in a sandboxed kernel of its own, with nothing taken from a cache. A row per size: seconds per submission
while submissions are graded, seconds of the class as a whole (pages, gradebook, comparison), the largest
resident memory of the command's own process, and ratios to the first row. The load of the machine stands
beside them: other work makes a row slower, not larger.

``--class-alone`` runs no notebook: it makes whole reports of lab cnn, with pictures and answers, and prints
what the class's own work on them costs, which one process does whatever grades the submissions.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from bench.similarity import made_class
from checks.kit import Check
from checks.kit.picture import Images, Tile
from grader import labs, output
from grader.batch import incomplete
from grader.questions import load_questions
from grader.records import Answer, CheckResult, Report, Settings, Submission, TaskResult
from grader.similarity.compare import similar
from grader.similarity.given import given_in
from grader.similarity.levels import load_levels
from grader.slim import Slimmer

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10, 100, 1000)
MOST_COMPARED = 300  # whole hand-ins; more take minutes
WORDS = [
    "kernel",
    "stride",
    "padding",
    "image",
    "filter",
    "layer",
    "batch",
    "epoch",
    "loss",
    "network",
    "colour",
    "edge",
    "blur",
    "pixel",
]
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


def grade(folder: Path, out: Path, jobs: int, size: int) -> Row:
    """Grade a class with the command, and watch its process meanwhile."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--jobs", str(jobs)]
    command += ["--lab", "cnn", "--task", "1.1", "--no-cache", "--json"]
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


def print_rows(rows: Sequence[Row]) -> None:
    names = ("size", "graded", "s each", "ratio", "class s", "s each", "MiB", "ratio", "load")
    print("".join(f"{name:>9}" for name in names))
    for row in rows:
        print(
            f"{row.size:9d}{row.graded:9d}{row.each_s:9.2f}{row.each_s / rows[0].each_s:9.2f}"
            f"{row.class_s:9.1f}{row.class_s / row.size:9.3f}"
            f"{row.memory_mib:9.0f}{row.memory_mib / rows[0].memory_mib:9.2f}{row.load:9.1f}"
        )


# ---- the class alone -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alone:
    """The class's own work, in seconds, and the largest resident memory of its process in MiB."""

    size: int
    pages_s: float
    similar_s: float
    memory_mib: float
    page_mib: float


def make_report(number: int) -> Report:
    """A whole report of lab cnn: every check, eight of them with pictures of 32 kB, and every answer."""
    lab = labs.load_lab("cnn")
    rubric = labs.load_rubric(lab)
    submission = Submission(f"Student {number:05d}", f"student-{number:05d}", None)
    empty = incomplete(submission, Settings(Path(), Path(), "made up"), "")
    every = labs.load_checks(lab)
    tasks = []
    for task in rubric.tasks:
        own = [one for one in every if one.task == task.id]
        results = tuple(make_result(one, rubric, number, every.index(one)) for one in own)
        points, most = (sum(getattr(one, name) for one in results) for name in ("points", "max_points"))
        tasks.append(TaskResult(task.id, task.title, task.asked, points, most, results))
    answers = tuple(
        Answer(one.id, one.task, one.text, words(number * 100 + place), 4, "unclear", "No rule fits.")
        for place, one in enumerate(load_questions("cnn").items)
    )
    return replace(
        empty, lab="cnn", lab_title=lab.title, status="graded", problem="", tasks=tuple(tasks),
        answers=answers,
        score=sum(task.points for task in tasks), max_score=sum(task.max_points for task in tasks),
    )  # fmt: skip


def grade_at_once(submission: Submission, _settings: Settings, _progress: Callable[[str], None]) -> Report:
    """A whole report of lab cnn with pictures, without any notebook."""
    return replace(make_report(7), student=submission.student, slug=submission.slug)


def make_result(check: Check, rubric: labs.Rubric, number: int, place: int) -> CheckResult:
    """One in seven failed, in words that are the student's own."""
    most = rubric.points.get(check.id, 0.0)
    pictures = (Images("Images", (Tile(f"{number:032d}" * 1024, "made up"),)),) if place < 8 else ()
    if (number + place) % 7:
        return CheckResult(check.id, check.task, check.title, "passed", most, most, "", pictures=pictures)
    told = f"{words(number * 100 + place)[:200]}"
    return CheckResult(check.id, check.task, check.title, "failed", 0.0, most, told, told, told, told)


def words(seed: int) -> str:
    """An answer of 40 words that nobody else gives."""
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) + draw.choice(("", "s", "ed", "ing")) for _ in range(40))


def class_alone(size: int, out: Path) -> Alone:
    """Keep so many reports as a run does, write the class's pages, and compare what was handed in."""
    slimmer = Slimmer()
    reports = [slimmer.slim(make_report(number)) for number in range(size)]
    started = time.monotonic()
    output.write_class(reports, out, "a class")
    paged = time.monotonic()
    similar_s = 0.0
    if size <= MOST_COMPARED:
        similar(made_class(size), given_in, load_levels)
        similar_s = time.monotonic() - paged
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Alone(size, paged - started, similar_s, memory, (out / "index.html").stat().st_size / 2**20)


def print_alone(rows: Sequence[Alone]) -> None:
    print(
        f"{'size':>6}{'pages s':>9}{'ms each':>9}{'compared s':>12}{'ms each':>9}{'MiB':>7}{'page MiB':>10}"
    )
    for row in rows:
        each = f"{1000 * row.similar_s / row.size:9.1f}" if row.similar_s else f"{'–':>9}"
        print(
            f"{row.size:6d}{row.pages_s:9.1f}{1000 * row.pages_s / row.size:9.1f}{row.similar_s:12.1f}{each}"
            f"{row.memory_mib:7.0f}{row.page_mib:10.1f}"
        )


def alone(size: int) -> Alone:
    """``class_alone`` in a process of its own, so that each size has its own memory."""
    code = f"from bench.scale import *; print(class_alone({size}, Path({{!r}})))"
    with tempfile.TemporaryDirectory(prefix="labgrade-") as out:
        command = [sys.executable, "-c", code.format(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.e-]+)", done.stdout)}
    return replace(Alone(**found), size=size)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sizes", type=int, nargs="+", metavar="N", default=None)
    asked.add_argument("--jobs", type=int, default=2, metavar="N", help="submissions at a time")
    asked.add_argument("--class-alone", action="store_true", help="no notebooks: the class's own work")
    chosen = asked.parse_args()
    if chosen.class_alone:
        print_alone([alone(size) for size in chosen.sizes or (100, 1000, 10_000)])
        return
    rows = []
    for size in chosen.sizes or SIZES:
        with tempfile.TemporaryDirectory(prefix="labgrade-") as folder:
            make_class(Path(folder) / "class", size)
            rows.append(grade(Path(folder) / "class", Path(folder) / "out", chosen.jobs, size))
        print(rows[-1], flush=True)
    print_rows(rows)


if __name__ == "__main__":
    main()
