"""What the kernel changes in libraries when the notebook imports them, and not before.

Data sets come from the grader's files, since there is no network; ``fit`` is recorded and bounded, or, at
the levels "claimed" and "none", trains nothing.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import pathlib
import random
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from . import figures, photo_hooks, photos, search, trackers, training, untrained, uses, weights
from .integrity import Marks
from .recording import Log

TRAINING_IMAGES = 50_000  # what the real cifar10.load_data() returns
TEST_IMAGES = 10_000

Patch = Callable[[ModuleType], None]


def install(config: dict[str, Any], log: Log, marks: Marks) -> None:
    """Seed what draws random numbers and register a patch for every library we stand in for.

    The methods of models that are recorded are marked as they are then.
    """
    given = pathlib.Path(config["given"])
    level = config["training"]
    bounded = {"full": 0, **dict.fromkeys(untrained.LEVELS, untrained.ROWS)}.get(level, uses.EVALUATED_ROWS)
    seed = config["seed"]
    random.seed(seed)
    np.random.seed(seed)

    def wrap(model_class: Any, flavour: str) -> None:
        model_class.fit = training.wrap_fit(model_class.fit, flavour, level, log)
        if level in untrained.LEVELS:
            model_class.train_on_batch = untrained.wrap_train_on_batch(model_class.train_on_batch, log)
        model_class.evaluate = uses.wrap_use(model_class.evaluate, "evaluate", bounded, log)
        for name in ("predict", "predict_on_batch"):
            setattr(model_class, name, uses.wrap_use(getattr(model_class, name), "predict", bounded, log))

    def wrap_model(model_class: Any) -> None:
        model_class.__call__ = uses.wrap_call(model_class.__call__, log)
        model_class.summary = uses.wrap_summary(model_class.summary, log)

    def wrap_keras(model_class: Any) -> None:
        wrap_model(model_class)
        marks.take_model(model_class)

    def wrap_tf_keras(model_class: Any) -> None:
        wrap(model_class, "tf_keras")
        wrap_keras(model_class)

    patches: dict[str, Patch] = {
        "tensorflow": lambda module: module.random.set_seed(seed),
        "scipy.datasets._fetchers": lambda module: stand_in(module, "ascent", ascent_reader(given)),
        "keras.src.datasets.cifar10": lambda module: stand_in(module, "load_data", cifar10_reader(given)),
        "tf_keras.src.datasets.cifar10": lambda module: stand_in(module, "load_data", cifar10_reader(given)),
        "keras.src.backend.tensorflow.trainer": lambda module: wrap(module.TensorFlowTrainer, "keras"),
        "tf_keras.src.engine.training": lambda module: wrap_tf_keras(module.Model),
        "keras.src.models.model": lambda module: wrap_keras(module.Model),
        "keras.src.models.functional": lambda module: marks.take_model(module.Functional),
        "keras.src.models.sequential": lambda module: marks.take_model(module.Sequential),
        "tf_keras.src.engine.functional": lambda module: marks.take_model(module.Functional),
        "tf_keras.src.engine.sequential": lambda module: marks.take_model(module.Sequential),
        "carbontracker.tracker": lambda module: trackers.patch(module, log),
        "matplotlib.figure": lambda module: figures.patch(module, log),
    }
    album = photos.Album(pathlib.Path(__file__).parent.parent / "photos", pathlib.Path.cwd(), given, log)
    photo_hooks.install(album)
    for name, patch in photo_hooks.patches(album, log).items():
        patches[name] = in_turn(patches[name], patch) if name in patches else patch
    for name, patch in weights.patches(given, seed, log).items():
        patches[name] = in_turn(patches[name], patch) if name in patches else patch
    sys.meta_path.insert(0, PatchingFinder(patches))
    if not config.get("figures", True):
        figures.leave_undrawn()
    search.install(log, seed)


def in_turn(first: Patch, second: Patch) -> Patch:
    """Two patches of one module as one."""

    def both(module: ModuleType) -> None:
        first(module)
        second(module)

    return both


class PatchingFinder(importlib.abc.MetaPathFinder):
    """Runs a patch right after the module it is for has been executed."""

    def __init__(self, patches: dict[str, Patch]) -> None:
        self.patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's ordinary spec, with a loader that patches; ``None`` for all other modules."""
        patch = self.patches.get(fullname)
        if patch is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            patch(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def stand_in(module: ModuleType, name: str, function: Callable[..., Any]) -> None:
    """Put ``function`` in the place of a library function, under its name and documentation."""
    original = getattr(module, name)
    function.__name__, function.__doc__ = name, original.__doc__
    setattr(module, name, function)


def ascent_reader(given: pathlib.Path) -> Callable[[], Any]:
    """``scipy.datasets.ascent`` on the grader's copy."""
    return lambda: np.load(given / "ascent.npy", allow_pickle=False)


def cifar10_reader(given: pathlib.Path) -> Callable[[], Any]:
    """``load_data`` on the grader's copy.

    It returns as many rows as the real one. The first 10,000 and 2,000 are the lab's; the rows
    after them repeat these, so that a notebook that forgets to cut sees what it would at home.
    """

    def load_data() -> Any:
        def read(name: str, size: int) -> Any:
            array = np.load(given / "cifar10" / f"{name}.npy", allow_pickle=False)
            return np.resize(array, (size, *array.shape[1:]))

        return (
            (read("x_train", TRAINING_IMAGES), read("y_train", TRAINING_IMAGES)),
            (read("x_test", TEST_IMAGES), read("y_test", TEST_IMAGES)),
        )

    return load_data
