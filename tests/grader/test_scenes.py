"""The drawn highway and the drawn fish."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from grader import scenes


def read(folder):
    """All images of a folder in the order of their names; masks have one channel."""
    return np.array([cv2.imread(str(file), cv2.IMREAD_UNCHANGED) for file in sorted(folder.iterdir())])


def content(folder):
    """Every file below a folder by its relative path."""
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# ---- the highway


@pytest.fixture(scope="module")
def highway(tmp_path_factory):
    """Forty frames (40, 240, 320, 3) and their masks (40, 240, 320)."""
    scene = scenes.make_highway(tmp_path_factory.mktemp("road"), frames=40)
    return scene, read(scene.frames), read(scene.truth)


def test_the_layout_of_the_highway(highway):
    """Frames and masks are numbered alike, in `highway` and `highway_truth`, 320×240."""
    scene, frames, truth = highway
    assert (scene.frames.name, scene.truth.name) == ("highway", "highway_truth")
    names = [[file.name for file in sorted(folder.iterdir())] for folder in (scene.frames, scene.truth)]
    assert names[0] == [f"in{number:06d}.jpg" for number in range(1, 41)]
    assert names[1] == [f"gt{number:06d}.png" for number in range(1, 41)]
    assert (frames.shape, truth.shape) == ((40, 240, 320, 3), (40, 240, 320))


def test_masks_have_the_values_of_cdnet(highway):
    """0 background, 50 shadow, 85 outside, 170 unknown, 255 moving: all five occur and no other."""
    assert np.unique(highway[2]).tolist() == [0, 50, 85, 170, 255]


def test_the_background_is_static_and_textured_and_noisy(highway):
    """Pixels that are always background vary by the sensor's noise, and far more from place to place."""
    _, frames, truth = highway
    still = frames[:, (truth == scenes.BACKGROUND).all(axis=0)].astype(float)
    noise = still.std(axis=0).mean()
    assert 0.5 < noise < 4
    assert still.mean(axis=0).std(axis=0).min() > 3 * noise


def test_shadows_are_darker_than_the_road(highway):
    """Where a shadow passes, the same pixel is darker by a fifth at least than when it is free."""
    _, frames, truth = highway
    grey = frames.mean(axis=-1)
    passed = (truth == scenes.SHADOW).any(axis=0) & (truth == scenes.BACKGROUND).any(axis=0)
    means = [
        np.nanmean(np.where(truth == value, grey, np.nan)[:, passed], axis=0)
        for value in (scenes.SHADOW, scenes.BACKGROUND)
    ]
    assert np.median(means[0] / means[1]) < 0.8


def test_cars_drive_both_ways_at_different_speeds(highway):
    """What is marked as moving moves: two lanes to the left, two to the right, none equally fast."""
    _, frames, truth = highway
    speeds = []
    for row, _direction in scenes.LANES:
        found = []
        for number in range(0, 39, 3):
            grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in frames[number : number + 2]]
            flow = cv2.calcOpticalFlowFarneback(*grey, None, 0.5, 3, 15, 3, 5, 1.2, 0)
            lane = slice(row - 8, row + 8)
            found += flow[lane][truth[number, lane] == scenes.MOVING].tolist()
        x, y = np.median(found, axis=0)
        assert abs(y) < 0.3
        speeds.append(x)
    assert sorted(np.sign(speeds)) == [-1, -1, 1, 1]
    assert min(np.abs(speeds)) > 1.5
    assert np.diff(sorted(np.abs(speeds))).min() > 0.1


def test_moving_pixels_are_the_cars(highway):
    """Pixels marked as moving differ from the empty road, those marked as background do not."""
    _, frames, truth = highway
    free = np.where((truth == scenes.BACKGROUND)[..., None], frames, np.nan)[:, 60:220]
    road = np.nanmedian(free, axis=0)
    away = np.abs(frames[:, 60:220] - road).max(axis=-1)
    known = ~np.isnan(away)
    marks = truth[:, 60:220]
    assert np.median(away[known & (marks == scenes.MOVING)]) > 40
    assert np.quantile(away[known & (marks == scenes.BACKGROUND)], 0.99) < 20


def test_the_share_of_moving_pixels_is_that_of_a_highway(highway):
    """Between 2 and 20 of 100 pixels, as in the real one (7)."""
    assert 0.02 < (highway[2] == scenes.MOVING).mean() < 0.2


# ---- the fish

NAMES = (
    "Black Sea Sprat",
    "Gilt-Head Bream",
    "Hourse Mackerel",
    "Red Mullet",
    "Red Sea Bream",
    "Sea Bass",
    "Shrimp",
    "Striped Red Mullet",
    "Trout",
)


@pytest.fixture(scope="module")
def fish(tmp_path_factory):
    """The folder `fish` with twelve images per class."""
    return scenes.make_fish(tmp_path_factory.mktemp("data"), per_class=12)


def test_the_layout_of_the_fish(fish):
    """Nine folders of the dataset's names, each with its `… GT` beside it, and equal names of files."""
    assert fish.name == "fish"
    assert sorted(folder.name for folder in fish.iterdir()) == sorted(
        [*NAMES, *(f"{name} GT" for name in NAMES)]
    )
    for name in NAMES:
        images, masks = fish / name, fish / f"{name} GT"
        numbers = [f"{number:05d}.png" for number in range(1, 13)]
        assert sorted(file.name for file in images.iterdir()) == numbers
        assert sorted(file.name for file in masks.iterdir()) == numbers
        assert (read(images).shape, read(masks).shape) == ((12, 150, 200, 3), (12, 150, 200))


def test_masks_show_the_fish(fish):
    """Masks hold 0 and 255; the fish is one piece, inside the picture, and its edge is one in the picture."""
    for name in NAMES:
        for picture, mask in zip(read(fish / name), read(fish / f"{name} GT"), strict=True):
            assert np.unique(mask).tolist() == [0, 255]
            assert 0.03 < (mask == 255).mean() < 0.4
            _, pieces, areas, _ = cv2.connectedComponentsWithStats(mask)
            assert areas[1:, cv2.CC_STAT_AREA].max() > 0.97 * (mask == 255).sum(), name
            assert not pieces[[0, -1]].any()
            assert not pieces[:, [0, -1]].any()
            smooth = cv2.GaussianBlur(picture, (0, 0), 1).astype(float)
            slope = np.hypot(*(np.gradient(smooth, axis=axis).sum(axis=-1) for axis in (0, 1)))
            edge = cv2.dilate(mask, np.ones((3, 3), np.uint8)) > cv2.erode(mask, np.ones((3, 3), np.uint8))
            assert slope[edge].mean() > 2 * slope[mask == 0].mean(), name


def test_classes_can_be_told_apart(fish):
    """The nearest neighbour in colour and shape of the fish is right far more often than by chance (0.11)."""
    features, labels = [], []
    for label, name in enumerate(NAMES):
        for picture, mask in zip(read(fish / name), read(fish / f"{name} GT"), strict=True):
            inside = picture[mask == 255].astype(float)
            (_, size, _) = cv2.minAreaRect(np.argwhere(mask)[:, ::-1].astype(np.int32))
            shape = [min(size) / max(size), len(inside) / np.prod(size)]
            features.append([*inside.mean(axis=0) / 60, *inside.std(axis=0) / 30, *(9 * np.array(shape))])
            labels.append(label)
    features, labels = np.array(features), np.array(labels)
    distance = np.linalg.norm(features[:, None] - features[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    assert (labels[distance.argmin(axis=1)] == labels).mean() > 0.7


def test_no_fish_occurs_twice(fish):
    """All pictures differ."""
    images = [file.read_bytes() for name in NAMES for file in (fish / name).iterdir()]
    assert len(set(images)) == len(images) == 108


# ---- both


@pytest.mark.parametrize("make", [scenes.make_highway, scenes.make_fish])
def test_the_same_seed_draws_the_same_files(tmp_path, make):
    """Two calls agree to the last byte, another seed does not, and more is the same with more at its end."""
    for name, count, seed in (("one", 2, 0), ("again", 2, 0), ("more", 3, 0), ("other", 2, 1)):
        make(tmp_path / name, count, seed=seed)
    one, again, more, other = (content(tmp_path / name) for name in ("one", "again", "more", "other"))
    assert one == again
    assert one.items() < more.items()
    assert one.keys() == other.keys()
    assert one != other


@pytest.mark.parametrize(
    ("make", "name"),
    [(scenes.make_highway, "frames"), (scenes.make_fish, "per_class")],
    ids=["highway", "fish"],
)
def test_bad_arguments(tmp_path, make, name):
    """Less than one is refused, and nothing is written."""
    with pytest.raises(ValueError, match=f"{name}=0"):
        make(tmp_path, 0)
    assert not any(tmp_path.iterdir())


def test_a_picture_that_cannot_be_encoded(tmp_path, monkeypatch):
    """The error names the file."""
    monkeypatch.setattr(cv2, "imencode", lambda *_: (False, None))
    with pytest.raises(OSError, match=r"in000001.jpg"):
        scenes.make_highway(tmp_path, frames=1)
