"""Arrays of a student's as small PNG images: whatever they hold, the tile is bounded and finite."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from checks.kit.picture import Tile
from checks.kit.student import Array

SIDE = 160  # pixels of the longer side at most
COLOURS = 96  # of a colour tile larger than ``PLAIN``: a photograph then takes a third of the bytes
PLAIN = 64 * 64  # pixels


def tile(
    image: Array, caption: str, *, low: float | None = None, high: float | None = None, wrong: bool = False,
    side: int = SIDE,
) -> Tile | None:  # fmt: skip
    """Return an image as a tile, ``None`` where it has no form that can be shown.

    Args:
        image: (height, width), (height, width, 1) or (height, width, 3), of any type of numbers; no number
            is shown as black.
        caption: the line below it.
        low: the value that is black; the smallest one where it is not given.
        high: the value that is white; the largest one where it is not given.
        wrong: whether it is marked as a mistake.
        side: pixels of the longer side at most; a larger image is made smaller, a smaller one stays.
    """
    levels = _levels(image, low, high)
    if levels is None:
        return None
    picture = Image.fromarray(levels)
    picture.thumbnail((side, side), Image.Resampling.BOX)
    if picture.mode == "RGB" and picture.width * picture.height > PLAIN:
        picture = picture.quantize(COLOURS)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return Tile(base64.b64encode(file.getvalue()).decode("ascii"), caption, wrong)


def plain_range(images: Array) -> tuple[float, float]:
    """Black and white of images that lie in [0, 1], [−1, 1] or [0, 255], or else in their own range."""
    finite = images[np.isfinite(images)] if images.dtype.kind == "f" else images
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    for black, white in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        if black - 1e-3 <= low and high <= white + 1e-3:
            return black, white
    return low, high


def those(tiles: Iterable[Tile | None]) -> tuple[Tile, ...]:
    """The tiles that could be made."""
    return tuple(one for one in tiles if one is not None)


def _levels(image: Array, low: float | None, high: float | None) -> NDArray[np.uint8] | None:
    """The image as uint8, (height, width) or (height, width, 3)."""
    if image.dtype.kind not in "biuf" or not image.size:
        return None
    flat = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    if flat.ndim not in (2, 3) or (flat.ndim == 3 and flat.shape[2] != 3):
        return None
    values = np.nan_to_num(flat.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    black = float(values.min()) if low is None else low
    white = float(values.max()) if high is None else high
    span = white - black
    shares = (values - black) / span if span > 0 and np.isfinite(span) else np.zeros_like(values)
    return np.asarray(np.clip(shares, 0, 1) * 255 + 0.5, np.uint8)
