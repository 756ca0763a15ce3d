"""Leakage findings that come from the graded run: images of one set in another, and a model used again."""

from __future__ import annotations

import dataclasses

from checks.cnn.trust_record import augmented_leaks, leaks, reused
from checks.kit import Cell, Saved, Source, Used
from tests.checks.cnn.claimed import honest
from tests.checks.cnn.trained import CELLS, TEST, TRAIN, VAL, Trained, network, right_way

SAVED = Saved()
FIT = "history1 = model1.fit(Xtrain, Ytrain, validation_data=(Xtest, Ytest))"


def with_cells(trained: Trained) -> Trained:
    trained.cells = [
        Cell(number, FIT if number == CELLS["4.2"] else f"x = {number}") for number in range(1, 41)
    ]
    return trained


def test_right_trainings_leak_nothing():
    """The trainings as asked for give no finding."""
    student = with_cells(right_way()).student()
    assert [doubt for rule in (leaks, augmented_leaks, reused) for doubt in rule(student, SAVED, {})] == []


def test_validated_on_the_test_set():
    """Validation on the test images is a finding, with the fit and what was traced."""
    student = with_cells(
        right_way({"4.2": {"validation_source": TEST, "validation": (TEST.images, TEST.labels)}})
    ).student()
    (doubt,) = leaks(student, SAVED, {})
    assert (doubt.kind, doubt.task) == ("leakage", "4.2")
    assert "test images were used for validation" in doubt.message
    assert doubt.evidence[0] == f"cell {CELLS['4.2']}: {FIT}"
    assert any("test image" in line for line in doubt.evidence[1:])


def test_validated_on_the_training_images_told_once():
    """The same mistake in all trainings is one finding that names their cells."""
    changes = {"validation_source": TRAIN, "validation": (TRAIN.images, TRAIN.labels)}
    student = with_cells(
        right_way({task: dict(changes) for task in ("4.2", "4.3a", "4.3b", "4.5", "4.6")})
    ).student()
    (doubt,) = leaks(student, SAVED, {})
    assert doubt.kind == "leakage"
    assert sum(line.startswith("cell ") for line in doubt.evidence) >= 3


def test_other_flaws_are_no_leakage():
    """A training without validation is a fault, but no leak."""
    student = right_way({"4.2": {"validation_source": None, "validation": None}}).student()
    assert list(leaks(student, SAVED, {})) == []


def augmented(
    trained: Trained, model: Used, check: Source = VAL, names: tuple[str, ...] = ("model6",)
) -> Trained:
    """A training with augmented images after all others."""
    flow = dataclasses.replace(
        TRAIN,
        kind="generator",
        batch_size=20,
        batches=38,
        settings={"rotation_range": 30, "horizontal_flip": True},
    )
    trained.fit(
        35, dataclasses.replace(model, names=names), source=flow, validation_source=check, train=(None, None)
    )
    return trained


def test_a_new_network_for_augmentation():
    """A network of its own is no finding, also where it is trained twice."""
    trained = augmented(with_cells(right_way()), Used(9, (), network()))
    augmented(trained, Used(9, (), network(), fits_before=1))
    assert list(reused(trained.student(), SAVED, {})) == []


def test_a_trained_network_for_augmentation():
    """``model6 = model4`` goes on with a trained network; both trainings and the line are shown."""
    trained = with_cells(right_way())
    old = trained.fits[-1].model
    augmented(trained, dataclasses.replace(old, fits_before=1), names=("model4", "model6"))
    trained.cells[33] = Cell(34, "model6 = model4")
    (doubt,) = reused(trained.student(), SAVED, {})
    assert (doubt.kind, doubt.task) == ("leakage", "5.2")
    assert "model6 is not a new network: it is model4" in doubt.message
    assert "cell 34: model6 = model4" in doubt.evidence
    assert doubt.evidence[0].startswith(f"cell {CELLS['4.6']}: ")
    assert doubt.evidence[-1].startswith("cell 35: ")


def test_augmented_training_on_test_images():
    """Validation of 5.2 on test images, or on training images, is a finding."""
    model = Used(9, (), network())
    for check, word in ((TEST, "test images"), (TRAIN, "training images")):
        (doubt,) = augmented_leaks(augmented(with_cells(right_way()), model, check).student(), SAVED, {})
        assert (doubt.kind, doubt.task) == ("leakage", "5.2")
        assert word in doubt.message


def test_honest_record():
    """The generated honest notebooks leak nothing and use no model again."""
    student = honest(0).student()
    assert [doubt for rule in (leaks, augmented_leaks, reused) for doubt in rule(student, SAVED, {})] == []
