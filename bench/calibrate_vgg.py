"""The threshold of P2.3/learns: what right networks reach after the short training that the check gives.

    python -m bench.calibrate_vgg [--seeds 20] [--only NAME] [--runs FILE] [--update]

Right ways to write ``build_vgg16`` are trained by the same code, on the same drawn fish and for as long as a
student's network is when it is graded. Now and then a right network starts dead and stays at chance, so a
student's is trained again, with another seed, where it fails. The threshold lies halfway between guessing and
the weakest network that lives. The chance that a right one falls below it in all tries is the upper limit at
a confidence of 95 % (``bench/tolerance.py``); a solution of which a run fails is trained over twice as many
seeds, to know that chance better. Each finished run is a line of FILE, so that after Ctrl-C the same command
does only what is missing. ``--update`` writes the result into ``checks/project4/thresholds.toml``. The full
trainings of the eight cases are not calibrated: there are no hidden pictures of fish to score them on.
"""

from __future__ import annotations

import argparse
import inspect
import math
import re
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

import reference.project4.vgg16
from bench.accuracy import append, finished
from bench.calibrate import LEAST, LEAST_SEEDS, Reached, up
from bench.tolerance import MOST, chance_of_failing
from checks.project4 import vgg_learning
from checks.project4.faults.handin import CELLS
from grader.kernel import learning

HAND_IN = next(cell.source for cell in CELLS if "def build_vgg16" in cell.source)
SOLUTIONS = {
    "the reference": inspect.getsource(reference.project4.vgg16),
    "Keras' own initialisers": HAND_IN,
    "tf_keras": HAND_IN.replace("keras", "tf_keras").replace(
        "layers.Input(shape=input_shape)", "layers.InputLayer(input_shape)"
    ),
    "glorot_normal": HAND_IN.replace("padding='same'", "padding='same', kernel_initializer='glorot_normal'"),
}
DEAD = 2 / vgg_learning.KINDS  # twice what guessing gives; a network below it has not begun to learn
STORED = re.compile(r"\[learns\].*", re.DOTALL)


def measure(solution: str, seed: int) -> dict[str, float]:
    """Train once, as the kernel does it, and score the fish that were not trained on."""
    space: dict[str, Any] = {"__name__": __name__}
    exec(compile(SOLUTIONS[solution], solution, "exec", dont_inherit=True), space)
    case, fish = vgg_learning.CASE, vgg_learning.fish()
    build = partial(
        space["build_vgg16"], case.input_shape, case.n_classes, filters=case.filters, dense=case.dense,
        batch_norm=True,
    )  # fmt: skip
    start = time.perf_counter()
    flavour = "tf_keras" if solution == "tf_keras" else "keras"
    arrays = [fish.images, fish.labels, fish.unseen]
    budget = learning.Budget(
        **{**vgg_learning.budget(seed), "limit_s": math.inf}
    )  # cut short, none is judged
    _, predictions = learning.train(build, list(case.input_shape), flavour, arrays, budget)
    return {
        "accuracy": float(np.mean(predictions.argmax(axis=1) == fish.kinds)),
        "seconds": time.perf_counter() - start,
    }


def chance(accuracies: Sequence[float], threshold: float) -> float:
    """That a network with these runs falls below the threshold in all tries, at most."""
    below = sum(accuracy < threshold for accuracy in accuracies)
    return chance_of_failing(below, len(accuracies), vgg_learning.TRIES)


def update(reached: list[Reached], seeds: int) -> None:
    """Write the result into the file that the check reads.

    Raises:
        SystemExit: the threshold would be too near to guessing, or too many right networks fall below it.
    """
    alive = [accuracy for one in reached for accuracy in one.accuracies if accuracy > DEAD]
    threshold = math.floor(50 * (1 / vgg_learning.KINDS + min(alive))) / 100
    chances = {one.solution: chance(one.accuracies, threshold) for one in reached}
    if threshold < LEAST or max(chances.values()) > MOST:
        raise SystemExit(f"a threshold of {threshold} and chances {chances} prove too little; train longer")
    own = [accuracy for accuracy in reached[0].accuracies if accuracy >= threshold]
    rows = "".join(
        f'    {{ name = "{one.solution}", seeds = {len(one.accuracies)}, lowest = '
        f"{min(one.accuracies):.4f}, mean = {np.mean(one.accuracies):.4f}, "
        f"chance = {up(chances[one.solution])} }},\n"
        for one in reached
    )
    text = (
        f'[learns]\ncommand = "python -m bench.calibrate_vgg --seeds {seeds} --update"\n'
        f'keras = "{keras.__version__}"\nseeds = {seeds}\nlowest = {min(own):.4f}\n'
        f"highest = {max(own):.4f}\nthreshold = {threshold}\nchance = {up(max(chances.values()))}\n"
        f"solutions = [\n{rows}]\n"
    )
    path = vgg_learning.STORED
    path.write_text(STORED.sub(lambda _: text, path.read_text("utf-8")), "utf-8")


def accuracies(name: str, seeds: int, runs: Path) -> tuple[float, ...]:
    """What a solution reaches with each seed, trained where that was not done before."""
    done = {repr(record["run"]): float(record["result"]["accuracy"]) for record in finished(runs)}
    for seed in range(seeds):
        run = {"solution": name, "seed": seed, "budget": vgg_learning.budget(seed)}
        if repr(run) not in done:
            result = measure(name, seed)
            append(runs, {"run": run, "result": result})
            done[repr(run)] = result["accuracy"]
            print(f"seed {seed}, {name}: {result['accuracy']:.3f}, {result['seconds']:.1f} s", flush=True)
    keys = ({"solution": name, "seed": seed, "budget": vgg_learning.budget(seed)} for seed in range(seeds))
    return tuple(done[repr(key)] for key in keys)


def reached_by(name: str, seeds: int, runs: Path) -> Reached:
    """A solution's accuracies, over twice as many seeds where a run failed."""
    found = accuracies(name, seeds, runs)
    if min(found) < DEAD:
        found = accuracies(name, 2 * seeds, runs)
    return Reached(name, found)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=LEAST_SEEDS, help="how many")
    parser.add_argument("--only", action="append", choices=SOLUTIONS, help="a solution, repeatable")
    parser.add_argument("--runs", type=Path, default=Path("grades/calibrate-vgg.jsonl"), help="finished runs")
    parser.add_argument("--update", action="store_true", help="write the result into the thresholds' file")
    options = parser.parse_args()
    if options.update and (options.only or options.seeds < LEAST_SEEDS):
        parser.error(f"--update needs every solution and {LEAST_SEEDS} seeds")
    try:
        reached = [reached_by(name, options.seeds, options.runs) for name in options.only or SOLUTIONS]
    except KeyboardInterrupt:
        print(
            f"\nstopped; what is finished stands in {options.runs}, and the same command goes on from there"
        )
        sys.exit(130)
    for one in reached:
        print(f"{one.solution}: {min(one.accuracies):.3f} to {max(one.accuracies):.3f}")
    if options.update:
        update(reached, options.seeds)


if __name__ == "__main__":
    main()
