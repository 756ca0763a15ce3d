"""Where in the notebook a variable of tasks 3.1 to 3.4 is judged."""

from __future__ import annotations

from dataclasses import dataclass

from checks.cnn.tracing import TRAIN, Gallery, Trace, trace
from checks.kit import Student, Version
from checks.kit.student import Array

IMAGES = ("Xtrain", "Xval", "Xtest")
LABELS = {"Xtrain": "Ytrain", "Xval": "Yval", "Xtest": "Ytest"}
SPLIT = ("Xtrain", "Xval", "Ytrain", "Yval")
KNOWN = 0.5  # the share of images that must be traced before a state can be judged


def latest(student: Student, name: str, cell: int) -> Version | None:
    """The last version of a variable at the end of a cell."""
    before = [version for version in student.versions(name) if version.cell <= cell]
    return before[-1] if before else None


def bound(student: Student, name: str, cell: int) -> Array | None:
    """The array that a variable was at the end of a cell, if it was one."""
    version = latest(student, name, cell)
    return None if version is None else version.array


def total_of(student: Student) -> int:
    """How many training images the lab uses: 10,000."""
    return min(TRAIN, len(student.given["cifar10/x_train"]))


def split_cell(student: Student) -> int | None:
    """The first cell after which training and validation images and labels all are there."""
    cells = (cell for cell in _cells(student) if _all_bound(student, SPLIT, cell))
    return next(cells, None)


def training_cell(student: Student) -> int:
    """The cell whose end is the state in which the data go into the training.

    That of the first fit. 5.1 reloads Xtrain with all images while Xval stays; so where the two hold
    more images than there are, it is the last cell before that, if there is one.
    """
    there = [cell for cell in _cells(student) if _all_bound(student, SPLIT[:2], cell)]
    first_fit = next((fit.cell for fit in student.fits if there and fit.cell >= there[0]), student.last_cell)
    fitting = [cell for cell in there if cell <= first_fit and _rows(student, cell) <= total_of(student)]
    if not fitting:
        return first_fit
    too_many = _all_bound(student, SPLIT[:2], first_fit) and _rows(student, first_fit) > total_of(student)
    return fitting[-1] if too_many else first_fit


def _cells(student: Student) -> range:
    return range(1, student.last_cell + 1)


def _all_bound(student: Student, names: tuple[str, ...], cell: int) -> bool:
    return all(bound(student, name, cell) is not None for name in names)


def _rows(student: Student, cell: int) -> int:
    return sum(rows(bound(student, name, cell)) for name in SPLIT[:2])


def rows(array: Array | None) -> int:
    """The length of an array's first axis."""
    return array.shape[0] if array is not None and array.ndim else 0


def listed(names: list[str]) -> str:
    """``Xtrain, Xval and Xtest``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def up_to(student: Student, name: str, cell: int) -> tuple[Version, ...]:
    """The versions of a variable that count, newest first.

    The test set may be prepared at any time, so each of its versions counts; of the others only the
    last one.
    """
    before = [version for version in student.versions(name) if version.cell <= cell]
    if name in ("Xtest", "Ytest"):
        return tuple(reversed(before or student.versions(name)))
    return tuple(before[-1:])


@dataclass(frozen=True)
class Followed:
    """A set's images at the end of a cell and where each of them came from."""

    name: str
    cell: int
    array: Array
    trace: Trace


def follow(student: Student, gallery: Gallery, name: str) -> Followed | None:
    """Trace a set when training starts or, where preprocessing left no trace, after the split."""
    found: list[Followed] = []
    for cell in (training_cell(student), split_cell(student)):
        array = None if cell is None else bound(student, name, cell)
        if cell is None or array is None:
            continue
        found.append(Followed(name, cell, array, trace(array, gallery)))
        if found[-1].trace.share >= KNOWN:
            break
    return max(found, key=lambda one: one.trace.share, default=None)


def rows_of(student: Student, gallery: Gallery, version: Version) -> Trace | None:
    """Where each row of a version came from, by an older version in the same order if need be."""
    if version.array is None:
        return None
    older = [one for one in student.versions(version.name) if one.cell <= version.cell]
    same_length = [one.array for one in reversed(older) if rows(one.array) == rows(version.array)]
    for array in [version.array, *same_length[:4]]:
        found = trace(array, gallery) if array is not None else None
        if found is not None and found.share >= 0.05:
            return found
    return None
