"""Flow fields drawn for ``flow_mask``: blocks that move over a background that is still or moves, too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from checks.kit.student import Array

# Directions of length 1 whose multiples are exact, so that one speed is one magnitude whichever way it goes.
DIRECTIONS = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (0.6, 0.8), (-0.8, 0.6), (-0.6, -0.8))
SPEEDS = (4.0, 2.0, 8.0, 1.0, 16.0, 0.5, 3.0)  # pixels per frame
THRESHOLDS = (20, 50, 100, 128, 6, 170, 220)
SMALL, LARGE = 44, 72  # sides of the fields with a large block, in pixels
BLOCK = 40  # side of the smallest block whose inside must stay
DEEP = 18  # pixels inside a block beyond which no erosion reaches
TIE = 2  # of 255: so near to the threshold a pixel may be in or out, for the sake of rounding


@dataclass(frozen=True, order=True)
class Block:
    """Rows and columns of a rectangle, from the first to the end, and its motion in pixels per frame."""

    top: int
    bottom: int
    left: int
    right: int
    speed: float = SPEEDS[0]
    direction: tuple[float, float] = DIRECTIONS[0]

    @property
    def place(self) -> tuple[slice, slice]:
        """Where it lies."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def deep(self) -> tuple[slice, slice]:
        """Its inside, which no erosion may take."""
        return slice(self.top + DEEP, self.bottom - DEEP), slice(self.left + DEEP, self.right - DEEP)

    @property
    def motion(self) -> tuple[float, float]:
        """x to the right and y down."""
        return self.speed * self.direction[0], self.speed * self.direction[1]


@dataclass(frozen=True)
class Field:
    """A flow field of blocks, the later ones over the earlier, and a threshold on the scale 0–255."""

    height: int
    width: int
    blocks: tuple[Block, ...]
    threshold: int = THRESHOLDS[0]
    background: tuple[float, float] = (0.0, 0.0)

    def flow(self) -> Array:
        """(height, width, 2) float32."""
        flow = np.zeros((self.height, self.width, 2), np.float32)
        flow[:] = self.background
        for block in self.blocks:
            flow[block.place] = block.motion
        return flow

    def levels(self) -> Array:
        """The magnitude of each pixel on the scale 0–255, (height, width) float64; 0 if all are equal."""
        magnitude = np.hypot(*np.moveaxis(self.flow().astype(float), 2, 0))
        lowest, span = magnitude.min(), np.ptp(magnitude)
        return np.asarray((magnitude - lowest) * 255 / span if span > 1e-5 else np.zeros(magnitude.shape))

    def ties(self) -> bool:
        """Whether a magnitude is so near the threshold that rounding decides."""
        return bool(np.any(np.abs(self.levels() - self.threshold) < TIE))

    def code(self) -> str:
        """The flow as code to paste."""
        lines = ["import numpy as np", f"flow = np.zeros(({self.height}, {self.width}, 2), np.float32)"]
        if any(self.background):
            lines.append(f"flow[:] = {_pair(self.background)}")
        lines += [
            f"flow[{block.top}:{block.bottom}, {block.left}:{block.right}] = {_pair(block.motion)}"
            for block in self.blocks
        ]
        return "\n".join(lines) + "\n"


def _pair(motion: tuple[float, float]) -> str:
    return f"({motion[0]:g}, {motion[1]:g})"


# ---- what is drawn

directions = st.sampled_from(DIRECTIONS)
speeds = st.sampled_from(SPEEDS)
thresholds = st.sampled_from(THRESHOLDS)
backgrounds = st.sampled_from(((0.0, 0.0), (1.0, 0.0), (0.0, -2.0), (3.0, 4.0)))


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """Any field of 6 to 40 pixels each way with one to three blocks."""
    height, width = draw(st.integers(6, 40)), draw(st.integers(6, 40))
    blocks = draw(st.lists(_blocks(height, width), min_size=1, max_size=3, unique=True))
    return Field(height, width, tuple(blocks), draw(thresholds), draw(backgrounds))


@st.composite
def _blocks(draw: st.DrawFn, height: int, width: int) -> Block:
    top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    bottom, right = draw(st.integers(top + 1, height)), draw(st.integers(left + 1, width))
    return Block(top, bottom, left, right, draw(speeds), draw(directions))


@st.composite
def specks(draw: st.DrawFn) -> Field:
    """A single moving pixel, or a strip at most two pixels wide, at least three pixels from the border."""
    height, width = draw(st.integers(9, 30)), draw(st.integers(9, 30))
    long, thick = draw(st.integers(1, 12)), draw(st.integers(1, 2))
    rows, columns = (long, thick) if draw(st.booleans()) else (thick, long)
    rows, columns = min(rows, height - 6), min(columns, width - 6)
    top, left = draw(st.integers(3, height - 3 - rows)), draw(st.integers(3, width - 3 - columns))
    speck = Block(top, top + rows, left, left + columns, draw(speeds), draw(directions))
    return Field(height, width, (speck,), draw(thresholds))


@st.composite
def large_blocks(draw: st.DrawFn) -> Field:
    """One block of at least 40 pixels each way over a background that is still or slower.

    In some the fastest pixel is another one, so that the block is not at 255.
    """
    height, width = draw(st.integers(SMALL, LARGE)), draw(st.integers(SMALL, LARGE))
    rows, columns = draw(st.integers(BLOCK, height)), draw(st.integers(BLOCK, width))
    top, left = draw(st.integers(0, height - rows)), draw(st.integers(0, width - columns))
    block = Block(top, top + rows, left, left + columns, draw(speeds), draw(directions))
    faster = Block(0, 1, 0, 1, 2 * block.speed, draw(directions))
    blocks = (block, faster) if draw(st.booleans()) else (block,)
    background = draw(st.sampled_from((0.0, 0.5)))
    way = draw(directions)
    moving = (background * block.speed * way[0], background * block.speed * way[1])
    return Field(height, width, blocks, draw(thresholds), moving)


@st.composite
def even_fields(draw: st.DrawFn) -> Field:
    """A flow that is zero, or the same everywhere; magnitudes are exact, so none differs by rounding."""
    height, width = draw(st.integers(4, 40)), draw(st.integers(4, 40))
    motions = ((0.0, 0.0), (3.0, 0.0), (0.0, -2.0), (3.0, 4.0), (-6.0, 8.0), (0.5, 0.0), (-12.0, -5.0))
    return Field(height, width, (), draw(thresholds), draw(st.sampled_from(motions)))
