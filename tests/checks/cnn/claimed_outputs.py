"""The saved outputs of made-up trainings: logs, scores and summaries in the forms of both Keras."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from checks.kit.model import Model


@dataclass(frozen=True)
class Style:
    """How one student writes."""

    bars: str  # keras2, keras3, plain2, plain3, samples
    test_size: float
    epochs: int
    batch: int
    best_batch: int
    prints: str  # label, percent, list, bar, fstring
    same_cell: bool
    numbers: str  # full, three, percent, comma, rough
    settings: str  # names, literals


def style_of(draw: random.Random) -> Style:
    return Style(
        bars=draw.choice(["keras2", "keras3", "plain2", "plain3", "samples"]), test_size=draw.choice([0.25, 0.3]),
        epochs=draw.choice([10, 15, 20]), batch=20, best_batch=draw.choice([32, 64, 100, 128]),
        prints=draw.choice(["label", "percent", "list", "bar", "fstring"]), same_cell=draw.random() < 0.4,
        numbers=draw.choice(["full", "three", "percent", "comma", "rough"]), settings=draw.choice(["names", "literals"]),
    )  # fmt: skip


def share(draw: random.Random, low: float, high: float, of: int) -> float:
    return draw.randint(math.ceil(low * of), int(high * of)) / of


def log_text(
    draw: random.Random, bars: str, epochs: int, trained: int, validated: int, batch: int, top: float = 0.0
) -> tuple[str, float]:
    """A log and its last training accuracy."""
    steps = math.ceil(trained / batch)
    top = top or draw.uniform(0.72, 0.97)
    lines = [f"Train on {trained} samples, validate on {validated} samples"] if bars == "samples" else []
    accuracy = 0.0
    for epoch in range(1, epochs + 1):
        accuracy = share(draw, 0, 1, 1) or round((0.3 + (top - 0.3) * epoch / epochs) * trained) / trained
        accuracy = round((0.3 + (top - 0.3) * epoch / epochs) * trained) / trained
        loss, val = 2 - accuracy, share(draw, 0.3, 0.6, validated)
        values = f"loss: {loss:.4f} - accuracy: {accuracy:.4f} - val_loss: {loss + 0.5:.4f} - val_accuracy: {val:.4f}"
        lines.append(f"Epoch {epoch}/{epochs}")
        lines.append(progress_line(bars, steps, trained, values, epoch))
    return "\n".join(lines) + "\n", accuracy


def progress_line(bars: str, steps: int, trained: int, values: str, epoch: int) -> str:
    if bars == "keras3":
        bar = f"\x1b[32m{'━' * 20}\x1b[0m\x1b[37m\x1b[0m"
        early = f"\r\x1b[1m  1/{steps}\x1b[0m {bar} \x1b[1m9s\x1b[0m 20ms/step - accuracy: 0.1000 - loss: 2.9"
        return (
            f"{early}"
            + "\b" * 60
            + f"\r\x1b[1m{steps}/{steps}\x1b[0m {bar} \x1b[1m3s\x1b[0m 7ms/step - {values}"
        )
    if bars == "keras2":
        early = f"  1/{steps} [..............................] - ETA: 9s - loss: 2.9 - accuracy: 0.1000"
        return f"\r{early}" + "\b" * len(early) + f"\r{steps}/{steps} [{'=' * 30}] - 3s 8ms/step - {values}"
    if bars == "samples":
        return f"{trained}/{trained} [{'=' * 30}] - 5s 612us/step - {values}"
    if bars == "plain2":
        return f"{steps}/{steps} - 3s - {values} - 3s/epoch - 8ms/step"
    return f"{steps}/{steps} - {epoch}s - 9ms/step - {values}"


def printed_score(draw: random.Random, style: Style, name: str, value: float) -> tuple[str, str]:
    """The code that tests a model, and what it shows."""
    loss = draw.uniform(1.2, 3.5)
    bar = f"63/63 [{'=' * 30}] - 0s 4ms/step - loss: {loss:.4f} - accuracy: {value:.4f}\n"
    ways = {
        "label": (
            f"score = {name}.evaluate(Xtest, Ytest, verbose=0)\nprint('Test loss: %.4f' % score[0])\n"
            "print('Test accuracy: %.4f' % score[1])",
            f"Test loss: {loss:.4f}\nTest accuracy: {value:.4f}\n",
        ),
        "percent": (
            f"loss_, acc_ = {name}.evaluate(Xtest, Ytest, verbose=0)\nprint(f'{name} test accuracy: {{acc_:.2%}}')",
            f"{name} test accuracy: {value:.2%}\n",
        ),
        "list": (f"{name}.evaluate(Xtest, Ytest)", f"{bar}[{loss:.6f}, {np.float32(value)!s}]\n"),
        "bar": (
            f"score = {name}.evaluate(Xtest, Ytest)\nprint('Test accuracy: %.4f' % score[1])",
            f"{bar}Test accuracy: {value:.4f}\n",
        ),
        "fstring": (
            f"score = {name}.evaluate(Xtest, Ytest, verbose=0)\nprint(f'Test accuracy = {{score[1]}}')",
            f"Test accuracy = {float(np.float32(value))}\n",
        ),
    }
    return ways[style.prints]


def summary_text(net: Model, keras: int, name: str = "functional_3", first: str = "(None, 32, 32, 3)") -> str:
    frozen = net.parameters - net.trainable
    convolutions = [layer for layer in net.layers if layer.kind == "Conv2D"]
    if keras == 2:
        rows = "\n".join(
            f" {layer.name} (Conv2D)    (None, 32, 32, 16)   {layer.parameters:,}" for layer in convolutions
        )
        return (
            f'Model: "{name}"\n{"_" * 65}\n Layer (type)      Output Shape        Param #\n{"=" * 65}\n'
            f" input (InputLayer)    [{first}]   0\n{rows}\n{'=' * 65}\nTotal params: {net.parameters:,}\n"
            f"Trainable params: {net.trainable:,}\nNon-trainable params: {frozen:,}\n{'_' * 65}\n"
        )
    rows = "\n".join(
        f"│ {layer.name} (Conv2D)      │ (None, 32, 32, 16)  │ {layer.parameters:>9,} │\n├──────┼─────┼─────┤"
        for layer in convolutions
    )
    return (
        f'Model: "{name}"\n┏━━━━━┳━━━━━┳━━━━━┓\n┃ Layer (type)   ┃ Output Shape    ┃       Param # ┃\n┡━━━━╇━━━━╇━━━━┩\n'
        f"│ input (InputLayer)   │ {first}   │   0 │\n├───┼───┼───┤\n{rows}\n└──────┴──────┴──────┘\n"
        f" Total params: {3 * net.trainable + frozen:,} (1.42 MB)\n Trainable params: {net.trainable:,} (485.08 KB)\n"
        f" Non-trainable params: {frozen:,} (2.27 KB)\n Optimizer params: {2 * net.trainable:,} (970.16 KB)\n"
    )
