"""The threshold of P2.3/learns: what right networks reach after the short training that the check gives.

    python -m bench.calibrate_vgg [--seeds 20] [--only NAME] [--runs FILE] [--update]

Right ways to write ``build_vgg16`` are trained by the same code, on the same drawn fish and for as long as a
student's network is when it is graded. Now and then a right network starts dead and stays at chance, so a
student's is trained again, with another seed, where it fails. The threshold lies halfway between guessing and
the weakest network that lives; the chance that a right one falls below it in all tries is estimated from how
many of its n runs did, k: ((k + 1) / (n + 1)) to the power of the tries. Each finished run is a line of
FILE, so that a second call does only what is missing. ``--update`` writes the result into
``checks/project4/thresholds.toml``.
"""

from __future__ import annotations

import argparse
import inspect
import math
import re
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

import reference.project4.vgg16
from bench.accuracy import append, finished
from bench.calibrate import LEAST, Reached
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
CHANCE = 1e-2  # at most, that a right network fails
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
    budget = learning.Budget(**vgg_learning.budget(seed))
    _, predictions = learning.train(build, list(case.input_shape), flavour, arrays, budget)
    return {
        "accuracy": float(np.mean(predictions.argmax(axis=1) == fish.kinds)),
        "seconds": time.perf_counter() - start,
    }


def chance(accuracies: Sequence[float], threshold: float) -> float:
    """That a network with these runs falls below the threshold in all tries, by the rule of succession."""
    below = sum(accuracy < threshold for accuracy in accuracies)
    return float(((below + 1) / (len(accuracies) + 1)) ** vgg_learning.TRIES)


def update(reached: list[Reached], seeds: int) -> None:
    """Write the result into the file that the check reads.

    Raises:
        SystemExit: the threshold would be too near to guessing.
    """
    guessing = 1 / vgg_learning.KINDS
    alive = [accuracy for one in reached for accuracy in one.accuracies if accuracy > 2 * guessing]
    threshold = math.floor(50 * (guessing + min(alive))) / 100
    chances = {one.solution: chance(one.accuracies, threshold) for one in reached}
    if threshold < LEAST or max(chances.values()) > CHANCE:
        raise SystemExit(f"a threshold of {threshold} and chances {chances} prove too little; train longer")
    own = [accuracy for accuracy in reached[0].accuracies if accuracy >= threshold]
    rows = "".join(
        f'    {{ name = "{one.solution}", lowest = {min(one.accuracies):.4f}, mean = '
        f"{np.mean(one.accuracies):.4f}, chance = {chances[one.solution]:.5f} }},\n"
        for one in reached
    )
    text = (
        f'[learns]\nkeras = "{keras.__version__}"\nseeds = {seeds}\nlowest = {min(own):.4f}\n'
        f"highest = {max(own):.4f}\nthreshold = {threshold}\nsolutions = [\n{rows}]\n"
    )
    path = vgg_learning.STORED
    path.write_text(STORED.sub(lambda _: text, path.read_text("utf-8")), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--only", action="append", choices=SOLUTIONS, help="a solution, repeatable")
    parser.add_argument("--runs", type=Path, default=Path("grades/calibrate-vgg.jsonl"), help="finished runs")
    parser.add_argument("--update", action="store_true", help="write the result into the thresholds' file")
    options = parser.parse_args()
    names = list(options.only or SOLUTIONS)
    for seed in range(options.seeds):
        for name in names:
            run = {"solution": name, "seed": seed, "budget": vgg_learning.budget(seed)}
            if run not in [record["run"] for record in finished(options.runs)]:
                result = measure(name, seed)
                append(options.runs, {"run": run, "result": result})
                print(f"seed {seed}, {name}: {result['accuracy']:.3f}, {result['seconds']:.1f} s", flush=True)
    done = {repr(record["run"]): record["result"]["accuracy"] for record in finished(options.runs)}
    reached = [
        Reached(
            name,
            tuple(
                done[repr({"solution": name, "seed": seed, "budget": vgg_learning.budget(seed)})]
                for seed in range(options.seeds)
            ),
        )
        for name in names
    ]
    for one in reached:
        print(f"{one.solution}: {min(one.accuracies):.3f} to {max(one.accuracies):.3f}")
    if options.update:
        update(reached, options.seeds)


if __name__ == "__main__":
    main()
