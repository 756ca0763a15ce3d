"""One class for several graders: notebooks that are all a bit different, and what each test must say of them.

The hand-ins are the typical student's of lab ``cnn`` (``checks/cnn/faults/handin.py``), with one of the
audit's rewrites or faults of the filters in each, and words of their own in every cell. So it is known which
tests pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from checks.cnn.faults import convolutions
from checks.cnn.faults.handin import HAND_IN
from checks.kit.fault import HandIn, NotebookCell, edited

NOTEBOOK = "lab.ipynb"
NEXT_PART = "# Part 2"
RIGHT = (
    "convolve-full", "convolve-valid", "convolve-by-fft", "convolve-any-method", "import-convolve2d",
    "correlate-with-a-flipped-kernel", "import-scipy-signal", "ascent-imported", "responses-in-a-function",
    "sobel-as-floats",
)  # fmt: skip
WRONG: Mapping[str, tuple[str, ...]] = {  # and the tests that must fail
    "sobel-correlated": ("convolution",),
    "gauss-halved": ("gaussian",),
    "sobel-swapped": ("sobel", "convolution"),
    "all-correlated": ("convolution",),
    "sobel-absolute": ("sobel", "convolution"),
    "gauss-with-the-sobel-kernel": ("gaussian",),
    "responses-raise": ("sobel", "convolution"),
}
EVERY = 3  # one hand-in of so many is a wrong one

HELPER = '''
def is_response(image, kernel, response, *signs):
    """Whether it is the image convolved with the kernel, in any mode, times one of the signs."""
    import numpy as np
    from scipy.signal import convolve2d

    grown = response.shape[0] - image.shape[0]
    mode = {kernel.shape[0] - 1: "full", 0: "same", 1 - kernel.shape[0]: "valid"}[grown]
    expected = convolve2d(image, kernel, mode)
    return any(np.allclose(response, sign * expected, rtol=1e-4, atol=1e-3) for sign in signs)
'''


@dataclass(frozen=True)
class Claim:
    """One test in plain Python, for every grader alike.

    ``names`` are the notebook's variables that ``holds``, an expression with ``is_response``, reads;
    ``check`` is the id of our own check that asks the same.
    """

    name: str
    check: str
    names: tuple[str, ...]
    holds: str
    points: int


CLAIMS = (
    Claim(
        "gaussian", "1.1/gaussian", ("image", "gaussFilter", "filterResponseGauss"),
        "is_response(image, gaussFilter, filterResponseGauss, 1)", 2,
    ),
    Claim(
        "sobel", "1.1/sobel", ("image", "sobelX", "sobelY", "filterResponseSobelX", "filterResponseSobelY"),
        "is_response(image, sobelX, filterResponseSobelX, 1, -1)"
        " and is_response(image, sobelY, filterResponseSobelY, 1, -1)", 2,
    ),
    Claim(
        "convolution", "1.1/convolution",
        ("image", "sobelX", "sobelY", "filterResponseSobelX", "filterResponseSobelY"),
        "is_response(image, sobelX, filterResponseSobelX, 1)"
        " and is_response(image, sobelY, filterResponseSobelY, 1)", 2,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One student's hand-in, and the names of the tests that it must pass."""

    student: str
    hand_in: HandIn
    passes: frozenset[str]


def short_class(count: int) -> tuple[Work, ...]:
    """``count`` students with part 1 of the lab alone; the first is right, the second wrong."""
    return tuple(_work(number, _part_one(HAND_IN), number % EVERY == 1) for number in range(count))


def whole_class(count: int) -> tuple[Work, ...]:
    """``count`` students with the whole lab, all right."""
    return tuple(_work(number, HAND_IN, wrong=False) for number in range(count))


def _part_one(hand_in: HandIn) -> HandIn:
    ends = next(number for number, cell in enumerate(hand_in.cells) if NEXT_PART in cell.source)
    return HandIn(hand_in.cells[:ends])


def _work(number: int, base: HandIn, wrong: bool) -> Work:
    table = {one.name: one for one in (*convolutions.FAULTS, *convolutions.REWRITES)}
    names = tuple(WRONG) if wrong else RIGHT
    chosen = names[number // EVERY % len(names)] if wrong else names[number % len(names)]
    fails = WRONG.get(chosen, ())
    student = f"student{number + 1:03}"
    own = _in_own_words(edited(base, table[chosen].edits), student)
    return Work(student, own, frozenset(test.name for test in CLAIMS if test.name not in fails))


def _in_own_words(hand_in: HandIn, student: str) -> HandIn:
    """Each cell with a line of the student's own, so that no two are equal."""
    cells = (
        NotebookCell(cell.kind, f"{cell.source}\n\n{'# ' if cell.kind == 'code' else ''}{student}, cell {at}")
        for at, cell in enumerate(hand_in.cells, 1)
    )
    return HandIn(tuple(cells), hand_in.files)


def notebook_of(cells: Sequence[NotebookCell]) -> Any:
    """A notebook with these cells, for the kernel ``python3``, without outputs."""
    made = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    notebook = nbformat.v4.new_notebook(cells=[made[cell.kind](cell.source) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def write_hand_in(work: Work, folder: Path, notebook: Any = None) -> Path:
    """Write the hand-in's files into ``folder``; returns the notebook's place."""
    folder.mkdir(parents=True)
    for name, text in work.hand_in.files.items():
        (folder / name).write_text(text, "utf-8")
    place = folder / NOTEBOOK
    nbformat.write(notebook or notebook_of(work.hand_in.cells), place)
    return place
