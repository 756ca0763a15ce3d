"""What the reference reaches on CIFAR-10: test accuracy of 4.2, 4.3a, 4.3b, 4.5, 4.6, rotated and augmented.

    python -m bench.accuracy [--data DIR] [--epochs 20] [--seeds 3] [--only 4.2 --only 5.2] [--runs FILE]

DIR holds ``cifar10.npz``; without it the Keras cache is used, downloading at first use. The table gives
the mean and the range over the seeds, beside the accuracy of the real run in the lab's description.
Rotated images are scored with the network of 4.6, and with the augmented one, which has the settings of
4.6 too; these are free, and the real run's were others. Each finished run is a line of FILE, so that a
second call does only what is missing: other epochs, data, settings, backends or versions of Keras are
other runs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from reference.cnn.augmentation import train_augmented
from reference.cnn.data import TEST, TRAINING, Cifar10, load
from reference.cnn.rotation import evaluate_rotated
from reference.cnn.training import CONFIGURATIONS, Configuration, Prepared, prepare, train

AUGMENTED = "5.2"
TASKS = (*CONFIGURATIONS, AUGMENTED)


@dataclass(frozen=True)
class Row:
    """A row of the table: which number of which task's runs, and the real run's."""

    title: str
    task: str
    number: str
    real_run: float


ROWS = (
    Row("4.2", "4.2", "test", 0.523),
    Row("4.3a", "4.3a", "test", 0.554),
    Row("4.3b", "4.3b", "test", 0.524),
    Row("4.5 dropout", "4.5", "test", 0.5615),
    Row("4.6 best", "4.6", "test", 0.5795),
    Row("5.0 4.6 rotated", "4.6", "rotated", 0.248),
    Row("5.2 augmented", AUGMENTED, "test", 0.491),
    Row("5.2 rotated", AUGMENTED, "rotated", 0.3115),
)


@dataclass(frozen=True)
class Run:
    """One training: everything its result depends on."""

    task: str
    seed: int
    configuration: Configuration
    n_training: int
    data: str  # the beginning of a hash of images and labels
    keras: str  # backend and version

    def key(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def read_npz(path: Path) -> Cifar10:
    """The lab's part of a ``cifar10.npz``."""
    with np.load(path, allow_pickle=False) as file:
        return Cifar10(
            file["x_train"][:TRAINING],
            file["y_train"][:TRAINING],
            file["x_test"][:TEST],
            file["y_test"][:TEST],
        )


def fingerprint(cifar10: Cifar10) -> str:
    digest = hashlib.sha256()
    for array in (cifar10.X, cifar10.Y, cifar10.Xtest, cifar10.Ytest):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def planned(options: argparse.Namespace, cifar10: Cifar10) -> list[Run]:
    """Every run that was asked for, seed by seed, so that a table of few seeds is whole early."""
    return [
        Run(
            task=task,
            seed=seed,
            configuration=replace(CONFIGURATIONS.get(task, CONFIGURATIONS["4.6"]), epochs=options.epochs),
            n_training=len(cifar10.X),
            data=fingerprint(cifar10),
            keras=f"{keras.backend.backend()} {keras.__version__}",
        )
        for seed in range(options.seeds)
        for task in TASKS
        if task in (options.only or TASKS)
    ]


def measure(run: Run, data: Prepared) -> dict[str, float]:
    """Train once, and score on the training, the test and the turned test images."""
    start = time.perf_counter()
    keras.utils.set_random_seed(run.seed)
    trained = (train_augmented if run.task == AUGMENTED else train)(run.configuration, data)
    scores = evaluate_rotated(trained.model, data.Xtest, data.Ytest)
    return {
        "train": trained.history.history["accuracy"][-1],
        "test": scores.upright.accuracy,
        "rotated": scores.rotated.accuracy,
        "seconds": time.perf_counter() - start,
    }


def finished(path: Path) -> list[dict[str, Any]]:
    """The runs of earlier calls. A line that a killed call left unfinished does not count."""
    if not path.exists():
        return []
    lines = []
    for line in path.read_text("utf-8").splitlines():
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            print(f"{path}: an unfinished line is left out")
    return lines


def append(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torn = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * torn + json.dumps(record) + "\n")


def table(records: Iterable[dict[str, Any]]) -> list[str]:
    """One line per row that has a run."""
    records = list(records)
    lines = [f"{'':16} {'mean':>6}  {'range':13} {'seeds':>5}  {'train':>6}  {'real run':>8}  {'s/run':>6}"]
    for row in ROWS:
        results = [record["result"] for record in records if record["run"]["task"] == row.task]
        if not results:
            continue
        values = [result[row.number] for result in results]
        train_mean, seconds = (np.mean([result[name] for result in results]) for name in ("train", "seconds"))
        lines.append(
            f"{row.title:16} {np.mean(values):6.4f}  {min(values):.4f}-{max(values):.4f} {len(values):5}  "
            f"{train_mean:6.4f}  {row.real_run:8.4f}  {seconds:6.0f}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a folder with cifar10.npz (default: the Keras cache)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--only", action="append", choices=TASKS, help="a task, repeatable (default: all)")
    parser.add_argument("--runs", type=Path, default=Path("grades/accuracy.jsonl"), help="finished runs")
    options = parser.parse_args()

    cifar10 = read_npz(options.data / "cifar10.npz") if options.data else load()
    data, runs, done = prepare(cifar10), planned(options, cifar10), finished(options.runs)
    keys = [run.key() for run in runs]
    missing = [run for run in runs if run.key() not in [record["run"] for record in done]]
    print(f"{len(runs)} runs of {options.epochs} epochs, {len(runs) - len(missing)} done before", flush=True)
    for number, run in enumerate(missing, start=1):
        result = measure(run, data)
        done.append({"run": run.key(), "result": result})
        append(options.runs, done[-1])
        print(
            f"[{number}/{len(missing)}] {run.task} seed {run.seed}: train {result['train']:.4f} "
            f"test {result['test']:.4f} rotated {result['rotated']:.4f} in {result['seconds']:.0f} s",
            flush=True,
        )
    print(*table(record for record in done if record["run"] in keys), sep="\n")


if __name__ == "__main__":
    main()
