"""A function that reads files, called on a folder that is made for it."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from . import calls, observe

MAX_ITEMS = 10  # of a returned tuple or list; a longer one is a single thing
MAX_TEXTS = 20_000
MAX_TEXT = 200  # characters


def call_on_files(
    function: Callable[..., Any], contents: list[Any], paths: list[str], arguments: dict[str, Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Write files into a new folder, call the function, and remove the folder.

    Args:
        function: the student's.
        contents: the bytes of each file, (n,) uint8.
        paths: where each lies in the folder.
        arguments: ``{"$folder": "path"}`` among them becomes the folder as a ``Path``, ``"text"`` its name.

    Returns:
        What was returned: ``items``, one entry for each thing in a tuple or list, with ``type``, the
        place of its ``array`` among the arrays, or its ``texts``.

    Raises:
        StudentRaised: the function raises.
    """
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place) / "files"
        for path, content in zip(paths, contents, strict=True):
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.tobytes())
        named = {name: _argument(value, root) for name, value in arguments.items()}
        result = calls.guard(function, **named)
        return calls.guard(_described, result)  # type: ignore[no-any-return]  # guard returns what it calls


def _argument(value: Any, root: pathlib.Path) -> Any:
    if isinstance(value, dict) and "$folder" in value:
        return root if value["$folder"] == "path" else str(root)
    return calls.revive(value, "")


def _described(result: Any) -> tuple[dict[str, Any], list[Any]]:
    several = isinstance(result, tuple | list) and len(result) <= MAX_ITEMS
    items: list[dict[str, Any]] = []
    arrays: list[Any] = []
    for item in result if several else [result]:
        array = observe.as_array(item)
        items.append(
            {
                "type": type(item).__name__[:MAX_TEXT],
                "array": None if array is None else len(arrays),
                "texts": texts(item) if array is None else None,
            }
        )
        arrays += [] if array is None else [array]
    return {"type": type(result).__name__[:MAX_TEXT], "items": items}, arrays


def texts(value: Any) -> list[str] | None:
    """A list, array or series of strings or other objects, as strings; ``None`` where it is none."""
    try:
        array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
    except Exception:  # noqa: BLE001 - a student's object may raise anything when it is looked at
        return None
    if array.dtype.kind not in "UO" or not array.ndim or array.size > MAX_TEXTS:
        return None
    return [str(item)[:MAX_TEXT] for item in array.ravel().tolist()]
