"""What a generator does to images, told from draws of a picture whose geometry is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from checks.kit.student import Array

Floats = NDArray[np.float64]

SIDE = 32
COPIES = 32  # of the picture in one batch
DRAWS = 8  # batches
BLOB = 2.2  # standard deviation of a bright spot, in pixels
CENTRES = np.array([[10.0, 16.0], [18.0, 11.0], [18.0, 20.0]])  # row and column of the spot of each channel
BRIGHT = 0.65  # of a channel's range: more than the 0 that may fill the corners of images in [-1, 1]
QUANTILE = 0.9  # of the angles, which tells the range without listening to a few odd draws
LEGIBLE = (0.15, 6.0)  # how much larger or smaller a draw may be, as an area
FEWEST = 24  # draws that must be legible


@dataclass(frozen=True)
class Movement:
    """What was seen in all draws.

    ``degrees`` is the range ±degrees of the angles, taken to be uniform, and never above 100: an upside-down
    image counts as flipped. ``horizontal`` and ``vertical`` are the shares of flipped draws. ``legible`` of
    ``drawn`` images could be measured; with fewer than ``FEWEST`` the rest means nothing.
    """

    drawn: int
    legible: int
    degrees: float = 0.0
    horizontal: float = 0.0
    vertical: float = 0.0

    @property
    def known(self) -> bool:
        """Whether enough draws could be measured."""
        return self.legible >= FEWEST


def probe(low: float, high: float) -> Array:
    """Pictures with one bright spot in each channel: (COPIES, SIDE, SIDE, 3) float32 from low to high."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    spots = [np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * BLOB**2)) for y, x in CENTRES]
    picture = low + (high - low) * np.stack(spots, axis=-1)
    return np.repeat(picture[None].astype(np.float32), COPIES, axis=0)


def measure(drawn: Array) -> Movement:
    """Find rotation and flips in (n, SIDE, SIDE, 3) draws of the probe."""
    maps = [found for image in drawn if (found := _linear_map(image)) is not None]
    if not maps:
        return Movement(len(drawn), 0)
    along = np.array([found[:, 1] for found in maps])
    horizontal = along[:, 1] < 0
    upright = np.where(horizontal[:, None], -along, along)
    angles = np.abs(np.degrees(np.arctan2(upright[:, 0], upright[:, 1])))
    mirrored = np.array([np.linalg.det(found) < 0 for found in maps])
    return Movement(
        drawn=len(drawn),
        legible=len(maps),
        degrees=float(np.quantile(angles, QUANTILE)) / QUANTILE,
        horizontal=float(np.mean(horizontal)),
        vertical=float(np.mean(mirrored != horizontal)),
    )


def _linear_map(image: Array) -> Floats | None:
    """The 2×2 map from a draw's (row, column) steps to the probe's; ``None`` where the spots are not clear.

    Keras samples the image at R·S·Z·F of each place: flips F, then zoom Z, then shear S, which leaves steps
    along a row as they are, then the rotation R. So the second column tells the angle whatever Z and S.
    """
    spots = [_spot(image[..., channel]) for channel in range(image.shape[-1])]
    found = [spot for spot in spots if spot is not None]
    if len(found) != len(CENTRES):
        return None
    centres, areas = np.array([spot[:2] for spot in found]), np.array([spot[2] for spot in found])
    moved = (centres[1:] - centres[0]).T
    if abs(np.linalg.det(moved)) < 1.0:
        return None
    result = (CENTRES[1:] - CENTRES[0]).T @ np.linalg.inv(moved)
    size = abs(float(np.linalg.det(result)))
    alike = areas.max() <= 2.5 * areas.min()
    return np.asarray(result, np.float64) if LEGIBLE[0] <= size <= LEGIBLE[1] and alike else None


def _spot(plane: NDArray[Any]) -> tuple[float, float, float] | None:
    """Row, column and area of the only bright spot that touches no border."""
    values = plane.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all() or high - low <= 1e-6 * max(abs(low), abs(high)):
        return None
    weights = np.maximum(values - (low + BRIGHT * (high - low)), 0)
    _, count = ndimage.label(weights > 0)
    if count != 1 or weights[[0, -1]].any() or weights[:, [0, -1]].any():
        return None
    row, column = ndimage.center_of_mass(weights)
    return float(row), float(column), float(np.count_nonzero(weights))
