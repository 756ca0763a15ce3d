"""Parts 4.2, 4.3, 4.5 and 4.6: train networks of several configurations, and plot how training went."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reference.cnn.data import Cifar10, one_hot, preprocess, split
from reference.cnn.network import build_CNN

LOSS = "categorical_crossentropy"

Images = NDArray[np.float32]
OneHot = NDArray[np.float64]


@dataclass(frozen=True)
class Configuration:
    """How a network is built and trained. The defaults are those of 4.2."""

    n_conv_layers: int = 2
    n_filters: int = 16
    n_dense_layers: int = 0
    n_nodes: int = 50
    use_dropout: bool = False
    learning_rate: float = 0.01
    batch_size: int = 20
    epochs: int = 20


CONFIGURATIONS: Mapping[str, Configuration] = MappingProxyType(
    {
        "4.2": Configuration(),
        "4.3a": Configuration(n_dense_layers=1),
        "4.3b": Configuration(n_conv_layers=4, n_dense_layers=1),
        "4.5": Configuration(n_conv_layers=4, n_dense_layers=1, use_dropout=True),
        # The best accuracy on the validation images of what was tried: more filters, smaller steps.
        "4.6": Configuration(
            n_conv_layers=4,
            n_filters=32,
            n_dense_layers=1,
            use_dropout=True,
            learning_rate=0.001,
            batch_size=64,
        ),
    }
)


@dataclass(frozen=True)
class Prepared:
    """What a network is trained on: images in [-1, 1], labels one-hot, and no image in two of the parts.

    With the lab's 10,000 and 2,000 images and the default share, the parts have 7,500, 2,500 and 2,000.
    """

    Xtrain: Images  # (n_train, 32, 32, 3)
    Ytrain: OneHot  # (n_train, 10)
    Xval: Images  # (n_val, 32, 32, 3)
    Yval: OneHot  # (n_val, 10)
    Xtest: Images  # (n_test, 32, 32, 3)
    Ytest: OneHot  # (n_test, 10)


@dataclass(frozen=True)
class Score:
    """How well a network does on some images."""

    loss: float  # mean cross-entropy, 0 or above
    accuracy: float  # the share of images that it names rightly, 0 to 1


@dataclass(frozen=True)
class Trained:
    """A trained network, its loss and accuracy epoch by epoch, and its score on the test images."""

    model: keras.Model
    history: keras.callbacks.History
    score: Score


def prepare(cifar10: Cifar10) -> Prepared:
    """Split, scale and encode, as in parts 3.2 to 3.4."""
    parts = split(cifar10.X, cifar10.Y)
    return Prepared(
        Xtrain=preprocess(parts.Xtrain),
        Ytrain=one_hot(parts.Ytrain),
        Xval=preprocess(parts.Xval),
        Yval=one_hot(parts.Yval),
        Xtest=preprocess(cifar10.Xtest),
        Ytest=one_hot(cifar10.Ytest),
    )


def steps_per_epoch(n_images: int, batch_size: int) -> int:
    """How many batches show every image once. The last batch may be smaller than the others.

    Raises:
        ValueError: if there is no image, or a batch has none.

    Example:
        >>> [steps_per_epoch(7500, batch_size) for batch_size in (20, 64, 100, 128)]
        [375, 118, 75, 59]
    """
    if n_images < 1 or batch_size < 1:
        raise ValueError(
            f"An epoch needs at least one image and one image per batch. "
            f"Received: n_images={n_images}, batch_size={batch_size}"
        )
    return math.ceil(n_images / batch_size)


def build(configuration: Configuration, input_shape: tuple[int, int, int] = (32, 32, 3)) -> keras.Model:
    """Build a new network with this configuration and fresh random weights.

    Raises:
        ValueError: if the images are too small for so many convolutional layers.
    """
    return build_CNN(
        input_shape,
        loss=LOSS,
        n_conv_layers=configuration.n_conv_layers,
        n_filters=configuration.n_filters,
        n_dense_layers=configuration.n_dense_layers,
        n_nodes=configuration.n_nodes,
        use_dropout=configuration.use_dropout,
        learning_rate=configuration.learning_rate,
    )


def train(
    configuration: Configuration,
    data: Prepared,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 0,
) -> Trained:
    """Train a new network on the training images, and score it once on the test images.

    Args:
        configuration: how to build and train it.
        data: images and labels. Validation images are only looked at, test images only at the end.
        callbacks: what else Keras is to do after each epoch.
        verbose: 0 for silence, 1 for a progress bar, 2 for a line per epoch.

    Returns:
        The network, its history (``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``, a number per
        epoch each) and its test score.

    Raises:
        ValueError: if the images are too small for so many convolutional layers.

    For the same result each time, call ``keras.utils.set_random_seed`` before.
    """
    model = build(configuration, data.Xtrain.shape[1:])
    history = model.fit(
        data.Xtrain,
        data.Ytrain,
        validation_data=(data.Xval, data.Yval),
        batch_size=configuration.batch_size,
        epochs=configuration.epochs,
        callbacks=list(callbacks),
        verbose=verbose,
    )
    return Trained(model, history, evaluate(model, data.Xtest, data.Ytest))


def evaluate(model: keras.Model, images: NDArray[Any], labels: NDArray[Any]) -> Score:
    """Score a network on images (n, 32, 32, 3) in [-1, 1] with one-hot labels (n, 10)."""
    score = model.evaluate(images, labels, batch_size=100, verbose=0, return_dict=True)
    return Score(loss=float(score["loss"]), accuracy=float(score["accuracy"]))


def plot_results(history: keras.callbacks.History) -> Figure:
    """Plot loss and accuracy over the epochs, for training and validation images.

    Raises:
        KeyError: if the network was trained without validation images.
    """
    figure, axes = plt.subplots(1, 2, figsize=(12, 4))
    for ax, quantity in zip(axes, ("loss", "accuracy"), strict=True):
        epochs = range(1, len(history.history[quantity]) + 1)
        ax.plot(epochs, history.history[quantity], label="training")
        ax.plot(epochs, history.history[f"val_{quantity}"], label="validation")
        ax.set_xlabel("epoch")
        ax.set_ylabel(quantity)
        ax.legend()
    return figure
