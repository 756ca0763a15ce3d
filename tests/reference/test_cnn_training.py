"""Parts 4.2 to 4.6 of the reference: the configurations, the step counts, a training, and its figure."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest

from bench import accuracy
from reference.cnn import training
from reference.cnn.data import Cifar10
from reference.cnn.training import CONFIGURATIONS, Configuration

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "cifar10.npz"


def coloured(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images whose brightness tells their class, and their labels."""
    labels = (np.arange(count) % 10).astype(np.uint8)[:, None]
    noise = np.random.default_rng(count).integers(0, 20, (count, 32, 32, 3))
    return (labels[:, :, None, None] * 25 + noise).astype(np.uint8), labels


@pytest.fixture(scope="module")
def data() -> training.Prepared:
    """60 training, 20 validation and 30 test images that a network can learn in no time."""
    return training.prepare(Cifar10(*coloured(80), *coloured(30)))


@pytest.fixture(scope="module")
def trained(data) -> training.Trained:
    """A small network after three epochs."""
    keras.utils.set_random_seed(0)
    return training.train(Configuration(n_filters=2, batch_size=8, epochs=3), data)


@pytest.mark.parametrize(
    ("task", "total", "trainable"),
    [
        ("4.2", 25_770, 25_674),
        ("4.3a", 108_440, 108_244),
        ("4.3b", 124_760, 124_180),
        ("4.5", 124_760, 124_180),
        ("4.6", 442_296, 441_236),
    ],
)
def test_the_configurations_have_the_labs_sizes(task, total, trainable):
    """Each task's network has the parameters of the lab's description, 4.3a and 4.6 by its rules."""
    model = training.build(CONFIGURATIONS[task])
    assert model.count_params() == total
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == trainable


def test_the_configurations_differ_as_the_lab_says():
    """4.2 to 4.5 share batch 20, 20 epochs and rate 0.01; 4.5 is 4.3b with dropout."""
    assert list(CONFIGURATIONS) == ["4.2", "4.3a", "4.3b", "4.5", "4.6"]
    for task in ("4.2", "4.3a", "4.3b", "4.5"):
        found = CONFIGURATIONS[task]
        assert (found.batch_size, found.epochs, found.learning_rate) == (20, 20, 0.01)
    assert CONFIGURATIONS["4.5"] == replace(CONFIGURATIONS["4.3b"], use_dropout=True)


def test_a_configuration_cannot_be_changed():
    """Neither a configuration nor the table of them can be altered by whoever reads it."""
    with pytest.raises(FrozenInstanceError):
        CONFIGURATIONS["4.2"].epochs = 1
    with pytest.raises(TypeError):
        CONFIGURATIONS["4.2"] = Configuration()


def test_every_setting_reaches_the_network():
    """Filters, nodes, layers, dropout and learning rate are those asked for, none left at its default."""
    asked = Configuration(3, 4, 2, 7, True, 0.002)
    model = training.build(asked, (16, 16, 1))
    convolutions = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    dense = [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert convolutions == [4, 8, 16]
    assert dense == [7, 7, 10]
    assert sum(isinstance(layer, keras.layers.Dropout) for layer in model.layers) == 2
    assert float(model.optimizer.learning_rate) == pytest.approx(0.002)
    assert model.input_shape == (None, 16, 16, 1)


@pytest.mark.parametrize(
    ("n_images", "batch_size", "steps"),
    [(7500, 20, 375), (7500, 64, 118), (7500, 100, 75), (7500, 128, 59), (7, 7, 1), (8, 7, 2), (1, 500, 1)],
)
def test_steps_per_epoch(n_images, batch_size, steps):
    """The steps of an epoch are the lab's numbers, whole, and count the last, smaller batch."""
    found = training.steps_per_epoch(n_images, batch_size)
    assert (found, type(found)) == (steps, int)


@pytest.mark.parametrize(("n_images", "batch_size"), [(0, 20), (20, 0), (20, -1)])
def test_an_epoch_without_images_has_no_steps(n_images, batch_size):
    """No images, or a batch of none, is refused with what was received."""
    with pytest.raises(ValueError, match=f"Received: n_images={n_images}, batch_size={batch_size}"):
        training.steps_per_epoch(n_images, batch_size)


def test_preparing_splits_scales_and_encodes(data):
    """Three quarters for training, a quarter for validation; values in [-1, 1]; labels one-hot."""
    assert (len(data.Xtrain), len(data.Xval), len(data.Xtest)) == (60, 20, 30)
    for images in (data.Xtrain, data.Xval, data.Xtest):
        assert images.dtype == np.float32
        assert -1 <= images.min() < -0.5 < 0.5 < images.max() <= 1
    for labels in (data.Ytrain, data.Yval, data.Ytest):
        assert labels.shape[1:] == (10,)
        assert np.all(labels.sum(axis=1) == 1)
    brightness = data.Xtrain.mean(axis=(1, 2, 3))
    assert np.corrcoef(brightness, data.Ytrain.argmax(axis=1))[0, 1] > 0.99  # still paired


def test_training_learns(trained, data):
    """A history has a number per epoch, the loss falls, and the score is that of the test images."""
    history = trained.history.history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {3}
    assert history["loss"][-1] < history["loss"][0]
    predicted = trained.model.predict(data.Xtest, verbose=0).argmax(axis=1)
    accuracy_found = np.mean(predicted == data.Ytest.argmax(axis=1))
    assert trained.score.accuracy == pytest.approx(accuracy_found)
    assert trained.history.params["steps"] == training.steps_per_epoch(60, 8)


def test_only_training_images_are_trained_on(data, monkeypatch):
    """Training sees the training images, validation the validation images, and neither the test images."""
    seen = {}
    fit = keras.Model.fit

    def spy(model, images, labels, **options):
        seen.update(options, images=images, labels=labels)
        return fit(model, images, labels, **options)

    monkeypatch.setattr(keras.Model, "fit", spy)
    training.train(Configuration(n_filters=1, batch_size=60, epochs=1), data)
    assert seen["images"] is data.Xtrain
    assert seen["labels"] is data.Ytrain
    assert seen["validation_data"] == (data.Xval, data.Yval)


def test_the_same_seed_gives_the_same_training(trained, data):
    """Training again after the same seed gives the same history."""
    keras.utils.set_random_seed(0)
    again = training.train(Configuration(n_filters=2, batch_size=8, epochs=3), data)
    assert again.history.history["loss"] == pytest.approx(trained.history.history["loss"], rel=1e-3)


def test_the_figure_shows_both_curves(trained):
    """Loss and accuracy each have a training and a validation curve with a point per epoch."""
    figure = training.plot_results(trained.history)
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss", "accuracy"]
    for ax, quantity in zip(figure.axes, ("loss", "accuracy"), strict=True):
        assert [line.get_label() for line in ax.lines] == ["training", "validation"]
        assert list(ax.lines[0].get_ydata()) == trained.history.history[quantity]
        assert list(ax.lines[1].get_ydata()) == trained.history.history[f"val_{quantity}"]
        assert list(ax.lines[0].get_xdata()) == [1, 2, 3]
    plt.close(figure)


@pytest.mark.skipif(not REAL.exists(), reason="the real CIFAR-10 images (../shared/data) are not here")
def test_the_real_images_are_prepared():
    """The lab's images become 7,500, 2,500 and 2,000, with the lab's class counts over the first two."""
    data = training.prepare(accuracy.read_npz(REAL))
    assert (len(data.Xtrain), len(data.Xval), len(data.Xtest)) == (7_500, 2_500, 2_000)
    counts = (data.Ytrain.sum(axis=0) + data.Yval.sum(axis=0)).astype(int)
    assert counts.tolist() == [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]


# ---- bench/accuracy.py, which measures all of this


def test_the_measurement_carries_on_where_it_stopped(tmp_path, monkeypatch, capsys):
    """A second call trains only what is missing, and a half-written line is trained again."""
    X, Y = coloured(80)
    np.savez(tmp_path / "cifar10.npz", x_train=X, y_train=Y, x_test=X, y_test=Y)
    trained = []

    def measure(run, data):
        trained.append((run.task, run.seed))
        return {"train": 0.9, "test": 0.5 + run.seed / 10, "rotated": 0.2, "seconds": 1.0}

    monkeypatch.setattr(accuracy, "measure", measure)
    runs = tmp_path / "runs.jsonl"

    def call(*options: str) -> str:
        monkeypatch.setattr(
            "sys.argv", ["accuracy", "--data", str(tmp_path), "--runs", str(runs), "--epochs", "1", *options]
        )
        accuracy.main()
        return capsys.readouterr().out

    call("--only", "4.2", "--seeds", "1")
    call("--only", "4.2", "--seeds", "2")
    assert trained == [("4.2", 0), ("4.2", 1)]
    runs.write_text(runs.read_text()[:-9])  # killed while it wrote
    said = call("--only", "4.2", "--seeds", "2")
    assert trained == [("4.2", 0), ("4.2", 1), ("4.2", 1)]
    row = next(line for line in said.splitlines() if line.startswith("4.2"))
    assert row.split()[1:4] == ["0.5500", "0.5000-0.6000", "2"]
    assert call("--only", "4.2", "--seeds", "2").startswith(f"{runs}: an unfinished line")
    assert len(trained) == 3
    call("--only", "4.2", "--seeds", "1", "--epochs", "2")
    assert len(trained) == 4  # other epochs are another run


@pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")
@pytest.mark.parametrize("task", ["4.6", "5.2"])
def test_the_measurement_trains_and_turns(task, data):
    """A run gives the accuracies of a training, and depends on every setting of the configuration."""
    run = accuracy.Run(task, 0, Configuration(n_filters=1, batch_size=30, epochs=1), 80, "", "")
    result = accuracy.measure(run, data)
    assert set(result) == {"train", "test", "rotated", "seconds"}
    assert all(0 <= result[name] <= 1 for name in ("train", "test", "rotated"))
    assert set(json.loads(json.dumps(run.key()))["configuration"]) == {
        field.name for field in fields(Configuration)
    }
