"""Which numbers the saved outputs print for the training that answers a task."""

from __future__ import annotations

from dataclasses import dataclass

from checks.cnn.memo import gallery_for
from checks.cnn.parts import from_test, used_part
from checks.cnn.trainings import Training
from checks.kit import Saved, Student, Use
from checks.kit.claimed import accuracy_of, claim_of, evaluates
from checks.kit.matching import pairs
from checks.kit.saved import Log, at


@dataclass(frozen=True)
class Printed:
    """What is printed of one training: its last log, and the accuracies of its evaluates on the test images.

    ``evidence`` quotes the lines.
    """

    log: Log
    tested: tuple[float, ...]
    evidence: tuple[str, ...]

    @property
    def trained(self) -> float | None:
        """The training accuracy of the last epoch, ``None`` where the log is cut off."""
        return accuracy_of(self.log.epochs[-1].values) if self.log.whole else None


def printed(student: Student, saved: Saved, training: Training | None) -> Printed | None:
    """What is printed of a training; ``None`` unless both its log and each of its test accuracies are."""
    if training is None:
        return None
    log = next((log for fit, log in pairs(student, saved) if fit.order == training.last.order), None)
    uses = [use for use in evaluates(student) if use.model.identity == training.identity]
    after = [use for use in uses if use.order > training.last.ended and is_test(student, use)]
    claimed = [claim_of(student, saved, use) for use in after]
    if log is None or not log.epochs or not claimed or None in claimed:
        return None
    known = [one for one in claimed if one is not None]
    evidence = (at(log.cell, f"output, {log.quote}"), *(at(one.cell, f"output, {one.text}") for one in known))
    return Printed(log, tuple(one.value for one in known), tuple(dict.fromkeys(evidence)))


def is_test(student: Student, use: Use) -> bool:
    """Whether a model was evaluated on the test images, upright ones."""
    gallery = gallery_for(student)
    part = used_part(student, gallery, use)
    return part is not None and part.known and bool(from_test(gallery, part).mean() > 0.5)
