"""From the bytes of a notebook file to its JSON, whatever an editor, a disk or a student has made of it."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:  # not on Windows, where a student may check a notebook
    resource = None  # type: ignore[assignment]

MEMORY_BYTES = 2 * 2**30  # a 200 MB file of 67 million empty lists would take 6 GB
SUMMED_BYTES = 2**30
GLANCE_BYTES = 4 * 2**20
BLANK = b"\0 \r\n\t\f\v"
CLEAR_OUTPUTS = "Clear large outputs (Kernel, Restart and clear all outputs), save, and hand it in again."


class Unreadable(Exception):  # noqa: N818
    """The file is no notebook that can be run; the text tells the student why and what to do."""


@dataclass(frozen=True)
class Glance:
    """What can be told of a file that cannot be read as a notebook: its sum, and how its text begins."""

    sha256: str = ""
    text: str = ""


def look_at(path: Path) -> Glance:
    """A glance at a file of any size and kind; an empty one where it cannot be opened."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Glance()
        with path.open("rb") as file:
            text = file.read(GLANCE_BYTES).decode("utf-8", errors="replace")
            file.seek(0)
            summed = 0 < status.st_size <= SUMMED_BYTES
            return Glance(hashlib.file_digest(file, "sha256").hexdigest() if summed else "", text)
    except OSError:
        return Glance()


def bytes_of(path: Path, max_bytes: int) -> bytes:
    """What the file holds.

    Raises:
        Unreadable: it cannot be opened, is no regular file, or has more than ``max_bytes``.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for a writer
            raise Unreadable("The notebook cannot be opened (no regular file). Hand it in again.")
        size = status.st_size
        if size > max_bytes:
            raise Unreadable(
                f"The notebook has {size / 2**20:.0f} MB; at most {max_bytes // 2**20} MB can be read. "
                + CLEAR_OUTPUTS
            )
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"The notebook cannot be opened ({error.strerror}). Hand it in again.") from error


@contextmanager
def bounded_memory(extra_bytes: int = MEMORY_BYTES) -> Iterator[None]:
    """Let this process grow by so much meanwhile; beyond that Python raises ``MemoryError``."""
    statistics = Path("/proc/self/statm")
    if resource is None or not statistics.exists():
        yield
        return
    used = int(statistics.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bounds = [used + extra_bytes, *(bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_AS, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def parse(raw: bytes) -> dict[str, Any]:
    """A notebook's JSON: a dictionary with a list of ``cells``, or in old ones of ``worksheets``.

    Raises:
        Unreadable: it is empty, cut off, no text, no JSON, or no notebook.
        RecursionError: it is nested too deeply.
        MemoryError: see ``bounded_memory``.
    """
    if not raw.strip(BLANK):
        raise Unreadable("The notebook file is empty. Save it in Jupyter and hand it in again.")
    document = _json_of(raw)
    if not isinstance(document, dict) or not isinstance(
        document.get("cells", document.get("worksheets")), list
    ):
        raise Unreadable("The file is JSON, but no Jupyter notebook: it has no list of cells.")
    return document


def _json_of(raw: bytes) -> Any:
    """The file's JSON, whichever of its usual encodings an editor or a converter has left it in.

    Raises:
        RecursionError: it is nested too deeply.
        Unreadable: it is no text, or no JSON.
    """
    encoding = json.detect_encoding(raw)  # UTF-8, 16 or 32, with a byte order mark or without
    try:
        return _loads(raw.decode(encoding))
    except UnicodeDecodeError as error:
        try:
            return _loads(raw.decode("latin-1"))
        except ValueError:
            raise Unreadable(
                "The file is not text, so it is no notebook. Hand in the .ipynb file itself."
            ) from error
    except ValueError as error:
        raise Unreadable(_not_json(raw, encoding, error)) from error


def _loads(text: str) -> Any:
    """JSON as Python reads it, with control characters in strings, and zeros after its end from a crash."""
    return json.loads(text.rstrip("\0 \r\n\t"), strict=False)


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
