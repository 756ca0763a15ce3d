"""What went wrong with a filter response of task 1.1, in a student's words and with a pixel to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from checks.cnn import responses
from checks.cnn.responses import FILTERS, GAUSS, SOBEL_X, SOBEL_Y, Filter, Plane, Setting
from checks.kit import Failure, Student, Version
from checks.kit.student import Array


def explain(student: Student, one: Filter, setting: Setting, nearly: Version | None) -> Failure:
    """Why no version of a response is right.

    Args:
        student: whose response it is.
        one: the filter.
        setting: what the filter was applied to.
        nearly: a version that is right but for its sign, if there is one.
    """
    versions = student.versions(one.response)
    if not versions:
        return _missing(student, one)
    version = nearly or versions[-1]
    array, plane = version.array, responses.as_plane(version.array)
    if array is None or array.dtype.kind not in "biufc":
        return _no_array(one, version)
    if nearly and plane is not None:
        return _sign(one, setting, plane)
    with np.errstate(over="ignore", invalid="ignore"):  # a student's values may be as large as 1e308
        named = None
        if plane is not None:
            named = _of_other_filter(student, one, setting, plane) or _of_changed_material(
                one, setting, plane
            )
        return named or _wrong_shape(one, setting, array) or _wrong_values(one, setting, array, plane)


def _missing(student: Student, one: Filter) -> Failure:
    return Failure(
        student.why_missing(one.response),
        expected=f"an array {one.response}, the {one.words} response",
        received="no such variable",
        hint=f"The result of filtering image with {one.kernel_name} belongs in {one.response}.",
    )


def _no_array(one: Filter, version: Version) -> Failure:
    return Failure(
        f"{one.response} is not an array of numbers that can be looked at.",
        expected="a 2D array of numbers",
        received=f"a value of type {version.type}",
        hint=f"Print type({one.response}): the convolution itself returns a 2D array.",
    )


def _sign(one: Filter, setting: Setting, plane: Plane) -> Failure:
    return Failure(
        f"{one.response} is a correlation: each value has the opposite sign of the convolution.",
        expected=f"the convolution of image and {one.kernel_name}: the kernel is turned by 180° first",
        received="the same values with the sign changed",
        hint="A correlation lays the kernel on the image as it is; a convolution turns it by 180° first. "
        "Which of the two does your function compute?",
        counterexample=_pixel(one, setting, plane),
    )


def _of_other_filter(student: Student, one: Filter, setting: Setting, plane: Plane) -> Failure | None:
    """The response to one of the other two kernels."""
    for other in FILTERS:
        if other is one or responses.match(plane, responses.setting_of(student, other)) is None:
            continue
        swapped = GAUSS not in (one, other)
        return Failure(
            f"{one.response} is the response to {other.kernel_name}, not to {one.kernel_name}"
            + (": X and Y are swapped." if swapped else "."),
            expected=f"the response to {one.kernel_name}",
            received=f"the response to {other.kernel_name}",
            hint=f"Look at which kernel you apply where you set {one.response}.",
            counterexample=_pixel(one, setting, plane),
        )
    return None


def _of_changed_material(one: Filter, setting: Setting, plane: Plane) -> Failure | None:
    """A right response to an image or a kernel that is no longer the given one."""
    image, kernel = setting.changed_image, setting.changed_kernel
    attempts = (
        ((one.kernel_name,), setting.images, kernel),
        (("image",), (image,), setting.kernel),
        (("image", one.kernel_name), (image,), kernel),
    )
    for names, images, own in attempts:
        if images[0] is None or own is None:
            continue
        changed = replace(setting, images=tuple(i for i in images if i is not None), kernel=own)
        if responses.match(plane, changed) is not None:
            words = " and ".join(f"your own {name}" for name in names)
            return Failure(
                f"{one.response} is the response to {words}, which the notebook changed into something else "
                "than was given.",
                expected=f"the response of the given image to the given {one.kernel_name}",
                received=f"the response to {words}",
                hint=f"Leave {' and '.join(names)} as the handout sets it, and filter again.",
                counterexample=_pixel(one, setting, plane),
            )
    return None


def _wrong_shape(one: Filter, setting: Setting, array: Array) -> Failure | None:
    image, kernel = setting.images[0].shape, setting.kernel.shape
    shape = np.squeeze(array).shape
    if responses.mode_of(shape, image, kernel):
        return None
    sizes = responses.mode_sizes(image, kernel)
    right = ", ".join(f"{size} with mode '{mode}'" for mode, size in sizes.items())
    return Failure(
        f"{one.response} has the shape {array.shape}, which no mode of a 2D convolution gives.",
        expected=right,
        received=f"shape {array.shape}",
        hint=f"An image of {image} and a kernel of {kernel}: which sizes can the response have?",
        counterexample=f"{one.response}.shape  # {array.shape}",
    )


def _wrong_values(one: Filter, setting: Setting, array: Array, plane: Plane | None) -> Failure:
    """The shape is right, the values are not."""
    if plane is None:
        return _not_finite(one, array)
    if np.ptp(plane) == 0:
        value = f"{plane.flat[0]:.6g}"
        return Failure(
            f"{one.response} holds only {'zeros' if value == '0' else f'the number {value}'}.",
            expected=f"the {one.words} response, which varies over the image",
            received=f"{value} in every pixel",
            hint="Was the result of the convolution stored, or only an array prepared for it?",
            counterexample=_pixel(one, setting, plane),
        )
    mistake = next(_mistakes(setting, plane), None) or _anything(one, setting, plane)
    return Failure(
        f"{one.response} {mistake.words}.",
        expected=f"the convolution of image and {one.kernel_name}",
        received=mistake.received or f"{one.response} {mistake.words}",
        hint=mistake.hint,
        counterexample=_pixel(one, setting, plane),
    )


def _not_finite(one: Filter, array: Array) -> Failure:
    flat = np.squeeze(array)
    bad = np.argwhere(~np.isfinite(flat))
    if not len(bad):
        return Failure(
            f"{one.response} holds complex numbers.",
            expected="real numbers",
            received=f"an array of type {array.dtype} whose imaginary part is not zero",
            hint="Image and kernel are real, so the response is; look at your Fourier transform.",
        )
    y, x = (int(index) for index in bad[0])
    value = flat[y, x]
    return Failure(
        f"{one.response} holds {'NaN' if np.isnan(value) else 'infinite values'} in {len(bad):,} "
        f"{'pixel' if len(bad) == 1 else 'pixels'}.",
        expected="finite numbers",
        received=f"{value} at [{y}, {x}]",
        hint="Look for a division by zero, or for an array that was never filled.",
        counterexample=f"{one.response}[{y}, {x}]  # {value}",
    )


# ---- mistakes that leave a trace in the values -------------------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """``words`` go on after the response's name."""

    words: str
    hint: str
    received: str = ""


def _mistakes(setting: Setting, plane: Plane) -> Iterator[Mistake]:
    """Each known mistake that explains the values, the likeliest first."""
    image, kernel, expected = setting.images[0], setting.kernel, setting.expected
    mode = responses.mode_of(plane.shape, image.shape, kernel.shape) or "valid"
    inside = responses.interior(plane, mode, kernel.shape)
    if responses.affine_of(inside, responses.interior(image, "same", kernel.shape)):
        yield Mistake("is the image itself, not a response to it", "Nothing was convolved yet.")
    if _mostly(inside, expected, 1.0) and np.array_equal(inside, np.rint(inside)):
        yield Mistake(
            "holds the right values rounded to whole numbers",
            "Keep the response as float: look for a cast to integers, or a function that keeps the "
            "image's uint8 type.",
        )
    for mistake, values in _distortions(setting, expected):
        if _mostly(inside, values):
            yield mistake
    scaled = responses.affine_of(inside, expected)
    if scaled:
        yield Mistake(
            f"is the right response times {scaled.slope:.4g}"
            + (f" plus {scaled.offset:.4g}" if abs(scaled.offset) > abs(scaled.slope) * 1e-2 else ""),
            "Normalise a response only where you show it, and look at how image and kernel are scaled.",
        )
    yield from _shifts(inside, expected)


def _distortions(setting: Setting, expected: Plane) -> Iterator[tuple[Mistake, Plane]]:
    """What common mistakes make of the expected values."""
    image, kernel = setting.images[0], setting.kernel
    yield (
        Mistake("holds absolute values: the signs are lost", "Take the absolute value only to show it."),
        np.abs(expected),
    )
    clipped = Mistake(
        "was clipped: values below 0 or above 255 are lost",
        "A response has negative and large values; keep it as float, without clipping.",
    )
    for sign in (1, -1):
        yield clipped, np.clip(sign * expected, 0, 255)
        yield clipped, np.maximum(sign * expected, 0)
    yield clipped, np.minimum(np.abs(expected), 255)
    whole = np.trunc(expected + np.copysign(1e-6, expected))
    cast = Mistake(
        "was stored as 8-bit integers, so values outside their range wrapped around",
        "Keep the response as float: a function that keeps the image's uint8 type cannot hold negatives.",
    )
    for sign in (1, -1):
        yield cast, np.mod(sign * whole, 256)
        yield cast, np.mod(sign * whole + 128, 256) - 128
    turned = Mistake(
        "is transposed: rows and columns are exchanged",
        "The first axis of an image counts rows (y), the second columns (x); nothing needs a transpose.",
    )
    for values in (responses.convolved(image.T, kernel), expected.T):
        yield turned, values
        yield turned, -values
    yield (
        Mistake("is the gradient's magnitude, made of both Sobel responses", "Keep X and Y apart here."),
        np.hypot(*(responses.convolved(image, other.kernel()) for other in (SOBEL_X, SOBEL_Y))),
    )


def _mostly(values: Plane, expected: Plane, allowed: float | None = None) -> bool:
    """Whether all but a thousandth of the pixels agree."""
    if values.shape != expected.shape:
        return False
    limit = responses.TOLERANCE * float(np.max(np.abs(expected))) if allowed is None else allowed
    return bool(np.mean(np.abs(values - expected) <= limit) >= 0.999)


def _shifts(inside: Plane, expected: Plane, reach: int = 15) -> Iterator[Mistake]:
    """The right values at another place, found with a window in the middle."""
    centre, half = [side // 2 for side in expected.shape], min(40, min(expected.shape) // 2 - reach)
    if half < 8:
        return

    def window(plane: Plane, dy: int, dx: int) -> Plane:
        y, x = centre[0] + dy, centre[1] + dx
        return plane[y - half : y + half, x - half : x + half]

    wanted = window(expected, 0, 0)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if any(_mostly(sign * window(inside, dy, dx), wanted) for sign in (1, -1)):
                yield Mistake(
                    f"holds the right values shifted by {dy} rows and {dx} columns",
                    "A kernel is laid on with its centre on the pixel; an FFT puts its corner there.",
                )


def _anything(one: Filter, setting: Setting, plane: Plane) -> Mistake:
    expected = setting.expected
    mode = responses.mode_of(plane.shape, setting.images[0].shape, setting.kernel.shape) or "valid"
    inside = responses.interior(plane, mode, setting.kernel.shape)
    share = float(np.mean(np.abs(inside - expected) > responses.TOLERANCE * np.max(np.abs(expected))))
    return Mistake(
        f"is not the convolution of image and {one.kernel_name}",
        "Compute one pixel by hand: turn the kernel by 180°, lay it on the image, multiply and sum.",
        received=f"other values in {share:.0%} of the pixels that no border touches",
    )


def _pixel(one: Filter, setting: Setting, plane: Plane) -> str | None:
    """The first pixel, away from the border, that differs, as a line to paste."""
    kernel, expected = setting.kernel, setting.expected
    mode = responses.mode_of(plane.shape, setting.images[0].shape, kernel.shape)
    if mode is None:
        return None
    inside = responses.interior(plane, mode, kernel.shape)
    wrong = np.abs(inside - expected) > responses.TOLERANCE * np.max(np.abs(expected))
    if not wrong.any():
        return None
    row, column = (int(index) for index in np.unravel_index(np.argmax(wrong), wrong.shape))
    (top, _), (left, _) = responses.margins(mode, kernel.shape)
    got, want = (round(float(values[row, column]), 6) + 0.0 for values in (inside, expected))
    return f"{one.response}[{row + top}, {column + left}]  # {got:.6g}; a convolution gives {want:.6g}"
