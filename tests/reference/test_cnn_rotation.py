"""Part 5.0 of the reference: images turned by 90°, and a network's score on them."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from reference.cnn import rotation

SHAPE = (32, 32, 3)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Eight images of noise in [-1, 1]."""
    return np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype(np.float32)


def test_every_image_is_turned_counter_clockwise(images):
    """The top row becomes the left column, from bottom to top; shape, type and every value stay."""
    turned = rotation.myrotate(images)
    assert (turned.shape, turned.dtype) == (images.shape, images.dtype)
    assert np.array_equal(turned[:, ::-1, 0], images[:, 0])
    for image, turned_image in zip(images, turned, strict=True):
        assert np.array_equal(turned_image, np.rot90(image))


def test_four_turns_are_none(images):
    """Turned four times an image is itself again, and turned twice it is not."""
    twice = rotation.myrotate(rotation.myrotate(images))
    assert not np.array_equal(twice, images)
    assert np.array_equal(rotation.myrotate(rotation.myrotate(twice)), images)


def test_the_turned_images_are_a_copy(images):
    """They lie in memory as any array does, and changing them leaves the originals alone."""
    kept = images.copy()
    turned = rotation.myrotate(images)
    assert turned.flags["C_CONTIGUOUS"]
    turned[:] = 0
    assert np.array_equal(images, kept)


@pytest.mark.parametrize(
    "shape", [(2, 32, 16, 3), (32, 32, 3), (2, 1, 32, 32, 3)], ids=["not square", "one image", "five axes"]
)
def test_what_cannot_keep_its_shape_is_refused(shape):
    """Images that are not square, or not a batch, are refused with the shape they have."""
    with pytest.raises(ValueError, match="Received: shape="):
        rotation.myrotate(np.zeros(shape))


def test_a_network_that_looks_at_one_corner_is_fooled():
    """A network that reads its class off the top left pixel is right upright and wrong when turned."""
    labels = np.eye(10)[np.arange(10)]
    images = np.zeros((10, *SHAPE), np.float32)
    images[:, 0, 0, 0] = np.linspace(-1, 1, 10)
    model = keras.Sequential(
        [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    )
    # The logit of class k is -(x - x_k)², up to what all classes share.
    kernel = np.zeros((32 * 32 * 3, 10), np.float32)
    kernel[0] = 200 * images[:, 0, 0, 0]
    model.set_weights([kernel, -100 * images[:, 0, 0, 0] ** 2])
    model.compile(loss="categorical_crossentropy", metrics=["accuracy"])

    found = rotation.evaluate_rotated(model, images, labels)

    assert found.upright.accuracy == 1
    assert found.rotated.accuracy == pytest.approx(0.1)
    assert found.rotated.loss > found.upright.loss
