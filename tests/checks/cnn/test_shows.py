"""What the feedback shows of lab cnn: on made-up notebooks, every picture from the notebook's own evidence."""

from __future__ import annotations

import base64
import dataclasses
import functools
import io

import numpy as np
import pytest
from PIL import Image
from scipy.signal import convolve2d, correlate2d

from checks.cnn import shown_images, shown_photographs, shown_trainings
from checks.cnn.responses import sobel_x_kernel, sobel_y_kernel
from checks.cnn.rotating import _not_turned
from checks.cnn.shows import PICTURES
from checks.cnn.tracing import CLASSES
from checks.cnn.turns import UPRIGHT
from checks.kit import Event, Saved, Version
from checks.kit.matrices import matrix_of
from checks.kit.picture import Images, Matrix, Plots, Rankings, Tile
from tests.checks.cnn.claimed import Written, honest
from tests.checks.cnn.student import Notebook, drawn_cifar
from tests.checks.cnn.test_resnet50 import CELL, caffe, one_by_one, student


@functools.cache
def written() -> Written:
    return honest(3)


def pixels_of(one: Tile) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(one.png))))


def test_every_rule_is_calm_about_an_empty_notebook():
    """Where nothing ran there is nothing to show."""
    empty = Notebook({}, given={**drawn_cifar(), "ascent": np.zeros((40, 40), np.uint8)})
    assert [shown for rule in PICTURES for shown in rule(empty, Saved())] == []


def test_claimed_accuracies_and_losses_are_drawn():
    """Each training of 4.2 to 4.6 and 5.2 has its log's accuracies and losses, as they were handed in."""
    note = written()
    shown = list(shown_trainings.trainings(note.student(), note.saved()))
    assert [one.checks[0] for one in shown] == [
        "4.2/network", "4.3/networks", "4.3/networks", "4.5/dropout", "4.6/trained", "5.2/trained",
    ]  # fmt: skip
    plots = shown[0].picture
    assert isinstance(plots, Plots)
    assert [one.quantity for one in plots.plots] == ["accuracy", "loss"]
    curves, losses = plots.plots
    claimed = {line.validation: line.values for line in curves.lines if line.claimed}
    assert claimed[False][-1] == pytest.approx(note.ended["4.2"], abs=0.02)
    assert len(claimed[True]) == len(claimed[False]) == note.style.epochs
    assert [len(line.values) for line in losses.lines] == [note.style.epochs] * 2


def test_a_measured_history_is_told_from_a_claimed_log():
    """What a full training gave stands beside it as a line of its own, what one that was cut short gave
    does not; what is no number is a gap.
    """
    note = written()
    fits = tuple(
        dataclasses.replace(fit, history={"accuracy": (0.1, None), "val_accuracy": (0.2, 0.3)})
        for fit in note.student().fits
    )
    short = dataclasses.replace(note.student(), fits=fits)
    assert list(shown_trainings.trainings(short, Saved())) == []
    shown = next(iter(shown_trainings.trainings(dataclasses.replace(short, training="full"), Saved())))
    assert isinstance(shown.picture, Plots)
    (accuracy,) = shown.picture.plots
    assert [(line.claimed, line.validation, line.values) for line in accuracy.lines] == [
        (False, False, (0.1, None)), (False, True, (0.2, 0.3)),
    ]  # fmt: skip


def test_rotated_images_stand_beside_the_upright_ones():
    """Pairs of one image before and after, and the tile after is the tile before, turned."""
    note = written()
    (shown,) = shown_images.rotated(note.student(), Saved())
    assert isinstance(shown.picture, Images)
    assert len(shown.picture.tiles) == 2 * shown_images.PAIRS
    assert shown.picture.tiles[1].caption == "test image 0, turned by 90°"
    assert shown.picture.tiles[0].png != shown.picture.tiles[1].png


def test_a_wrong_response_is_marked_and_a_right_one_is_not():
    """The response of a correlation stands marked beside the right one, in the same greys."""
    rng = np.random.default_rng(0)
    given = {**drawn_cifar(), "ascent": rng.integers(0, 256, (64, 64), np.uint8)}
    image = given["ascent"].astype(float)
    values = {
        "filterResponseSobelX": [(3, correlate2d(image, sobel_x_kernel(), "same"))],
        "filterResponseSobelY": [(3, convolve2d(image, sobel_y_kernel(), "valid"))],
    }
    (shown,) = shown_images.responses(Notebook(values, given=given), Saved())
    assert isinstance(shown.picture, Images)
    assert [(tile.caption, tile.wrong) for tile in shown.picture.tiles] == [
        ("Sobel X: yours, 64 × 64", True), ("Sobel X: right", False),
        ("Sobel Y: yours, 62 × 62", False), ("Sobel Y: right", False),
    ]  # fmt: skip
    yours, right = (pixels_of(tile).astype(int) for tile in shown.picture.tiles[2:])
    assert np.abs(yours - right).max() <= 1


def test_a_wrong_turn_shows_before_yours_and_right():
    """A failure of myrotate has the image it was found with, and what should have come back."""
    images = np.linspace(-1, 1, 12, dtype="float32").reshape(1, 2, 2, 3)
    failure = _not_turned("myrotate", images, images, UPRIGHT)
    (picture,) = failure.pictures
    assert isinstance(picture, Images)
    assert [(tile.caption, tile.wrong) for tile in picture.tiles] == [
        ("before", False), ("yours", True), ("turned by 90°", False),
    ]  # fmt: skip


def test_a_matrix_counts_what_was_taken_for_what():
    """A row is the label, a column the prediction; a class that does not exist is left out."""
    matrix = matrix_of(CLASSES, np.array([0, 0, 9, 3]), np.array([0, 9, 9, 12]), "")
    assert isinstance(matrix, Matrix)
    assert (matrix.counts[0][0], matrix.counts[0][9], matrix.counts[9][9]) == (1, 1, 1)
    assert sum(map(sum, matrix.counts)) == 3


def decoded(best: object) -> Event:
    rng = np.random.default_rng(0)
    return Event("decoded", CELL, 30, {"error": "", "best": best}, (rng.random((1, 1000)),))


def test_photographs_have_their_five_classes():
    """A prediction leads back to its photograph; probabilities are bounded, and other rows left out."""
    event = decoded([[["tabby_cat", 0.8], ["lynx", 7], ["x", float("nan")], "no", ["y"]]])
    one = student(one_by_one(caffe)[:1], events=(event,))
    uses = (dataclasses.replace(one.uses[0], result=event.arrays[0]),)
    (shown,) = shown_photographs.photographs(dataclasses.replace(one, uses=uses), Saved())
    assert isinstance(shown.picture, Rankings)
    (ranking,) = shown.picture.rankings
    assert [(guess.name, guess.share) for guess in ranking.guesses] == [("tabby cat", 0.8), ("lynx", 1.0)]
    assert "in its place one of ours" in ranking.tile.caption


def test_photographs_with_one_prediction_are_told_apart():
    """A network of random weights says the same of every photograph: each is shown, and once."""
    result = np.full((1, 1000), 0.001)
    events = tuple(
        Event("decoded", CELL, 30 + n, {"error": "", "best": [[["tabby", 0.5]]]}, (result,)) for n in range(3)
    )
    one = student(one_by_one(caffe)[:3], events=events)
    (shown,) = shown_photographs.photographs(one, Saved())
    assert isinstance(shown.picture, Rankings)
    assert len({ranking.tile.png for ranking in shown.picture.rankings}) == 3


@pytest.mark.parametrize("best", [None, [], [7], [[]], {"a": 1}])
def test_odd_answers_of_the_kernel_show_nothing(best):
    """What the student's process tells is data, and may be anything."""
    one = student(one_by_one(caffe)[:1], events=(decoded(best),))
    assert list(shown_photographs.photographs(one, Saved())) == []


def test_a_version_that_is_no_array_is_no_response():
    """A response that is a list shows nothing."""
    given = {**drawn_cifar(), "ascent": np.zeros((40, 40), np.uint8)}
    one = Notebook({"filterResponseGauss": [(3, [1, 2])]}, given=given)
    assert isinstance(one.versions("filterResponseGauss")[0], Version)
    assert list(shown_images.responses(one, Saved())) == []
