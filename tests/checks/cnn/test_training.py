"""Tasks 4.2 to 4.6: right trainings pass however they were made; each mistake is named and costs once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checks.cnn.tracing import gallery_of, trace
from checks.cnn.trainings import shape_of
from checks.kit import Cell, Event, Source, Used
from tests.checks.cnn.preparation import SPLIT
from tests.checks.cnn.student import failure_of, text_of
from tests.checks.cnn.trained import (
    BY_ID,
    NETWORKS,
    TEST,
    TRAIN,
    VAL,
    Trained,
    arrays,
    network,
    outcome,
    prepared,
    right_way,
)


def joined(one: Source, other: Source) -> Source:
    """Two sets of images as one."""
    assert one.images is not None and other.images is not None
    assert one.labels is not None and other.labels is not None
    return Source(
        "arrays", np.concatenate([one.images, other.images]), np.concatenate([one.labels, other.labels])
    )


def part(source: Source, rows: Any) -> Source:
    """Some rows of a set, images and labels."""
    assert source.images is not None and source.labels is not None
    return Source("arrays", source.images[rows], source.labels[rows])


# ---- right ways --------------------------------------------------------------------------------------


def test_the_right_way_passes_without_a_hint() -> None:
    """What the handout asks for passes each check in silence."""
    assert outcome(right_way()) == (dict.fromkeys(BY_ID, ""), set())


def two_halves() -> Trained:
    trained = right_way(leave_out=("4.2",))
    model = Used(9, ("model1",), network())
    for _ in range(2):
        model = trained.fit(40, model, epochs=10)
    trained.evaluate(41, model, TEST)
    return trained


def epoch_by_epoch() -> Trained:
    trained = right_way(leave_out=("4.2",))
    model = Used(9, ("model1",), network())
    for _ in range(20):
        model = trained.fit(40, model, epochs=1)
    trained.evaluate(41, model, TEST)
    return trained


def of(task: str, **changes: Any) -> Trained:
    return right_way({task: changes})


def everywhere(**changes: Any) -> Trained:
    return right_way(dict.fromkeys(NETWORKS, changes))


def bad_attempt() -> Trained:
    trained = prepared()
    trained.fit(5, Used(20, ("model1",), network()), batch_size=64, validation_source=arrays(trained, "test"))
    good = right_way()
    return dataclasses.replace(
        good,
        fits=[*(dataclasses.replace(fit, order=-2, ended=-1) for fit in trained.fits), *good.fits],
    )


def later_parts() -> Trained:
    """Trainings of Parts 5, 6 and 8, all on the network of 4.2 and all badly done."""
    trained = right_way()
    flow = Source("generator", TEST.images, TEST.labels, 32, settings={"rotation_range": 30})
    trained.fit(50, Used(30, ("model6",), network()), source=flow, batch_size=None, validation_source=flow)
    trained.events.append(Event("tracker", 60, trained.tick(), {"what": "epoch_start"}))
    trained.fit(61, Used(31, ("model7",), network()), epochs=1, validation_source=None, validation=None)
    trained.events.append(Event("tracker", 61, trained.tick(), {"what": "epoch_end"}))
    trained.events.append(Event("search", 70, trained.tick()))
    trained.fit(70, Used(32, (), network()), epochs=3, validation_source=TEST)
    return trained


NO_VALIDATION = {"validation": None, "validation_source": None}
RIGHT: dict[str, Callable[[], Trained]] = {
    "two-halves": two_halves,
    "epoch-by-epoch": epoch_by_epoch,
    "bad-attempt": bad_attempt,
    "later-parts": later_parts,
    "validation-split": lambda: everywhere(**NO_VALIDATION, validation_split=0.25),
    "split-of-all": lambda: everywhere(**NO_VALIDATION, validation_split=0.25, source=joined(TRAIN, VAL)),
    "data-set": lambda: of(
        "4.2", source=dataclasses.replace(TRAIN, kind="dataset", batch_size=20, identity=5), batch_size=None
    ),
    "unknown-data-set": lambda: of(
        "4.2", source=Source("dataset", batch_size=20), train=(None, None), batch_size=None, **NO_VALIDATION,
        validation_split=0.2,
    ),
    "whole-labels": lambda: everywhere(source=dataclasses.replace(TRAIN, labels=TRAIN.labels.argmax(axis=1))),  # type: ignore[union-attr]
    "four-fifths-for-training": lambda: everywhere(source=part(TRAIN, slice(600)), validation_source=VAL),
    "no-activation-known": lambda: of("4.2", network=dataclasses.replace(network(), compiled=None)),
    "dropout-free-in-4.6": lambda: of("4.6", network=network(3, 64, (128, 64), 0.3, 0.001, "RMSprop"), batch_size=7),
    "plain-flow": lambda: everywhere(
        source=dataclasses.replace(
            TRAIN, kind="generator", batch_size=20, settings={"zoom_range": [1.0, 1.0], "rotation_range": 0}
        ),
        batch_size=None,
    ),
    "later-parts-flow-without-images": lambda: of(
        "4.6", source=Source("generator", batch_size=64), train=(None, None)
    ),
    "evaluated-as-a-data-set": lambda: of(
        "4.2", evaluate=dataclasses.replace(TEST, kind="dataset", identity=8)
    ),
}  # fmt: skip


@pytest.mark.parametrize("make", RIGHT.values(), ids=RIGHT.keys())
def test_every_right_way_passes(make: Callable[[], Trained]) -> None:
    """However the trainings were made, right ones pass."""
    assert outcome(make())[1] == set()


@pytest.mark.parametrize(
    ("task", "changes", "id_", "words"),
    [
        ("4.2", {"network": network(optimizer="SGD")}, "4.2/settings", "SGD"),
        ("4.3a", {"batch_size": 100, "epochs": 5}, "4.3/networks", "batches of 100 and 5 epochs"),
        ("4.3b", {"network": network(4, 32, (50,))}, "4.3/networks", "32 filters"),
        ("4.5", {"network": network(4, 16, (50,), 0.5, 0.1)}, "4.5/dropout", "learning rate 0.1"),
    ],
    ids=["sgd", "batch-and-epochs", "filters", "learning-rate"],
)
def test_what_is_free_is_worth_a_hint(task: str, changes: dict[str, Any], id_: str, words: str) -> None:
    """Settings that the task leaves free, or words in two ways, pass with a hint."""
    hints, failed = outcome(right_way({task: changes}))
    assert failed == set()
    assert words in hints[id_]


def test_predictions_count_as_an_evaluation() -> None:
    """Who predicts the test images can compute the accuracy by hand."""
    trained = right_way({"4.2": {"evaluate": None}})
    trained.evaluate(13, Used(1, ("model1",), network()), TEST, kind="predict")
    assert outcome(trained)[1] == set()


def test_a_model_loaded_from_a_file_counts_as_the_one_saved() -> None:
    """The weights of the best epoch come back in another object."""
    trained = right_way({"4.2": {"evaluate": None}})
    trained.cells.append(Cell(13, "keras.models.load_model('best.keras').evaluate(Xtest, Ytest)"))
    trained.evaluate(13, Used(40, (), network()), TEST)
    assert outcome(trained)[1] == set()


def test_a_callback_that_looks_at_validation_images_validates() -> None:
    """Validation by hand after each epoch is validation."""
    trained = right_way({"4.2": NO_VALIDATION})
    trained.evaluate(12, Used(1, ("model1",), network()), VAL, inside_fit=True)
    assert outcome(trained)[1] == set()


# ---- mistakes ----------------------------------------------------------------------------------------


def rolled(source: Source) -> Source:
    return dataclasses.replace(source, labels=np.roll(source.labels, 1, axis=0))  # type: ignore[arg-type]


def raw(source: Source) -> Source:
    return dataclasses.replace(source, images=(source.images + 1) * 127.5)  # type: ignore[operator]


MISTAKES: dict[str, tuple[Callable[[], Trained], str, tuple[str, ...]]] = {
    "3-convolutions": (lambda: of("4.2", network=network(3)), "4.2/network", ("3 convolutional layers", "cell 12")),
    "8-filters": (lambda: of("4.2", network=network(filters=8)), "4.2/network", ("8 filters, not 16",)),
    "missing-4.2": (lambda: right_way(leave_out=("4.2",)), "4.2/network", ("nearest",)),
    "batch-32": (lambda: of("4.2", batch_size=None), "4.2/settings", ("batches of 32", "Keras takes 32")),
    "5-epochs": (lambda: of("4.2", epochs=5), "4.2/settings", ("5 epochs",)),
    "rate": (lambda: of("4.2", network=network(rate=0.1)), "4.2/settings", ("learning rate 0.1",)),
    "on-test": (lambda: of("4.2", validation_source=TEST), "4.2/data", ("test images were used", "Xtest[0]")),
    "on-training": (lambda: of("4.2", validation_source=TRAIN), "4.2/data", ("that it was trained on",)),
    "leak": (
        lambda: of("4.2", validation_source=joined(part(VAL, slice(50)), part(TRAIN, slice(150)))),
        "4.2/data",
        ("150 of the 200 validation images", "[50] is training image", "Xtrain[0]"),
    ),
    "reloaded": (
        lambda: of("4.2", source=joined(TRAIN, VAL)), "4.2/data",
        ("250 of the 250 validation images", "trained on 1,000 images, validated on 250"),
    ),
    "test-images-too": (lambda: of("4.2", source=joined(TRAIN, TEST)), "4.2/data", ("trained on 200 test images",)),
    "labels": (lambda: of("4.2", source=rolled(TRAIN)), "4.2/data", ("label of another image", "Xtrain[")),
    "labels-of-validation": (lambda: of("4.2", validation_source=rolled(VAL)), "4.2/data", ("Xval[",)),
    "few": (lambda: of("4.2", source=part(TRAIN, slice(100))), "4.2/data", ("100 images only",)),
    "unvalidated": (lambda: of("4.2", **NO_VALIDATION), "4.2/data", ("not validated",)),
    "not-evaluated": (lambda: of("4.2", evaluate=None), "4.2/evaluated", ("model1.evaluate(Xtest, Ytest)",)),
    "evaluated-on-val": (lambda: of("4.2", evaluate=VAL), "4.2/evaluated", ("on Xval", "training image")),
    "evaluated-on-few": (lambda: of("4.2", evaluate=part(TEST, slice(20))), "4.2/evaluated", ("only 20 of the 200",)),
    "evaluated-labels": (lambda: of("4.2", evaluate=rolled(TEST)), "4.2/evaluated", ("label of another image",)),
    "evaluated-raw": (lambda: of("4.2", evaluate=raw(TEST)), "4.2/evaluated", ("0 … 255", "−1 … 1")),
    "40-nodes": (lambda: of("4.3a", network=network(dense=(40,))), "4.3/networks", ("4.3 (a)", "40 nodes")),
    "no-4-convolutions": (lambda: of("4.3b", network=network(3, dense=(50,))), "4.3/networks", ("4.3 (b)", "3 convolutional layers")),
    "4.3-on-test": (lambda: of("4.3b", validation_source=TEST), "4.3/both-data", ("4.3 (b)", "test images")),
    "4.3-not-evaluated": (lambda: of("4.3a", evaluate=None), "4.3/both-evaluated", ("4.3 (a)",)),
    "no-dropout": (
        lambda: of("4.5", network=network(4, dense=(50,))), "4.5/dropout", ("has none", "use_dropout=True")
    ),
    "dropout-0.2": (lambda: of("4.5", network=network(4, dense=(50,), dropout=0.2)), "4.5/dropout", ("0.2",)),
    "4.5-leak": (lambda: of("4.5", validation_source=TRAIN), "4.5/dropout-data", ("trained on",)),
    "4.5-not-evaluated": (lambda: of("4.5", evaluate=None), "4.5/dropout-evaluated", ("was not evaluated",)),
    "missing-4.6": (lambda: right_way(leave_out=("4.6",)), "4.6/trained", ("only the trainings of",)),
    "4.6-on-test": (lambda: of("4.6", validation_source=TEST), "4.6/best-data", ("test images",)),
    "4.6-on-val": (lambda: of("4.6", evaluate=VAL), "4.6/best-evaluated", ("on Xval",)),
}  # fmt: skip


@pytest.mark.parametrize(("make", "id_", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_and_costs_once(
    make: Callable[[], Trained], id_: str, words: tuple[str, ...]
) -> None:
    """A mistake fails its own check with its own words, and no other check."""
    trained = make()
    text = text_of(failure_of(BY_ID[id_], trained.student()))
    assert [word for word in words if word not in text] == []
    assert outcome(trained)[1] == {id_}


@pytest.mark.parametrize(
    ("changes", "id_"),
    [
        ({"validation_source": TEST}, "4.2/data"),
        ({"validation_source": TRAIN}, "4.2/data"),
        (NO_VALIDATION, "4.2/data"),
        ({"evaluate": VAL}, "4.2/evaluated"),
        ({"evaluate": raw(TEST)}, "4.2/evaluated"),
    ],
    ids=["on-test", "on-training", "unvalidated", "evaluated-on-val", "evaluated-raw"],
)
def test_one_mistake_in_every_training_costs_once(changes: dict[str, Any], id_: str) -> None:
    """Who validates all trainings on the wrong images loses the points of the first task only."""
    hints, failed = outcome(everywhere(**changes))
    assert failed == {id_}
    assert sum("counted in an earlier task" in hint for hint in hints.values()) == 3


def test_leakage_by_the_split_is_counted_in_3_2() -> None:
    """Trainings that use a split as it is are not to blame for an overlap in it."""
    trained = prepared()
    lab = trained.lab
    for cell in (SPLIT, 7, 9):
        lab.set(cell, Xval=lab.at("Xtrain", cell)[:250], Yval=lab.at("Ytrain", cell)[:250])
    leaked = dataclasses.replace(right_way(), lab=lab)
    leaked.fits = [
        dataclasses.replace(fit, source=arrays(trained, "train"), validation_source=arrays(trained, "val"))
        for fit in leaked.fits
    ]
    hints, failed = outcome(leaked)
    assert failed == set()
    assert "counted in 3.2/apart" in hints["4.2/data"]


def test_twins_in_the_data_are_no_leakage() -> None:
    """CIFAR-10 holds images twice, and the split may put one into each set."""
    trained = right_way()
    given = dict(trained.lab.given)
    images = given["cifar10/x_train"].copy()
    places = [trace(source.images, gallery_of(given)).index for source in (TRAIN, VAL)]  # type: ignore[arg-type]
    images[places[1][:5]] = images[places[0][:5]]
    twins = Trained(
        dataclasses.replace(trained.lab, given=given | {"cifar10/x_train": images}),
        trained.fits,
        trained.uses,
    )
    twins.events = trained.events
    swapped = dataclasses.replace(VAL, images=np.concatenate([TRAIN.images[:5], VAL.images[5:]]), labels=None)  # type: ignore[index]
    twins.fits = [
        dataclasses.replace(fit, validation_source=swapped, validation=None) for fit in trained.fits
    ]
    assert "4.2/data" not in outcome(twins)[1]


def test_what_counts_of_a_network() -> None:
    """Convolutions, filters of the first, nodes of the intermediate dense layers and their dropout are read."""
    shape = shape_of(network(4, 8, (50, 20), 0.3))
    assert (shape.convolutions, shape.filters, shape.dense, shape.dropout) == (4, 8, (50, 20), (0.3, 0.3))


@pytest.mark.parametrize(
    "trained", [prepared(), right_way(leave_out=tuple(NETWORKS))], ids=["empty", "left-out"]
)
def test_a_notebook_without_any_training_ends_in_failures(trained: Trained) -> None:
    """Nothing trained fails the first check of each task, and no check breaks."""
    failed = outcome(trained)[1]
    assert failed == {"4.2/network", "4.3/networks", "4.4/summary", "4.5/dropout", "4.6/trained"}
