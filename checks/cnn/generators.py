"""Task 5.1: what the generator does to images, told from pictures of ours that went through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from checks.cnn import drawing
from checks.cnn.drawing import Movement
from checks.cnn.flows import Flows, random_layers, stopped_cells
from checks.cnn.memo import gallery_for
from checks.cnn.tracing import CLASSES, trace
from checks.cnn.turns import TURNS, UPRIGHT
from checks.kit import Failure, Source, Student
from checks.kit.student import Array

DEGREES = (10.0, 45.0)  # the ranges that pass; 30 is asked for
NOISE = 2.0  # degrees by which a range told from draws may be off
STILL = 0.1  # degrees, below which nothing turns
UNCLEAR = 85.0  # degrees, above which a turned image may be a flipped one
NAMED = ("the images", "them")  # what the first and the second fault call the images
FULL = 6.3  # a range below one full turn in radians may be meant in radians
TRACEABLE = 0.9  # the share of upright or mirrored draws from which nothing rotates
LEGACY = (
    "ImageDataGenerator is a legacy class: import it from tensorflow.keras.preprocessing.image "
    "(keras.preprocessing.image no longer has it)."
)
NEXT = (
    "The iterators of Keras 3 have no .next(); the built-in function, next(train_flow), works in every Keras."
)


# ---- there is a generator ----------------------------------------------------------------------------


def missing(student: Student) -> Failure:
    """The failure where no generator was made."""
    stopped = list(stopped_cells(student, "ImageDataGenerator", ".flow("))
    cell, error = stopped[0] if stopped else (0, "")
    error = error.partition(" (/")[0]  # an ImportError ends with a path of the grader's machine
    hint = "ImageDataGenerator(…).flow(images, labels, batch_size=…) gives one."
    if "ImageDataGenerator" in error or "preprocessing" in error:
        hint = LEGACY
    elif "no attribute 'next'" in error:
        hint = NEXT
    elif stopped:
        hint = "Run this cell alone and read the last line of the error."
    return Failure(
        f"There is no generator: cell {cell}, which should make it, stopped with {error}."
        if stopped
        else f"There is no generator of augmented images: {student.why_missing('train_flow')}.",
        expected="a generator of augmented training images",
        received=error or "none",
        hint=hint,
    )


def hint_on_next(student: Student) -> str | None:
    """A hint where a given cell calls ``.next()``, which Keras 3 does not have."""
    for cell, error in stopped_cells(student, ".next()"):
        if "no attribute 'next'" in error:
            return f"Cell {cell} stopped with {error}. {NEXT} The handout gave that cell; it costs nothing."
    return None


# ---- what it does ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """Draws of the training generator: (n, 32, 32, 3), and the range of the values that went into it."""

    images: Array
    before: tuple[float, float]


def draw(student: Student, flows: Flows) -> Drawn | None:
    """Put a picture of ours through the training generator; ``None`` where it is of another kind.

    Raises:
        Raised: a function of the student's, inside the generator, raised.
    """
    if flows.train.kind != "generator":
        return None
    before = bounds(flows.train.images) or (-1.0, 1.0)
    pictures = drawing.probe(*before)
    labels = np.eye(len(CLASSES), dtype=np.float32)[np.arange(len(pictures)) % len(CLASSES)]
    reply = student.ask("augment", (pictures, labels), source=flows.train.identity, draws=drawing.DRAWS)
    images = reply.arrays[0] if reply.arrays else np.zeros(0)
    return Drawn(images, before) if images.ndim == 4 and images.shape[-1] == 3 else None


def bounds(images: Array | None) -> tuple[float, float] | None:
    """The lowest and the highest value; ``None`` where there are no two different finite ones."""
    if images is None or not images.size or images.dtype.kind not in "biuf":
        return None
    low, high = float(images.min()), float(images.max())
    return (low, high) if np.isfinite([low, high]).all() and low < high else None


def judge_movement(student: Student, flows: Flows) -> str | None:
    """Raise Failure where the training images are not rotated as asked for, or not flipped both ways."""
    drawn = draw(student, flows)
    if drawn is None:
        return _judge_batches(student, flows)
    movement = drawing.measure(drawn.images)
    if not movement.known:
        return _judge_settings(flows)
    _require_movement(flows, _trusting(movement, flows.train))
    return None


def _trusting(movement: Movement, source: Source) -> Movement:
    """The movement with the range that the student wrote, where the draws agree with it."""
    declared = _number(source, "rotation_range")
    if declared is None or abs(min(declared, 90.0) - movement.degrees) > max(NOISE, 0.1 * movement.degrees):
        return movement
    return Movement(movement.drawn, movement.legible, declared, movement.horizontal, movement.vertical)


def _number(source: Source, name: str) -> float | None:
    value = source.settings.get(name)
    return float(value) if isinstance(value, int | float) else None


def _judge_settings(flows: Flows) -> str | None:
    """Where draws tell nothing, what the generator was asked for must do."""
    settings = flows.train.settings
    degrees = _number(flows.train, "rotation_range")
    hint = "The drawn images are too different from their originals to measure the augmentation."
    if degrees is None:
        return hint
    flips = [1.0 if settings.get(f"{way}_flip") else 0.0 for way in ("horizontal", "vertical")]
    _require_movement(flows, Movement(0, 0, degrees, *flips))
    return hint


def _require_movement(flows: Flows, movement: Movement) -> None:
    faults = list(_faults(movement))
    if not faults:
        return
    told = " and ".join(fault.format(what) for fault, what in zip(faults, NAMED, strict=False))
    raise Failure(
        f"{_subject(flows)} {told}.",
        expected="a random rotation by up to 30° either way (10° to 45° pass), horizontal and vertical flips",
        received=_seen(movement),
        hint=_movement_hint(movement),
        counterexample=_code(flows),
    )


def _subject(flows: Flows) -> str:
    return f"The generator behind {flows.train_name}" if " " not in flows.train_name else "The generator"


def _faults(movement: Movement) -> Iterator[str]:
    """What it does wrong; ``{}`` stands for the images."""
    slack = NOISE if movement.drawn else 0.0
    if movement.degrees < STILL:
        yield "never rotates {}"
    elif movement.degrees < DEGREES[0] - slack:
        yield f"rotates {{}} by {movement.degrees:.2g}° at most"
    elif movement.degrees > DEGREES[1] + slack:
        most = "90° and more" if movement.degrees >= UNCLEAR else f"up to {movement.degrees:.0f}°"
        yield f"rotates {{}} by {most}"
    shares = (("horizontally", movement.horizontal), ("vertically", movement.vertical))
    unseen = [way for way, share in shares if share == 0]
    if unseen and movement.degrees <= UNCLEAR:
        yield f"never flips {{}} {' or '.join(unseen)}"


def _seen(movement: Movement) -> str:
    shares = f"{movement.horizontal:.0%} flipped horizontally, {movement.vertical:.0%} vertically"
    degrees = f"rotated by up to about {movement.degrees:.3g}°"
    return f"{degrees}; {shares}" + (f" (of {movement.drawn} drawn images)" if movement.drawn else "")


def _movement_hint(movement: Movement) -> str:
    if STILL <= movement.degrees < FULL:
        return "rotation_range is in degrees, not in radians, and not a share."
    if movement.degrees > DEGREES[1]:
        return "rotation_range is the largest angle either way, in degrees; 30 is asked for."
    return "ImageDataGenerator has one argument for each kind of augmentation; the task names three."


def _code(flows: Flows) -> str | None:
    if " " in flows.train_name or flows.train.kind != "generator":
        return None
    behind = f"{flows.train_name}.image_data_generator"
    names = ("rotation_range", "horizontal_flip", "vertical_flip")
    values = ", ".join(str(flows.train.settings.get(name)) for name in names)
    return f"g = {behind}; {', '.join(f'g.{name}' for name in names)}  # {values}"


def _judge_batches(student: Student, flows: Flows) -> str | None:
    """A data set or sequence of the student's own: right unless its images come as they are."""
    if flows.fit is not None and random_layers(flows.fit):
        return None
    if flows.train.kind not in ("dataset", "sequence"):
        return "How these images are augmented could not be looked at."
    drawn = student.ask("draw", source=flows.train.identity, batches=4).arrays
    if not drawn or drawn[0].ndim != 4 or not len(drawn[0]):
        return "How these images are augmented could not be looked at."
    gallery = gallery_for(student)
    known = [trace(turn.undone(drawn[0]), gallery).index >= 0 for turn in TURNS]
    upright = float(np.mean(known[TURNS.index(UPRIGHT)]))
    flipped = float(np.mean(np.any(known, axis=0)))
    if flipped < TRACEABLE:
        return None
    raise Failure(
        "The images that the network is trained on are not augmented at all."
        if upright >= TRACEABLE
        else "The training images are flipped, but never rotated by an angle of their own.",
        expected="a random rotation by up to 30° either way, horizontal and vertical flips",
        received=f"{upright:.0%} of the drawn images are upright originals, {flipped:.0%} at most flipped",
        hint="Show a few drawn images with plt.imshow, next to the originals.",
    )
