"""Class labels as students hold them: numbers, one-hot rows, and what goes wrong between the two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checks.cnn.tracing import CLASSES
from checks.kit.student import Array

Labels = NDArray[np.int64]
N_CLASSES = len(CLASSES)


def said(label: int) -> str:
    """A label with its class's name, e.g. ``3 (cat)``."""
    return f"{label} ({CLASSES[label]})" if 0 <= label < N_CLASSES else f"{label} (no class)"


def integers(array: Array | None) -> Labels | None:
    """Labels that are numbers, (n,) or (n, 1), as (n,) integers; else ``None``."""
    if array is None or array.dtype.kind not in "biuf" or array.ndim not in (1, 2):
        return None
    if array.ndim == 2 and array.shape[1] != 1:
        return None
    flat = array.reshape(len(array))
    if flat.dtype.kind == "f" and not (np.isfinite(flat) & (flat == np.rint(flat))).all():
        return None
    return np.asarray(np.clip(flat.astype(np.float64), -1, 1_000), np.int64)


def decoded(array: Array | None) -> Labels | None:
    """The class that each row says, of numbers or of 10 columns and more, (n,); ``None`` if it says none."""
    numbers = integers(array)
    if numbers is not None or array is None or array.dtype.kind not in "biuf":
        return numbers
    if array.ndim == 3 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 2 or not N_CLASSES <= array.shape[1] <= 100 or not len(array):
        return None
    highest = array.max(axis=1, keepdims=True)
    if (np.count_nonzero(array == highest, axis=1) != 1).any():
        return None
    return np.asarray(array.argmax(axis=1), np.int64)


def encoding_fault(array: Array | None) -> tuple[str, str] | None:
    """What is wrong with one-hot labels as such, as (what they are, a hint), or ``None``."""
    if array is None or array.dtype.kind not in "biuf":
        return "are not an array of numbers", "to_categorical gives a plain array."
    shape = f"(n{''.join(f', {side}' for side in array.shape[1:])})"
    if integers(array) is not None:
        return f"are still class numbers, shape {shape}", "Turn them into one-hot rows before training."
    if array.ndim == 3 and array.shape[1] == 1:
        return f"have one axis too many, shape {shape}", "Flatten the labels before they are encoded."
    if array.ndim == 3:
        return f"were encoded twice, shape {shape}", "Run the cell that encodes the labels once only."
    if array.ndim != 2 or array.shape[1] != N_CLASSES:
        columns = array.shape[1] if array.ndim == 2 else 0
        what = f"have {columns} columns" if columns else f"have the shape {shape}"
        return what, f"CIFAR-10 has {N_CLASSES} classes, 0 to 9; each has its own column."
    return _row_fault(array)


def _row_fault(array: Array) -> tuple[str, str] | None:
    with np.errstate(invalid="ignore"):
        ones = np.count_nonzero(array == 1, axis=1)
        zeros = np.count_nonzero(array == 0, axis=1)
    wrong = np.flatnonzero((ones != 1) | (zeros != N_CLASSES - 1))
    if not len(wrong):
        return None
    first = int(wrong[0])
    row = ", ".join(f"{value:g}" for value in array[first].astype(np.float64))
    if not array.any():
        return "hold only zeros", "Each row needs a 1 in the column of its class."
    return (
        f"are not one-hot in {len(wrong):,} rows: row {first} is [{row}]",
        "Each row holds one 1, in the column of its class, and nine 0.",
    )
