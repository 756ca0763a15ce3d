"""Confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checks.kit.picture import Matrix
from checks.kit.student import Array


def matrix_of(names: Sequence[str], labels: Array, predicted: Array, note: str) -> Matrix:
    """The confusion matrix of class numbers (n,), each the place of its name; others are left out."""
    count = len(names)
    inside = (predicted >= 0) & (predicted < count) & (labels >= 0) & (labels < count)
    counts = np.zeros((count, count), np.int64)
    np.add.at(counts, (labels[inside], predicted[inside]), 1)
    rows = tuple(tuple(int(number) for number in row) for row in counts)
    return Matrix("Which class was taken for which", tuple(names), rows, note)
