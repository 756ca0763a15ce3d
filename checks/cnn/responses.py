"""The arithmetic of task 1.1: the lab's kernels, and what a filter response is inside and at the border."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.cnn.memo import Same
from checks.kit import Student
from checks.kit.student import Array

Plane = NDArray[np.float64]
Shape = tuple[int, ...]

MODES = ("full", "same", "valid")
TOLERANCE = 1e-4  # of the response's largest value: float32 and FFT methods stay far below it
PADDINGS = ("symmetric", "wrap", "reflect", "edge")
SLOPES = (1e-9, 1e9)  # of a scaled image or kernel: zeros are near the response to a smaller one
LARGEST_SIDE = 2048  # of a student's own image or kernel that is worth a look


def gaussian_kernel(size: int = 15, sigma: float = 4.0) -> Plane:
    """MATLAB's ``fspecial('gaussian', size, sigma)``, (size, size) float64 with sum 1."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    kernel = np.exp(-(x * x + y * y) / (2 * sigma * sigma))
    kernel[kernel < np.finfo(np.float64).eps * kernel.max()] = 0
    return np.asarray(kernel / kernel.sum(), np.float64)


def sobel_x_kernel() -> Plane:
    """The handout's ``sobelX``, (3, 3); its columns fall from left to right."""
    return np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], np.float64)


def sobel_y_kernel() -> Plane:
    """The handout's ``sobelY``, (3, 3): ``sobelX`` with rows and columns exchanged."""
    return sobel_x_kernel().T


@dataclass(frozen=True)
class Filter:
    """One of the three filters: its variables' names, its word in a sentence and its kernel."""

    response: str
    kernel_name: str
    words: str
    kernel: Callable[[], Plane]


GAUSS = Filter("filterResponseGauss", "gaussFilter", "Gaussian", gaussian_kernel)
SOBEL_X = Filter("filterResponseSobelX", "sobelX", "Sobel X", sobel_x_kernel)
SOBEL_Y = Filter("filterResponseSobelY", "sobelY", "Sobel Y", sobel_y_kernel)
FILTERS = (GAUSS, SOBEL_X, SOBEL_Y)


def mode_sizes(image: Shape, kernel: Shape) -> dict[str, Shape]:
    """The shape of a response in each mode: n + m − 1, n and n − m + 1 each way."""
    sides = list(zip(image, kernel, strict=True))
    return {
        "full": tuple(n + m - 1 for n, m in sides),
        "same": tuple(n for n, _ in sides),
        "valid": tuple(n - m + 1 for n, m in sides),
    }


def mode_of(shape: Shape, image: Shape, kernel: Shape) -> str | None:
    """The mode whose response has this shape, or ``None``."""
    return next((mode for mode, size in mode_sizes(image, kernel).items() if size == shape), None)


def margins(mode: str, kernel: Shape) -> list[tuple[int, int]]:
    """Along each axis the widths of the band, before and after, in which the kernel crosses the border."""
    if mode == "valid":
        return [(0, 0) for _ in kernel]
    return [(m - 1, m - 1) if mode == "full" else (m // 2, m - 1 - m // 2) for m in kernel]


def interior(response: Plane, mode: str, kernel: Shape) -> Plane:
    """The part of a response that no border touches: what mode 'valid' would have given."""
    (top, bottom), (left, right) = margins(mode, kernel)
    height, width = response.shape
    return response[top : height - bottom, left : width - right]


def convolved(image: Plane, kernel: Plane) -> Plane:
    """The convolution where the kernel lies wholly on the image, by way of the frequencies."""
    # scipy.signal does the same, but half a second passes before it is imported.
    whole = np.fft.irfft2(np.fft.rfft2(image) * np.fft.rfft2(kernel, image.shape), image.shape)
    rows, columns = kernel.shape
    return np.asarray(whole[rows - 1 :, columns - 1 :], np.float64)


def close(values: Plane, expected: Plane) -> bool:
    """Whether two responses of one shape agree, relative to the expected one's scale."""
    if values.shape != expected.shape or not expected.size:
        return False
    allowed = TOLERANCE * float(np.max(np.abs(expected)))
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.max(np.abs(values - expected)) <= allowed)


def border_is_usual(response: Plane, image: Plane, kernel: Plane, mode: str) -> bool:
    """Whether the border band comes from a constant fill, a mirrored, repeated or prolonged image."""
    band = margins(mode, kernel.shape)
    if mode == "valid" or _is_constant_fill(response, image, kernel, band):
        return True
    return any(close(response, convolved(np.pad(image, band, mode=how), kernel)) for how in PADDINGS)  # type: ignore[call-overload]


def _is_constant_fill(response: Plane, image: Plane, kernel: Plane, band: list[tuple[int, int]]) -> bool:
    """The response is linear in the fill value, so the value is solved for."""
    zero_fill = convolved(np.pad(image, band), kernel)
    if close(response, zero_fill):
        return True
    per_unit = convolved(np.pad(np.zeros_like(image), band, constant_values=1.0), kernel)
    fill = np.vdot(per_unit, response - zero_fill) / np.vdot(per_unit, per_unit)
    return close(response, zero_fill + fill * per_unit)


def as_plane(array: Array | None) -> Plane | None:
    """A small finite image as (height, width) float64, or ``None``; axes of length 1 are dropped."""
    if array is None or array.dtype.kind not in "biufc":
        return None
    flat = np.squeeze(array)
    if flat.ndim != 2 or not flat.size or max(flat.shape) > LARGEST_SIDE:
        return None
    plane = _real(flat)
    return plane if bool(np.isfinite(plane).all()) else None


def _real(flat: Array) -> Plane:
    """The real part where the imaginary one is an FFT's rounding; NaN where it is not."""
    if flat.dtype.kind != "c":
        return flat.astype(np.float64)
    real, imaginary = flat.real.astype(np.float64), flat.imag
    rounding = bool(np.max(np.abs(imaginary)) <= TOLERANCE * np.max(np.abs(real)))
    return real if rounding else np.full_like(real, np.nan)


@dataclass(frozen=True)
class Affine:
    """``values = slope · original + offset``."""

    slope: float
    offset: float


def affine_of(values: Plane, original: Plane, tolerance: float = 1e-3) -> Affine | None:
    """How ``values`` follows from ``original``, or ``None`` where it is no affine function of it."""
    if values.shape != original.shape:
        return None
    if np.array_equal(values, original) and np.ptp(original):
        return Affine(1.0, 0.0)  # as most are, and most quickly seen
    centre = original.mean()
    spread = original - centre
    with np.errstate(over="ignore", invalid="ignore"):
        slope = float(np.vdot(spread, values) / max(float(np.vdot(spread, spread)), 1e-300))
        offset = float(values.mean() - slope * centre)
        worst = float(np.max(np.abs(values - slope * original - offset)))
    allowed = tolerance * abs(slope) * float(np.ptp(original))
    return Affine(slope, offset) if SLOPES[0] < abs(slope) < SLOPES[1] and worst <= allowed else None


@dataclass(frozen=True)
class Setting:
    """What one filter was applied to: the images that count, and the student's changes to what was given.

    ``factors`` are those by which the student's kernel, or an image divided by 255 on the way,
    scales the response. ``changed_image`` and ``changed_kernel`` are the student's last values
    where they are something else than the given ones.
    """

    images: tuple[Plane, ...]
    kernel: Plane
    factors: tuple[float, ...]
    changed_image: Plane | None = None
    changed_kernel: Plane | None = None

    @property
    def expected(self) -> Plane:
        """The response, mode 'valid'."""
        return self.factors[0] * convolved(self.images[0], self.kernel)


@dataclass(frozen=True)
class Match:
    """A response whose interior is right: as it is (sign 1) or with its sign changed (sign −1).

    ``border`` says whether its border is usual, which takes longer than all else, so it is asked when needed.
    """

    sign: int
    border: Callable[[], bool]

    @functools.cached_property
    def usual_border(self) -> bool:
        """Whether the border comes from a usual way to go on beyond the image's edge."""
        return self.border()


def setting_of(student: Student, one: Filter) -> Setting:
    """Follow ``image`` and the filter's kernel through the notebook; done once, though three checks ask."""
    return _setting(Same(student), one)


@functools.lru_cache(maxsize=3)
def _setting(same: Same[Student], one: Filter) -> Setting:
    student = same.value
    given, kernel = student.given["ascent"].astype(np.float64), one.kernel()
    own_images = [as_plane(version.array) for version in student.versions("image")]
    images = [own for own in own_images if own is not None and affine_of(own, given)]
    own_kernels = [as_plane(version.array) for version in student.versions(one.kernel_name)]
    multiples = [multiple_of(own, kernel) for own in own_kernels if own is not None]
    factors = list(dict.fromkeys(m for m in multiples if m is not None))[:4] or [1.0]
    return Setting(
        images=_distinct(images)[:4] or (given,),
        kernel=kernel,
        factors=tuple(factor * scale for scale in (1.0, 1 / 255) for factor in factors),
        changed_image=own_images[-1] if own_images and not images else None,
        changed_kernel=own_kernels[-1] if own_kernels and multiples[-1:] == [None] else None,
    )


def multiple_of(values: Plane, kernel: Plane) -> float | None:
    """The non-zero factor by which ``values`` is the kernel, or ``None``."""
    affine = affine_of(values, kernel, TOLERANCE)
    return affine.slope if affine and abs(affine.offset) <= TOLERANCE * abs(affine.slope) else None


def _distinct(images: list[Plane]) -> tuple[Plane, ...]:
    kept: list[Plane] = []
    for image in images:
        if not any(np.array_equal(image, seen) for seen in kept):
            kept.append(image)
    return tuple(kept)


def matched(student: Student, one: Filter, response: Array | None) -> Match | None:
    """How a response is right, if it is; found once for each array."""
    return None if response is None else _matched(Same(response), Same(setting_of(student, one)))


@functools.lru_cache(maxsize=16)
def _matched(response: Same[Array], setting: Same[Setting]) -> Match | None:
    plane = as_plane(response.value)
    return None if plane is None else match(plane, setting.value)


def match(response: Plane, setting: Setting) -> Match | None:
    """Find the image, the factor and the sign with which a response is right inside, if any."""
    kernel = setting.kernel
    found: list[Match] = []
    for image in setting.images:
        mode = mode_of(response.shape, image.shape, kernel.shape)
        if mode is None:
            continue
        inside, unit = interior(response, mode, kernel.shape), convolved(image, kernel)
        for factor in setting.factors:
            for sign in (1, -1):
                if close(inside, sign * factor * unit):
                    found.append(Match(sign, functools.partial(
                        border_is_usual, sign * response, image, factor * kernel, mode
                    )))  # fmt: skip
    if len(found) < 2:
        return found[0] if found else None
    return max(found, key=lambda one: (one.sign, one.usual_border))
