"""Task 3.1: the first 10,000 training and 2,000 test images, each with its label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.cnn.labels import Labels, decoded, said
from checks.cnn.states import bound, split_cell, training_cell
from checks.cnn.tracing import TRAIN, Gallery, Trace, trace
from checks.kit import Failure, Student
from checks.kit.student import Array

Flags = NDArray[np.bool_]

TRACED_STATES = 4  # of one pair of variables; reloading more often than that changes nothing


@dataclass(frozen=True)
class Wanted:
    """A pair of variables and the part of the gallery, ``first`` up to ``end``, that they should hold."""

    images: str
    labels: str
    kind: str
    first: int
    end: int

    @property
    def count(self) -> int:
        """How many images."""
        return self.end - self.first


@dataclass(frozen=True)
class Pair:
    """Images and labels at the end of a cell."""

    cell: int
    images: Array
    labels: Array


def require_variables(student: Student) -> None:
    """Raise Failure where no images were kept under any name, before they are made searchable."""
    if not student.versions("X") and not student.versions("Xtrain"):
        raise _missing(student, "X", len(student.given["cifar10/x_train"][:TRAIN]), "training")


def judge(student: Student, gallery: Gallery) -> str | None:
    """Judge both sets; return a hint where the variables have other names.

    Raises:
        Failure: one of them is not what was asked for.
    """
    whole = len(gallery.labels)
    training = Wanted("X", "Y", "training", 0, gallery.training)
    hint = None
    if not (student.versions("X") and student.versions("Y")):
        renamed = Wanted("Xtrain", "Ytrain", "training", 0, gallery.training)
        if _holds(student, gallery, renamed):
            hint = "The handout calls all the training images X and Y; you loaded them as Xtrain and Ytrain."
    if hint is None:
        _require(student, gallery, training)
    _require(student, gallery, Wanted("Xtest", "Ytest", "test", gallery.training, whole))
    return hint


def _holds(student: Student, gallery: Gallery, wanted: Wanted) -> bool:
    try:
        _require(student, gallery, wanted)
    except Failure:
        return False
    return True


def _require(student: Student, gallery: Gallery, wanted: Wanted) -> None:
    """Raise what is wrong with the last state before the split, unless any state is right."""
    for name in (wanted.images, wanted.labels):
        if not student.versions(name):
            raise _missing(student, name, wanted.count, wanted.kind)
    pairs = list(_pairs(student, wanted))
    before = [pair for pair in pairs if pair.cell <= training_cell(student)]
    pairs = before or pairs  # 5.1 loads everything again
    if not pairs:
        raise _no_arrays(student, wanted)
    formed = [pair for pair in pairs if _form_fault(pair, wanted) is None]
    faults = [(pair.cell, _content_fault(pair, wanted, gallery)) for pair in formed[:TRACED_STATES]]
    if any(fault is None for _, fault in faults):
        return
    border = split_cell(student) or training_cell(student)
    faults = faults or [(pair.cell, _form_fault(pair, wanted)) for pair in pairs]
    early = [fault for cell, fault in faults if cell <= border] or [faults[0][1]]
    raise early[-1] or AssertionError("a pair without fault was returned above")


def _missing(student: Student, name: str, count: int, kind: str) -> Failure:
    return Failure(
        student.why_missing(name),
        expected=f"{name} with {count:,} {kind} rows",
        received="no such variable",
        hint="Run the cell that loads CIFAR-10; the handout gives these names.",
    )


def _pairs(student: Student, wanted: Wanted) -> Iterator[Pair]:
    names = (wanted.images, wanted.labels)
    for cell in sorted({version.cell for name in names for version in student.versions(name)}):
        images, labels = (bound(student, name, cell) for name in names)
        if images is not None and labels is not None:
            yield Pair(cell, images, labels)


def _no_arrays(student: Student, wanted: Wanted) -> Failure:
    types = {name: student.versions(name)[-1].type for name in (wanted.images, wanted.labels)}
    found = ", ".join(f"{name}: {type_}" for name, type_ in types.items())
    return Failure(
        f"{wanted.images} and {wanted.labels} were never both arrays that can be looked at.",
        expected="arrays of numbers",
        received=found,
        hint="cifar10.load_data() returns arrays. All 50,000 images as float are more than is looked at: "
        "take the part that is used first.",
    )


def _form_fault(pair: Pair, wanted: Wanted) -> Failure | None:
    """What is wrong with shapes alone."""
    images, labels = pair.images.shape, pair.labels.shape
    right = f"{wanted.images} {(wanted.count, 32, 32, 3)} and {wanted.labels} {(wanted.count, 1)}"
    found = f"{wanted.images} {images} and {wanted.labels} {labels}"
    evidence = f"{wanted.images}.shape, {wanted.labels}.shape  # {images}, {labels}"
    many = [n for n, a in ((wanted.images, images), (wanted.labels, labels)) if a[:1] and a[0] > wanted.count]
    few = [n for n, a in ((wanted.images, images), (wanted.labels, labels)) if not a or a[0] < wanted.count]
    first = f"the first {wanted.count:,} {wanted.kind} images"
    if len(many) == 1 and not few:
        message = f"Only one of images and labels was cut: {many[0]} still has more rows than {first}."
        hint = "Images and their labels need the same cut, or they no longer belong together."
    elif many:
        message = f"{' and '.join(many)} were not cut to {first}."
        hint = f"The lab uses {first} and their labels only; a slice takes the first rows of an array."
    elif few:
        message = f"{' and '.join(few)} have fewer rows than {first}."
        hint = "Look at the slice that cuts the data."
    elif len(images) != 4 or decoded(pair.labels) is None:
        wrong = wanted.images if len(images) != 4 else wanted.labels
        message = f"{wrong} does not have the shape that cifar10.load_data() gives it."
        hint = "Images keep their four axes: image, row, column, colour; labels are one number each."
    else:
        return None
    return Failure(message, expected=right, received=found, hint=hint, counterexample=evidence)


def _content_fault(pair: Pair, wanted: Wanted, gallery: Gallery) -> Failure | None:
    """Whether these are the right images, each once, with the right labels."""
    found, labels = trace(pair.images, gallery), decoded(pair.labels)
    inside = (found.index >= wanted.first) & (found.index < wanted.end)
    if labels is not None and not inside.all():
        inside |= _has_twin(found, wanted, gallery)
    if not inside.all():
        return _other_images(pair, wanted, gallery, found, int(np.argmin(inside)))
    if len(np.unique(found.index)) < len(np.unique(gallery.group[wanted.first : wanted.end])):
        return Failure(
            f"{wanted.images} holds some {wanted.kind} images twice, and others not at all.",
            expected=f"each of the first {wanted.count:,} {wanted.kind} images once",
            received=f"{len(np.unique(found.index)):,} different images",
            hint="Take the images as they come, with a slice.",
        )
    return _label_fault(pair, wanted, gallery, found, labels)


def _has_twin(found: Trace, wanted: Wanted, gallery: Gallery) -> Flags:
    """Which images have a duplicate in the wanted part."""
    groups = np.unique(gallery.group[wanted.first : wanted.end])
    return np.isin(gallery.group[found.index], groups) & (found.index >= 0)


def _other_images(pair: Pair, wanted: Wanted, gallery: Gallery, found: Trace, row: int) -> Failure:
    place = int(found.index[row])
    what = "none of the given images" if place < 0 else gallery.called(place)
    return Failure(
        f"{wanted.images} does not hold the first {wanted.count:,} {wanted.kind} images.",
        expected=f"the first {wanted.count:,} {wanted.kind} images",
        received=f"{wanted.images}[{row}] is {what}",
        hint="Look at which part of cifar10.load_data() this is, and at the slice that cuts it.",
        counterexample=f"plt.imshow({wanted.images}[{row}])",
    )


def _label_fault(
    pair: Pair, wanted: Wanted, gallery: Gallery, found: Trace, labels: Labels | None
) -> Failure | None:
    if labels is None:
        return None
    wrong = ~labels_fit(gallery, found, labels)
    if not wrong.any():
        return None
    row = int(np.argmax(wrong))
    place = int(found.index[row])
    own, says = said(int(gallery.labels[place])), said(int(labels[row]))
    return Failure(
        f"{wanted.labels} does not hold the labels of {wanted.images}: {int(wrong.sum()):,} of "
        f"{len(labels):,} are another image's.",
        expected=f"{wanted.labels}[{row}] is {own}",
        received=f"{wanted.images}[{row}] is {gallery.called(place)}, whose label is {own}; "
        f"{wanted.labels}[{row}] says {says}",
        hint="Images and labels need the same cut and the same order.",
        counterexample=f"plt.imshow({wanted.images}[{row}]); plt.title({wanted.labels}[{row}])",
    )


def labels_fit(gallery: Gallery, found: Trace, labels: Labels) -> Flags:
    """For each traced image whether its label is its own or a duplicate's; ``True`` where not traced."""
    known = found.index >= 0
    valid = (labels >= 0) & (labels < gallery.classes.shape[1])
    fits = gallery.classes[np.where(known, found.index, 0), np.where(valid, labels, 0)]
    return np.asarray(~known | (valid & fits))
