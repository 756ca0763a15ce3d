"""Task 5.2: are the images that are shown as misclassified really misclassified?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.cnn.cures import sentence
from checks.cnn.labels import said
from checks.cnn.loading import Flags, labels_fit
from checks.cnn.memo import gallery_for
from checks.cnn.testing import Tested, calls_on_test_images
from checks.cnn.tracing import CLASSES, Trace
from checks.kit import Failure, Student, Version

Numbers = NDArray[np.int64]
VARIABLE = "miss"
INVERTED = 0.9  # the share of rightly classified ones from which the comparison is taken to be turned round


@dataclass(frozen=True)
class Predicted:
    """Predictions of test images: ``classes`` (n,), and whether each is ``right`` (n,)."""

    call: Tested
    classes: Numbers
    right: Flags


def judge(student: Student, since: int) -> str | None:
    """Raise Failure where an image said to be misclassified was classified rightly.

    Args:
        student: whose notebook.
        since: the order of the training, before which nothing counts.
    """
    predictions = list(_predictions(student, since))
    if not predictions:
        raise _no_prediction(student)
    first_cell = predictions[0].call.use.cell
    found = [one for one in student.versions(VARIABLE) if one.cell >= first_cell]
    failures = []
    for version in reversed(found):
        before = [one for one in predictions if one.call.use.cell <= version.cell]
        verdicts = [verdict for one in reversed(before) for verdict in _verdict(version, one)]
        if None in verdicts:
            return None
        failures += verdicts[:1]
    if failures and failures[0] is not None:
        raise failures[0]
    return None


def last_predictions(student: Student) -> Predicted | None:
    """The last predictions of upright test images, or ``None``."""
    upright = [one for one in _predictions(student, 0) if not one.call.seen.turn.quarters]
    return upright[-1] if upright else None


def _predictions(student: Student, since: int) -> Iterator[Predicted]:
    for one in calls_on_test_images(student):
        result = one.use.result
        if one.use.kind == "evaluate" or one.use.order < since or result is None or result.ndim != 2:
            continue
        if len(result) != len(one.part.images) or result.shape[1] < len(CLASSES) or len(result) < 2:
            continue
        classes = np.asarray(result.argmax(axis=1), np.int64)
        yield Predicted(one, classes, labels_fit(gallery_for(student), Trace(one.part.index), classes))


def _no_prediction(student: Student) -> Failure:
    stopped = [use for use in student.uses if use.kind == "predict" and use.error]
    return Failure(
        f"Cell {stopped[-1].cell}, which calls predict, stopped with {sentence(stopped[-1].error)}."
        if stopped
        else "There are no predictions for the test images, so no misclassified ones can be shown.",
        expected="predictions of the new network for the test images, compared with their labels",
        received="no predict on the test images after the training",
        hint="The handout gives these cells; they need the network of 5.2 and the test images.",
    )


def _verdict(version: Version, predicted: Predicted) -> Iterator[Failure | None]:
    """One verdict if the variable may hold places in these predictions, else none."""
    rows = _rows(version, len(predicted.classes))
    if rows is None or not len(rows):
        return
    wrongly_shown = predicted.right[rows]
    if not wrongly_shown.any():
        yield None
        return
    row = int(rows[int(np.argmax(wrongly_shown))])
    inverted = float(np.mean(wrongly_shown)) >= INVERTED
    count = int(wrongly_shown.sum())
    name = said(int(predicted.classes[row]))
    yield Failure(
        "The images shown as misclassified were classified rightly: the comparison is inverted."
        if inverted
        else f"{count:,} of the {len(rows):,} images shown as misclassified were classified rightly.",
        expected="only images whose prediction differs from their label",
        received=f"test image {row}: predicted {name}, and its label is {name}, too",
        hint="Which comparison is true where prediction and label differ?"
        if inverted
        else "Compare the predictions of these very images with their own labels, row by row.",
        counterexample=f"np.argmax(model6.predict(Xtest[{row}:{row + 1}])), np.argmax(Ytest[{row}])",
    )


def _rows(version: Version, count: int) -> Numbers | None:
    """The rows that the variable names, by their numbers or as a mask; ``None`` where it is neither."""
    array = version.array
    if array is None or array.dtype.kind not in "biu" or array.ndim == 0:
        return None
    flat = array.ravel()
    if len(flat) == count and not len(np.setdiff1d(np.unique(flat), (0, 1))):
        return np.asarray(np.flatnonzero(flat), np.int64)
    numbers = np.asarray(flat, np.int64)
    plain = array.dtype.kind != "b" and flat.size == max(array.shape)
    distinct = len(np.unique(numbers)) == len(numbers)
    inside = bool(numbers.size) and int(numbers.min()) >= 0 and int(numbers.max()) < count
    return numbers if plain and distinct and inside else None
