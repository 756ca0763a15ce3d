"""What lies beside the arrays of a prepared set: frames of a highway, fish, files of pre-trained networks.

Files of the instructor's are linked where the disk allows it, else copied. What is not there is drawn;
the weights of a network cannot be, so the kernel makes some up (``grader/kernel/weights.py``).
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.data_files import file_identity, unusable

FRAMES = 24  # drawn, of the highway
PER_CLASS = 12  # drawn fish
IMAGES = (".png", ".jpg", ".jpeg", ".bmp")
VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm")
WEIGHTS = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"
WEIGHTS_NO_TOP = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
CLASS_NAMES = "imagenet_class_index.json"
HDF5 = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class Part:
    """A part of a prepared set: its files, or else how it is drawn.

    ``files`` are pairs of a place in the set and the file that goes there. ``draw`` writes into the set's
    folder; ``None`` where nothing can stand in. ``place`` is where the files were found.
    """

    name: str
    files: tuple[tuple[str, Path], ...] = ()
    draw: Callable[[Path], None] | None = None
    place: Path | None = None

    def identity(self) -> str:
        """What tells its content from any other."""
        if not self.files:
            return f"{self.name}\0{_drawn_identity() if self.draw else ''}\0"
        return "".join(f"{target}\0{file_identity(source)}" for target, source in self.files)

    def write(self, folder: Path) -> None:
        """Put it into a set's folder.

        Raises:
            UsageProblem: one of its files cannot be read.
        """
        for target, source in self.files:
            link_or_copy(source, folder / target)
        if not self.files and self.draw is not None:
            self.draw(folder)


def find_parts(folder: Path | None, keras_home: Path) -> tuple[Part, ...]:
    """The parts of the set that is made of ``folder`` and the Keras cache.

    Raises:
        UsageProblem: a folder or file of the instructor's cannot be used.
    """
    places = [keras_home / "models"] if folder is None else [folder, folder / "models", keras_home / "models"]
    return (
        _highway(folder),
        _fish(folder),
        _model_file("ResNet50 weights", (WEIGHTS, WEIGHTS_NO_TOP), places, _check_weights),
        _model_file("ImageNet class names", (CLASS_NAMES,), places, _check_names),
    )


# ---- pictures ----------------------------------------------------------------------------------------


def _highway(folder: Path | None) -> Part:
    """The frames, or a video, that students see, and the truth masks that they do not."""
    name, place = "highway frames", None if folder is None else folder / "highway"
    shown = [] if place is None else _files_in(place, IMAGES + VIDEOS)
    if folder is None or not shown:
        return Part(name, draw=_draw_highway if _can_draw() else None)
    masks = _files_in(folder / "highway_truth", IMAGES)
    files = _placed("visible/lab/highway", shown) + _placed("hidden/lab/highway_truth", masks)
    return Part(name, tuple(files), place=place)


def _fish(folder: Path | None) -> Part:
    """A folder of images per class, and the folders of their masks, which the lab gives to students."""
    name, place = "fish images", None if folder is None else folder / "fish"
    drawn = Part(name, draw=_draw_fish if _can_draw() else None)
    if place is None or not place.is_dir():
        return drawn
    files = [
        pair
        for kind in sorted(_entries(place))
        if kind.is_dir()
        for pair in _placed(f"visible/lab/fish/{kind.name}", _files_in(kind, IMAGES))
    ]
    return Part(name, tuple(files), place=place) if files else drawn


def _draw_highway(folder: Path) -> None:
    from grader import scenes  # noqa: PLC0415 - OpenCV is needed only where a set is made

    lab, hidden = folder / "visible/lab", folder / "hidden/lab"
    hidden.mkdir(parents=True, exist_ok=True)
    scene = scenes.make_highway(lab, FRAMES, suffix=".png")
    scene.truth.rename(hidden / scene.truth.name)


def _draw_fish(folder: Path) -> None:
    from grader import scenes  # noqa: PLC0415 - OpenCV is needed only where a set is made

    scenes.make_fish(folder / "visible/lab", PER_CLASS)


def _can_draw() -> bool:
    """Whether OpenCV is here; a student whose lab does not need it may lack it."""
    return importlib.util.find_spec("cv2") is not None


def _drawn_identity() -> str:
    source = Path(__file__).with_name("scenes.py").read_bytes()
    return hashlib.sha256(source + f"{FRAMES} {PER_CLASS}".encode()).hexdigest()


# ---- networks ----------------------------------------------------------------------------------------


def _model_file(
    name: str, wanted: Iterable[str], places: Iterable[Path], check: Callable[[Path], None]
) -> Part:
    """The first of each wanted file that lies in one of the places; perhaps none."""
    found = [next((place / file for place in places if (place / file).is_file()), None) for file in wanted]
    there = [path for path in found if path is not None]
    for path in there:
        try:
            check(path)
        except (OSError, ValueError, RecursionError) as problem:
            raise unusable(path, problem) from problem
    return Part(name, tuple(_placed("visible/models", there)), place=found[0])


def _check_weights(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(HDF5)) != HDF5:
            raise ValueError("it is no HDF5 file")


def _check_names(path: Path) -> None:
    names: Any = json.loads(path.read_bytes())
    if not isinstance(names, dict) or any(
        not isinstance(names.get(str(number)), list) or len(names[str(number)]) != 2 for number in range(1000)
    ):
        raise ValueError("it should name the classes 0 to 999, each as [id, name]")


# ---- files -------------------------------------------------------------------------------------------


def _files_in(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files right in ``folder`` that end so, by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in _entries(folder) if path.suffix.lower() in suffixes and path.is_file())


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError as problem:
        raise unusable(folder, problem) from problem


def _placed(folder: str, files: Iterable[Path]) -> list[tuple[str, Path]]:
    return [(f"{folder}/{path.name}", path) for path in files]


def link_or_copy(source: Path, target: Path) -> None:
    """Put a file at ``target`` without a second copy on the disk, where that can be.

    Raises:
        UsageProblem: ``source`` cannot be read.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with source.open("rb"):
            pass
    except OSError as problem:
        raise unusable(source, problem) from problem
    try:
        os.link(source.resolve(), target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)
