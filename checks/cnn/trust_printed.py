"""Which numbers the saved outputs print for the training that answers a task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.cnn.memo import gallery_for
from checks.cnn.parts import from_test, used_part
from checks.cnn.trainings import Training
from checks.kit import Saved, Student, Use
from checks.kit.matching import pairs
from checks.kit.saved import Evaluation, Log, Score, at

ACCURACY = ("accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy")


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


def accuracy_of(values: object) -> float | None:
    """The accuracy among the metrics of an epoch or an evaluate."""
    found = values if isinstance(values, dict) else {}
    return next((float(found[name]) for name in ACCURACY if name in found), None)


def printed(student: Student, saved: Saved, training: Training | None) -> Printed | None:
    """What is printed of a training; ``None`` unless both its log and each of its test accuracies are."""
    if training is None:
        return None
    log = next((log for fit, log in pairs(student, saved) if fit.order == training.last.order), None)
    uses = [use for use in _evaluates(student) if use.model.identity == training.identity]
    after = [use for use in uses if use.order > training.last.ended and _is_test(student, use)]
    claimed = [_claim(student, saved, use) for use in after]
    if log is None or not log.epochs or not claimed or None in claimed:
        return None
    known = [one for one in claimed if one is not None]
    evidence = (at(log.cell, f"output, {log.quote}"), *(at(one[1], f"output, {one[2]}") for one in known))
    return Printed(log, tuple(one[0] for one in known), tuple(dict.fromkeys(evidence)))


def _evaluates(student: Student) -> Iterator[Use]:
    return (use for use in student.uses if use.kind == "evaluate" and not use.inside_fit and not use.error)


def _is_test(student: Student, use: Use) -> bool:
    """Whether a model was evaluated on the test images, upright ones."""
    gallery = gallery_for(student)
    part = used_part(student, gallery, use)
    return part is not None and part.known and bool(from_test(gallery, part).mean() > 0.5)


def _claim(student: Student, saved: Saved, use: Use) -> tuple[float, int, str] | None:
    """The accuracy printed for one evaluate, its cell and line.

    Known where its own cell prints one for each of its evaluates, or where the next does that has none.
    """
    here = [one for one in _evaluates(student) if one.cell == use.cell]
    scores = test_scores(saved, use.cell)
    if len(scores) != len(here):
        bars = [one for one in saved.evaluations if one.cell == use.cell]
        return _of_bar(bars[here.index(use)]) if len(bars) == len(here) and not scores else None
    score = scores[here.index(use)]
    return score.value, score.cell, score.text


def _of_bar(bar: Evaluation) -> tuple[float, int, str] | None:
    value = accuracy_of(dict(bar.values))
    return None if value is None or not bar.exact else (value, bar.cell, bar.text)


def test_scores(saved: Saved, cell: int) -> list[Score]:
    """The printed accuracies of a cell that may be those of an evaluate."""
    return [
        one
        for one in saved.scores
        if one.cell == cell and not any(word in one.label for word in ("train", "val", "best", "epoch"))
    ]
