"""A whole video: read its frames one after the other, write a video of the flow and one of what moves."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Pictures = Callable[[Pixels, Pixels], tuple[Pixels, Pixels]]  # two frames → what each video shows
Progress = Callable[[int, int | None], None]  # frames done, frames in all where that is known

IMAGES = (".png", ".jpg", ".jpeg", ".bmp")


@dataclass(frozen=True)
class Frame:
    """One frame (height, width, 3) BGR uint8 with a name for people; no image where it is unreadable."""

    name: str
    image: Pixels | None


@dataclass(frozen=True)
class Run:
    """What ``run_video`` has written."""

    pairs: int  # consecutive frames compared, which is the length of both videos
    skipped: tuple[str, ...]  # the images left out, by name
    flow_video: Path
    masked_video: Path


def run_video(
    source: str | Path | Iterable[Pixels],
    out_dir: str | Path,
    pictures: Pictures,
    *,
    frames_per_s: float = 25.0,
    progress: Progress = lambda _done, _total: None,
) -> Run:
    """Compare each frame with the next and write ``flow.mp4`` and ``masked.mp4``.

    An image that cannot be read or has another size than the first is left out with a warning. No pair
    reaches across the gap: its flow would not be one frame long.

    Args:
        source: a folder of images in the order of their names, a video file, or frames
            (height, width, 3) BGR uint8.
        out_dir: where both videos go; made if it is not there.
        pictures: makes of a frame and the next what each video shows, mostly ``flow.flow_pictures``.
        frames_per_s: speed of the videos.
        progress: called after each pair with the frames done, and those in all where that is known.

    Raises:
        FileNotFoundError: if the source is not there or the folder holds no images.
        ValueError: if the video cannot be read, or nowhere do two usable frames follow each other.
        OSError: if the videos cannot be written.
    """
    name, total, frames = _open(source)
    skipped: list[str] = []
    videos = _Videos(Path(out_dir), frames_per_s)
    with contextlib.closing(videos):
        for done, (before, after) in enumerate(itertools.pairwise(_usable(frames, skipped)), 2):
            if before is not None and after is not None:
                videos.write(pictures(before, after))
            progress(done, total)
    if not videos.pairs:
        raise ValueError(
            f"{name}: no two usable frames follow each other, {len(skipped)} were left out. "
            "Name a video or a folder of consecutive frames of one size."
        )
    return Run(videos.pairs, tuple(skipped), *videos.paths)


def _usable(frames: Iterator[Frame], skipped: list[str]) -> Iterator[Pixels | None]:
    """The images; ``None`` in the place of each that is left out, whose name joins ``skipped``."""
    shape = None
    for frame in frames:
        reason = _why_not(frame.image, shape)
        if reason:
            skipped.append(frame.name)
            warnings.warn(f"{frame.name} is left out: {reason}", stacklevel=3)
            yield None
        elif frame.image is not None:
            shape = frame.image.shape
            yield frame.image


def _why_not(image: Pixels | None, shape: tuple[int, ...] | None) -> str | None:
    """Why an image cannot be used, and the cure."""
    if image is None:
        return "it cannot be read as an image. Copy or download it again."
    if image.ndim != 3 or image.shape[2] != 3:
        return f"its shape is {image.shape}. Give frames of shape (height, width, 3)."
    if shape is not None and image.shape != shape:
        height, width = image.shape[:2]
        return f"it is {width}×{height}, the first frame {shape[1]}×{shape[0]}. Remove or resize it."
    return None


# ---- reading


def _open(source: str | Path | Iterable[Pixels]) -> tuple[str, int | None, Iterator[Frame]]:
    """The name of a source, its number of frames where that is known, and its frames."""
    if not isinstance(source, str | Path):
        return "frames", None, (Frame(f"frame {number}", image) for number, image in enumerate(source))
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist. Name a video file or a folder of images.")
    if path.is_file():
        return _open_video(path)
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in IMAGES)
    if not files:
        raise FileNotFoundError(
            f"{path} holds no images ({', '.join(IMAGES)}). Name the folder that the frames lie in."
        )
    return str(path), len(files), (Frame(file.name, read_image(file)) for file in files)


def read_image(file: Path) -> Pixels | None:
    """Read an image as (height, width, 3) BGR uint8; ``None`` if it is damaged or cut off."""
    content = file.read_bytes()
    if not content:
        return None
    # cv2.imread would return a JPEG that was cut off, its rest grey; imdecode refuses it.
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)


def _open_video(path: Path) -> tuple[str, int | None, Iterator[Frame]]:
    """The same for a video file."""
    capture = cv2.VideoCapture(str(path))
    more, first = capture.read()
    if not more:
        raise ValueError(f"{path} cannot be read as a video. Copy it again, or convert it to MP4.")
    total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    return str(path), total if total > 0 else None, _video_frames(path.name, capture, first, total)


def _video_frames(name: str, capture: cv2.VideoCapture, image: Pixels, total: int) -> Iterator[Frame]:
    """All frames of a video of which the first has been read; a warning if it ends too early."""
    for number in itertools.count():
        yield Frame(f"{name}, frame {number}", image)
        more, image = capture.read()
        if not more:
            break
    capture.release()
    if number + 1 < total:
        warnings.warn(
            f"{name}: only {number + 1} of {total} frames can be read. Copy it again.", stacklevel=4
        )


# ---- writing


class _Videos:
    """Both videos, opened with the first pictures, whose size they take."""

    def __init__(self, folder: Path, frames_per_s: float) -> None:
        self.paths = folder / "flow.mp4", folder / "masked.mp4"
        self.frames_per_s = frames_per_s
        self.pairs = 0
        self._writers: list[cv2.VideoWriter] = []

    def write(self, pictures: tuple[Pixels, Pixels]) -> None:
        """Append one picture (height, width, 3) BGR uint8 to each video."""
        if not self._writers:
            self._writers = [self._start(*parts) for parts in zip(self.paths, pictures, strict=True)]
        for writer, picture in zip(self._writers, pictures, strict=True):
            writer.write(picture)
        self.pairs += 1

    def _start(self, path: Path, picture: Pixels) -> cv2.VideoWriter:
        path.parent.mkdir(parents=True, exist_ok=True)
        height, width = picture.shape[:2]
        code = cv2.VideoWriter.fourcc(*"mp4v")
        writer = cv2.VideoWriter(str(path), code, self.frames_per_s, (width, height))
        if not writer.isOpened():
            raise OSError(
                f"{path} cannot be written. Is the folder writable? Does this OpenCV have MPEG-4 "
                "(`pip install opencv-python` does)?"
            )
        return writer

    def close(self) -> None:
        """Finish both files."""
        for writer in self._writers:
            writer.release()
