"""At the level "claimed" nothing is trained: a fit returns a history of the length that was asked for.

What is wrong with a call is found by the library itself, in a fit of no epochs and in an evaluation of the
first two images. The numbers of the history are those of that evaluation, the same for each epoch.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

from . import cutting, heavy
from .recording import Log

ROWS = 2  # images that are looked at
SIMULATED = cutting.MAX_STEPS  # epochs that callbacks are told of
MAX_EPOCHS = 10_000  # of a history
NOTE = "[labgrade: this fit of {} epochs was not run, since --training claimed trains nothing]"
STEPS = ("steps_per_epoch", "validation_steps")


def fit(original: Callable[..., Any], asked: inspect.BoundArguments, call: Call, flavour: str) -> Any:
    """Go through a fit that was cut already, without a step.

    Args:
        original: the library's ``fit``.
        asked: the call as it was cut.
        call: what it was before.
        flavour: ``keras`` or ``tf_keras``.
    """
    given, model = asked.arguments, asked.arguments["self"]
    if call.epochs is None:
        return original(*asked.args, **asked.kwargs)  # no whole number of epochs: the library refuses it
    refuse_float_steps(given, flavour)
    callbacks, verbose = given.get("callbacks"), given.get("verbose")
    validation = given.get("validation_data")
    none = int(flavour == "tf_keras")  # which wants an epoch at least, and then none is left to run
    given |= {"callbacks": None, "verbose": 0, "epochs": none, "initial_epoch": none}
    heavy.build(model, given.get("x"))
    with cutting.eagerly(model), heavy.plain_optimizer(model, flavour), own_weights(model):
        original(*asked.args, **asked.kwargs)
        numbers = look(model, [given.get(name) for name in ("x", "y", "sample_weight")])
        checked = {} if validation is None else look(model, validation)
    if verbose != 0:
        print(NOTE.format(call.epochs))
    listed = callback_list(callbacks, model, call, verbose, flavour)
    return told(listed, model, call, numbers, {f"val_{name}": one for name, one in checked.items()})


class Call:
    """What was asked of a fit before it was cut; ``epochs`` is ``None`` where it is no whole number."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.epochs = cutting.whole(given.get("epochs"))
        self.first = cutting.whole(given.get("initial_epoch")) or 0
        self.frequency = given.get("validation_freq", 1)
        rows, batch = cutting.rows(given.get("x")), cutting.whole(given.get("batch_size"))
        counted = None if rows is None else math.ceil(rows / max(1, batch or cutting.DEFAULT_BATCH))
        self.steps = cutting.whole(given.get("steps_per_epoch")) or counted


@contextlib.contextmanager
def own_weights(model: Any) -> Iterator[None]:
    """While no step is taken: an optimiser that averages weights would put its averages in their place."""
    optimizer: Any = getattr(model, "optimizer", None)
    averages = getattr(optimizer, "use_ema", False)
    if averages:
        optimizer.use_ema = False
    try:
        yield
    finally:
        if averages:
            optimizer.use_ema = True


def refuse_float_steps(given: dict[str, Any], flavour: str) -> None:
    """Raise what Keras 3 raises of a number of steps that is a float; an epoch would have come to it."""
    for name in STEPS if flavour == "keras" else ():
        if isinstance(given.get(name), float):
            operator.index(given[name])


def look(model: Any, data: Any) -> dict[str, float]:
    """The loss and the metrics of the first images, by name; the weights stay as they are."""
    found = heavy.few(tuple(data), ROWS) if isinstance(data, tuple | list) else heavy.few(data, ROWS)
    if isinstance(found, tuple) and found and not cutting.is_dataset(found[0]) and is_rows(found[0]):
        x, y, weight = (*found, None, None)[:3]
        scores = model.evaluate(x, y, sample_weight=weight, batch_size=ROWS, verbose=0, return_dict=True)
    else:
        source = data[0] if isinstance(data, tuple | list) else data
        batch = heavy.few(source, ROWS)
        if isinstance(batch, tuple):
            return look(model, batch)
        scores = model.evaluate(source, steps=1, verbose=0, return_dict=True)
    return {str(name): float(value) for name, value in scores.items()}


def is_rows(value: Any) -> bool:
    """Whether a value is an array, or holds arrays."""
    return cutting.rows(value) is not None


def callback_list(callbacks: Any, model: Any, call: Call, verbose: Any, flavour: str) -> Any:
    """The callbacks as the library lists them, the history among them."""
    module = importlib.import_module(f"{flavour}.callbacks")
    if isinstance(callbacks, module.CallbackList):
        return callbacks
    return module.CallbackList(
        callbacks, add_history=True, add_progbar=False, model=model, verbose=verbose, epochs=call.epochs,
        steps=call.steps,
    )  # fmt: skip


def told(listed: Any, model: Any, call: Call, numbers: dict[str, float], checked: dict[str, float]) -> Any:
    """Tell the callbacks of each epoch and of one step in it, and return the history they leave."""
    last = min(call.epochs or 0, call.first + MAX_EPOCHS)
    model.stop_training = False
    listed.on_train_begin()
    logs: dict[str, float] = {}
    for epoch in range(call.first, min(last, call.first + SIMULATED)):
        logs = numbers | (checked if is_validated(model, epoch, call.frequency) else {})
        listed.on_epoch_begin(epoch)
        listed.on_train_batch_begin(0)
        listed.on_train_batch_end(0, dict(numbers))
        listed.on_epoch_end(epoch, logs)
    listed.on_train_end(logs=logs or None)
    return heavy.lengthened(model.history, last - call.first - SIMULATED)


def is_validated(model: Any, epoch: int, frequency: Any) -> bool:
    """Whether an epoch ends with the validation images, as the library decides it."""
    decides = getattr(model, "_should_eval", None)
    return True if decides is None else bool(decides(epoch, frequency))


def wrap_train_on_batch(original: Callable[..., Any], log: Log) -> Callable[..., Any]:
    """A ``train_on_batch`` that evaluates the batch and leaves the weights as they are."""
    signature = inspect.signature(original)

    @functools.wraps(original)
    def train_on_batch(*args: Any, **kwargs: Any) -> Any:
        if log.paused:
            return original(*args, **kwargs)
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return original(*args, **kwargs)  # Keras' own message is the right one
        given.apply_defaults()
        passed = {name: given.arguments[name] for name in passed_on(given.arguments)}
        with log.doing("evaluate"):
            return given.arguments["self"].test_on_batch(**passed)

    return train_on_batch


def passed_on(given: dict[str, Any]) -> Iterator[str]:
    """The arguments of ``train_on_batch`` that ``test_on_batch`` takes as well."""
    return (name for name in given if name not in ("self", "class_weight"))
