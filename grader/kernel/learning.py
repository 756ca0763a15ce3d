"""The student's model trained for real, for a short while, on images of the grader."""

from __future__ import annotations

import contextlib
import importlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import calls, models

PREDICTED_AT_ONCE = 250  # images
MAX_METRICS = 20


@dataclass(frozen=True)
class Budget:
    """How long is trained.

    ``steps_at_home`` is how many steps the lab's own training takes; ``limit_s`` the seconds after which
    the training ends wherever it is. With a ``learning_rate`` above 0 the model is compiled anew, with Adam
    and the cross-entropy of one-hot labels; else it is trained as it was compiled.
    """

    epochs: int
    batch_size: int
    seed: int
    steps_at_home: int
    limit_s: float
    learning_rate: float = 0.0

    def steps(self, images: int) -> int:
        """How many steps are trained on so many images."""
        return self.epochs * math.ceil(images / self.batch_size)


def train(
    build: Callable[[], Any], input_shape: Any, flavour: str, arrays: list[Any], budget: Budget
) -> tuple[dict[str, Any], Any]:
    """Build a model, train it, and predict images that it has not seen.

    Args:
        build: returns the compiled model.
        input_shape: of one image, to build a model that waits for its first input.
        flavour: ``keras`` or ``tf_keras``, whose random numbers start at the seed.
        arrays: images (n, …) float32, one-hot labels (n, classes) float32, further images (m, …) float32.
        budget: how long.

    Returns:
        What happened, as JSON: ``layers`` with place, kind and largest change of a weight, ``history`` with
        the numbers of each epoch, ``cut`` if the time was over. And the predictions, (m, …) float32.

    Raises:
        StudentRaised: the model cannot be built, trained or asked.
    """
    images, labels, unseen = arrays
    importlib.import_module(flavour or models.LIBRARIES[0]).utils.set_random_seed(budget.seed)
    model = build()
    own = models.flavour_of(model)
    if own is None:
        raise calls.StudentRaised(TypeError(f"a {type(model).__name__} cannot be trained"))
    models.ensure_built(model, input_shape)
    if budget.learning_rate > 0:
        compile_anew(model, budget.learning_rate)
    speed_up_averages(model, budget.steps_at_home / max(1, budget.steps(len(images))))
    with contextlib.suppress(Exception):  # compiling for XLA takes longer than the training
        model.jit_compile = False
    before = weights_of(model)
    clock = stopwatch(model, own, budget.limit_s)
    history = calls.guard(
        lambda: model.fit(
            images, labels, epochs=budget.epochs, batch_size=budget.batch_size, verbose=0,
            callbacks=[clock.callback],
        )
    )  # fmt: skip
    predictions = calls.guard(predicted, model, unseen)
    data = {
        "layers": list(changes(model, input_shape, before)),
        "history": numbers_of(history),
        "cut": clock.over,
    }
    return data, predictions


def predicted(model: Any, images: Any) -> Any:
    """A model's predictions for images (m, …), float32."""
    return np.asarray(model.predict(images, batch_size=PREDICTED_AT_ONCE, verbose=0), dtype="float32")


def compile_anew(model: Any, learning_rate: float) -> None:
    """Compile a model for one-hot labels, whatever it was compiled with.

    Raises:
        StudentRaised: the model cannot be compiled.
    """
    optimizers = importlib.import_module(f"{models.flavour_of(model)}.optimizers")
    calls.guard(
        lambda: model.compile(
            optimizer=optimizers.Adam(learning_rate), loss="categorical_crossentropy", metrics=["accuracy"]
        )
    )


def speed_up_averages(model: Any, times: float) -> None:
    """Let moving averages go as far in this training as they go in one of ``times`` as many steps.

    With its usual momentum of 0.99 a batch normalisation predicts with averages that still hold a tenth of
    their start after 230 steps, which says nothing about the network.
    """
    for layer in model._flatten_layers(include_self=False):
        momentum = models.number(getattr(layer, "momentum", None))
        if momentum is not None and 0 < momentum < 1 and hasattr(layer, "moving_mean"):
            with contextlib.suppress(Exception):  # a student's subclass may make it a constant
                layer.momentum = momentum**times


def weights_of(model: Any) -> dict[int, Any]:
    """Copies of the weights that are trained, by the identity of their variable."""
    return {id(weight): np.array(weight.numpy()) for weight in model.trainable_weights}


def changes(model: Any, input_shape: Any, before: dict[int, Any]) -> Iterator[dict[str, Any]]:
    """How far each layer's weights went from what they were, from the input to the output."""
    rows, _ = models.path_of(model, input_shape)
    seen: set[int] = set()
    for place, (layer, _) in enumerate(rows, start=1):
        own = [weight for weight in getattr(layer, "trainable_weights", ()) if id(weight) in before]
        if not own or id(layer) in seen:
            continue
        seen.add(id(layer))
        largest = max(float(np.max(np.abs(weight.numpy() - before[id(weight)]), initial=0)) for weight in own)
        yield {"place": place, "kind": models.kind_of(layer), "change": models.number(largest)}


def numbers_of(history: Any) -> dict[str, list[float | None]]:
    """What a training reported after each epoch; empty where it returned no history."""
    found = getattr(history, "history", None)
    if not isinstance(found, dict):
        return {}
    return {
        str(name)[:100]: [models.number(value) for value in list(values)[:100]]
        for name, values in list(found.items())[:MAX_METRICS]
        if isinstance(values, list)
    }


@dataclass
class Stopwatch:
    """Ends a training whose time is over."""

    callback: Any = None
    over: bool = False


def stopwatch(model: Any, flavour: str, limit_s: float) -> Stopwatch:
    """A callback that tells the model to stop, looked at after each step."""
    clock, end = Stopwatch(), time.monotonic() + limit_s

    def look(*_: Any, **__: Any) -> None:
        if time.monotonic() > end:
            clock.over = model.stop_training = True

    callbacks = importlib.import_module(f"{flavour}.callbacks")
    clock.callback = callbacks.LambdaCallback(on_train_batch_end=look)
    return clock
