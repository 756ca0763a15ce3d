"""Parts P1.1 to P1.3: dense optical flow of a highway video, a mask of the moving cars, the masked frame.

A flow is (height, width, 2) float32 in pixels per frame: channel 0 points right, channel 1 points down.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Flow = NDArray[np.float32]


@dataclass(frozen=True)
class Farneback:
    """The arguments of ``cv2.calcOpticalFlowFarneback`` under OpenCV's own names."""

    pyr_scale: float = 0.5  # each image of the pyramid is half as large as the one before
    levels: int = 3  # images in it, so that motions of several pixels are found
    winsize: int = 9  # pixels averaged each way; a larger window blurs the flow beyond the cars
    iterations: int = 3
    poly_n: int = 5  # neighbourhood of the polynomial that is fitted at each pixel
    poly_sigma: float = 1.2
    flags: int = 0


# Chosen on the first 60 pairs of CDnet 2014's highway, frames 1050 to 1110: the least erosion whose best F1
# is within 0.005 of the best of all that were tried. bench/flow.py repeats the choice of the threshold.
FARNEBACK = Farneback()
THRESHOLD = 6.0  # on the scale 0–255, where 255 is the fastest pixel
EROSION = 3  # times 2 pixels all round: as far as the flow of a car spills over its edge

STEP = 25  # pixels between two arrows
MAGNIFIED = 3  # arrows are this many times as long as the motion in one frame
SHORTEST_ARROW = 0.5  # pixels per frame: below this a video shows no arrow


# ---- P1.1 dense flow


def compute_flow(prev_frame: Pixels, frame: Pixels) -> Flow:
    """Find how far each pixel of one frame moves until the next, after Farnebäck (2003).

    Args:
        prev_frame: the earlier frame, uint8 in 0–255, (height, width, 3) BGR or (height, width) grey.
        frame: the later one, of the same size.

    Returns:
        (height, width, 2) float32 in pixels per frame, at the pixels of the earlier frame: x to the
        right, y downwards.

    Raises:
        TypeError: if a frame is not uint8.
        ValueError: if a frame has another shape, or the two differ in size.
    """
    before, after = _grey(prev_frame), _grey(frame)
    if before.shape != after.shape:
        raise ValueError(f"Both frames should have one size. Received: {before.shape} and {after.shape}")
    return np.asarray(cv2.calcOpticalFlowFarneback(before, after, None, **vars(FARNEBACK)), np.float32)


def _grey(frame: Pixels) -> Pixels:
    """A frame as (height, width), BGR weighted by how bright the eye sees each colour."""
    if frame.dtype != np.uint8:
        raise TypeError(f"A frame should be uint8 in 0–255. Received: dtype={frame.dtype}")
    if frame.size == 0 or not (frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)):
        raise ValueError(f"A frame should be (height, width, 3) or (height, width). Received: {frame.shape}")
    return frame if frame.ndim == 2 else np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)


def flow_grid(shape: tuple[int, ...], step: int = STEP) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Choose the pixels at which arrows are drawn.

    Args:
        shape: (height, width) of the frame; further entries are ignored.
        step: pixels between neighbours, both ways, at least 1. The first lies half a step inside.

    Returns:
        x and y of each, two arrays (rows, columns) of integers as ``np.meshgrid`` gives them.

    Raises:
        ValueError: if ``step`` is below 1.

    Example:
        >>> x, y = flow_grid((60, 100), step=25)
        >>> x[0], y[:, 0]
        (array([12, 37, 62, 87]), array([12, 37]))
    """
    if step < 1:
        raise ValueError(f"step should be at least 1 pixel. Received: step={step}")
    height, width = shape[:2]
    x, y = np.meshgrid(np.arange(step // 2, width, step), np.arange(step // 2, height, step))
    return x, y


def quiver_figure(frame: Pixels, flow: Flow, step: int = STEP) -> Figure:
    """Show a frame (height, width, 3) BGR uint8 with its flow as arrows, three times as long.

    Returns:
        The figure; each arrow ends where its pixel will be three frames later at this speed.

    Raises:
        ValueError: if the flow does not have the frame's height and width, or ``step`` is below 1.
    """
    _check_flow(flow, frame.shape[:2])
    x, y = flow_grid(frame.shape, step)
    u, v = flow[y, x, 0], flow[y, x, 1]
    fig, ax = plt.subplots(figsize=(10, 7.5))
    ax.imshow(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    # angles="xy": arrows follow the axes of the image, whose y points down. The default would mirror them.
    ax.quiver(x, y, u, v, color="yellow", angles="xy", scale_units="xy", scale=1 / MAGNIFIED)
    ax.set_title("optical flow, pixels per frame")
    ax.axis("off")
    return fig


def draw_flow(frame: Pixels, flow: Flow, step: int = STEP) -> Pixels:
    """The same as a picture for the video: a copy of the frame with the arrows of what moves."""
    picture = np.array(frame)
    x, y = (axis.ravel() for axis in flow_grid(frame.shape, step))
    u, v = flow[y, x].T
    ends = np.rint(np.stack([x, y, x + MAGNIFIED * u, y + MAGNIFIED * v], axis=1)).astype(int)[
        np.hypot(u, v) >= SHORTEST_ARROW
    ]
    for x0, y0, x1, y1 in ends.tolist():
        cv2.arrowedLine(picture, (x0, y0), (x1, y1), (0, 255, 255), tipLength=0.3)
    return picture


# ---- P1.2 and P1.3 the moving cars


def flow_mask(flow: Flow, threshold: float = THRESHOLD) -> Pixels:
    """Mark what moves fast, measured by the fastest pixel of this frame.

    Args:
        flow: (height, width, 2), pixels per frame.
        threshold: 0 to 255, on the magnitude stretched to 0–255; what lies above is kept.

    Returns:
        (height, width) uint8: 255 where something moves, else 0. It is eroded by 6 pixels all round,
        but not from the border of the image. A flow that is the same everywhere gives an empty mask.

    Raises:
        ValueError: if the flow has another shape or is not finite, or the threshold is outside 0–255.
    """
    _check_flow(flow)
    if not 0 <= threshold <= 255:
        raise ValueError(f"threshold should lie in 0 to 255. Received: threshold={threshold}")
    magnitude, _angle = cv2.cartToPolar(flow[..., 0], flow[..., 1])
    fastest = magnitude.max()
    if fastest - magnitude.min() <= 4 * np.finfo(np.float32).eps * fastest:
        return np.zeros(flow.shape[:2], np.uint8)  # else rounding errors would be stretched to 0–255
    stretched = cv2.normalize(magnitude, None, 0, 255, cv2.NORM_MINMAX)
    moving = cv2.compare(stretched, float(threshold), cv2.CMP_GT)
    return np.asarray(cv2.erode(moving, np.ones((5, 5), np.uint8), iterations=EROSION), np.uint8)


def _check_flow(flow: Flow, size: tuple[int, ...] | None = None) -> None:
    """Raise unless this is a finite flow, of this height and width if given."""
    if flow.ndim != 3 or flow.shape[2] != 2 or flow.size == 0:
        raise ValueError(f"A flow should be (height, width, 2). Received: {flow.shape}")
    if size is not None and flow.shape[:2] != size:
        raise ValueError(f"Frame and flow should have one size. Received: {size} and {flow.shape[:2]}")
    if not np.isfinite(flow).all():
        raise ValueError("A flow should be finite. Received: one with NaN or infinity in it")


def apply_mask(frame: Pixels, mask: Pixels) -> Pixels:
    """Keep the colours where the mask is set, and make the rest black; the frame is not changed.

    Args:
        frame: (height, width, 3) or (height, width), uint8.
        mask: (height, width) uint8; 0 means black.

    Returns:
        A new frame of the same shape, uint8.

    Raises:
        ValueError: if the mask is not uint8 or does not have the frame's height and width.
    """
    if mask.dtype != np.uint8 or mask.shape != frame.shape[:2]:
        raise ValueError(
            f"The mask should be uint8 of shape {frame.shape[:2]}. Received: {mask.dtype} {mask.shape}"
        )
    return np.asarray(cv2.bitwise_and(frame, frame, mask=mask), np.uint8)


# ---- both videos


def flow_pictures(
    prev_frame: Pixels, frame: Pixels, threshold: float = THRESHOLD, step: int = STEP
) -> tuple[Pixels, Pixels]:
    """Draw what both videos show of one pair of frames (height, width, 3): its arrows, and what moves.

    Both belong to the earlier frame, at whose pixels the flow is known; see ``compute_flow``,
    ``flow_mask`` and ``flow_grid`` for the arguments and what is raised.
    """
    flow = compute_flow(prev_frame, frame)
    return draw_flow(prev_frame, flow, step), apply_mask(prev_frame, flow_mask(flow, threshold))
