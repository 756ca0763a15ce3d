"""Arrays in a store, each content once, and images as what they were made from.

A notebook's images come in many forms: as they were given, split, shuffled, scaled to [−1, 1]. Values that
are at most 256 different ones, evenly spaced, are kept as bytes and a table; bytes whose rows are all rows of
the data are kept as the numbers of those. Each form is tried, and used if it gives back every bit.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.cache.store import Store

Json = dict[str, Any]
LEVELS = 256
LEAST_SIZE = 4096  # values; a smaller array is kept as it is
LEAST_ROWS = 16
INLINE_BYTES = 4096  # a smaller array is a part of its reference: a notebook has hundreds of them
CHUNK = 2**17  # values
PLAIN = "biufc"
UNSIGNED = {2: np.uint16, 4: np.uint32, 8: np.uint64}


class Lost(Exception):  # noqa: N818 - nobody's error: it was kept once and is no longer
    """What was kept is gone or damaged."""


@dataclass(frozen=True)
class Arrays:
    """The arrays in a store. ``given`` is the folder of the run's data, ``.npy`` files, or ``None``."""

    store: Store
    given: Path | None = None

    def keep(self, array: Any) -> Json:
        """Keep an array and return the reference to it, as JSON.

        Raises:
            OSError: the folder cannot be written.
            ValueError: it holds no plain numbers.
        """
        if array.dtype.kind not in PLAIN:
            raise ValueError(f"an array of {array.dtype} is not kept")
        found = _levels(array)
        if found is None:
            return self._kept_bytes(array)
        codes, table = found
        return {"codes": self._kept_bytes(codes), "table": self._kept_bytes(table)}

    def take(self, reference: Json) -> Any:
        """The array of a reference, C-contiguous.

        Raises:
            Lost: it is no longer there.
        """
        try:
            if "table" in reference:
                return self.take(reference["table"])[self.take(reference["codes"])]
            if "rows" in reference:
                return self._known.images[tuple(reference["shape"])][self.take(reference["rows"])]
            return _read(self._bytes_of(reference))
        except (ValueError, TypeError, KeyError, IndexError, EOFError, OSError) as error:
            raise Lost("an array") from error

    def _kept_bytes(self, array: Any) -> Json:
        rows = self._known.rows_of(array) if array.dtype == np.uint8 and array.size >= LEAST_SIZE else None
        if rows is not None:
            return {"rows": self._kept_bytes(rows), "shape": list(array.shape[1:])}
        content = _npy(array)
        if len(content) <= INLINE_BYTES:
            return {"inline": base64.b64encode(content).decode("ascii")}
        return {"array": self.store.add("arrays", content)}

    def _bytes_of(self, reference: Json) -> bytes:
        if "inline" in reference:
            return base64.b64decode(reference["inline"], validate=True)
        content = self.store.content("arrays", str(reference["array"]))
        if content is None:
            raise Lost("an array")
        return content

    @functools.cached_property
    def _known(self) -> _KnownRows:
        return _known_rows(self.given)


@dataclass(frozen=True)
class _KnownRows:
    """The images of the data, by the shape of one: all of them (n, …) uint8, and the number of each by its
    hash."""

    images: dict[tuple[int, ...], Any]
    numbers: dict[tuple[int, ...], dict[bytes, int]]

    def rows_of(self, array: Any) -> Any:
        """The numbers (n,) int32 of the images that are the rows of an array, ``None`` if one is none."""
        shape = array.shape[1:]
        if array.ndim < 2 or len(array) < LEAST_ROWS or shape not in self.images:
            return None
        numbers = self.numbers[shape]
        found = [numbers.get(_hash_of(row), -1) for row in array]
        if min(found) < 0:
            return None
        rows = np.array(found, np.int32)
        return rows if np.array_equal(self.images[shape][rows], array) else None


@functools.lru_cache(maxsize=1)
def _known_rows(folder: Path | None) -> _KnownRows:
    """The images in the data, from every array of bytes with more than two dimensions.

    Raises:
        OSError, ValueError: a file cannot be read.
    """
    stacks: dict[tuple[int, ...], list[Any]] = {}
    for path in sorted(folder.rglob("*.npy")) if folder else []:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        if array.dtype == np.uint8 and array.ndim > 2 and len(array) >= LEAST_ROWS:
            stacks.setdefault(array.shape[1:], []).append(array)
    images = {shape: np.concatenate(stack) for shape, stack in stacks.items()}
    numbers = {
        shape: {_hash_of(row): number for number, row in enumerate(stack)} for shape, stack in images.items()
    }
    return _KnownRows(images, numbers)


def _hash_of(row: Any) -> bytes:
    return hashlib.blake2b(row.tobytes(), digest_size=16).digest()


def _levels(array: Any) -> tuple[Any, Any] | None:
    """Bytes (of the array's shape) and a table (256,) from which the array comes back bit by bit, if any."""
    if array.dtype.kind != "f" or array.dtype.itemsize not in UNSIGNED or array.size < LEAST_SIZE:
        return None
    if not array.dtype.isnative:
        return None
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all() or low == high:
        return None
    values = np.ascontiguousarray(array).reshape(-1)
    low, step = array.dtype.type(low), array.dtype.type((LEVELS - 1) / (high - low))
    codes, table, known = (
        np.empty(values.size, np.uint8),
        np.zeros(LEVELS, array.dtype),
        np.zeros(LEVELS, bool),
    )
    bits = UNSIGNED[array.dtype.itemsize]
    for start in range(0, values.size, CHUNK):  # so small that all of it stays in the processor's cache
        part, found = values[start : start + CHUNK], codes[start : start + CHUNK]
        with np.errstate(all="ignore"):
            found[:] = np.rint((part - low) * step).astype(np.uint8)
        new = ~known[found]
        if new.any():
            table[found[new]] = part[new]
            known[found[new]] = True
        if not np.array_equal(table.view(bits)[found], part.view(bits)):
            return None
    return codes.reshape(array.shape), table


def _npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
    return file.getvalue()


def _read(content: bytes) -> Any:
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
