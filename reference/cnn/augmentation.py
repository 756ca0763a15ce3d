"""Parts 5.1 and 5.2: train on images that are turned and mirrored at random, and look at the mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator, NumpyArrayIterator
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reference.cnn.data import CLASSES
from reference.cnn.training import Configuration, Prepared, Trained, build, evaluate, steps_per_epoch

ROTATION_DEGREES = 30


@dataclass(frozen=True)
class Mistakes:
    """The images that a network names wrongly, in their order."""

    index: NDArray[np.intp]  # (n,), which image
    true: NDArray[np.intp]  # (n,), its class, 0 to 9
    predicted: NDArray[np.intp]  # (n,), what the network takes it for, 0 to 9


def augmented_flow(images: NDArray[np.float32], labels: NDArray[Any], batch_size: int) -> NumpyArrayIterator:
    """Batches of images that are turned and mirrored at random, anew each time they are shown.

    Keras keeps ``ImageDataGenerator`` as a legacy class. It works with NumPy and SciPy alone, and so
    beside every backend. Corners that a rotation leaves empty take the nearest pixel's value, and
    values in between are interpolated, so that no value leaves the range of the images.

    Args:
        images: (n, height, width, channels), float32 in [-1, 1].
        labels: (n, 10), in the same order.
        batch_size: images per batch. The last batch may be smaller.

    Returns:
        A flow: ``next(flow)`` is a batch of images, float32 in [-1, 1], and their labels, and
        ``len(flow)`` is the number of batches per epoch.
    """
    generator = ImageDataGenerator(rotation_range=ROTATION_DEGREES, horizontal_flip=True, vertical_flip=True)
    return generator.flow(images, labels, batch_size=batch_size)


def train_augmented(configuration: Configuration, data: Prepared, verbose: int = 0) -> Trained:
    """Train a new network on augmented training images; validation and test images stay as they are.

    Raises:
        ValueError: if the images are too small for so many convolutional layers.
    """
    model = build(configuration, data.Xtrain.shape[1:])
    history = model.fit(
        augmented_flow(data.Xtrain, data.Ytrain, configuration.batch_size),
        validation_data=(data.Xval, data.Yval),
        # The handout's len(Xtrain) / batch_size is a float, and the last batch may not be full.
        steps_per_epoch=steps_per_epoch(len(data.Xtrain), configuration.batch_size),
        epochs=configuration.epochs,
        verbose=verbose,
    )
    return Trained(model, history, evaluate(model, data.Xtest, data.Ytest))


def misclassified(model: keras.Model, images: NDArray[Any], labels: NDArray[Any]) -> Mistakes:
    """Find the images (n, 32, 32, 3) in [-1, 1] whose class, one-hot (n, 10), the network gets wrong."""
    predicted = model.predict(images, batch_size=100, verbose=0).argmax(axis=1)
    true = labels.argmax(axis=1)
    index = np.flatnonzero(predicted != true)
    return Mistakes(index, true[index], predicted[index])


def plot_misclassified(images: NDArray[Any], mistakes: Mistakes) -> Figure:
    """Show the first 15 misclassified images, each with what it was taken for and what it is.

    Args:
        images: all the images that ``misclassified`` was given, (n, height, width, 3) in [-1, 1].
        mistakes: what it found.
    """
    figure, axes = plt.subplots(3, 5, figsize=(12, 8))
    for ax in axes.flat:
        ax.axis("off")
    shown = zip(axes.flat, mistakes.index, mistakes.true, mistakes.predicted, strict=False)
    for ax, index, true, predicted in shown:
        ax.imshow((images[index] + 1) / 2)
        ax.set_title(f"{CLASSES[predicted]}, is {CLASSES[true]}")
    return figure
