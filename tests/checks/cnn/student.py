"""A submission made up in memory, and the data that the grader would have put in."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from checks.kit import (
    Cell,
    Check,
    Event,
    Failure,
    Fit,
    Gone,
    NamedModel,
    NamedSource,
    Reply,
    Saved,
    Scored,
    Use,
    Version,
)

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
NO_DATA = "needs the real data in ../shared/data"
LAST_CELL = 40


@dataclass(frozen=True)
class Notebook:
    """A ``Student`` whose variables are written down: name → [(cell, value), …].

    A value that is no array becomes a version without one, of that value's type.
    """

    values: Mapping[str, Sequence[tuple[int, Any]]]
    given: Mapping[str, Any] = field(default_factory=dict)
    fits: tuple[Fit, ...] = ()
    seed: int = 0
    last_cell: int = LAST_CELL
    uses: tuple[Use, ...] = ()
    events: tuple[Event, ...] = ()
    models: tuple[NamedModel, ...] = ()
    sources: tuple[NamedSource, ...] = ()
    cells: tuple[Cell, ...] = ()
    texts: tuple[str, ...] = ()
    hidden: Mapping[str, Any] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    training: str = "budget"
    saved: Saved = field(default_factory=Saved)
    scored: tuple[Scored, ...] = ()
    measured: dict[str, float] = field(default_factory=dict)

    def measure(self, check: str, accuracy: float) -> None:
        """The accuracy is kept."""
        self.measured[check] = accuracy

    def versions(self, name: str) -> tuple[Version, ...]:
        """The versions as written down, arrays read-only."""
        return tuple(_version(name, cell, value) for cell, value in self.values.get(name, ()))

    def why_missing(self, name: str) -> str:
        """The sentence for a name that no cell sets."""
        return f"No cell sets {name}."

    def ask(self, op: str, arrays: tuple[Any, ...] = (), **arguments: Any) -> Reply:
        """There is no kernel."""
        raise Gone("no kernel")


def _version(name: str, cell: int, value: Any) -> Version:
    if not isinstance(value, np.ndarray):
        return Version(name, cell, type(value).__name__, None)
    view = value.view()
    view.flags.writeable = False
    return Version(name, cell, "ndarray", view)


def failure_of(check: Check, student: Notebook) -> Failure:
    """The failure that the check ends in."""
    with pytest.raises(Failure) as caught:
        check.run(student)
    return caught.value


def text_of(failure: Failure) -> str:
    """All that a student reads of a failure."""
    parts = (failure.message, failure.expected, failure.received, failure.hint, failure.counterexample or "")
    return "\n".join(parts)


@functools.cache
def real_ascent() -> Any:
    """The image behind ``scipy.datasets.ascent()``, (512, 512) uint8."""
    if not (DATA / "ascent.dat").exists():
        pytest.skip(NO_DATA)
    return np.array(pickle.loads((DATA / "ascent.dat").read_bytes()), np.uint8)


@functools.cache
def real_cifar() -> Mapping[str, Any]:
    """The lab's CIFAR-10 images: 10,000 and 2,000."""
    if not (DATA / "cifar10.npz").exists():
        pytest.skip(NO_DATA)
    with np.load(DATA / "cifar10.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    cut = {"x_train": 10_000, "y_train": 10_000, "x_test": 2_000, "y_test": 2_000}
    return MappingProxyType({f"cifar10/{name}": arrays[name][:rows] for name, rows in cut.items()})


@functools.cache
def drawn_cifar(training: int = 1_000, test: int = 200) -> Mapping[str, Any]:
    """Noise of CIFAR-10's form, fewer images."""
    draw = np.random.default_rng(7)
    shapes = {"x_train": (training, 32, 32, 3), "x_test": (test, 32, 32, 3)}
    images = {f"cifar10/{name}": draw.integers(0, 256, shape, np.uint8) for name, shape in shapes.items()}
    labels = {
        f"cifar10/{name}": draw.integers(0, 10, (rows, 1), np.uint8)
        for name, rows in (("y_train", training), ("y_test", test))
    }
    return MappingProxyType(images | labels)
