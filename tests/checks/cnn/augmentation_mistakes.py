"""Mistakes in tasks 5.1 and 5.2: the check that must name each, and words of its message."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from checks.cnn.augmentation import (
    apart,
    augments,
    evaluated,
    generator,
    labels,
    misclassified,
    new_model,
    range,  # noqa: A004 - the check's name
    steps,
    trained,
)
from checks.kit import Cell, Check, NamedSource, Source, Use
from tests.checks.cnn import answering
from tests.checks.cnn.answering import SPLIT, Answering, Array, data, flow, use, used
from tests.checks.cnn.augmentation_rewrites import (
    EVALUATE,
    FIT,
    FLOAT,
    TRAIN,
    VALIDATION,
    Edit,
    after,
    drawing_by,
    mask,
    missed,
    with_fit,
    with_flows,
    without_fits,
)  # fmt: skip


def stale_validation(student: Answering) -> Answering:
    lab = data()
    images, labels_ = (np.concatenate([lab.train[part], lab.validation[part]]) for part in (0, 1))
    return with_flows(flow(TRAIN, images, labels_))(student)


def other_images(student: Answering) -> Answering:
    uses = tuple(replace(one, source=Source("arrays", *data().validation)) for one in student.uses)
    return replace(student, uses=uses)


def model6_is_model4(student: Answering) -> Answering:
    earlier = replace(student.fits[0], model=used(6, "model4"))
    again = replace(student.fits[1], model=replace(used(6, "model4", 1), names=("model4", "model6")))
    return replace(student, fits=(earlier, again))


def float_steps(student: Answering) -> Answering:
    return with_fit(student, steps_per_epoch=37.5, error=FLOAT)


def not_recorded(error: str, source: str = "model6.fit(train_flow)") -> Edit:
    return lambda student: replace(without_fits(student), cells=(Cell(FIT, source, error),))


def no_sources(student: Answering) -> Answering:
    return replace(without_fits(student), sources=())


def only_a_figure(student: Answering) -> Answering:
    one = NamedSource("plot_flow", 16, replace(student.sources[0].source, batch_size=1))
    return replace(without_fits(student), sources=(one,))


def raw(student: Answering) -> Answering:
    train = flow(TRAIN, data().given["cifar10/x_train"][:SPLIT], data().train[1])
    return with_flows(train)(student)


def from_0_to_1(student: Answering) -> Answering:
    images = data().given["cifar10/x_train"][:SPLIT].astype("float32") / 255
    return with_flows(flow(TRAIN, images, data().train[1]))(student)


def import_fails(student: Answering) -> Answering:
    text = "from keras.preprocessing.image import ImageDataGenerator"
    cell = Cell(
        14, text, "ImportError: cannot import name 'ImageDataGenerator' from 'keras.preprocessing.image'"
    )
    return replace(no_sources(student), cells=(cell,))


def shuffled(pair: tuple[Array, Array]) -> tuple[Array, Array]:
    return pair[0], pair[1][::-1]


def only(*kept: Use) -> Edit:
    return lambda student: replace(student, uses=kept)


WRONG: dict[str, tuple[Check, Edit, tuple[str, ...]]] = {
    "no-generator": (generator, no_sources, ("no generator",)),
    "only-a-figure": (generator, only_a_figure, ("no generator",)),
    "import": (generator, import_fails, ("cell 14", "legacy")),
    "no-vertical-flip": (
        augments, drawing_by(answering.generator(vertical=False), vertical_flip=False),
        ("train_flow never flips the images vertically", "g.vertical_flip"),
    ),
    "no-horizontal-flip": (
        augments, drawing_by(answering.generator(horizontal=False), horizontal_flip=False),
        ("never flips the images horizontally",),
    ),
    "no-flips": (augments, drawing_by(answering.generator(30, False, False)), ("horizontally or vertically",)),
    "no-rotation": (
        augments, drawing_by(answering.generator(0), rotation_range=0), ("never rotates the images",)
    ),
    "nothing": (
        augments, drawing_by(lambda images: images),
        ("never rotates the images and never flips them horizontally or vertically",),
    ),
    "radians": (
        augments, drawing_by(answering.generator(0.5), rotation_range=0.5), ("0.5°", "not in radians")
    ),
    "rotation-5": (augments, drawing_by(answering.generator(5), rotation_range=5), ("5° at most",)),
    "rotation-60": (augments, drawing_by(answering.generator(60), rotation_range=60), ("60°",)),
    "rotation-90": (augments, drawing_by(answering.generator(90), rotation_range=90), ("90°",)),
    "rotation-360": (augments, drawing_by(answering.generator(360), rotation_range=360), ("90° and more",)),
    "settings-lie": (augments, drawing_by(answering.generator(60), rotation_range=30), ("by up to",)),
    "rescaled": (range, after(lambda images: images / 255, rescale=1 / 255), ("scaled twice", "rescale")),
    "centred": (range, after(lambda images: images + 0.8, samplewise_center=True), ("samplewise_center",)),
    "raw": (range, raw, ("not preprocessed", "255")),
    "from-0-to-1": (range, from_0_to_1, ("not preprocessed as before",)),
    "mispaired": (labels, with_flows(flow(TRAIN, *shuffled(data().train))), ("label of another image",)),
    "mispaired-validation": (
        labels, with_flows(None, flow(VALIDATION, *shuffled(data().validation))), ("label of another image",)
    ),
    "no-labels": (labels, with_flows(flow(TRAIN, data().train[0], None)), ("no labels in train_flow",)),
    "same-images": (
        apart, with_flows(None, flow(VALIDATION, *data().train)), ("750 of the 750", "also training images")
    ),
    "stale-validation": (apart, stale_validation, ("also training images", "loaded again")),
    "no-subset": (
        apart,
        with_flows(flow(TRAIN, *data().train, _validation_split=0.2), flow(VALIDATION, *data().train)),
        ("subset='training'",),
    ),
    "validated-on-test": (apart, with_flows(None, flow(VALIDATION, *data().test)), ("are test images",)),
    "trained-on-test": (apart, with_flows(flow(TRAIN, *data().test)), ("training images are test images",)),
    "swapped": (
        apart, with_flows(flow(TRAIN, *data().validation), flow(VALIDATION, *data().train)), ("swapped",)
    ),
    "unvalidated": (apart, lambda one: with_fit(one, validation_source=None), ("no validation images",)),
    "float": (trained, float_steps, ("cell 20", "float", "int(np.ceil")),
    "fit-generator": (
        trained,
        not_recorded("AttributeError: 'Sequential' object has no attribute 'fit_generator'",
                      "model6.fit_generator(train_flow)"),
        ("fit itself takes a generator",),
    ),
    "name-error": (trained, not_recorded("NameError: name 'model6' is not defined"), ("cell 20", "model6")),
    "never-trained": (trained, without_fits, ("No network was trained",)),
    "model6-is-model4": (new_model, model6_is_model4, ("model6 is not a new network: it is model4",)),
    "steps-are-images": (
        steps, lambda one: with_fit(one, steps_per_epoch=750.0), ("the number of images", "38")
    ),
    "other-batch": (
        steps, lambda one: with_fit(one, steps_per_epoch=24.0), ("batches of 32", "hold 20")
    ),
    "steps-are-the-batch": (steps, lambda one: with_fit(one, steps_per_epoch=20.0), ("the batch size",)),
    "not-evaluated": (evaluated, other_images, ("model6 was not evaluated on the test images",)),
    "only-rotated": (
        evaluated, lambda one: replace(one, uses=one.uses[1:2]), ("turned by 90° only",)
    ),
    "another-model": (
        evaluated, only(use("evaluate", used(4, "model4", 1), *data().test, EVALUATE)), ("of model4",)
    ),
    "evaluated-with-other-labels": (
        evaluated, only(use("evaluate", used(6, "model6", 1), *shuffled(data().test), EVALUATE)), ("label",)
    ),
    "evaluated-raw": (
        evaluated,
        only(use("evaluate", used(6, "model6", 1), data().given["cifar10/x_test"], data().test[1], EVALUATE)),
        ("not preprocessed like",),
    ),
    "inverted": (
        misclassified, missed(np.flatnonzero(~mask())), ("inverted", "predicted", "its label is")
    ),
    "inverted-mask": (misclassified, missed(~mask()), ("inverted",)),
    "all": (misclassified, missed(np.arange(answering.TEST)), ("133 of the 200",)),
    "no-predictions": (misclassified, lambda one: replace(one, uses=one.uses[:2]), ("no predictions",)),
}  # fmt: skip
