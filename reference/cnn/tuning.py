"""Part 8, optional: search for good hyper-parameters with Ray Tune."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras

from reference.cnn.training import Configuration, Prepared, build

METRIC = "val_accuracy"

# What a trial chooses from: fields of Configuration, and their values.
SEARCH_SPACE: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "n_conv_layers": (2, 3, 4),
        "n_filters": (16, 32),
        "n_dense_layers": (0, 1),
        "n_nodes": (32, 50, 100),
        "use_dropout": (False, True),
        "learning_rate": (0.01, 0.003, 0.001),
        "batch_size": (20, 64, 128),
    }
)


@dataclass(frozen=True)
class Budget:
    """How much a search may take. The defaults are a few minutes on two cores."""

    samples: int = 8  # configurations to try
    epochs: int = 4  # of each
    cores: int = 2  # one per trial, so also how many trials run at a time


@dataclass(frozen=True)
class Best:
    """The best configuration of a search, and its accuracy on the validation images, 0 to 1."""

    configuration: Configuration
    val_accuracy: float


def train_CNN(  # noqa: N802 - the handout's name
    config: dict[str, Any], data: Prepared, epochs: int, seed: int = 0
) -> dict[str, float]:
    """Train one network of a search and report how good it is: Ray Tune's "trainable".

    The validation images decide, never the test images, which would then no longer be a test.

    Args:
        config: a value for each name of ``SEARCH_SPACE``.
        data: what to train on.
        epochs: how long.
        seed: of all random numbers.

    Returns:
        What Ray Tune asks of a trainable: the name of the metric, and its last value.

    Raises:
        TypeError: if a name is none of ``Configuration``.
    """
    keras.utils.set_random_seed(seed)
    configuration = configuration_of(config)
    history = build(configuration, data.Xtrain.shape[1:]).fit(
        data.Xtrain,
        data.Ytrain,
        validation_data=(data.Xval, data.Yval),
        batch_size=configuration.batch_size,
        epochs=epochs,
        verbose=0,
    )
    return {METRIC: float(history.history[METRIC][-1])}


def search(data: Prepared, budget: Budget | None = None, seed: int = 0, storage: Path | None = None) -> Best:
    """Try configurations drawn at random, and return the one that names most validation images rightly.

    Args:
        data: what to train on.
        budget: how much to try.
        seed: the same number draws the same configurations.
        storage: a folder for Ray's records of the trials, else ``ray_results`` in the home folder.

    Returns:
        The best configuration, with the usual number of epochs: train it anew with ``training.train``.

    Raises:
        ImportError: if Ray is not installed.
        RuntimeError: if every trial failed.
    """
    ray, tune, variants = _import_ray()
    budget = budget or Budget()
    trainable = tune.with_parameters(train_CNN, data=data, epochs=budget.epochs, seed=seed)
    ray.init(num_cpus=budget.cores, include_dashboard=False, log_to_driver=False)
    try:
        tuner = tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1}),
            param_space={name: tune.choice(list(values)) for name, values in SEARCH_SPACE.items()},
            tune_config=tune.TuneConfig(
                metric=METRIC,
                mode="max",
                num_samples=budget.samples,
                search_alg=variants.BasicVariantGenerator(random_state=seed),
            ),
            run_config=tune.RunConfig(storage_path=None if storage is None else str(storage.resolve())),
        )
        best = tuner.fit().get_best_result()
    finally:
        ray.shutdown()
    return Best(configuration_of(best.config), best.metrics[METRIC])


def configuration_of(config: Mapping[str, Any]) -> Configuration:
    """A configuration with these values, and the lab's own for the others.

    Raises:
        TypeError: if a name is none of ``Configuration``.
    """
    return replace(Configuration(), **config)


def _import_ray() -> tuple[Any, Any, Any]:
    """Ray, its Tune, and Tune's random search: the optional extra `tune`, which only this part needs."""
    try:
        import ray  # noqa: PLC0415 - see above
        from ray import tune  # noqa: PLC0415
        from ray.tune.search import basic_variant  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            f'Part 8 needs Ray Tune. Install it with: pip install "ray[tune]>=2.50" ({error})'
        ) from None
    return ray, tune, basic_variant
