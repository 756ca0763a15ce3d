"""Generators and data sets are seen as soon as a variable holds them, whether or not they are used."""

from __future__ import annotations

import numpy as np
import pytest

MAKE = {
    "keras": "from keras.src.legacy.preprocessing.image import ImageDataGenerator",
    "tensorflow.keras": "from tensorflow.keras.preprocessing.image import ImageDataGenerator",
    "tf_keras": "from tf_keras.preprocessing.image import ImageDataGenerator",
}
IMAGES = """
X = np.random.default_rng({seed}).random((40, 8, 8, 3)).astype('float32')
Y = np.eye(10)[np.arange(40) % 10] * {seed}
"""


@pytest.fixture
def student_with(live):
    """A student who ran these cells on 40 small images."""
    return lambda *cells: live.run(IMAGES.format(seed=live.fresh()), *cells)


@pytest.mark.parametrize("flavour", MAKE)
def test_a_generator_that_nothing_used_is_known(student_with, flavour):
    """Its images, labels, settings and first batch are there, by the variable's name."""
    student = student_with(
        MAKE[flavour],
        "flow = ImageDataGenerator(rotation_range=30, validation_split=0.25).flow(\n"
        "    X, Y, batch_size=10, subset='training')",
    )
    *_, found = (one for one in student.sources if one.name == "flow")
    assert (found.cell, found.source.kind, found.source.batch_size, found.source.batches) == (
        3,
        "generator",
        10,
        3,
    )
    assert found.source.images.shape == (30, 8, 8, 3)
    assert found.source.labels.shape == (30, 10)
    assert found.source.settings["rotation_range"] == 30
    assert found.source.drawn[0].shape == (10, 8, 8, 3)


def test_a_data_set_is_read_to_its_end(student_with):
    """All images of a finite data set are known, and of an endless one the first batches."""
    student = student_with(
        "pairs = tf.data.Dataset.from_tensor_slices((X, Y)).batch(16); endless = pairs.repeat()"
    )
    sources = {one.name: one.source for one in student.sources}
    assert sources["pairs"].images.shape == (40, 8, 8, 3)
    assert sources["endless"].images is None
    assert sources["endless"].drawn[0].shape == (32, 8, 8, 3)


def test_our_images_go_through_the_students_generator(student_with):
    """They come back as often as asked for, moved as the generator says, each with its own label."""
    student = student_with(MAKE["keras"], "flow = ImageDataGenerator(horizontal_flip=True).flow(X, Y)")
    *_, source = (one.source for one in student.sources if one.name == "flow")
    images = np.arange(2 * 4 * 4, dtype=np.float32).reshape(2, 4, 4, 1)
    drawn, labels = student.ask("augment", (images, np.eye(2)), source=source.identity, draws=20).arrays
    assert np.array_equal(labels, np.tile(np.eye(2), (20, 1)))
    flipped = [not np.array_equal(image, images[number % 2]) for number, image in enumerate(drawn)]
    assert 0 < sum(flipped) < 40
    assert all(
        np.array_equal(image, images[number % 2][:, ::-1] if is_flipped else images[number % 2])
        for number, (image, is_flipped) in enumerate(zip(drawn, flipped, strict=True))
    )


def test_looking_changes_nothing_that_is_drawn_later(student_with):
    """The notebook's random numbers are the same whether or not a generator was looked at."""
    student = student_with(
        MAKE["keras"], "np.random.seed(3); watched = np.random.random(2)", "np.random.seed(3)",
        "flow = ImageDataGenerator(rotation_range=20).flow(X, Y)", "watched = np.random.random(2)",
    )  # fmt: skip
    first, second = student.versions("watched")
    assert np.array_equal(first.array, second.array)
