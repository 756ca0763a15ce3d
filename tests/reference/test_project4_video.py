"""A whole video: what is read, what is left out, what is written."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from grader.scenes import make_highway
from reference.project4 import video
from reference.project4.flow import flow_pictures

SIZE = (48, 64)


def shade(number):
    """A frame that is all of one grey, by which it can be told."""
    return np.full((*SIZE, 3), 20 * number, np.uint8)


def fill(folder, count=6, suffix=".png"):
    """Images 0 … count − 1, each of its own grey."""
    for number in range(count):
        cv2.imwrite(str(folder / f"in{number:03}{suffix}"), shade(number))
    return folder


class Pairs(list):
    """Notes which greys are compared, and shows both frames."""

    def __call__(self, before, after):  # noqa: D102 - the class says it
        self.append(tuple(round(int(frame[0, 0, 0]) / 20) for frame in (before, after)))
        return before, after


def frames_of(path):
    """All frames of a video."""
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(read[1])
    return frames


def test_a_folder_of_images_becomes_two_videos(tmp_path):
    """Each pair of neighbours, in the order of the names, is one frame of both videos."""
    pairs = Pairs()
    run = video.run_video(fill(tmp_path), tmp_path / "new" / "out", pairs)
    assert pairs == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    assert (run.pairs, run.skipped) == (5, ())
    for path, shift in ((run.flow_video, 0), (run.masked_video, 1)):
        frames = frames_of(path)
        assert [frame.shape for frame in frames] == [(*SIZE, 3)] * 5
        assert [round(frame.mean() / 20) for frame in frames] == [shift + number for number in range(5)]


def test_the_drawn_highway_runs_through(tmp_path):
    """With the lab's functions, the masked video is black where nothing moves, and not all black."""
    scene = make_highway(tmp_path, frames=4)
    run = video.run_video(scene.frames, tmp_path / "out", flow_pictures)
    masked = np.array(frames_of(run.masked_video))
    assert masked.shape == (3, 240, 320, 3)
    assert (masked < 8).mean() > 0.5
    assert (masked > 60).any()


def test_a_video_file_is_read_frame_by_frame(tmp_path):
    """What one run wrote, another can read."""
    first = video.run_video(fill(tmp_path), tmp_path, lambda before, after: (before, after))
    pairs = Pairs()
    assert video.run_video(first.flow_video, tmp_path / "again", pairs).pairs == 4
    assert pairs == [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_frames_in_memory_are_taken_as_they_come(tmp_path):
    """A generator of arrays is a source too."""
    pairs = Pairs()
    assert video.run_video((shade(number) for number in (3, 1, 2)), tmp_path, pairs).pairs == 2
    assert pairs == [(3, 1), (1, 2)]


@pytest.mark.parametrize("in_memory", [False, True], ids=["folder", "memory"])
def test_progress_is_told(tmp_path, in_memory):
    """After each pair come the frames done, and those in all where that is known."""
    source = [shade(0)] * 6 if in_memory else fill(tmp_path)
    told = []
    video.run_video(source, tmp_path / "out", Pairs(), progress=lambda *numbers: told.append(numbers))
    assert told == [(done, None if in_memory else 6) for done in range(2, 7)]


def cut_off(path):
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:-1000])


def resized(path):
    cv2.imwrite(str(path), np.zeros((20, 30, 3), np.uint8))


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize(
    ("spoil", "cure"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "Copy", id="empty file"),
        pytest.param(lambda path: path.write_bytes(b"not an image"), "Copy", id="text"),
        pytest.param(cut_off, "Copy", id="cut off"),
        pytest.param(resized, "30×20.*64×48.*resize", id="wrong size"),
    ],
)
def test_an_image_that_cannot_be_used_is_named_and_skipped(tmp_path, suffix, spoil, cure):
    """The rest is used, no pair reaches across the gap, and the warning points at the caller."""
    spoil(fill(tmp_path, suffix=suffix) / f"in002{suffix}")
    pairs = Pairs()
    with pytest.warns(UserWarning, match=f"in002{suffix} is left out.*{cure}") as warned:
        run = video.run_video(tmp_path, tmp_path / "out", pairs)
    assert run.skipped == (f"in002{suffix}",)
    assert pairs == [(0, 1), (3, 4), (4, 5)]
    assert len(frames_of(run.flow_video)) == run.pairs == 3
    assert [warning.filename for warning in warned] == [__file__]


def test_grey_frames_are_refused_by_name(tmp_path):
    """OpenCV would drop them from a colour video without a word."""
    with (
        pytest.warns(UserWarning, match=r"frame 1 is left out: its shape is \(48, 64\)"),
        pytest.raises(ValueError, match="1 were left out"),
    ):
        video.run_video([shade(0), shade(1)[..., 0], shade(2)], tmp_path, Pairs())


def test_a_video_that_ends_too_early_is_told(tmp_path, monkeypatch):
    """A file that promises more frames than can be read is used as far as it goes, with a warning."""

    class Capture:
        frames = 3

        def __init__(self, _path):
            pass

        def read(self):
            self.frames -= 1
            return self.frames >= 0, shade(1)

        def get(self, _property):
            return 10.0

        def release(self):
            pass

    (tmp_path / "short.mp4").write_bytes(b"any")
    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    with pytest.warns(UserWarning, match="short.mp4: only 3 of 10 frames") as warned:
        assert video.run_video(tmp_path / "short.mp4", tmp_path / "out", Pairs()).pairs == 2
    assert warned[0].filename == __file__


def test_an_error_in_a_picture_leaves_readable_videos(tmp_path):
    """What was written before it can be watched, and the error arrives."""

    def pictures(before, after):
        if after[0, 0, 0] == 60:
            raise RuntimeError("the third pair")
        return before, after

    with pytest.raises(RuntimeError, match="the third pair"):
        video.run_video(fill(tmp_path), tmp_path / "out", pictures)
    assert len(frames_of(tmp_path / "out" / "flow.mp4")) == 2


def nothing(folder):
    return folder / "nowhere"


def empty(folder):
    (folder / "notes.txt").write_text("no image")
    return folder


def text(folder):
    (folder / "film.mp4").write_text("no video")
    return folder / "film.mp4"


def single(folder):
    return fill(folder, 1)


def alternating(folder):
    fill(folder)
    for number in (1, 3, 5):
        (folder / f"in00{number}.png").write_bytes(b"")
    return folder


@pytest.mark.filterwarnings("ignore:in00")
@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (nothing, FileNotFoundError, "nowhere does not exist. Name a video"),
        (empty, FileNotFoundError, "holds no images.*Name the folder"),
        (text, ValueError, "film.mp4 cannot be read as a video. Copy"),
        (single, ValueError, "no two usable frames follow each other, 0 were left out"),
        (alternating, ValueError, "no two usable frames follow each other, 3 were left out"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_source_that_cannot_be_used(tmp_path, source, error, message):
    """The error names the file or folder and the cure, and no empty video is left behind."""
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(error, match=message):
        video.run_video(source(folder), tmp_path / "out", Pairs())
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written(tmp_path):
    """Where the videos should go lies a file: the error names it."""
    (tmp_path / "out").write_text("")
    with pytest.raises(OSError, match="out"):
        video.run_video([shade(0), shade(1)], tmp_path / "out", Pairs())


def test_a_video_that_opencv_cannot_write(tmp_path):
    """The error names the file and the cure."""
    (tmp_path / "flow.mp4").mkdir()
    with pytest.raises(OSError, match=r"flow.mp4 cannot be written.*pip install"):
        video.run_video([shade(0), shade(1)], tmp_path, Pairs())
