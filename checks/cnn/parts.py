"""The images that a fit or an evaluate was given, each traced to where it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from checks.cnn.labels import Labels, decoded, said
from checks.cnn.loading import Flags, labels_fit
from checks.cnn.memo import traced
from checks.cnn.states import IMAGES, KNOWN, LABELS
from checks.cnn.tracing import Gallery, Indices, Trace
from checks.kit import Failure, Fit, Source, Student, Use
from checks.kit.student import Array

NEGLIGIBLE = 0.002  # the share of images up to which a fault is none: CIFAR-10 has images that are near twins
ARGUMENTS = ("x", "y", "validation_data")  # what a set is called that no watched variable holds
SAMPLE = 64  # images that tell how a set was scaled
SCALES_APART = 0.25  # of the training images' range, above which a set was scaled in another way


@dataclass(frozen=True)
class Part:
    """A set of images.

    Args:
        name: the notebook's variable, or the argument of ``fit`` or ``evaluate`` that they were.
        images: (n, height, width, 3).
        labels: what each is said to be, (n,) class numbers, or ``None``.
        index: where each came from, (n,) places in the gallery, or −1.
        called: the notebook's variable with the labels, or what they were.
    """

    name: str
    images: Array
    labels: Labels | None
    index: Indices
    called: str = "the labels"

    @property
    def named(self) -> bool:
        """Whether a variable is known that holds them, so that code can show them."""
        return not self.name.startswith(ARGUMENTS)

    @property
    def known(self) -> bool:
        """Whether enough of the images could be traced to say anything."""
        return bool(len(self.index)) and float(np.mean(self.index >= 0)) >= KNOWN


def training_part(student: Student, gallery: Gallery, fit: Fit) -> Part | None:
    """What a fit trained on, ``validation_split`` taken off; ``None`` where it is not known."""
    images, labels = _given(fit.source, fit.train)
    part = _part(student, gallery, images, labels, fit.cell, ("x", "y"))
    border = _border(fit, part)
    return part if part is None or border is None else _cut(part, slice(0, border), f"[:{border}]")


def validation_part(student: Student, gallery: Gallery, fit: Fit) -> Part | None:
    """What a fit was validated on; ``None`` where that is nothing, or not known."""
    source = fit.validation_source
    if source is None and fit.validation is None:
        whole = _part(student, gallery, *_given(fit.source, fit.train), fit.cell, ("x", "y"))
        border = _border(fit, whole)
        if whole is None or border is None:
            return None
        return _cut(whole, slice(border, None), f"[{border}:]")
    images, labels = _given(source or Source("arrays"), fit.validation or (None, None))
    words = ("validation_data[0]", "validation_data[1]")
    return _part(student, gallery, images, labels, fit.cell, words)


def used_part(student: Student, gallery: Gallery, use: Use) -> Part | None:
    """What an evaluate or predict was given; ``None`` where it is not known."""
    return _part(student, gallery, use.source.images, use.source.labels, use.cell, ("x", "y"))


def _given(source: Source, pair: tuple[Array | None, Array | None]) -> tuple[Array | None, Array | None]:
    images = pair[0] if source.images is None else source.images
    return images, pair[1] if source.labels is None else source.labels


def _part(
    student: Student,
    gallery: Gallery,
    images: Array | None,
    labels: Array | None,
    cell: int,
    words: tuple[str, str],
) -> Part | None:
    if images is None or images.ndim != 4:
        return None
    said_labels = decoded(labels)
    if said_labels is not None and len(said_labels) != len(images):
        said_labels = None
    return Part(
        name=variable(student, images, cell, (*IMAGES, "X")) or words[0],
        images=images,
        labels=said_labels,
        index=traced(images, gallery).index,
        called=variable(student, labels, cell, (*LABELS.values(), "Y")) or words[1],
    )


def variable(student: Student, array: Array | None, cell: int, names: tuple[str, ...]) -> str:
    """Which of the notebook's variables held an array when a cell ran, or ""."""
    for name in names:
        for version in student.versions(name):
            if version.cell <= cell and version.array is not None and same_array(version.array, array):
                return name
    return ""


def same_array(one: Array, other: Array | None) -> bool:
    """Whether two arrays are the same memory."""
    return other is not None and one.shape == other.shape and bool(np.may_share_memory(one, other))


def _border(fit: Fit, part: Part | None) -> int | None:
    """Where ``validation_split`` cuts, as Keras does it: the last rows are for validation."""
    if part is None or not 0 < fit.validation_split < 1 or fit.validation_source is not None:
        return None
    return math.floor(len(part.images) * (1 - fit.validation_split))


def _cut(part: Part, rows: slice, words: str) -> Part:
    labels = None if part.labels is None else part.labels[rows]
    return Part(part.name + words, part.images[rows], labels, part.index[rows], part.called + words)


# ---- what is wrong with a set of images --------------------------------------------------------------


def from_test(gallery: Gallery, part: Part) -> Flags:
    """For each image whether it is a test image, and no training image at the same time."""
    place = np.maximum(part.index, 0)
    return np.asarray((part.index >= gallery.training) & (gallery.copies[place] == 0))


def from_training(gallery: Gallery, part: Part) -> Flags:
    """For each image whether it is one of the 10,000 that are for training and validation."""
    place = np.maximum(part.index, 0)
    return np.asarray((part.index >= 0) & (gallery.copies[place] > 0))


def shared_images(gallery: Gallery, part: Part, other: Part) -> Flags:
    """For each image of ``part`` whether it is in ``other``, twins that the data hold left aside."""
    sizes = np.bincount(gallery.group, minlength=len(gallery.group))
    counts = [_counts(gallery, one) for one in (part, other)]
    both = (counts[0] > 0) & (counts[1] > 0) & (counts[0] + counts[1] > sizes)
    return np.asarray((part.index >= 0) & both[gallery.group[np.maximum(part.index, 0)]])


def _counts(gallery: Gallery, part: Part) -> Indices:
    groups = gallery.group[part.index[part.index >= 0]]
    return np.bincount(groups, minlength=len(gallery.group)).astype(np.intp)


def many(flags: Flags) -> bool:
    """Whether more than a negligible share is marked."""
    return bool(np.count_nonzero(flags) > NEGLIGIBLE * len(flags))


def mislabelled(gallery: Gallery, part: Part | None) -> Failure | None:
    """The failure where images have other images' labels."""
    if part is None or part.labels is None:
        return None
    wrong = ~labels_fit(gallery, Trace(part.index), part.labels)
    if not many(wrong):
        return None
    row = int(np.argmax(wrong))
    place = int(part.index[row])
    own, says = said(int(gallery.labels[place])), said(int(part.labels[row]))
    return Failure(
        f"{int(wrong.sum()):,} of the {len(wrong):,} images in {part.name} were passed with the label of "
        "another image.",
        expected=f"for {part.name}[{row}] the label {own}",
        received=f"{part.name}[{row}] is {gallery.called(place)}, whose label is {own}; "
        f"{part.called}[{row}] says {says}",
        hint="Images and labels that are passed together must be of the same set, in the same order.",
        counterexample=_shown(part, row),
    )


def _shown(part: Part, row: int) -> str | None:
    name = part.name
    if not part.named:
        return None
    return f"plt.imshow(({name}[{row}] - {name}.min()) / np.ptp({name})); plt.title({part.called}[{row}])"


# ---- how a set was scaled ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """What black and white, 0 and 255, have become."""

    black: float
    white: float

    def text(self) -> str:
        """In words: ``−1 … 1``."""
        return " … ".join(f"{round(value, 2) + 0:g}" for value in (self.black, self.white)).replace("-", "−")

    def differs(self, other: Scale) -> bool:
        """Whether the other one is plainly another scale."""
        room = SCALES_APART * max(abs(self.white - self.black), 1e-9)
        return abs(self.black - other.black) > room or abs(self.white - other.white) > room


def scale_of(gallery: Gallery, part: Part) -> Scale | None:
    """How the pixels of a set follow from those of the given images, judged by a few of them."""
    rows = np.flatnonzero(part.index >= 0)
    rows = rows[:: max(1, len(rows) // SAMPLE)][:SAMPLE]
    given = gallery.pixels[part.index[rows]].astype(np.float64)
    now = np.asarray(part.images[rows], np.float64)
    if not len(rows) or not np.isfinite(now).all() or given.std() == 0:
        return None
    slope = float(now.std() / given.std())
    black = float(now.mean() - slope * given.mean())
    return Scale(black, black + 255 * slope)
