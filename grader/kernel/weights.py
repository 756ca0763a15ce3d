"""Pre-trained weights and class names without a network: the grader's files, or stand-ins that say so.

Keras' applications ask ``get_file`` for a file and hand what they get to ``load_weights``. The first
answers with the grader's file where there is one. Else the network is given random weights that depend on
its name and the seed alone, so that everything about it but its predictions is as it would be.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
import zlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .recording import Log

CLASS_NAMES = "imagenet_class_index.json"
CLASSES = 1000
APPLICATIONS = "/keras-applications/"  # in the address of every file of weights that Keras itself offers

Patch = Callable[[ModuleType], None]


def patches(given: pathlib.Path, seed: int, log: Log) -> dict[str, Patch]:
    """What is to be changed in which module of Keras 3 and Keras 2, once it has been imported."""
    shelf = Shelf(given / "models", seed, log)

    def files(module: ModuleType) -> None:
        module.get_file = shelf.wrap_get_file(module.get_file)  # type: ignore[attr-defined]

    def models(module: ModuleType) -> None:
        module.Model.load_weights = shelf.wrap_load_weights(module.Model.load_weights)

    return {
        "keras.src.utils.file_utils": files,
        "tf_keras.src.utils.data_utils": files,
        "keras.src.models.model": models,
        "tf_keras.src.engine.training": models,
    }


class Shelf:
    """The files there are, and the places of those that are not.

    ``missing`` are the paths that were handed out for weights that are not here.
    """

    def __init__(self, folder: pathlib.Path, seed: int, log: Log) -> None:
        self.folder = folder
        self.seed = seed
        self.log = log
        self.missing: set[str] = set()

    def wrap_get_file(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A ``get_file`` that knows the grader's files, and what may be missing."""

        @functools.wraps(original)
        def get_file(fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> Any:
            name = pathlib.PurePath(str(fname or origin or "")).name
            if name and (self.folder / name).is_file():
                return str(self.folder / name)
            if name == CLASS_NAMES:
                return str(self.made_up_names())
            if APPLICATIONS in str(origin):
                self.missing.add(str(_own_folder() / name))
                return str(_own_folder() / name)
            return original(fname, origin, *args, **kwargs)

        return get_file

    def wrap_load_weights(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A ``load_weights`` that makes weights up where the file was missing."""

        @functools.wraps(original)
        def load_weights(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
            if str(filepath) not in self.missing:
                return original(model, filepath, *args, **kwargs)
            return self.make_up(model)

        return load_weights

    def make_up(self, model: Any) -> None:
        """Give a network random weights, and say so in the notebook and in the record."""
        rng = np.random.default_rng((self.seed, zlib.crc32(str(model.name).encode())))
        model.set_weights([seeded(weight, rng) for weight in model.get_weights()])
        self.log.event("weights", what="seeded", name=str(model.name))
        print(f"[labgrade] No ImageNet weights here: those of {model.name} are random, its predictions too.")

    def made_up_names(self) -> pathlib.Path:
        """A file of class names in the form of the real one, written where Keras would have put it."""
        path = _own_folder() / CLASS_NAMES
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({str(n): [f"n{n:08d}", f"class_{n}"] for n in range(CLASSES)}))
        self.log.event("weights", what="stand-in names", name=CLASS_NAMES)
        print(f"[labgrade] No ImageNet class names here: class_0 to class_{CLASSES - 1} stand in for them.")
        return path


def seeded(weight: Any, rng: np.random.Generator) -> Any:
    """Random values for a kernel, so small that layers neither blow up nor drown the signal.

    Biases, and the statistics of a normalisation, stay as they are made: a vector holds no pattern.
    """
    if weight.ndim < 2:
        return weight
    depthwise = weight.ndim == 4 and weight.shape[-1] == 1
    inputs = int(np.prod(weight.shape[:2] if depthwise else weight.shape[:-1]))
    return rng.standard_normal(weight.shape, np.float32) / np.float32(np.sqrt(inputs))


def _own_folder() -> pathlib.Path:
    """Where Keras keeps such files of the submission's own."""
    return pathlib.Path(os.environ.get("KERAS_HOME") or pathlib.Path.home() / ".keras") / "models"
