"""Parts P2.3 and P2.4: the eight training cases, their curves, a chart of their predictions, the winner."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    """How a network is trained with Adam; which network it is says ``vgg16.network_of(number)``."""

    number: int
    learning_rate: float
    batch_size: int
    epochs: int


CASES = (
    Case(1, learning_rate=1e-3, batch_size=128, epochs=20),
    Case(2, learning_rate=1e-5, batch_size=32, epochs=10),
    Case(3, learning_rate=1e-3, batch_size=128, epochs=10),
    Case(4, learning_rate=1e-3, batch_size=128, epochs=10),
    Case(5, learning_rate=1e-3, batch_size=128, epochs=10),
    Case(6, learning_rate=1e-3, batch_size=128, epochs=10),
    Case(7, learning_rate=1e-1, batch_size=128, epochs=10),  # diverges: the steps are far too long
    Case(8, learning_rate=1e-5, batch_size=128, epochs=10),
)


@dataclass(frozen=True)
class Data:
    """What a case is trained, validated and tested on; no image is in two of the parts."""

    Xtrain: NDArray[np.float32]  # (n, height, width, 3) in [-1, 1]
    Ytrain: NDArray[Any]  # (n, n_classes), one-hot
    Xval: NDArray[np.float32]
    Yval: NDArray[Any]
    Xtest: NDArray[np.float32]
    Ytest: NDArray[Any]


@dataclass(frozen=True)
class Curves:
    """One value per epoch; a loss that has diverged is NaN."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    val_loss: tuple[float, ...]
    val_accuracy: tuple[float, ...]


@dataclass(frozen=True)
class Result:
    """What became of a case."""

    case: Case
    curves: Curves
    test_loss: float
    correct: int  # test images whose class was predicted
    incorrect: int
    time_s: float  # of training

    @property
    def test_accuracy(self) -> float:
        """Share of test images whose class was predicted, 0–1."""
        return self.correct / (self.correct + self.incorrect)


def train_case(case: Case, build: Callable[[], keras.Model], data: Data, *, verbose: int = 2) -> Result:
    """Train a new network as a case says, and test it once at the end.

    Args:
        case: one of ``CASES``, or a shorter one made with ``dataclasses.replace(case, epochs=2)``.
        build: makes a new network, for instance ``vgg16.network_of(case.number).build``. It is a
            function so that no case goes on with the weights of another.
        data: with as many columns of labels as the network has outputs.
        verbose: what ``fit`` prints: 0 nothing, 1 a bar, 2 a line per epoch.

    Raises:
        ValueError: if images and labels do not fit the network.
    """
    model = build()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=case.learning_rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    start = time.perf_counter()
    history = model.fit(
        data.Xtrain,
        data.Ytrain,
        validation_data=(data.Xval, data.Yval),
        batch_size=case.batch_size,
        epochs=case.epochs,
        verbose=verbose,
    ).history
    time_s = time.perf_counter() - start
    return _tested(case, model, data, _curves(history), time_s)


def _curves(history: dict[str, list[float]]) -> Curves:
    """The history of ``fit`` as a record."""
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    return Curves(*(tuple(float(value) for value in history[name]) for name in names))


def _tested(case: Case, model: keras.Model, data: Data, curves: Curves, time_s: float) -> Result:
    """Evaluate and count on the test images."""
    test_loss = model.evaluate(data.Xtest, data.Ytest, batch_size=case.batch_size, verbose=0)[0]
    predicted = model.predict(data.Xtest, batch_size=case.batch_size, verbose=0).argmax(axis=1)
    correct = int(np.sum(predicted == data.Ytest.argmax(axis=1)))
    return Result(case, curves, float(test_loss), correct, len(predicted) - correct, time_s)


def curves_figure(result: Result) -> Figure:
    """Draw loss and accuracy over the epochs, for training and validation images."""
    curves = result.curves
    panels = (("loss", curves.loss, curves.val_loss), ("accuracy", curves.accuracy, curves.val_accuracy))
    fig, axes = plt.subplots(1, 2, figsize=(12, 4))
    for ax, (quantity, training, validation) in zip(axes, panels, strict=True):
        epochs = range(1, len(training) + 1)
        ax.plot(epochs, training, marker="o", label="training")
        ax.plot(epochs, validation, marker="o", label="validation")
        ax.set_xlabel("epoch")
        ax.set_ylabel(quantity)
        ax.legend()
    fig.suptitle(f"Case {result.case.number}")
    return fig


def predictions_chart(results: Sequence[Result]) -> Figure:
    """Draw how many test images each case classified correctly and incorrectly, as pairs of bars.

    Raises:
        ValueError: if there are no results.
    """
    _check_any(results)
    fig, ax = plt.subplots(figsize=(10, 4))
    places = np.arange(len(results))
    for offset, label, counts in (
        (-0.2, "correct", [result.correct for result in results]),
        (0.2, "incorrect", [result.incorrect for result in results]),
    ):
        ax.bar_label(ax.bar(places + offset, counts, width=0.4, label=label))
    ax.set_xticks(places, [f"case {result.case.number}" for result in results])
    ax.set_ylabel("test images")
    ax.legend()
    return fig


def winner(results: Sequence[Result]) -> Result:
    """Return the case with the most test images correct; of equals, that with the lower test loss.

    Raises:
        ValueError: if there are no results.
    """
    _check_any(results)
    return max(
        results, key=lambda result: (result.test_accuracy, -np.nan_to_num(result.test_loss, nan=np.inf))
    )


def _check_any(results: Sequence[Result]) -> None:
    """Raise if there is nothing to show or compare."""
    if not results:
        raise ValueError("There should be at least one result. Train a case first.")
