"""Part 8 of the reference: the search space, the trainable, and the search."""

from __future__ import annotations

import functools
import importlib.util
import random
import sys
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest

from reference.cnn import tuning
from reference.cnn.training import Configuration, Prepared, build

SMALL = {"n_filters": 1, "n_nodes": 2, "n_dense_layers": 1, "use_dropout": True, "batch_size": 10}


@pytest.fixture(scope="module")
def data() -> Prepared:
    """Images whose brightness tells which of two classes they have. There are no test images."""
    labels = np.arange(30) % 2
    images = (labels * 2.0 - 1)[:, None, None, None] * np.ones((32, 32, 3))
    images, labels = images.astype(np.float32), np.eye(10)[labels]
    return Prepared(images[:20], labels[:20], images[20:], labels[20:], None, None)


def test_the_search_space_is_of_configurations():
    """Every name is a setting of a configuration, no value stands twice, and 4.2's own values are in it."""
    settings = {field.name for field in fields(Configuration)}
    for name, values in tuning.SEARCH_SPACE.items():
        assert name in settings
        assert len(set(values)) == len(values) > 1
        assert getattr(Configuration(), name) in values


@pytest.mark.parametrize("pick", [min, max])
def test_the_ends_of_the_search_space_can_be_built(pick):
    """The smallest and the largest configuration both build."""
    config = {name: pick(values) for name, values in tuning.SEARCH_SPACE.items()}
    model = build(tuning.configuration_of(config))
    assert model.output_shape == (None, 10)


def test_a_config_becomes_a_configuration():
    """Given values are taken, the others are the lab's own."""
    found = tuning.configuration_of({"n_filters": 32, "use_dropout": True})
    assert found == replace(Configuration(), n_filters=32, use_dropout=True)


def test_a_config_with_a_strange_name_is_refused():
    """A setting that a configuration does not have is named."""
    with pytest.raises(TypeError, match="filters"):
        tuning.configuration_of({"filters": 32})


def test_a_trial_reports_its_accuracy_on_validation_images(data):
    """A trial gives a number between 0 and 1, the same for the same seed, and needs no test images."""
    found = tuning.train_CNN(SMALL, data, epochs=2, seed=1)
    assert list(found) == [tuning.METRIC]
    assert 0 <= found[tuning.METRIC] <= 1
    assert tuning.train_CNN(SMALL, data, epochs=2, seed=1) == found


def test_the_metric_is_of_the_validation_images(data):
    """Where training images teach the opposite of the validation images, the reported accuracy is poor."""
    upside_down = replace(data, Xval=-data.Xval)
    config = {"learning_rate": 0.003, "batch_size": 2}
    assert tuning.train_CNN(config, data, epochs=8)[tuning.METRIC] > 0.9
    assert tuning.train_CNN(config, upside_down, epochs=8)[tuning.METRIC] < 0.1


def test_without_ray_one_line_says_how_to_install_it(data, monkeypatch):
    """The error is a single line with the command, and does not drag another traceback along."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r'pip install "ray\[tune\]') as caught:
        tuning.search(data)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


class FakeRay:
    """As much of Ray as the search uses: draws configurations and runs the trials one after the other."""

    def __init__(self) -> None:
        self.trials, self.told, self.is_running = [], {}, False

    def install(self, monkeypatch) -> None:
        """Put it where the search imports Ray from."""
        tune = SimpleNamespace(
            with_parameters=functools.partial,
            with_resources=lambda trainable, resources: self.told.update(resources) or trainable,
            choice=list,
            TuneConfig=SimpleNamespace,
            RunConfig=SimpleNamespace,
            Tuner=self.tuner,
        )
        variants = SimpleNamespace(BasicVariantGenerator=lambda random_state: random.Random(x=random_state))
        ray = SimpleNamespace(init=self.init, shutdown=self.shutdown, tune=tune)
        for name, module in {
            "ray": ray,
            "ray.tune": tune,
            "ray.tune.search": SimpleNamespace(basic_variant=variants),
            "ray.tune.search.basic_variant": variants,
        }.items():
            monkeypatch.setitem(sys.modules, name, module)

    def init(self, **options) -> None:
        """Start."""
        self.is_running = True
        self.told |= options

    def shutdown(self) -> None:
        """Stop."""
        self.is_running = False

    def tuner(self, trainable, param_space, tune_config, run_config) -> SimpleNamespace:
        """What runs the trials when its ``fit`` is called."""

        def fit() -> SimpleNamespace:
            for _ in range(tune_config.num_samples):
                config = {name: tune_config.search_alg.choice(values) for name, values in param_space.items()}
                self.trials.append(SimpleNamespace(config=config, metrics=trainable(config)))
            pick = {"max": max, "min": min}[tune_config.mode]
            best = pick(self.trials, key=lambda trial: trial.metrics[tune_config.metric])
            return SimpleNamespace(get_best_result=lambda: best)

        assert run_config.storage_path is None or isinstance(run_config.storage_path, str)
        return SimpleNamespace(fit=fit)


@pytest.fixture
def ray(monkeypatch) -> FakeRay:
    """A stand-in for Ray, which is an optional extra."""
    fake = FakeRay()
    fake.install(monkeypatch)
    return fake


def test_the_search_returns_the_best_of_its_trials(data, monkeypatch, ray, tmp_path):
    """With four samples there are four trials on two cores, and the best configuration is returned."""

    def train(config, data, epochs, seed):
        assert epochs == 3
        return {tuning.METRIC: config["n_nodes"] / 100 + config["learning_rate"]}

    monkeypatch.setattr(tuning, "train_CNN", train)
    best = tuning.search(data, tuning.Budget(samples=4, epochs=3), seed=5, storage=tmp_path)
    assert len(ray.trials) == 4
    assert ray.told["num_cpus"] == 2
    assert ray.told["cpu"] == 1
    assert best.val_accuracy == max(trial.metrics[tuning.METRIC] for trial in ray.trials)
    assert best.val_accuracy == best.configuration.n_nodes / 100 + best.configuration.learning_rate
    assert best.configuration.epochs == Configuration().epochs
    assert not ray.is_running


def test_ray_is_shut_down_when_the_search_fails(data, monkeypatch, ray):
    """An error in the search leaves no Ray behind."""

    def train(config, data, epochs, seed):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(tuning, "train_CNN", train)
    with pytest.raises(RuntimeError, match="out of memory"):
        tuning.search(data)
    assert not ray.is_running


@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("ray", "pyarrow", "pandas"))),  # Ray alone has no Tune
    reason="Ray Tune, the optional extra tune, is not here",
)
def test_the_real_search(data, tmp_path):
    """With Ray itself, two trials of one epoch on two cores give a configuration of the search space."""
    best = tuning.search(data, tuning.Budget(samples=2, epochs=1), storage=tmp_path)
    assert 0 <= best.val_accuracy <= 1
    for name, values in tuning.SEARCH_SPACE.items():
        assert getattr(best.configuration, name) in values
