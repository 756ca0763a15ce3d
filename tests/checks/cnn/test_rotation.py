"""Task 5.0: any way of turning images by 90° passes, and each other thing done to them is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from checks.cnn import rotating
from checks.cnn.faults.rotation import FAULTS, REWRITES
from checks.cnn.memo import gallery_for
from checks.cnn.rotation import evaluated, rotates
from checks.cnn.turns import TURNS, sighted, sighted_test
from checks.kit import Cell, Failure, Source
from tests.checks.cnn import answering
from tests.checks.cnn.answering import Answering, Array, data, fit, use, used
from tests.checks.cnn.student import failure_of, text_of
from tests.conftest import Teller


def turned(images: Array) -> Array:
    return np.rot90(images, axes=(1, 2))


def right(function: Callable[[Array], Any] | None = turned, rotated: Array | None = None) -> Answering:
    """The handout's own way, with another ``myrotate`` or other rotated images."""
    lab = data()
    images = turned(lab.test[0]) if rotated is None else rotated
    trained = fit(used(4, "model4"), Source("arrays", *lab.train), 10)
    return Answering(
        {}, lab.given, (trained,),
        uses=(use("evaluate", used(4, "model4", 1), images, lab.test[1], 12),),
        functions={} if function is None else {"myrotate": function},
        cells=(Cell(11, "Xtest_rotated = myrotate(Xtest)"),),
    )  # fmt: skip


def looped(images: Array) -> Array:
    result = np.zeros_like(images)
    for number in range(len(images)):
        result[number] = np.rot90(images[number], -1)
    return result


def through_pictures(images: Array) -> Array:
    pictures = np.uint8((images + 1) * 127.5)
    return (np.rot90(pictures, axes=(1, 2)) / 127.5 - 1).astype("float32")


def for_32_only(images: Array) -> Array:
    result = np.zeros((len(images), 32, 32, 3), "float32")
    result[:] = turned(images)
    return result


def for_the_lab_only(images: Array) -> Array:
    result = np.zeros((answering.TEST, 32, 32, 3), "float32")
    result[:] = turned(images)
    return result


@pytest.mark.parametrize("function", [turned, looped, through_pictures], ids=lambda one: one.__name__)
def test_every_way_to_turn_passes(function: Callable[[Array], Array]) -> None:
    """Clockwise or not, at once or image by image: the check passes without a hint."""
    assert rotates.run(right(function)) is None


@pytest.mark.parametrize("function", [for_32_only, for_the_lab_only], ids=lambda one: one.__name__)
def test_a_function_for_the_labs_images_only_passes_with_a_hint(function: Callable[[Array], Array]) -> None:
    """Shapes written as numbers are worth a hint and cost nothing."""
    assert "only" in (rotates.run(right(function)) or "")


def in_place(images: Array) -> Array:
    for number in range(len(images)):
        images[number] = np.rot90(images[number])
    return images


def reversed_order(images: Array) -> Array:
    return turned(images)[::-1]


def unlike(images: Array) -> Array:
    return np.stack([np.rot90(image, 1 + 2 * (number % 2)) for number, image in enumerate(images)])


WRONG: dict[str, tuple[Callable[[Array], Any], tuple[str, ...]]] = {
    "180": (lambda images: np.rot90(images, 2, axes=(1, 2)), ("180°", "np.linspace")),
    "batch-axis": (np.rot90, ("shape", "(2, 1, 2, 3)")),
    "colour-axis": (lambda images: np.rot90(images, axes=(2, 3)), ("shape",)),
    "mirrored": (lambda images: images[:, :, ::-1], ("mirrored left to right",)),
    "upside-down": (lambda images: images[:, ::-1], ("mirrored upside down",)),
    "transposed": (lambda images: images.swapaxes(1, 2), ("transposed",)),
    "nothing-done": (lambda images: images, ("nothing was rotated",)),
    "nothing-returned": (lambda images: None, ("returns nothing",)),
    "type-returned": (lambda images: "images", ("returns str",)),
    "uint8": (lambda images: turned(images).astype("uint8"), ("uint8", "lost")),
    "float64": (lambda images: turned(images).astype("float64"), ("float64",)),
    "order": (reversed_order, ("another order",)),
    "unlike": (unlike, ("not all treated alike", "clockwise")),
    "in-place": (in_place, ("given",)),
    "colours": (lambda images: turned(images)[..., ::-1], ("colour",)),
    "noise": (lambda images: images * 0, ("not their images turned",)),
    "error": (lambda images: images[len(images)], ("stops with IndexError",)),
}


@pytest.mark.parametrize(("function", "words"), WRONG.values(), ids=WRONG.keys())
def test_each_other_function_is_named(function: Callable[[Array], Any], words: tuple[str, ...]) -> None:
    """The failure says what the function does, with the smallest batch that shows it to paste."""
    failure = failure_of(rotates, right(function))
    assert [word for word in words if word not in text_of(failure)] == []
    assert (failure.counterexample or "").startswith("images = np.linspace(-1, 1, ")


def test_the_direction_must_stay_the_same() -> None:
    """A direction that changes from call to call does not come back after four calls."""
    ways = iter([1, 1, 1, 3] * 1_000)
    student = right(lambda images: np.rot90(images, next(ways), axes=(1, 2)))
    assert "Four times" in failure_of(rotates, student).message


def test_without_the_function_the_rotated_images_are_judged() -> None:
    """np.rot90 on the test images themselves is right; without any rotated image the function is missed."""
    assert rotates.run(right(None)) is None
    assert evaluated.run(right(None)) is None
    upright = right(None, data().test[0])
    assert "`myrotate`" in failure_of(rotates, upright).message


def test_an_unused_function_is_not_judged() -> None:
    """A wrong myrotate that no cell calls costs nothing where the rotated images are right."""
    student = replace(
        right(lambda images: images), cells=(Cell(1, "def myrotate(images):\n    return images\n"),)
    )
    assert "not used" in (rotates.run(student) or "")


def test_the_evaluation_passes() -> None:
    """The trained network on the rotated test images; a prediction does as well; either direction."""
    assert evaluated.run(right()) is None
    assert evaluated.run(right(rotated=np.rot90(data().test[0], 3, axes=(1, 2)))) is None
    student = right()
    predicted = replace(student.uses[0], kind="predict", source=Source("arrays", turned(data().test[0])))
    assert evaluated.run(replace(student, uses=(predicted,))) is None


EVALUATIONS: dict[str, tuple[Callable[[], Array], tuple[str, ...]]] = {
    "upright": (lambda: data().test[0], ("No network was evaluated on the rotated", "upright")),
    "180": (lambda: data().test[0][:, ::-1, ::-1], ("turned by 180°",)),
    "flipped": (lambda: data().test[0][:, :, ::-1], ("mirrored",)),
    "validation": (lambda: turned(data().validation[0][:200]), ("No network was evaluated",)),
    "raw": (lambda: turned(data().given["cifar10/x_test"]), ("not preprocessed",)),
    "order": (lambda: turned(data().test[0][::-1]), ("label of another image",)),
}


@pytest.mark.parametrize(("images", "words"), EVALUATIONS.values(), ids=EVALUATIONS.keys())
def test_other_images_are_named(images: Callable[[], Array], words: tuple[str, ...]) -> None:
    """What was evaluated instead of the rotated test images is said."""
    text = text_of(failure_of(evaluated, right(rotated=images())))
    assert [word for word in words if word not in text] == []


def test_a_network_must_be_trained() -> None:
    """A network that was just built is refused, unless weights were loaded into it."""
    student = right()
    new = replace(student.uses[0], model=used(9, "model4"))
    student = replace(student, uses=(new,))
    assert "not trained" in failure_of(evaluated, student).message
    loading = Cell(11, "model4.load_weights('best.weights.h5')")
    assert evaluated.run(replace(student, cells=(loading,))) is None


def test_another_model_than_that_of_4_6_is_worth_a_hint() -> None:
    """The task means the last one trained."""
    student = right()
    older = fit(used(1, "model1"), Source("arrays", *data().train), 5)
    use_of_it = replace(student.uses[0], model=used(1, "model1", 1))
    hint = evaluated.run(replace(student, fits=(older, *student.fits), uses=(use_of_it,)))
    assert "model4" in (hint or "")
    assert "model1" in (hint or "")


def test_a_cell_that_stopped_is_named() -> None:
    """Where the cell that evaluates raised, its error is the message."""
    cell = Cell(12, "model4.evaluate(Xtest_rotated, Ytest)", "NameError: name 'model4' is not defined")
    student = replace(right(), uses=(), cells=(cell,))
    assert "Cell 12" in failure_of(evaluated, student).message


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: f"{turn.quarters}{'m' if turn.mirrored else ''}")
def test_each_turn_is_seen(turn: Any) -> None:
    """Images are led back to their places whatever turn or reflection they went through."""
    student = right()
    gallery = gallery_for(student)
    seen = sighted(turn.applied(data().test[0]), gallery)
    assert seen is not None
    assert seen.turn == turn
    assert np.array_equal(
        seen.trace.index, np.arange(answering.TRAINING, answering.TRAINING + answering.TEST)
    )
    assert sighted_test(turn.applied(data().train[0]), gallery) is None


@pytest.mark.parametrize(
    "value",
    [np.zeros((0, 32, 32, 3)), np.zeros((5, 28, 28, 1)), np.zeros(3), np.full((9, 32, 32, 3), np.nan)],
)
def test_odd_arrays_show_nothing(value: Array) -> None:
    """Arrays that are no images of the lab are none of the given images."""
    assert sighted(value, gallery_for(right())) is None


@pytest.mark.usefixtures("needs_bubblewrap")
def test_real_functions_are_judged(live: Teller) -> None:
    """In the sandbox, too, a right function passes and wrong ones are named."""
    head = "import numpy as np\ndef myrotate(images):\n"
    assert rotating.judge(live.run(f"{head}    return np.rot90(images, axes=(1, 2))"), "myrotate") is None
    for body, words in (
        ("    images[:] = np.rot90(images, axes=(1, 2))\n    return images", "given"),
        ("    return np.rot90(images)", "shape"),
        ("    return images.rotate()", "AttributeError"),
        ("    return [np.rot90(image) for image in images][:1]", "shape"),
    ):
        student = live.run(head + body)
        student.given = data().given
        with pytest.raises(Failure) as caught:
            rotating.judge(student, "myrotate")
        assert words in caught.value.message


def test_enough_faults_and_rewrites() -> None:
    """Each check has at least three faults of its own, and the task at least five other right ways."""
    for check in (rotates, evaluated):
        assert sum(fault.caught_by == check.id for fault in FAULTS) >= 3
    assert len(REWRITES) >= 5
