"""Reading a handed-in notebook: a clean one to run comes out, or a reason that a student understands."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

MAX_BYTES = 60 * 2**20
PYTHON_NAMES = ("python", "ipython", "ipython2", "ipython3", "python3")


class Unreadable(Exception):  # noqa: N818
    """The file is no notebook that can be run; the text tells the student why and what to do."""


@dataclass(frozen=True)
class ReadNotebook:
    """``cells`` holds fresh cells without outputs, tags or ids of the student's; ``text`` all their text."""

    notebook: Any
    text: str
    sha256: str


def read_notebook(path: Path) -> ReadNotebook:
    """Read and clean one notebook.

    Raises:
        Unreadable: the file is empty, cut off, too large, no notebook, not Python, or without code.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise Unreadable(
                f"The notebook has {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB can be read. "
                "Clear large outputs (Kernel, Restart and clear all outputs), save, and hand it in again."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"The notebook cannot be opened ({error.strerror}). Hand it in again.") from error
    document = _parse(raw)
    _require_python(document)
    cells = _clean_cells(document)
    if not any(cell.cell_type == "code" and cell.source.strip() for cell in cells):
        raise Unreadable("The notebook has no code cell. Check that you handed in the file you worked in.")
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    text = "\n".join(str(cell.source) for cell in cells)
    return ReadNotebook(notebook, text, hashlib.sha256(raw).hexdigest())


def _parse(raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        raise Unreadable("The notebook file is empty. Save it in Jupyter and hand it in again.")
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        document = json.loads(raw.decode(encoding))
    except UnicodeDecodeError as error:
        raise Unreadable(
            "The file is not text, so it is no notebook. Hand in the .ipynb file itself."
        ) from error
    except RecursionError as error:
        raise Unreadable("The file is nested too deeply to be a notebook.") from error
    except ValueError as error:
        raise Unreadable(_not_json(raw, encoding, error)) from error
    if not isinstance(document, dict) or not isinstance(
        document.get("cells", document.get("worksheets")), list
    ):
        raise Unreadable("The file is JSON, but no Jupyter notebook: it has no list of cells.")
    if "worksheets" in document:
        document = _upgraded(document)
    return dict(document)


def _not_json(raw: bytes, encoding: str, error: ValueError) -> str:
    text = raw.decode(encoding, errors="replace").strip()
    if text.startswith("{") and not text.endswith("}"):
        return (
            "The notebook file is cut off: it ends in the middle, as after a broken upload or a full disk. "
            "Open it in Jupyter; if it opens, save it again, and hand it in again."
        )
    if "<<<<<<<" in text and ">>>>>>>" in text:
        return "The notebook holds git merge conflicts (<<<<<<<). Resolve them and hand it in again."
    place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
    return (
        f"The file is not a Jupyter notebook: it is not valid JSON{place}. "
        "Open it in Jupyter and save it again."
    )


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """An old (version 3) notebook in today's form."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            converted = nbformat.convert(nbformat.from_dict(document), 4)
    except Exception as error:
        raise Unreadable(
            "The notebook has an old format that cannot be converted. Open it in Jupyter and save it again."
        ) from error
    return dict(converted)


def _require_python(document: dict[str, Any]) -> None:
    metadata = document.get("metadata")
    found = []
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        section = metadata.get(part) if isinstance(metadata, dict) else None
        if isinstance(section, dict) and isinstance(section.get(key), str):
            found.append(section[key])
    if found and not any(name.lower() in PYTHON_NAMES for name in found):
        raise Unreadable(f"The notebook is written in {found[0][:40]}; this lab is graded in Python.")


def _clean_cells(document: dict[str, Any]) -> list[Any]:
    make: dict[str, Callable[..., Any]] = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    cells = []
    for number, cell in enumerate(document["cells"]):
        if not isinstance(cell, dict):
            continue
        builder = make.get(str(cell.get("cell_type")), nbformat.v4.new_markdown_cell)
        source = _source(cell.get("source"))
        cells.append(builder(source=source, id=f"cell-{number}"))  # type: ignore[no-untyped-call]
    return cells


def _source(value: Any) -> str:
    """A cell's text: a string, or a list of lines; lone surrogates, which UTF-8 cannot hold, are replaced."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", errors="replace").decode("utf-8")
