"""At the levels "claimed" and "none" nothing is trained: a fit returns a history of the length asked for.

What is wrong with a call is found by the library itself, in a fit of no epochs and in an evaluation of the
first two images. The numbers of the history are those of that evaluation, the same for each epoch.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import operator
from collections.abc import Callable, Iterator
from typing import Any

from . import cutting, epochs, heavy
from .epochs import Call
from .recording import Log

LEVELS = ("claimed", "none")
ROWS = 2  # images that are looked at
NOTE = "[labgrade: this fit of {} epochs was not run, since nothing is trained at this level]"
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
    listed = epochs.callback_list(callbacks, model, call, verbose, flavour)
    return told(listed, model, call, numbers, {f"val_{name}": one for name, one in checked.items()})


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


def told(listed: Any, model: Any, call: Call, numbers: dict[str, float], checked: dict[str, float]) -> Any:
    """Tell the callbacks of each epoch and of one step in it, and return the history they leave."""
    model.stop_training = False
    listed.on_train_begin()
    logs = epochs.tell(listed, model, call, call.first, numbers, checked)
    listed.on_train_end(logs=logs or None)
    return epochs.lengthened(model.history, call.last - call.first - epochs.SIMULATED)


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
