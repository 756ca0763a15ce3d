"""Frames and masks drawn for ``apply_mask``, and what is wrong with the frame that comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from checks.kit import Failure
from checks.kit.picture import Images
from checks.kit.student import Array
from checks.kit.tiles import those, tile

CHANNELS = "The mask is one plane, the frame has three: each channel needs the same treatment."


@dataclass(frozen=True, order=True)
class Patch:
    """A rectangle of a mask that is set: rows and columns from its first to its end, not included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Masking:
    """A frame (height, width, 3) of values 5 to 255, so none is black, and a mask made of patches."""

    height: int
    width: int
    patches: tuple[Patch, ...]

    def frame(self) -> Array:
        """BGR, uint8."""
        values = np.arange(self.height * self.width * 3) % 251 + 5
        return values.astype(np.uint8).reshape(self.height, self.width, 3)

    def mask(self) -> Array:
        """(height, width) uint8: 255 in the patches, else 0."""
        mask = np.zeros((self.height, self.width), np.uint8)
        for patch in self.patches:
            mask[patch.top : patch.bottom, patch.left : patch.right] = 255
        return mask

    def code(self) -> str:
        """Both as code to paste."""
        size = self.height * self.width * 3
        lines = [
            "import numpy as np",
            f"frame = (np.arange({size}) % 251 + 5).astype(np.uint8).reshape({self.height}, {self.width}, 3)",
            f"mask = np.zeros(({self.height}, {self.width}), np.uint8)",
            *(f"mask[{p.top}:{p.bottom}, {p.left}:{p.right}] = 255" for p in self.patches),
        ]
        return "\n".join(lines) + "\n"


@st.composite
def maskings(draw: st.DrawFn) -> Masking:
    """Frames of 2 to 24 pixels each way; masks that are empty, full, or made of up to three patches."""
    height, width = draw(st.integers(2, 24)), draw(st.integers(2, 24))
    kind = draw(st.integers(0, 7))
    if kind == 6:
        return Masking(height, width, ())
    if kind == 7:
        return Masking(height, width, (Patch(0, height, 0, width),))
    patches = draw(st.lists(_patches(height, width), min_size=1, max_size=3, unique=True))
    return Masking(height, width, tuple(sorted(patches)))


@st.composite
def _patches(draw: st.DrawFn, height: int, width: int) -> Patch:
    top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    return Patch(top, draw(st.integers(top + 1, height)), left, draw(st.integers(left + 1, width)))


def require_shape(case: Masking, masked: Array) -> None:
    """Raise Failure unless a masked frame has the frame's shape."""
    frame = case.frame()
    if masked.shape != frame.shape:
        raise Failure(
            "The frame that `apply_mask` returns has another shape than the one it is given.",
            expected=f"{frame.shape}, as before",
            received=f"{masked.shape}",
            hint=CHANNELS,
        )


def require_dtype(_case: Masking, masked: Array) -> None:
    """Raise Failure unless a masked frame is uint8."""
    if masked.dtype != np.uint8:
        raise Failure(
            f"`apply_mask` changes the type of the values from uint8 to {masked.dtype}.",
            expected="uint8, as before",
            received=f"{masked.dtype}",
            hint="cv2.bitwise_and keeps the type. Arithmetic with floats, or a Boolean mask, may not.",
        )


def require_colours(case: Masking, masked: Array) -> None:
    """Raise Failure unless the colours are kept where the mask is set and the rest is black."""
    frame, inside = case.frame(), case.mask() == 255
    require_shape(case, masked)
    expected = np.where(inside[..., None], frame, 0)
    if np.array_equal(masked, expected):
        return
    what, hint = _named(frame, inside, masked)
    wrong = np.any(masked != expected, axis=2)
    row, column = (int(axis[0]) for axis in np.nonzero(wrong))
    raise Failure(
        what,
        expected=f"{_colour(expected[row, column])} at row {row}, column {column}, where the mask is "
        f"{255 if inside[row, column] else 0}",
        received=f"{_colour(masked[row, column])}",
        hint=hint,
        pictures=(_picture(case, expected, masked),),
    )


def _picture(case: Masking, expected: Array, masked: Array) -> Images:
    """The frame and its mask, and what came back beside what should have."""
    shown = (
        (case.frame()[..., ::-1], "the frame", False),
        (case.mask(), "the mask", False),
        (expected[..., ::-1], "the right one", False),
        (masked[..., ::-1], "yours", True),
    )
    white = float(case.frame().max())  # of a small frame all values are dark
    tiles = [
        tile(image, words, low=0, high=255 if image.ndim == 2 else white, wrong=wrong)
        for image, words, wrong in shown
    ]
    return Images(f"{case.height} × {case.width} pixels", those(tiles), group=4)


def _colour(pixel: Array) -> str:
    values = ", ".join(f"{value:g}" for value in pixel.tolist())
    return f"({values})"


def _named(frame: Array, inside: Array, masked: Array) -> tuple[str, str]:
    """What went wrong, and a hint."""
    mixed = bool(inside.any() and not inside.all())
    cases = (
        (
            mixed and np.array_equal(masked, np.where(inside[..., None], 0, frame)),
            "`apply_mask` keeps what lies outside the mask and blackens the inside.",
            "Is the mask inverted on its way?",
        ),
        (
            mixed and np.array_equal(masked, frame),
            "`apply_mask` returns the whole frame: the mask blackens nothing.",
            "cv2.bitwise_and takes the mask as `mask=`.",
        ),
        (not masked.any(), "The frame that `apply_mask` returns is all black.", CHANNELS),
        (
            np.array_equal(masked, np.where(inside[..., None], frame[..., ::-1], 0)),
            "`apply_mask` exchanges the colour channels.",
            "Convert the colours where you show the frame, not in apply_mask.",
        ),
        (
            inside.any() and np.all(masked[inside] == masked[inside][:, :1]),
            "`apply_mask` loses the colours: it returns grey.",
            CHANNELS,
        ),
        (
            np.array_equal(masked[inside], frame[inside]),
            "Outside the mask the frame is not black.",
            "Black is (0, 0, 0).",
        ),
    )
    found = ((what, hint) for holds, what, hint in cases if holds)
    return next(found, ("The colours inside the mask are not those of the frame.", CHANNELS))
