"""Reading a handed-in notebook: a clean one to run comes out, or a reason that a student understands."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from checks.kit.saved import SavedCell
from grader.claims.outputs import saved_cells
from grader.claims.shares import shares_in
from grader.notebook_file import CLEAR_OUTPUTS, Unreadable, bounded_memory, bytes_of, parse

__all__ = ["MAX_BYTES", "ReadNotebook", "Unreadable", "read_notebook"]

MAX_BYTES = 200 * 2**20  # most of it may be outputs, which are dropped
MAX_CODE_CHARACTERS = 4_000_000  # a lab's notebook has 60,000
MAX_TEXT_CHARACTERS = 40_000_000  # pictures pasted into text cells included
MAX_CELLS = 5_000
FORMAT = 4
PYTHON_NAMES = ("python", "ipython", "ipython2", "ipython3", "python3")


@dataclass(frozen=True)
class ReadNotebook:
    """``cells`` holds fresh cells without outputs, tags or ids of the student's; ``text`` all their text.

    ``printed`` are the numbers in the outputs that were saved with it, ``saved`` the code cells as they were
    handed in, with what their outputs say.
    """

    notebook: Any
    text: str
    sha256: str
    printed: tuple[float, ...] = ()
    saved: tuple[SavedCell, ...] = ()


def read_notebook(path: Path, max_bytes: int = MAX_BYTES) -> ReadNotebook:
    """Read and clean one notebook of at most ``max_bytes``.

    Raises:
        Unreadable: the file is empty, cut off, too large, no notebook, not Python, or without code.
    """
    raw = bytes_of(path, max_bytes)
    sha256 = hashlib.sha256(raw).hexdigest()
    try:
        with bounded_memory():
            document = _document(raw)
            cells = _clean_cells(document)
            saved = saved_cells((_source(cell.get("source")), cell) for cell in _found(document))
            printed = shares_in(saved)
    except MemoryError as error:
        raise Unreadable("The notebook takes too much memory to be read. " + CLEAR_OUTPUTS) from error
    except RecursionError as error:
        raise Unreadable("The file is nested too deeply to be a notebook.") from error
    if not any(cell.cell_type == "code" and cell.source.strip() for cell in cells):
        raise Unreadable("The notebook has no code cell. Check that you handed in the file you worked in.")
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    text = "\n".join(str(cell.source) for cell in cells)
    return ReadNotebook(notebook, text, sha256, printed, saved)


def _document(raw: bytes) -> dict[str, Any]:
    """A notebook file in today's form."""
    document = parse(raw)
    _require_known_version(document)
    if not isinstance(document.get("cells"), list):
        document = _upgraded(document)
    _require_python(document)
    return document


def _require_known_version(document: dict[str, Any]) -> None:
    version = document.get("nbformat")
    if isinstance(version, int | float) and version > FORMAT:
        raise Unreadable(
            f"The notebook says that it has format {str(version)[:10]}; formats up to {FORMAT} are known. "
            "Open it in Jupyter, save it again, and hand it in again."
        )


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """An old notebook, whose cells stand in worksheets, in today's form."""
    version = document.get("nbformat")
    old = {"metadata": {}, **document, "nbformat": version if version in (1, 2, 3) else 3}
    try:
        with _quietly():
            converted = nbformat.convert(nbformat.from_dict(old), FORMAT)
        return {**converted, "cells": list(converted["cells"])}
    except MemoryError:
        raise
    except Exception as error:
        raise Unreadable(
            "The notebook has an old format that cannot be converted. Open it in Jupyter and save it again."
        ) from error


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep nbformat's warnings and log off the terminal: what is wrong is told to the student."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _require_python(document: dict[str, Any]) -> None:
    metadata = document.get("metadata")
    found = []
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        section = metadata.get(part) if isinstance(metadata, dict) else None
        if isinstance(section, dict) and isinstance(section.get(key), str):
            found.append(section[key])
    if found and not any(name.lower() in PYTHON_NAMES for name in found):
        raise Unreadable(f"The notebook is written in {found[0][:40]}; this lab is graded in Python.")


def _found(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in document["cells"] if isinstance(cell, dict)]


def _clean_cells(document: dict[str, Any]) -> list[Any]:
    text: Callable[..., Any] = nbformat.v4.new_markdown_cell
    make: dict[str, Callable[..., Any]] = {
        "code": nbformat.v4.new_code_cell,
        "markdown": text,
        "raw": nbformat.v4.new_raw_cell,
    }
    found = _found(document)
    if len(found) > MAX_CELLS:
        raise Unreadable(f"The notebook has {len(found):,} cells; at most {MAX_CELLS:,} can be graded.")
    sources = [_source(cell.get("source")) for cell in found]
    _require_moderate(found, sources)
    return [
        make.get(_kind(cell), text)(source=source, id=f"cell-{number}")
        for number, (cell, source) in enumerate(zip(found, sources, strict=True))
    ]


def _require_moderate(cells: list[dict[str, Any]], sources: list[str]) -> None:
    """Refuse sources that would keep the grader itself busy, however fast they would run."""
    code = sum(len(source) for cell, source in zip(cells, sources, strict=True) if _kind(cell) == "code")
    for kind, length, limit in (
        ("code", code, MAX_CODE_CHARACTERS),
        ("text", sum(map(len, sources)) - code, MAX_TEXT_CHARACTERS),
    ):
        if length > limit:
            raise Unreadable(
                f"The notebook's {kind} cells hold {length:,} characters; at most {limit:,} can be graded. "
                "Put data and pictures into files beside the notebook."
            )


def _kind(cell: dict[str, Any]) -> str:
    kind = cell.get("cell_type")
    return kind if isinstance(kind, str) else ""


def _source(value: Any) -> str:
    """A cell's text: a string, or a list of lines; lone surrogates, which UTF-8 cannot hold, are replaced."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", errors="replace").decode("utf-8")
