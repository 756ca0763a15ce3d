"""Every ``evaluate``, ``predict`` and call of a model is recorded; in budget mode evaluations are short."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from . import cutting, heavy, models, observe, sources
from .recording import MAX_RECORDS, Log

EVALUATED_ROWS = 512  # in budget mode; the network is hardly trained, so its accuracy says nothing
MAX_CALLED_ROWS = 512  # a model called with more is at work in a training loop of the student's own


def wrap_use(original: Callable[..., Any], kind: str, bounded: int, log: Log) -> Callable[..., Any]:
    """An ``evaluate`` or ``predict`` that records its images and what came of them.

    ``bounded`` is how many images an ``evaluate`` gets, 0 for all of them; a large network gets fewer to
    predict where it is not 0.
    """
    signature = inspect.signature(original)

    @functools.wraps(original)
    def use(*args: Any, **kwargs: Any) -> Any:
        inner = log.inside in ("evaluate", "predict") or (log.inside == "fit" and kind == "evaluate")
        if log.paused or inner or len(log.uses) >= MAX_RECORDS:
            return original(*args, **kwargs)
        try:
            asked = signature.bind(*args, **kwargs)
        except TypeError:
            return original(*args, **kwargs)  # Keras' own message is the right one
        asked.apply_defaults()
        entry = begin(kind, asked.arguments, log)
        try:
            with log.doing(log.inside or kind):
                rows = heavy.use_rows(asked.arguments["self"], asked.arguments.get("x")) if bounded else 0
                if kind == "evaluate":
                    result = (
                        evaluated(original, asked, min(rows or bounded, bounded))
                        if bounded
                        else original(*args, **kwargs)
                    )
                    entry["scores"] = scores(result)
                    return result
                result = heavy.predict(original, asked, rows) if rows else original(*args, **kwargs)
        except BaseException as error:
            entry["error"] = f"{type(error).__name__}: {error}"[:2000]
            raise
        entry["result"] = log.content(result)
        return result

    return use


def begin(kind: str, asked: dict[str, Any], log: Log) -> dict[str, Any]:
    """The record of a use that begins now."""
    entry = {
        "kind": kind,
        "cell": log.cell,
        "model": log.used(asked["self"]),
        "source": sources.describe(asked.get("x"), asked.get("y"), log),
        "result": None,
        "scores": [],
        "inside_fit": log.inside == "fit",
        "error": "",
        "order": log.next_order(),
    }
    log.uses.append(entry)
    return entry


def scores(result: Any) -> list[float | None]:
    """The loss and the metrics that an ``evaluate`` returned, in its order."""
    values = list(result.values()) if isinstance(result, dict) else result
    return [models.number(one) for one in (values if isinstance(values, list | tuple) else [values])[:20]]


def evaluated(original: Callable[..., Any], asked: inspect.BoundArguments, rows: int) -> Any:
    """Evaluate on the first images only, without a graph, which would take longer to make than to use."""
    given, model = asked.arguments, asked.arguments["self"]
    images = given.get("x")
    if cutting.same_length(images, given.get("y"), given.get("sample_weight")):
        if cutting.rows(images) is not None and given.get("steps") is None:
            for name in ("x", "y", "sample_weight"):
                given[name] = cutting.head(given.get(name), rows)
            given["batch_size"] = rows
        elif sources.kind_of(images) and given.get("steps") is None:
            given["steps"] = cutting.VALIDATION_STEPS
    with cutting.eagerly(model):
        return original(*asked.args, **asked.kwargs)


def wrap_call(original: Callable[..., Any], log: Log) -> Callable[..., Any]:
    """A model that is called like a function: recorded where it gets images that are there."""

    @functools.wraps(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if log.paused or log.inside or len(args) < 1 or len(log.uses) >= MAX_RECORDS:
            return original(self, *args, **kwargs)
        images = concrete(args[0])
        if images is None:
            return original(self, *args, **kwargs)
        entry = begin("call", {"self": self, "x": images}, log)
        try:
            with log.doing("call"):
                result = original(self, *args, **kwargs)
        except BaseException as error:
            entry["error"] = f"{type(error).__name__}: {error}"[:2000]
            raise
        entry["result"] = log.content(result)
        return result

    return call


def concrete(value: Any) -> Any:
    """Images as an array, or ``None`` for a symbol, for something else, or for very many."""
    shape = getattr(value, "shape", None)
    if shape is None or len(shape) not in (3, 4) or hasattr(value, "_keras_history"):
        return None
    if shape[0] is None or int(shape[0]) > MAX_CALLED_ROWS:
        return None
    return observe.as_array(value)


def wrap_summary(original: Callable[..., Any], log: Log) -> Callable[..., Any]:
    """A ``summary`` that records whose it was."""

    @functools.wraps(original)
    def summary(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not log.paused:
            used = log.used(self)
            log.event("summary", model=used["identity"], network=used["network"], name=str(self.name))
        return original(self, *args, **kwargs)

    return summary
