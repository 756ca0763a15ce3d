"""The thresholds of accuracies: what right solutions reach, over many seeds, after a training of each level.

    python -m bench.calibrate [--level budget] [--data DIR] [--seeds 20] [--only NAME] [--update]
    python -m bench.calibrate --level full [--task 4.2 --task 5.0] [--spread] [--data DIR] [--update]

DIR holds ``cifar10.npz``; without it the built-in pictures are used. At the level ``budget`` the reference
and the other right solutions of SOLUTIONS are trained by the same code, on the same images and for as long as
a student's network is by 4.1/learns. At the level ``full`` they are trained as the notebook of the lab trains
them, 20 epochs, and scored on the hidden images, as ``--training full`` does it. The threshold is the lowest
bound of any solution, rounded down to a whole percent; ``bench/tolerance.py`` says how bound and chance
follow from the runs, and what is assumed. With ``--spread`` each seed is trained by one of the solutions in
turn and not by all, which takes a fifth of the time and gives a lower threshold.

Each finished run is a line of the file of ``--runs``, so that after Ctrl-C the same command does only what is
missing. ``--update`` writes the result into ``checks/cnn/thresholds.toml``. ``KERAS_BACKEND`` chooses another
backend, such as jax on a graphics card; the solution in tf_keras always runs in TensorFlow. Students are
graded with TensorFlow, so hold a few seeds of both against each other before the threshold of another counts.
``bench/calibrate_vgg.py`` does the same for P2.3.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

import reference.cnn.network
from bench import full, thresholds_file, tolerance
from bench.accuracy import append, finished
from checks.cnn import behaviour
from checks.cnn.calibrated import STORED, digest_of
from checks.cnn.faults.written import compiled, convolution, source
from checks.cnn.trained import NETWORKS, TURNED
from grader import pictures
from grader.data import SHOWN
from grader.data_files import read_npz
from grader.kernel import learning

REFERENCE = "the reference"
LEAST = 0.2  # a threshold nearer to guessing, 0.1, would prove nothing
LEAST_SEEDS = 20
EPOCHS = 20  # of the lab
BARE = "n_filters * 2**i, (3, 3), padding='same'"
SOLUTIONS = {
    REFERENCE: inspect.getsource(reference.cnn.network),
    "no activation between the convolutions": source(conv=convolution(BARE)),
    "tanh in the convolutions": source(conv=convolution(f"{BARE}, activation='tanh'")),
    "Adam with epsilon 0.1": source(compile=compiled(optimizer="Adam(learning_rate, epsilon=0.1)")),
    "tf_keras": source(flavour="tf_keras"),
}


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
    """The accuracies of one solution, each in 0–1.

    ``spread`` says how far its runs lie from their mean, where that was not measured of them alone.
    """

    solution: str
    accuracies: tuple[float, ...]
    spread: tolerance.Spread | None = None

    @property
    def bound(self) -> float:
        """What hardly any further run falls below."""
        return tolerance.bound(self.accuracies, self.spread)

    def chance(self, threshold: float) -> float:
        """That a further run falls below a threshold, at most."""
        known = self.spread or tolerance.pooled([self.accuracies])
        mean = float(np.mean(self.accuracies))
        return tolerance.chance_below(threshold, mean, known.deviation, len(self.accuracies), known.degrees)


def read_data(folder: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The given and the hidden arrays, named as a check sees them."""
    arrays = read_npz(folder / "cifar10.npz") if folder else pictures.make_cifar_like()
    given = {f"cifar10/{name}": array if "train" in name else array[:SHOWN] for name, array in arrays.items()}
    hidden = {f"cifar10/{name}": array[SHOWN:] for name, array in arrays.items() if "test" in name}
    return given, hidden


def function_of(solution: str) -> Callable[..., Any]:
    """The solution's ``build_CNN``."""
    space: dict[str, Any] = {"__name__": "solution"}
    exec(compile(SOLUTIONS[solution], solution, "exec", dont_inherit=True), space)
    return space["build_CNN"]  # type: ignore[no-any-return]


def flavour_of(solution: str) -> str:
    """Which Keras a solution is written in."""
    return "tf_keras" if solution == "tf_keras" else "keras"


def measure(run: Run, images: behaviour.Images) -> dict[str, float]:
    """Train once for a short while, as the kernel does it, and score the hidden images."""
    start = time.perf_counter()
    build = partial(function_of(run.solution), **run.case, act_fun="relu", optimizer="adam")
    arrays = [images.training, images.labels, images.unseen]
    budget = learning.Budget(**{**run.budget, "limit_s": math.inf})  # one cut short would not be judged
    shape = run.case["input_shape"]
    _, predictions = learning.train(build, shape, flavour_of(run.solution), arrays, budget)
    return {
        "accuracy": float(np.mean(predictions.argmax(axis=1) == images.classes)),
        "seconds": time.perf_counter() - start,
    }


def backend(solution: str) -> str:
    """What a solution is trained with, and its version."""
    name = "tensorflow" if flavour_of(solution) == "tf_keras" else keras.backend.backend()
    return f"{name} {keras.__version__}"


def planned(options: argparse.Namespace, digest: str) -> list[Run | full.FullRun]:
    """Every run that was asked for, seed by seed."""
    chosen = [name for name in SOLUTIONS if name in (options.only or SOLUTIONS)]
    trainings = list(dict.fromkeys(full.trained_for(one) for one in tasks_of(options)))
    found: list[Run | full.FullRun] = []
    for seed in range(options.seeds):
        for name in [chosen[seed % len(chosen)]] if options.spread else chosen:
            code = hashlib.sha256(SOLUTIONS[name].encode()).hexdigest()[:16]
            if options.level == "budget":
                budget = behaviour.budget(seed)
                found.append(Run(name, code, seed, asdict(behaviour.CASE), budget, digest, backend(name)))
                continue
            for one in trainings:
                settings = full.configuration_of(one, options.epochs)
                found.append(full.FullRun(one, name, code, seed, settings, digest, backend(name)))
    return found


def tasks_of(options: argparse.Namespace) -> list[str]:
    """The networks of the full level, or 4.1."""
    if options.level == "budget":
        return []
    return list(dict.fromkeys(options.task or NETWORKS))


def work(
    options: argparse.Namespace,
    runs: Sequence[Run | full.FullRun],
    given: dict[str, Any],
    hidden: dict[str, Any],
) -> list[dict[str, Any]]:
    """Do the runs that are missing; the records of all."""
    images = behaviour.images_of(given, hidden)
    data = full.prepared(given) if options.level == "full" else None
    done = finished(options.runs)
    known = [record["run"] for record in done]
    missing = [run for run in runs if run.key() not in known]
    print(f"{len(runs)} runs, {len(runs) - len(missing)} done before", flush=True)
    for number, run in enumerate(missing, start=1):
        if isinstance(run, Run):
            result, what = measure(run, images), run.solution
        else:
            assert data is not None
            flavour, what = flavour_of(run.solution), f"{run.network}, {run.solution}"
            result = full.measure(run, function_of(run.solution), flavour, data, images)
        done.append({"run": run.key(), "result": result})
        append(options.runs, done[-1])
        print(
            f"[{number}/{len(missing)}] {what}, seed {run.seed}: {result['accuracy']:.4f} in "
            f"{result['seconds']:.1f} s",
            flush=True,
        )
    return done


def summary(
    runs: Sequence[Run | full.FullRun],
    done: Sequence[dict[str, Any]],
    number: str = "accuracy",
    *,
    spread: bool = False,
) -> list[Reached]:
    """The accuracies of each solution that was asked for, in the order of the seeds."""
    results = {repr(record["run"]): float(record["result"].get(number, math.nan)) for record in done}
    names = dict.fromkeys(run.solution for run in runs)
    found = {name: tuple(results[repr(run.key())] for run in runs if run.solution == name) for name in names}
    common = tolerance.pooled(found.values()) if spread else None
    return [Reached(name, accuracies, common) for name, accuracies in found.items()]


def entry(reached: Sequence[Reached], digest: str, options: argparse.Namespace, task: str) -> dict[str, Any]:
    """What is stored of one data set.

    Raises:
        SystemExit: the threshold would be too near to guessing, or too many right solutions fall below.
    """
    threshold = math.floor(100 * min(one.bound for one in reached)) / 100
    chance = max(one.chance(threshold) for one in reached)
    least = LEAST if task != TURNED else 0.0  # turned images are hardly known by right solutions, too
    if threshold < least or chance > tolerance.MOST:
        raise SystemExit(
            f"a threshold of {threshold} with a chance of {chance:.2%} proves too little; it is not written"
        )
    own = next(one for one in reached if one.solution == REFERENCE)
    level = f"--level full --task {task} " if options.level == "full" else ""
    folder = "--data DIR " if options.data else ""
    turns = "--spread " if options.spread else ""
    common = own.spread
    return {
        "name": "CIFAR-10" if options.data else "built-in pictures",
        "digest": digest,
        "command": f"python -m bench.calibrate {level}{folder}--seeds {options.seeds} {turns}--update",
        "keras": backend(REFERENCE),
        "seeds": options.seeds,
        **({"deviation": round(common.deviation, 4), "degrees": common.degrees} if common else {}),
        "lowest": min(own.accuracies),
        "highest": max(own.accuracies),
        "threshold": threshold,
        "chance": up(chance),
        "solutions": [numbers(one, threshold) for one in reached],
    }


def numbers(one: Reached, threshold: float) -> dict[str, Any]:
    """One solution's row, accuracies in 0–1."""
    return {
        "name": one.solution,
        **({"seeds": len(one.accuracies)} if one.spread else {}),
        "lowest": round(min(one.accuracies), 4),
        "mean": round(float(np.mean(one.accuracies)), 4),
        "deviation": round(float(np.std(one.accuracies, ddof=1)), 4),
        "bound": round(one.bound, 4),
        "chance": up(one.chance(threshold)),
    }


def up(chance: float) -> float:
    """A chance rounded up, to a hundredth of a percent."""
    return math.ceil(10_000 * chance) / 10_000


def show(task: str, reached: Sequence[Reached]) -> None:
    """Print what each solution reached, one line each."""
    print(f"{task}:")
    for one in reached:
        low, high, mean = min(one.accuracies), max(one.accuracies), np.mean(one.accuracies)
        print(f"  {one.solution}: {low:.4f} to {high:.4f}, mean {mean:.4f}, {len(one.accuracies)} seeds")


def finish(
    options: argparse.Namespace, runs: Sequence[Run | full.FullRun], done: list[dict[str, Any]], digest: str
) -> None:
    """Show the results, and write them where that was asked for."""
    for task in tasks_of(options) or ["4.1"]:
        own = [run for run in runs if isinstance(run, Run) or run.network == full.trained_for(task)]
        reached = summary(own, done, "turned" if task == TURNED else "accuracy", spread=options.spread)
        show(task, reached)
        if options.update:
            table, key = ("full", task) if options.level == "full" else ("checks", behaviour.CHECK)
            thresholds_file.update(STORED, table, key, entry(reached, digest, options, task))


def read_options() -> argparse.Namespace:
    """The options.

    Raises:
        SystemExit: they do not go together.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--level", choices=("budget", "full"), default="budget", help="which training")
    parser.add_argument(
        "--task", action="append", choices=NETWORKS, help="a network of --level full, repeatable"
    )
    parser.add_argument("--data", type=Path, help="a folder with cifar10.npz (default: built-in pictures)")
    parser.add_argument("--seeds", type=int, default=LEAST_SEEDS, help="how many")
    parser.add_argument("--spread", action="store_true", help="train each seed by one solution, in turn")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of --level full; fewer only try it out")
    parser.add_argument("--only", action="append", choices=SOLUTIONS, help="a solution, repeatable")
    parser.add_argument("--runs", type=Path, default=Path("grades/calibrate.jsonl"), help="finished runs")
    parser.add_argument("--update", action="store_true", help="write the result into the thresholds' file")
    options = parser.parse_args()
    if options.task and options.level == "budget":
        parser.error("--task chooses among the networks of --level full; the budget's is that of 4.1")
    if options.update and (options.only or options.seeds < LEAST_SEEDS or options.epochs != EPOCHS):
        parser.error(f"--update needs every solution, {LEAST_SEEDS} seeds and {EPOCHS} epochs")
    if options.seeds < 1 or options.epochs < 1:
        parser.error("--seeds and --epochs are at least 1")
    if options.spread and options.seeds <= len(options.only or SOLUTIONS):
        parser.error("--spread needs more seeds than solutions, so that one of them is trained twice")
    return options


def main() -> None:
    options = read_options()
    given, hidden = read_data(options.data)
    digest = digest_of(given)
    runs = planned(options, digest)
    try:
        done = work(options, runs, given, hidden)
    except KeyboardInterrupt:
        print(
            f"\nstopped; what is finished stands in {options.runs}, and the same command goes on from there"
        )
        sys.exit(130)
    finish(options, runs, done, digest)


if __name__ == "__main__":
    main()
