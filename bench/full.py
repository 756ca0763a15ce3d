"""One full training of a right solution, as a notebook asks for it, scored on the hidden images."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras
import numpy as np

from checks.cnn import behaviour
from checks.cnn.trained import NETWORKS, TURNED
from reference.cnn.augmentation import ROTATION_DEGREES
from reference.cnn.data import TEST, TRAINING, Cifar10
from reference.cnn.rotation import myrotate
from reference.cnn.training import CONFIGURATIONS, LOSS, Configuration, Prepared, prepare, steps_per_epoch

AUGMENTED = "5.2"
PREDICTED_AT_ONCE = 250  # images


@dataclass(frozen=True)
class FullRun:
    """One training: everything its result depends on. ``network`` is the one that is trained."""

    network: str
    solution: str
    code: str  # the beginning of a hash of the solution's source
    seed: int
    configuration: Configuration
    data: str
    keras: str

    def key(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"level": "full"}


def trained_for(network: str) -> str:
    """The network whose training a row of the table comes from: 5.0 turns the images of 4.6."""
    return "4.6" if network == TURNED else network


def configuration_of(network: str, epochs: int) -> Configuration:
    """How it is trained; 5.2 is free in its settings and takes those of 4.6."""
    if network not in NETWORKS:
        raise ValueError(f"{network} is no network of the lab: {', '.join(NETWORKS)}")
    return replace(CONFIGURATIONS.get(network, CONFIGURATIONS["4.6"]), epochs=epochs)


def prepared(given: Mapping[str, Any]) -> Prepared:
    """The notebook's own images, split, scaled and encoded."""
    return prepare(
        Cifar10(
            given["cifar10/x_train"][:TRAINING],
            given["cifar10/y_train"][:TRAINING],
            given["cifar10/x_test"][:TEST],
            given["cifar10/y_test"][:TEST],
        )
    )


def measure(
    run: FullRun, build: Callable[..., Any], flavour: str, data: Prepared, unseen: behaviour.Images
) -> dict[str, float]:
    """Train once, and score the hidden images, upright and turned."""
    start = time.perf_counter()
    own = importlib.import_module(flavour)
    keras.utils.set_random_seed(run.seed)
    own.utils.set_random_seed(run.seed)
    settings = run.configuration
    model = build(
        data.Xtrain.shape[1:], loss=LOSS, n_conv_layers=settings.n_conv_layers,
        n_filters=settings.n_filters, n_dense_layers=settings.n_dense_layers, n_nodes=settings.n_nodes,
        use_dropout=settings.use_dropout, learning_rate=settings.learning_rate, act_fun="relu",
        optimizer="adam",
    )  # fmt: skip
    fit(model, flavour, run.network, settings, data)
    return {
        "accuracy": accuracy(model, unseen.unseen, unseen.classes),
        "turned": accuracy(model, myrotate(unseen.unseen), unseen.classes),
        "seconds": time.perf_counter() - start,
    }


def fit(model: Any, flavour: str, network: str, settings: Configuration, data: Prepared) -> None:
    """Train as the lab says: from a generator in 5.2, else from the arrays.

    Without the validation images, which change no weight and take a tenth of the time.
    """
    common: dict[str, Any] = {"epochs": settings.epochs, "verbose": 0}
    if network != AUGMENTED:
        model.fit(data.Xtrain, data.Ytrain, batch_size=settings.batch_size, **common)
        return
    source = (
        "keras.src.legacy.preprocessing.image" if flavour == "keras" else f"{flavour}.preprocessing.image"
    )
    generator = importlib.import_module(source).ImageDataGenerator(
        rotation_range=ROTATION_DEGREES, horizontal_flip=True, vertical_flip=True
    )
    flow = generator.flow(data.Xtrain, data.Ytrain, batch_size=settings.batch_size)
    model.fit(flow, steps_per_epoch=steps_per_epoch(len(data.Xtrain), settings.batch_size), **common)


def accuracy(model: Any, images: Any, classes: Any) -> float:
    """The share of images whose largest prediction is that of their class."""
    predictions = np.asarray(model.predict(images, batch_size=PREDICTED_AT_ONCE, verbose=0))
    return float(np.mean(predictions.argmax(axis=1) == classes))
