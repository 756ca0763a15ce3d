"""Task 1.1: right responses pass however they were computed; each mistake is named."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage, signal

from checks.cnn import LAB
from checks.cnn.convolutions import convolution, gaussian, sobel
from checks.cnn.responses import gaussian_kernel, sobel_x_kernel, sobel_y_kernel
from checks.kit import Check
from tests.checks.cnn.student import Notebook, failure_of, real_ascent, text_of

CHECKS = (gaussian, sobel, convolution)
GAUSS, SX, SY = gaussian_kernel(), sobel_x_kernel(), sobel_y_kernel()
IX, IY = SX.astype(int), SY.astype(int)
NAMES = ("filterResponseGauss", "filterResponseSobelX", "filterResponseSobelY")
KERNELS = ("gaussFilter", "sobelX", "sobelY")

Filter = Callable[[np.ndarray, np.ndarray], np.ndarray]


def picture() -> np.ndarray:
    """A scene of smooth shapes, a little noise and sharp stripes, (128, 120) uint8."""
    draw = np.random.default_rng(3)
    y, x = np.mgrid[:128, :120]
    scene = 120 + 60 * np.sin(x / 9 + y / 23) + 40 * (x > 70) - 50 * (y > 40) + draw.normal(0, 8, (128, 120))
    scene[20:60, 10:50] = 255 * (x[20:60, 10:50] // 8 % 2)
    return np.clip(scene, 0, 255).astype(np.uint8)


IMAGE = picture()


def notebook(
    filtering: Filter,
    image: np.ndarray = IMAGE,
    kernels: tuple[np.ndarray, ...] = (GAUSS, IX, IY),
    **more: object,
) -> Notebook:
    """A notebook whose three responses come from ``filtering(image, kernel)``."""
    values: dict[str, list[tuple[int, object]]] = {"image": [(1, image)]}
    for name, response, kernel in zip(KERNELS, NAMES, kernels, strict=True):
        values[name] = [(1, kernel)]
        values[response] = [(2, filtering(image, kernel))]
    return Notebook(values | {name: [(2, value)] for name, value in more.items()}, given={"ascent": IMAGE})


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return signal.convolve2d(image, kernel)


def loops(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Windows, multiplied by the flipped kernel and summed."""
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel[::-1, ::-1])


def untouched_border(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    out = np.zeros(image.shape)
    edge = kernel.shape[0] // 2
    out[edge:-edge, edge:-edge] = loops(image, kernel)
    return out


def via_fft(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    size = [n + m - 1 for n, m in zip(image.shape, kernel.shape, strict=True)]
    return np.fft.ifft2(np.fft.fft2(image, size) * np.fft.fft2(kernel, size))


def boundary(mode: str, how: str, fill: float) -> Filter:
    return lambda image, kernel: signal.convolve2d(image, kernel, mode=mode, boundary=how, fillvalue=fill)


MODES = {
    f"convolve2d-{mode}-{how}-{fill}": boundary(mode, how, fill)
    for mode, (how, fill) in itertools.product(
        ("full", "same", "valid"), (("fill", 0), ("fill", 77.5), ("wrap", 0), ("symm", 0))
    )
}
NDIMAGE = {
    f"ndimage-{mode}": lambda image, kernel, mode=mode: ndimage.convolve(
        image.astype(float), kernel, mode=mode
    )
    for mode in ("reflect", "mirror", "nearest", "wrap", "constant")
}
RIGHT: dict[str, Filter] = {
    **MODES,
    **NDIMAGE,
    "fftconvolve-same": lambda i, k: signal.fftconvolve(i, k, mode="same"),
    "fft-complex": via_fft,
    "oaconvolve-float32": lambda i, k: signal.oaconvolve(i.astype(np.float32), k.astype(np.float32)),
    "own-loops": loops,
    "own-loops-zero-border": untouched_border,
    "correlate2d-flipped-kernel": lambda i, k: signal.correlate2d(i, k[::-1, ::-1]),
    "extra-axis": lambda i, k: convolve(i, k)[:, :, None],
    "image-scaled-in-the-call": lambda i, k: convolve(i / 255, k),
    "float32-result": lambda i, k: convolve(i, k).astype(np.float32),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@pytest.mark.parametrize("filtering", RIGHT.values(), ids=RIGHT.keys())
def test_every_way_to_convolve_passes(check: Check, filtering: Filter) -> None:
    """A convolution passes in every mode, with every boundary, by every method."""
    check.run(notebook(filtering))


@pytest.mark.parametrize("name", [*MODES, *NDIMAGE])
def test_usual_borders_need_no_hint(name: str) -> None:
    """The borders that libraries offer are known ones."""
    assert gaussian.run(notebook(RIGHT[name])) is None
    assert sobel.run(notebook(RIGHT[name])) is None


def test_an_unusual_border_passes_with_a_hint() -> None:
    """Where only the border is odd, the response is right and the student hears of it once."""
    student = notebook(untouched_border)
    assert "border" in (gaussian.run(student) or "")
    assert "filterResponseSobelX" in (sobel.run(student) or "")
    assert convolution.run(student) is None


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@pytest.mark.parametrize(
    "image",
    [
        IMAGE / 255,
        IMAGE.astype(np.float32),
        2.5 * IMAGE - 7,
        255 - IMAGE.astype(int),
        IMAGE / np.float32(127.5) - 1,
    ],
    ids=["0-to-1", "float32", "affine", "negative", "-1-to-1"],
)
def test_the_image_may_be_scaled(check: Check, image: np.ndarray) -> None:
    """A scaled image gives another response, and that one is right."""
    check.run(notebook(boundary("same", "symm", 0), image))


@pytest.mark.parametrize("factor", [5e-324, 1e-300, 1e-12, 1e12, 1e300], ids=str)
@pytest.mark.parametrize("what", ["image", "kernels"])
def test_zeros_are_the_response_to_nothing(what: str, factor: float) -> None:
    """An image or kernels so small that zeros are near, or so large that all is, make no response right."""

    def zeros(image: np.ndarray, _kernel: np.ndarray) -> np.ndarray:
        return np.zeros(image.shape)

    scale = factor if what == "kernels" else 1.0
    image = IMAGE.astype(float) * (factor if what == "image" else 1.0)
    with np.errstate(all="ignore"):
        student = notebook(zeros, image, (GAUSS * scale, SX * scale, SY * scale))
        for check in (gaussian, sobel):
            failure_of(check, student)


@pytest.mark.parametrize("factor", [-1, 0.125, 3, 225])
def test_a_kernel_may_be_scaled(factor: float) -> None:
    """A true convolution with the student's own multiple of a kernel is right, a negative one too."""
    student = notebook(convolve, kernels=(GAUSS * abs(factor), SX * factor, SY * factor))
    for check in CHECKS:
        check.run(student)


def test_correlating_with_a_negated_kernel_is_no_convolution() -> None:
    """The values of a convolution with the given kernel, got by two changes of sign, do not pass."""
    student = notebook(signal.correlate2d, kernels=(GAUSS, -IX, -IY))
    sobel.run(student)
    assert "correlation" in failure_of(convolution, student).message


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_any_right_version_counts(check: Check) -> None:
    """Later cells redo the responses with other modes; one right version is enough."""
    student = notebook(convolve)
    values = {name: [*versions, (9, np.zeros((5, 5)))] for name, versions in student.values.items()}
    check.run(Notebook(values, given=student.given))


def test_a_failure_tells_of_the_last_version() -> None:
    """Of two wrong versions the later one is explained."""
    values = {"filterResponseGauss": [(2, np.zeros((3, 3))), (5, np.zeros(IMAGE.shape))]}
    assert "only zeros" in failure_of(gaussian, Notebook(values, given={"ascent": IMAGE})).message


def integers(image: np.ndarray, kernel: np.ndarray, kind: str) -> np.ndarray:
    return convolve(image, kernel).astype(np.int64).astype(kind)


def with_nan(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    out = convolve(image, kernel).astype(float)
    out[5, 7] = np.nan
    return out


def with_infinity(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    out = convolve(image, kernel).astype(float)
    out[3, 4] = -np.inf
    return out


def circular(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return np.fft.ifft2(np.fft.fft2(image) * np.fft.fft2(kernel, image.shape)).real


WRONG_EVERYWHERE: dict[str, tuple[Filter, str]] = {
    "zeros": (lambda i, k: np.zeros(i.shape), "only zeros"),
    "constant": (lambda i, k: np.full(i.shape, 4.5), "only the number 4.5"),
    "image": (lambda i, k: i, "the image itself"),
    "image-scaled": (lambda i, k: i / 255, "the image itself"),
    "nan": (with_nan, "NaN"),
    "infinity": (with_infinity, "infinite"),
    "complex": (lambda i, k: convolve(i, k) * 1j, "complex"),
    "transposed-image": (lambda i, k: signal.convolve2d(i[:120].T, k, mode="same"), "transposed"),
    "shape": (lambda i, k: np.ones((100, 90)), "(100, 90)"),
    "three-colours": (lambda i, k: np.ones((*i.shape, 3)), "(128, 120, 3)"),
    "one-dimensional": (lambda i, k: convolve(i, k).ravel(), "which no mode"),
    "empty": (lambda i, k: np.zeros((0, 0)), "(0, 0)"),
    "single-number": (lambda i, k: np.array(3.0), "()"),
    "huge-values": (lambda i, k: np.where(i > 9, 1e308, -1e308), "not the convolution"),
    "text": (lambda i, k: np.full(i.shape, "a"), "not an array of numbers"),
    "no-array": (lambda i, k: None, "NoneType"),
    "halved": (lambda i, k: convolve(i, k) / 2, "times 0.5"),
    "normalised": (lambda i, k: (r := convolve(i, k).astype(float), (r - r.min()) / np.ptp(r))[1], "times"),
    "shifted": (circular, "shifted by"),
    "random": (lambda i, k: np.random.default_rng(0).normal(size=i.shape), "not the convolution"),
}


def square(filtering: Filter) -> Notebook:
    """As ``notebook``, with a square image: a transposed one then keeps its shape."""
    image = np.ascontiguousarray(IMAGE[:120])
    student = notebook(filtering, image)
    return Notebook(student.values, given={"ascent": image})


@pytest.mark.parametrize("check", [gaussian, sobel], ids=lambda check: check.id)
@pytest.mark.parametrize(("filtering", "words"), WRONG_EVERYWHERE.values(), ids=WRONG_EVERYWHERE.keys())
def test_a_mistake_is_named(check: Check, filtering: Filter, words: str) -> None:
    """Each mistake fails with its own words."""
    failure = failure_of(check, square(filtering) if "transposed" in words else notebook(filtering))
    assert words in text_of(failure)


SOBEL_MISTAKES: dict[str, tuple[Filter, str]] = {
    "absolute": (lambda i, k: np.abs(convolve(i, k)), "absolute values"),
    "uint8": (lambda i, k: integers(i, k, "uint8"), "8-bit"),
    "int8": (lambda i, k: integers(i, k, "int8"), "8-bit"),
    "ndimage-keeps-uint8": (lambda i, k: ndimage.convolve(i, k.astype(int)), "8-bit"),
    "clipped": (lambda i, k: np.clip(convolve(i, k), 0, 255), "clipped"),
    "only-positive": (lambda i, k: np.maximum(convolve(i, k), 0), "clipped"),
    "scale-abs": (lambda i, k: np.minimum(np.abs(convolve(i, k)), 255), "clipped"),
    "magnitude": (lambda i, k: np.hypot(convolve(i, SX), convolve(i, SY)), "magnitude"),
    "gaussian-kernel": (lambda i, k: convolve(i, GAUSS), "the response to gaussFilter"),
    "transposed-kernel": (lambda i, k: convolve(i, k.T), "swapped"),
    "transposed-response": (lambda i, k: convolve(i, k).T, "transposed"),
}


@pytest.mark.parametrize(("filtering", "words"), SOBEL_MISTAKES.values(), ids=SOBEL_MISTAKES.keys())
def test_a_mistake_with_the_sobel_filters_is_named(filtering: Filter, words: str) -> None:
    """What can go wrong with signed responses fails with its own words."""
    student = square(filtering) if words == "transposed" else notebook(filtering)
    assert words in failure_of(sobel, student).message


GAUSS_MISTAKES: dict[str, tuple[Filter, str]] = {
    "uint8": (lambda i, k: integers(i, k, "uint8"), "rounded to whole numbers"),
    "rounded": (lambda i, k: np.round(convolve(i, k)), "rounded to whole numbers"),
    "ndimage-keeps-uint8": (lambda i, k: ndimage.convolve(i, GAUSS), "rounded to whole numbers"),
    "sobel-kernel": (lambda i, k: convolve(i, SX), "the response to sobelX"),
    "other-sigma": (lambda i, k: ndimage.gaussian_filter(i.astype(float), 2), "not the convolution"),
    "box-blur": (lambda i, k: ndimage.uniform_filter(i.astype(float), 15), "not the convolution"),
}


@pytest.mark.parametrize(("filtering", "words"), GAUSS_MISTAKES.values(), ids=GAUSS_MISTAKES.keys())
def test_a_mistake_with_the_gaussian_is_named(filtering: Filter, words: str) -> None:
    """What can go wrong with a blur fails with its own words."""
    assert words in failure_of(gaussian, notebook(filtering)).message


def test_correlation_costs_one_check_and_shows_a_pixel() -> None:
    """correlate2d passes for the Gaussian and ``sobel``, and fails ``convolution`` with a pixel."""
    student = notebook(signal.correlate2d)
    gaussian.run(student)
    sobel.run(student)
    failure = failure_of(convolution, student)
    assert "opposite sign" in failure.message
    line = (failure.counterexample or "").splitlines()[0]
    place, claim = line.split("  # ")
    received, expected = (float(part.split()[-1]) for part in claim.split("; a convolution gives"))
    assert eval(place, {"filterResponseSobelX": signal.correlate2d(IMAGE, IX)}) == received
    assert eval(place.replace("Response", ""), {"filterSobelX": signal.convolve2d(IMAGE, IX)}) == expected


def test_one_wrong_response_is_told_alone() -> None:
    """If only Sobel Y is wrong, the message is about it."""
    student = notebook(convolve, filterResponseSobelY=np.zeros(IMAGE.shape))
    assert failure_of(sobel, student).message.startswith("filterResponseSobelY")


def test_a_missing_response_says_why() -> None:
    """A variable that is not there is explained by the notebook's own history."""
    student = Notebook({}, given={"ascent": IMAGE})
    assert failure_of(gaussian, student).message == "No cell sets filterResponseGauss."


def test_wrong_shape_says_which_shapes_are_right() -> None:
    """The three modes' shapes stand beside the shape received."""
    text = text_of(failure_of(gaussian, notebook(lambda i, k: np.ones((7, 7)))))
    for shape in ("(142, 134)", "(128, 120)", "(114, 106)", "(7, 7)"):
        assert shape in text


@pytest.mark.parametrize(
    ("kernels", "image", "words"),
    [
        ((gaussian_kernel(15, 1.0), IX, IY), IMAGE, "your own gaussFilter"),
        ((gaussian_kernel(9), IX, IY), IMAGE, "your own gaussFilter"),
        ((GAUSS, IX, IY), IMAGE[:100, :90] // 2, "your own image"),
    ],
    ids=["other-sigma", "other-size", "other-image"],
)
def test_changed_material_is_named(kernels: tuple[np.ndarray, ...], image: np.ndarray, words: str) -> None:
    """A right convolution of something else than was given fails and says what was changed."""
    assert words in failure_of(gaussian, notebook(convolve, image, kernels)).message


def test_the_real_picture_gives_the_numbers_of_the_handout() -> None:
    """With mode 'valid' the Gaussian response starts and ends as LAB.md says, and all three checks pass."""
    image = real_ascent()
    valid = signal.convolve2d(image, GAUSS, mode="valid")
    assert np.allclose(valid[0, :3], [82.87161342, 82.86641452, 82.87018658])
    assert np.allclose(valid[-1, -3:], [61.80283448, 63.06664188, 65.68779465])
    values = notebook(convolve, image).values
    for check in CHECKS:
        assert check.run(Notebook(values, given={"ascent": image})) is None


@pytest.mark.parametrize("variable", ["image", *KERNELS, *NAMES])
def test_the_lab_watches_what_the_checks_follow(variable: str) -> None:
    """Each variable is watched, and the handout's own spelling comes last."""
    assert dict(LAB.watch)[variable][-1] == variable
