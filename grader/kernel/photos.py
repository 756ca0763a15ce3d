"""Picture files: each that the notebook reads is recorded; for one that is missing, a photograph stands in.

Students rarely hand their photographs in, and there is no network to fetch them from. ``photo_hooks`` puts
the album below between the notebook and whatever reads pictures.
"""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import re
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from .recording import Log

SUFFIXES = (
    ".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif",
)  # fmt: skip
FORMATS = {
    ".png": "PNG", ".webp": "WEBP", ".bmp": "BMP", ".gif": "GIF", ".tif": "TIFF", ".tiff": "TIFF",
    ".avif": "AVIF",
}  # fmt: skip
THUMBNAIL = 256  # pixels, the longer side at most
MAX_BYTES = 64 * 2**20
FOLDER_NAME = re.compile(r"photo|foto|bild|pics?\b|picture|im(g|age)s?", re.IGNORECASE)
READS_PICTURES = re.compile(
    r"\.(jpe?g|png|webp|bmp|gif|tiff?|avif|heic)\b|\bload_img\b|\bimread\b|\bImage\.open\b|\bresnet50\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Thumbnail:
    """A picture made smaller: (h, w, 3) uint8, red, green and blue; the sizes are those of the picture."""

    pixels: Any
    height: int
    width: int


class Album:
    """Which file is read in the place of which, and what has been recorded of them.

    ``stand_ins`` is the folder of our photographs. Below ``home``, which holds the notebook's folder ``lab``,
    missing files are made where they should be; other places cannot be written to, so reading is led away
    from them. Folders in ``given`` are the grader's own.
    """

    def __init__(self, stand_ins: pathlib.Path, lab: pathlib.Path, given: pathlib.Path, log: Log) -> None:
        self.photographs = [path.read_bytes() for path in sorted(stand_ins.glob("*.jpg"))]
        self.lab, self.home = str(lab), str(lab.parent)
        self.scratch = os.path.join(self.home, "tmp", "photographs")  # noqa: PTH118 - names, not files
        self.foreign = tuple(
            prefix.rstrip("/") + "/" for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix, str(given))
        )
        self.log = log
        self.open = io.open
        self.cell = 0
        self.store = log.store
        self.busy = False
        self.numbers: dict[str, int] = {}
        self.placed: dict[str, str] = {}
        self.folders: dict[str, str] = {}
        self.ours: set[str] = set()
        self.seen: set[tuple[str, str]] = set()

    def concerns(self, path: Any) -> bool:
        """Whether this is the name of a picture file that is not a library's or the grader's own."""
        if not isinstance(path, str | os.PathLike) or not is_picture(name := str(path)):
            return False
        return not os.path.abspath(name).startswith(self.foreign)  # noqa: PTH100 - see _there

    def read(self, path: Any) -> Any:
        """Where to read a picture from; what is there is recorded."""
        if self.busy or not self.photographs or not self.concerns(path):
            return path
        real = self.locate(path)
        if not self.log.paused:
            self._record(str(path), str(real))
        return real

    def locate(self, path: Any) -> Any:
        """The path itself where there is such a file, else the path of what stands in for it."""
        if self.busy or self.log.paused or not self.photographs or not self.concerns(path):
            return path
        name = str(path)
        if _there(name):
            return path
        self._follow()
        key = os.path.abspath(name)  # noqa: PTH100
        if not _there(self.placed.get(key, "")):
            self.placed[key] = self._place(name, key)
        return path if self.placed[key] == key else self.placed[key]

    def fetch(self, url: str) -> bytes | None:
        """The content that stands in for a picture on the web, or ``None`` for anything else."""
        if self.log.paused or not self.photographs or not is_picture_url(url):
            return None
        self._follow()
        content = self._stand_in(url, suffix_of(url.partition("?")[0]))
        self._record_content(url, content)
        return content

    def fill(self, folder: Any, cell: str) -> Any:
        """Where to list a folder: itself, with photographs put in where pictures are missed in it.

        ``cell`` is the text of the cell that runs.
        """
        if self.busy or self.log.paused or not self.photographs or not isinstance(folder, str | os.PathLike):
            return folder
        key = os.path.abspath(str(folder))  # noqa: PTH100
        if (key + "/").startswith(self.foreign) or self._has_pictures(key) or not self._expects(key, cell):
            return folder
        self._follow()
        if key not in self.folders or not _there(self.folders[key]):
            self.folders[key] = self._fill(key)
        return folder if self.folders[key] == key else self.folders[key]

    # ---- stand-ins -----------------------------------------------------------------------------------

    def _follow(self) -> None:
        """A file is recorded once per cell; a notebook that begins anew begins with the first stand-in."""
        if self.log.store is not self.store:
            for known in (self.numbers, self.placed, self.folders, self.seen):
                known.clear()
            self.store = self.log.store
        if self.log.cell != self.cell:
            self.seen.clear()
            self.cell = self.log.cell

    def _stand_in(self, name: str, suffix: str) -> bytes:
        """One of our photographs in the format of the suffix; another one for each new name."""
        number = self.numbers.setdefault(name, len(self.numbers))
        content = converted(self.photographs[number % len(self.photographs)], suffix)
        self.ours.add(_digest(content))
        return content

    def _place(self, name: str, key: str) -> str:
        """Make a missing file; returns its path."""
        content = self._handed_in(base_name(name)) or self._stand_in(key, suffix_of(name))
        elsewhere = os.path.join(self.scratch, str(len(self.placed)), base_name(name))  # noqa: PTH118
        places = (key, elsewhere) if key.startswith(self.home + "/") else (elsewhere,)
        return next((path for path in places if self._write(path, content)), key)

    def _write(self, path: str, content: bytes) -> bool:
        try:
            pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
            with self.open(path, "wb") as stream:
                stream.write(content)
        except (OSError, ValueError):
            return False
        return True

    def _fill(self, key: str) -> str:
        """Put our photographs into a folder, or into one of our own where it cannot be written to."""
        within = key == self.home or key.startswith(self.home + "/")
        real = key if within else os.path.join(self.scratch, f"folder-{len(self.folders)}")  # noqa: PTH118
        for number in range(1, len(self.photographs) + 1):
            wanted, path = (f"{place}/{number}.jpg" for place in (key, real))
            if self._write(path, self._stand_in(wanted, ".jpg")):
                self.placed[wanted] = path
        return real

    def _handed_in(self, name: str) -> bytes | None:
        """The content of a file of that name that lies anywhere beside the notebook."""
        made = set(self.placed.values())
        self.busy = True
        try:
            for folder, _, files in os.walk(self.lab):
                for file in files:
                    path = f"{folder}/{file}"
                    if file.lower() == name.lower() and path not in made:
                        with self.open(path, "rb") as stream:
                            return stream.read(MAX_BYTES)
        except OSError:
            return None
        finally:
            self.busy = False
        return None

    def _expects(self, folder: str, cell: str) -> bool:
        """Whether pictures are looked for: by the folder's name, or by what the cell says."""
        ours = folder == self.home or folder.startswith(self.home + "/") or not _there(folder)
        return bool(FOLDER_NAME.search(base_name(folder)) or (ours and READS_PICTURES.search(cell)))

    def _has_pictures(self, folder: str) -> bool:
        self.busy = True
        try:
            return any(is_picture(name) for name in os.listdir(folder))  # noqa: PTH208
        except OSError:
            return False
        finally:
            self.busy = False

    # ---- the record ----------------------------------------------------------------------------------

    def _record(self, path: str, real: str) -> None:
        try:
            with self.open(real, "rb") as stream:
                content = stream.read(MAX_BYTES)
        except (OSError, ValueError):
            return
        self._record_content(path, content)

    def _record_content(self, path: str, content: bytes) -> None:
        self._follow()
        digest = _digest(content)
        if (path, digest) in self.seen:
            return
        self.seen.add((path, digest))
        small = thumbnail(content)
        if small is not None:
            self.log.event(
                "photo", [small.pixels], path=path, stand_in=digest in self.ours,
                height=small.height, width=small.width,
            )  # fmt: skip


def is_picture(name: str) -> bool:
    """Whether a file's name is a picture's, whatever folders of Windows or Colab stand before it."""
    return suffix_of(name) in SUFFIXES


def is_picture_url(url: Any) -> bool:
    """Whether this is the address of a picture file on the web."""
    if not isinstance(url, str) or not url.lower().startswith(("http://", "https://")):
        return False
    return is_picture(url.partition("?")[0].partition("#")[0])


def base_name(name: str) -> str:
    """The last part of a path, of Windows or not."""
    return re.split(r"[/\\]", name)[-1]


def suffix_of(name: str) -> str:
    """The suffix in small letters, with its dot, or ""."""
    stem, dot, suffix = base_name(name).rpartition(".")
    return f".{suffix.lower().strip()}" if dot and stem else ""


def thumbnail(content: bytes) -> Thumbnail | None:
    """A picture file made small by averaging, or ``None`` where it cannot be read."""
    try:
        from PIL import Image  # noqa: PLC0415 - the notebook's own import comes first, if there is one

        with Image.open(io.BytesIO(content)) as picture:
            colour = picture.convert("RGB")
        small = colour.reduce(max(1, -(-max(colour.size) // THUMBNAIL)))
        return Thumbnail(np.asarray(small, dtype=np.uint8), colour.height, colour.width)
    except Exception:  # noqa: BLE001 - a damaged file may raise anything; the notebook sees its own error
        return None


def converted(content: bytes, suffix: str) -> bytes:
    """A JPEG file in the format that the suffix promises, since some readers trust the name."""
    if suffix not in FORMATS:
        return content
    try:
        from PIL import Image  # noqa: PLC0415

        stream = io.BytesIO()
        with Image.open(io.BytesIO(content)) as picture:
            picture.save(stream, FORMATS[suffix])
        return stream.getvalue()
    except Exception:  # noqa: BLE001 - a format that this Pillow cannot write; most readers look inside
        return content


def _there(path: str) -> bool:
    """Whether there is such a file, asked of the system itself: our hooks change ``os.path``."""
    try:
        os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return False
    return True


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
