"""Task P2.3: what ``build_vgg16`` builds at a small width is trained for a short while on drawn fish."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from checks.kit import Failure, Raised, Student, Undecided
from checks.kit.student import Array, Reply
from checks.kit.weights import require_moving_layers
from checks.project4.fish_drawing import KINDS, SIDE, draw_fish
from checks.project4.vgg_calls import FUNCTION, Case, Way, way_of_calling
from checks.project4.vgg_claims import undecided

CHECK = "P2.3/learns"
CASE = Case((SIDE, SIDE, 3), KINDS, (16, 32, 64, 128, 128), (1024, 1024, 250), batch_norm=True)
IMAGES, UNSEEN = 900, 450
EPOCHS = 4
BATCH_SIZE = 30
LEARNING_RATE = 1e-3
STEPS_AT_HOME = 700  # of case 6: ten epochs of a real data set of 9,000 fish
LIMIT_S = 60.0
TRIES = 3  # a right network starts dead once in a while: 1 of 80 did
DRAWN, HIDDEN = 1, 2  # seeds of the fish to train on and of those to recognise
NO_GRADIENT = (
    "No gradient reaches these weights: look for weights that all start at zero, and for what stands between "
    "them and the output."
)
STORED = Path(__file__).with_name("thresholds.toml")


@dataclass(frozen=True)
class Fish:
    """What is trained on, with one-hot labels, and what is asked, with the kind of each."""

    images: Array
    labels: Array
    unseen: Array
    kinds: Array


def fish() -> Fish:
    """The drawn fish, always the same."""
    images, kinds = draw_fish(IMAGES, DRAWN)
    unseen, hidden = draw_fish(UNSEEN, HIDDEN)
    return Fish(images, np.eye(KINDS, dtype=np.float32)[kinds], unseen, hidden)


def budget(seed: int) -> dict[str, Any]:
    """The request's settings that say how is trained."""
    return {
        "epochs": EPOCHS, "batch_size": BATCH_SIZE, "seed": seed, "steps_at_home": STEPS_AT_HOME,
        "limit_s": LIMIT_S, "learning_rate": LEARNING_RATE,
    }  # fmt: skip


def judge_learning(student: Student) -> str | None:
    """Train the student's network with batch normalisation on a small budget, in the sandbox.

    Without batch normalisation and with Keras' own initialisers even the right network stays at chance
    for a while, so it is not asked to learn.

    Raises:
        Failure: it stops with an error, layers stay as they were, or it recognises too few fish.
        Undecided: nothing is to be trained.
    """
    if student.training == "claimed":
        raise Undecided(undecided(student))
    way = way_of_calling(student)
    if not way.signature.takes("batch_norm"):
        return f"{FUNCTION} has no argument batch_norm, so it was not trained; P2.2 counts that."
    drawn, code = fish(), _code(way)
    wanted = student.thresholds.get(CHECK, 0.0) or stored()["threshold"]
    reached = []
    for seed in range(student.seed, student.seed + TRIES):
        reply = _trained(student, way, drawn, seed)
        predictions = reply.arrays[0] if reply.arrays else np.empty(0)
        if predictions.shape != (UNSEEN, KINDS) or not np.isfinite(predictions).all():
            raise _no_probabilities(predictions, code)
        reached.append(float(np.mean(predictions.argmax(axis=1) == drawn.kinds)))
        student.measure(CHECK, max(reached))
        if reached[-1] >= wanted:
            return None
        if reply.data.get("cut"):
            return "The short training took over a minute on this machine, so its result was not judged."
        require_moving_layers(reply, code, epochs=EPOCHS, hint=NO_GRADIENT)
    accuracy = max(reached)
    raise Failure(
        f"After {EPOCHS} epochs on {IMAGES} drawn fish the network recognises only {accuracy:.0%} of others, "
        f"at the best of {TRIES} trainings.",
        expected=f"at least {wanted:.0%}; the reference reaches {stored()['lowest']:.0%} to "
        f"{stored()['highest']:.0%}",
        received=f"{accuracy:.0%}, where guessing gives {1 / KINDS:.0%}",
        hint="The layers are right, so look at what they are given besides: initialisers, constraints, "
        "the momentum and epsilon of BatchNormalization.",
        counterexample=code,
    )


def stored(path: Path = STORED) -> Mapping[str, Any]:
    """What ``bench.calibrate_vgg`` has measured: ``threshold``, ``lowest``, ``highest``, ``chance``."""
    entry: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))["learns"]
    return entry


def _code(way: Way) -> str:
    return way.code(
        CASE,
        "model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])\n"
        f"model.fit(images, labels, epochs={EPOCHS}, batch_size={BATCH_SIZE})  # fish of 32×32 pixels",
    )


def _trained(student: Student, way: Way, drawn: Fish, seed: int) -> Reply:
    arrays = (drawn.images, drawn.labels, drawn.unseen)
    try:
        return student.ask("train", arrays, function=FUNCTION, arguments=way.arguments(CASE), **budget(seed))
    except Raised as raised:
        raise Failure(
            f"Training the network stops with {f'{raised}'.rstrip('.')}.",
            expected="a model that fit can train on images (n, 32, 32, 3) and one-hot labels (n, 9)",
            received=f"{raised}",
            hint="Run the lines below in a cell of their own and read the last lines of the error.",
            counterexample=_code(way),
        ) from None


def _no_probabilities(predictions: Array, code: str) -> Failure:
    numbers = predictions.shape == (UNSEEN, KINDS)
    return Failure(
        f"The trained network does not give {KINDS} probabilities for each image.",
        expected=f"predictions of the shape ({UNSEEN}, {KINDS})",
        received="NaN or infinite values" if numbers else f"the shape {predictions.shape}",
        hint="The last layer is a Dense layer with n_classes nodes and softmax.",
        counterexample=code,
    )
