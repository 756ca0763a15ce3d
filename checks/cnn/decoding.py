"""Task 7: whether the predicted classes were given their names, and these were shown."""

from __future__ import annotations

import re

import numpy as np

from checks.cnn.cures import sentence
from checks.cnn.pretrained import uses_of
from checks.kit import Cell, Event, Failure, Student
from checks.kit.student import Array

NOISE = re.compile(  # progress bars of both Keras, the grader's notices, and TensorFlow's log
    r"\W{0,9}\d+/(\d+|Unknown) *(━|─|\[=|\[>|\[\.|\d+m?s\b)|\[labgrade\]|WARNING: |[IWEF]\d{4} "
)
BRACKETED = re.compile(r"\[[-+\d.e,\s\[\]…]*\]?")
NUMBER = r"\d{0,3}\.\d+|\d{1,3}(\.\d{1,9})? ?%"
NAMED = re.compile(rf"[A-Za-z]{{3}}[^\n]{{0,60}}?({NUMBER})|({NUMBER})[^\n]{{0,40}}?[A-Za-z]{{3}}")
OWN_TABLE = re.compile(r"class_index|imagenet_classes|imagenet_labels|class_names|synset", re.IGNORECASE)


def judge(student: Student) -> str | None:
    """Raise Failure unless decode_predictions, or a table of names, was used and something was shown."""
    first = min(use.cell for use in uses_of(student) if not use.error)
    events = [event for event in student.events if event.kind == "decoded"]
    done = [event for event in events if not event.data.get("error")]
    if not done:
        return _without(student, first, events)
    since = min(event.cell for event in done)
    if not any(_shows(cell) for cell in student.cells if cell.number >= since):
        raise Failure(
            f"The predictions were decoded in cell {since}, but never shown.",
            expected="the names of the predicted classes, printed or as titles of the photographs",
            received="decode_predictions was called, and nothing printed or plotted after it",
            hint="print what decode_predictions returns.",
        )
    return _foreign(student, done)


def _without(student: Student, first: int, events: list[Event]) -> str | None:
    if events:
        raise _stopped(events[-1])
    texts = [_plain(cell.text) for cell in student.cells if cell.number >= first]
    by_hand = any(OWN_TABLE.search(cell.source) for cell in student.cells)
    if any(NAMED.search(text) for text in texts) or (by_hand and any(texts)):
        return "decode_predictions finds the names of the most probable classes in one call."
    stopped = next((c for c in student.cells if c.error and "decode_predictions" in c.source), None)
    raise Failure(
        "The predictions were not decoded"
        + (f": cell {stopped.number} stopped with {sentence(stopped.error)}." if stopped else "."),
        expected="the names of the most probable classes of each photograph",
        received="no call of decode_predictions that ended, and no names in what is printed",
        hint="decode_predictions(preds, top=5) turns the 1,000 probabilities into names.",
    )


def _stopped(event: Event) -> Failure:
    error = sentence(str(event.data.get("error")))
    shape = tuple(event.arrays[0].shape) if event.arrays and event.arrays[0] is not None else ()
    return Failure(
        f"The predictions could not be decoded: decode_predictions stopped cell {event.cell} with {error}.",
        expected="predictions of shape (n, 1000), as predict returns them",
        received=f"an array of shape {shape}" if shape else error,
        hint="Give it what predict returned: neither one row of it, nor its largest entry.",
        counterexample=f"preds.shape  # {shape}; (1, 1000) is right" if shape else None,
    )


def _shows(cell: Cell) -> bool:
    return cell.figures > 0 or bool(_plain(cell.text))


def _plain(text: str) -> str:
    """What was printed, without what libraries print by themselves and without raw arrays."""
    lines = [line for line in text.replace("\b", "").splitlines() if not NOISE.match(line)]
    return BRACKETED.sub(" ", "\n".join(lines)).strip()


def _foreign(student: Student, done: list[Event]) -> str | None:
    """A hint where what was decoded is not what ResNet50 predicted."""
    results = [use.result for use in uses_of(student) if use.result is not None]
    given = [event.arrays[0] for event in done if event.arrays and event.arrays[0] is not None]
    if not results or not given or any(_known(array, results) for array in given):
        return None
    return "What was decoded is not what predict of ResNet50 returned; is that meant?"


def _known(array: Array, results: list[Array]) -> bool:
    """Whether any row is a row of the results."""
    rows = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, -1)
    return any(
        rows.shape[1] == result.shape[-1]
        and bool((np.abs(rows[:1] - result.reshape(-1, result.shape[-1])).max(axis=1) < 1e-4).any())
        for result in results
    )
