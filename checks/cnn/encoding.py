"""Task 3.4: one-hot labels with ten columns."""

from __future__ import annotations

import numpy as np

from checks.cnn.labels import decoded, encoding_fault, integers, said
from checks.cnn.loading import labels_fit
from checks.cnn.memo import gallery_for
from checks.cnn.states import LABELS, bound, listed, rows, training_cell, up_to
from checks.cnn.tracing import trace
from checks.kit import Failure, Student, Version

Fault = tuple[str, str]


def judge(student: Student) -> None:
    """Raise Failure where a set's labels are not one-hot when training starts."""
    cell = training_cell(student)
    faults: dict[str, Fault] = {}
    for images, name in LABELS.items():
        found = [_fault(student, images, version, cell) for version in up_to(student, name, cell)]
        if found and found[0] is not None and None not in found:
            faults[name] = found[0]
    if faults:
        raise _failure(faults, student, cell)


def _fault(student: Student, images: str, version: Version, cell: int) -> Fault | None:
    return encoding_fault(version.array) or _moved(student, images, version, cell)


def _moved(student: Student, images: str, version: Version, cell: int) -> Fault | None:
    """Rows whose 1 is not in the column that the same variable named before, nor in that of their image."""
    before = [one.array for one in student.versions(version.name) if one.cell < version.cell]
    numbers = [labels for array in before if (labels := integers(array)) is not None]
    now = decoded(version.array)
    if now is None or not numbers or len(numbers[-1]) != len(now):
        return None
    wrong = np.flatnonzero(now != numbers[-1])
    if not len(wrong) or _fits_images(student, images, version, cell):
        return None
    row = int(wrong[0])
    return (
        f"have their 1 in the wrong column in {len(wrong):,} rows: row {row} has it at "
        f"{said(int(now[row]))}, and its label was {said(int(numbers[-1][row]))}",
        "Label k belongs in column k, counted from 0.",
    )


def _fits_images(student: Student, images: str, version: Version, cell: int) -> bool:
    """Whether the labels are those of the images: both may have been shuffled since."""
    array, labels = bound(student, images, cell), decoded(version.array)
    if array is None or labels is None or rows(array) != len(labels):
        return False
    gallery = gallery_for(student)
    found = trace(array, gallery)
    return found.share == 1.0 and bool(labels_fit(gallery, found, labels).all())


def _failure(faults: dict[str, Fault], student: Student, cell: int) -> Failure:
    by_words: dict[str, list[str]] = {}
    for name, (words, _) in faults.items():
        by_words.setdefault(words, []).append(name)
    told = "; ".join(f"the labels {listed(names)} {words}" for words, names in by_words.items())
    right = [name for name in LABELS.values() if name not in faults and student.versions(name)]
    only = f" Only {listed(right)} {'is' if len(right) == 1 else 'are'} one-hot." if right else ""
    first = next(iter(faults))
    array = bound(student, first, cell)
    shape = None if array is None else array.shape
    return Failure(
        f"T{told[1:]}.{only}",
        expected="one row of 10 numbers per image, a 1 in the column of its class and nine 0",
        received=told,
        hint=faults[first][1],
        counterexample=f"{first}.shape, {first}[0]" + (f"  # {shape}, …" if shape else ""),
    )
