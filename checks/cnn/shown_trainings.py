"""Pictures of tasks 4.2 to 4.6 and 5.2: what the saved logs claim of each training, and what it gave here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from checks.cnn.flows import augmented_fits
from checks.cnn.memo import gallery_for
from checks.cnn.misses import last_predictions
from checks.cnn.shown_matrix import matrix_of
from checks.cnn.trust_record import answering
from checks.kit import Fit, Saved, Shown, Student
from checks.kit.matching import pairs
from checks.kit.picture import Curves, Line
from checks.kit.saved import Log

CHECKS = {
    "4.2": ("4.2/network",),
    "4.3a": ("4.3/networks",),
    "4.3b": ("4.3/networks",),
    "4.5": ("4.5/dropout",),
    "4.6": ("4.6/trained",),
}
SPOKEN = {"4.3a": "4.3 (a)", "4.3b": "4.3 (b)"}
MOST = 200  # epochs that are drawn
CLAIMED = "What the outputs that were handed in say."
BOTH = (
    "Drawn through: what the outputs that were handed in say. Dashed: what the same cell gave when the "
    "grader ran it."
)


def trainings(student: Student, saved: Saved) -> Iterator[Shown]:
    """The accuracies of each training that answers a task: claimed, and measured where it ran in full.

    A training that was cut short gives a curve that says nothing of the network.
    """
    full = student.training == "full"
    logs = {fit.order: log for fit, log in pairs(student, saved)}
    for task, training in answering(student):
        curves = curves_of(
            f"Training of {SPOKEN.get(task, task)}, {training.cells}", training.fits, logs, full=full
        )
        if curves is not None:
            yield Shown(CHECKS[task], curves)
    ran = [fit for fit in augmented_fits(student) if not fit.error]
    if ran:
        curves = curves_of(f"Training of 5.2, cell {ran[-1].cell}", ran[-1:], logs, full=full)
        if curves is not None:
            yield Shown(("5.2/trained",), curves)


def curves_of(title: str, fits: Sequence[Fit], logs: Mapping[int, Log], *, full: bool) -> Curves | None:
    """Training and validation accuracy over the epochs of fits that follow each other."""
    told = [{**epoch.values} for fit in fits if fit.order in logs for epoch in logs[fit.order].epochs]
    gave = [
        {name: values[place] for name, values in fit.history.items() if place < len(values)}
        for fit in fits
        for place in range(max(map(len, fit.history.values()), default=0) if full else 0)
    ]
    lines = [*_lines(told, claimed=True), *_lines(gave, claimed=False)]
    return Curves(title, "accuracy", tuple(lines), BOTH if full else CLAIMED) if lines else None


def _lines(epochs: Sequence[Mapping[str, float | None]], *, claimed: bool) -> Iterator[Line]:
    said = "as handed in" if claimed else "in the grader's run"
    for validation in (False, True):
        values = tuple(_accuracy(epoch, validation=validation) for epoch in epochs[:MOST])
        if any(value is not None for value in values):
            yield Line(f"{'validation' if validation else 'training'}, {said}", values, claimed, validation)


def _accuracy(epoch: Mapping[str, float | None], *, validation: bool) -> float | None:
    for name in ("accuracy", "acc", "categorical_accuracy"):
        value = epoch.get(f"val_{name}" if validation else name)
        if value is not None and np.isfinite(value):
            return float(value)
    return None


def confusion(student: Student, saved: Saved) -> Iterator[Shown]:
    """How often the network of 5.2 took test images of each class for each class."""
    predicted = last_predictions(student)
    if predicted is None:
        return
    known = predicted.call.part.index >= 0
    labels = gallery_for(student).labels[predicted.call.part.index[known]]
    note = f"Test images as predicted in cell {predicted.call.use.cell} of the grader's run."
    yield Shown(("5.2/evaluated",), matrix_of(labels, predicted.classes[known], note))
