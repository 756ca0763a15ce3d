"""Other right ways through tasks 3.1 to 3.4, as edits of the handout's own."""

from __future__ import annotations

import numpy as np

from tests.checks.cnn.preparation import (
    ENCODE,
    LOAD,
    RELOAD,
    SCALE,
    SPLIT,
    TRAIN,
    Edit,
    Lab,
    asked,
    fit,
    hot,
    images_by,
    labels_by,
    split_by,
)


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


def scaled_last(lab: Lab) -> None:
    lab.set(TRAIN, Xtest=lab.at("Xtest", SCALE))
    lab.drop("Xtest", cell=SCALE)


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
    "test-set-scaled-last": scaled_last,
    "30-percent": split_by(
        lambda t, v: t[: len(t) * 14 // 15], lambda t, v: np.append(v, t[len(t) * 14 // 15 :])
    ),
    "not-shuffled": split_by(lambda t, v: np.arange(len(t)), lambda t, v: len(t) + np.arange(len(v))),
    "scaled-otherwise-written": images_by(lambda x: (x.astype("float32") / 255 - 0.5) * 2),
    "one-hot-bool": labels_by(lambda y: hot(y).astype(bool)),
    "one-hot-uint8": labels_by(lambda y: hot(y).astype("uint8")),
    "one-hot-float32": labels_by(lambda y: hot(y).astype("float32")),
}
