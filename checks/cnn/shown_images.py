"""Pictures of tasks 1.1, 5.0, 5.1 and 5.2: filter responses, turned, augmented and misclassified images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checks.cnn import responses as arithmetic
from checks.cnn.flows import flows_of
from checks.cnn.memo import gallery_for
from checks.cnn.misses import Predicted, last_predictions
from checks.cnn.responses import FILTERS, Filter, Plane, Setting, mode_of
from checks.cnn.testing import calls_on_test_images
from checks.cnn.tracing import CLASSES
from checks.kit import Saved, Shown, Student
from checks.kit.picture import Images, Tile
from checks.kit.tiles import plain_range, those, tile

PAIRS = 4  # of images before and after
SAMPLES = 12  # augmented or misclassified images
SIDE = 128  # pixels of a response's picture
BY_SIGN = 0.4  # of the largest value, which is white: edges are thin, and most values small


def responses(student: Student, saved: Saved) -> Iterator[Shown]:
    """The last version of each filter response beside the right one; their differences in sign show."""
    tiles = [one for each in FILTERS for one in _response(student, each)]
    if tiles:
        note = (
            "Each response on the left as the notebook has it, on the right as the convolution gives it, in "
            "the same greys. In those of Sobel, grey is 0."
        )
        yield Shown(
            ("1.1/gaussian", "1.1/sobel"),
            Images("Your responses beside the right ones", those(tiles), note, group=2),
        )


def _response(student: Student, one: Filter) -> Iterator[Tile | None]:
    versions = student.versions(one.response)
    setting = arithmetic.setting_of(student, one)
    right = _right(setting, versions[-1].array.shape if versions and versions[-1].array is not None else ())
    high = float(np.max(np.abs(right))) * (BY_SIGN if one.kernel().min() < 0 else 1)
    low = -high if one.kernel().min() < 0 else 0.0
    plane = arithmetic.as_plane(versions[-1].array) if versions else None
    if plane is not None:
        match = arithmetic.matched(student, one, versions[-1].array)
        wrong = match is None or match.sign != 1
        caption = f"{one.words}: yours, {plane.shape[0]} × {plane.shape[1]}"
        yield tile(plane, caption, low=low, high=high, wrong=wrong, side=SIDE)
        yield tile(right, f"{one.words}: right", low=low, high=high, side=SIDE)


def _right(setting: Setting, shape: tuple[int, ...]) -> Plane:
    """The right response in the mode that its size tells, else in mode 'same', borders filled with 0."""
    image, kernel = setting.images[0], setting.factors[0] * setting.kernel
    mode = mode_of(tuple(shape), image.shape, kernel.shape) or "same"
    return arithmetic.convolved(np.pad(image, arithmetic.margins(mode, kernel.shape)), kernel)


def rotated(student: Student, saved: Saved) -> Iterator[Shown]:
    """The first test images as they are, and as they were evaluated turned or mirrored."""
    found = [one for one in calls_on_test_images(student) if one.seen.turn.quarters or one.seen.turn.mirrored]
    if not found:
        return
    last, gallery = found[-1], gallery_for(student)
    turned = last.use.source.images
    rows = [row for row, place in enumerate(last.part.index[:100]) if place >= 0][:PAIRS]
    if turned is None or not rows:
        return
    low, high = plain_range(turned)
    words = [f"{gallery.called(int(last.part.index[row]))}, {last.seen.turn.words}" for row in rows]
    after = [tile(turned[row], said, low=low, high=high) for row, said in zip(rows, words, strict=True)]
    before = [tile(gallery.pixels[last.part.index[row]], "as it is", low=0, high=255) for row in rows]
    pairs = [one for pair in zip(before, after, strict=True) for one in pair]
    title = f"Test images before and after, as evaluated in cell {last.use.cell}"
    yield Shown(("5.0/rotates", "5.0/evaluated"), Images(title, those(pairs), group=2))


def augmented(student: Student, saved: Saved) -> Iterator[Shown]:
    """A few images as the network gets them from the generator."""
    flows = flows_of(student)
    images = flows.train.drawn[0] if flows is not None else None
    if flows is None or images is None or images.ndim != 4:
        return
    low, high = plain_range(images)
    tiles = [tile(image, "", low=low, high=high) for image in images[:SAMPLES]]
    note = (
        f"They are what {flows.train_name} gives, with black at the smallest and white at the largest value."
    )
    yield Shown(
        ("5.1/augments", "5.1/generator"), Images("Samples of the augmented images", those(tiles), note, 6)
    )


def misclassified(student: Student, saved: Saved) -> Iterator[Shown]:
    """The first test images that the network of 5.2 took for another class."""
    predicted = last_predictions(student)
    if predicted is None:
        return
    rows = [int(row) for row in np.flatnonzero(~predicted.right) if predicted.call.part.index[row] >= 0]
    tiles = [_mistaken(student, predicted, row) for row in rows[:SAMPLES]]
    count, cell = len(predicted.classes), predicted.call.use.cell
    note = f"The first of {len(rows):,} among {count:,}, as predicted in cell {cell}."
    title = "Test images that the network takes for something else"
    if tiles:
        yield Shown(("5.2/misclassified", "5.2/evaluated"), Images(title, those(tiles), note, 6))


def _mistaken(student: Student, predicted: Predicted, row: int) -> Tile | None:
    gallery, place = gallery_for(student), int(predicted.call.part.index[row])
    words = _taken_for(int(predicted.classes[row]), int(gallery.labels[place]))
    return tile(gallery.pixels[place], words, low=0, high=255)


def _taken_for(predicted: int, label: int) -> str:
    name = CLASSES[predicted] if 0 <= predicted < len(CLASSES) else str(predicted)
    return f"{CLASSES[label]}, taken for {name}"
