"""Right ways through tasks 5.1 and 5.2, as evidence made up in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from checks.kit import Cell, Event, NamedSource, Source
from tests.checks.cnn import answering
from tests.checks.cnn.answering import Answering, Array, data, fit, flow, hot, use, used

TRAIN, VALIDATION = 101, 102  # identities of the two flows
FIT, EVALUATE, PREDICT = 20, 21, 22  # the order of the calls, and their cells
FLOAT = "TypeError: 'float' object cannot be interpreted as an integer"
Edit = Callable[[Answering], Answering]


def right() -> Answering:
    """The handout's own way."""
    lab = data()
    train, validation = flow(TRAIN, *lab.train), flow(VALIDATION, *lab.validation)
    result = predictions(lab.test[1])
    model = used(6, "model6")
    miss = np.flatnonzero(result.argmax(axis=1) != lab.test[1].argmax(axis=1))
    return Answering(
        {"miss": [(PREDICT, miss)]}, lab.given,
        fits=(
            fit(used(4, "model4"), Source("arrays", *lab.train), 10),
            fit(model, train, FIT, validation_source=validation, steps_per_epoch=38.0),
        ),
        uses=(
            use("evaluate", replace(model, fits_before=1), *lab.test, EVALUATE),
            use("evaluate", replace(model, fits_before=1), np.rot90(lab.test[0], axes=(1, 2)), lab.test[1],
                EVALUATE),
            use("predict", replace(model, fits_before=1), lab.test[0], None, PREDICT, result=result),
        ),
        sources=(NamedSource("train_flow", 15, train), NamedSource("val_flow", 15, validation)),
        generators={TRAIN: answering.generator(), VALIDATION: answering.generator()},
    )  # fmt: skip


def predictions(one_hot: Array) -> Array:
    """Probabilities of which every third is wrong."""
    classes = one_hot.argmax(axis=1)
    classes[::3] = (classes[::3] + 1) % 10
    return hot(classes) * np.float32(0.5) + np.float32(0.05)


def with_fit(student: Answering, **changes: Any) -> Answering:
    """Another training with the generator."""
    return replace(student, fits=(student.fits[0], replace(student.fits[1], **changes)))


def with_flows(train: Source | None = None, validation: Source | None = None) -> Edit:
    """Other sources, by the same names."""

    def edit(student: Answering) -> Answering:
        old = student.fits[1]
        new = train or old.source, validation or old.validation_source or Source("other")
        names = tuple(replace(one, source=source) for one, source in zip(student.sources, new, strict=True))
        fits = (student.fits[0], replace(old, source=new[0], validation_source=new[1]))
        return replace(student, fits=fits, sources=names)

    return edit


def drawing_by(function: Callable[[Array], Array], **settings: Any) -> Edit:
    """Another generator behind the training flow."""

    def edit(student: Answering) -> Answering:
        source = flow(TRAIN, *data().train, **settings)
        return replace(with_flows(source)(student), generators={TRAIN: function})

    return edit


def after(function: Callable[[Array], Array], **settings: Any) -> Edit:
    """The right generator with a step after it."""
    turn = answering.generator()
    return drawing_by(lambda images: function(turn(images)), **settings)


def missed(value: Any) -> Edit:
    """Another value of the variable with the misclassified images."""
    return lambda student: replace(student, values={"miss": [(PREDICT, value)]})


def wrong_rows() -> Array:
    return np.arange(0, answering.TEST, 3)


def mask() -> Array:
    result = np.zeros(answering.TEST, bool)
    result[wrong_rows()] = True
    return result


def without_fits(student: Answering) -> Answering:
    return replace(student, fits=student.fits[:1])


def own_loop(student: Answering) -> Answering:
    cell = Cell(FIT, "for x, y in train_flow:\n    model6.train_on_batch(x, y)")
    return replace(without_fits(student), cells=(cell,))


def subsets(student: Answering) -> Answering:
    lab = data()
    train = flow(TRAIN, *lab.train, _validation_split=0.25)
    validation = flow(VALIDATION, *lab.validation, _validation_split=0.25)
    return with_flows(train, validation)(student)


def arrays_for_validation(student: Answering) -> Answering:
    pair = data().validation
    return with_fit(student, validation=pair, validation_source=Source("arrays", *pair))


def two_halves(student: Answering) -> Answering:
    second = replace(student.fits[1], order=FIT, model=used(6, "model6", 1))
    return replace(student, fits=(student.fits[0], replace(student.fits[1], order=FIT - 1), second))


def first_attempt_stopped(student: Answering) -> Answering:
    first = replace(student.fits[1], order=FIT - 1, error=FLOAT, steps_per_epoch=37.5)
    again = replace(student.fits[1], model=used(6, "model6", 1))
    return replace(student, fits=(student.fits[0], first, again))


def carbon_afterwards(student: Answering) -> Answering:
    """Part 6 trains model7 from the same generator, and with other steps."""
    later = replace(student.fits[1], model=used(7, "model7"), order=41, steps_per_epoch=3.0)
    return replace(student, fits=(*student.fits, later), events=(Event("tracker", 40, 40),))


RIGHT: dict[str, Edit] = {
    "handout": lambda student: student,
    "validation-split": subsets,
    "validation-arrays": arrays_for_validation,
    "steps-left-out": lambda student: with_fit(student, steps_per_epoch=None),
    "steps-rounded-down": lambda student: with_fit(student, steps_per_epoch=37.0),
    "steps-of-tf-keras": lambda student: with_fit(student, steps_per_epoch=37.5, flavour="tf_keras"),
    "rotation-10": drawing_by(answering.generator(10), rotation_range=10),
    "rotation-45": drawing_by(answering.generator(45), rotation_range=45),
    "rotation-unknown": drawing_by(answering.generator(30), rotation_range=None),
    "brighter": after(lambda images: np.clip(images * 0.9 + 0.05, -1, 1)),
    "two-halves": two_halves,
    "first-attempt-stopped": first_attempt_stopped,
    "carbon-afterwards": carbon_afterwards,
    "own-loop": own_loop,
    "mask": missed(mask()),
    "integer-mask": missed(mask().astype(int)),
    "where": missed(wrong_rows()[None]),
    "argwhere": missed(wrong_rows()[:, None]),
    "a-few": missed(wrong_rows()[:5]),
    "count": missed(np.array(7)),
    "classes-not-places": missed(np.zeros(67, int)),
    "images": missed(data().test[0][:4]),
    "none": lambda student: replace(student, values={}),
}
