"""Notebooks in the making, and the handout's own way through tasks 3.1 to 3.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.kit import Fit
from tests.checks.cnn.student import Notebook, drawn_cifar

LOAD, SPLIT, SCALE, ENCODE, TRAIN, RELOAD = 3, 5, 7, 9, 12, 30

Array = np.ndarray[Any, Any]
Edit = Callable[["Lab"], None]


def asked(images: Array) -> Array:
    return images.astype("float32") / np.float32(127.5) - 1


def hot(labels: Array) -> Array:
    return np.eye(10)[labels.ravel().astype(int)]


@dataclass
class Lab:
    """A notebook in the making: what each cell leaves in the variables."""

    given: Mapping[str, Any]
    values: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    fits: tuple[Fit, ...] = ()

    def set(self, cell: int, **variables: Any) -> None:
        """What a cell sets, in place of what it has set so far."""
        for name, value in variables.items():
            kept = [entry for entry in self.values.get(name, []) if entry[0] != cell]
            self.values[name] = sorted([*kept, (cell, value)], key=lambda entry: entry[0])

    def drop(self, *names: str, cell: int | None = None) -> None:
        """Forget variables, or what one cell made of them."""
        for name in names:
            left = [entry for entry in self.values[name] if cell is not None and entry[0] != cell]
            self.values[name] = left

    def at(self, name: str, cell: int) -> Any:
        """The value at the end of a cell."""
        return [value for when, value in self.values[name] if when <= cell][-1]

    def student(self) -> Notebook:
        """The notebook as a check sees it."""
        return Notebook(self.values, given=self.given, fits=self.fits)


def order_of(given: Mapping[str, Any]) -> tuple[Array, Array]:
    """Rows for training and for validation, 75 % and 25 %."""
    total = len(given["cifar10/x_train"])
    order = np.random.default_rng(11).permutation(total)
    return order[: total * 3 // 4], order[total * 3 // 4 :]


def right(given: Mapping[str, Any] | None = None) -> Lab:
    """The handout's own way, the reload of 5.1 included."""
    given = given or drawn_cifar()
    lab = Lab(given, fits=(fit(TRAIN), fit(RELOAD + 2)))
    X, Y = given["cifar10/x_train"], given["cifar10/y_train"]
    train, val = order_of(given)
    lab.set(LOAD, X=X, Y=Y, Xtest=given["cifar10/x_test"], Ytest=given["cifar10/y_test"])
    lab.set(SPLIT, Xtrain=X[train], Xval=X[val], Ytrain=Y[train], Yval=Y[val])
    for name in ("Xtrain", "Xval", "Xtest"):
        lab.set(SCALE, **{name: asked(lab.at(name, SPLIT))})
    for name in ("Ytrain", "Yval", "Ytest"):
        lab.set(ENCODE, **{name: hot(lab.at(name, SPLIT))})
    lab.set(RELOAD, Xtrain=X, Ytrain=Y, Xtest=given["cifar10/x_test"], Ytest=given["cifar10/y_test"])
    return lab


def fit(cell: int) -> Fit:
    return Fit(cell=cell, flavour="keras", epochs=20, batch_size=20, steps_per_epoch=None)


def images_by(function: Callable[[Array], Array], *names: str) -> Edit:
    """Scale sets in another way."""

    def edit(lab: Lab) -> None:
        for name in names or ("Xtrain", "Xval", "Xtest"):
            lab.set(SCALE, **{name: function(lab.at(name, SPLIT))})

    return edit


def labels_by(function: Callable[[Array], Array], *names: str) -> Edit:
    """Encode labels in another way."""

    def edit(lab: Lab) -> None:
        for name in names or ("Ytrain", "Yval", "Ytest"):
            lab.set(ENCODE, **{name: function(lab.at(name, SPLIT))})

    return edit


def split_by(train: Callable[[Array, Array], Array], val: Callable[[Array, Array], Array]) -> Edit:
    """Split by other rows, made of the right ones, and go on as asked."""

    def edit(lab: Lab) -> None:
        usual = order_of(lab.given)
        X, Y = lab.at("X", LOAD), lab.at("Y", LOAD)
        for images, labels, rows in (("Xtrain", "Ytrain", train(*usual)), ("Xval", "Yval", val(*usual))):
            lab.set(SPLIT, **{images: X[rows], labels: Y[rows]})
            lab.set(SCALE, **{images: asked(X[rows])})
            lab.set(ENCODE, **{labels: hot(Y[rows])})

    return edit
