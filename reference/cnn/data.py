"""Parts 3.1 to 3.4: load CIFAR-10, set validation images aside, scale the images, encode the labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

CLASSES = ("airplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TRAINING, TEST = 10_000, 2_000  # the part of CIFAR-10 that the lab uses

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Cifar10:
    """The lab's part of CIFAR-10: images uint8 in 0–255, labels uint8 in 0–9."""

    X: Images  # (10000, 32, 32, 3)
    Y: Labels  # (10000, 1)
    Xtest: Images  # (2000, 32, 32, 3)
    Ytest: Labels  # (2000, 1)


@dataclass(frozen=True)
class Split:
    """Images and labels, still paired: no image is in both parts, and none is left out."""

    Xtrain: NDArray[Any]
    Xval: NDArray[Any]
    Ytrain: NDArray[Any]
    Yval: NDArray[Any]


def load() -> Cifar10:
    """Load the first 10,000 training and the first 2,000 test images, downloading them at first use."""
    (X, Y), (Xtest, Ytest) = keras.datasets.cifar10.load_data()
    return Cifar10(X[:TRAINING], Y[:TRAINING], Xtest[:TEST], Ytest[:TEST])


def split(X: NDArray[Any], Y: NDArray[Any], test_size: float = 0.25, random_state: int = 0) -> Split:
    """Set a share of the images aside for validation, together with their labels.

    Args:
        X: images (n, height, width, channels).
        Y: their labels (n, 1), in the same order.
        test_size: the share that goes to validation, between 0 and 1.
        random_state: the same number gives the same split.

    Returns:
        With the default share, three quarters of the images for training and a quarter for validation.

    Raises:
        ValueError: if ``X`` and ``Y`` differ in length, or the share leaves one part empty.
    """
    return Split(*train_test_split(X, Y, test_size=test_size, random_state=random_state))


def preprocess(images: Images) -> NDArray[np.float32]:
    """Scale images from 0–255 to [-1, 1], so that 0 becomes -1 and 255 becomes 1.

    Args:
        images: any shape, uint8.

    Returns:
        The same shape, float32.

    Raises:
        TypeError: if the images are not uint8, which mostly means that they have been scaled before.
    """
    if images.dtype != np.uint8:
        raise TypeError(f"Images should be uint8 and not yet scaled. Received: dtype={images.dtype}")
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1)


def one_hot(labels: Labels, n_classes: int = 10) -> NDArray[np.float64]:
    """Encode labels as rows that are 1 in the label's column and 0 elsewhere.

    Args:
        labels: (n, 1) or (n,), integers from 0 to ``n_classes - 1``.
        n_classes: how many columns.

    Returns:
        (n, n_classes), float64.

    Raises:
        ValueError: if a label lies outside that range.

    Example:
        >>> one_hot(np.array([[2], [0]]), n_classes=3)
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(
            f"Labels should lie in 0 to {n_classes - 1}. Received: {labels.min()} to {labels.max()}"
        )
    return np.asarray(keras.utils.to_categorical(labels, n_classes))
