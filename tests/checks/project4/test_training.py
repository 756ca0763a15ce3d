"""Task P2.3 on made-up records of trainings, without a kernel."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from checks.kit import Cell, Source
from checks.project4 import training, vgg_learning
from checks.project4.fish_drawing import KINDS, draw_fish
from checks.project4.vgg_cases import TRAININGS, sizes_of, sizes_of_case
from tests.checks.cnn.student import failure_of
from tests.checks.project4.trainings import LABELS, TRAIN, Made, network, outcomes, right

CASE_CHECKS = [getattr(training, f"case_{number}") for number in range(1, 9)]


def test_the_sizes_of_the_cases_are_read_from_their_networks():
    """What tells the networks apart is found in their descriptions."""
    for case in TRAININGS:
        assert sizes_of(network(case)) == sizes_of_case(case.network)


def test_a_right_notebook_passes_everything():
    """The eight cases, their curves, the chart and the winner."""
    assert outcomes(right()) == {}


def test_the_order_of_the_trainings_is_free():
    """The cases are found wherever they are."""
    made = Made()
    for case in reversed(TRAININGS):
        made.train(case, case.number)
    assert not [name for name in outcomes(made) if name.startswith("case")]


@pytest.mark.parametrize("case", TRAININGS, ids=lambda case: str(case.number))
def test_a_case_that_is_left_out_is_missed_alone(case):
    """The failure names the case, and no other case fails for it."""
    made = Made()
    for other in TRAININGS:
        if other != case:
            made.train(other, other.number)
    failed = [name for name in outcomes(made) if name.startswith("case")]
    assert failed == [f"case_{case.number}"]
    failure = failure_of(CASE_CHECKS[case.number - 1], made.student())
    assert f"Case {case.number}" in failure.message and f"{case.learning_rate:g}" in failure.expected


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (1, {"epochs": 10}, "epochs 10 instead of 20"),
        (2, {"batch_size": 128}, "batch size 128 instead of 32"),
        (2, {"batch_size": None, "epochs": 5}, "epochs 5 instead of 10"),
        (7, {"compiled": {"learning_rate": 0.01}}, "learning rate 0.01 instead of 0.1"),
        (5, {"network": network(TRAININGS[0])}, "no network of its sizes"),
    ],
)
def test_a_setting_that_differs_is_named(number, change, words):
    """Only this case fails, and it says which setting is another."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number, **(dict(change) if case.number == number else {}))
    failed = {name: message for name, message in outcomes(made).items() if name.startswith("case")}
    assert list(failed) == [f"case_{number}"] and words in failed[f"case_{number}"]


def test_a_slip_that_runs_through_all_cases_counts_once():
    """Batches of 64 in every training cost one case."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number, batch_size=64)
    assert [name for name in outcomes(made) if name.startswith("case")] == ["case_1"]


def test_one_batch_of_a_data_set_tells_no_batch_size():
    """Forty images in batches of 128 are one batch of forty."""
    made = Made()
    source = Source("dataset", TRAIN, LABELS[40], batch_size=40, batches=1)
    made.train(TRAININGS[0], 1, batch_size=None, source=source)
    assert training.case_1.run(made.student()) is None
    several = dataclasses.replace(source, batch_size=20, batches=2)
    made = Made()
    made.train(TRAININGS[0], 1, batch_size=None, source=several)
    assert "batch size 20" in failure_of(training.case_1, made.student()).message


def test_two_halves_are_a_whole():
    """Twice ten epochs of one model are twenty."""
    made = Made()
    made.train(TRAININGS[0], 1, epochs=10)
    made.train(TRAININGS[0], 1, epochs=10, network=made.fits[0].model.network)
    assert training.case_1.run(made.student()) is None


def test_fewer_epochs_pass_where_the_notebook_looks_for_a_graphics_card():
    """One epoch is a hint then, and a failure without."""
    made = Made()
    made.train(TRAININGS[2], 1, epochs=1)
    assert "epochs 1" in failure_of(training.case_3, made.student()).message
    made.cells.append(Cell(19, "GPU = tf.config.list_physical_devices('GPU')"))
    assert "1 of 10 epochs" in (training.case_3.run(made.student()) or "")


@pytest.mark.parametrize(
    ("compiled", "labels", "words"),
    [
        ({"optimizer": "SGD", "optimizer_bases": ("SGD",)}, LABELS[40], "SGD"),
        ({"loss": "binary_crossentropy"}, LABELS[40], "does not fit"),
        ({"loss": "MeanSquaredError"}, LABELS[40], "does not fit"),
        ({"loss": "sparse_categorical_crossentropy"}, LABELS[40], "does not fit"),
        ({}, np.arange(40) % 9, "does not fit"),
        ({"loss_options": {"from_logits": True}}, LABELS[40], "logits"),
    ],
)
def test_what_does_not_fit_the_labels_fails(compiled, labels, words):
    """Optimisers and losses that are named."""
    made = Made()
    made.train(
        TRAININGS[0], 1, compiled=compiled, source=Source("arrays", TRAIN, labels), train=(TRAIN, labels)
    )
    assert words in failure_of(training.compiled, made.student()).message


@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        ("CategoricalCrossentropy", LABELS[40]),
        ("sparse_categorical_crossentropy", np.arange(40) % 9),
        ("SparseCategoricalCrossentropy", (np.arange(40) % 9)[:, None]),
        ("my_own_loss", LABELS[40]),
        ("categorical_crossentropy", None),
    ],
)
def test_losses_that_fit_pass(loss, labels):
    """One-hot or integers, and what the grader cannot judge."""
    made = Made()
    made.train(
        TRAININGS[0],
        1,
        compiled={"loss": loss},
        source=Source("arrays", TRAIN, labels),
        train=(TRAIN, labels),
    )
    assert training.compiled.run(made.student()) is None


def test_a_network_that_was_not_tested_is_named():
    """A test of the last model only, inside a loop that forgets the others."""
    made = Made()
    for case in TRAININGS[:3]:
        made.train(case, case.number, tested=case.number == 3)
    failure = failure_of(training.tested, made.student())
    assert "Cases 1, 2" in failure.message and "1 of 3" in failure.received


def test_without_trainings_everything_fails_in_words():
    """No traceback, and each says what is missing."""
    failed = outcomes(Made())
    assert len(failed) == 13
    assert "No network was trained." in failed["compiled"]


def test_the_drawn_fish_are_nine_kinds_that_differ():
    """The nearest mean image already tells most of them apart: the pictures are not noise."""
    images, kinds = draw_fish(270, 1)
    others, theirs = draw_fish(90, 2)
    assert images.shape == (270, 32, 32, 3) and images.dtype == np.float32
    assert images.min() >= -1 and images.max() <= 1 and set(kinds.tolist()) == set(range(KINDS))
    means = np.stack([images[kinds == kind].mean(axis=0) for kind in range(KINDS)])
    nearest = ((others[:, None] - means[None]) ** 2).sum(axis=(2, 3, 4)).argmin(axis=1)
    assert float(np.mean(nearest == theirs)) > 0.5


def test_the_threshold_is_above_guessing():
    """And the reference stays above it."""
    stored = vgg_learning.stored()
    assert 2 / KINDS < stored["threshold"] < stored["lowest"] <= stored["highest"] <= 1
