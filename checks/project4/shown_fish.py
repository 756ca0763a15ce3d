"""Pictures of tasks P2.1 and P2.4: fish of each class, and which of them the best network mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from checks.kit import Saved, Shown, Student, Use
from checks.kit.matrices import matrix_of
from checks.kit.picture import Images, Tile
from checks.kit.student import Array
from checks.kit.tiles import plain_range, those, tile
from checks.project4.fish_sets import UNKNOWN, Gallery, gallery_of, parts_of
from checks.project4.vgg_cases import recognise
from checks.project4.vgg_charts import classes_of
from checks.project4.vgg_tests import tests_of

LOOKED_AT = 400  # images of a set that are traced to their files
SAMPLES = 12  # misclassified fish
SIDE = 96  # pixels of a picture
MOST_CLASSES = 20


@dataclass(frozen=True)
class Predicted:
    """What a case's network says of images with known classes: ``classes`` and ``predicted`` are columns."""

    case: int
    cell: int
    images: Array
    classes: Array
    predicted: Array

    @property
    def correct(self) -> int:
        """How many are right."""
        return int(np.sum(self.classes == self.predicted))


def samples(student: Student, saved: Saved) -> Iterator[Shown]:
    """One training image of each column of the labels; one that lies in another class's column is marked."""
    gallery = gallery_of(student)
    for part in parts_of(student):
        if part.side == "train" and part.images is not None and part.labels is not None:
            columns = _columns(part.labels, len(part.images))
            if columns is not None:
                tiles = those(_samples(gallery, part.images[:LOOKED_AT], columns[:LOOKED_AT]))
                note = "One training image for each column of the labels; the name is that of its folder."
                picture = Images("Your fish, as the network gets them", tiles, note, 6)
                yield Shown(("P2.1/binarised", "P2.1/split"), picture)
                return


def _columns(labels: Array, count: int) -> Array | None:
    one_hot = labels.ndim == 2 and 1 < labels.shape[1] <= MOST_CLASSES and len(labels) == count
    return np.asarray(labels.argmax(axis=1)) if one_hot else None


def _samples(gallery: Gallery, images: Array, columns: Array) -> Iterator[Tile | None]:
    low, high = plain_range(images)
    kinds = _kinds(gallery, images)
    for column in range(int(columns.max()) + 1):
        rows = np.flatnonzero(columns == column)
        if len(rows):
            names = Counter(kinds[row] for row in rows if kinds[row])
            usual = names.most_common(1)[0][0] if names else ""
            odd = next((row for row in rows if kinds[row] not in ("", usual)), None)
            row = int(rows[0] if odd is None else odd)
            caption = f"column {column}: {kinds[row]}" if kinds[row] else f"column {column}"
            caption += f", others {usual}" if odd is not None else ""
            yield tile(images[row], caption, low=low, high=high, wrong=odd is not None, side=SIDE)


def _kinds(gallery: Gallery, images: Array) -> list[str]:
    """The name of each image's folder, "" where its file is not known."""
    if not gallery.kinds:
        return [""] * len(images)
    return ["" if place == UNKNOWN else gallery.kinds[place] for place in gallery.places(images)]


def confusion(student: Student, saved: Saved) -> Iterator[Shown]:
    """Which fish the best network takes for which, after a training in full."""
    best = best_predictions(student)
    if best is not None:
        names = _names(gallery_of(student), best)
        note = f"Test images as predicted for case {best.case} in the grader's run, cell {best.cell}."
        yield Shown(("P2.4/chart", "P2.4/winner"), matrix_of(names, best.classes, best.predicted, note))


def misclassified(student: Student, saved: Saved) -> Iterator[Shown]:
    """The first fish that the best network takes for others, after a training in full."""
    best = best_predictions(student)
    rows = [] if best is None else np.flatnonzero(best.classes != best.predicted).tolist()
    if best is None or not rows:
        return
    names = _names(gallery_of(student), best)
    low, high = plain_range(best.images)
    tiles = those(
        tile(
            best.images[row],
            f"{names[best.classes[row]]}, taken for {names[best.predicted[row]]}",
            low=low,
            high=high,
            side=SIDE,
        )
        for row in rows[:SAMPLES]
    )
    note = f"The first of {len(rows):,} among {len(best.classes):,}, as predicted for case {best.case}."
    picture = Images("Fish that the network takes for something else", tiles, note, 6)
    yield Shown(("P2.4/chart", "P2.4/winner"), picture)


def best_predictions(student: Student) -> Predicted | None:
    """The predictions of the case with the most right ones.

    A training that was cut short says nothing of the network, so there are none.
    """
    if student.training != "full":
        return None
    gallery = gallery_of(student)
    found = []
    for case in recognise(student):
        uses = reversed(tests_of(student, case)) if case.run else ()
        known = (_predicted(student, gallery, case.training.number, use) for use in uses)
        found += [one for one in known if one is not None][:1]
    return max(found, key=lambda one: one.correct, default=None)


def _predicted(student: Student, gallery: Gallery, case: int, use: Use) -> Predicted | None:
    images, result = use.source.images, use.result
    if use.kind == "evaluate" or images is None or result is None or images.ndim != 4 or result.ndim != 2:
        return None
    classes = classes_of(student, gallery, images)
    if classes is None or len(result) != len(classes) or not 1 < result.shape[1] <= MOST_CLASSES:
        return None
    inside = (classes >= 0) & (classes < result.shape[1])
    predicted = result.argmax(axis=1)
    return Predicted(case, use.cell, images[inside], classes[inside].astype(int), predicted[inside])


def _names(gallery: Gallery, best: Predicted) -> Sequence[str]:
    """A name for each column: the folder of most of its images, else its number."""
    kinds = _kinds(gallery, best.images)
    count = int(max(best.classes.max(initial=0), best.predicted.max(initial=0))) + 1
    names = []
    for column in range(count):
        told = Counter(kinds[row] for row in np.flatnonzero(best.classes == column) if kinds[row])
        names.append(told.most_common(1)[0][0] if told else f"column {column}")
    return names
