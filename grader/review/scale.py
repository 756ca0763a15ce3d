"""Points by key: 0 for none, and up to nine steps to all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (0.25, 0.5, 1.0, 2.0, 5.0)  # points; the finest with at most nine steps is taken
KEYS = 9
PARTS = 4  # where no step goes into the maximum


@dataclass(frozen=True)
class Level:
    """Points that one key gives."""

    key: int
    points: float


def levels(most: float) -> tuple[Level, ...]:
    """The points that the keys 0 to 9 give where there are ``most``.

    >>> [level.points for level in levels(1.0)]
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    for step in STEPS:
        count = round(most / step)
        if 1 <= count <= KEYS and math.isclose(count * step, most, abs_tol=1e-9):
            return tuple(Level(key, key * step) for key in range(count + 1))
    return tuple(Level(key, round(most * key / PARTS, 4)) for key in range(PARTS + 1))


def read_points(text: str, most: float) -> float:
    """The points that a person wrote, with a point or a comma.

    Raises:
        ValueError: they are no number from 0 to ``most``; the message says so.
    """
    try:
        points = float(text.strip().replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:
        raise ValueError(f"Points are a number from 0 to {most:g}.")
    return points
