"""Where the album of ``photos`` is put between the notebook and whatever reads pictures."""

from __future__ import annotations

import builtins
import email.message
import functools
import io
import os
import pathlib
import shutil
import sys
import urllib.request
import urllib.response
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import photos
from .recording import Log

# Between the notebook's call and our hook may lie these of Python's own modules.
PASSED_THROUGH = (
    "os.py", "<frozen os>", "glob.py", "<frozen glob>", "pathlib.py", "_local.py", "_abc.py", "contextlib.py",
    "genericpath.py", "<frozen genericpath>", "functools.py", "photo_hooks.py",
)  # fmt: skip
Function = Callable[..., Any]
ROWS, BEST = 20, 5  # decoded predictions, and classes of each, that are told


def install(album: photos.Album) -> None:
    """Change what Python itself opens, asks for, lists and downloads."""
    opening = wrap_open(builtins.open, album)
    builtins.open = io.open = opening
    shell = sys.modules.get("IPython.core.interactiveshell")
    if shell is not None:
        shell.io_open = opening  # type: ignore[attr-defined]  # what a cell's own open() calls
    for name in ("exists", "isfile"):
        setattr(os.path, name, wrap_asking(getattr(os.path, name), album))
    for name in ("exists", "is_file"):
        setattr(pathlib.Path, name, wrap_asking(getattr(pathlib.Path, name), album))
    for name in ("listdir", "scandir"):
        setattr(os, name, wrap_listing(getattr(os, name), album))
    for name in ("glob", "rglob", "iterdir"):
        setattr(pathlib.Path, name, wrap_path_listing(getattr(pathlib.Path, name), album))
    urllib.request.urlopen = wrap_urlopen(urllib.request.urlopen, album)
    urllib.request.urlretrieve = wrap_urlretrieve(urllib.request.urlretrieve, album)


def patches(album: photos.Album, log: Log) -> dict[str, Callable[[ModuleType], None]]:
    """What to change in libraries when they are imported, by the module's name."""

    def cv2(module: ModuleType) -> None:
        if hasattr(module, "imread"):
            module.imread = wrap_imread(module.imread, album)  # type: ignore[attr-defined]

    def tensorflow(module: ModuleType) -> None:
        module.io.read_file = wrap_read_file(module.io.read_file, album, module)

    def requests(module: ModuleType) -> None:
        module.Session.request = wrap_request(module.Session.request, album)

    def imagenet(module: ModuleType) -> None:
        module.decode_predictions = wrap_decode(module.decode_predictions, log)  # type: ignore[attr-defined]

    return {
        "cv2": cv2,
        "tensorflow": tensorflow,
        "requests.sessions": requests,
        "keras.src.applications.imagenet_utils": imagenet,
        "tf_keras.src.applications.imagenet_utils": imagenet,
    }


# ---- files -------------------------------------------------------------------------------------------


def wrap_open(original: Function, album: photos.Album) -> Function:
    """An ``open`` that finds missing pictures where it is asked to read."""

    @functools.wraps(original)
    def opening(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
        if not isinstance(file, int) and mode in ("r", "rb", "rt", "br"):
            file = album.read(file)
        return original(file, mode, *args, **kwargs)

    return opening


def wrap_asking(original: Function, album: photos.Album) -> Function:
    """An ``exists`` or ``is_file`` that finds missing pictures when the notebook asks."""

    @functools.wraps(original)
    def asking(path: Any, *args: Any, **kwargs: Any) -> Any:
        found = original(path, *args, **kwargs)
        if found or not album.concerns(path) or not from_notebook():
            return found
        return original(like(path, album.locate(path)), *args, **kwargs)

    return asking


def wrap_imread(original: Function, album: photos.Album) -> Function:
    """OpenCV's ``imread``; it reads with its own code, not with Python's ``open``."""
    if hasattr(original, "__wrapped__"):
        return original  # cv2 is executed twice: the package, and the library in it

    @functools.wraps(original)
    def imread(filename: Any, *args: Any, **kwargs: Any) -> Any:
        return original(like(filename, album.read(filename)), *args, **kwargs)

    return imread


def wrap_read_file(original: Function, album: photos.Album, tensorflow: Any) -> Function:
    """TensorFlow's ``read_file``, which may stand in a graph that reads names later."""

    def located(name: Any) -> Any:
        text = bytes(name).decode(errors="replace")
        return str(album.read(text)).encode()

    @functools.wraps(original)
    def read_file(filename: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(filename, str | os.PathLike):
            return original(str(album.read(filename)), *args, **kwargs)
        if isinstance(filename, bytes) or hasattr(filename, "numpy"):
            name = filename if isinstance(filename, bytes) else filename.numpy()
            return original(located(name), *args, **kwargs)
        if getattr(filename, "shape", None) == ():
            name = tensorflow.numpy_function(located, [filename], tensorflow.string)
            name.set_shape(())
            return original(name, *args, **kwargs)
        return original(filename, *args, **kwargs)

    return read_file


# ---- folders -----------------------------------------------------------------------------------------


def wrap_listing(original: Function, album: photos.Album) -> Function:
    """A ``listdir`` or ``scandir`` that shows photographs where the notebook looks for some."""

    @functools.wraps(original)
    def listing(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
        if isinstance(path, str | os.PathLike) and from_notebook():
            path = like(path, album.fill(path, running_cell()))
        return original(path, *args, **kwargs)

    return listing


def wrap_path_listing(original: Function, album: photos.Album) -> Function:
    """A ``glob`` or ``iterdir`` of ``pathlib``, which look for the folder before they list it."""

    @functools.wraps(original)
    def listing(self: pathlib.Path, *args: Any, **kwargs: Any) -> Any:
        if from_notebook():
            plain = still_part(str(args[0])) if args else ""
            real = album.fill(self / plain, running_cell())
            if not plain:
                self = like(self, real)
        return original(self, *args, **kwargs)

    return listing


def still_part(pattern: str) -> str:
    """The folders of a pattern before its first wildcard, e.g. ``photos/mine`` of ``photos/mine/*.jpg``."""
    parts = pattern.split("/")[:-1]
    wild = next((place for place, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return "/".join(parts[:wild])


def like(asked: Any, path: Any) -> Any:
    """A path as the type of the one that was asked for."""
    if path is asked:
        return asked
    return type(asked)(path) if isinstance(asked, pathlib.PurePath) else str(path)


def from_notebook() -> bool:
    """Whether the notebook or a helper file of it called the hook, rather than a library for its own sake."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.rpartition("/")[2] in PASSED_THROUGH:
        frame = frame.f_back  # type: ignore[assignment]
    name = frame.f_code.co_filename if frame is not None else "<frozen>"
    folders = (sys.prefix, sys.base_prefix, str(pathlib.PurePath(__file__).parent))
    return not name.startswith(("<frozen", *folders))


def running_cell() -> str:
    """The text of the cell that runs, or ""."""
    try:
        shell = sys.modules["IPython"].get_ipython()
        return str(shell.user_ns["In"][-1])
    except Exception:  # noqa: BLE001 - outside of a notebook, or one that has deleted its history
        return ""


# ---- downloads ---------------------------------------------------------------------------------------


def wrap_urlopen(original: Function, album: photos.Album) -> Function:
    """``urlopen`` with our photographs in the place of pictures on the web."""

    @functools.wraps(original)
    def urlopen(url: Any, *args: Any, **kwargs: Any) -> Any:
        address = str(getattr(url, "full_url", url))
        content = album.fetch(address)
        if content is None:
            return original(url, *args, **kwargs)
        return urllib.response.addinfourl(io.BytesIO(content), headers(content), address, 200)

    return urlopen


def wrap_urlretrieve(original: Function, album: photos.Album) -> Function:
    """``urlretrieve``, which ``get_file`` of Keras uses too."""

    @functools.wraps(original)
    def urlretrieve(url: Any, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
        content = album.fetch(str(url))
        if content is None:
            return original(url, filename, *args, **kwargs)
        target = filename or f"{album.scratch}/{photos.base_name(str(url).partition('?')[0])}"
        pathlib.Path(target).parent.mkdir(parents=True, exist_ok=True)
        with album.open(target, "wb") as stream:
            shutil.copyfileobj(io.BytesIO(content), stream)
        return str(target), headers(content)

    return urlretrieve


def wrap_request(original: Function, album: photos.Album) -> Function:
    """``requests.get`` and the like."""

    @functools.wraps(original)
    def request(self: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        content = album.fetch(str(url)) if str(method).upper() == "GET" else None
        if content is None:
            return original(self, method, url, *args, **kwargs)
        response = sys.modules["requests"].Response()
        response.status_code, response.reason, response.url = 200, "OK", str(url)
        response.headers.update(headers(content).items())
        response.raw = io.BytesIO(content)
        return response

    return request


def headers(content: bytes) -> email.message.Message:
    """What a server says of a picture."""
    message = email.message.Message()
    message["Content-Type"] = "image/jpeg"
    message["Content-Length"] = str(len(content))
    return message


# ---- the thousand classes ----------------------------------------------------------------------------


def best_of(row: Any) -> list[list[Any]]:
    """The names and probabilities of the first classes of a decoded prediction."""
    return [[str(one[1])[:100], float(one[2])] for one in row[:BEST]]


def wrap_decode(original: Function, log: Log) -> Function:
    """A ``decode_predictions`` that records what it was given and which class it named first."""

    @functools.wraps(original)
    def decode_predictions(preds: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            decoded = original(preds, *args, **kwargs)
        except Exception as error:
            log.event("decoded", [preds], error=f"{type(error).__name__}: {error}", names=[])
            raise
        names = [str(row[0][1]) for row in decoded if row]
        best = [best_of(row) for row in original(preds[:ROWS], top=BEST)]
        log.event("decoded", [preds], error="", names=names, best=best)
        return decoded

    return decode_predictions
