"""Tasks 5.1 and 5.2: right generators and trainings pass, and each mistake is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from checks.cnn import LAB, drawing
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
from checks.cnn.faults.augmentation import FAULTS, REWRITES
from checks.kit import Cell, Check, Event, Failure, Fit, NamedSource, Source, Use
from tests.checks.cnn import answering
from tests.checks.cnn.answering import SPLIT, Answering, Array, data, fit, flow, hot, scaled, use, used
from tests.checks.cnn.student import failure_of, text_of
from tests.conftest import Teller

CHECKS = (generator, augments, range, labels, apart, trained, new_model, steps, evaluated, misclassified)
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


def _own_loop(student: Answering) -> Answering:
    cell = Cell(FIT, "for x, y in train_flow:\n    model6.train_on_batch(x, y)")
    return replace(without_fits(student), cells=(cell,))


def _subsets(student: Answering) -> Answering:
    lab = data()
    train = flow(TRAIN, *lab.train, _validation_split=0.25)
    validation = flow(VALIDATION, *lab.validation, _validation_split=0.25)
    return with_flows(train, validation)(student)


def _arrays_for_validation(student: Answering) -> Answering:
    pair = data().validation
    return with_fit(student, validation=pair, validation_source=Source("arrays", *pair))


def _two_halves(student: Answering) -> Answering:
    second = replace(student.fits[1], order=FIT, model=used(6, "model6", 1))
    return replace(student, fits=(student.fits[0], replace(student.fits[1], order=FIT - 1), second))


def _first_attempt_stopped(student: Answering) -> Answering:
    first = replace(student.fits[1], order=FIT - 1, error=FLOAT, steps_per_epoch=37.5)
    again = replace(student.fits[1], model=used(6, "model6", 1))
    return replace(student, fits=(student.fits[0], first, again))


def _carbon_afterwards(student: Answering) -> Answering:
    """Part 6 trains model7 from the same generator, and with other steps."""
    later = replace(student.fits[1], model=used(7, "model7"), order=41, steps_per_epoch=3.0)
    return replace(student, fits=(*student.fits, later), events=(Event("tracker", 40, 40),))


RIGHT: dict[str, Edit] = {
    "handout": lambda student: student,
    "validation-split": _subsets,
    "validation-arrays": _arrays_for_validation,
    "steps-left-out": lambda student: with_fit(student, steps_per_epoch=None),
    "steps-rounded-down": lambda student: with_fit(student, steps_per_epoch=37.0),
    "steps-of-tf-keras": lambda student: with_fit(student, steps_per_epoch=37.5, flavour="tf_keras"),
    "rotation-10": drawing_by(answering.generator(10), rotation_range=10),
    "rotation-45": drawing_by(answering.generator(45), rotation_range=45),
    "rotation-unknown": drawing_by(answering.generator(30), rotation_range=None),
    "brighter": after(lambda images: np.clip(images * 0.9 + 0.05, -1, 1)),
    "two-halves": _two_halves,
    "first-attempt-stopped": _first_attempt_stopped,
    "carbon-afterwards": _carbon_afterwards,
    "own-loop": _own_loop,
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


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@pytest.mark.parametrize("edit", RIGHT.values(), ids=RIGHT.keys())
def test_every_right_way_passes(check: Check, edit: Edit) -> None:
    """However generator and training were written, each check passes."""
    check.run(edit(right()))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_handouts_way_has_no_hint(check: Check) -> None:
    """What is done as the handout says leaves nothing to say."""
    assert check.run(right()) is None


def _stale_validation(student: Answering) -> Answering:
    lab = data()
    images, labels_ = (np.concatenate([lab.train[part], lab.validation[part]]) for part in (0, 1))
    return with_flows(flow(TRAIN, images, labels_))(student)


def _other_images(student: Answering) -> Answering:
    uses = tuple(replace(one, source=Source("arrays", *data().validation)) for one in student.uses)
    return replace(student, uses=uses)


def _model6_is_model4(student: Answering) -> Answering:
    earlier = replace(student.fits[0], model=used(6, "model4"))
    again = replace(student.fits[1], model=replace(used(6, "model4", 1), names=("model4", "model6")))
    return replace(student, fits=(earlier, again))


def _float_steps(student: Answering) -> Answering:
    return with_fit(student, steps_per_epoch=37.5, error=FLOAT)


def _not_recorded(error: str, source: str = "model6.fit(train_flow)") -> Edit:
    return lambda student: replace(without_fits(student), cells=(Cell(FIT, source, error),))


def _no_sources(student: Answering) -> Answering:
    return replace(without_fits(student), sources=())


def _only_a_figure(student: Answering) -> Answering:
    one = NamedSource("plot_flow", 16, replace(student.sources[0].source, batch_size=1))
    return replace(without_fits(student), sources=(one,))


def _raw(student: Answering) -> Answering:
    train = flow(TRAIN, data().given["cifar10/x_train"][:SPLIT], data().train[1])
    return with_flows(train)(student)


def _from_0_to_1(student: Answering) -> Answering:
    images = data().given["cifar10/x_train"][:SPLIT].astype("float32") / 255
    return with_flows(flow(TRAIN, images, data().train[1]))(student)


def _import_fails(student: Answering) -> Answering:
    text = "from keras.preprocessing.image import ImageDataGenerator"
    cell = Cell(
        14, text, "ImportError: cannot import name 'ImageDataGenerator' from 'keras.preprocessing.image'"
    )
    return replace(_no_sources(student), cells=(cell,))


def shuffled(pair: tuple[Array, Array]) -> tuple[Array, Array]:
    return pair[0], pair[1][::-1]


def only(*kept: Use) -> Edit:
    return lambda student: replace(student, uses=kept)


WRONG: dict[str, tuple[Check, Edit, tuple[str, ...]]] = {
    "no-generator": (generator, _no_sources, ("no generator",)),
    "only-a-figure": (generator, _only_a_figure, ("no generator",)),
    "import": (generator, _import_fails, ("cell 14", "legacy")),
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
    "raw": (range, _raw, ("not preprocessed", "255")),
    "from-0-to-1": (range, _from_0_to_1, ("not preprocessed as before",)),
    "mispaired": (labels, with_flows(flow(TRAIN, *shuffled(data().train))), ("label of another image",)),
    "mispaired-validation": (
        labels, with_flows(None, flow(VALIDATION, *shuffled(data().validation))), ("label of another image",)
    ),
    "no-labels": (labels, with_flows(flow(TRAIN, data().train[0], None)), ("no labels in train_flow",)),
    "same-images": (
        apart, with_flows(None, flow(VALIDATION, *data().train)), ("750 of the 750", "also training images")
    ),
    "stale-validation": (apart, _stale_validation, ("also training images", "loaded again")),
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
    "float": (trained, _float_steps, ("cell 20", "float", "int(np.ceil")),
    "fit-generator": (
        trained,
        _not_recorded("AttributeError: 'Sequential' object has no attribute 'fit_generator'",
                      "model6.fit_generator(train_flow)"),
        ("fit itself takes a generator",),
    ),
    "name-error": (trained, _not_recorded("NameError: name 'model6' is not defined"), ("cell 20", "model6")),
    "never-trained": (trained, without_fits, ("No network was trained",)),
    "model6-is-model4": (new_model, _model6_is_model4, ("model6 is not a new network: it is model4",)),
    "steps-are-images": (
        steps, lambda one: with_fit(one, steps_per_epoch=750.0), ("the number of images", "38")
    ),
    "other-batch": (
        steps, lambda one: with_fit(one, steps_per_epoch=24.0), ("batches of 32", "hold 20")
    ),
    "steps-are-the-batch": (steps, lambda one: with_fit(one, steps_per_epoch=20.0), ("the batch size",)),
    "not-evaluated": (evaluated, _other_images, ("model6 was not evaluated on the test images",)),
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


@pytest.mark.parametrize(("check", "edit", "words"), WRONG.values(), ids=WRONG.keys())
def test_each_mistake_is_named(check: Check, edit: Edit, words: tuple[str, ...]) -> None:
    """A mistake fails its check with its own words."""
    text = text_of(failure_of(check, edit(right())))
    assert [word for word in words if word not in text] == []


def test_images_between_0_and_1_are_judged_in_3_3_where_all_are() -> None:
    """Where all networks were trained on such images, 5.1 only gives a hint."""
    images = data().given["cifar10/x_train"][:SPLIT].astype("float32") / 255
    student = _from_0_to_1(right())
    first = replace(student.fits[0], source=Source("arrays", images, data().train[1]))
    assert "0 to 1" in (range.run(replace(student, fits=(first, student.fits[1]))) or "")


def test_the_steps_of_all_images_are_worth_a_hint() -> None:
    """With validation_split, the handout's own formula counts the validation images as well."""
    assert "all 1,000 images" in (steps.run(with_fit(_subsets(right()), steps_per_epoch=50.0)) or "")


def test_given_cells_that_stop_cost_nothing() -> None:
    """``.next()`` is named with its cure; a figure before the definition is not mentioned at all."""
    cells = (
        Cell(14, "plt.imshow(train_flow.next()[0])", "NameError: name 'train_flow' is not defined"),
        Cell(16, "im = flow.next()", "AttributeError: 'NumpyArrayIterator' object has no attribute 'next'"),
    )
    hint = generator.run(replace(right(), cells=cells)) or ""
    assert "Cell 16" in hint
    assert "next(train_flow)" in hint
    assert "14" not in hint


def test_a_generator_that_no_fit_used_is_judged_by_its_name() -> None:
    """Where the training is missing, 5.1 is judged all the same."""
    student = without_fits(right())
    for check in (generator, augments, range, labels, apart):
        assert check.run(student) is None
    broken = drawing_by(answering.generator(vertical=False))(right())
    assert "vertically" in failure_of(augments, without_fits(broken)).message


def test_the_rotated_test_images_are_a_hint_only() -> None:
    """5.2 also asks for them, in words only."""
    student = right()
    assert "rotated" in (evaluated.run(replace(student, uses=student.uses[:1])) or "")


@pytest.mark.parametrize(
    ("degrees", "horizontal", "vertical"),
    [(30, True, True), (10, True, True), (45, False, True), (60, True, False), (0, False, False)],
)
def test_the_measure_is_right(degrees: float, horizontal: bool, vertical: bool) -> None:
    """The range of the angles is found within two degrees, and flips are there or not."""
    flow_ = answering.generator(degrees, horizontal, vertical)
    drawn = np.concatenate([flow_(drawing.probe(-1, 1)) for _ in (1, 2, 3, 4, 5, 6, 7, 8)])
    found = drawing.measure(drawn)
    assert found.legible == found.drawn
    assert abs(found.degrees - degrees) < 2.5
    assert (found.horizontal > 0.3, found.vertical > 0.3) == (horizontal, vertical)
    assert (found.horizontal == 0, found.vertical == 0) == (not horizontal, not vertical)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_pictures_without_spots_are_not_measured(value: float) -> None:
    """Where nothing can be seen, nothing is said."""
    assert not drawing.measure(np.full((32, 32, 32, 3), value, np.float32)).known


def test_where_draws_tell_nothing_the_settings_do() -> None:
    """A generator that makes noise of everything is judged by what it was asked for."""
    draw = np.random.default_rng(3)

    def noise(images: Array) -> Array:
        return np.asarray(draw.uniform(-1, 1, images.shape), np.float32)

    spoilt = drawing_by(noise)
    assert "too different" in (augments.run(spoilt(right())) or "")
    without = drawing_by(noise, vertical_flip=False)
    assert "vertically" in failure_of(augments, without(right())).message


ODD = [np.zeros((0, 3)), np.array(["a"]), np.array([3.5]), np.array([-1, 5]), np.array([10**9]), None]


@pytest.mark.parametrize("value", ODD, ids=str)
def test_odd_values_of_the_variable_are_left_alone(value: Any) -> None:
    """What is neither places nor a mask says nothing about the images."""
    assert misclassified.run(missed(value)(right())) is None


def test_an_unknown_source_is_taken_to_be_right() -> None:
    """Images from a folder, of which no array is known, end in no failure."""
    unknown = Source("generator", None, None, 20, 38, True, right().fits[1].source.settings, identity=TRAIN)
    student = with_flows(unknown, replace(unknown, identity=VALIDATION))(right())
    for check in CHECKS:
        check.run(student)


LIVE = """
import numpy as np, keras
from {module} import ImageDataGenerator
images = np.random.default_rng(0).uniform(-1, 1, (40, 32, 32, 3)).astype("float32")
flow = ImageDataGenerator({arguments}).flow(images, np.eye(10)[np.arange(40) % 10], batch_size=20)
network = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
network.compile(loss="mse")
network.fit(flow, epochs=1)
"""
MODULES = ("tensorflow.keras.preprocessing.image", "keras.src.legacy.preprocessing.image")


@pytest.mark.usefixtures("needs_bubblewrap")
@pytest.mark.parametrize("module", MODULES)
def test_a_real_generator_is_measured(live: Teller, module: str) -> None:
    """What is drawn in the sandbox from Keras' own generator is found in the draws."""
    both = "rotation_range=30, horizontal_flip=True, vertical_flip=True"
    right_one = live.run(LIVE.format(module=module, arguments=f"{both}, zoom_range=0.2, shear_range=10"))
    assert augments.run(right_one) is None
    assert range.run(right_one) is None
    without = live.run(LIVE.format(module=module, arguments="rotation_range=0.5, vertical_flip=True"))
    with pytest.raises(Failure, match=r"0\.5° at most and never flips them horizontally"):
        augments.run(without)
    rescaled = live.run(LIVE.format(module=module, arguments=f"{both}, rescale=1/255"))
    with pytest.raises(Failure, match="scaled twice"):
        range.run(rescaled)


def test_the_lab_watches_the_misclassified_images() -> None:
    """The handout's own spelling comes last."""
    assert dict(LAB.watch)["miss"][-1] == "miss"


def test_enough_faults_and_rewrites() -> None:
    """Each check has at least three faults of its own, and the topic at least five other right ways."""
    for check in CHECKS:
        assert sum(fault.caught_by == check.id for fault in FAULTS) >= 3
    assert len(REWRITES) >= 5


def test_a_fit_is_told_from_others() -> None:
    """Without a generator, layers that augment make a training one of 5.2; plain arrays do not."""
    student: Answering = right()
    plain: Fit = fit(used(6, "model6"), Source("arrays", scaled(student.given["cifar10/x_train"])), FIT)
    student = replace(student, fits=(plain,))
    assert "model6 was trained on the images as they are" in failure_of(trained, student).message
