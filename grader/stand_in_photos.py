"""Five photographs of ours, which stand in where a student's were not handed in.

They are cut from the two photographs that come with scikit-learn (``sklearn.datasets.load_sample_images``).
"""

from __future__ import annotations

import functools
import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

QUALITY = 92


@dataclass(frozen=True)
class Crop:
    """A part of one of scikit-learn's photographs, 640 pixels wide and 427 high, in pixels."""

    file: str
    left: int
    top: int
    right: int
    bottom: int


CROPS = (
    Crop("china.jpg", 0, 0, 640, 427),
    Crop("flower.jpg", 0, 0, 640, 427),
    Crop("china.jpg", 60, 20, 370, 427),
    Crop("flower.jpg", 150, 70, 330, 360),
    Crop("china.jpg", 320, 120, 640, 427),
)


def write(folder: Path) -> None:
    """Write the photographs as ``1.jpg`` … ``5.jpg`` into a folder, which is made.

    Raises:
        FileNotFoundError: scikit-learn is not installed, or without its photographs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(_contents(), start=1):
        (folder / f"{number}.jpg").write_bytes(content)


@functools.cache
def _contents() -> tuple[bytes, ...]:
    """Each photograph as a JPEG file."""
    found = importlib.util.find_spec("sklearn")  # importing it would take a second
    if found is None or found.origin is None:
        raise FileNotFoundError("scikit-learn, whose photographs stand in for missing ones, is not installed")
    folder = Path(found.origin).parent / "datasets" / "images"
    return tuple(_cut(folder, crop) for crop in CROPS)


def _cut(folder: Path, crop: Crop) -> bytes:
    stream = io.BytesIO()
    with Image.open(folder / crop.file) as photograph:
        part = photograph.convert("RGB").crop((crop.left, crop.top, crop.right, crop.bottom))
        part.save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
