"""What tells a notebook of the lab ``cnn`` from others."""

from __future__ import annotations

import re

import pytest

from checks.cnn import LAB


def weight(text: str) -> float:
    return sum(marker.weight for marker in LAB.markers if re.search(marker.pattern, text, re.IGNORECASE))


@pytest.mark.parametrize(
    "text",
    [
        "from tensorflow.keras.datasets import cifar10",
        "model1 = build_CNN(input_shape, loss='categorical_crossentropy')",
        "filterResponseSobelX = signal.convolve2d(image, sobelX)",
        "image = scipy.datasets.ascent()\nconvolve2d(image, kernel)",
        "Xtest_rotated = myrotate(Xtest)",
    ],
)
def test_a_part_of_the_notebook_is_enough_to_recognise_it(text: str) -> None:
    """One typical line weighs the 2.0 that recognition asks for."""
    assert weight(text) >= 2.0


@pytest.mark.parametrize(
    "text",
    [
        "flow = cv2.calcOpticalFlowFarneback(prev, frame, None, 0.5, 3, 15, 3, 5, 1.2, 0)\nflow_mask(flow)",
        "base = VGG16(weights='imagenet')\nX_train, X_val, y_train, y_val = train_test_split(X, y)",
        "# Fish classification with a 2D CNN\nThe loss falls by gradient descent.",
    ],
)
def test_the_other_lab_is_not_taken_for_this_one(text: str) -> None:
    """Optical flow, VGG16 and fish stay below the 2.0 that recognition asks for."""
    assert weight(text) < 2.0
