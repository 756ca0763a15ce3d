"""Dense flow, its arrows and the mask of the moving cars, held against the lab's description."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.scenes import make_highway
from reference.project4 import flow

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
EROSION = 6  # pixels that the mask loses all round
quick = settings(deadline=None, max_examples=60)


def scene(dx=0, dy=0, seed=0):
    """A textured frame (120, 160, 3) whose content lies dx to the right and dy further down."""
    noise = np.random.default_rng(seed).standard_normal((160, 200, 3))
    texture = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX)
    return np.rint(texture[20 - dy : 140 - dy, 20 - dx : 180 - dx]).astype(np.uint8)


def median(field):
    return np.median(field[20:-20, 20:-20], axis=(0, 1))


def block(top, left, height, width, u, v, size=(60, 80)):
    """A flow that is zero but in one rectangle."""
    field = np.zeros((*size, 2), np.float32)
    field[top : top + height, left : left + width] = u, v
    return field


velocities = st.integers(-12, 12)
blocks = st.builds(
    block,
    st.integers(0, 40),
    st.integers(0, 60),
    st.integers(1, 40),
    st.integers(1, 50),
    velocities,
    velocities,
)
fields = st.lists(blocks, min_size=1, max_size=3).map(sum)
thresholds = st.integers(0, 254).map(lambda whole: whole + 0.5)


def stretched(field):
    """The magnitude on the scale 0–255, as P1.2 describes it, in NumPy alone."""
    magnitude = np.hypot(field[..., 0].astype(float), field[..., 1])
    return 255 * (magnitude - magnitude.min()) / max(np.ptp(magnitude), 1e-30)


# ---- P1.1


@given(dx=st.integers(-4, 4), dy=st.integers(-4, 4), seed=st.integers(0, 5))
@settings(deadline=None, max_examples=25)
def test_flow_points_where_the_scene_moves(dx, dy, seed):
    """A scene moved by (dx, dy) has about that as median flow: x to the right, y downwards."""
    field = flow.compute_flow(scene(seed=seed), scene(dx, dy, seed))
    assert median(field) == pytest.approx((dx, dy), abs=0.25)


def test_swapping_the_frames_flips_the_flow():
    """The earlier frame comes first: (+3, −2) forwards is (−3, +2) backwards."""
    before, after = scene(), scene(3, -2)
    assert median(flow.compute_flow(before, after)) == pytest.approx((3, -2), abs=0.25)
    assert median(flow.compute_flow(after, before)) == pytest.approx((-3, 2), abs=0.25)


def test_flow_is_one_float32_vector_per_pixel():
    """The result is (height, width, 2) float32, and grey frames give what the same in colour gives."""
    before, after = (cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (scene(), scene(2, 1)))
    grey = flow.compute_flow(before, after)
    coloured = flow.compute_flow(*(np.dstack([frame] * 3) for frame in (before, after)))
    assert (grey.shape, grey.dtype) == ((120, 160, 2), np.float32)
    assert np.array_equal(grey, coloured)


def test_a_still_scene_has_no_flow():
    """Two equal frames give zero; at the border, where Farnebäck's method guesses, less than half a pixel."""
    field = np.abs(flow.compute_flow(scene(), scene()))
    assert field[20:-20, 20:-20].max() < 1e-3
    assert field.max() < 0.5


@given(height=st.integers(1, 300), width=st.integers(1, 300), step=st.integers(1, 60))
@quick
def test_the_grid_covers_the_frame(height, width, step):
    """The points are `step` apart both ways, as meshgrid gives them, up to the end of the frame."""
    x, y = flow.flow_grid((height, width, 3), step)
    for axis, along, size in ((x, 1, width), (y, 0, height)):
        assert np.issubdtype(axis.dtype, np.integer)
        assert axis.shape == x.shape
        line = list(range(step // 2, size, step))
        assert np.array_equal(axis, np.broadcast_to(np.expand_dims(line, 1 - along), axis.shape))


def test_the_grid_of_the_real_frames():
    """At 25 pixels a frame of 320×240 has 13 by 10 arrows."""
    x, y = flow.flow_grid((240, 320))
    assert x.shape == y.shape == (10, 13)
    assert (x.min(), y.min(), x.max(), y.max()) == (12, 12, 312, 237)


def test_arrows_of_the_figure_show_the_flow():
    """Arrows start on the grid and have three times the flow; both they and the image count y downwards."""
    field = np.random.default_rng(0).normal(0, 4, (120, 160, 2)).astype(np.float32)
    figure = flow.quiver_figure(scene(), field, step=30)
    (arrows,) = (thing for thing in figure.axes[0].collections if hasattr(thing, "U"))
    x, y = flow.flow_grid((120, 160), 30)
    assert np.array_equal(arrows.XY, np.column_stack([x.ravel(), y.ravel()]))
    assert np.array_equal(arrows.U, field[y, x, 0].ravel())
    assert np.array_equal(arrows.V, field[y, x, 1].ravel())
    assert (arrows.angles, arrows.scale_units, arrows.scale) == ("xy", "xy", 1 / 3)
    bottom, top = figure.axes[0].get_ylim()
    assert bottom > top
    plt.close(figure)


def test_the_figure_shows_the_colours_as_they_are():
    """A frame that is red (BGR) is shown as red (RGB)."""
    red = np.full((60, 60, 3), (0, 0, 255), np.uint8)
    figure = flow.quiver_figure(red, np.zeros((60, 60, 2), np.float32))
    assert np.asarray(figure.axes[0].images[0].get_array())[0, 0].tolist() == [255, 0, 0]
    plt.close(figure)


@pytest.mark.parametrize(("u", "v"), [(4, 0), (-4, 0), (0, 4), (0, -4), (3, 3)])
def test_arrows_of_the_video_end_where_the_pixel_will_be(u, v):
    """From each grid point a yellow line leads along its flow, three times as far, and none the other way."""
    frame = np.zeros((100, 100, 3), np.uint8)
    picture = flow.draw_flow(frame, np.full((100, 100, 2), (u, v), np.float32), step=100)
    assert picture[50 + 3 * v, 50 + 3 * u].tolist() == [0, 255, 255]
    assert picture[50 - 3 * v, 50 - 3 * u].tolist() == [0, 0, 0]
    assert not frame.any()


def test_the_video_shows_no_arrow_where_nothing_moves():
    """A picture of a still pair is the frame itself."""
    frame = scene()
    assert np.array_equal(flow.draw_flow(frame, np.zeros((120, 160, 2), np.float32)), frame)


# ---- P1.2


@given(field=fields, threshold=thresholds)
@quick
def test_the_mask_is_the_eroded_threshold(field, threshold):
    """It holds 0 and 255 only, and is the thresholded magnitude without 6 pixels all round."""
    mask = flow.flow_mask(field, threshold)
    assert (mask.shape, mask.dtype) == (field.shape[:2], np.uint8)
    assert set(np.unique(mask)) <= {0, 255}
    kernel = np.ones((2 * EROSION + 1, 2 * EROSION + 1), np.uint8)
    least, most = (
        cv2.erode((stretched(field) > threshold + rounding).astype(np.uint8), kernel)
        for rounding in (1e-3, -1e-3)
    )
    assert mask[least == 1].all()
    assert not mask[most == 0].any()


@given(field=fields, threshold=thresholds)
@quick
def test_doubling_the_flow_changes_nothing(field, threshold):
    """The magnitude is measured by the fastest pixel of the same frame."""
    assert np.array_equal(flow.flow_mask(2 * field, threshold), flow.flow_mask(field, threshold))


@given(field=fields, threshold=thresholds)
@quick
def test_the_direction_of_motion_does_not_matter(field, threshold):
    """Turning every vector by 90° or 180° leaves the mask as it is."""
    mask = flow.flow_mask(field, threshold)
    turned = np.stack([-field[..., 1], field[..., 0]], axis=-1)
    assert np.array_equal(flow.flow_mask(turned, threshold), mask)
    assert np.array_equal(flow.flow_mask(-field, threshold), mask)


@given(field=fields, pair=st.tuples(thresholds, thresholds).map(sorted))
@quick
def test_a_higher_threshold_never_adds_pixels(field, pair):
    """The mask of the higher threshold lies inside that of the lower."""
    low, high = (flow.flow_mask(field, threshold) for threshold in pair)
    assert not high[low == 0].any()


@given(u=st.floats(-50, 50, width=32), v=st.floats(-50, 50, width=32), threshold=st.integers(0, 255))
@quick
def test_motion_that_is_the_same_everywhere_gives_an_empty_mask(u, v, threshold):
    """Without a warning, for any speed, zero included."""
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        assert not flow.flow_mask(np.full((33, 41, 2), (u, v), np.float32), threshold).any()


def test_rounding_errors_are_not_stretched():
    """A flow that differs in the last digit only counts as the same everywhere."""
    field = np.full((60, 80, 2), 3, np.float32)
    field[:30] = np.nextafter(np.float32(3), np.float32(4))
    assert np.ptp(field) > 0
    assert not flow.flow_mask(field, 100).any()


@pytest.mark.parametrize(("row", "column"), [(30, 40), (0, 0), (59, 79), (0, 40)])
def test_a_single_moving_pixel_vanishes(row, column):
    """Noise is removed, in the middle and at the border of the image."""
    assert not flow.flow_mask(block(row, column, 1, 1, 9, 0), 20).any()


def test_the_inside_of_a_moving_block_stays():
    """A block of 30×40 pixels keeps all but a rim of 6, and nothing else is set."""
    mask = flow.flow_mask(block(10, 20, 30, 40, 5, -3))
    expected = np.zeros((60, 80), np.uint8)
    expected[10 + EROSION : 40 - EROSION, 20 + EROSION : 60 - EROSION] = 255
    assert np.array_equal(mask, expected)


def test_a_car_that_drives_out_of_the_picture_keeps_its_edge():
    """The border of the image erodes nothing."""
    mask = flow.flow_mask(block(10, 50, 30, 30, 5, 0))
    assert mask[25, 79] == 255


# ---- P1.3


@given(
    frame=hnp.arrays(np.uint8, st.sampled_from([(9, 7, 3), (9, 7)])),
    mask=hnp.arrays(np.uint8, (9, 7), elements=st.sampled_from([0, 255])),
)
@quick
def test_the_masked_frame(frame, mask):
    """Original colours where the mask is set, black elsewhere, in a new frame of the same shape and type."""
    before = frame.copy()
    masked = flow.apply_mask(frame, mask)
    assert (masked.shape, masked.dtype) == (frame.shape, np.uint8)
    assert np.array_equal(masked[mask == 255], frame[mask == 255])
    assert not masked[mask == 0].any()
    assert np.array_equal(frame, before)
    assert not np.shares_memory(masked, frame)


def test_pictures_of_a_pair_belong_to_its_earlier_frame():
    """The arrows lie on the earlier frame, and the masked picture has its colours."""
    before, after = scene(), scene(3, 0)
    field = flow.compute_flow(before, after)
    arrows, masked = flow.flow_pictures(before, after, threshold=30, step=20)
    assert np.array_equal(arrows, flow.draw_flow(before, field, 20))
    assert np.array_equal(masked, flow.apply_mask(before, flow.flow_mask(field, 30)))


# ---- how good it is


def f1(folder, first, last):
    """Over the pairs first … last − 1: 255 counts as moving, 0 and 50 as not, the rest is left out."""
    frames = sorted((folder / "highway").iterdir())[first : last + 1]
    truths = sorted((folder / "highway_truth").iterdir())[first:last]
    images = [cv2.imread(str(file)) for file in frames]
    right = wrong = 0
    for before, after, file in zip(images, images[1:], truths, strict=False):
        truth = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        found = flow.flow_mask(flow.compute_flow(before, after)) == 255
        right += np.sum(found & (truth == 255))
        wrong += np.sum(found & np.isin(truth, (0, 50))) + np.sum(~found & (truth == 255))
    return 2 * right / (2 * right + wrong)


def test_the_cars_of_the_drawn_highway_are_found(tmp_path):
    """The recommended settings reach an F1 of 0.8 on frames that they were not chosen on."""
    make_highway(tmp_path, frames=21, seed=1)
    assert f1(tmp_path, 0, 20) > 0.8


@pytest.mark.skipif(
    not (DATA / "highway_truth").is_dir(), reason="the real highway (../shared/data) is not here"
)
def test_the_cars_of_the_real_highway_are_found():
    """The recommended settings reach an F1 of 0.85 on the last 59 pairs; they were chosen on the first 60."""
    assert f1(DATA, 60, 119) > 0.85


# ---- bad arguments

FRAME = np.zeros((20, 30, 3), np.uint8)
FIELD = np.zeros((20, 30, 2), np.float32)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        pytest.param(lambda: flow.compute_flow(FRAME / 255, FRAME), TypeError, "float64", id="scaled frame"),
        pytest.param(lambda: flow.compute_flow(FRAME, FRAME[:9]), ValueError, r"\(9, 30\)", id="two sizes"),
        pytest.param(
            lambda: flow.compute_flow(FIELD.astype(np.uint8), FRAME), ValueError, "2", id="2 channels"
        ),
        pytest.param(
            lambda: flow.compute_flow(FRAME[:0], FRAME[:0]), ValueError, r"\(0, 30", id="empty frame"
        ),
        pytest.param(
            lambda: flow.compute_flow(FRAME[None], FRAME[None]), ValueError, "1, 20", id="batch axis"
        ),
        pytest.param(lambda: flow.flow_grid((20, 30), 0), ValueError, "step=0", id="step 0"),
        pytest.param(
            lambda: flow.quiver_figure(FRAME, FIELD[:9]), ValueError, r"\(9, 30\)", id="figure, sizes"
        ),
        pytest.param(lambda: flow.flow_mask(FIELD[..., 0], 9), ValueError, r"\(20, 30\)", id="no vectors"),
        pytest.param(lambda: flow.flow_mask(FIELD * np.nan, 9), ValueError, "NaN", id="NaN"),
        pytest.param(lambda: flow.flow_mask(FIELD, -1), ValueError, "threshold=-1", id="threshold below 0"),
        pytest.param(
            lambda: flow.flow_mask(FIELD, 256), ValueError, "threshold=256", id="threshold over 255"
        ),
        pytest.param(
            lambda: flow.apply_mask(FRAME, FRAME), ValueError, r"\(20, 30, 3\)", id="mask in colour"
        ),
        pytest.param(
            lambda: flow.apply_mask(FRAME, FRAME[..., 0] > 0), ValueError, "bool", id="boolean mask"
        ),
    ],
)
def test_bad_arguments(call, error, message):
    """Each is refused with a sentence that shows what was received."""
    with pytest.raises(error, match=message):
        call()
