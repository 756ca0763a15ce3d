"""Tasks 3.1 to 3.4: right preparations pass however they were written; each mistake is named."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import checks.cnn
from checks.cnn import LAB
from checks.cnn.convolutions import convolution, gaussian, sobel
from checks.cnn.data import apart, dtype, loaded, one_hot, paired, sizes, split
from checks.cnn.data import range as range_
from checks.cnn.tracing import CLASSES, gallery_of, trace
from checks.kit import Check, Failure, Fit
from tests.checks.cnn.student import Notebook, drawn_cifar, failure_of, real_cifar, text_of

CHECKS = (loaded, split, sizes, apart, paired, range_, dtype, one_hot)
LOAD, SPLIT, SCALE, ENCODE, TRAIN, RELOAD = 3, 5, 7, 9, 12, 30

Array = np.ndarray[Any, Any]
Edit = Callable[["Lab"], None]


def asked(images: Array) -> Array:
    return images.astype("float32") / np.float32(127.5) - 1


def hot(labels: Array) -> Array:
    return np.eye(10)[labels.ravel().astype(int)]


@dataclass
class Lab:
    """A notebook in the making: what each cell leaves in the variables."""

    given: Mapping[str, Any]
    values: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    fits: tuple[Fit, ...] = ()

    def set(self, cell: int, **variables: Any) -> None:
        """What a cell sets, in place of what it has set so far."""
        for name, value in variables.items():
            kept = [entry for entry in self.values.get(name, []) if entry[0] != cell]
            self.values[name] = sorted([*kept, (cell, value)], key=lambda entry: entry[0])

    def drop(self, *names: str, cell: int | None = None) -> None:
        """Forget variables, or what one cell made of them."""
        for name in names:
            left = [entry for entry in self.values[name] if cell is not None and entry[0] != cell]
            self.values[name] = left

    def at(self, name: str, cell: int) -> Any:
        """The value at the end of a cell."""
        return [value for when, value in self.values[name] if when <= cell][-1]

    def student(self) -> Notebook:
        """The notebook as a check sees it."""
        return Notebook(self.values, given=self.given, fits=self.fits)


def order_of(given: Mapping[str, Any]) -> tuple[Array, Array]:
    """Rows for training and for validation, 75 % and 25 %."""
    total = len(given["cifar10/x_train"])
    order = np.random.default_rng(11).permutation(total)
    return order[: total * 3 // 4], order[total * 3 // 4 :]


def right(given: Mapping[str, Any] | None = None) -> Lab:
    """The handout's own way, the reload of 5.1 included."""
    given = given or drawn_cifar()
    lab = Lab(given, fits=(fit(TRAIN), fit(RELOAD + 2)))
    X, Y = given["cifar10/x_train"], given["cifar10/y_train"]
    train, val = order_of(given)
    lab.set(LOAD, X=X, Y=Y, Xtest=given["cifar10/x_test"], Ytest=given["cifar10/y_test"])
    lab.set(SPLIT, Xtrain=X[train], Xval=X[val], Ytrain=Y[train], Yval=Y[val])
    for name in ("Xtrain", "Xval", "Xtest"):
        lab.set(SCALE, **{name: asked(lab.at(name, SPLIT))})
    for name in ("Ytrain", "Yval", "Ytest"):
        lab.set(ENCODE, **{name: hot(lab.at(name, SPLIT))})
    lab.set(RELOAD, Xtrain=X, Ytrain=Y, Xtest=given["cifar10/x_test"], Ytest=given["cifar10/y_test"])
    return lab


def fit(cell: int) -> Fit:
    return Fit(cell=cell, flavour="keras", epochs=20, batch_size=20, steps_per_epoch=None)


def images_by(function: Callable[[Array], Array], *names: str) -> Edit:
    """Scale sets in another way."""

    def edit(lab: Lab) -> None:
        for name in names or ("Xtrain", "Xval", "Xtest"):
            lab.set(SCALE, **{name: function(lab.at(name, SPLIT))})

    return edit


def labels_by(function: Callable[[Array], Array], *names: str) -> Edit:
    """Encode labels in another way."""

    def edit(lab: Lab) -> None:
        for name in names or ("Ytrain", "Yval", "Ytest"):
            lab.set(ENCODE, **{name: function(lab.at(name, SPLIT))})

    return edit


def split_by(train: Callable[[Array, Array], Array], val: Callable[[Array, Array], Array]) -> Edit:
    """Split by other rows, made of the right ones, and go on as asked."""

    def edit(lab: Lab) -> None:
        usual = order_of(lab.given)
        X, Y = lab.at("X", LOAD), lab.at("Y", LOAD)
        for images, labels, rows in (("Xtrain", "Ytrain", train(*usual)), ("Xval", "Yval", val(*usual))):
            lab.set(SPLIT, **{images: X[rows], labels: Y[rows]})
            lab.set(SCALE, **{images: asked(X[rows])})
            lab.set(ENCODE, **{labels: hot(Y[rows])})

    return edit


# ---- right ways --------------------------------------------------------------------------------------


def flat_labels(lab: Lab) -> None:
    lab.set(LOAD, Y=lab.at("Y", LOAD).ravel(), Ytest=lab.at("Ytest", LOAD).ravel())
    lab.set(SPLIT, Ytrain=lab.at("Ytrain", SPLIT).ravel(), Yval=lab.at("Yval", SPLIT).ravel())


def scaled_before_the_split(lab: Lab) -> None:
    lab.set(LOAD + 1, X=asked(lab.at("X", LOAD)), Xtest=asked(lab.at("Xtest", LOAD)))
    lab.set(SPLIT, Xtrain=asked(lab.at("Xtrain", SPLIT)), Xval=asked(lab.at("Xval", SPLIT)))
    lab.drop("Xtrain", "Xval", "Xtest", cell=SCALE)


def encoded_before_the_split(lab: Lab) -> None:
    lab.set(LOAD + 1, Y=hot(lab.at("Y", LOAD)), Ytest=hot(lab.at("Ytest", LOAD)))
    lab.set(SPLIT, Ytrain=hot(lab.at("Ytrain", SPLIT)), Yval=hot(lab.at("Yval", SPLIT)))
    lab.drop("Ytrain", "Yval", "Ytest", cell=ENCODE)


def all_in_one_cell(lab: Lab) -> None:
    for name in ("Xtrain", "Xval", "Xtest", "Ytrain", "Yval", "Ytest"):
        lab.values[name] = [(SPLIT, lab.at(name, ENCODE))]


def shuffled_before_the_split(lab: Lab) -> None:
    order = np.random.default_rng(5).permutation(len(lab.at("X", LOAD)))
    lab.set(LOAD, X=lab.at("X", LOAD)[order], Y=lab.at("Y", LOAD)[order])


def shuffled_together_later(lab: Lab) -> None:
    order = np.random.default_rng(5).permutation(len(lab.at("Xtrain", SPLIT)))
    lab.set(ENCODE, Xtrain=lab.at("Xtrain", SCALE)[order], Ytrain=lab.at("Ytrain", ENCODE)[order])


def normalised_at_once(lab: Lab) -> None:
    lab.set(LOAD, X=lab.at("X", LOAD) / 255.0)
    lab.set(SPLIT, Xtrain=lab.at("Xtrain", SPLIT) / 255.0, Xval=lab.at("Xval", SPLIT) / 255.0)


def no_fit(lab: Lab) -> None:
    lab.fits = ()


def fit_only_after_the_reload(lab: Lab) -> None:
    lab.fits = (fit(RELOAD + 2),)


def without_reload(lab: Lab) -> None:
    lab.drop("Xtrain", "Ytrain", "Xtest", "Ytest", cell=RELOAD)


def cut_later(lab: Lab) -> None:
    X, Y = lab.at("X", LOAD), lab.at("Y", LOAD)
    lab.set(LOAD - 1, X=np.concatenate([X, X[:300]]), Y=np.concatenate([Y, Y[:300]]))


def test_images_scaled_only_before_training(lab: Lab) -> None:
    lab.set(TRAIN, Xtest=lab.at("Xtest", SCALE))
    lab.drop("Xtest", cell=SCALE)


test_images_scaled_only_before_training.__test__ = False  # type: ignore[attr-defined]

RIGHT: dict[str, Edit] = {
    "handout": lambda lab: None,
    "flat-labels": flat_labels,
    "scaled-before-the-split": scaled_before_the_split,
    "encoded-before-the-split": encoded_before_the_split,
    "all-in-one-cell": all_in_one_cell,
    "shuffled-before-the-split": shuffled_before_the_split,
    "shuffled-together-later": shuffled_together_later,
    "normalised-at-once": normalised_at_once,
    "no-fit": no_fit,
    "fit-only-after-the-reload": fit_only_after_the_reload,
    "without-reload": without_reload,
    "cut-in-a-later-cell": cut_later,
    "test-set-scaled-last": test_images_scaled_only_before_training,
    "30-percent": split_by(
        lambda t, v: t[: len(t) * 14 // 15], lambda t, v: np.append(v, t[len(t) * 14 // 15 :])
    ),
    "not-shuffled": split_by(lambda t, v: np.arange(len(t)), lambda t, v: len(t) + np.arange(len(v))),
    "scaled-otherwise-written": images_by(lambda x: (x.astype("float32") / 255 - 0.5) * 2),
    "one-hot-bool": labels_by(lambda y: hot(y).astype(bool)),
    "one-hot-uint8": labels_by(lambda y: hot(y).astype("uint8")),
    "one-hot-float32": labels_by(lambda y: hot(y).astype("float32")),
}


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


# ---- mistakes ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """An edit of the right notebook, the one check that must catch it, and words of its message.

    ``also`` lists checks that fail besides, because the edit really is more than one mistake.
    """

    edit: Edit
    caught_by: Check
    words: tuple[str, ...]
    also: tuple[Check, ...] = ()


def only_images_cut(lab: Lab) -> None:
    Y = lab.at("Y", LOAD)
    lab.set(LOAD, Y=np.concatenate([Y, Y]))


def not_cut(lab: Lab) -> None:
    """Training on five times as many images; those beyond the first 10,000 are unknown to the grader."""
    draw = np.random.default_rng(1)
    total = len(lab.at("X", LOAD))
    X = np.concatenate([lab.at("X", LOAD), draw.integers(0, 256, (total, 32, 32, 3), np.uint8)])
    Y = np.concatenate([lab.at("Y", LOAD), draw.integers(0, 10, (total, 1), np.uint8)])
    order = draw.permutation(2 * total)
    train, val = order[: total * 3 // 2], order[total * 3 // 2 :]
    lab.set(LOAD, X=X, Y=Y)
    for images, labels, rows in (("Xtrain", "Ytrain", train), ("Xval", "Yval", val)):
        lab.set(SPLIT, **{images: X[rows], labels: Y[rows]})
        lab.set(SCALE, **{images: asked(X[rows])})
        lab.set(ENCODE, **{labels: hot(Y[rows])})


def labels_reversed(lab: Lab) -> None:
    lab.set(LOAD, Y=lab.at("Y", LOAD)[::-1])


def test_images_as_training(lab: Lab) -> None:
    lab.set(LOAD, X=np.concatenate([lab.at("X", LOAD)[:-1], lab.at("Xtest", LOAD)[:1]]))


test_images_as_training.__test__ = False  # type: ignore[attr-defined]


def same_images_twice(lab: Lab) -> None:
    X, Y = lab.at("X", LOAD), lab.at("Y", LOAD)
    half = len(X) // 2
    lab.set(LOAD, X=np.concatenate([X[:half]] * 2), Y=np.concatenate([Y[:half]] * 2))


def unpacked_in_the_wrong_order(lab: Lab) -> None:
    images, labels = lab.at("Xval", SPLIT), lab.at("Ytrain", SPLIT)
    lab.values["Xval"], lab.values["Ytrain"] = [(SPLIT, labels)], [(SPLIT, images)]


def labels_split_apart(lab: Lab) -> None:
    order = np.random.default_rng(99).permutation(len(lab.at("Y", LOAD)))
    Y = lab.at("Y", LOAD)[order]
    for name in ("Ytrain", "Yval"):
        rows = (
            slice(0, len(lab.at("Ytrain", SPLIT)))
            if name == "Ytrain"
            else slice(-len(lab.at("Yval", SPLIT)), None)
        )
        lab.set(SPLIT, **{name: Y[rows]})
        lab.set(ENCODE, **{name: hot(Y[rows])})


def images_shuffled_alone(lab: Lab) -> None:
    lab.set(SCALE, Xtrain=lab.at("Xtrain", SCALE)[::-1])


def fewer_labels(lab: Lab) -> None:
    lab.set(SPLIT, Ytrain=lab.at("Ytrain", SPLIT)[:-5])
    lab.set(ENCODE, Ytrain=lab.at("Ytrain", ENCODE)[:-5])


def constant_images(lab: Lab) -> None:
    for cell in (SPLIT, SCALE):
        lab.set(cell, Xtrain=np.zeros_like(lab.at("Xtrain", cell)))


def test_in_validation(lab: Lab) -> None:
    for cell, name in ((SPLIT, "Xval"), (SCALE, "Xval"), (SPLIT, "Yval"), (ENCODE, "Yval")):
        value = lab.at(name, cell).copy()
        value[:20] = lab.at(name.replace("val", "test"), cell)[:20]
        lab.set(cell, **{name: value})


test_in_validation.__test__ = False  # type: ignore[attr-defined]


def not_split(lab: Lab) -> None:
    lab.drop("Xval", "Yval")


def flattened(lab: Lab) -> None:
    for name in ("Xtrain", "Xval", "Xtest"):
        lab.set(SPLIT, **{name: lab.at(name, SPLIT).reshape(len(lab.at(name, SPLIT)), -1)})
        lab.set(SCALE, **{name: lab.at(name, SCALE).reshape(len(lab.at(name, SCALE)), -1)})


def with_nan(images: Array) -> Array:
    scaled = asked(images)
    scaled[3, 0, 0, 0] = np.nan
    return scaled


def standardised(images: Array) -> Array:
    return ((images - images.mean()) / images.std()).astype("float32")


def standardised_per_channel(images: Array) -> Array:
    return ((images - images.mean(axis=(0, 1, 2))) / images.std(axis=(0, 1, 2))).astype("float32")


def wrong_columns(labels: Array, columns: int) -> Array:
    return np.eye(columns)[np.minimum(labels.ravel(), columns - 1)]


def swap(t: Array, v: Array) -> Array:
    return v


MISTAKES: dict[str, Mistake] = {
    # 3.1
    "not-cut": Mistake(not_cut, loaded, ("not cut", "first 1,000")),
    "only-images-cut": Mistake(only_images_cut, loaded, ("Only one", "Y still")),
    "too-few": Mistake(
        lambda lab: lab.set(LOAD, X=lab.at("X", LOAD)[:900], Y=lab.at("Y", LOAD)[:900]),
        loaded,
        ("fewer rows",),
    ),
    "labels-of-others": Mistake(labels_reversed, loaded, ("labels of X", "says")),
    "a-test-image-in-X": Mistake(test_images_as_training, loaded, ("X[999] is test image 0",)),
    "same-images-twice": Mistake(same_images_twice, loaded, ("twice",)),
    "other-images": Mistake(
        lambda lab: lab.set(
            LOAD, X=np.random.default_rng(2).integers(0, 256, lab.at("X", LOAD).shape, np.uint8)
        ),
        loaded,
        ("none of the given images",),
    ),
    "X-missing": Mistake(lambda lab: lab.drop("X"), loaded, ("No cell sets X",)),
    "test-labels-missing": Mistake(lambda lab: lab.drop("Ytest"), loaded, ("No cell sets Ytest",)),
    "X-is-no-array": Mistake(lambda lab: lab.set(LOAD, X=None), loaded, ("NoneType",)),
    "images-flattened": Mistake(
        lambda lab: lab.set(LOAD, X=lab.at("X", LOAD).reshape(len(lab.at("X", LOAD)), -1)),
        loaded,
        ("four axes",),
    ),
    # 3.2
    "not-split": Mistake(not_split, split, ("No cell sets Xval",)),
    "unpacked-in-the-wrong-order": Mistake(
        unpacked_in_the_wrong_order,
        split,
        ("mixed up", "order"),
    ),
    "flattened": Mistake(flattened, split, ("32×32",)),
    "Yval-is-no-array": Mistake(
        lambda lab: (lab.drop("Yval"), lab.set(SPLIT, Yval=[1, 2]))[0], split, ("Yval: list",)
    ),
    "20-percent": Mistake(
        split_by(lambda t, v: np.append(t, v[len(v) * 4 // 5 :]), lambda t, v: v[: len(v) * 4 // 5]),
        sizes,
        ("20%",),
    ),
    "half": Mistake(
        split_by(lambda t, v: t[len(t) // 3 :], lambda t, v: np.append(v, t[: len(t) // 3])), sizes, ("50%",)
    ),
    "swapped": Mistake(split_by(lambda t, v: v, lambda t, v: t), sizes, ("swapped",)),
    "images-lost": Mistake(split_by(lambda t, v: t[:-100], lambda t, v: v), sizes, ("900 images together",)),
    "overlap": Mistake(
        split_by(lambda t, v: np.append(t, v[:10]), lambda t, v: v), apart, ("10 images are both",), (sizes,)
    ),
    "overlap-of-the-right-size": Mistake(
        split_by(lambda t, v: np.append(t[:-10], v[:10]), lambda t, v: v),
        apart,
        ("10 images are both in training",),
    ),
    "twice-in-training": Mistake(
        split_by(lambda t, v: np.append(t[:-10], t[:10]), lambda t, v: v),
        apart,
        ("more than once in Xtrain",),
    ),
    "test-in-validation": Mistake(test_in_validation, apart, ("Xval holds 20 test images",)),
    "constant-images": Mistake(
        constant_images, apart, ("none of the given images", "all of its values"), (range_,)
    ),
    "labels-split-apart": Mistake(labels_split_apart, paired, ("label of another image", "says")),
    "images-shuffled-alone": Mistake(images_shuffled_alone, paired, ("label of another image",)),
    "fewer-labels": Mistake(fewer_labels, paired, ("different lengths",)),
    # 3.3
    "0-to-1": Mistake(
        images_by(lambda x: x.astype("float32") / 255), range_, ("x / 255", "Xtrain, Xval and Xtest")
    ),
    "not-preprocessed": Mistake(images_by(lambda x: x), range_, ("not preprocessed",), (dtype,)),
    "not-scaled-but-float": Mistake(images_by(lambda x: x.astype("float32")), range_, ("not preprocessed",)),
    "twice": Mistake(images_by(lambda x: asked(asked(x))), range_, ("twice",)),
    "cast-to-int": Mistake(images_by(lambda x: asked(x).astype(int)), range_, ("whole numbers",), (dtype,)),
    "cast-to-uint8": Mistake(
        images_by(lambda x: asked(x).astype(int).astype("uint8")), range_, ("wrapped around",), (dtype,)
    ),
    "only-training": Mistake(
        images_by(lambda x: x.astype("float32"), "Xval", "Xtest"), range_, ("Xval and Xtest", "Only Xtrain")
    ),
    "test-forgotten": Mistake(images_by(lambda x: x, "Xtest"), range_, ("Xtest are the original",), (dtype,)),
    "different-sets-differ": Mistake(
        lambda lab: (
            images_by(lambda x: x.astype("float32") / 255, "Xval")(lab),
            images_by(lambda x: x.astype("float32"), "Xtest")(lab),
        )[0],
        range_,
        ("in Xval are x / 255", "in Xtest are the original"),
    ),
    "standardised": Mistake(images_by(standardised), range_, ("standardised",)),
    "standardised-per-channel": Mistake(images_by(standardised_per_channel), range_, ("standardised",)),
    "divided-by-128": Mistake(images_by(lambda x: x.astype("float32") / 128 - 1), range_, ("128",)),
    "minus-one-forgotten": Mistake(images_by(lambda x: x.astype("float32") / 127.5), range_, ("0 and 2",)),
    "inverted": Mistake(images_by(lambda x: -asked(x)), range_, ("x · -0.00784",)),
    "nan": Mistake(images_by(with_nan), range_, ("NaN",)),
    "float64": Mistake(images_by(lambda x: x / 127.5 - 1), dtype, ("float64", "memory")),
    "float64-test-only": Mistake(
        images_by(lambda x: x / 127.5 - 1, "Xtest"), dtype, ("Xtest should be float32",)
    ),
    "float16": Mistake(images_by(lambda x: asked(x).astype("float16")), dtype, ("float16",)),
    # 3.4
    "still-numbers": Mistake(labels_by(lambda y: y), one_hot, ("still class numbers",)),
    "validation-forgotten": Mistake(
        labels_by(lambda y: y, "Yval"), one_hot, ("Yval are still", "Only Ytrain and Ytest are one-hot")
    ),
    "test-forgotten-labels": Mistake(labels_by(lambda y: y, "Ytest"), one_hot, ("Ytest are still",)),
    "9-columns": Mistake(labels_by(lambda y: wrong_columns(y, 9)), one_hot, ("9 columns",)),
    "11-columns": Mistake(labels_by(lambda y: wrong_columns(y, 11)), one_hot, ("11 columns",)),
    "all-zeros": Mistake(labels_by(lambda y: 0 * hot(y)), one_hot, ("only zeros",)),
    "plus-minus-one": Mistake(labels_by(lambda y: 2 * hot(y) - 1), one_hot, ("not one-hot", "-1")),
    "two-columns": Mistake(
        labels_by(lambda y: np.eye(2)[(y.ravel() == 3).astype(int)]), one_hot, ("2 columns",)
    ),
    "twice-2": Mistake(labels_by(lambda y: np.eye(2)[hot(y).astype(int)]), one_hot, ("encoded twice",)),
    "twice-10": Mistake(labels_by(lambda y: np.eye(10)[hot(y).astype(int)]), one_hot, ("encoded twice",)),
    "one-axis-too-many": Mistake(labels_by(lambda y: np.eye(10)[y]), one_hot, ("one axis too many",)),
    "shifted-class": Mistake(
        labels_by(lambda y: np.roll(hot(y), 1, axis=1)), one_hot, ("wrong column", "its label was")
    ),
    "nan-labels": Mistake(labels_by(lambda y: hot(y) * np.nan), one_hot, ("not one-hot",)),
    "sparse-matrix": Mistake(lambda lab: lab.set(ENCODE, Ytest={}, Ytrain=[0]), one_hot, ("not an array",)),
}


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
def test_images_are_traced_through_any_affine_preprocessing(function: Callable[[Array], Array]) -> None:
    """Each image is led back to its own place, also real ones."""
    for given in (drawn_cifar(), real_cifar()):
        gallery = gallery_of(given)
        rows = np.random.default_rng(4).permutation(gallery.training)[:700]
        found = trace(function(given["cifar10/x_train"][rows]), gallery)
        assert np.array_equal(found.index, rows)


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


# ---- the lab and its rubric --------------------------------------------------------------------------


def rubric() -> dict[str, Any]:
    return tomllib.loads((Path(checks.cnn.__file__).parent / "rubric.toml").read_text("utf-8"))


def test_the_rubric_is_worth_60_points() -> None:
    """The points of all checks sum to 60, and each check's task has a title and says what was asked."""
    listed = rubric()
    assert sum(entry["points"] for entry in listed["checks"].values()) == 60
    for check_id in listed["checks"]:
        task = listed["tasks"][check_id.split("/")[0]]
        assert task["title"]
        assert task["asked"]


@pytest.mark.parametrize("check", [*CHECKS, gaussian, sobel, convolution], ids=lambda check: check.id)
def test_each_check_has_points(check: Check) -> None:
    """A check that the rubric forgot would be worth nothing."""
    assert rubric()["checks"][check.id]["points"] > 0


def weight(text: str) -> float:
    return sum(marker.weight for marker in LAB.markers if re.search(marker.pattern, text, re.IGNORECASE))


@pytest.mark.parametrize(
    "text",
    [
        "from tensorflow.keras.datasets import cifar10",
        "model1 = build_CNN(input_shape, loss='categorical_crossentropy')",
        "filterResponseSobelX = signal.convolve2d(image, sobelX)",
        "image = scipy.datasets.ascent()\nconvolve2d(image, kernel)",
        "Xtest_rotated = myrotate(Xtest)",
    ],
)
def test_a_part_of_the_notebook_is_enough_to_recognise_it(text: str) -> None:
    """One typical line weighs the 2.0 that recognition asks for."""
    assert weight(text) >= 2.0


@pytest.mark.parametrize(
    "text",
    [
        "flow = cv2.calcOpticalFlowFarneback(prev, frame, None, 0.5, 3, 15, 3, 5, 1.2, 0)\nflow_mask(flow, 9)",
        "base = VGG16(weights='imagenet')\nX_train, X_val, y_train, y_val = train_test_split(X, y)",
        "# Fish classification with a 2D CNN\nThe loss falls by gradient descent.",
    ],
)
def test_the_other_lab_is_not_taken_for_this_one(text: str) -> None:
    """Optical flow, VGG16 and fish stay below the 2.0 that recognition asks for."""
    assert weight(text) < 2.0
