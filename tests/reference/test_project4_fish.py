"""Loading, splitting and encoding the fish."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.scenes import KINDS, make_fish
from reference.project4 import fish

NAMES = [kind.name for kind in KINDS]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The folder `fish` with four images per class."""
    return make_fish(tmp_path_factory.mktemp("data"), per_class=4)


def write(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


def colour(*bgr):
    return np.full((30, 40, 3), bgr, np.uint8)


# ---- loading


def test_the_images_and_their_classes(drawn):
    """Every image comes as (128, 128, 3) uint8 with the name of its folder, in the order of the names."""
    images, labels = fish.load_fish(drawn)
    assert (images.shape, images.dtype) == ((36, 128, 128, 3), np.uint8)
    assert labels.tolist() == [name for name in sorted(NAMES) for _ in range(4)]


def test_masks_are_not_images(drawn, tmp_path):
    """The folders `… GT` add nothing: without them the result is the same."""
    assert sum(folder.name.endswith(" GT") for folder in drawn.iterdir()) == 9
    shutil.copytree(drawn, tmp_path / "fish", ignore=shutil.ignore_patterns("* GT"))
    with_masks, without = fish.load_fish(drawn, size=16), fish.load_fish(tmp_path / "fish", size=16)
    assert np.array_equal(with_masks.images, without.images)
    assert np.array_equal(with_masks.labels, without.labels)


def test_the_archive_as_it_is_unpacked(drawn, tmp_path):
    """There, images lie one folder deeper, and the masks beside them."""
    for name in NAMES:
        for part in (name, f"{name} GT"):
            shutil.copytree(drawn / part, tmp_path / name / part)
    flat, deep = fish.load_fish(drawn, size=16), fish.load_fish(tmp_path, size=16)
    assert np.array_equal(flat.images, deep.images)
    assert np.array_equal(flat.labels, deep.labels)


def test_colours_are_in_the_order_of_red_green_blue(tmp_path):
    """A red image is 255 in its first channel; grey ones have three equal channels."""
    write(tmp_path / "a" / "1.png", colour(0, 0, 255))
    write(tmp_path / "b" / "1.png", np.full((9, 9), 77, np.uint8))
    images, _ = fish.load_fish(tmp_path, size=8)
    assert (images == np.array([[255, 0, 0], [77, 77, 77]])[:, None, None]).all()


def test_any_image_is_brought_to_the_size(tmp_path):
    """Larger, smaller, not square, of any usual format: all become size × size, and none is cropped."""
    half = colour(0, 0, 0)
    half[15:] = 255
    for name, scale in (("1.png", 10), ("2.jpg", 1), ("3.JPG", 0.2), ("4.bmp", 3)):
        write(tmp_path / "a" / name, cv2.resize(half, None, fx=scale, fy=scale))
    (tmp_path / "a" / "notes.txt").write_text("no image")
    images, labels = fish.load_fish(tmp_path, size=20)
    assert (images.shape, len(labels)) == ((4, 20, 20, 3), 4)
    assert (images[:, :7] < 40).all()
    assert (images[:, -7:] > 215).all()


@pytest.mark.parametrize("spoil", [b"", b"no image", None], ids=["empty", "text", "cut off"])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_corrupt_image_is_named_skipped_and_counted(tmp_path, spoil, suffix):
    """The others keep their classes, and one warning says how many and which are left out."""
    for name in ("a", "b", "c"):
        write(tmp_path / name / f"1.{suffix}", colour(9, 99, 199))
        write(tmp_path / name / f"2.{suffix}", colour(9, 99, 199))
    for bad in (tmp_path / "a" / f"2.{suffix}", tmp_path / "b" / f"1.{suffix}"):
        write(bad, np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8))
        bad.write_bytes(bad.read_bytes()[:-500] if spoil is None else spoil)
    expected = rf"2 of 6 images.*again: {Path('a', f'2.{suffix}')}, {Path('b', f'1.{suffix}')}"
    with pytest.warns(UserWarning, match=expected) as warned:
        images, labels = fish.load_fish(tmp_path)
    assert len(warned) == 1
    assert labels.tolist() == ["a", "b", "c", "c"]
    assert len(images) == 4
    assert images.min() > 0  # no row is left unfilled


def only_masks(folder):
    write(folder / "Trout GT" / "1.png", colour(255, 255, 255))


def no_folders(folder):
    write(folder / "1.png", colour(9, 9, 9))


def one_too_high(folder):
    write(folder / "fish" / "Trout" / "1.png", colour(9, 9, 9))


@pytest.mark.parametrize("fill", [lambda folder: None, only_masks, no_folders, one_too_high])
def test_a_folder_without_classes(tmp_path, fill):
    """The error names the folder and shows what it should hold."""
    fill(tmp_path)
    with pytest.raises(FileNotFoundError, match=f"{tmp_path.name} holds no images.*Trout/00001.png"):
        fish.load_fish(tmp_path)


def test_bad_arguments(tmp_path):
    """A folder that is not there and a size of nothing are refused."""
    with pytest.raises(FileNotFoundError, match=r"nowhere does not exist. Name the folder"):
        fish.load_fish(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="size=0"):
        fish.load_fish(tmp_path, size=0)


# ---- splitting and encoding


def numbered(per_class, classes=9):
    """Images whose first pixel is their number, and their labels."""
    count = per_class * classes
    images = np.zeros((count, 2, 2, 3), np.uint16)
    images[:, 0, 0, 0] = np.arange(count)
    return images, np.repeat(NAMES[:classes], per_class)


@given(per_class=st.integers(6, 40), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_the_parts_are_disjoint_whole_and_paired(per_class, seed):
    """Each image is in exactly one part, with its own label, and each class in each part in its share."""
    images, labels = numbered(per_class)
    parts = fish.split(images, labels, random_state=seed)
    seen = []
    for X, Y, share in (
        (parts.Xtrain, parts.Ytrain, 0.64),
        (parts.Xval, parts.Yval, 0.16),
        (parts.Xtest, parts.Ytest, 0.2),
    ):
        numbers = X[:, 0, 0, 0]
        assert np.array_equal(labels[numbers], Y)
        assert [abs((name == Y).sum() - share * per_class) < 2 for name in NAMES] == [True] * 9
        seen += numbers.tolist()
    assert sorted(seen) == list(range(len(images)))


def test_the_split_is_fixed():
    """The same call gives the same parts, another random_state others."""
    images, labels = numbered(10)
    first, again, other = (fish.split(images, labels, random_state=seed) for seed in (42, 42, 1))
    assert np.array_equal(fish.split(images, labels).Xtest, first.Xtest)
    assert np.array_equal(first.Xtest, again.Xtest)
    assert not np.array_equal(first.Xtest, other.Xtest)


def test_too_few_images_are_refused():
    """A class of one image cannot be in all three parts."""
    with pytest.raises(ValueError, match="least populated"):
        fish.split(*numbered(1))


def test_labels_become_rows():
    """Nine columns in the order of `classes`; each row has a single 1, in the column of its label."""
    parts = fish.split(*numbered(10))
    encoded = fish.binarise(parts)
    assert encoded.classes == tuple(sorted(NAMES))
    for rows, labels in (
        (encoded.Ytrain, parts.Ytrain),
        (encoded.Yval, parts.Yval),
        (encoded.Ytest, parts.Ytest),
    ):
        assert rows.shape == (len(labels), 9)
        assert (rows.sum(axis=1) == 1).all()
        assert rows.min() == 0
        assert [encoded.classes[column] for column in rows.argmax(axis=1)] == labels.tolist()


def test_two_classes_are_refused():
    """LabelBinarizer would give one column for them."""
    with pytest.raises(ValueError, match="three classes"):
        fish.binarise(fish.split(*numbered(10, classes=2)))


def test_a_class_that_was_not_trained_is_refused():
    """LabelBinarizer would give a row of zeros for it."""
    images, labels = numbered(10)
    seen = labels != "Trout"
    with pytest.raises(ValueError, match=r"\['Trout'\] only in the other parts"):
        fish.binarise(fish.Split(images[seen], images, images, labels[seen], labels, labels))


def test_preprocessing():
    """0–255 becomes −1 to 1 in float32, evenly; what has been scaled before is refused."""
    scaled = fish.preprocess(np.arange(256, dtype=np.uint8))
    assert scaled.dtype == np.float32
    assert scaled == pytest.approx(np.linspace(-1, 1, 256), abs=1e-6)
    with pytest.raises(TypeError, match="float32"):
        fish.preprocess(scaled)
