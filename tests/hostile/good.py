"""Three honest hand-ins, whose results must not depend on who else is in the class."""

from __future__ import annotations

from tests.hostile.case import CONVOLUTIONS, EARNED, KERNELS, RESPONSES, RIGHT, START, Case, Expect, notebook

BY_FOURIER = """
def by_fourier(kernel):
    return signal.fftconvolve(image.astype(float), kernel, mode='full')
filterResponseGauss, filterResponseSobelX, filterResponseSobelY = map(by_fourier, (gaussFilter, sobelX, sobelY))
""".strip()
CORRELATED = RESPONSES.replace("convolve2d", "correlate2d")
PLOT = "print(image.shape, filterResponseGauss.shape, filterResponseSobelX.max())"

CASES = (
    Case("good-ada", "an honest hand-in, right", notebook(*RIGHT, PLOT), EARNED, sample=True),
    Case(
        "good-ben", "an honest hand-in, right in another way", notebook(START, KERNELS, BY_FOURIER, PLOT), EARNED,
        sample=True,
    ),
    Case(
        "good-chen", "an honest hand-in with a mistake", notebook(START, KERNELS, CORRELATED, PLOT),
        Expect(most=CONVOLUTIONS / 2, least=CONVOLUTIONS / 2), sample=True,
    ),
)  # fmt: skip
