"""Every ``fit`` is recorded as it was asked for, and cut to a few steps, or to none."""

from __future__ import annotations

import functools
import importlib
import inspect
import numbers
import re
from collections.abc import Callable
from typing import Any

from . import cutting, epochs, heavy, learning, sources, untrained
from .recording import Log

STEPS_PER_EPOCH = 1
FRESH_VALIDATION = (3, 6)  # the Keras in which each validation begins anew, whatever steps are asked for


def wrap_fit(original: Callable[..., Any], flavour: str, level: str, log: Log) -> Callable[..., Any]:
    """A ``fit`` that records what was asked and trains for as long as the level says.

    That is in full at ``full``, for a few steps at ``budget``, and not at all at ``claimed`` and ``none``.
    """
    signature = inspect.signature(original)

    @functools.wraps(original)
    def fit(*args: Any, **kwargs: Any) -> Any:
        if log.paused or log.inside == "fit":
            return original(*args, **kwargs)
        try:
            asked = signature.bind(*args, **kwargs)
        except TypeError:
            return original(*args, **kwargs)  # Keras' own message is the right one
        asked.apply_defaults()
        model = asked.arguments["self"]
        was_built = bool(getattr(model, "built", False))
        entry = record(asked.arguments, flavour, log)
        log.fits.append(entry)
        log.fit_begins(model)
        try:
            with log.doing("fit"):
                history = (
                    original(*args, **kwargs) if level == "full" else run(original, asked, flavour, level)
                )
            entry["history"] = learning.numbers_of(history)
            return history
        except BaseException as error:
            entry["error"] = f"{type(error).__name__}: {error}"[:2000]
            raise
        finally:
            entry["ended"] = log.next_order()
            if not was_built:
                entry["model"]["network"] = log.used(model)["network"]

    return fit


def run(original: Callable[..., Any], asked: inspect.BoundArguments, flavour: str, level: str) -> Any:
    """Train for a few steps only, and a very large network on a few images only; or not at all."""
    call = epochs.Call(asked.arguments)
    if level in untrained.LEVELS:
        return untrained.fit(original, cut(asked, flavour), call, flavour)
    rows_of_a_step = heavy.step_rows(asked.arguments["self"], asked.arguments)
    if rows_of_a_step:
        return heavy.fit(original, asked, call, flavour, rows_of_a_step)
    return epochs.first_ones(original, cut(asked, flavour), call, flavour, cutting.REAL_EPOCHS)


def record(asked: dict[str, Any], flavour: str, log: Log) -> dict[str, Any]:
    """What was asked of one ``fit``, as JSON with the names of the arrays' contents."""
    validation = asked.get("validation_data")
    pair = validation if isinstance(validation, tuple | list) and len(validation) >= 2 else None
    callbacks = asked.get("callbacks") or ()
    entry = {
        "cell": log.cell,
        "flavour": flavour,
        "epochs": cutting.whole(asked.get("epochs")),
        "batch_size": cutting.whole(asked.get("batch_size")),
        "steps_per_epoch": cutting.number(asked.get("steps_per_epoch")),
        "train": [log.content(asked.get("x")), log.content(asked.get("y"))],
        "validation": None if pair is None else [log.content(pair[0]), log.content(pair[1])],
        "validation_split": cutting.number(asked.get("validation_split")) or 0.0,
        "model": log.used(asked["self"]),
        "source": sources.describe(asked.get("x"), asked.get("y"), log),
        "callbacks": [
            type(one).__name__[:100]
            for one in (callbacks if isinstance(callbacks, list | tuple) else [callbacks])
        ][:20],
        "history": {},
        "error": "",
        "ended": 0,
    }
    if pair is not None:
        entry["validation_source"] = sources.describe(pair[0], pair[1], log)
    elif validation is not None:
        entry["validation_source"] = sources.describe(validation, None, log)
    entry["order"] = log.next_order()
    return entry


def cut(asked: inspect.BoundArguments, flavour: str) -> inspect.BoundArguments:
    """The same call with fewer steps; anything unexpected is left for Keras to complain about."""
    given = asked.arguments
    if not cutting.same_length(given.get("x"), given.get("y"), given.get("sample_weight")):
        return asked
    steps = STEPS_PER_EPOCH
    cutting.split_off_validation(given)
    batch = cutting.whole(given.get("batch_size")) or cutting.DEFAULT_BATCH
    if cutting.rows(given.get("x")) is not None:
        for name in ("x", "y", "sample_weight"):
            given[name] = cutting.head(given.get(name), steps * batch)
        if cutting.number(given.get("steps_per_epoch")) is not None:
            shorten(given, "steps_per_epoch", steps, flavour)
    elif cutting.is_dataset(given.get("x")) and given.get("steps_per_epoch") is None:
        given["x"] = given["x"].take(steps)
    else:
        shorten(given, "steps_per_epoch", steps, flavour)
    cut_validation(given, batch, flavour)
    return asked


def cut_validation(given: dict[str, Any], batch: int, flavour: str) -> None:
    """Validate on the first batches only."""
    data = given.get("validation_data")
    if data is None:
        return
    if isinstance(data, tuple | list) and not cutting.same_length(*data):
        return
    if isinstance(data, tuple | list) and cutting.rows(data[0] if data else None) is not None:
        size = cutting.VALIDATION_STEPS * (cutting.whole(given.get("validation_batch_size")) or batch)
        given["validation_data"] = tuple(cutting.head(part, size) for part in data)
    elif cutting.is_dataset(data):
        given["validation_data"] = data.take(cutting.VALIDATION_STEPS)
    elif given.get("validation_steps") is None and sources.kind_of(data) and runs_out(flavour):
        given["validation_data"] = tuple(data[0])
    else:
        shorten(given, "validation_steps", cutting.VALIDATION_STEPS, flavour)


def runs_out(flavour: str) -> bool:
    """Whether a second validation by steps stops with an error: Keras 3.3 goes on where the first ended."""
    parts = re.findall(r"\d+", importlib.import_module("keras").__version__) if flavour == "keras" else []
    return bool(parts) and tuple(map(int, parts[:2])) < FRESH_VALIDATION


def shorten(given: dict[str, Any], name: str, steps: int, flavour: str) -> None:
    """Lower a number of steps; in Keras 3 a float stays, since Keras 3 itself refuses it."""
    asked = given.get(name)
    if isinstance(asked, numbers.Integral) or asked is None or flavour == "tf_keras":
        given[name] = steps if asked is None else min(steps, cutting.whole(asked) or steps)
