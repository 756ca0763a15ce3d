"""What checks see of a prepared set: arrays without a suffix, pictures with theirs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from grader.given import Given


@pytest.fixture
def given(tmp_path):
    """A folder with an array, two pictures, and files that are neither."""
    (tmp_path / "lab" / "highway").mkdir(parents=True)
    np.save(tmp_path / "ascent.npy", np.arange(6).reshape(2, 3))
    cv2.imwrite(str(tmp_path / "lab/highway/in1.png"), np.full((4, 5, 3), 7, np.uint8))
    cv2.imwrite(str(tmp_path / "lab/highway/gt1.png"), np.full((4, 5), 255, np.uint8))
    (tmp_path / "lab/highway/broken.png").write_bytes(b"no picture")
    (tmp_path / "lab/highway/empty.png").write_bytes(b"")
    (tmp_path / "lab/highway/notes.txt").write_text("neither")
    return Given(tmp_path)


def test_arrays_and_pictures_have_names(given):
    """Arrays come first; what is neither has no name."""
    names = ["broken", "empty", "gt1", "in1"]
    assert list(given) == ["ascent", *(f"lab/highway/{name}.png" for name in names)]
    assert len(given) == 5


def test_contents_are_as_stored(given):
    """An array keeps its shape, a picture its channels."""
    np.testing.assert_array_equal(given["ascent"], [[0, 1, 2], [3, 4, 5]])
    assert given["lab/highway/in1.png"].shape == (4, 5, 3)
    assert given["lab/highway/gt1.png"].shape == (4, 5)


def test_everything_is_read_only(given):
    """A check cannot change what the next one sees."""
    for name in ("ascent", "lab/highway/in1.png"):
        with pytest.raises(ValueError, match="read-only"):
            given[name][0, 0] = 1


@pytest.mark.parametrize("name", ["lab/highway/broken.png", "lab/highway/empty.png", "lab/x.png", "x"])
def test_what_cannot_be_read_is_not_there(given, name):
    """As in any mapping."""
    with pytest.raises(KeyError):
        given[name]
    assert given.get(name) is None
