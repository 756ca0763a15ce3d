"""What a model is given its images from: arrays, or something that makes batches of them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import models
from .recording import Log

MAX_ROWS = 12_000  # that are read from a data set to know its images
MAX_SECONDS = 4.0
BATCHES_DRAWN = 2
PLACE = ("total_batches_seen", "index_array", "batch_index")  # how far an ImageDataGenerator's iterator is
GENERATOR_SETTINGS = (
    "rotation_range", "width_shift_range", "height_shift_range", "brightness_range", "shear_range",
    "zoom_range", "channel_shift_range", "fill_mode", "cval", "horizontal_flip", "vertical_flip", "rescale",
    "featurewise_center", "featurewise_std_normalization", "samplewise_center",
    "samplewise_std_normalization", "zca_whitening", "_validation_split",
)  # fmt: skip


def kind_of(value: Any) -> str:
    """``generator``, ``dataset``, ``sequence``, or "" for anything else."""
    if hasattr(value, "image_data_generator") and hasattr(value, "batch_size"):
        return "generator"
    if hasattr(value, "take") and hasattr(value, "element_spec"):
        return "dataset"
    library = {base.__module__.partition(".")[0] for base in type(value).__mro__}
    names = {base.__name__ for base in type(value).__mro__}
    return "sequence" if names & {"Sequence", "PyDataset"} and library & {*models.LIBRARIES} else ""


def describe(images: Any, labels: Any, log: Log) -> dict[str, Any]:
    """A source as JSON with the names of the arrays' contents."""
    kind = kind_of(images)
    if not kind:
        name = log.content(images)
        return {"kind": "arrays" if name else "other", "images": name, "labels": log.content(labels)}
    identity = log.identity(images)
    log.sources[identity] = images
    if identity not in log.described_sources:
        log.described_sources[identity] = {
            "kind": kind, "identity": identity, **_of_batches(images, kind, log),
        }  # fmt: skip
    return log.described_sources[identity]


def _of_batches(value: Any, kind: str, log: Log) -> dict[str, Any]:
    try:
        with undisturbed(value), log.pause():
            return _generator(value, log) if kind == "generator" else _batches(value, kind, log)
    except Exception:  # noqa: BLE001 - a student's object may raise anything when it is looked at
        return {}


def _generator(value: Any, log: Log) -> dict[str, Any]:
    behind = value.image_data_generator
    drawn = _together([value[number] for number in range(min(len(value), 1))])
    return {
        "images": log.content(getattr(value, "x", None)),
        "labels": log.content(getattr(value, "y", None)),
        "batch_size": int(value.batch_size),
        "batches": len(value),
        "shuffled": bool(getattr(value, "shuffle", False)),
        "settings": {
            name: models.plain(getattr(behind, name)) for name in GENERATOR_SETTINGS if hasattr(behind, name)
        },
        "drawn": [log.content(part) for part in drawn],
    }


def _batches(value: Any, kind: str, log: Log) -> dict[str, Any]:
    length = _length(value)
    found: list[Any] = []
    started, rows = time.monotonic(), 0
    for batch in _each(value, kind, length):
        found.append(batch)
        rows += len(_parts(batch)[0])
        if rows >= MAX_ROWS or time.monotonic() - started > MAX_SECONDS:
            break
        if length is None and len(found) >= BATCHES_DRAWN:
            break
    whole = length is not None and len(found) >= length
    images, labels = _together(found) if whole else (None, None)
    drawn = _together(found[:BATCHES_DRAWN])
    return {
        "images": log.content(images), "labels": log.content(labels), "batches": length,
        "batch_size": len(_parts(found[0])[0]) if found else None,
        "drawn": [log.content(part) for part in drawn],
    }  # fmt: skip


def _each(value: Any, kind: str, length: int | None) -> Iterator[Any]:
    if kind == "sequence":
        return (value[number] for number in range(length or 0))
    return iter(value)


def _length(value: Any) -> int | None:
    try:
        return len(value)
    except TypeError:  # an endless data set, or one whose length is not known
        return None


def _parts(batch: Any) -> tuple[Any, Any]:
    if isinstance(batch, tuple | list):
        return np.asarray(batch[0]), np.asarray(batch[1]) if len(batch) > 1 else None
    return np.asarray(batch), None


def _together(batches: list[Any]) -> tuple[Any, Any]:
    """The images and the labels of several batches, each as one array, or ``None``."""
    parts = [_parts(batch) for batch in batches]
    if not parts:
        return None, None
    images = np.concatenate([part[0] for part in parts])
    labels = [part[1] for part in parts]
    return images, None if any(part is None for part in labels) else np.concatenate(labels)


@contextmanager
def undisturbed(source: Any = None) -> Iterator[None]:
    """Draw without changing what the notebook will draw, from ``source`` too."""
    state, other = np.random.get_state(), random.getstate()
    kept = {name: vars(source)[name] for name in PLACE if name in getattr(source, "__dict__", ())}
    try:
        yield
    finally:
        if kept:
            vars(source).update(kept)
        np.random.set_state(state)
        random.setstate(other)


def draw(log: Log, source: int, batches: int) -> tuple[Any, Any]:
    """Batches of a source that was seen before, images and labels.

    Raises:
        KeyError: there is no such source.
    """
    value = log.sources[source]
    with undisturbed(), log.pause():
        if kind_of(value) == "dataset":
            found = [batch for batch, _ in zip(value, range(batches), strict=False)]
        else:
            found = [value[number % len(value)] for number in range(batches)]
        return _together(found)


def augment(log: Log, source: int, images: Any, labels: Any, draws: int) -> tuple[Any, Any]:
    """Images of the grader, put through the generator behind a source.

    Raises:
        KeyError: there is no such source.
    """
    value = log.sources[source]
    with undisturbed(), log.pause():
        np.random.seed(0)
        flow = value.image_data_generator.flow(images, labels, batch_size=len(images), shuffle=False)
        return _together([flow[0] for _ in range(draws)])


def named(namespace: dict[str, Any], log: Log) -> dict[str, Any]:
    """The notebook's variables that hold a source of batches, each with the source's description."""
    found = {name: value for name, value in list(namespace.items()) if not name.startswith("_")}
    return {name: describe(value, None, log) for name, value in found.items() if _is_live(value)}


def _is_live(value: Any) -> bool:
    if isinstance(value, type | np.ndarray | str | int | float):
        return False
    try:
        return bool(kind_of(value))
    except Exception:  # noqa: BLE001 - a student's object may raise anything when it is looked at
        return False
