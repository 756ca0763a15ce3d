"""A short hand-in, part 1 of a lab, that runs in a second and needs no TensorFlow."""

from __future__ import annotations

from pathlib import Path

import nbformat

from grader.records import Settings, Submission

HELPERS = "import numpy as np\n\ndef gauss(x):\n    return np.exp(-(x[:, None] ** 2 + x[None] ** 2) / 32)\n"
CODE = (
    "import numpy as np, scipy\nfrom scipy.signal import convolve2d\nimport helpers\nimage = scipy.datasets.ascent()",
    "g = helpers.gauss(np.arange(-7, 8))\ngaussFilter = g / g.sum()\n"
    "sobelX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])\n"
    "sobelY = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])",
    "filterResponseGauss = convolve2d(image, gaussFilter)\nfilterResponseSobelX = convolve2d(image, sobelX)\n"
    "filterResponseSobelY = convolve2d(image, sobelY)\nprint('the shape is', filterResponseGauss.shape)",
    "undefined_name",
)
ANSWER = "Question 1: Explain how the different filters change the image.\n\nThe Gaussian blurs."


def write(folder: Path, *, code=CODE, helpers=HELPERS, answer=ANSWER, name="lab.ipynb", saved=""):
    """Write the notebook and its helper file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_markdown_cell("# 2D CNN"), *map(nbformat.v4.new_code_cell, code)]
    if saved:
        cells[3].outputs = [nbformat.v4.new_output("stream", text=saved)]
    notebook = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_markdown_cell(answer)])
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"c{number}"
    nbformat.write(notebook, folder / name)
    (folder / "helpers.py").write_text(helpers)


def submission(folder: Path, student: str = "ada", name: str = "lab.ipynb", **changes) -> Submission:
    """The hand-in in a folder."""
    values = {"files": (("helpers.py", folder / "helpers.py"),), **changes}
    return Submission(student, student, folder / name, **values)


def settings(out: Path, visible: Path, sandbox: str, **changes) -> Settings:
    """Settings for task 1.1 alone."""
    values = {"lab": "cnn", "tasks": ("1.1", "1.2"), "data": "built-in", "sandbox": sandbox, **changes}
    return Settings(out=out, visible=visible, **values)
