"""A made-up submission that also answers requests: the student's functions and generators are Python's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import ndimage

from checks.kit import Fit, Raised, Reply, Source, Use, Used
from tests.checks.cnn.student import Notebook, drawn_cifar

Array = np.ndarray[Any, Any]
TRAINING, TEST = 1_000, 200
SPLIT = 750


@dataclass(frozen=True)
class Answering(Notebook):
    """A notebook whose functions can be called, and whose sources ``generators`` stand for."""

    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    generators: Mapping[int, Callable[[Array], Array]] = field(default_factory=dict)

    def ask(self, op: str, arrays: tuple[Any, ...] = (), **arguments: Any) -> Reply:
        """What the kernel would answer."""
        if op == "augment":
            drawn = [self.generators[arguments["source"]](arrays[0]) for _ in range(arguments["draws"])]
            return Reply({}, (np.concatenate(drawn),))
        name = arguments["function"]
        if name not in self.functions:
            raise Raised("NameError", f"name {name!r} is not defined")
        return Reply({}) if op == "signature" else self._applied(name, arrays[0])

    def _applied(self, name: str, array: Array) -> Reply:
        given = array.copy()
        try:
            result = self.functions[name](given)
        except Exception as error:  # noqa: BLE001 - a student's function may raise anything
            raise Raised(type(error).__name__, str(error)) from None
        data = {"type": type(result).__name__, "changed": [not np.array_equal(given, array)]}
        return Reply(data, (result,) if isinstance(result, np.ndarray) else ())


def generator(
    rotation: float = 30, horizontal: bool = True, vertical: bool = True, seed: int = 0
) -> Callable[[Array], Array]:
    """What ``ImageDataGenerator`` does with a batch."""
    draw = np.random.default_rng(seed)

    def augment(images: Array) -> Array:
        return np.stack([one(image) for image in images])

    def one(image: Array) -> Array:
        angle = draw.uniform(-rotation, rotation)
        turned = ndimage.rotate(image, angle, reshape=False, order=1, mode="nearest") if angle else image
        if horizontal and draw.random() < 0.5:
            turned = turned[:, ::-1]
        return turned[::-1] if vertical and draw.random() < 0.5 else turned

    return augment


def scaled(images: Array) -> Array:
    """x / 127.5 − 1 as float32."""
    return images.astype("float32") / np.float32(127.5) - 1


def hot(labels: Array) -> Array:
    """One-hot rows."""
    return np.asarray(np.eye(10, dtype="float32")[labels.ravel().astype(int)])


@dataclass(frozen=True)
class Data:
    """The lab's arrays after preprocessing, few of them."""

    given: Mapping[str, Any]
    train: tuple[Array, Array]
    validation: tuple[Array, Array]
    test: tuple[Array, Array]


def data() -> Data:
    """A split of 750 and 250 images, and 200 test images."""
    given = drawn_cifar(TRAINING, TEST)
    X, Y = scaled(given["cifar10/x_train"]), hot(given["cifar10/y_train"])
    test = scaled(given["cifar10/x_test"]), hot(given["cifar10/y_test"])
    return Data(given, (X[:SPLIT], Y[:SPLIT]), (X[SPLIT:], Y[SPLIT:]), test)


def flow(identity: int, images: Array | None, labels: Array | None, **settings: Any) -> Source:
    """A generator's flow with batches of 20."""
    asked = {"rotation_range": 30, "horizontal_flip": True, "vertical_flip": True}
    rows = None if images is None else len(images)
    batches = None if rows is None else -(-rows // 20)
    drawn = (None if images is None else images[:20], None if labels is None else labels[:20])
    return Source("generator", images, labels, 20, batches, True, asked | settings, drawn, identity)


def used(identity: int, name: str, fits_before: int = 0) -> Used:
    """A model that a variable holds."""
    return Used(identity, (name,), None, fits_before)


def fit(model: Used, source: Source, order: int, **more: Any) -> Fit:
    """A training; its cell is its order."""
    settings: dict[str, Any] = {"cell": order, "flavour": "keras", "epochs": 2, "batch_size": None}
    return Fit(**settings | {"steps_per_epoch": None, "model": model, "source": source, "order": order,
                             "ended": order} | more)  # fmt: skip


def use(kind: str, model: Used, images: Array, labels: Array | None, order: int, **more: Any) -> Use:
    """An evaluation or prediction; its cell is its order."""
    return Use(kind, order, model, Source("arrays", images, labels), order=order, **more)
