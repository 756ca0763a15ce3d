"""What watched variables were after each cell, as arrays that are sent at most once."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from . import models

MAX_BYTES = 320 * 2**20  # one array; float64 training images are 184 MB
MAX_TOTAL_BYTES = 1536 * 2**20
SAMPLE = 4096
PLAIN_KINDS = "biufc"


class Store:
    """Arrays waiting to be sent, each content once."""

    def __init__(self) -> None:
        self.known: dict[str, None] = {}
        self.waiting: list[Any] = []
        self.names: list[str] = []
        self.total = 0
        self.digests: dict[tuple[Any, ...], str] = {}

    def put(self, array: Any) -> str | None:
        """The content's name, or ``None`` where it is too large to travel."""
        if array.nbytes > MAX_BYTES:
            return None
        mark = fingerprint(array)
        digest = self.digests.get(mark)
        if digest is None:
            whole = np.ascontiguousarray(array)
            hasher = hashlib.blake2b(f"{whole.dtype.str}{whole.shape}".encode(), digest_size=16)
            hasher.update(whole.data if whole.size else b"")
            digest = hasher.hexdigest()
            self.digests[mark] = digest
        if digest not in self.known:
            if self.total + array.nbytes > MAX_TOTAL_BYTES:
                return None
            self.total += array.nbytes
            self.known[digest] = None
            self.names.append(digest)
            self.waiting.append(self.taken(array))
        return digest

    def taken(self, array: Any) -> Any:
        """What is kept of an array: a copy, since the notebook may change it before it is sent."""
        return np.array(array, copy=True)

    def take_names(self) -> list[str]:
        """The names of the arrays that were put since the last call, in the order of ``take``."""
        names, self.names = self.names, []
        return names

    def take(self) -> list[Any]:
        """The arrays that were put since the last call."""
        waiting, self.waiting = self.waiting, []
        return waiting


class Observer:
    """Follows the watched names through the notebook.

    Args:
        watch: for each watched variable the spellings that count as it.
        store: where array contents go.
    """

    def __init__(self, watch: dict[str, list[str]], store: Store) -> None:
        self.watch = watch
        self.store = store
        self.seen: dict[str, tuple[Any, ...]] = {}

    def changes(self, namespace: dict[str, Any]) -> dict[str, Any]:
        """Each spelling whose value changed: its variable, its type and, for arrays, the content's name."""
        changed = []
        for variable, spellings in self.watch.items():
            for spelling in spellings:
                if spelling not in namespace:
                    self.seen.pop(spelling, None)
                    continue
                value = namespace[spelling]
                array = as_array(value)
                mark = (id(value),) if array is None else (id(value), *fingerprint(array))
                if self.seen.get(spelling) == mark:
                    continue
                self.seen[spelling] = mark
                content = None if array is None else self.store.put(array)
                changed.append({"variable": variable, "type": type(value).__name__[:80], "content": content})
        return {"changed": changed}


def named_models(namespace: dict[str, Any], log: Any) -> list[dict[str, Any]]:
    """The notebook's variables that hold a Keras model, each with what the model is at this moment.

    ``log`` numbers the models (a ``recording.Log``). One that is as it was is not described again.
    """
    found = []
    for name, value in list(namespace.items()):
        if not name.startswith("_") and not isinstance(value, type) and models.flavour_of(value) is not None:
            found.append({"name": name[:200], **log.used(value)})
    return found[:200]


def as_array(value: Any) -> Any:
    """``value`` as a plain array (bool, int, float or complex), or ``None``."""
    try:
        if isinstance(value, np.ndarray | np.generic):
            array = np.asarray(value)
        elif isinstance(value, list | tuple):
            if len(value) > 20_000:
                return None
            array = np.asarray(value)
        elif hasattr(value, "to_numpy"):
            array = np.asarray(value.to_numpy())
        elif hasattr(value, "numpy") and hasattr(value, "shape"):
            array = np.asarray(value.numpy())
        else:
            return None
    except Exception:  # noqa: BLE001 - a student's object may raise anything when it is looked at
        return None
    return array if array.dtype.kind in PLAIN_KINDS else None


def fingerprint(array: Any) -> tuple[Any, ...]:
    """A cheap mark that changes with the array's place, form or (sampled) values."""
    place = array.__array_interface__["data"][0]
    flat = array.reshape(-1) if array.flags.c_contiguous else array.ravel()[:SAMPLE]
    sample = np.ascontiguousarray(flat[:: max(1, flat.size // SAMPLE)])
    return place, array.shape, array.dtype.str, array.strides, hash(sample.tobytes())
