"""Task 1.1: mistakes with the filter responses, and other right ways to get them."""

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, replace, replace_cell

GAUSS = "signal.convolve2d(image, gaussFilter, mode='same')"
SOBEL_X = "signal.convolve2d(image, sobelX, mode='same')"
SOBEL_Y = "signal.convolve2d(image, sobelY, mode='same')"
KERNEL = "matlab_style_gauss2D((15,15),4)"
CELL = "# Perform convolution using the function 'convolve2d'"


def filtered_by(call: str) -> Edit:
    """All three responses by another call, with ``image`` and ``kernel`` in it."""
    return replace_cell(
        CELL,
        f"""
from scipy import ndimage, signal
import numpy as np
def apply(image, kernel):
    return {call}
filterResponseGauss = apply(image, gaussFilter)
filterResponseSobelX = apply(image, sobelX)
filterResponseSobelY = apply(image, sobelY)
""",
    )


def sobel_x_by(call: str) -> Edit:
    """The response to Sobel X by another call."""
    return replace(SOBEL_X, call)


def gauss_by(call: str) -> Edit:
    """The response to the Gaussian by another call."""
    return replace(GAUSS, call)


def wrong(name: str, check: str, edits: Edit | tuple[Edit, ...], *words: str) -> Fault:
    """A fault of task 1.1."""
    return Fault(name, f"1.1/{check}", edits, words)


def right(name: str, *edits: Edit) -> Rewrite:
    """A right way to do task 1.1."""
    return Rewrite(name, edits, tasks=("1.1",))


FAULTS = (
    # ---- the Gaussian
    wrong("gauss-with-the-sobel-kernel", "gaussian", gauss_by("signal.convolve2d(image, sobelX)"), "sobelX"),
    wrong("gauss-cast-to-uint8", "gaussian", gauss_by(f"{GAUSS}.astype('uint8')"), "rounded"),
    wrong("gauss-rounded", "gaussian", gauss_by(f"np.round({GAUSS})"), "rounded"),
    wrong("gauss-is-the-image", "gaussian", gauss_by("image"), "the image itself"),
    wrong("gauss-halved", "gaussian", gauss_by(f"{GAUSS} / 2"), "times 0.5"),
    wrong("gauss-of-the-library", "gaussian", filtered_by("ndimage.gaussian_filter(image.astype(float), 2)"),
          "not the convolution"),
    wrong("gauss-box-blur", "gaussian", filtered_by("ndimage.uniform_filter(image.astype(float), 15)"),
          "not the convolution"),
    wrong("gauss-other-sigma", "gaussian", replace(KERNEL, KERNEL.replace("4)", "1)")), "own gaussFilter"),
    wrong("gauss-other-size", "gaussian", replace(KERNEL, KERNEL.replace("15", "9")), "your own gaussFilter"),
    wrong("half-the-image", "gaussian", replace("datasets.ascent()", "datasets.ascent()[::2, ::2]"),
          "your own image"),
    wrong("gauss-never-computed", "gaussian", replace("filterResponseGauss =", "filterResponseGaus ="),
          "filterResponseGauss"),
    wrong("gauss-gap-left", "gaussian", gauss_by("..."), "filterResponseGauss"),
    # ---- the Sobel filters
    wrong("sobel-swapped", "sobel", (replace("image, sobelX", "image, sobelZ"), replace("image, sobelY",
          "image, sobelX"), replace("image, sobelZ", "image, sobelY")), "sobelY"),
    wrong("sobel-absolute", "sobel", sobel_x_by(f"np.absolute({SOBEL_X})"), "absolute values"),
    wrong("sobel-cast-to-uint8", "sobel", sobel_x_by(f"{SOBEL_X}.astype('uint8')"), "8-bit"),
    wrong("sobel-ndimage-keeps-uint8", "sobel",
          filtered_by("ndimage.convolve(image.astype('uint8'), kernel)"), "8-bit"),
    wrong("sobel-clipped", "sobel", sobel_x_by(f"np.clip({SOBEL_X}, 0, 255)"), "clipped"),
    wrong("sobel-magnitude", "sobel", sobel_x_by(f"np.hypot({SOBEL_X}, {SOBEL_Y})"), "magnitude"),
    wrong("sobel-with-the-gauss-kernel", "sobel", sobel_x_by(GAUSS), "gaussFilter"),
    wrong("sobel-of-the-blurred-image", "sobel", sobel_x_by("signal.convolve2d(filterResponseGauss, sobelX)"),
          "filterResponseSobelX"),
    wrong("sobel-transposed", "sobel", sobel_x_by(f"{SOBEL_X}.T"), "transposed"),
    wrong("sobel-y-never-computed", "sobel", replace(f"filterResponseSobelY = {SOBEL_Y}", "pass"),
          "filterResponseSobelY"),
    wrong("sobel-zeros", "sobel", sobel_x_by("np.zeros(image.shape)"), "only zeros"),
    wrong("responses-raise", "sobel", replace("image, sobelX, mode='same'", "image, sobelX, mode='sam'"),
          "ValueError"),
    # ---- convolution or correlation
    wrong("sobel-correlated", "convolution", sobel_x_by("signal.correlate2d(image, sobelX, mode='same')"),
          "correlation"),
    wrong("all-correlated", "convolution", filtered_by("signal.correlate2d(image, kernel)"), "correlation"),
    wrong("sobel-y-correlated", "convolution", replace(SOBEL_Y, "signal.correlate2d(image, sobelY)"),
          "filterResponseSobelY"),
    wrong("correlation-by-flipping", "convolution",
          filtered_by("signal.convolve2d(image, kernel[::-1, ::-1], mode='same')"), "correlation"),
    wrong("correlation-of-ndimage", "convolution",
          filtered_by("ndimage.correlate(image.astype(float), kernel)"), "correlation"),
)  # fmt: skip

REWRITES = (
    right("convolve-full", filtered_by("signal.convolve2d(image, kernel)")),
    right("convolve-valid", filtered_by("signal.convolve2d(image, kernel, mode='valid')")),
    right("convolve-symmetric", filtered_by("signal.convolve2d(image, kernel, 'same', 'symm')")),
    right("convolve-wrapped", filtered_by("signal.convolve2d(image, kernel, 'same', 'wrap')")),
    right("convolve-with-a-fill-value", filtered_by("signal.convolve2d(image, kernel, fillvalue=9)")),
    right("convolve-by-fft", filtered_by("signal.fftconvolve(image, kernel, mode='same')")),
    right("convolve-any-method", filtered_by("signal.convolve(image, kernel)")),
    right("convolve-by-ndimage", filtered_by("ndimage.convolve(image.astype(float), kernel)")),
    right("correlate-with-a-flipped-kernel", filtered_by("signal.correlate2d(image, kernel[::-1, ::-1])")),
    right("image-as-float32", filtered_by("signal.convolve2d(image.astype('float32'), kernel)")),
    right("image-between-0-and-1", filtered_by("signal.convolve2d(image / 255, kernel)")),
    right("import-convolve2d", replace("from scipy import signal", "from scipy.signal import convolve2d"),
          replace("signal.convolve2d", "convolve2d", count=3)),
    right("import-scipy-signal", replace("from scipy import signal", "import scipy.signal"),
          replace("signal.convolve2d", "scipy.signal.convolve2d", count=3)),
    right("ascent-imported", replace("image = scipy.datasets.ascent()",
          "from scipy.datasets import ascent\nimage = ascent()")),
    right("responses-redone-with-valid", replace_cell(CELL, """
        for mode in ('full', 'same', 'valid'):
            filterResponseGauss = signal.convolve2d(image, gaussFilter, mode)
            filterResponseSobelX = signal.convolve2d(image, sobelX, mode)
            filterResponseSobelY = signal.convolve2d(image, sobelY, mode)
        """)),
    right("responses-in-a-function", replace_cell(CELL, """
        def responses(picture, *kernels):
            return [signal.convolve2d(picture, kernel) for kernel in kernels]
        filterResponseGauss, filterResponseSobelX, filterResponseSobelY = responses(
            image, gaussFilter, sobelX, sobelY)
        """)),
    right("gauss-made-otherwise", replace(KERNEL,
          "np.outer(*[(lambda v: v / v.sum())(np.exp(-np.arange(-7., 8)**2 / 32))] * 2)")),
    right("sobel-as-floats", replace("[ 1, 0, -1]", "[ 1., 0, -1]"), replace("[ 1, 2, 1]", "[ 1., 2, 1]")),
    right("other-spellings-of-responses", replace("filterResponseSobelX", "filter_response_sobel_x", count=0),
          replace("filterResponseGauss", "filter_response_gauss", count=0)),
)  # fmt: skip
