"""Part 5.0: does a network that was trained on upright images know them when they are turned by 90°?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from reference.cnn.training import Score, evaluate


@dataclass(frozen=True)
class RotationTest:
    """The scores of one network on the same images, upright and turned."""

    upright: Score
    rotated: Score


def myrotate(images: NDArray[Any]) -> NDArray[Any]:
    """Turn every image by 90° counter-clockwise.

    Args:
        images: (n, size, size, channels) of any type. Images are square, so that the shape stays.

    Returns:
        The same shape and type.

    Raises:
        ValueError: if the images are not square, or are not four-dimensional.

    Example:
        >>> myrotate(np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1))[0, :, :, 0]
        array([[2, 4],
               [1, 3]])
    """
    if images.ndim != 4 or images.shape[1] != images.shape[2]:
        raise ValueError(f"Images should be (n, size, size, channels). Received: shape={images.shape}")
    # rot90 returns a view that runs backwards through memory, which PyTorch does not take.
    return np.ascontiguousarray(np.rot90(images, axes=(1, 2)))


def evaluate_rotated(model: keras.Model, images: NDArray[Any], labels: NDArray[Any]) -> RotationTest:
    """Score a network on images (n, 32, 32, 3) in [-1, 1] with one-hot labels (n, 10), upright and turned.

    Raises:
        ValueError: if the images are not square.
    """
    return RotationTest(
        upright=evaluate(model, images, labels),
        rotated=evaluate(model, myrotate(images), labels),
    )
