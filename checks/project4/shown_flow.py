"""Pictures of tasks P1.1 to P1.3: what the student's functions make of the frames of the highway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from checks.kit import Failure, Gone, Saved, Shown, Student
from checks.kit.picture import Fields, Images, Tile
from checks.kit.student import Array
from checks.kit.tiles import those, tile
from checks.project4 import highway
from checks.project4.arrow_pictures import field_of
from checks.project4.arrows import DEFAULT_STEP
from checks.project4.asking import array_of, call
from checks.project4.masks import masker_of
from checks.project4.moving import require_size

SIDE = 200  # pixels of a frame's picture
WRONG = (224, 65, 47)  # RGB of a pixel of a mask that should be otherwise


@dataclass(frozen=True)
class Frames:
    """Two consecutive frames (height, width, 3) BGR uint8, and what truly moves in the first, if known."""

    before: Array
    after: Array
    truth: Array | None = None


def vector_field(student: Student, saved: Saved) -> Iterator[Shown]:
    """The student's flow between two frames as arrows over the first."""
    frames = frames_of(student)
    flow = _flow(student, frames)
    if frames is None or flow is None:
        return
    longest = float(np.nanmax(np.hypot(flow[..., 0], flow[..., 1])))
    caption = f"compute_flow on two frames of the highway: at most {longest:.1f} pixels per frame"
    field = field_of(flow, caption, step=DEFAULT_STEP, frame=frames.before)
    note = f"One arrow for each {DEFAULT_STEP} × {DEFAULT_STEP} pixels, longer than the motion."
    yield Shown(("P1.1/motion", "P1.1/field"), Fields("Your vector field", (field,), note))


def mask(student: Student, saved: Saved) -> Iterator[Shown]:
    """The student's mask of the moving cars beside the true one, at the threshold that suits it best."""
    frames = frames_of(student)
    flow = _flow(student, frames)
    if frames is None or frames.truth is None or flow is None:
        return
    truth = frames.truth
    try:
        masker = masker_of(student)
        found = [(one, masker.mask(flow, one)) for one in highway.THRESHOLDS]
    except (Failure, Gone):
        return  # the checks of P1.2 say what is wrong with it
    threshold, own = max(found, key=lambda entry: highway.score_of(entry[1], truth).f1)
    score = highway.score_of(own, truth)
    moving = np.where(truth == highway.MOVING, 255, np.where(np.isin(truth, highway.STILL), 0, 119))
    tiles = (
        _tile(frames.before[..., ::-1], "the frame"),
        _tile(moving, "what moves"),
        _tile(_differences(own, truth), f"your mask, F1 {score.f1:.2f}"),
    )
    note = (
        f"At the threshold {threshold}, the best of {len(highway.THRESHOLDS)} for these two frames. Red in "
        "your mask: missed, or marked though it does not move. Grey: not known."
    )
    yield Shown(("P1.2/cars", "P1.2/kept", "P1.2/mask"), Images("The moving cars", those(tiles), note, 3, 3))


def masked(student: Student, saved: Saved) -> Iterator[Shown]:
    """The student's masked frame beside the right one."""
    frames = frames_of(student)
    if frames is None:
        return
    inside = _moving(frames)
    try:
        reply = call(student, "apply_mask", (frames.before, np.where(inside, 255, 0).astype(np.uint8)))
        own = array_of(reply, "apply_mask", "a masked frame")
    except (Failure, Gone):
        return  # the checks of P1.3 say what is wrong with it
    right = np.where(inside[..., None], frames.before, 0).astype(np.uint8)
    shown = own[..., ::-1] if own.shape == right.shape else own
    tiles = (
        _tile(np.where(inside, 255, 0), "the mask"),
        _tile(shown, "yours", wrong=not np.array_equal(own, right)),
        _tile(right[..., ::-1], "the right one"),
    )
    yield Shown(("P1.3/masked", "P1.3/shape"), Images("A masked frame", those(tiles), "", 3, 3))


def _tile(image: Array, caption: str, *, wrong: bool = False) -> Tile | None:
    return tile(image, caption, low=0, high=255, wrong=wrong, side=SIDE)


def frames_of(student: Student) -> Frames | None:
    """The pair of frames in which most moves; without truth masks the first two."""
    pairs = highway.pairs_of(student.given, student.hidden)
    if pairs:
        pair = max(pairs, key=lambda one: int((one.truth == highway.MOVING).sum()))
        return Frames(pair.before, pair.after, pair.truth)
    names = sorted(name for name in student.given if name.startswith(f"{highway.FRAMES}/"))[:2]
    frames = [student.given[name] for name in names]
    usable = len(frames) == 2 and all(one.ndim == 3 and one.shape == frames[0].shape for one in frames)
    return Frames(frames[0], frames[1]) if usable else None


def _flow(student: Student, frames: Frames | None) -> Array | None:
    """What ``compute_flow`` makes of the frames, ``None`` where that is no flow."""
    if frames is None:
        return None
    try:
        reply = call(student, "compute_flow", (frames.before, frames.after))
        flow = array_of(reply, "compute_flow", "a flow")
        require_size(flow, frames.before.shape[:2])
    except (Failure, Gone):
        return None  # the checks of P1.1 say what is wrong with it
    return flow if flow.dtype.kind in "fiu" else None


def _moving(frames: Frames) -> Array:
    """What moves, (height, width) bool; without truth the middle of the frame."""
    if frames.truth is not None:
        return np.asarray(frames.truth == highway.MOVING)
    height, width = frames.before.shape[:2]
    middle = np.zeros((height, width), bool)
    middle[height // 4 : -height // 4, width // 4 : -width // 4] = True
    return middle


def _differences(own: Array, truth: Array) -> Array:
    """A mask (height, width) bool as RGB uint8: what should be otherwise is red."""
    wrong = (own & np.isin(truth, highway.STILL)) | (~own & (truth == highway.MOVING))
    shown = np.repeat(np.where(own, 255, 0)[..., None], 3, axis=2)
    shown[wrong] = WRONG
    return shown.astype(np.uint8)
