"""A failure's picture as paths: runs of pixels, arrows, and what is wrong."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from checks.kit.picture import FREE, Arrows, FlowPicture
from grader.drawing import LARGEST, arrowed, draw

PICTURE = FlowPicture(
    flow=(((0.0, 0.0), (0.0, 0.0), (0.0, 0.0)), ((0.0, 0.0), (2.0, 0.0), (0.0, 0.0))),
    expected=((0, 255, FREE), (0, 0, 0)),
    received=((255, 0, 255), (255, 255, 0)),
)


def test_masks_are_runs_of_pixels():
    """Neighbours in a row are one rectangle."""
    flow, expected, received = draw(PICTURE).panels
    assert expected.set_ == "M1 0h1v1h-1z"
    assert expected.free == "M2 0h1v1h-1z"
    assert received.set_ == "M0 0h1v1h-1zM2 0h1v1h-1zM0 1h2v1h-2z"
    assert flow.moving == "M1 1h1v1h-1z"


def test_what_differs_is_wrong():
    """A pixel that may be either is never wrong."""
    drawing = draw(PICTURE)
    assert drawing.panels[2].wrong == "M0 0h2v1h-2zM0 1h2v1h-2z"
    assert "4 of them wrong" in drawing.caption


def test_a_single_moving_pixel_has_its_arrow():
    """The longest vector of a square is the one shown, from the middle of its pixel, to the right."""
    arrows = draw(PICTURE).panels[0].arrows
    start, tip = re.match(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", arrows).group(1, 2), arrows
    assert start == ("1.5", "1.5")
    assert tip.startswith("M1.5 1.5L3.5 1.5")


def test_nothing_moves_without_arrows():
    """A flow of zeros, or of NaN, has none, and raises nothing."""
    for value in (0.0, float("nan")):
        still = replace(PICTURE, flow=(((value, value),) * 3,) * 2)
        assert draw(still).panels[0].arrows == ""


@pytest.mark.parametrize(
    "change",
    [
        {"flow": ()},
        {"received": ((0, 0), (0, 0))},
        {"expected": ((0,), (0, 0))},
        {"received": ((0,) * 3,) * 3},
    ],
    ids=["empty", "narrow", "ragged", "tall"],
)
def test_what_has_no_form_is_not_drawn(change):
    """A picture whose parts do not fit together is left out of the page."""
    assert draw(replace(PICTURE, **change)) is None


def test_a_large_picture_is_quick():
    """A picture of 200 × 200 takes less than a second."""
    flow = (((1.0, 2.0),) * 200,) * 200
    mask = ((255, 0) * 100,) * 200
    started = time.process_time()
    assert draw(FlowPicture(flow, mask, mask)) is not None
    assert time.process_time() - started < 1


def test_arrows_and_dots_over_an_image():
    """What has a length is an arrow, what has none a dot; no number and what lies outside are left out."""
    arrows = (
        (5.0, 5.0, 3.0, -4.0),
        (8.0, 2.0, 0.0, 0.0),
        (99.0, 1.0, 0.0, 0.0),
        (1.0, float("nan"), 1.0, 1.0),
    )
    drawn = arrowed(Arrows("", 10, 10, arrows))
    assert drawn.lines.startswith("M5.0 5.0L8.0 1.0M")
    assert drawn.lines.count("L") == 1
    assert drawn.dots == "M8.0 2.0h.01"


@pytest.mark.parametrize("size", [(0, 5), (5, LARGEST + 1), (-3, 5)])
def test_an_image_of_no_size_is_not_drawn(size):
    """Neither without pixels nor with too many."""
    assert arrowed(Arrows("", *size, ())) is None


def test_an_arrow_is_bounded():
    """A motion of 1e300 pixels leaves no page."""
    assert len(arrowed(Arrows("", 10, 10, ((1.0, 1.0, 1e300, 0.0),))).lines) < 80
