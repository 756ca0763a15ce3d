"""Parts 1.1 and 1.2: smoothing and edge detection by 2D convolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

Mode = Literal["full", "same", "valid"]

# The handout's kernels, (3, 3) integers: the usual Sobel operators mirrored, so that a convolution,
# which mirrors its kernel, answers an increase to the right, or downwards, with a positive value.
SOBEL_X = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
SOBEL_Y = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])


@dataclass(frozen=True)
class Responses:
    """What an image becomes under the three kernels.

    With mode ``valid`` and an image (height, width), ``gauss`` has shape (height - 14, width - 14),
    float64, in the range of the image; ``sobel_x`` and ``sobel_y`` have shape (height - 2, width - 2),
    and lie between -4 and 4 times the image's range.
    """

    gauss: NDArray[np.float64]
    sobel_x: NDArray[Any]
    sobel_y: NDArray[Any]


def gaussian_kernel(size: int = 15, sigma: float = 4.0) -> NDArray[np.float64]:
    """Sample a Gaussian, as MATLAB's ``fspecial('gaussian', size, sigma)`` does.

    Values too small to matter, below the machine's epsilon times the largest, are set to zero.

    Args:
        size: rows and columns, at least 1.
        sigma: standard deviation in pixels, above 0.

    Returns:
        The kernel (size, size), float64, symmetric, in [0, 1], with sum 1.

    Raises:
        ValueError: if ``size`` or ``sigma`` is too small.

    Example:
        >>> gaussian_kernel(3, 0.5).round(4)[1]
        array([0.0838, 0.6193, 0.0838])
    """
    if size < 1 or sigma <= 0:
        raise ValueError(f"A kernel needs size >= 1 and sigma > 0. Received: size={size}, sigma={sigma}")
    offsets = np.arange(size) - (size - 1) / 2
    kernel = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * sigma**2))
    kernel[kernel < np.finfo(kernel.dtype).eps * kernel.max()] = 0
    return np.asarray(kernel / kernel.sum())


def responses(image: NDArray[Any], mode: Mode = "valid") -> Responses:
    """Convolve an image (height, width) of any numeric type, at least 15×15, with the three kernels.

    Raises:
        ValueError: if the image has channels, or ``mode`` is none of ``full``, ``same`` and ``valid``.
    """
    return Responses(
        gauss=convolve2d(image, gaussian_kernel(), mode),
        sobel_x=convolve2d(image, SOBEL_X, mode),
        sobel_y=convolve2d(image, SOBEL_Y, mode),
    )


def response_size(image_size: int, kernel_size: int, mode: Mode) -> int:
    """How many pixels the response has along one side, for an image of at least the kernel's size.

    Raises:
        ValueError: if ``mode`` is none of ``full``, ``same`` and ``valid``.

    Example:
        >>> [response_size(512, 15, mode) for mode in ("full", "same", "valid")]
        [526, 512, 498]
    """
    sizes = {
        "full": image_size + kernel_size - 1,
        "same": image_size,
        "valid": image_size - kernel_size + 1,
    }
    if mode not in sizes:
        raise ValueError(f"mode should be 'full', 'same' or 'valid'. Received: mode={mode!r}")
    return sizes[mode]
