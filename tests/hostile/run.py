"""Grade the folder of hostile submissions and print what came of each: ``python -m tests.hostile.run --jobs 2``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.hostile import good
from tests.hostile.case import TASKS, Case, World
from tests.hostile.judge import Outcome, comparable, judge, results_in, state_of
from tests.hostile.listener import Listener
from tests.hostile.make import CASES, make, world_in

SECRET = "hostile-secret-7c1f"
QUICK = ("--cell-timeout", "6", "--notebook-timeout", "60")
SLOW = ("--cell-timeout", "90", "--notebook-timeout", "300")


@dataclass
class Run:
    """What came of a folder; ``faults`` are those of the run as a whole."""

    base: Path
    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    pages: list[Path] = field(default_factory=list)
    peak_mib: float = 0.0
    seconds: float = 0.0

    @property
    def wrong(self) -> list[str]:
        """Every expectation that was not met, in one line each."""
        return self.faults + [f"{one.case.name}: {fault}" for one in self.outcomes for fault in one.faults]


def run(cases: Sequence[Case], jobs: int) -> Run:
    """Grade the cases together with the good ones, those alone too, and compare."""
    done, started = Run(Path(tempfile.mkdtemp(prefix="hostile-"))), time.monotonic()
    world = world_in(done.base)
    quick = [*good.CASES, *(case for case in cases if not case.keras and case not in good.CASES)]
    with Listener(world) as listener:
        world = listener.world
        alone = _grade(good.CASES, _place(world, "alone"), jobs, QUICK, done)
        done.outcomes.clear()
        together = _grade(quick, _place(world, "quick"), jobs, QUICK, done)
        if keras := [case for case in cases if case.keras]:
            _grade(keras, _place(world, "keras"), jobs, SLOW, done)
        time.sleep(0.2)
        done.faults += [f"a submission has reached {what}" for what in listener.reached]
    for case in good.CASES:
        if alone.get(case.name) != together.get(case.name):
            done.faults.append(f"{case.name} has another result in bad company")
    done.seconds = time.monotonic() - started
    done.faults += _changes(world)
    return done


def _place(world: World, name: str) -> World:
    base = world.outside.parent
    return dataclasses.replace(world, classroom=base / name / "class", out=base / name / "grades")


def _changes(world: World) -> Iterable[str]:
    names = {path.name for path in world.outside.iterdir()}
    if names != {"canary.txt", "solution.ipynb"}:
        yield f"outside the class there are {sorted(names)}"
    if "a canary" not in (world.outside / "canary.txt").read_text():
        yield "the canary was overwritten"


def _grade(
    cases: Sequence[Case], world: World, jobs: int, options: Sequence[str], done: Run
) -> dict[str, dict[str, str]]:
    """Grade some cases by the command; returns the comparable files of the good ones."""
    make(cases, world.classroom, world)
    before = state_of(world.classroom)
    scratch = Path(tempfile.mkdtemp(prefix="lgh-"))  # short, since sockets lie below it
    own = {name: value for name, value in os.environ.items() if name != "LABGRADE_DATA"}
    env = {**own, "KERAS_HOME": str(world.outside), "TMPDIR": str(scratch), "HOSTILE_SECRET": SECRET}
    tasks = [word for task in TASKS for word in ("--task", task)]
    command = [
        sys.executable, "-m", "grader", "grade", str(world.classroom), "--out", str(world.out), "--jobs", str(jobs),
        "--no-cache",
        "--json", *tasks, *options,
    ]  # fmt: skip
    with (
        subprocess.Popen(
            command, cwd=world.checkout, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        Watch(process.pid, scratch) as watch,
    ):
        told, errors = process.communicate()
    done.peak_mib = max(done.peak_mib, watch.peak_mib)
    if process.returncode != 0:
        done.faults.append(f"the command ended with {process.returncode}: {errors.strip()[-2000:]}")
    if "Traceback" in told + errors:
        done.faults.append(f"the command showed a traceback: {errors[-2000:]}")
    if state_of(world.classroom) != before:
        done.faults.append("the class folder was changed")
    done.faults += _left_behind(scratch)
    found = results_in(world.out)
    events = [json.loads(line) for line in told.splitlines()]
    seconds = {event["slug"]: event["seconds"] for event in events if event["event"] == "finished"}
    done.outcomes += [judge(case, found, seconds) for case in cases]
    done.pages += sorted(world.out.rglob("*.html"))
    files = [path for path in world.out.rglob("*") if path.is_file()]
    done.faults += [f"the secret is in {path}" for path in files if SECRET.encode() in path.read_bytes()]
    return {case.name: comparable(found[case.name]) for case in good.CASES if case.name in found}


def _left_behind(scratch: Path) -> Iterable[str]:
    """Processes and files that are left when the command has ended."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("HOME", "").startswith(str(scratch)):
                yield f"a process was left behind: {process.cmdline()[:3]}"
    left = sorted(path.name for path in scratch.iterdir())
    if left:
        yield f"files were left behind: {left[:5]}"
    shutil.rmtree(scratch, ignore_errors=True)


class Watch:
    """Measures the most memory that one of the grader's own processes has had, the kernels left out."""

    def __init__(self, pid: int, scratch: Path) -> None:
        self.pid, self.scratch, self.peak_mib = pid, scratch, 0.0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.stop.wait(0.3):
            with suppress(psutil.Error, OSError):
                for process in psutil.Process(self.pid).children(recursive=True):
                    with suppress(psutil.Error, OSError):
                        if not process.environ().get("HOME", "").startswith(str(self.scratch)):
                            self.peak_mib = max(self.peak_mib, process.memory_info().rss / 2**20)


def show(done: Run) -> None:
    """Print the table, and what went wrong."""
    print("| case | tries | what happened | seconds | the student is told |\n|---|---|---|---|---|")
    for one in done.outcomes:
        told = one.told.replace("|", "\\|")
        mark = "" if not one.faults else " ✗"
        print(
            f"| {one.case.name}{mark} | {one.case.tries} | {one.happened} | {one.seconds:.0f} | {told[:160]} |"
        )
    print(
        f"\n{len(done.outcomes)} in {done.seconds:.0f} s; the largest of the grader's processes had {done.peak_mib:.0f} MiB."
    )
    for fault in done.wrong:
        print(f"WRONG: {fault}")


def main() -> int:
    """Grade the chosen cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--heavy", action="store_true", help="those too that take gigabytes or minutes")
    parser.add_argument("--sample", action="store_true", help="only those that the test suite grades")
    parser.add_argument(
        "--only", action="append", help="only the cases whose name begins so; may be given again"
    )
    chosen = parser.parse_args()
    cases = [
        case for case in CASES if (case.sample or not chosen.sample) and (chosen.heavy or not case.heavy)
    ]
    if chosen.only:
        cases = [case for case in CASES if case.name.startswith(tuple(chosen.only))]
    done = run(cases, chosen.jobs)
    show(done)
    if done.wrong:
        print(f"See {done.base}.")
        return 1
    shutil.rmtree(done.base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
