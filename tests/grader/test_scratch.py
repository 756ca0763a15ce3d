"""Folders that student code has filled are removed, whatever is in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader import scratch


def dig(folder, levels):
    """A folder in a folder … ``levels`` deep, made as a notebook would."""
    before = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    for _ in range(levels):
        Path("deeper").mkdir()
        os.chdir("deeper")
    Path("last").write_text("x")
    os.fchdir(before)
    os.close(before)


@pytest.mark.parametrize("levels", [0, 1, 3, 1500])
def test_a_tree_of_any_depth_is_removed(tmp_path, levels):
    """Far deeper than Python calls itself, and than a path may be long."""
    home = tmp_path / "home"
    home.mkdir()
    dig(home, levels)
    scratch.remove(home)
    assert not home.exists()


def test_links_are_removed_not_followed(tmp_path):
    """What a link points to stays, be it a file, a folder, nothing or the link itself."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    home = tmp_path / "home"
    (home / "inner").mkdir(parents=True)
    for place in (home, home / "inner"):
        for name, target in {"a": outside, "b": outside / "kept", "c": "nowhere", "d": "d"}.items():
            (place / name).symlink_to(target)
    scratch.remove(home)
    assert not home.exists()
    assert (outside / "kept").read_text() == "kept"


def test_rights_that_were_taken_away_are_taken_back(tmp_path):
    """Folders that nobody may read or write go too."""
    home = tmp_path / "home"
    (home / "a" / "b" / "c").mkdir(parents=True)
    (home / "a" / "b" / "file").write_text("x")
    for place in (home / "a" / "b" / "c", home / "a" / "b", home / "a", home):
        place.chmod(0)
    scratch.remove(home)
    assert not home.exists()


def test_pipes_and_wide_folders_are_removed(tmp_path):
    """What is no regular file is unlinked, not opened; names that sort like ours do no harm."""
    home = tmp_path / "home"
    (home / "a" / f".moved-0-{os.getpid()}").mkdir(parents=True)
    (home / f".moved-0-{os.getpid()}" / "full").mkdir(parents=True)
    os.mkfifo(home / "a" / "pipe")
    for number in range(300):
        (home / "a" / str(number)).mkdir()
    scratch.remove(home)
    assert not home.exists()


def test_a_folder_that_is_not_there(tmp_path):
    """Nothing happens."""
    scratch.remove(tmp_path / "none")
