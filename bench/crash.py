"""Kills the grader at random moments, lets it go on, and compares with a run that nothing disturbed.

    .venv/bin/python -m bench.crash [--kills N] [--seed N] [--jobs N]

The class is six quick hand-ins of lab cnn's first task, good, faulty, broken and missing. In each round
the command is killed one to four times and then left alone; what lies in the results must then equal the
undisturbed run's, but for times. Half of the kills wait until a result is being written. Half of them end
the command alone, as the system does when the memory runs out; the others all its processes at once. Nothing
may be left behind: no process, no half-written file, no scratch folder.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from grader.gradebook.store import Gradebook

ROOT = Path(__file__).resolve().parents[1]
TIMES = ("seconds", "phases", "peak_mib")
BESIDE_A_DATABASE = ("-wal", "-shm")  # of SQLite, while the database is open
A_TIME = re.compile(r"""(data-v="[\d.]+" class="number">)?\b(\d+ min )?\d+(\.\d+)? s\b|\b[\d,.]+ MiB\b""")
LEAVE_S = 10.0  # until the children of a killed grader have noticed


@dataclass(frozen=True)
class Outcome:
    """What came of all rounds; ``faults`` are sentences, none where all is well."""

    kills: int
    while_writing: int
    rounds: int
    taken_over: int
    faults: tuple[str, ...]


@dataclass
class Trial:
    """A command that grades into ``out``, and what it leaves when nothing disturbs it.

    ``command`` prints JSON lines, as ``labgrade grade --json`` does.
    """

    command: Sequence[str]
    out: Path
    temporary: Path

    def outcome(self, kills: int, chance: random.Random) -> Outcome:
        """Carry out rounds until ``kills`` have happened."""
        started = time.monotonic()
        self._finish()
        duration_s, expected = time.monotonic() - started, snapshot(self.out)
        faults: list[str] = []
        done = writing = rounds = taken = 0
        while done < kills:
            shutil.rmtree(self.out)
            rounds += 1
            for _ in range(min(chance.randint(1, 4), kills - done)):
                phase = self._kill(chance, duration_s)
                done, writing = done + bool(phase), writing + (phase == "writing")
            taken += self._finish()
            faults += [f"round {rounds}: {fault}" for fault in self._differences(expected)]
        return Outcome(done, writing, rounds, taken, tuple(faults))

    def _finish(self) -> int:
        """Let it run to its end; returns how many submissions it took over.

        Raises:
            RuntimeError: it ended with another exit status than 0.
        """
        with self._started() as process:
            told, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"exit status {process.returncode}: {told[-2000:]}")
        return sum(json.loads(line).get("taken_over", False) for line in told.splitlines())

    def _kill(self, chance: random.Random, duration_s: float) -> str:
        """Start it and kill it; returns what it was doing, ``""`` where it had come to its end before."""
        with self._started() as process:
            phase = chance.choice(("writing", "anything"))
            if phase == "writing":
                number = chance.randint(1, 3)
                lines = (line for line in process.stdout or () if '"writing"' in line)
                for _ in itertools.islice(lines, number):
                    pass
                time.sleep(chance.uniform(0.0, 0.1))
            else:
                time.sleep(chance.uniform(0.0, duration_s))
            if process.poll() is not None:
                return ""
            _kill_tree(process.pid, everything=chance.random() < 0.5)
        return phase

    @contextlib.contextmanager
    def _started(self) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            [*self.command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
            env={**os.environ, "TMPDIR": str(self.temporary), "LABGRADE_CACHE": "off"},
        ) as process:  # fmt: skip
            yield process

    def _differences(self, expected: dict[str, Any]) -> Iterator[str]:
        found = snapshot(self.out)
        for name in sorted({*expected, *found}):
            if expected.get(name) != found.get(name):
                yield f"{name} differs from the undisturbed run's"
        for left in self.temporary.glob("lg-*"):
            yield f"{left.name} was left behind"
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("TMPDIR", "").startswith(str(self.temporary)):
                    yield f"a process was left behind: {process.cmdline()[:3]}"


def snapshot(out: Path) -> dict[str, Any]:
    """The content of every file of the results, half-written ones too, without times."""
    files = [path for path in out.rglob("*") if path.is_file()]
    own = (".labgrade/lock", ".labgrade/log.txt", ".labgrade/records/")
    named = {path.relative_to(out).as_posix(): path for path in files}
    return {
        name: timeless(path)
        for name, path in named.items()
        if not name.endswith(BESIDE_A_DATABASE) and (not name.startswith(own) or name.endswith(".tmp"))
    }


def timeless(path: Path) -> Any:
    """The content of a file, without times and memory; of the gradebook what it says of each student."""
    if path.name == "gradebook.db":
        with Gradebook.of_folder(path.parent) as gradebook:
            return [(one.lab, one.student, one.sha256, one.status, one.score) for one in gradebook.students()]
    text = path.read_text("utf-8")
    if path.name == "result.json":
        return _without_times(json.loads(text))
    if path.name == "executed.ipynb":
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            cell.get("metadata", {}).pop("execution", None)  # when it began and ended
        return notebook
    return A_TIME.sub("…", text) if path.suffix == ".html" else text


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(item) for key, item in value.items() if key not in TIMES}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def _kill_tree(pid: int, *, everything: bool) -> None:
    """Kill a process outright, and what it started too, or leave that to notice by itself."""
    family = _descendants(pid)
    for process in [psutil.Process(pid), *(family if everything else ())]:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(family, timeout=LEAVE_S)


def _descendants(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return list(psutil.Process(pid).children(recursive=True))
    return []


# ---- a class of quick hand-ins -----------------------------------------------------------------------


def write_class(folder: Path) -> None:
    """Six hand-ins of the first task: right, right, wrong, raising, no JSON, and none at all."""
    demo = json.loads((ROOT / "submissions/demo/ada/2D_CNN.ipynb").read_text("utf-8"))
    cells = demo["cells"][:5]
    filters, responses = cells[3]["source"], cells[4]["source"]

    def hand_in(student: str, filters: Any, responses: Any) -> None:
        changed = [*cells[:3], {**cells[3], "source": filters}, {**cells[4], "source": responses}]
        (folder / student).mkdir(parents=True)
        (folder / student / "lab.ipynb").write_text(json.dumps({**demo, "cells": changed}), "utf-8")

    hand_in("ada", filters, responses)
    hand_in("bob", filters, responses)
    hand_in("chen", filters, "".join(responses).replace("convolve2d(image", "convolve2d(-image"))
    hand_in("dana", filters, f"raise ValueError('no')\n{''.join(responses)}")
    (folder / "elif").mkdir()
    (folder / "elif" / "lab.ipynb").write_text("{", "utf-8")
    (folder / "fay").mkdir()


def main() -> int:
    """Print what happened; the exit status is 1 where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lgc-") as name:  # short, since sockets lie below it
        folder = Path(name)
        write_class(folder / "class")
        (folder / "t").mkdir()
        command = [
            sys.executable, "-m", "grader", "grade", str(folder / "class"), "--out", str(folder / "out"),
            "--task", "1.1", "--jobs", str(options.jobs), "--json",
        ]  # fmt: skip
        started = time.monotonic()
        trial = Trial(command, folder / "out", folder / "t")
        outcome = trial.outcome(options.kills, random.Random(options.seed))
    print(
        f"{outcome.kills} kills, {outcome.while_writing} of them while a result was written, in "
        f"{outcome.rounds} rounds; {outcome.taken_over} results taken over; "
        f"{time.monotonic() - started:.0f} s; {len(outcome.faults)} faults"
    )
    print(*outcome.faults, sep="\n")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
