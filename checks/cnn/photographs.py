"""Which photograph an image that reached a network was made from, however it was resized, cut or scaled.

Pictures are compared by the means of 8 × 8 blocks. The sum of the channels of these, centred and scaled,
does not change with the order of the channels, nor with an affine map of the values.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.cnn.memo import Same
from checks.kit import Student
from checks.kit.student import Array

BLOCKS = 8
KNOWN = 0.98  # correlation of the blocks of two versions of the same picture; others stay below 0.9
MAX_PHOTOGRAPHS = 60
MARGIN = 224 / 256  # resizing to 256 and cutting out 224 pixels is a common recipe

Blocks = NDArray[np.float64]
Features = NDArray[np.float32]


@dataclass(frozen=True)
class Photograph:
    """A picture file that the notebook read: (h, w, 3) uint8 of at most 256 pixels, red first."""

    path: str
    stand_in: bool
    pixels: Array

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.path.replace("\\", "/").rpartition("/")[2]


@dataclass(frozen=True)
class Match:
    """What an image was made from, and the block means of both parts that show the same, (64, 3)."""

    name: str
    place: str
    image: Blocks
    original: Blocks


@dataclass(frozen=True)
class Box:
    """A part of a picture, in shares of its height and width."""

    top: float = 0.0
    left: float = 0.0
    bottom: float = 1.0
    right: float = 1.0


WHOLE = Box()


@dataclass(frozen=True)
class Views:
    """Every way in which photographs may have been brought into a square.

    ``features`` (n, 64) are those of the photographs' parts, and ``blocks`` (n, 64, 3) their block means;
    ``owners`` say whose they are, and ``boxes`` where they lie in the square.
    """

    photographs: tuple[Photograph, ...]
    features: Features
    blocks: Blocks
    owners: tuple[int, ...]
    boxes: tuple[Box, ...]


def photographs_of(student: Student) -> tuple[Photograph, ...]:
    """The picture files that the notebook read, each name and content once."""
    found: dict[tuple[str, int], Photograph] = {}
    for event in student.events:
        pixels = event.arrays[0] if event.kind == "photo" and event.arrays else None
        if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 3 or min(pixels.shape[:2]) < BLOCKS:
            continue
        path = str(event.data.get("path", ""))
        stand_in = event.data.get("stand_in") is True
        found.setdefault((path, id(pixels)), Photograph(path, stand_in, pixels))
    return tuple(found.values())[:MAX_PHOTOGRAPHS]


def stand_in_note(student: Student) -> str:
    """A sentence that names the photographs that were not handed in, or ""."""
    names = list(dict.fromkeys(photo.name for photo in photographs_of(student) if photo.stand_in))
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    one = len(names) == 1
    return (
        f"{listed} {'was' if one else 'were'} not handed in: "
        f"{'a photograph' if one else 'photographs'} of the grader's stood in, and nothing is lost by it."
    )


def views_of(photographs: tuple[Photograph, ...]) -> Views:
    """All parts and turns of photographs that may be found in a square image."""
    features, blocks, owners, boxes = [], [], [], []
    for owner, photograph in enumerate(photographs):
        for turns in range(4):  # a camera's orientation mark may or may not have been heeded
            turned = np.rot90(photograph.pixels, turns).astype(np.float64)
            for part, box in _layouts(*turned.shape[:2]):
                means = block_means(turned, part)
                blocks.append(means)
                features.append(_feature(means))
                owners.append(owner)
                boxes.append(box)
    return Views(
        photographs, np.array(features, np.float32).reshape(-1, BLOCKS**2),
        np.array(blocks).reshape(-1, BLOCKS**2, 3), tuple(owners), tuple(boxes),
    )  # fmt: skip


def match(image: Array, views: Views) -> Match | None:
    """The photograph that an image, (height, width, 3), shows; ``None`` where it is none of them."""
    best, found = KNOWN, None
    for box in dict.fromkeys(views.boxes):
        chosen = [place for place, other in enumerate(views.boxes) if other == box]
        means = block_means(np.asarray(image, np.float64), box)
        scores = views.features[chosen] @ _feature(means)
        if len(scores) and scores.max() > best:
            best, place = float(scores.max()), chosen[int(scores.argmax())]
            owner = views.photographs[views.owners[place]]
            found = Match(owner.name, owner.path, means, views.blocks[place])
    return found


def match_given(image: Array, given: Mapping[str, Array]) -> Match | None:
    """The lab's own small image that an image shows; ``None`` where it is none of them."""
    means = block_means(np.asarray(image, np.float64), WHOLE)
    for name, kind in (("cifar10/x_test", "test"), ("cifar10/x_train", "training")):
        pixels = given.get(name)
        if pixels is None or pixels.ndim != 4 or pixels.shape[1] % BLOCKS or pixels.shape[2] % BLOCKS:
            continue
        blocks, features = _given_blocks(Same(pixels))
        scores = features @ _feature(means)
        place = int(scores.argmax())
        if scores[place] > KNOWN:
            called = f"{kind} image {place:,}"
            return Match(called, called, means, blocks[place].astype(np.float64))
    return None


def block_means(image: Array, box: Box) -> Blocks:
    """The means of 8 × 8 blocks of a part of an image, (64, channels)."""
    rows = np.linspace(box.top * image.shape[0], box.bottom * image.shape[0], BLOCKS + 1).round().astype(int)
    columns = np.linspace(box.left * image.shape[1], box.right * image.shape[1], BLOCKS + 1)
    columns = columns.round().astype(int)
    part = image[rows[0] : rows[-1], columns[0] : columns[-1]]
    sums = np.add.reduceat(part, rows[:-1] - rows[0], axis=0)
    sums = np.add.reduceat(sums, columns[:-1] - columns[0], axis=1)
    sizes = np.diff(rows)[:, None, None] * np.diff(columns)[None, :, None]
    return np.asarray(sums / np.maximum(sizes, 1)).reshape(BLOCKS**2, -1)


def _layouts(height: int, width: int) -> Iterator[tuple[Box, Box]]:
    """(part of the photograph, place in the square) of each usual way to make a square of it."""
    side = min(height, width)
    tall, wide = side / height, side / width
    for share in (1.0, MARGIN):
        yield _middle(share, share), WHOLE
        if height != width:
            yield _middle(tall * share, wide * share), WHOLE
    if height != width:
        yield WHOLE, _middle(side / width, side / height)


def _middle(height: float, width: float) -> Box:
    """The middle part of that height and width."""
    return Box((1 - height) / 2, (1 - width) / 2, (1 + height) / 2, (1 + width) / 2)


def _feature(means: Blocks) -> Features:
    """Block means without channels, scale and offset: (64,) of length 1, or 0 for a plain image."""
    with np.errstate(all="ignore"):
        grey = means.sum(axis=1)
        grey = grey - grey.mean()
        length = float(np.linalg.norm(grey))
        plain = not np.isfinite(length) or length < 1e-9
        return np.asarray(np.zeros_like(grey) if plain else grey / length, np.float32)


@functools.lru_cache(maxsize=4)
def _given_blocks(key: Same[Array]) -> tuple[Features, Features]:
    """Block means (n, 64, 3) and features (n, 64) of images (n, height, width, 3)."""
    pixels = key.value
    high, wide = pixels.shape[1] // BLOCKS, pixels.shape[2] // BLOCKS
    parts = pixels.reshape(len(pixels), BLOCKS, high, BLOCKS, wide, 3)
    blocks = parts.mean(axis=(2, 4), dtype=np.float32).reshape(len(pixels), BLOCKS**2, 3)
    grey = blocks.sum(axis=2)
    grey = grey - grey.mean(axis=1, keepdims=True)
    length = np.linalg.norm(grey, axis=1, keepdims=True)
    return blocks, grey / np.maximum(length, 1e-6)
