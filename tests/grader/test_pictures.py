"""The built-in pictures."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import convolve2d

from grader import pictures

ROOT = Path(__file__).resolve().parents[2]
SOBEL_X = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return pictures.make_cifar_like()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("x_train", (10_000, 32, 32, 3)),
        ("y_train", (10_000, 1)),
        ("x_test", (4_000, 32, 32, 3)),
        ("y_test", (4_000, 1)),
    ],
)
def test_shapes_and_types_are_those_of_cifar10(drawn, name, shape):
    """Each array has the shape and the type that `cifar10.load_data()` gives, cut to the lab's size."""
    assert (drawn[name].shape, drawn[name].dtype) == (shape, np.uint8)


def test_every_class_is_about_equally_frequent(drawn):
    """No class of the ten is rare or dominant."""
    counts = np.bincount(drawn["y_train"][:, 0], minlength=10)
    assert len(counts) == 10
    assert counts.min() > 900
    assert counts.max() < 1100


def test_the_same_seed_draws_the_same_pictures(drawn):
    """Two calls agree to the last pixel, and another seed does not."""
    again, other = pictures.make_cifar_like(), pictures.make_cifar_like(seed=1)
    assert all(np.array_equal(drawn[name], again[name]) for name in drawn)
    assert not np.array_equal(drawn["x_train"], other["x_train"])


def test_no_picture_occurs_twice(drawn):
    """Neither within the set nor between training and test images."""
    images = np.concatenate([drawn["x_train"], drawn["x_test"]])
    assert len({image.tobytes() for image in images}) == len(images)


def test_drawing_takes_seconds():
    """One core draws the whole set in less than six seconds of its time."""
    start = time.process_time()
    pictures.make_cifar_like()
    assert time.process_time() - start < 6


def test_a_tenth_of_the_pictures_shows_another_class(monkeypatch):
    """A viewer who recognises every shape is still wrong on 10 to 14 in 100, so nothing reaches 0.95."""
    shown = []
    draw = pictures._draw
    monkeypatch.setattr(
        pictures, "_draw", lambda classes, rng: (shown.append(classes), draw(classes, rng))[1]
    )
    drawn = pictures.make_cifar_like()
    labels = np.concatenate([drawn["y_train"], drawn["y_test"]])[:, 0]
    wrong = np.concatenate(shown) != labels
    assert 0.10 < wrong[:10_000].mean() < 0.14
    assert 0.10 < wrong[12_000:].mean() < 0.14


@pytest.mark.parametrize("shape", pictures.SHAPES, ids=lambda shape: shape.__name__.strip("_"))
def test_all_shapes_but_two_change_when_turned(shape):
    """A quarter turn leaves the disc and the ring as they are and changes the other eight."""
    axis = np.linspace(-1.2, 1.2, 49, dtype=np.float32)
    inside = shape(axis[None, :], axis[:, None]) > 0
    changed = np.mean(inside != np.rot90(inside)) > 0.05
    assert changed == (shape.__name__ not in {"_disc", "_ring"})


def test_the_ten_shapes_differ():
    """No two classes draw nearly the same shape."""
    axis = np.linspace(-1.2, 1.2, 49, dtype=np.float32)
    masks = [shape(axis[None, :], axis[:, None]) > 0 for shape in pictures.SHAPES]
    apart = [np.mean(a != b) for i, a in enumerate(masks) for b in masks[:i]]
    assert min(apart) > 0.1


def test_one_epoch_is_enough_to_learn():
    """The lab's 4.2 network reaches 0.40 on the test images after one epoch."""
    code = "from bench.pictures import *; x, y, a, b = prepared(); print(accuracy(trained(0, 1, x, y), a, b))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    reached = float(run.stdout.split()[-1])
    assert 0.40 <= reached < 0.95


def test_the_staircase_is_a_picture_of_its_own():
    """(512, 512) uint8, the same each time, using the whole range without clipping much of it."""
    picture = pictures.make_ascent_like()
    assert (picture.shape, picture.dtype) == ((512, 512), np.uint8)
    assert np.array_equal(picture, pictures.make_ascent_like())
    assert len(np.unique(picture)) > 200
    assert np.mean((picture == 0) | (picture == 255)) < 0.1


def test_filtering_the_staircase_wrongly_shows():
    """Sobel X, Sobel Y, a correlation, and the responses to its mirror images and transpose all differ."""
    picture = pictures.make_ascent_like().astype(int)
    right = convolve2d(picture, SOBEL_X, mode="valid")
    wrong = {
        "Sobel Y": convolve2d(picture, SOBEL_X.T, mode="valid"),
        "correlation": -right,
        "mirrored": convolve2d(picture[:, ::-1], SOBEL_X, mode="valid"),
        "upside down": convolve2d(picture[::-1], SOBEL_X, mode="valid"),
        "transposed": convolve2d(picture.T, SOBEL_X, mode="valid"),
    }
    apart = {name: np.abs(right - other).mean() for name, other in wrong.items()}
    assert min(apart.values()) > 10, apart
