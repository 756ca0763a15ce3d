"""Tasks 3.1 to 3.4: right preparations pass however they were written; each mistake is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from checks.cnn import LAB
from checks.cnn.data import apart, dtype, loaded, one_hot, paired, sizes, split
from checks.cnn.data import range as range_
from checks.cnn.tracing import CLASSES, gallery_of, trace
from checks.kit import Check, Failure
from tests.checks.cnn.data_mistakes import (
    MISTAKES,
    Mistake,
    labels_split_apart,
    standardised,
    standardised_per_channel,
)
from tests.checks.cnn.data_rewrites import RIGHT
from tests.checks.cnn.preparation import (
    LOAD,
    RELOAD,
    SCALE,
    SPLIT,
    Array,
    Edit,
    Lab,
    asked,
    fit,
    order_of,
    right,
)
from tests.checks.cnn.student import drawn_cifar, failure_of, real_cifar, text_of

CHECKS = (loaded, split, sizes, apart, paired, range_, dtype, one_hot)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@pytest.mark.parametrize("edit", RIGHT.values(), ids=RIGHT.keys())
def test_every_right_way_passes(check: Check, edit: Edit) -> None:
    """However the steps were written and ordered, right data pass each check without a hint."""
    lab = right()
    edit(lab)
    assert check.run(lab.student()) is None


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_real_images_pass(check: Check) -> None:
    """The handout's way on the real images passes, in at most a second for each check."""
    student = right(real_cifar()).student()
    started = time.monotonic()
    assert check.run(student) is None
    assert time.monotonic() - started < 3  # a second on a quiet machine


def test_other_names_for_the_whole_set_pass_with_a_hint() -> None:
    """Who loads into Xtrain and Ytrain instead of X and Y is told so, and passes."""
    lab = right()
    lab.set(LOAD, Xtrain=lab.at("X", LOAD), Ytrain=lab.at("Y", LOAD))
    lab.drop("X", "Y")
    assert "Xtrain and Ytrain" in (loaded.run(lab.student()) or "")
    for check in CHECKS[1:]:
        assert check.run(lab.student()) is None


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_and_costs_once(mistake: Mistake) -> None:
    """A mistake fails its own check with its own words, and no other check."""
    lab = right()
    mistake.edit(lab)
    text = text_of(failure_of(mistake.caught_by, lab.student()))
    assert [word for word in mistake.words if word not in text] == []
    assert failed_ids(lab) == {check.id for check in (mistake.caught_by, *mistake.also)}


def failed_ids(lab: Lab) -> set[str]:
    """The checks that fail, those not counted that are skipped because they need one that failed."""
    failed: set[str] = set()
    for check in CHECKS:
        if not any(need.id in failed for need in check.needs) and fails(check, lab):
            failed.add(check.id)
    return failed


def fails(check: Check, lab: Lab) -> bool:
    try:
        check.run(lab.student())
    except Failure:
        return True
    return False


REAL = (
    "0-to-1",
    "cast-to-int",
    "labels-split-apart",
    "overlap-of-the-right-size",
    "labels-of-others",
    "standardised",
)


@pytest.mark.parametrize("name", REAL)
def test_a_mistake_with_the_real_images_is_named(name: str) -> None:
    """The same mistakes are found in real images, which resemble each other more than noise does."""
    lab, mistake = right(real_cifar()), MISTAKES[name]
    mistake.edit(lab)
    text = text_of(failure_of(mistake.caught_by, lab.student()))
    assert [word for word in mistake.words if word not in text] == []


def test_a_wrong_pair_is_shown_with_its_classes() -> None:
    """The evidence names the given image, its class and the class that the student's label says."""
    lab = right()
    labels_split_apart(lab)
    failure = failure_of(paired, lab.student())
    row = int(failure.received.split("[")[1].split("]")[0])
    place = order_of(lab.given)[0][row]
    own = int(lab.given["cifar10/y_train"][place, 0])
    assert (
        f"Xtrain[{row}] is training image {place:,}, whose label is {own} ({CLASSES[own]})"
        in failure.received
    )


def test_images_destroyed_before_the_split_are_3_3_alone() -> None:
    """A cast to integers before the split costs 3.3, and the checks of 3.2 pass with a hint."""
    lab = right()
    for name, cell in (("Xtrain", SPLIT), ("Xval", SPLIT), ("X", LOAD + 1)):
        lab.set(cell, **{name: asked(lab.at(name, cell)).astype(int)})
        lab.set(SCALE, **{name: lab.at(name, cell)})
    student = lab.student()
    assert fails(range_, lab)
    assert "could not be followed" in (apart.run(student) or "")
    assert "could not be compared" in (paired.run(student) or "")
    loaded.run(student)


def test_duplicates_in_the_data_may_stand_in_both_sets_with_either_label() -> None:
    """CIFAR-10 holds images twice, under two labels; the split cannot know."""
    given = dict(drawn_cifar())
    images, labels = given["cifar10/x_train"].copy(), given["cifar10/y_train"].copy()
    train, val = order_of(given)
    images[val[:5]], labels[val[:5]] = images[train[:5]], (labels[train[:5]] + 1) % 10
    given |= {"cifar10/x_train": images, "cifar10/y_train": labels}
    for check in CHECKS:
        check.run(right(given).student())


@pytest.mark.parametrize("data", [drawn_cifar, real_cifar], ids=["drawn", "real"])
@pytest.mark.parametrize(
    "function",
    [
        asked,
        lambda x: x / 255.0,
        lambda x: 1 - x / 255.0,
        lambda x: asked(x).astype("float16"),
        standardised,
        standardised_per_channel,
        lambda x: x.astype("int64") * 1000 - 5,
        lambda x: x[..., :] * np.array([0.1, 2, 30]) - np.array([100, 0, 7]),
        lambda x: (x - x.mean(axis=(1, 2, 3), keepdims=True)) / x.std(axis=(1, 2, 3), keepdims=True),
    ],
    ids=[
        "asked",
        "0-to-1",
        "inverted",
        "float16",
        "standardised",
        "per-channel",
        "int64",
        "three-maps",
        "per-image",
    ],
)
def test_images_are_traced_through_any_affine_preprocessing(
    function: Callable[[Array], Array], data: Callable[[], Mapping[str, Any]]
) -> None:
    """Each image is led back to its own place, also real ones."""
    given = data()
    gallery = gallery_of(given)
    rows = np.random.default_rng(4).permutation(gallery.training)[:700]
    found = trace(function(given["cifar10/x_train"][rows]), gallery)
    assert np.array_equal(found.index, rows)


def test_images_with_a_plain_channel_are_traced() -> None:
    """A channel of one value leaves only rounding behind when it is centred, and that does not count."""
    given = dict(drawn_cifar())
    images = given["cifar10/x_train"].copy()
    images[:50, :, :, 1] = np.arange(50, dtype=np.uint8)[:, None, None] * 5 + 3
    gallery = gallery_of(given | {"cifar10/x_train": images})
    found = trace((images[:100] / np.float32(255) - np.float32(0.4733)) / np.float32(0.2009), gallery)
    assert np.array_equal(found.index, np.arange(100))


def test_the_state_before_the_first_fit_counts_not_a_later_split() -> None:
    """Where Xtrain was reloaded before the first fit, a new split after that fit changes nothing."""
    lab = right()
    lab.fits = (fit(RELOAD + 1),)
    lab.set(RELOAD + 5, Xtrain=lab.at("X", LOAD)[:500], Xval=lab.at("X", LOAD)[:500])
    assert [check.run(lab.student()) for check in CHECKS] == [None] * len(CHECKS)


ODD: dict[str, Any] = {
    "empty": np.zeros((0, 32, 32, 3)),
    "number": np.array(3),
    "nan": np.full((750, 32, 32, 3), np.nan),
    "infinite": np.full((750, 32, 32, 3), np.inf),
    "huge": np.full((750, 32, 32, 3), 1e308),
    "text": np.array(["a", "b"]),
    "complex": np.ones((750, 32, 32, 3), complex),
    "bool": np.ones((750, 32, 32, 3), bool),
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "other-size": np.ones((750, 28, 28, 1)),
    "no-columns": np.ones((750, 0)),
    "two-axes": np.ones((750, 10)),
    "five-axes": np.ones((2, 2, 2, 2, 2)),
    "records": np.zeros(750, [("a", int), ("b", float)]),
    "unsigned": np.full((750,), 2**64 - 1, np.uint64),
    "none": None,
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("name", ["X", "Y", "Xtrain", "Xval", "Xtest", "Ytrain", "Yval", "Ytest"])
def test_any_value_ends_in_a_verdict(name: str, value: Any) -> None:
    """Whatever a variable holds, no check breaks, and at least one fails."""
    lab = right()
    lab.values[name] = [(cell, value) for cell, _ in lab.values[name]]
    assert any([fails(check, lab) for check in CHECKS])  # noqa: C419 - every check has to run


def test_an_empty_notebook_fails_only_where_something_is_missing() -> None:
    """Nothing set: loading and splitting fail with the reason, and the rest depends on the split."""
    lab = replace(right(), values={}, fits=())
    assert failure_of(loaded, lab.student()).message == "No cell sets X."
    assert failure_of(split, lab.student()).message == "No cell sets Xtrain."
    assert all(split in check.needs for check in CHECKS[2:])


@pytest.mark.parametrize("variable", ["X", "Y", "Xtrain", "Xval", "Xtest", "Ytrain", "Yval", "Ytest"])
def test_the_lab_watches_what_the_checks_follow(variable: str) -> None:
    """Each variable is watched, and the handout's own spelling comes last, so that it wins within a cell."""
    assert dict(LAB.watch)[variable][-1] == variable
