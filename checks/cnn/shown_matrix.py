"""Confusion matrices of the ten classes."""

from __future__ import annotations

import numpy as np

from checks.cnn.tracing import CLASSES
from checks.kit.picture import Matrix
from checks.kit.student import Array


def matrix_of(labels: Array, predicted: Array, note: str) -> Matrix:
    """The confusion matrix of class numbers (n,), each 0–9; others are left out."""
    inside = (predicted >= 0) & (predicted < len(CLASSES))
    counts = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    np.add.at(counts, (labels[inside], predicted[inside]), 1)
    rows = tuple(tuple(int(count) for count in row) for row in counts)
    return Matrix("Which class was taken for which", CLASSES, rows, note)
