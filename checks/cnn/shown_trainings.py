"""Pictures of tasks 4.2 to 4.6 and 5.2: what the saved logs claim of each training, and what it gave here."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cnn.flows import augmented_fits
from checks.cnn.memo import gallery_for
from checks.cnn.misses import last_predictions
from checks.cnn.tracing import CLASSES
from checks.cnn.trust_record import answering
from checks.kit import Saved, Shown, Student
from checks.kit.curves import plots_of
from checks.kit.matching import pairs
from checks.kit.matrices import matrix_of

CHECKS = {
    "4.2": ("4.2/network",),
    "4.3a": ("4.3/networks",),
    "4.3b": ("4.3/networks",),
    "4.5": ("4.5/dropout",),
    "4.6": ("4.6/trained",),
}
SPOKEN = {"4.3a": "4.3 (a)", "4.3b": "4.3 (b)"}


def trainings(student: Student, saved: Saved) -> Iterator[Shown]:
    """Accuracy and loss of each training that answers a task: claimed, and measured where it ran in full.

    A training that was cut short gives a curve that says nothing of the network.
    """
    full = student.training == "full"
    logs = {fit.order: log for fit, log in pairs(student, saved)}
    for task, training in answering(student):
        plots = plots_of(
            f"Training of {SPOKEN.get(task, task)}, {training.cells}", training.fits, logs, full=full
        )
        if plots is not None:
            yield Shown(CHECKS[task], plots)
    ran = [fit for fit in augmented_fits(student) if not fit.error]
    if ran:
        plots = plots_of(f"Training of 5.2, cell {ran[-1].cell}", ran[-1:], logs, full=full)
        if plots is not None:
            yield Shown(("5.2/trained",), plots)


def confusion(student: Student, saved: Saved) -> Iterator[Shown]:
    """How often the network of 5.2 took test images of each class for each class."""
    predicted = last_predictions(student)
    if predicted is None:
        return
    known = predicted.call.part.index >= 0
    labels = gallery_for(student).labels[predicted.call.part.index[known]]
    note = f"Test images as predicted in cell {predicted.call.use.cell} of the grader's run."
    yield Shown(("5.2/evaluated",), matrix_of(CLASSES, labels, predicted.classes[known], note))
