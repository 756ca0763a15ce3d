"""The record of what the notebook asked of Keras and of the other things that are watched."""

from __future__ import annotations

import hashlib
import json
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from . import models, observe

MAX_RECORDS = 400  # of one cell and kind; a loop over thousands of calls says nothing new
MAX_TEXT = 2_000


class Log:
    """Calls and events since the last look.

    ``cell`` is the number of the cell that runs. While ``paused``, nothing is recorded or cut: the grader
    itself is at work. ``inside`` names the call that runs now, or is "". With ``keeps``, a model that was
    trained lives on in ``trained`` by its identity, until it is released or a later cell trains another: it
    may be asked for once its cell has ended, whatever became of its variable.
    """

    def __init__(self, store: observe.Store, keeps: bool = False) -> None:
        self.store = store
        self.keeps = keeps
        self.trained: dict[int, Any] = {}
        self.trained_in = 0  # the cell
        self.cell = 1
        self.order = 0
        self.lock = threading.Lock()
        self.paused = False
        self.inside = ""
        self.fits: list[dict[str, Any]] = []
        self.uses: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.networks: dict[str, Any] = {}
        self.sent: set[str] = set()
        self.described: dict[int, tuple[Any, str | None]] = {}
        self.known: dict[int, tuple[int, Any]] = {}
        self.sources: dict[int, Any] = {}
        self.described_sources: dict[int, dict[str, Any]] = {}
        self.fitted: dict[int, int] = {}
        self.count = 0

    def next_order(self) -> int:
        """The place of the next call or event."""
        with self.lock:  # no two threads get the same
            self.order += 1
            return self.order

    def event(self, kind: str, arrays: Sequence[Any] = (), **data: Any) -> None:
        """Record something that happened; ``data`` is brought into JSON, ``arrays`` are sent with it."""
        if self.paused or len(self.events) >= MAX_RECORDS:
            return
        self.events.append(
            {
                "kind": kind, "cell": self.cell, "order": self.next_order(),
                "data": {name: jsonable(value) for name, value in data.items()},
                "arrays": [self.content(array) for array in arrays],
            }
        )  # fmt: skip

    def take(self) -> dict[str, Any]:
        """What was recorded since the last call, and the descriptions of networks that are new."""
        new = {name: network for name, network in self.networks.items() if name not in self.sent}
        self.sent |= new.keys()
        taken = {"fits": self.fits, "uses": self.uses, "events": self.events, "networks": new}
        self.fits, self.uses, self.events = [], [], []
        return taken

    def content(self, value: Any) -> str | None:
        """The name of an array's content, or ``None`` for anything that is no array."""
        array = observe.as_array(value)
        return None if array is None else self.store.put(array)

    def identity(self, value: Any) -> int:
        """A number that tells this object from all others, lower for those that were seen earlier."""
        number, reference = self.known.get(id(value), (0, None))
        if number and reference is not None and reference() is value:
            return number
        self.count += 1
        self.known[id(value)] = (self.count, _reference(value))
        return self.count

    def used(self, model: Any) -> dict[str, Any]:
        """A model at this moment."""
        identity = self.identity(model)
        return {
            "identity": identity,
            "network": self._network(model, identity),
            "fits_before": self.fitted.get(identity, 0),
        }

    def fit_begins(self, model: Any) -> None:
        """Count one more fit of this model."""
        identity = self.identity(model)
        self.fitted[identity] = self.fitted.get(identity, 0) + 1
        if self.keeps:
            self.trained = self.trained if self.trained_in == self.cell else {}
            self.trained_in = self.cell
            self.trained[identity] = model

    def _network(self, model: Any, identity: int) -> str | None:
        """The name of the model's description, made anew only where the model may have changed."""
        try:
            mark = _mark(model)
            if self.described.get(identity, (None, None))[0] != mark:
                self.described[identity] = mark, self._describe(model)
        except Exception:  # noqa: BLE001 - a student's subclass may raise anything when it is looked at
            return None
        return self.described[identity][1]

    def _describe(self, model: Any) -> str:
        text = json.dumps(models.describe(model, None), sort_keys=True)
        name = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        self.networks.setdefault(name, json.loads(text))
        return name

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """While a recorded call runs."""
        before, self.inside = self.inside, what
        try:
            yield
        finally:
            self.inside = before

    @contextmanager
    def pause(self) -> Iterator[None]:
        """While the grader itself is at work."""
        before, self.paused = self.paused, True
        try:
            yield
        finally:
            self.paused = before


def _mark(model: Any) -> tuple[Any, ...]:
    """What changes when a model is built, extended, frozen or compiled anew."""
    optimizer = getattr(model, "optimizer", None)
    return (
        bool(getattr(model, "built", False)), len(model.layers), len(model.trainable_weights), id(optimizer),
        models.learning_rate(optimizer), id(getattr(model, "loss", None)),
    )  # fmt: skip


def _reference(value: Any) -> Any:
    """A weak reference, or a strong one to what cannot be referred to weakly."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value


def jsonable(value: Any) -> Any:
    """Plain data, texts cut; anything else by its type's name."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, dict):
        return {str(name)[:200]: jsonable(item) for name, item in list(value.items())[:100]}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value[:200]]
    return models.plain(value)
