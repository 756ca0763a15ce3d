"""Flow fields and grids of pixels as pictures of arrows and dots."""

from __future__ import annotations

import numpy as np

from checks.kit.picture import Arrows
from checks.kit.student import Array
from checks.kit.tiles import tile

SIDE = 320  # pixels of the longer side of a frame at most
MOST = 600  # arrows
LONGEST = 0.9  # of the step from one arrow to the next: the length of the longest


def field_of(
    flow: Array, caption: str, *, step: int, frame: Array | None = None, scale: float | None = None,
    wrong: bool = False,
) -> Arrows:  # fmt: skip
    """A flow (height, width, 2) as arrows ``step`` pixels apart, over a frame (height, width, 3) BGR uint8.

    ``scale`` is how much longer an arrow is than the motion; by default the longest nearly fills a step.
    """
    height, width = flow.shape[:2]
    shrink = min(1.0, SIDE / max(height, width))
    rows, columns = (np.arange(step // 2, side, step) for side in (height, width))
    motions = np.nan_to_num(flow[np.ix_(rows, columns)].astype(float), posinf=0, neginf=0).reshape(-1, 2)
    factor = (scale_of(flow, step) if scale is None else scale) * shrink
    places = [(float(x), float(y)) for y in rows for x in columns]
    arrows = tuple(
        (
            round(x * shrink, 1),
            round(y * shrink, 1),
            round(float(factor * right), 2),
            round(float(factor * down), 2),
        )
        for (x, y), (right, down) in list(zip(places, motions, strict=True))[:MOST]
    )
    ground = None if frame is None else tile(_rgb(frame), "", low=0, high=255, side=SIDE)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    return Arrows(caption, *size, arrows, ground.png if ground else "", wrong)


def scale_of(flow: Array, step: int) -> float:
    """How much longer than the motion arrows may be that do not touch each other."""
    lengths = np.nan_to_num(np.hypot(flow[..., 0], flow[..., 1]).astype(float), posinf=0)
    longest = float(np.quantile(lengths, 0.999)) if lengths.size else 0.0
    return LONGEST * step / longest if longest > 1e-6 else 1.0


def grid_of(x: Array, y: Array, width: int, height: int, caption: str, *, wrong: bool = False) -> Arrows:
    """The pixels of a grid as dots; what lies outside the frame is left out."""
    pairs = list(zip(x.ravel().tolist(), y.ravel().tolist(), strict=True))[:MOST]
    inside = tuple((a + 0.5, b + 0.5, 0.0, 0.0) for a, b in pairs if 0 <= a < width and 0 <= b < height)
    return Arrows(caption, width, height, inside, wrong=wrong)


def _rgb(frame: Array) -> Array:
    return frame[..., ::-1] if frame.ndim == 3 else frame
