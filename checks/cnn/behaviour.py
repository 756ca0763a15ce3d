"""Task 4.1: what ``build_CNN`` builds is trained for a short while and must recognise unseen images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from checks.cnn import calibrated
from checks.cnn.building import CASE_DEFAULTS, Case, Way
from checks.cnn.calibrated import STORED, digest_of
from checks.cnn.layers import CLASSES
from checks.cnn.tracing import CLASSES as NAMES
from checks.kit import Failure, Holds, Raised, Student
from checks.kit.matrices import matrix_of
from checks.kit.picture import Curves, Line, Picture, Plots
from checks.kit.student import Array, Reply
from checks.kit.weights import require_moving_layers

CHECK = "4.1/learns"
CASE = replace(CASE_DEFAULTS, n_dense_layers=1)
IMAGES = 4_000  # of the training images, the first ones
EPOCHS = 3
BATCH_SIZE = 50
STEPS_AT_HOME = 7_500  # of task 4.2: 20 epochs of 375 batches
LIMIT_S = 60.0  # of the training; ten times what it takes on two cores
NO_GRADIENT = (
    "No gradient reaches these weights, or no step is taken: look for weights that all start at zero, for "
    "stop_gradient or an operation without a gradient, and for a loss, an optimiser or a train_step of your "
    "own."
)
TRAINING = """model = {}
model.fit(Xtrain[:4000], Ytrain[:4000], epochs=3, batch_size=50)
model.evaluate(Xtest, Ytest)"""
CHANGES = """model = {}
before = [weight.numpy() for weight in model.trainable_weights]
model.fit(Xtrain[:4000], Ytrain[:4000], epochs=3, batch_size=50)
for weight, old in zip(model.trainable_weights, before):
    print(weight.name, abs(weight.numpy() - old).max())"""


class TooSlow(Exception):  # noqa: N818 - neither right nor wrong
    """The machine did not finish the training in time, so nothing can be said of the network."""


@dataclass(frozen=True)
class Images:
    """What is trained on and what is asked: images in [-1, 1] float32, labels one-hot float32.

    ``unseen`` never were among the training images; ``classes`` (m,) are theirs, as integers.
    """

    training: Array
    labels: Array
    unseen: Array
    classes: Array


@dataclass(frozen=True)
class Threshold(calibrated.Threshold):
    """The accuracy in 0–1 that must be reached; ``reached`` says what the reference does."""

    reached: str


def judge_learning(student: Student, way: Way) -> Holds:
    """Train the student's network on a small budget, in the sandbox, and hold it against right ones.

    Returns pictures of the training, which a failure by too low an accuracy has as well.

    Raises:
        Failure: it stops with an error, layers stay as they were, or it recognises too few images.
        TooSlow: the training took over a minute.
    """
    case = replace(CASE, **way.fixed(CASE))
    images = images_of(student.given, student.hidden)
    code = way.code(case, TRAINING)
    reply = trained(student, way, case, images)
    predictions = read_predictions(reply, len(images.unseen), code)
    accuracy = float(np.mean(predictions.argmax(axis=1) == images.classes))
    student.measure(CHECK, accuracy)
    threshold = threshold_for(student)
    if accuracy < threshold.accuracy and reply.data.get("cut"):
        raise TooSlow(f"the training did not end within {LIMIT_S:.0f} s")
    require_moving_layers(reply, way.code(case, CHANGES), epochs=EPOCHS, hint=NO_GRADIENT)
    pictures = pictures_of(reply, images.classes, predictions.argmax(axis=1))
    if accuracy >= threshold.accuracy:
        return Holds(pictures=pictures)
    message, hint = explain(accuracy, predictions, reply)
    raise Failure(
        message,
        expected=f"at least {threshold.accuracy:.0%} of {len(images.unseen):,} test images recognised; "
        + threshold.reached,
        received=f"{accuracy:.0%}, where guessing gives {1 / CLASSES:.0%}",
        hint=hint,
        counterexample=code,
        pictures=pictures,
    )


def pictures_of(reply: Reply, classes: Array, predicted: Array) -> tuple[Picture, ...]:
    """The course of the short training, and which class was taken for which afterwards."""
    title, history = "The short training", reply.data.get("history")
    named = history if isinstance(history, dict) else {}
    curves = [
        Curves(title, quantity, (Line("training, in the grader's run", values),))
        for quantity, most in (("accuracy", 1.0), ("loss", math.inf))
        if any(values := _course(named, quantity[:3], most))
    ]
    short = f"{EPOCHS} epochs on {IMAGES:,} images, trained by the grader with the student's network."
    plots = (Plots(title, tuple(curves), short),) if curves else ()
    note = f"{len(classes):,} test images that the network has never seen, after that training."
    return (*plots, matrix_of(NAMES, classes, predicted, note))


def _course(history: Mapping[str, Any], part: str, most: float) -> tuple[float | None, ...]:
    """The values, 0 to ``most``, of the first quantity of the training whose name has this part."""
    found = (
        values
        for name, values in history.items()
        if part in str(name).lower() and not str(name).startswith("val")
    )
    numbers = (_number(value, math.nan) for value in _list(next(found, None))[:EPOCHS])
    return tuple(value if 0 <= value <= most and math.isfinite(value) else None for value in numbers)


def images_of(given: Mapping[str, Array], hidden: Mapping[str, Array]) -> Images:
    """The first training images, and the hidden test images, or where there are none the notebook's own."""
    tests = hidden if "cifar10/x_test" in hidden else given
    return Images(
        training=scaled(given["cifar10/x_train"][:IMAGES]),
        labels=np.eye(CLASSES, dtype="float32")[given["cifar10/y_train"][:IMAGES].reshape(-1)],
        unseen=scaled(tests["cifar10/x_test"]),
        classes=tests["cifar10/y_test"].reshape(-1).astype(int),
    )


def scaled(images: Array) -> Array:
    """Images of 0–255 as float32 in [-1, 1]."""
    return (images.astype("float32") / 127.5 - 1).astype("float32")


def budget(seed: int) -> dict[str, Any]:
    """The request's settings that say how long is trained."""
    return {
        "epochs": EPOCHS, "batch_size": BATCH_SIZE, "seed": seed, "steps_at_home": STEPS_AT_HOME,
        "limit_s": LIMIT_S,
    }  # fmt: skip


def trained(student: Student, way: Way, case: Case, images: Images) -> Reply:
    """The kernel's answer after the training."""
    arrays = (images.training, images.labels, images.unseen)
    try:
        return student.ask("train", arrays, **way.request(case), **budget(student.seed))
    except Raised as raised:
        raise Failure(
            f"Training the network stops with {f'{raised}'.rstrip('.')}.",
            expected="a model that fit can train on images (n, 32, 32, 3) and one-hot labels (n, 10)",
            received=f"{raised}",
            hint="Run the lines below in a cell of their own and read the last lines of the error.",
            counterexample=way.code(case, TRAINING),
        ) from None


def read_predictions(reply: Reply, rows: int, code: str) -> Array:
    """The predictions as (rows, 10) finite floats.

    Raises:
        Failure: they are something else.
    """
    predictions = reply.arrays[0] if reply.arrays else np.empty(0)
    if predictions.shape != (rows, CLASSES) or predictions.dtype.kind != "f":
        raise Failure(
            f"For {rows:,} images the trained network does not give {CLASSES} probabilities each.",
            expected=f"predictions of the shape ({rows}, {CLASSES})",
            received=f"{predictions.shape}, {predictions.dtype}",
            hint="The last layer gives one number for each of the ten classes.",
            counterexample=code,
        )
    if not np.isfinite(predictions).all():
        raise Failure(
            "After a short training the network gives NaN instead of probabilities.",
            expected="finite numbers",
            received=f"NaN or infinite values for {_unusable(predictions):,} images",
            hint="Look for a logarithm, a division or a square root of your own that may get 0.",
            counterexample=code,
        )
    return np.asarray(predictions)


def explain(accuracy: float, predictions: Array, reply: Reply) -> tuple[str, str]:
    """What is wrong with a network that recognises too little, and a hint."""
    history = reply.data.get("history")
    in_training = best_accuracy(history)
    short = f"After {EPOCHS} epochs on {IMAGES:,} images"
    if in_training is not None and in_training > accuracy + 0.2:
        return (
            f"The network recognises {in_training:.0%} of the images while it is trained, but only "
            f"{accuracy:.0%} of the test images when it predicts.",
            "Look for what differs between the two: the momentum of BatchNormalization (at 1 or close to it "
            "the averages used for predictions never move), and layers that heed `training`.",
        )
    favourite = np.bincount(predictions.argmax(axis=1), minlength=CLASSES).max() / len(predictions)
    if favourite > 0.99:
        return (
            f"{short} the network gives the same class for every image.",
            "Look for what makes the output independent of the image: weights held at zero by an "
            "initialiser or a constraint, or an epsilon of BatchNormalization that is far too large.",
        )
    losses = _losses(history)
    if len(losses) > 1 and losses[-1] > losses[0] - 0.01 * abs(losses[0]):
        return (
            f"{short} the loss has not fallen ({losses[0]:.3f} after the first epoch, {losses[-1]:.3f} after "
            f"the last), and the network recognises {accuracy:.0%} of the test images.",
            "Steps are too small or lead nowhere: look at what you pass to the optimiser besides the "
            "learning rate, such as clipnorm or epsilon, and at a loss or train_step of your own.",
        )
    return (
        f"{short} the network recognises only {accuracy:.0%} of the test images.",
        "The layers are right, so look at how they are trained: settings of the optimiser, a loss or a "
        "train_step of your own, initialisers and constraints.",
    )


def best_accuracy(history: Any) -> float | None:
    """The last accuracy that the training itself reported, or ``None``."""
    if not isinstance(history, dict):
        return None
    found = [
        _number(values[-1], 0.0)
        for name, values in history.items()
        if "acc" in str(name).lower()
        and not str(name).startswith("val")
        and isinstance(values, list)
        and values
    ]
    return max((value for value in found if 0 <= value <= 1), default=None)


def _losses(history: Any) -> list[float]:
    values = _list(history.get("loss")) if isinstance(history, dict) else []
    return [float(value) for value in values if isinstance(value, int | float)]


# ---- thresholds --------------------------------------------------------------------------------------


def threshold_for(student: Student) -> Threshold:
    """The rubric's threshold where it has one above 0, else the one measured on this data set."""
    entries = stored()
    digest = digest_of(student.given)
    entry = next((one for one in entries if one["digest"] == digest), None)
    reached = (
        f"the reference reaches {entry['lowest']:.0%} to {entry['highest']:.0%} in {entry['seeds']} trainings"
        if entry
        else "the reference reaches more than that on every known data set"
    )
    own = student.thresholds.get(CHECK, 0.0)
    if own > 0:
        return Threshold(own, None, reached)
    lowest = min([entry] if entry else entries, key=lambda one: float(one["threshold"]))
    return Threshold(lowest["threshold"], entry["chance"] if entry else None, reached)


def stored(path: Path = STORED) -> Sequence[Mapping[str, Any]]:
    """What ``bench.calibrate`` has measured of this training: one entry for each data set."""
    return calibrated.stored("checks", CHECK, path)


def _unusable(predictions: Array) -> int:
    """How many rows hold something that is no number."""
    return int((~np.isfinite(predictions)).any(axis=1).sum())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any, otherwise: float) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if usable else otherwise
