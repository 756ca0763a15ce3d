"""The training and test sets that a notebook made, each image traced to the picture that it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from checks.kit import Source, Student
from checks.kit.student import Array
from checks.project4.fish_folders import MASKS

FOLDER = "lab/fish/"
SIDES = ("train", "val", "test")
ALL = 600  # pictures; of more, as many are looked at
GRID = 16  # pixels each way in which pictures are compared
ALIKE = 0.97  # correlation above which an image is a picture
UNKNOWN = -1

Vectors = NDArray[np.float32]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Gallery:
    """Pictures that the student was given: the class and the ``vectors`` (n, GRID²) of each.

    ``turned`` are the vectors of their mirror images and of the pictures turned upside down, in the same
    order twice; none where only a part of the pictures is here.
    """

    kinds: tuple[str, ...]
    vectors: Vectors
    turned: Vectors
    classes: int

    def places(self, images: Array) -> Places:
        """Which picture each image (n, height, width, 3) shows, or ``UNKNOWN``."""
        found = vectors_of(images)
        places = _nearest(found, self.vectors)
        if len(self.turned):
            turned = _nearest(found, self.turned)
            turned[turned >= 0] %= len(self.kinds)
            places = np.where(places == UNKNOWN, turned, places)
        return places


@dataclass(frozen=True)
class Part:
    """A set of images (n, height, width, 3), their labels or ``None``, and the word for it in messages.

    ``side`` is ``train``, ``val`` or ``test``. Two sets are of one experiment where ``used_by`` has something
    in common.
    """

    side: str
    name: str
    images: Array | None
    labels: Array | None
    used_by: frozenset[str] = frozenset()


def gallery_of(student: Student) -> Gallery:
    """The fish of the student's data, some of each class where there are many."""
    files = [name for name in student.given if name.startswith(FOLDER)]
    kinds: dict[str, list[str]] = {}
    for name in sorted(files):
        kind = name.removeprefix(FOLDER).partition("/")[0]
        if not kind.endswith(MASKS):
            kinds.setdefault(kind, []).append(name)
    whole = sum(map(len, kinds.values())) <= ALL
    chosen = [
        (kind, name)
        for kind, names in kinds.items()
        for name in (names if whole else names[:: -(-len(names) * len(kinds) // ALL)])
    ]
    pictures = [_grey(student.given[name]) for _, name in chosen]
    turned = [np.flip(one, axis) for axis in (1, 0) for one in pictures] if whole else []
    names = tuple(kind for kind, _ in chosen)
    return Gallery(names, _normalised(pictures), _normalised(turned), len(kinds))


def vectors_of(images: Array) -> Vectors:
    """Images as vectors that no scaling of the grey values changes, (n, GRID²)."""
    return _normalised([_grey(image) for image in images])


def _grey(image: Array) -> Vectors:
    """An image in GRID × GRID pixels; the order of the colours does not matter."""
    values = np.asarray(image, np.float32)
    grey = values.mean(axis=2) if values.ndim == 3 else values
    return np.asarray(cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32)


def _normalised(images: Sequence[Vectors]) -> Vectors:
    rows = np.array(images, np.float32).reshape(len(images), GRID * GRID)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def _nearest(found: Vectors, known: Vectors) -> Places:
    if not len(known) or not len(found):
        return np.full(len(found), UNKNOWN, np.intp)
    likeness = np.nan_to_num(found @ known.T, nan=-1.0)
    best = likeness.argmax(axis=1)
    return np.where(likeness.max(axis=1) >= ALIKE, best, UNKNOWN).astype(np.intp)


# ---- what the notebook made


def parts_of(student: Student) -> tuple[Part, ...]:
    """The sets that networks were trained and tested with; where these are not known, those in variables."""
    given = tuple(_given(student))
    sides = {part.side for part in given if part.images is not None and part.labels is not None}
    return given if "train" in sides and len(sides) > 1 else (*given, *_held(student))


def _held(student: Student) -> Iterator[Part]:
    for side in SIDES:
        images, labels = (_last(student, f"{letter}{side}") for letter in "XY")
        if images is not None or labels is not None:
            yield Part(side, f"X{side}", _pictures(images), labels, frozenset({"variables"}))


def _last(student: Student, name: str) -> Array | None:
    arrays = [version.array for version in student.versions(name) if version.array is not None]
    return arrays[-1] if arrays else None


def _given(student: Student) -> Iterator[Part]:
    for number, fit in enumerate(student.fits):
        where, own = f"of the fit in cell {fit.cell}", f"fit {number}"
        model = f"model {fit.model.identity}"
        images, labels = _first(fit.source, fit.train)
        yield Part("train", f"the images {where}", images, labels, frozenset({own, model}))
        if fit.validation is not None or fit.validation_source is not None:
            images, labels = _first(fit.validation_source, fit.validation)
            yield Part("val", f"the validation images {where}", images, labels, frozenset({own}))
    for use in student.uses:
        if use.kind == "evaluate":
            name = f"the images of the evaluate in cell {use.cell}"
            model = f"model {use.model.identity}"
            images, labels = _first(use.source, None)
            yield Part("test", name, images, labels, frozenset({model}))


def _first(
    source: Source | None, pair: tuple[Array | None, Array | None] | None
) -> tuple[Array | None, Array | None]:
    """Images and labels of a source, or of the arrays that were passed."""
    images, labels = pair or (None, None)
    if source is not None:
        images = images if source.images is None else source.images
        labels = labels if source.labels is None else source.labels
    return _pictures(images), labels


def _pictures(images: Array | None) -> Array | None:
    fits = images is not None and images.ndim == 4 and images.shape[-1] == 3 and images.size > 0
    return images if fits else None
