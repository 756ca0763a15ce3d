"""Task 3.3: what was done to the pixels, told from the values before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.cnn import responses
from checks.cnn.states import IMAGES, listed, rows_of, training_cell, up_to
from checks.cnn.tracing import CHUNK, Gallery, Trace
from checks.kit import Failure, Student
from checks.kit.student import Array

Pixels = NDArray[np.float64]

TRIES = 4  # versions of the test set that are looked at
ALLOWED = 2e-3  # of a value in [−1, 1]; float16 is off by 5e-4


def asked(pixels: Pixels) -> Pixels:
    """x / 127.5 − 1: 0 becomes −1 and 255 becomes 1."""
    return pixels / 127.5 - 1


def is_asked(images: Array, originals: Array, trace: Trace) -> bool:
    """Whether each value of (n, height, width, 3) images is x / 127.5 − 1 of the original's.

    ``originals`` is the gallery's pixels. Images that were not traced must at least lie in [−1, 1].
    """
    table = asked(np.arange(256.0)).astype(np.float32)
    for start in range(0, len(images), CHUNK):
        index = trace.index[start : start + CHUNK]
        known = index >= 0
        values = images[start : start + CHUNK]
        wanted = table[originals[index[known]]]
        near = _within(values if known.all() else values[known], wanted)
        if not (near and (known.all() or _within(values[~known], np.float32(0), 1.0))):
            return False
    return True


def _within(values: Array, wanted: Array | np.float32, allowed: float = 0.0) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.abs(values - wanted)
    return not difference.size or bool(difference.max() <= allowed + ALLOWED)


@dataclass(frozen=True)
class Slip:
    """``words`` go on after "The values in Xtrain "."""

    words: str
    hint: str


ONCE = "Each value goes from 0 … 255 to −1 … 1, once."
KEEP_FLOAT = "Values between −1 and 1 need a float type; convert before you scale, not after."

SLIPS: tuple[tuple[Slip, Callable[[Pixels], Pixels]], ...] = (
    (Slip("are the original ones, 0 to 255: they were not preprocessed", ONCE), lambda x: x),
    (
        Slip("are x / 255, between 0 and 1", "The range asked for is twice as wide and starts at −1."),
        lambda x: x / 255,
    ),
    (
        Slip("are x / 127.5, between 0 and 2", "The range asked for is centred on 0: something is left out."),
        lambda x: x / 127.5,
    ),
    (
        Slip("are x / 128 − 1, so that 255 does not become 1", "Which number takes 255 to 2?"),
        lambda x: x / 128 - 1,
    ),
    (
        Slip("are x / 127 − 1, so that 255 becomes more than 1", "Which number takes 255 to 2?"),
        lambda x: x / 127 - 1,
    ),
    (
        Slip("were scaled twice, so that all of them are near −1", "Run the cell that scales once only."),
        lambda x: asked(asked(x)),
    ),
    (
        Slip("were scaled twice, x / 255 among it", "Scale the values once only."),
        lambda x: asked(x / 255),
    ),
    (Slip("were cut to whole numbers", KEEP_FLOAT), lambda x: np.trunc(asked(x))),
    (Slip("were cut to whole numbers", KEEP_FLOAT), lambda x: np.floor(asked(x))),
    (Slip("were cut to whole numbers", KEEP_FLOAT), lambda x: np.rint(asked(x))),
    (Slip("were cut to whole numbers", KEEP_FLOAT), lambda x: np.trunc(x / 255)),
    (
        Slip("wrapped around in an unsigned integer type: −1 became 255", KEEP_FLOAT),
        lambda x: np.mod(np.trunc(asked(x)), 256),
    ),
    (
        Slip("wrapped around in an unsigned integer type: −1 became 255", KEEP_FLOAT),
        lambda x: np.mod(np.floor(x / 127.5) - 1, 256),
    ),
)


def slip_of(images: Array, originals: Array, trace: Trace | None) -> Slip:
    """Name what was done to the pixels instead of x / 127.5 − 1."""
    if images.dtype.kind not in "biuf" or not images.size:
        return Slip(f"are no real numbers: {form_of(images)}", "Look at how this array was made.")
    if images.dtype.kind == "f" and not _is_finite(images):
        return Slip("hold NaN or infinite numbers", "Look for a division by zero.")
    if trace is None:
        return Slip(
            f"lie in {spread(images)} and cannot be led back to the given images",
            "Scaling must keep the images; look at them with imshow after this step.",
        )
    rows = np.flatnonzero(trace.index >= 0)
    rows = rows[:: max(1, len(rows) // 200)]
    before = originals[trace.index[rows]].astype(np.float64)
    after = images[rows].astype(np.float64)
    for slip, function in SLIPS:
        values = function(before)
        if np.max(np.abs(after - values)) <= 1e-3 * max(1e-3, float(np.ptp(values))):
            return slip
    return _other_map(images, before, after)


def _other_map(images: Array, before: Pixels, after: Pixels) -> Slip:
    if abs(after.mean()) < 0.15 and 0.8 < after.std() < 1.2:
        return Slip(
            "were standardised to mean 0 and standard deviation 1, so they leave the range −1 … 1",
            "Here the range −1 … 1 is asked for, the same for every pixel and image.",
        )
    affine = responses.affine_of(after.ravel(), before.ravel())
    if affine is None:
        return Slip(f"lie in {spread(images)} and are no straight line of the pixels' values", ONCE)
    sign, offset = "+−"[affine.offset < 0], abs(affine.offset)
    return Slip(f"are x · {affine.slope:.4g} {sign} {offset:.4g}, in {spread(images)}", ONCE)


def form_of(images: Array) -> str:
    """Type and shape, e.g. ``float32 of shape (7500, 32, 32, 3)``."""
    return f"{images.dtype} of shape {images.shape}"


def spread(images: Array) -> str:
    """The range of the values, e.g. ``[0, 1]``."""
    if images.dtype.kind not in "biuf" or not images.size:
        return form_of(images)
    low, high = (float(bound) for bound in (images.min(), images.max()))
    return f"[{low:.4g}, {high:.4g}]"


def _is_finite(images: Array) -> bool:
    return all(np.isfinite(images[s : s + CHUNK]).all() for s in range(0, len(images), CHUNK))


# ---- the verdicts ------------------------------------------------------------------------------------


def judge_range(student: Student, gallery: Gallery) -> None:
    """Raise Failure where a set is not x / 127.5 − 1 when training starts."""
    slips: dict[str, Slip] = {}
    right: list[str] = []
    shown: dict[str, Array] = {}
    for name in IMAGES:
        versions = up_to(student, name, training_cell(student))
        traces = [(version, rows_of(student, gallery, version)) for version in versions[:TRIES]]
        if any(_is_right(version.array, gallery, found) for version, found in traces):
            right.append(name)
        elif traces and traces[0][0].array is not None:
            array = traces[0][0].array
            slips[name] = slip_of(array, gallery.pixels, traces[0][1])
            shown[name] = array
    if slips:
        raise _range_failure(slips, right, shown)


def _is_right(images: Array | None, gallery: Gallery, found: Trace | None) -> bool:
    return images is not None and found is not None and is_asked(images, gallery.pixels, found)


def _range_failure(slips: dict[str, Slip], right: list[str], shown: dict[str, Array]) -> Failure:
    by_words: dict[str, list[str]] = {}
    for name, slip in slips.items():
        by_words.setdefault(slip.words, []).append(name)
    told = [f"The values in {listed(names)} {words}" for words, names in by_words.items()]
    first = next(iter(slips))
    return Failure(
        ". ".join(told)
        + "."
        + (f" Only {listed(right)} {'is' if len(right) == 1 else 'are'} as asked for." if right else ""),
        expected="x / 127.5 − 1 of each pixel, from −1 to 1, in Xtrain, Xval and Xtest",
        received="; ".join(f"{name} in {spread(array)}" for name, array in shown.items()),
        hint=slips[first].hint + (" All three sets need the same steps." if right else ""),
        counterexample=_bounds(first, shown[first]),
    )


def _bounds(name: str, images: Array) -> str:
    if images.dtype.kind not in "biuf" or not images.size:
        return f"{name}.dtype, {name}.shape  # {form_of(images)}"
    return f"{name}.min(), {name}.max()  # {images.min()}, {images.max()}; about -1.0, 1.0 is right"


def judge_dtype(student: Student) -> None:
    """Raise Failure where a set is not float32 when training starts."""
    wrong: dict[str, str] = {}
    for name in IMAGES:
        versions = up_to(student, name, training_cell(student))
        types = [version.array.dtype.name for version in versions if version.array is not None]
        if types and "float32" not in types:
            wrong[name] = types[0]
    if not wrong:
        return
    first = next(iter(wrong))
    found = ", ".join(f"{name} {dtype}" for name, dtype in wrong.items())
    doubled = "float64" in wrong.values()
    raise Failure(
        f"{listed(list(wrong))} should be float32, not {wrong[first]}"
        + (": float64 takes twice the memory and gains nothing." if doubled else "."),
        expected="float32 in Xtrain, Xval and Xtest",
        received=found,
        hint="An array's type is changed with astype; a network computes in float32.",
        counterexample=f"{first}.dtype  # {wrong[first]}",
    )
