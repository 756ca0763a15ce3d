"""Scenes made to move by a known number of pixels, and what is wrong with the flow found in them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from hypothesis import strategies as st

from checks.kit import Failure
from checks.kit.picture import Fields
from checks.kit.student import Array
from checks.project4.arrow_pictures import field_of, scale_of

MARGIN = 20  # pixels around a scene, so that what moves in is texture, too
CELL = 8  # pixels between two random values of a texture: motions of 4 pixels stay unambiguous
WHOLE = (3.0, 0.0, -3.0, 2.0, -2.0, 4.0, -4.0, 1.0, -1.0)
FRACTIONS = (2.5, -2.5, 1.5, -1.5, 0.5, -0.5, 3.75, -3.75, 1.25, -1.25)
STEP = 14  # pixels from one arrow of a picture to the next
NEAR = 0.3  # pixels by which a right flow may be off, and the same again for each 3 pixels of motion
BLOCK = (slice(30, 80), slice(40, 100))
INSIDE = (slice(45, 65), slice(57, 83))  # what a block that moves by 4 pixels covers both times
ARROWS = "OpenCV's x (channel 0) points right, its y (channel 1) points down."


@dataclass(frozen=True)
class Motion:
    """Pixels per frame: ``x`` to the right, ``y`` down."""

    x: float
    y: float

    def __str__(self) -> str:
        return f"({self.x:g}, {self.y:g})"

    def is_near(self, other: Motion) -> bool:
        """Whether this could be the right answer where the truth is ``other``."""
        off = max(abs(self.x - other.x), abs(self.y - other.y))
        return off <= NEAR * (1 + max(abs(other.x), abs(other.y)) / 3)


STILL = Motion(0.0, 0.0)


@dataclass(frozen=True)
class Scene:
    """Two frames of a texture that moves as a whole, or of a block that moves over a still background.

    Frames are uint8, (height, width, 3) or grey (height, width).
    """

    motion: Motion
    height: int
    width: int
    block: bool = False
    grey: bool = False

    def frames(self) -> tuple[Array, Array]:
        """The earlier and the later one."""
        texture = self._texture(0)
        if not self.block:
            matrix = np.array([[1, 0, self.motion.x], [0, 1, self.motion.y]], np.float32)
            moved = cv2.warpAffine(texture, matrix, texture.shape[1::-1], flags=cv2.INTER_CUBIC)
            return self._cut(texture), self._cut(np.asarray(moved))
        before = self._cut(self._texture(1)).copy()
        after = before.copy()
        before[BLOCK] = after[self._target()] = texture[BLOCK]
        return before, after

    def flow(self) -> Array:
        """The flow that is right, (height, width, 2) float32."""
        flow = np.zeros((self.height, self.width, 2), np.float32)
        flow[BLOCK if self.block else ...] = (self.motion.x, self.motion.y)
        return flow

    def code(self) -> str:
        """Both frames as code to paste, ``prev`` and ``frame``."""
        height, width = self.height + 2 * MARGIN, self.width + 2 * MARGIN
        lines = [
            "import cv2, numpy as np",
            "def texture(seed):",
            f"    cells = np.random.default_rng(seed).integers(0, 256, {self._cells()}, np.uint8)",
            f"    return cv2.resize(cells, ({width}, {height}), interpolation=cv2.INTER_CUBIC)",
        ]
        cut = f"[{MARGIN}:-{MARGIN}, {MARGIN}:-{MARGIN}]"
        if self.block:
            here, there = _sliced(BLOCK), _sliced(self._target())
            lines += [
                f"prev = texture(1){cut}.copy()",
                "frame = prev.copy()",
                f"prev{here} = frame{there} = texture(0){here}",
            ]
        else:
            x, y = self.motion.x, self.motion.y
            lines += [
                f"matrix = np.float32([[1, 0, {x:g}], [0, 1, {y:g}]])",
                f"moved = cv2.warpAffine(texture(0), matrix, ({width}, {height}), flags=cv2.INTER_CUBIC)",
                f"prev, frame = texture(0){cut}, moved{cut}",
            ]
        return "\n".join(lines) + "\n"

    def _target(self) -> tuple[slice, slice]:
        """Where the block is in the later frame."""
        down, right = int(self.motion.y), int(self.motion.x)
        rows, columns = BLOCK
        return slice(rows.start + down, rows.stop + down), slice(columns.start + right, columns.stop + right)

    def look(self) -> str:
        """An expression that shows the median motion of what moves, in ``flow``."""
        return f"np.median(flow{_sliced(INSIDE)}, axis=(0, 1))"

    def _texture(self, seed: int) -> Array:
        cells = np.random.default_rng(seed).integers(0, 256, self._cells(), np.uint8)
        size = (self.width + 2 * MARGIN, self.height + 2 * MARGIN)
        return np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC))

    def _cells(self) -> tuple[int, ...]:
        size = (self.height + 2 * MARGIN) // CELL, (self.width + 2 * MARGIN) // CELL
        return size if self.grey else (*size, 3)

    def _cut(self, texture: Array) -> Array:
        return texture[MARGIN:-MARGIN, MARGIN:-MARGIN]


def _sliced(place: tuple[slice, slice]) -> str:
    return f"[{', '.join(f'{one.start}:{one.stop}' for one in place)}]"


@st.composite
def scenes(draw: st.DrawFn, *, grey: bool | None = None) -> Scene:
    """Scenes of 110 to 130 rows and 140 to 170 columns; ``grey``: all of them, none, or as drawn."""
    block = draw(st.booleans())
    steps = st.sampled_from(WHOLE if block else WHOLE + FRACTIONS)
    return Scene(
        motion=Motion(draw(steps), draw(steps)),
        height=draw(st.integers(110, 130)),
        width=draw(st.integers(140, 170)),
        block=block,
        grey=draw(st.booleans()) if grey is None else grey,
    )


# ---- what came back


def require_size(flow: Array, size: tuple[int, ...]) -> None:
    """Raise Failure unless a flow has two numbers for each pixel of a frame (height, width)."""
    if flow.shape == (*size, 2):
        return
    raise Failure(
        "The flow that `compute_flow` returns has another shape than (height, width, 2).",
        expected=f"{(*size, 2)} for frames of {size[0]} rows and {size[1]} columns",
        received=f"{flow.shape}",
        hint="Each pixel has two numbers, its motion along x and along y.",
    )


def require_field(scene: Scene, flow: Array) -> None:
    """Raise Failure unless a flow has the shape and type that it should have."""
    require_size(flow, (scene.height, scene.width))
    if flow.dtype.kind != "f" or flow.dtype.itemsize < 4:
        raise Failure(
            f"The flow is {flow.dtype}, which cannot hold fractions of a pixel well.",
            expected="float32, as cv2.calcOpticalFlowFarneback returns it",
            received=f"{flow.dtype}",
            hint="Return the flow as it is, without a cast.",
        )
    unusable = int((~np.isfinite(flow)).sum())
    if unusable:
        raise Failure(
            "The flow holds NaN or infinity.",
            expected="a finite number for each pixel",
            received=f"{unusable} numbers that are not",
            hint="Look for a division by something that may be zero.",
        )


def require_motion(scene: Scene, flow: Array) -> None:
    """Raise Failure unless a flow has the right form and shows the motion of its scene."""
    require_field(scene, flow)
    try:
        _require_parts(scene, flow)
    except Failure as failure:
        failure.pictures = (_picture(scene, flow),)
        raise


def _require_parts(scene: Scene, flow: Array) -> None:
    if not scene.block:
        _require_part("The scene", scene.motion, flow[10:-10, 10:-10], scene.motion)
        return
    _require_part("The block", scene.motion, flow[INSIDE], scene.motion)
    for edge in (flow[:10], flow[-10:], flow[:, :10]):
        _require_part("The still background", STILL, edge, scene.motion)


def _picture(scene: Scene, flow: Array) -> Fields:
    """The motion as it is beside what was found, both over the earlier frame."""
    frame, truth = scene.frames()[0], scene.flow()
    scale = scale_of(truth if truth.any() else flow, STEP)
    dark = (frame // 3).astype(np.uint8)  # so that arrows are seen on any texture
    return Fields(
        "The motion between two frames",
        (
            field_of(truth, f"what moves: {scene.motion}", step=STEP, frame=dark, scale=scale),
            field_of(flow, "what compute_flow finds", step=STEP, frame=dark, scale=scale, wrong=True),
        ),
        f"Arrows are {scale:.1f} times as long as the motion, in both alike.",
    )


def _require_part(what: str, expected: Motion, part: Array, moved: Motion) -> None:
    x, y = (float(value) for value in np.median(part.reshape(-1, 2).astype(float), axis=0))
    received = Motion(round(x, 2) + 0.0, round(y, 2) + 0.0)
    if received.is_near(expected):
        return
    words, hint = _named(expected, received, moved)
    raise Failure(
        f"{what} moves by {expected} pixels, and `compute_flow` finds {received}{words}.",
        expected=f"a median flow of about {expected} pixels per frame: x to the right, y down",
        received=f"{received}",
        hint=hint,
    )


def _named(expected: Motion, received: Motion, moved: Motion) -> tuple[str, str]:
    """What turns one motion into the other, as the end of a sentence, and a hint."""
    x, y = expected.x, expected.y
    known = (
        (Motion(-x, -y), ": the sign is wrong", "prev_frame is the earlier frame: is it the first argument?"),
        (Motion(y, x), ": x and y are exchanged", ARROWS),
        (Motion(-y, -x), ": x and y are exchanged, and the signs", ARROWS),
        (Motion(x, -y), ": y points up", ARROWS),
        (Motion(-x, y), ": x points left", ARROWS),
        (STILL, ": no motion at all", "Do both frames reach cv2.calcOpticalFlowFarneback?"),
    )
    for motion, words, hint in known:
        if received.is_near(motion):
            return words, hint
    if expected == STILL:
        return ", though nothing moves there", "Is each pixel's own motion kept?"
    factor = _factor(expected, received)
    if factor is not None:
        return (
            f", which is {factor:.2g} times as much",
            "The unit is pixels per frame: no scaling, no normalisation.",
        )
    return "", "Farneback's parameters, or what is done with the flow afterwards, lose the motion."


def _factor(expected: Motion, received: Motion) -> float | None:
    """By which one number the motion was multiplied, if it was."""
    length = expected.x**2 + expected.y**2
    factor = (expected.x * received.x + expected.y * received.y) / length
    same = received.is_near(Motion(factor * expected.x, factor * expected.y))
    return factor if same and abs(factor) > 0.05 else None
