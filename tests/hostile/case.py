"""What a hostile submission is made of, and what is expected of the grader."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TASKS = ("1.1", "4.1")  # what the whole folder is graded by
FULL = 22.0  # points of these tasks
CONVOLUTIONS = 4.0  # of them, those of 1.1


@dataclass(frozen=True)
class World:
    """The places that a submission tries to reach, and may not. ``port`` is that of our listener."""

    outside: Path
    classroom: Path
    out: Path
    checkout: Path
    port: int = 9
    socket: str = "labgrade-hostile"

    def filled(self, text: str) -> str:
        """``text`` with the places written for ``<<OUTSIDE>>``, ``<<PORT>>`` …"""
        places = {
            "OUTSIDE": self.outside, "CLASSROOM": self.classroom, "OUT": self.out, "CHECKOUT": self.checkout,
            "PORT": self.port, "SOCKET": self.socket,
        }  # fmt: skip
        for name, place in places.items():
            text = text.replace(f"<<{name}>>", str(place))
        return text


Write = Callable[[Path, World], None]
Content = str | bytes | Callable[[], str | bytes]  # what is large is made when it is written


@dataclass(frozen=True)
class Expect:
    """What must come of a submission.

    ``most`` is what its honest part deserves, ``least`` what its tricks may not cost it. ``run`` are the
    statuses of the execution that are right, any where empty. ``says`` are words on the student's page.
    """

    status: str = "graded"
    most: float = 0.0
    least: float = 0.0
    run: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A submission: ``write`` makes the entry ``entry`` of the class folder, and all in it.

    ``keras`` says that it imports TensorFlow, ``heavy`` that it takes gigabytes, thousands of processes or
    minutes, ``sample`` that it is graded in every run of the test suite.
    """

    name: str
    tries: str
    write: Write
    expect: Expect = field(default_factory=Expect)
    entry: str = ""
    keras: bool = False
    heavy: bool = False
    sample: bool = False

    @property
    def place(self) -> str:
        """Its name in the class folder."""
        return self.entry or self.name

    @property
    def student(self) -> str:
        """The name under which it is graded."""
        stem, dot, ending = self.place.rpartition(".")
        return stem if dot and ending.lower() in ("ipynb", "zip", "rar") else self.place


# ---- what they are made of ---------------------------------------------------------------------------

START = "import numpy as np\nfrom scipy import datasets, signal\nimage = datasets.ascent()"
KERNELS = """
x = np.arange(15) - 7
gaussFilter = np.exp(-(x[:, None] ** 2 + x**2) / 32)
gaussFilter /= gaussFilter.sum()
sobelX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
sobelY = sobelX.T
""".strip()
RESPONSES = """
filterResponseGauss = signal.convolve2d(image, gaussFilter, mode='same')
filterResponseSobelX = signal.convolve2d(image, sobelX, mode='same')
filterResponseSobelY = signal.convolve2d(image, sobelY, mode='same')
""".strip()
RIGHT = (START, KERNELS, RESPONSES)
WRONG = (START, "filterResponseGauss = filterResponseSobelX = filterResponseSobelY = np.zeros(image.shape)")
WRONG_MODEL = """
import keras
def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01):
    wrong = [keras.layers.Dropout(0.5), keras.layers.Flatten(), keras.layers.Dense(9)]
    model = keras.Sequential([keras.Input(input_shape), *wrong])
    model.compile(loss=loss, optimizer="sgd")
    return model
""".strip()
CALLABLE = 1.0  # that build_CNN can be called and returns a model
EARNED = Expect(most=CONVOLUTIONS, least=CONVOLUTIONS)


def code_cell(source: Any, **more: Any) -> dict[str, Any]:
    """A code cell as Jupyter saves it."""
    return {
        "cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more,
    }  # fmt: skip


def document(*cells: Any, **more: Any) -> dict[str, Any]:
    """A notebook; a string is a code cell."""
    made = [code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


def text_of(*cells: Any, **more: Any) -> str:
    """A notebook as JSON."""
    return json.dumps(document(*cells, **more))


def notebook(*cells: Any, **files: str) -> Write:
    """A folder with a notebook, and with helper files named ``utilities_py`` for ``utilities.py``."""
    named = {name.replace("_py", ".py"): text for name, text in files.items()}
    return folder({"lab.ipynb": text_of(*cells), **named})


def folder(files: Mapping[str, Content]) -> Write:
    """A folder with these files."""

    def write(path: Path, world: World) -> None:
        path.mkdir(exist_ok=True)
        for name, content in files.items():
            single(content)(path / name, world)

    return write


def single(content: Content) -> Write:
    """One file."""

    def write(path: Path, world: World) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = content() if callable(content) else content
        path.write_bytes(made if isinstance(made, bytes) else world.filled(made).encode("utf-8", "replace"))

    return write


def zipped(*members: tuple[str | zipfile.ZipInfo, str | bytes], compressed: bool = False) -> bytes:
    """A zip of these members, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as made:
        for name, content in members:
            made.writestr(name, content)
    return buffer.getvalue()


def tells(*attempts: str) -> str:
    """A cell that says so wherever one of the attempts, each an expression, succeeds."""
    lines = ["def reached(what): print('REA' + 'CHED', what)"]
    for attempt in attempts:
        lines += ["try:", f"    found = {attempt}", "    if found: reached(repr(found)[:200])", "except BaseException as error: print(type(error).__name__)"]  # fmt: skip
    return "\n".join(lines)
