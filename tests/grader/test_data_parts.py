"""Frames, fish and the files of pre-trained networks: found in a folder, or drawn, or left out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from grader import data, data_parts
from grader.data_files import SHAPES
from grader.errors import UsageProblem

NAMES = {str(number): [f"n{number:08d}", f"thing {number}"] for number in range(1000)}
ALL = {"CIFAR-10", "highway frames", "fish images", "ResNet50 weights", "ImageNet class names"}


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch, tmp_path):
    """Nothing of this machine's own, a cache folder of the test's own, and few drawings."""
    monkeypatch.delenv("LABGRADE_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "caches" / name))
    monkeypatch.setattr(data_parts, "FRAMES", 2)
    monkeypatch.setattr(data_parts, "PER_CLASS", 1)
    blank = {name: np.zeros(shape, np.uint8) for name, shape in SHAPES.items()}
    monkeypatch.setattr(data.pictures, "make_cifar_like", lambda: blank)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def files(place: Path) -> set[str]:
    """Every file below a folder, by its relative path."""
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


def test_what_is_not_there_is_drawn(tmp_path):
    """Frames and fish are drawn, their truth is hidden, and there are no files of networks."""
    prepared = data.prepare_data(None, cache=tmp_path / "c")
    lab = files(prepared.visible / "lab")
    assert {name for name in lab if name.startswith("highway/")} == {
        "highway/in000001.png",
        "highway/in000002.png",
    }
    assert len({name for name in lab if name.startswith("fish/")}) == 18
    assert files(prepared.hidden / "lab") == {"highway_truth/gt000001.png", "highway_truth/gt000002.png"}
    assert not (prepared.visible / "models").exists()
    assert data.look_for(None) == dict.fromkeys(ALL)


def test_the_folder_s_own(folder, tmp_path):
    """The pictures of a folder are taken as they are; truth masks and other files stay out of sight."""
    for name in (
        "highway/b.jpg",
        "highway/a.PNG",
        "highway/notes.txt",
        "highway/truth/x.png",
        "highway_truth/a.png",
    ):
        put(folder / name, name.encode())
    for name in ("fish/Trout/1.png", "fish/Trout GT/1.png", "fish/readme.md", "fish/.DS_Store"):
        put(folder / name, name.encode())
    prepared = data.prepare_data(folder, cache=tmp_path / "c")
    assert files(prepared.visible / "lab") == {
        "highway/b.jpg", "highway/a.PNG", "fish/Trout/1.png", "fish/Trout GT/1.png",
    }  # fmt: skip
    assert (prepared.visible / "lab/highway/a.PNG").read_bytes() == b"highway/a.PNG"
    assert files(prepared.hidden / "lab") == {"highway_truth/a.png"}
    found = data.look_for(folder)
    assert (found["highway frames"], found["fish images"]) == (folder / "highway", folder / "fish")


def test_a_video_is_as_good_as_frames(folder, tmp_path):
    """The highway may be one video file."""
    put(folder / "highway/cars.mp4")
    assert files(data.prepare_data(folder, cache=tmp_path / "c").visible / "lab/highway") == {"cars.mp4"}


@pytest.mark.parametrize("name", ["highway", "fish"])
def test_a_folder_without_pictures_is_none(folder, tmp_path, name):
    """A folder that is empty, or a file of that name, is as if it were not there."""
    (folder / name).mkdir()
    assert data.look_for(folder)[f"{name} {'frames' if name == 'highway' else 'images'}"] is None
    (folder / name).rmdir()
    put(folder / name)
    assert files(data.prepare_data(folder, cache=tmp_path / "c").visible / "lab" / name)


@pytest.mark.parametrize("place", ["data", "data/models", "keras/models"])
def test_files_of_networks(folder, tmp_path, place):
    """Weights and class names are found in the folder, its ``models``, or the Keras cache."""
    put(tmp_path / place / data_parts.WEIGHTS, data_parts.HDF5 + b"weights")
    put(tmp_path / place / data_parts.CLASS_NAMES, json.dumps(NAMES).encode())
    prepared = data.prepare_data(folder, cache=tmp_path / "c")
    assert files(prepared.visible / "models") == {data_parts.WEIGHTS, data_parts.CLASS_NAMES}
    assert data.look_for(folder)["ResNet50 weights"] == tmp_path / place / data_parts.WEIGHTS


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (data_parts.WEIGHTS, b"<html>", "it is no HDF5 file"),
        (data_parts.WEIGHTS, b"", "it is no HDF5 file"),
        (data_parts.CLASS_NAMES, b"{", "cannot be used"),
        (data_parts.CLASS_NAMES, b"\xff", "cannot be used"),
        (data_parts.CLASS_NAMES, b'{"0": ["n01440764", "tench"]}', "the classes 0 to 999"),
        (data_parts.CLASS_NAMES, b"[1]", "the classes 0 to 999"),
        (data_parts.CLASS_NAMES, b"[" * 100_000, "cannot be used"),
    ],
)
def test_a_broken_file_is_named(folder, tmp_path, name, content, says):
    """What cannot be used is said in one line, with what to do, and nothing is prepared from it."""
    put(folder / name, content)
    with pytest.raises(UsageProblem, match=rf"{name} cannot be used: .*Replace it") as caught:
        data.prepare_data(folder, cache=tmp_path / "c")
    assert says in str(caught.value)
    assert not list((tmp_path / "c").rglob("*.npy"))


def test_a_changed_file_makes_a_new_set(folder, tmp_path):
    """The set is made again when a frame is added or another one takes its place, and only then."""
    frame = put(folder / "highway/1.png", b"one")
    first = data.prepare_data(folder, cache=tmp_path / "c")
    assert data.prepare_data(folder, cache=tmp_path / "c") == first
    frame.unlink()
    put(frame, b"another")
    second = data.prepare_data(folder, cache=tmp_path / "c")
    put(folder / "highway/2.png")
    third = data.prepare_data(folder, cache=tmp_path / "c")
    assert len({first.visible, second.visible, third.visible}) == 3
    assert (second.visible / "lab/highway/1.png").read_bytes() == b"another"


def test_files_are_copied_where_they_cannot_be_linked(folder, tmp_path, monkeypatch):
    """On another disk a copy is made; a link to a file is followed."""
    put(tmp_path / "elsewhere/real.png", b"frame")
    (folder / "highway").mkdir()
    (folder / "highway/1.png").symlink_to(tmp_path / "elsewhere/real.png")
    linked = data.prepare_data(folder, cache=tmp_path / "c").visible / "lab/highway/1.png"
    assert not linked.is_symlink()
    assert linked.stat().st_nlink == 2

    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    copied = data.prepare_data(folder, cache=tmp_path / "other").visible / "lab/highway/1.png"
    assert (copied.read_bytes(), copied.stat().st_nlink) == (b"frame", 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(folder, tmp_path):
    """Its name and the system's reason are said, instead of a fault of the cache."""
    put(folder / "highway/1.png").chmod(0)
    with pytest.raises(UsageProblem, match=r"1\.png cannot be used: Permission denied"):
        data.prepare_data(folder, cache=tmp_path / "c")


def test_a_dangling_link_is_no_frame(folder, tmp_path):
    """A link to nothing is passed over."""
    put(folder / "highway/1.png")
    (folder / "highway/2.png").symlink_to(folder / "gone.png")
    assert files(data.prepare_data(folder, cache=tmp_path / "c").visible / "lab/highway") == {"1.png"}
