"""What budget mode cuts with: the first rows of arrays, a validation split by hand, steps without a graph."""

from __future__ import annotations

import contextlib
import math
import numbers
from collections.abc import Iterator, Sequence
from typing import Any

REAL_EPOCHS = 2  # of one fit, with a step each; the other epochs repeat the last one's numbers
VALIDATION_STEPS = 1
DEFAULT_BATCH = 32  # Keras' own default
STEPS = ("train_function", "test_function")  # where a model keeps its compiled steps


@contextlib.contextmanager
def eagerly(model: Any, steps: Sequence[str] = STEPS) -> Iterator[None]:
    """While a few steps run: making a graph for them takes longer."""
    before = getattr(model, "run_eagerly", False)
    model.run_eagerly = True
    _forget(model, steps)
    try:
        yield
    finally:
        model.run_eagerly = before
        _forget(model, steps)


def _forget(model: Any, steps: Sequence[str]) -> None:
    """Forget compiled steps, so that the next call is made anew in the mode that holds then."""
    for name in steps:
        if getattr(model, name, None) is not None:
            setattr(model, name, None)


def split_off_validation(given: dict[str, Any]) -> None:
    """Do ``validation_split`` by hand, since it takes the last rows and those are about to be cut."""
    share, total = number(given.get("validation_split")), rows(given.get("x"))
    if not share or total is None or not 0 < share < 1 or given.get("validation_data") is not None:
        return
    border = math.floor(total * (1 - share))
    if border in (0, total):
        return
    given["validation_data"] = tuple(tail(given[name], border) for name in ("x", "y"))
    for name in ("x", "y", "sample_weight"):
        given[name] = head(given.get(name), border)
    given["validation_split"] = 0.0


def rows(value: Any) -> int | None:
    """How many rows the (first) array in ``value`` has, or ``None`` if that is no array."""
    if isinstance(value, list | tuple):
        return rows(value[0]) if value and not isinstance(value[0], numbers.Number) else len(value) or None
    if isinstance(value, dict):
        return rows(next(iter(value.values()), None))
    shape = getattr(value, "shape", None)
    if shape is None or hasattr(value, "__next__") or is_dataset(value) or len(shape) == 0:
        return None
    return int(shape[0])


def same_length(*values: Any) -> bool:
    """Whether all arrays in ``values`` have the same number of rows; cut to one length, they would."""
    return len({rows(value) for value in values} - {None}) < 2


def head(value: Any, size: int) -> Any:
    """The first ``size`` rows of every array in ``value``."""
    return sliced(value, slice(0, size))


def tail(value: Any, start: int) -> Any:
    """The rows from ``start`` of every array in ``value``."""
    return sliced(value, slice(start, None))


def sliced(value: Any, part: slice) -> Any:
    """``value[part]`` for an array, and for every array in a list, tuple or dictionary."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: sliced(item, part) for key, item in value.items()}
    if isinstance(value, list | tuple) and value and hasattr(value[0], "shape") and len(value[0].shape) > 0:
        return type(value)(sliced(item, part) for item in value)
    if hasattr(value, "iloc"):
        return value.iloc[part]
    return value[part]


def is_dataset(value: Any) -> bool:
    """Whether ``value`` is a ``tf.data.Dataset``."""
    return hasattr(value, "take") and hasattr(value, "element_spec")


def whole(value: Any) -> int | None:
    """``value`` as an int where it is a whole number, else ``None``."""
    return int(value) if isinstance(value, numbers.Integral) else None


def number(value: Any) -> float | None:
    """``value`` as a finite float where it is a number, else ``None``."""
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return float(value)
    return None
