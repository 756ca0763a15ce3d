"""Parts 5.1 and 5.2 of the reference: augmented images, a training on them, and the mistakes."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest

from reference.cnn import augmentation
from reference.cnn.training import Configuration, Prepared

# Keras's legacy class calls SciPy by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")

SHAPE = (32, 32, 3)


def noise(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, *SHAPE)).astype(np.float32), np.eye(10)[rng.integers(0, 10, count)]


@pytest.fixture
def data() -> Prepared:
    return Prepared(*noise(50, 0), *noise(10, 1), *noise(10, 2))


def test_augmented_images_stay_in_range(data):
    """Batches are float32, in [-1, 1], of the images' shape, and reach every image once per epoch."""
    flow = augmentation.augmented_flow(data.Xtrain, data.Ytrain, 20)
    assert len(flow) == 3
    batches = [next(flow) for _ in range(3)]
    assert sorted(len(images) for images, _ in batches) == [10, 20, 20]
    for images, labels in batches:
        assert images.dtype == np.float32
        assert images.shape[1:] == SHAPE
        assert np.abs(images).max() <= 1
        assert labels.shape == (len(images), 10)
    assert np.array_equal(sum(labels.sum(axis=0) for _, labels in batches), data.Ytrain.sum(axis=0))


def test_labels_stay_with_their_images():
    """An image of one value keeps this value however it is turned, and its label comes with it."""
    classes = np.arange(40) % 10
    images = np.ones((40, *SHAPE), np.float32) * (classes / 10).astype(np.float32)[:, None, None, None]
    batch, labels = next(augmentation.augmented_flow(images, np.eye(10)[classes], 40))
    assert np.allclose(batch, labels.argmax(axis=1)[:, None, None, None] / 10, atol=1e-6)


def test_the_originals_are_left_alone(data):
    """Augmentation works on copies."""
    kept = data.Xtrain.copy()
    next(augmentation.augmented_flow(data.Xtrain, data.Ytrain, 50))
    assert np.array_equal(data.Xtrain, kept)


def test_images_are_turned_by_up_to_30_degrees_and_mirrored_both_ways():
    """A bright bar that runs from the middle to the right is found in four bundles of 60 degrees."""
    image = np.full(SHAPE, -1, np.float32)
    image[15:17, 16:] = 1
    marked = image.copy()
    marked[10:15, 26:30] = 0.5  # above the bar, so that a flip upside down shows
    np.random.seed(0)  # the legacy class draws from this one
    flow = augmentation.augmented_flow(np.repeat(marked[None], 300, axis=0), np.zeros((300, 10)), 300)
    batch = next(flow)[0][..., 0]
    rows, columns = np.mgrid[:32, :32] - 15.5
    bar = batch > 0.75
    along = (bar * columns).sum(axis=(1, 2)), (bar * rows).sum(axis=(1, 2))
    angles = np.degrees(np.arctan2(along[1], np.abs(along[0])))
    assert 25 < np.abs(angles).max() < 33
    assert len({round(angle) for angle in angles}) > 30  # turned by anything between
    mark = (batch > 0.3) & (batch < 0.7)
    above = (mark * (rows * np.abs(along[0])[:, None, None])).sum(axis=(1, 2)) < 0
    to_the_right = along[0] > 0
    for seen in (above, to_the_right, above == to_the_right):
        assert 0.3 < seen.mean() < 0.7


def test_training_is_on_a_new_network_with_whole_steps(data, monkeypatch):
    """The training flow is augmented and counted in whole steps, validation images are as they are."""
    seen = SimpleNamespace()
    fit = keras.Model.fit

    def spy(model, flow, **options):
        seen.model, seen.flow, seen.options = model, flow, options
        seen.iterations = int(model.optimizer.iterations)
        return fit(model, flow, **options)

    monkeypatch.setattr(keras.Model, "fit", spy)
    configuration = Configuration(n_filters=1, batch_size=20, epochs=2)
    trained = augmentation.train_augmented(configuration, data)
    assert trained.model is seen.model
    assert seen.iterations == 0
    assert type(seen.options["steps_per_epoch"]) is int
    assert seen.options["steps_per_epoch"] == len(seen.flow) == 3
    assert seen.options["validation_data"] == (data.Xval, data.Yval)
    assert int(trained.model.optimizer.iterations) == 6
    assert not np.array_equal(next(seen.flow)[0], data.Xtrain[:20])
    assert {len(values) for values in trained.history.history.values()} == {2}


@pytest.mark.filterwarnings("error:Your input ran out of data")
def test_no_epoch_runs_out_of_data(data):
    """Whole steps use up the flow exactly: Keras does not warn, and every epoch validates."""
    configuration = Configuration(n_filters=1, batch_size=16, epochs=3)
    history = augmentation.train_augmented(configuration, data).history.history
    assert len(history["val_accuracy"]) == 3


def test_misclassified_images_are_found():
    """Exactly the images with a wrong class are listed, with the right and the wrong class."""
    labels = np.eye(10)[[3, 1, 4, 1, 5]]
    guessed = np.array([3, 2, 4, 1, 9])
    model = SimpleNamespace(predict=lambda images, **_: np.eye(10)[guessed])
    found = augmentation.misclassified(model, np.zeros((5, *SHAPE)), labels)
    assert found.index.tolist() == [1, 4]
    assert found.true.tolist() == [1, 5]
    assert found.predicted.tolist() == [2, 9]


@pytest.mark.parametrize("count", [0, 4, 20])
def test_the_figure_shows_the_first_mistakes(count):
    """At most 15 images are shown in true colours, each with both classes; none is fine too."""
    images = np.linspace(-1, 1, 30, dtype=np.float32)[:, None, None, None] * np.ones(SHAPE, np.float32)
    mistakes = augmentation.Mistakes(np.arange(count) + 5, np.full(count, 3), np.full(count, 5))
    figure = augmentation.plot_misclassified(images, mistakes)
    shown = [ax for ax in figure.axes if ax.images]
    assert len(shown) == min(count, 15)
    for place, ax in enumerate(shown):
        assert ax.get_title() == "dog, is cat"
        assert np.allclose(ax.images[0].get_array(), (images[place + 5] + 1) / 2)
    plt.close(figure)
