"""Reads the data files of a folder or a download: any of them may be broken, cut short, or made to harm.

Nothing is unpickled but numbers, text, lists, dictionaries and numeric arrays. Whatever cannot be used
becomes a ``UsageProblem``: one line that names the file, says what is wrong with it and what to do.
"""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.errors import UsageProblem

Array = NDArray[Any]

TRAINING, TEST = 10_000, 4_000  # images of CIFAR-10 that the grader uses

SHAPES = {
    "x_train": (TRAINING, 32, 32, 3),
    "y_train": (TRAINING, 1),
    "x_test": (TEST, 32, 32, 3),
    "y_test": (TEST, 1),
}

_UNREADABLE = (
    OSError, ValueError, LookupError, EOFError, TypeError, AttributeError, ImportError, MemoryError,
    OverflowError, RecursionError, NotImplementedError, RuntimeError, pickle.UnpicklingError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def unusable(path: Path, why: Exception) -> UsageProblem:
    """The one line for a file that cannot be used."""
    reason = (why.strerror if isinstance(why, OSError) else None) or str(why) or type(why).__name__
    return UsageProblem(
        f"{path} cannot be used: {reason.splitlines()[0].rstrip('.')}. "
        "Replace it by a whole copy, or move it away to do without."
    )


def file_identity(path: Path) -> str:
    """What tells a file's content from any other, without reading it: where, how long, how new.

    Raises:
        UsageProblem: there is no such file.
    """
    try:
        about = path.stat()
    except OSError as problem:
        raise unusable(path, problem) from problem
    return f"{path.resolve()}\0{about.st_size}\0{about.st_mtime_ns}\0"


def read_npz(path: Path) -> dict[str, Array]:
    """The four arrays of SHAPES from an ``.npz`` file, uint8; raises UsageProblem."""
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is not an .npz file, or its end is missing")
            with np.load(path, allow_pickle=False) as stored:
                missing = [name for name in SHAPES if name not in stored.files]
                if missing:
                    raise ValueError(f"it has no array {', '.join(missing)}")
                return _cut({name: stored[name] for name in SHAPES})
    except _UNREADABLE as problem:
        raise unusable(path, problem) from problem


def read_batches(training: Path, test: Path) -> dict[str, Array]:
    """The same from two of CIFAR-10's own batches, pickles of Python 2; raises UsageProblem."""
    arrays: dict[str, Array] = {}
    for name, path in (("train", training), ("test", test)):
        try:
            batch = _load_plain(path)
            pixels = np.asarray(batch[b"data"]).reshape(-1, 3, 32, 32)
            arrays |= {f"x_{name}": pixels.transpose(0, 2, 3, 1), f"y_{name}": np.array(batch[b"labels"])}
        except _UNREADABLE as problem:
            raise unusable(path, problem) from problem
    try:
        return _cut(arrays)
    except ValueError as problem:
        raise unusable(training.parent, problem) from problem


def _cut(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The lab's part of each array, uint8; raises ValueError where shape, type or range is wrong."""
    cut = {}
    for name, shape in SHAPES.items():
        array = arrays[name]
        if name.startswith("y_") and array.ndim == 1:
            array = array[:, None]
        wanted = "uint8" if name.startswith("x_") else "integers"
        right_type = array.dtype == np.uint8 or (wanted == "integers" and array.dtype.kind in "iu")
        right_shape = array.ndim == len(shape) and array.shape[1:] == shape[1:] and len(array) >= shape[0]
        if not (right_type and right_shape):
            raise ValueError(
                f"{name} should be {wanted} of shape {shape} or longer, not {array.dtype} of {array.shape}"
            )
        part = array[: shape[0]]
        if name.startswith("y_") and (part.min() < 0 or part.max() > 9):
            raise ValueError(f"{name} should lie in 0 to 9, not {part.min()} to {part.max()}")
        cut[name] = part.astype(np.uint8)
    return cut


def read_ascent(path: Path) -> Array:
    """SciPy's pickle of the staircase picture, (512, 512) uint8; raises UsageProblem."""
    try:
        image = np.asarray(_load_plain(path))
        if image.shape != (512, 512) or image.dtype.kind not in "iu":
            raise ValueError(
                f"it should hold integers of shape (512, 512), not {image.dtype} of {image.shape}"
            )
        if image.min() < 0 or image.max() > 255:
            raise ValueError(f"its values should lie in 0 to 255, not {image.min()} to {image.max()}")
    except _UNREADABLE as problem:
        raise unusable(path, problem) from problem
    return image.astype(np.uint8)


def _plain_dtype(name: str | bytes, *_: object) -> np.dtype[Any]:
    """The type of a numeric array. Python 2 wrote its name as bytes, and flags that NumPy now dislikes."""
    dtype = np.dtype(name.decode() if isinstance(name, bytes) else name, copy=True)
    if dtype.kind not in "biuf":
        raise pickle.UnpicklingError(f"it holds an array of type {dtype}")
    return dtype


class _PlainUnpickler(pickle.Unpickler):
    """Unpickles numbers, text, lists, dictionaries and numeric arrays, and nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        match module.replace("numpy.core", "numpy._core"), name:
            case "numpy._core.multiarray", "_reconstruct":
                return np.empty(0).__reduce__()[0]
            case "numpy._core.numeric", "_frombuffer":
                return np.empty(0).__reduce_ex__(5)[0]
            case "numpy", "ndarray":
                return np.ndarray
            case "numpy", "dtype":
                return _plain_dtype
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which plain data never does")


def _load_plain(path: Path) -> Any:
    return _PlainUnpickler(io.BytesIO(path.read_bytes()), encoding="bytes").load()
