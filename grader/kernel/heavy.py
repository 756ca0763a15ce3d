"""In budget mode a network as large as VGG-16 gets one step on a few images, and few images to judge.

A step of 128 images of 128×128 pixels takes such a network most of a minute on two cores and eight
gigabytes; eight cases of ten epochs would take an hour. What is shown is a real step of the student's
own network and loss; the later epochs of the history repeat its numbers.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import cutting, epochs, models
from .epochs import Call

LARGE = 1e8  # multiplications for one image, from where a network may be too much
FIT_WORK = 5e10  # multiplications of one fit on two cores: about two seconds, with the way back
STEP_WORK = 1e10  # of the one step of a network that exceeds them
USE_WORK = 5e10  # of one evaluate or predict
FAT = 5_000_000  # weights, from where an optimiser's own copies of them count


def multiplications(model: Any) -> float:
    """How many multiplications one image takes, by the weights of each layer and the pixels it makes."""
    total = 0.0
    with contextlib.suppress(Exception):  # a student's subclass may raise anything when it is looked at
        for layer in model._flatten_layers(include_self=False):
            if not list(getattr(layer, "_flatten_layers", lambda **_: ())(include_self=False)):
                total += models.count(getattr(layer, "weights", ())) * pixels(layer)
    return total


def pixels(layer: Any) -> int:
    """How many places a layer's map has; 1 where it makes no map."""
    try:
        sizes = tuple(layer.output.shape)
    except Exception:  # noqa: BLE001 - a layer that was never called has no output
        return 1
    return int(np.prod([size or 1 for size in sizes[1:-1]])) if len(sizes) == 4 else 1


# ---- training ----------------------------------------------------------------------------------------


def step_rows(model: Any, given: dict[str, Any]) -> int:
    """The images for the one step of a network that is too large to train; 0 for every other."""
    build(model, given.get("x"))
    work = multiplications(model)
    steps = min(cutting.whole(given.get("epochs")) or 1, cutting.REAL_EPOCHS)
    batch = cutting.whole(given.get("batch_size")) or cutting.DEFAULT_BATCH
    known = cutting.rows(given.get("x"))
    if work < LARGE or work * steps * (batch if known is None else min(batch, known)) <= FIT_WORK:
        return 0
    return max(1, int(STEP_WORK / work))


def build(model: Any, images: Any) -> None:
    """Give a model that waits for its first images their shape."""
    shape = getattr(images, "shape", None)
    if shape is None or len(shape) != 4 or getattr(model, "built", False):
        return
    if type(model).__name__ == "Sequential":
        with contextlib.suppress(Exception):  # Keras says in fit what is wrong
            models.ensure_built(model, [int(size) for size in shape[1:]])


def fit(
    original: Callable[..., Any], asked: inspect.BoundArguments, call: Call, flavour: str, rows: int
) -> Any:
    """Train for one step on so many images; the history has the length that was asked for."""
    given, model = asked.arguments, asked.arguments["self"]
    cutting.split_off_validation(given)
    for name in ("steps_per_epoch", "validation_steps"):
        if cutting.whole(given.get(name)) is not None or flavour == "tf_keras":
            given[name] = None  # a float stays, since Keras 3 itself refuses it
    if not _shorten(given, rows):
        return original(*asked.args, **asked.kwargs)
    data = given.get("validation_data")
    if data is not None:
        given["validation_data"] = few(data, rows)
    with plain_optimizer(model, flavour):
        return epochs.first_ones(original, asked, call, flavour, 1)


def _shorten(given: dict[str, Any], rows: int) -> bool:
    """Put the first images in the place of all; ``False`` where Keras has something to complain about."""
    parts = [given.get(name) for name in ("x", "y", "sample_weight")]
    if not cutting.same_length(*parts):
        return False
    if cutting.rows(given.get("x")) is not None:
        for name, part in zip(("x", "y", "sample_weight"), parts, strict=True):
            given[name] = cutting.head(part, rows)
        return True
    batch = first_batch(given.get("x"))
    if batch is None:
        return False
    for name, part in zip(("x", "y", "sample_weight"), batch, strict=False):
        given[name] = part[:rows]
    return True


def few(data: Any, rows: int) -> Any:
    """The first images of a validation set of any kind, with their labels."""
    if isinstance(data, tuple | list) and data and cutting.rows(data[0]) is not None:
        return tuple(cutting.head(part, rows) for part in data) if cutting.same_length(*data) else data
    batch = first_batch(data)
    return data if batch is None else tuple(part[:rows] for part in batch)


def first_batch(source: Any) -> tuple[Any, ...] | None:
    """The first batch of a data set, sequence or generator as arrays, or ``None``."""
    try:
        batch = source[0] if hasattr(source, "__getitem__") else next(iter(source))
        return tuple(np.asarray(part) for part in batch[:3])
    except Exception:  # noqa: BLE001 - Keras says what is wrong with it
        return None


@contextlib.contextmanager
def plain_optimizer(model: Any, flavour: str) -> Iterator[None]:
    """While one step runs: Adam keeps two numbers for each weight, for as long as the model lives."""
    own = getattr(model, "optimizer", None)
    if own is None or models.count(getattr(model, "trainable_weights", ())) < FAT:
        yield
        return
    try:
        rate = models.learning_rate(own) or 0.01
        model.optimizer = importlib.import_module(flavour).optimizers.SGD(learning_rate=rate)
        yield
    finally:
        model.optimizer = own


# ---- use ---------------------------------------------------------------------------------------------


def use_rows(model: Any, images: Any) -> int:
    """How many of these images a large network is given to evaluate or predict; 0 for all of them."""
    known = cutting.rows(images)
    if known is None or known < 2:
        return 0
    work = multiplications(model)
    affordable = max(1, int(USE_WORK / work)) if work > 10 * LARGE else known
    return affordable if affordable < known else 0


def predict(original: Callable[..., Any], asked: inspect.BoundArguments, rows: int) -> Any:
    """Predict the first images; the predictions of the others repeat theirs."""
    given = asked.arguments
    total = cutting.rows(given["x"])
    given["x"] = cutting.head(given["x"], rows)
    with cutting.eagerly(given["self"], ("predict_function",)):
        result = original(*asked.args, **asked.kwargs)
    repeated = [place % rows for place in range(total or 0)]
    return np.asarray(result)[repeated] if hasattr(result, "shape") else result
