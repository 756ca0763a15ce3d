"""Arrays become small PNG images, whatever is in them."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from checks.kit.tiles import SIDE, plain_range, those, tile


def shown(array, **options):
    made = tile(np.asarray(array), "words", **options)
    return Image.open(io.BytesIO(base64.b64decode(made.png)))


def test_black_and_white_are_where_they_are_said_to_be():
    """``low`` is black and ``high`` white; what lies outside is cut off."""
    picture = shown([[-1.0, 0.0], [1.0, 9.0]], low=-1, high=1)
    assert np.asarray(picture).tolist() == [[0, 128], [255, 255]]
    assert np.asarray(shown([[2, 4], [4, 6]])).tolist() == [[0, 128], [128, 255]]


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 1), (3, 5, 3), (300, 700), (224, 224, 3)])
def test_the_longer_side_is_bounded(shape):
    """Small images keep their pixels, large ones get smaller; colours stay colours."""
    values = np.random.default_rng(0).random(shape)
    picture = shown(values)
    assert max(picture.size) == min(SIDE, max(shape[:2]))
    assert (picture.mode == "L") == (len(shape) == 2 or shape[2] == 1)


def test_a_photograph_takes_few_bytes():
    """The worst of colours, noise, stays below 30 kB of base64."""
    assert len(tile(np.random.default_rng(0).integers(0, 256, (500, 500, 3)), "").png) < 30_000


@pytest.mark.parametrize(
    "values", [[[np.nan, 1.0], [np.inf, -np.inf]], [[3.0, 3.0]], [[True, False]], [[1e308, -1e308]]]
)
def test_every_number_has_a_grey(values):
    """NaN, infinities, plain images and truth values give an image and no warning."""
    with np.errstate(all="raise"):
        assert shown(np.asarray(values)).size == (len(values[0]), len(values))


@pytest.mark.parametrize(
    "value",
    [np.zeros(3), np.zeros((0, 4)), np.zeros((2, 2, 4)), np.array([["a"]]), np.zeros((2, 2), complex)],
)
def test_what_is_no_image_gives_none(value):
    """Other shapes and types are left out."""
    assert tile(value, "") is None


@pytest.mark.parametrize(
    ("values", "span"),
    [([0.2, 0.9], (0, 1)), ([-0.9, 0.9], (-1, 1)), ([3, 250], (0, 255)), ([np.nan, 5e6], (5e6, 5e6))],
)
def test_the_range_of_images_is_recognised(values, span):
    """Black and white are those of the preprocessing, so that images of 0 to 1 do not look pale."""
    assert plain_range(np.array(values)) == span


def test_tiles_that_could_not_be_made_are_left_out():
    """The others stay in their order."""
    one = tile(np.zeros((2, 2)), "one")
    assert those([None, one, None]) == (one,)
