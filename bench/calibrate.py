"""The thresholds of 4.1/learns: what right solutions reach after the short training that the check gives.

    python -m bench.calibrate [--data DIR] [--seeds 20] [--only NAME] [--runs FILE] [--update]

DIR holds ``cifar10.npz``; without it the built-in pictures are used. The reference solution and the other
right solutions of SOLUTIONS are trained by the same code, on the same images and for as long as a student's
network is when it is graded. For each solution a normal distribution is fitted to its accuracies; the
threshold is the lowest value, over the solutions, that a further run falls below with a chance of one in
ten thousand (Student's t, as the deviation is estimated), or the lowest run if that is lower, rounded down
to a whole percent. Each finished run is a line of FILE, so that a second call does only what is missing.
``--update`` writes the result into ``checks/cnn/thresholds.toml``. ``KERAS_BACKEND`` chooses another backend.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from scipy import stats

import reference.cnn.network
from bench.accuracy import append, finished
from checks.cnn import behaviour
from checks.cnn.faults.written import compiled, convolution, source
from grader import pictures
from grader.data import SHOWN
from grader.data_files import read_npz
from grader.kernel import learning

REFERENCE = "the reference"
CHANCE = 1e-4  # that a right solution falls below the threshold
LEAST = 0.2  # a threshold nearer to guessing, 0.1, would prove nothing
BARE = "n_filters * 2**i, (3, 3), padding='same'"
SOLUTIONS = {
    REFERENCE: inspect.getsource(reference.cnn.network),
    "no activation between the convolutions": source(conv=convolution(BARE)),
    "tanh in the convolutions": source(conv=convolution(f"{BARE}, activation='tanh'")),
    "Adam with epsilon 0.1": source(compile=compiled(optimizer="Adam(learning_rate, epsilon=0.1)")),
    "tf_keras": source(flavour="tf_keras"),
}
HEADER = """# What right solutions reach in the short training of a check, and the threshold that follows.
# Written by bench/calibrate.py, which says how; a threshold in a rubric goes before these.
"""


@dataclass(frozen=True)
class Run:
    """One training: everything its result depends on."""

    solution: str
    code: str  # the beginning of a hash of the solution's source
    seed: int
    case: dict[str, Any]
    budget: dict[str, Any]
    data: str
    keras: str

    def key(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"case": {**self.case, "input_shape": list(self.case["input_shape"])}}


@dataclass(frozen=True)
class Reached:
    """The accuracies of one solution, each in 0–1."""

    solution: str
    accuracies: tuple[float, ...]

    @property
    def bound(self) -> float:
        """What a further run falls below with the chance ``CHANCE``."""
        n = len(self.accuracies)
        width = stats.t.isf(CHANCE, n - 1) * np.std(self.accuracies, ddof=1) * math.sqrt(1 + 1 / n)
        return float(min(np.mean(self.accuracies) - width, *self.accuracies))


def read_data(folder: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The given and the hidden arrays, named as a check sees them."""
    arrays = read_npz(folder / "cifar10.npz") if folder else pictures.make_cifar_like()
    given = {f"cifar10/{name}": array for name, array in arrays.items() if "train" in name}
    hidden = {f"cifar10/{name}": array[SHOWN:] for name, array in arrays.items() if "test" in name}
    return given, hidden


def builder(run: Run) -> Callable[[], Any]:
    """The call of the solution's ``build_CNN``, as the check makes it."""
    space: dict[str, Any] = {"__name__": "solution"}
    exec(compile(SOLUTIONS[run.solution], run.solution, "exec", dont_inherit=True), space)
    return partial(space["build_CNN"], **run.case, act_fun="relu", optimizer="adam")


def measure(run: Run, images: behaviour.Images) -> dict[str, float]:
    """Train once, as the kernel does it, and score the hidden images."""
    start = time.perf_counter()
    flavour = "tf_keras" if run.solution == "tf_keras" else "keras"
    arrays = [images.training, images.labels, images.unseen]
    budget = learning.Budget(**run.budget)
    _, predictions = learning.train(builder(run), run.case["input_shape"], flavour, arrays, budget)
    return {
        "accuracy": float(np.mean(predictions.argmax(axis=1) == images.classes)),
        "seconds": time.perf_counter() - start,
    }


def planned(options: argparse.Namespace, digest: str) -> list[Run]:
    """Every run that was asked for, seed by seed."""
    return [
        Run(
            solution=solution,
            code=hashlib.sha256(code.encode()).hexdigest()[:16],
            seed=seed,
            case=asdict(behaviour.CASE),
            budget=behaviour.budget(seed),
            data=digest,
            keras=f"{keras.backend.backend()} {keras.__version__}",
        )
        for seed in range(options.seeds)
        for solution, code in SOLUTIONS.items()
        if solution in (options.only or SOLUTIONS)
    ]


def summary(runs: Sequence[Run], done: Sequence[dict[str, Any]]) -> list[Reached]:
    """The accuracies of each solution that was asked for, in the order of the seeds."""
    results = {repr(record["run"]): float(record["result"]["accuracy"]) for record in done}
    names = dict.fromkeys(run.solution for run in runs)
    return [
        Reached(name, tuple(results[repr(run.key())] for run in runs if run.solution == name))
        for name in names
    ]


def entry(reached: Sequence[Reached], digest: str, options: argparse.Namespace) -> dict[str, Any]:
    """What is stored of one data set.

    Raises:
        SystemExit: the threshold would be too near to guessing.
    """
    threshold = math.floor(100 * min(one.bound for one in reached)) / 100
    if threshold < LEAST:
        raise SystemExit(f"a threshold of {threshold} is too near to guessing; train longer")
    own = next(one for one in reached if one.solution == REFERENCE)
    folder = "--data DIR " if options.data else ""
    return {
        "name": "CIFAR-10" if options.data else "built-in pictures",
        "digest": digest,
        "command": f"python -m bench.calibrate {folder}--seeds {options.seeds} --update",
        "keras": f"{keras.backend.backend()} {keras.__version__}",
        "seeds": options.seeds,
        "lowest": min(own.accuracies),
        "highest": max(own.accuracies),
        "threshold": threshold,
        "solutions": [numbers(one) for one in reached],
    }


def numbers(one: Reached) -> dict[str, Any]:
    """One solution's row, accuracies in 0–1."""
    return {
        "name": one.solution,
        "lowest": round(min(one.accuracies), 4),
        "mean": round(float(np.mean(one.accuracies)), 4),
        "deviation": round(float(np.std(one.accuracies, ddof=1)), 4),
        "bound": round(one.bound, 4),
    }


def update(path: Path, new: dict[str, Any]) -> None:
    """Write one data set's entry, and keep those of the others."""
    others = behaviour.stored(path) if path.exists() else []
    entries = [one for one in others if one["digest"] != new["digest"]]
    entries = sorted([*entries, new], key=lambda one: str(one["name"]))
    path.write_text(HEADER + "".join(map(written, entries)), "utf-8")


def written(one: Mapping[str, Any]) -> str:
    """An entry as TOML."""
    table = f'checks."{behaviour.CHECK}".data'
    lines = [f"{key} = {value!r}" for key, value in one.items() if not isinstance(value, str | list)]
    texts = [f'{key} = "{value}"' for key, value in one.items() if isinstance(value, str)]
    rows = [
        ", ".join(f'{key} = "{value}"' if key == "name" else f"{key} = {value}" for key, value in row.items())
        for row in one["solutions"]
    ]
    inner = "".join(f"    {{ {row} }},\n" for row in rows)
    return "\n".join(["", f"[[{table}]]", *texts, *lines, f"solutions = [\n{inner}]", ""])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a folder with cifar10.npz (default: built-in pictures)")
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--only", action="append", choices=SOLUTIONS, help="a solution, repeatable")
    parser.add_argument("--runs", type=Path, default=Path("grades/calibrate.jsonl"), help="finished runs")
    parser.add_argument("--update", action="store_true", help="write the result into the thresholds' file")
    options = parser.parse_args()

    given, hidden = read_data(options.data)
    images, digest = behaviour.images_of(given, hidden), behaviour.digest_of(given)
    runs, done = planned(options, digest), finished(options.runs)
    missing = [run for run in runs if run.key() not in [record["run"] for record in done]]
    print(f"{len(runs)} runs, {len(runs) - len(missing)} done before", flush=True)
    for number, run in enumerate(missing, start=1):
        result = measure(run, images)
        done.append({"run": run.key(), "result": result})
        append(options.runs, done[-1])
        print(
            f"[{number}/{len(missing)}] {run.solution}, seed {run.seed}: {result['accuracy']:.4f} "
            f"in {result['seconds']:.1f} s",
            flush=True,
        )
    reached = summary(runs, done)
    for one in reached:
        print("  ".join(f"{key} {value}" for key, value in numbers(one).items()))
    if options.update:
        update(behaviour.STORED, entry(reached, digest, options))


if __name__ == "__main__":
    main()
