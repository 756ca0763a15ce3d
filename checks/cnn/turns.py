"""Arrays of given images that were turned or mirrored as a whole: which turn, and which images."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from checks.cnn.memo import Same
from checks.cnn.states import KNOWN
from checks.cnn.tracing import Gallery, Trace, trace
from checks.kit.student import Array

SAMPLE = 64  # images of an array by which its turn is told


@dataclass(frozen=True)
class Turn:
    """A turn of (n, side, side, channels) images by ``quarters`` of 90° counter-clockwise.

    ``mirrored`` images were mirrored left to right before.
    """

    quarters: int
    mirrored: bool = False

    @property
    def is_quarter(self) -> bool:
        """Whether it is a turn by 90°, either way."""
        return not self.mirrored and self.quarters % 2 == 1

    @property
    def words(self) -> str:
        """What was done to the images, as in "they are ‹turned by 180°›"."""
        if self.mirrored:
            return {0: "mirrored left to right", 2: "mirrored upside down"}.get(self.quarters, "transposed")
        return {0: "upright", 2: "turned by 180°"}.get(self.quarters, "turned by 90°")

    def applied(self, images: Array) -> Array:
        """The images after this turn."""
        flipped = images[:, :, ::-1] if self.mirrored else images
        return np.rot90(flipped, self.quarters, axes=(1, 2))

    def undone(self, images: Array) -> Array:
        """The images that become these by this turn."""
        upright = np.rot90(images, -self.quarters, axes=(1, 2))
        return upright[:, :, ::-1] if self.mirrored else upright


TURNS = tuple(Turn(quarters, mirrored) for mirrored in (False, True) for quarters in range(4))
UPRIGHT = TURNS[0]


@dataclass(frozen=True)
class Sighting:
    """The given images in an array: how all of them are turned, and which each one is."""

    turn: Turn
    trace: Trace

    def share_of_test(self, gallery: Gallery) -> float:
        """Which part of the images belongs to the test set."""
        return float(np.mean(self.trace.index >= gallery.training))


def sighted(images: Array | None, gallery: Gallery) -> Sighting | None:
    """What is seen in (n, height, width, channels) images; ``None`` where most are none of the given.

    Each array is looked at once.
    """
    return None if images is None else _look(Same(images), Same(gallery))


def sighted_test(images: Array | None, gallery: Gallery) -> Sighting | None:
    """The same where most of the images are test images."""
    seen = sighted(images, gallery)
    return seen if seen is not None and seen.share_of_test(gallery) >= KNOWN else None


@functools.lru_cache(maxsize=512)
def _look(key: Same[Array], searched: Same[Gallery]) -> Sighting | None:
    images, gallery = key.value, searched.value
    if images.ndim != 4 or images.shape[1:] != gallery.pixels.shape[1:] or not len(images):
        return None
    sample = images[:: max(1, len(images) // SAMPLE)]
    for turn in TURNS:
        if trace(turn.undone(sample), gallery).share >= KNOWN:
            return Sighting(turn, trace(turn.undone(images), gallery))
    return None
