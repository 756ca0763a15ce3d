"""Arrays in a store, each content once; images that were scaled are kept as the bytes they were made from.

A notebook's images come in many forms: as bytes, split, scaled to [−1, 1]. All values of an array with at
most 256 different ones, evenly spaced, are kept as bytes and a table, if that gives back every bit.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from grader.cache.store import Store

LEVELS = 256
LEAST_SIZE = 4096  # values; a smaller array is kept as it is
PLAIN = "biufc"
UNSIGNED = {2: np.uint16, 4: np.uint32, 8: np.uint64}


class Lost(Exception):  # noqa: N818 - nobody's error: it was kept once and is no longer
    """What was kept is gone or damaged."""


def keep_array(store: Store, array: Any) -> dict[str, Any]:
    """Keep an array and return the reference to it, as JSON.

    Raises:
        OSError: the folder cannot be written.
        ValueError: it holds no plain numbers.
    """
    if array.dtype.kind not in PLAIN:
        raise ValueError(f"an array of {array.dtype} is not kept")
    found = _levels(array)
    if found is None:
        return {"array": store.add("arrays", _npy(array))}
    codes, table = found
    return {"codes": store.add("arrays", _npy(codes)), "table": store.add("arrays", _npy(table))}


def kept_array(store: Store, reference: dict[str, Any]) -> Any:
    """The array of a reference, C-contiguous.

    Raises:
        Lost: it is no longer there.
    """
    try:
        if "array" in reference:
            return _array(store, str(reference["array"]))
        return _array(store, str(reference["table"]))[_array(store, str(reference["codes"]))]
    except (ValueError, TypeError, KeyError, IndexError, EOFError, OSError) as error:
        raise Lost("an array") from error


def _levels(array: Any) -> tuple[Any, Any] | None:
    """Bytes (of the array's shape) and a table (256,) from which the array comes back bit by bit, if any."""
    if array.dtype.kind != "f" or array.dtype.itemsize not in UNSIGNED or array.size < LEAST_SIZE:
        return None
    if not array.dtype.isnative:
        return None
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all() or low == high:
        return None
    scaled = (array - array.dtype.type(low)) * array.dtype.type((LEVELS - 1) / (high - low))
    with np.errstate(invalid="ignore"):
        codes = np.rint(scaled).astype(np.uint8)
    table = np.zeros(LEVELS, array.dtype)
    table[codes.reshape(-1)] = array.reshape(-1)
    bits = UNSIGNED[array.dtype.itemsize]
    same = np.array_equal(table.view(bits)[codes], np.ascontiguousarray(array).view(bits))
    return (codes, table) if same else None


def _npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
    return file.getvalue()


def _array(store: Store, name: str) -> Any:
    content = store.content("arrays", name)
    if content is None:
        raise Lost("an array")
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
