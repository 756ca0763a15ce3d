"""Tasks 5.1 and 5.2: right generators and trainings pass, and each mistake is named."""

from __future__ import annotations

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
from checks.kit import Cell, Check, Failure, Fit, Source
from tests.checks.cnn import answering
from tests.checks.cnn.answering import SPLIT, Answering, Array, data, fit, scaled, used
from tests.checks.cnn.augmentation_mistakes import WRONG, from_0_to_1
from tests.checks.cnn.augmentation_rewrites import (
    FIT,
    RIGHT,
    TRAIN,
    VALIDATION,
    Edit,
    drawing_by,
    missed,
    right,
    subsets,
    with_fit,
    with_flows,
    without_fits,
)  # fmt: skip
from tests.checks.cnn.student import failure_of, text_of
from tests.conftest import Teller

CHECKS = (generator, augments, range, labels, apart, trained, new_model, steps, evaluated, misclassified)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@pytest.mark.parametrize("edit", RIGHT.values(), ids=RIGHT.keys())
def test_every_right_way_passes(check: Check, edit: Edit) -> None:
    """However generator and training were written, each check passes."""
    check.run(edit(right()))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_handouts_way_has_no_hint(check: Check) -> None:
    """What is done as the handout says leaves nothing to say."""
    assert check.run(right()) is None


@pytest.mark.parametrize(("check", "edit", "words"), WRONG.values(), ids=WRONG.keys())
def test_each_mistake_is_named(check: Check, edit: Edit, words: tuple[str, ...]) -> None:
    """A mistake fails its check with its own words."""
    text = text_of(failure_of(check, edit(right())))
    assert [word for word in words if word not in text] == []


def test_images_between_0_and_1_are_judged_in_3_3_where_all_are() -> None:
    """Where all networks were trained on such images, 5.1 only gives a hint."""
    images = data().given["cifar10/x_train"][:SPLIT].astype("float32") / 255
    student = from_0_to_1(right())
    first = replace(student.fits[0], source=Source("arrays", images, data().train[1]))
    assert "0 to 1" in (range.run(replace(student, fits=(first, student.fits[1]))) or "")


def test_the_steps_of_all_images_are_worth_a_hint() -> None:
    """With validation_split, the handout's own formula counts the validation images as well."""
    assert "all 1,000 images" in (steps.run(with_fit(subsets(right()), steps_per_epoch=50.0)) or "")


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
