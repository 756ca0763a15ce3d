"""Mistakes in tasks 3.1 to 3.4, as edits of the handout's own way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checks.cnn.data import apart, dtype, loaded, one_hot, paired, sizes, split
from checks.cnn.data import range as range_
from checks.kit import Check
from tests.checks.cnn.preparation import (
    ENCODE,
    LOAD,
    SCALE,
    SPLIT,
    Array,
    Edit,
    Lab,
    asked,
    hot,
    images_by,
    labels_by,
    split_by,
)


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


def a_test_image_among_them(lab: Lab) -> None:
    lab.set(LOAD, X=np.concatenate([lab.at("X", LOAD)[:-1], lab.at("Xtest", LOAD)[:1]]))


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


def validation_with_test_images(lab: Lab) -> None:
    for cell, name in ((SPLIT, "Xval"), (SCALE, "Xval"), (SPLIT, "Yval"), (ENCODE, "Yval")):
        value = lab.at(name, cell).copy()
        value[:20] = lab.at(name.replace("val", "test"), cell)[:20]
        lab.set(cell, **{name: value})


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
    "a-test-image-in-X": Mistake(a_test_image_among_them, loaded, ("X[999] is test image 0",)),
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
    "test-in-validation": Mistake(validation_with_test_images, apart, ("Xval holds 20 test images",)),
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
