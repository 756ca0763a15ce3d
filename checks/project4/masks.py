"""What must hold of every mask that ``flow_mask`` makes, and the failure where it does not."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from checks.kit import Failure, Raised, Student
from checks.kit.calling import read_signature
from checks.kit.picture import FREE, FlowPicture
from checks.kit.student import Array
from checks.project4.asking import array_of, call, missing
from checks.project4.fields import TIE, Field

FUNCTION = "flow_mask"
SPELLINGS = {"flow": (), "threshold": ("thresh", "thr", "thres", "th", "limit", "cutoff")}
SCALE = "The threshold lies on the scale 0–255 of the magnitude after cv2.normalize with NORM_MINMAX."


@dataclass(frozen=True)
class Masker:
    """The student's ``flow_mask``; ``argument`` is its own name of the threshold."""

    student: Student
    argument: str

    def raw(self, flow: Array, threshold: float) -> Array:
        """What it returns.

        Raises:
            Failure: it raises or returns no array.
        """
        reply = call(self.student, FUNCTION, (flow,), **{self.argument: threshold})
        return array_of(reply, FUNCTION, "a mask, (height, width) uint8")

    def mask(self, flow: Array, threshold: float) -> Array:
        """Where its mask is set, (height, width) bool, whatever number stands for "set".

        Raises:
            Failure: as ``raw``, or the shape is another one.
        """
        mask = self.raw(flow, threshold)
        require_shape(mask, flow.shape[:2])
        return np.asarray(np.nan_to_num(mask) != 0)

    def code(self, field: Field) -> str:
        """The call as code to paste, its result in ``mask``."""
        return f"{field.code()}mask = {FUNCTION}(flow, {self.argument}={field.threshold})"


def masker_of(student: Student) -> Masker:
    """The student's function and how it is called.

    Raises:
        Failure: there is none, or it takes no threshold.
        Gone: the kernel is.
    """
    try:
        signature = read_signature(student, FUNCTION, SPELLINGS, tuple(SPELLINGS))
    except Raised:
        raise missing(student, FUNCTION) from None
    if not signature.takes("threshold"):
        raise Failure(
            "`flow_mask` has no argument `threshold`.",
            expected="flow_mask(flow, threshold)",
            received="a function that cannot be given a threshold",
            hint="Keep the arguments of the handout; you may add others after them.",
        )
    return Masker(student, signature.names.get("threshold", "threshold"))


def require_shape(mask: Array, shape: tuple[int, ...]) -> None:
    """Raise Failure unless a mask has the flow's height and width."""
    if mask.shape == shape:
        return
    raise Failure(
        "The mask does not have the height and width of the flow.",
        expected=f"{shape}, one number for each pixel",
        received=f"{mask.shape}",
        hint="The magnitude has one value for each pixel; does anything after it change the shape?",
    )


def require_values(mask: Array) -> None:
    """Raise Failure unless a mask is uint8 and holds 0 and 255 alone."""
    values = np.unique(mask)
    if mask.dtype == np.uint8 and set(values.tolist()) <= {0, 255}:
        return
    shown = ", ".join(f"{value:g}" for value in values[:6].tolist())
    raise Failure(
        "The mask is not uint8 with the values 0 and 255.",
        expected="uint8, 255 where something moves and 0 elsewhere",
        received=f"{mask.dtype} with the values {shown}{' …' if len(values) > 6 else ''}",
        hint="cv2.threshold with THRESH_BINARY and the value 255, then .astype(np.uint8), makes such a mask.",
    )


# ---- one property each: a field, and the mask that came back


def require_inside(field: Field, mask: Array) -> None:
    """Raise Failure if a pixel is set whose magnitude lies below the threshold."""
    outside = field.levels() < field.threshold - TIE
    wrong = mask & outside
    if not wrong.any():
        return
    row, column = (int(axis[0]) for axis in np.nonzero(wrong))
    level = float(field.levels()[row, column])
    raise Failure(
        "The mask holds pixels that move too slowly for the threshold.",
        expected=f"0 at row {row}, column {column}: its magnitude is {level:.0f} on the scale 0–255, "
        f"the threshold {field.threshold}",
        received=f"a mask that is set there, and at {int(wrong.sum())} such pixels in all",
        hint=_hint_outside(field, mask, outside),
        pictures=(picture(field, np.where(outside, 0, FREE), mask),),
    )


def _hint_outside(field: Field, mask: Array, outside: Array) -> str:
    if not mask[~outside].any():
        return "The mask looks inverted: what moves should be 255."
    if any(field.background):
        return f"{SCALE} It maps the slowest pixel to 0, even where that one moves."
    return f"{SCALE} Erosion makes a mask smaller; dilation makes it larger."


def require_kept(field: Field, mask: Array) -> None:
    """Raise Failure if the inside of a large block that is fast enough is not all set."""
    block = field.blocks[0]
    levels = field.levels()
    level = float(levels[block.deep].max())
    if level <= field.threshold + TIE or mask[block.deep].all():
        return
    expected = np.where(levels < field.threshold - TIE, 0, FREE)
    expected[block.deep] = 255
    rows, columns = block.bottom - block.top, block.right - block.left
    raise Failure(
        f"A block of {rows}×{columns} pixels moves by ({block.motion[0]:g}, {block.motion[1]:g}), "
        f"and the mask {'leaves it out' if not mask[block.deep].any() else 'has holes inside it'}.",
        expected=f"255 in the middle of the block, whose magnitude is {level:.0f} on the scale 0–255, "
        f"above the threshold {field.threshold}",
        received="an empty mask"
        if not mask.any()
        else f"{int(mask[block.deep].sum())} of {mask[block.deep].size} pixels there are set",
        hint=f"{SCALE} Its direction does not matter, and erosion takes only the edge.",
        pictures=(picture(field, expected, mask),),
    )


def require_nothing(field: Field, mask: Array) -> None:
    """Raise Failure if a single pixel or a thin strip is not eroded away."""
    if not mask.any():
        return
    speck = field.blocks[0]
    rows, columns = speck.bottom - speck.top, speck.right - speck.left
    what = "A single moving pixel" if rows == columns == 1 else f"A moving strip of {rows}×{columns} pixels"
    raise Failure(
        f"{what} stays in the mask, though it is noise.",
        expected="an empty mask: erosion by at least one pixel all round leaves nothing of it",
        received=f"{int(mask.sum())} of {mask.size} pixels set",
        hint="cv2.erode with a kernel of at least 3×3 takes one pixel on every side.",
        pictures=(picture(field, np.zeros(mask.shape, int), mask),),
    )


def require_empty(field: Field, mask: Array) -> None:
    """Raise Failure if the mask of a flow that is the same everywhere is not empty."""
    if not mask.any():
        return
    moving = any(field.background)
    raise Failure(
        f"A flow that is {'the same' if moving else 'zero'} everywhere does not give an empty mask.",
        expected="0 everywhere: no pixel moves faster than another one",
        received=f"{int(mask.sum())} of {mask.size} pixels set",
        hint="Where all magnitudes are equal, a division by their maximum or by their range fails.",
        pictures=(picture(field, np.zeros(mask.shape, int), mask),),
    )


def require_same(masker: Masker, field: Field) -> None:
    """Raise Failure if twice the flow, or the flow turned by 90°, has another mask.

    Magnitudes scale exactly here, so that only ties with the threshold may be rounded otherwise.
    """
    flow = field.flow()
    mask = masker.mask(flow, field.threshold)
    turned = np.stack([-flow[..., 1], flow[..., 0]], axis=2)
    for other, what, code in (
        (2 * flow, "Twice the flow has another mask than the flow itself.", "2 * flow"),
        (
            turned,
            "The flow turned by 90° has another mask, though each pixel is as fast as before.",
            "np.stack([-flow[..., 1], flow[..., 0]], axis=2)",
        ),
    ):
        received = masker.mask(other, field.threshold)
        if np.array_equal(received, mask):
            continue
        argument = f"{masker.argument}={field.threshold}"
        raise Failure(
            what,
            expected="the same mask: only how fast a pixel is counts, in relation to the others",
            received=f"{int((received != mask).sum())} pixels that differ",
            hint=SCALE,
            counterexample=f"{field.code()}other = {code}\n"
            f"np.array_equal({FUNCTION}(flow, {argument}), {FUNCTION}(other, {argument}))  # False",
            pictures=(dataclasses.replace(
                picture(field, np.where(mask, 255, 0), received, other),
                expected_title="mask of the flow as it was", received_title="mask of this flow",
            ),),
        )  # fmt: skip


def require_falling(masker: Masker, field: Field) -> None:
    """Raise Failure if a higher threshold adds pixels."""
    flow, higher = field.flow(), min(255, field.threshold + 30)
    low, high = masker.mask(flow, field.threshold), masker.mask(flow, higher)
    if not (high & ~low).any():
        return
    call_of = f"{FUNCTION}(flow, {masker.argument}="
    raise Failure(
        "A higher threshold adds pixels to the mask.",
        expected=f"with {higher} no pixel that the mask with {field.threshold} does not have",
        received=f"{int((high & ~low).sum())} more pixels",
        hint="Keep what lies above the threshold, not below.",
        counterexample=f"{field.code()}np.any({call_of}{higher}) > {call_of}{field.threshold}))  # True",
        pictures=(
            dataclasses.replace(
                picture(field, np.where(low, FREE, 0), high), received_title=f"mask with threshold {higher}"
            ),
        ),
    )


def picture(field: Field, expected: Array, received: Array, flow: Array | None = None) -> FlowPicture:
    """A field beside the mask that is expected (255, 0, ``FREE``) and the one that came back."""
    shown = field.flow() if flow is None else flow
    return FlowPicture(
        flow=tuple(tuple((float(x), float(y)) for x, y in row) for row in shown.tolist()),
        expected=tuple(map(tuple, expected.astype(int).tolist())),
        received=tuple(map(tuple, np.where(received, 255, 0).tolist())),
    )
