"""What is wrong with the sets that a notebook made: images in two of them, labels of other images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from checks.kit import Failure
from checks.kit.student import Array
from checks.project4.fish_sets import UNKNOWN, Gallery, Part

NEGLIGIBLE = 0.05  # the share of images below which a fault may be a twin in the data
SAME_SET = 0.98  # the share above which a set is the training set itself


@dataclass(frozen=True)
class Overlap:
    """How many of the ``known`` pictures of a set are in a training set too.

    ``whole`` says that all pictures of the training set are in the set.
    """

    part: Part
    train: Part
    both: int
    known: int
    whole: bool

    @property
    def faulty(self) -> bool:
        """Whether it is more than twins in the data explain."""
        return self.both > max(1, NEGLIGIBLE * self.known)

    @property
    def inside(self) -> bool:
        """Whether the set is a part of the training set."""
        return self.both >= SAME_SET * self.known


def require_apart(gallery: Gallery, parts: Sequence[Part]) -> int:
    """Raise Failure where images to test with were trained on; returns how many sets could be compared.

    A test on training images that tells the training accuracy, beside another one or on all of them, is
    no fault.
    """
    overlaps = tuple(_overlaps(gallery, parts))
    tested = [one.train for one in overlaps if one.part.side == "test" and not one.faulty]
    for one in overlaps:
        on_training = one.part.side == "test" and (
            one.whole or (one.inside and any(one.train is other for other in tested))
        )
        if one.faulty and not on_training:
            raise Failure(
                f"{one.both} of {one.known} images in {one.part.name} are in {one.train.name} too.",
                expected="every picture in one of the sets only, its mirror images with it",
                received=f"{one.both} pictures in both",
                hint="Split once, before any augmentation, and keep the sets apart from then on.",
            )
    return len(overlaps)


def _overlaps(gallery: Gallery, parts: Sequence[Part]) -> Iterator[Overlap]:
    """Each set to test with beside each training set of the same experiment."""
    traced = [(part, gallery.places(part.images)) for part in parts if part.images is not None]
    known = [(part, places[places != UNKNOWN]) for part, places in traced if _knows(places)]
    for part, found in known:
        for train, trained in known:
            if part.side != "train" == train.side and part.used_by & train.used_by:
                whole = float(np.isin(trained, found).mean()) >= SAME_SET
                yield Overlap(part, train, int(np.isin(found, trained).sum()), len(found), whole)


def _knows(places: Array) -> bool:
    return bool(len(places)) and float(np.mean(places != UNKNOWN)) > NEGLIGIBLE


def require_one_hot(gallery: Gallery, parts: Sequence[Part]) -> int:
    """Raise Failure unless the labels are rows of 0 and a single 1; returns how many labels there were."""
    labelled = [part for part in parts if part.labels is not None]
    for part in labelled:
        labels = np.asarray(part.labels)
        if labels.ndim != 2 or labels.shape[1] != (gallery.classes or labels.shape[1]):
            raise Failure(
                f"The labels of {part.name} are of shape {labels.shape}.",
                expected=f"(n, {gallery.classes}): a column for each class",
                received=f"{labels.shape}",
                hint="Fit a LabelBinarizer on the names of the classes and transform the labels with it.",
            )
        rows = np.isin(labels, (0, 1)).all(axis=1) & (labels.sum(axis=1) == 1)
        if not rows.all():
            row = labels[int(np.argmin(rows))]
            raise Failure(
                f"The labels of {part.name} are not one-hot.",
                expected="in each row a single 1, all others 0",
                received=f"a row {np.array2string(row, threshold=20)}",
                hint="LabelBinarizer().fit_transform(…) makes such rows of the names.",
            )
        if part.images is not None and len(part.images) != len(labels):
            raise Failure(
                f"There are {len(part.images)} images and {len(labels)} labels in {part.name}.",
                expected="one label for each image",
                received=f"{len(part.images)} and {len(labels)}",
                hint="train_test_split takes images and labels together.",
            )
    return len(labelled)


def require_columns(gallery: Gallery, parts: Sequence[Part]) -> None:
    """Raise Failure unless each class has one column, the same in all sets."""
    found: list[tuple[Part, str, int]] = []
    for part in parts:
        if part.images is None or part.labels is None:
            continue
        columns = np.asarray(part.labels).argmax(axis=1)
        places = gallery.places(part.images)
        found += [
            (part, gallery.kinds[place], int(column))
            for place, column in zip(places, columns, strict=True)
            if place != UNKNOWN
        ]
    usual = _usual([(kind, column) for _, kind, column in found])
    for part in parts:
        own = [(kind, column) for one, kind, column in found if one is part]
        wrong = [(kind, column) for kind, column in own if usual[kind] != column]
        if len(wrong) < 2 or len(wrong) <= NEGLIGIBLE * len(own):
            continue
        kind, column = wrong[0]
        raise Failure(
            f"{len(wrong)} of {len(own)} images in {part.name} have the label of another class.",
            expected=f"a 1 in one column for all images of {kind}, column {usual[kind]} for most",
            received=f"an image of {kind} with a 1 in column {column}",
            hint="Split images and labels in one call, and fit the LabelBinarizer once.",
        )
    twice = [kind for kind, column in usual.items() if list(usual.values()).count(column) > 1]
    if len(twice) > 1 and len(found) >= 4 * len(usual):
        raise Failure(
            f"{twice[0]} and {twice[1]} have the same column.",
            expected="a column for each class",
            received=f"column {usual[twice[0]]} for both",
            hint="Images and labels that belong together must stay in the same order.",
        )


def _usual(pairs: Sequence[tuple[str, int]]) -> dict[str, int]:
    """The most frequent column of each class."""
    counts: dict[str, Counter[int]] = {}
    for kind, column in pairs:
        counts.setdefault(kind, Counter())[column] += 1
    return {kind: count.most_common(1)[0][0] for kind, count in counts.items()}
