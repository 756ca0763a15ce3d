"""The arrays and pictures of one of the two folders of a prepared set, by name, as checks see them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

PICTURES = (".png", ".jpg", ".jpeg", ".bmp")


class Given(Mapping[str, Any]):
    """Arrays by path without ``.npy``, mapped from disk, and pictures by path with their suffix.

    A picture is read anew whenever it is asked for, as (height, width) or (height, width, 3) BGR uint8,
    and the folder is searched for pictures only where one is asked for: a set may hold 18,000 of them.
    Everything is read-only. A picture that cannot be read raises KeyError, as one that is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._arrays = {
            path.relative_to(folder).with_suffix("").as_posix(): np.load(
                path, mmap_mode="r", allow_pickle=False
            )
            for path in sorted(folder.rglob("*.npy"))
        }

    @functools.cached_property
    def _pictures(self) -> dict[str, Path]:
        files = sorted(path for path in self.folder.rglob("*") if path.suffix.lower() in PICTURES)
        return {path.relative_to(self.folder).as_posix(): path for path in files}

    def __getitem__(self, name: str) -> Any:
        if name in self._arrays:
            return self._arrays[name]
        import cv2  # noqa: PLC0415 - most labs ask for no picture, and OpenCV takes a while to load

        content = np.frombuffer(self._pictures[name].read_bytes(), np.uint8)
        picture = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
        if picture is None:
            raise KeyError(f"{name} is no picture that can be read")
        picture.flags.writeable = False
        return picture

    def __iter__(self) -> Iterator[str]:
        yield from self._arrays
        yield from self._pictures

    def __len__(self) -> int:
        return len(self._arrays) + len(self._pictures)
