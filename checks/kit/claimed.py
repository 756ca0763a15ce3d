"""Which number of the saved outputs is the accuracy of which ``evaluate``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.kit.saved import Evaluation, Saved, Score
from checks.kit.student import Student, Use

ACCURACY = ("accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy")
OTHER_SCORES = ("train", "val", "best", "epoch")  # words in the label of a score that is not a test's


@dataclass(frozen=True)
class Claim:
    """An accuracy, 0 to 1, that a notebook prints, with its cell and line."""

    value: float
    cell: int
    text: str


def claim_of(student: Student, saved: Saved, use: Use) -> Claim | None:
    """The accuracy printed for one evaluate.

    Known where its own cell prints one for each of its evaluates, in words or as a bar.
    """
    here = [one for one in evaluates(student) if one.cell == use.cell]
    scores = test_scores(saved, use.cell)
    if len(scores) != len(here):
        bars = [one for one in saved.evaluations if one.cell == use.cell]
        return _of_bar(bars[here.index(use)]) if len(bars) == len(here) and not scores else None
    score = scores[here.index(use)]
    return Claim(score.value, score.cell, score.text)


def evaluates(student: Student) -> Iterator[Use]:
    """Every ``evaluate`` that ended, but for those of callbacks."""
    return (use for use in student.uses if use.kind == "evaluate" and not use.inside_fit and not use.error)


def _of_bar(bar: Evaluation) -> Claim | None:
    value = accuracy_of(dict(bar.values))
    return None if value is None or not bar.exact else Claim(value, bar.cell, bar.text)


def accuracy_of(values: object) -> float | None:
    """The accuracy among the metrics of an epoch or an evaluate."""
    found = values if isinstance(values, dict) else {}
    return next((float(found[name]) for name in ACCURACY if name in found), None)


def test_scores(saved: Saved, cell: int) -> list[Score]:
    """The printed accuracies of a cell that may be those of an evaluate."""
    return [
        one
        for one in saved.scores
        if one.cell == cell and not any(word in one.label for word in OTHER_SCORES)
    ]
