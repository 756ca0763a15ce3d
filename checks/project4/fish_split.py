"""What is wrong with the sets that a notebook made: images in two of them, labels of other images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from checks.kit import Failure
from checks.kit.student import Array
from checks.project4.fish_sets import UNKNOWN, Gallery, Part

NEGLIGIBLE = 0.05  # the share of images below which a fault may be a twin in the data
SAME_SET = 0.98  # the share above which a set is the training set itself


def require_apart(gallery: Gallery, parts: Sequence[Part]) -> int:
    """Raise Failure where images to test with were trained on; returns how many sets could be compared.

    A test on all the training images, which tells the training accuracy, is no fault.
    """
    compared = 0
    known = [(part, gallery.places(part.images)) for part in parts if part.images is not None]
    train = [(part, places) for part, places in known if part.side == "train" and _knows(places)]
    for part, places in known:
        for other, trained in train if part.side != "train" and _knows(places) else ():
            if not part.used_by & other.used_by:
                continue
            compared += 1
            found = places[places != UNKNOWN]
            both = int(np.isin(found, trained).sum())
            whole = np.isin(trained[trained != UNKNOWN], found).mean() >= SAME_SET
            if both < 2 or both <= NEGLIGIBLE * len(found) or (part.side == "test" and whole):
                continue
            raise Failure(
                f"{both} of {len(found)} images in {part.name} are in {other.name} too.",
                expected="every picture in one of the sets only, its mirror images with it",
                received=f"{both} pictures in both",
                hint="Split once, before any augmentation, and keep the sets apart from then on.",
            )
    return compared


def _knows(places: Array) -> bool:
    return bool(len(places)) and float(np.mean(places != UNKNOWN)) > NEGLIGIBLE


def require_one_hot(gallery: Gallery, parts: Sequence[Part]) -> int:
    """Raise Failure unless the labels are rows of 0 and a single 1; returns how many labels there were."""
    labelled = [part for part in parts if part.labels is not None]
    for part in labelled:
        labels = np.asarray(part.labels)
        if labels.ndim != 2 or labels.shape[1] != gallery.classes:
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
