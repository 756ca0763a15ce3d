"""Folders of drawn fish for ``load_fish``: each picture has four colours that tell it from all others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from hypothesis import strategies as st

from checks.kit.student import Array

CLASSES = (
    "Black Sea Sprat", "Gilt-Head Bream", "Hourse Mackerel", "Red Mullet", "Red Sea Bream", "Sea Bass",
    "Shrimp", "Striped Red Mullet", "Trout",
)  # fmt: skip
MASKS = " GT"
SIZE = 128  # pixels, where none is asked for
DIRT = "README.txt", f"{CLASSES[0]}/Thumbs.db", f"{CLASSES[1]}/00009.png"  # no images, whatever they end in


@dataclass(frozen=True)
class Picture:
    """One drawn picture: its file, its class, and the number that its colours come from."""

    path: str
    kind: str
    number: int

    def colours(self) -> Array:
        """(2, 2, 3) uint8 in BGR, far from black and white."""
        return np.random.default_rng((7, self.number)).integers(40, 216, (2, 2, 3)).astype(np.uint8)

    def pixels(self) -> Array:
        """(height, width, 3) uint8 in BGR; sizes differ from picture to picture."""
        height, width = 15 + self.number % 3, 20 + self.number % 2
        return np.repeat(np.repeat(self.colours(), height, axis=0), width, axis=1)


@dataclass(frozen=True)
class Folder:
    """A folder with the nine classes: how many pictures each has, and whether their masks lie beside it.

    ``size`` is what ``load_fish`` is asked for, ``None`` for its default; ``dirt`` adds files that are no
    images.
    """

    counts: tuple[int, ...] = (1,) * len(CLASSES)
    masks: bool = False
    size: int | None = None
    dirt: bool = False

    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, by class and by name."""
        own = [
            (kind, number)
            for kind, count in zip(CLASSES, self.counts, strict=True)
            for number in range(count)
        ]
        return tuple(
            Picture(f"{kind}/{number + 1:05d}.png", kind, place) for place, (kind, number) in enumerate(own)
        )

    def files(self) -> dict[str, Array]:
        """The bytes of each file by its path, (n,) uint8."""
        files = {}
        for picture in self.pictures():
            files[picture.path] = _png(picture.pixels())
            if self.masks:
                mask = np.full(picture.pixels().shape[:2], 255, np.uint8)
                mask[:2] = mask[-2:] = 0
                files[picture.path.replace("/", f"{MASKS}/")] = _png(mask)
        if self.dirt:
            broken = files[f"{CLASSES[1]}/00001.png"][:40]
            files |= dict(zip(DIRT, (np.zeros(9, np.uint8), np.zeros(9, np.uint8), broken), strict=True))
        return files

    def code(self, call: str) -> str:
        """Code to paste that makes such a folder, with other colours, and calls the function."""
        kinds = dict(zip(CLASSES, self.counts, strict=True))
        endings = ("", MASKS) if self.masks else ("",)
        return (
            "import pathlib, cv2, numpy as np\n"
            "root = pathlib.Path('drawn_fish')\n"
            f"for kind, count in {kinds}.items():\n"
            f"    for folder in [root / (kind + ending) for ending in {endings!r}]:\n"
            "        folder.mkdir(parents=True, exist_ok=True)\n"
            "        for number in range(count):\n"
            "            picture = np.random.randint(0, 256, (30, 40, 3)).astype(np.uint8)\n"
            "            cv2.imwrite(str(folder / f'{number + 1:05d}.png'), picture)\n"
            f"images, labels = {call}\n"
            "images.shape, images.dtype, labels"
        )


def _png(pixels: Array) -> Array:
    return np.asarray(cv2.imencode(".png", pixels)[1], np.uint8).ravel()


@st.composite
def folders(draw: st.DrawFn) -> Folder:
    """One to three pictures of each class, so that the classes differ in number; with and without masks."""
    counts = draw(st.tuples(*[st.integers(1, 3)] * len(CLASSES)))
    return Folder(counts, masks=draw(st.booleans()))


def sized(folder: Folder, size: int) -> Folder:
    """The same folder, with a size to ask for."""
    return replace(folder, size=size)
