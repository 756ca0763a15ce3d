"""Tasks 4.2 to 5.2: whether networks that were trained in full recognise images that nobody has seen."""

from __future__ import annotations

from checks.cnn.accuracies import reached
from checks.cnn.calibrated import NOT_CALIBRATED
from checks.cnn.layers import CLASSES
from checks.cnn.trained import NETWORKS
from checks.kit import Failure, Origin, Student

HINT = (
    "Look at how it was trained: the learning rate, the number of epochs, and whether all images went "
    "through the same preprocessing."
)


def judge_recognition(student: Student, *names: str) -> str | None:
    """Raise Failure where a network stays below a threshold that was measured; else say what it reaches."""
    found = {name: reached(student, name) for name in names}
    for name, one in found.items():
        if one.accuracy is not None and one.threshold is not None and one.accuracy < one.threshold:
            raise _below(name, one, one.accuracy, one.threshold)
    return " ".join(_said(name, one) for name, one in found.items())


def _said(name: str, one: Origin) -> str:
    if one.accuracy is None:
        return f"The network of {name} was not scored: {one.note}."
    told = f"The network of {name} recognises {one.accuracy:.1%} of {one.note.partition(';')[0]}"
    if one.threshold is None:
        return f"{told}. Its threshold is {NOT_CALIBRATED}."
    return f"{told}, with a threshold of {one.threshold:.0%}."


def _below(name: str, one: Origin, accuracy: float, threshold: float) -> Failure:
    chance = "" if one.chance is None else f"; a right solution falls below with a chance of {one.chance:.2%}"
    return Failure(
        f"After its full training the network of {name} ({NETWORKS[name]}) recognises only {accuracy:.1%} of "
        f"{one.note}.",
        expected=f"at least {threshold:.0%}{chance}",
        received=f"{accuracy:.1%}, where guessing gives {1 / CLASSES:.0%}",
        hint=HINT,
    )
