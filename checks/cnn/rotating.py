"""Task 5.0: ``myrotate``, judged by what it does to batches of small images."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from checks.cnn.turns import TURNS, UPRIGHT, Turn
from checks.kit import Failure, Raised, Reply, Student, falsify
from checks.kit.picture import Images, Picture
from checks.kit.student import Array
from checks.kit.tiles import those, tile

FUNCTIONS = ("myrotate", "my_rotate", "myRotate", "rotate_images")  # the handout's name and its neighbours
EXAMPLES = 40  # distinct batches
FEW = 8  # images of which each is looked for among all
NEAR = 0.02  # in [−1, 1]; a way through 8-bit pictures is off by 2 / 255
WHICH_WAY = "np.rot90 turns in the plane of two axes: which two are the rows and the columns of each image?"


@dataclass(frozen=True, order=True)
class Batch:
    """Images of distinct values from −1 to ``high``: (number, side, side, 3) float32."""

    number: int
    side: int
    high: float = 1.0

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape of the images."""
        return self.number, self.side, self.side, 3

    def images(self) -> Array:
        """The images."""
        return np.linspace(-1, self.high, int(np.prod(self.shape)), dtype="float32").reshape(self.shape)

    def code(self) -> str:
        """The images as code to paste."""
        count = int(np.prod(self.shape))
        return f'images = np.linspace(-1, {self.high:g}, {count}, dtype="float32").reshape{self.shape}'


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Batches of small square images; the simplest is one image of 2×2 pixels."""
    return Batch(draw(st.integers(1, 4)), draw(st.integers(2, 8)), draw(st.sampled_from((1.0, 0.5))))


def function_of(student: Student) -> str | None:
    """The name of the student's function that rotates, or ``None``."""
    for function in FUNCTIONS:
        try:
            student.ask("signature", function=function)
        except Raised as raised:
            if raised.ename != "NameError":
                return function
        else:
            return function
    return None


def judge(student: Student, function: str) -> str | None:
    """Raise the simplest failure of the function, or return a hint.

    A function that works only on the lab's own images, 32×32 or all 2,000 of them, is right as well.
    """

    def claim(batch: Batch) -> None:
        _with_code(f"{batch.code()}\n", function, lambda: _require(student, function, batch.images()))

    failure = falsify(claim, batches(), examples=EXAMPLES, seed=student.seed)
    if failure is None:
        return None
    for images, words in (
        (_lab_images(student)[:3], "images of 32×32 pixels"),
        (_lab_images(student), "all the test images at once"),
    ):
        if _holds(functools.partial(_require, student, function, images)):
            return f"`{function}` works for {words} only; shapes are better taken from the argument."
    raise failure


def _lab_images(student: Student) -> Array:
    pixels = student.given["cifar10/x_test"][:2_000]
    return np.asarray(pixels / np.float32(127.5) - np.float32(1), np.float32)


def _holds(claim: Callable[[], None]) -> bool:
    try:
        claim()
    except Failure:
        return False
    return True


def _with_code(first_line: str, function: str, claim: Callable[[], None]) -> None:
    try:
        claim()
    except Failure as failure:
        failure.counterexample = first_line + (failure.counterexample or f"{function}(images)")
        raise


def _require(student: Student, function: str, images: Array) -> None:
    """Raise Failure unless each image is turned by 90°, all the same way, and nothing else happens."""
    reply = _call(student, function, images)
    turned = _result(reply, function)
    _require_form(function, images, turned)
    turn = next((one for one in TURNS if _near(turned, one.applied(images))), None)
    if turn is None or not turn.is_quarter:
        raise _not_turned(function, images, turned, turn)
    if True in reply.data.get("changed", ()):
        raise Failure(
            f"`{function}` also changes the images that it is given.",
            expected="new images; the test images themselves stay upright",
            received="the argument is different after the call",
            hint="Work on a copy, or build a new array, instead of writing into the argument.",
            counterexample=f"before = images.copy(); {function}(images)\n"
            "np.array_equal(images, before)  # False",
        )
    _require_cycle(student, function, images, turned)


def _require_cycle(student: Student, function: str, images: Array, turned: Array) -> None:
    for _ in range(3):
        turned = _result(_call(student, function, np.ascontiguousarray(turned)), function)
    if not _near(turned, images, 4 * NEAR):
        raise Failure(
            f"Four times `{function}` is not what it was at the beginning.",
            expected="the same images after four turns by 90°",
            received="other images",
            hint="The direction must be the same at every call.",
            counterexample="turned = images\n"
            f"for _ in range(4): turned = {function}(turned)\n"
            "np.allclose(turned, images)  # False",
        )


def _call(student: Student, function: str, images: Array) -> Reply:
    try:
        return student.ask("apply", (images,), function=function, arguments={})
    except Raised as raised:
        raise Failure(
            f"`{function}` stops with {raised}.",
            expected=f"images of shape {images.shape} turned by 90°",
            received=f"{raised}",
            hint="Call it with the images below and read the last lines of the error.",
        ) from None


def _result(reply: Reply, function: str) -> Array:
    if reply.arrays:
        return reply.arrays[0]
    type_ = str(reply.data.get("type"))
    returned = "nothing" if type_ == "NoneType" else type_
    raise Failure(
        f"`{function}` returns {returned}, not the rotated images.",
        expected="an array of images",
        received=returned,
        hint="End the function with `return` and the array.",
    )


def _require_form(function: str, images: Array, turned: Array) -> None:
    if turned.shape != images.shape:
        raise Failure(
            f"`{function}` changes the shape of the images.",
            expected=f"{images.shape}, as before",
            received=f"{turned.shape}",
            hint=WHICH_WAY,
            counterexample=f"{function}(images).shape  # {turned.shape}",
        )
    if turned.dtype != images.dtype:
        lost = "" if turned.dtype.kind == "f" else ", and values between −1 and 1 are lost in it"
        raise Failure(
            f"`{function}` changes the type of the values from {images.dtype} to {turned.dtype}{lost}.",
            expected=f"{images.dtype}, as before",
            received=f"{turned.dtype}",
            hint="Rotation only moves pixels. Look at how the array for the result is made.",
            counterexample=f"{function}(images).dtype  # {turned.dtype}",
        )


def _near(one: Array, other: Array, allowed: float = NEAR) -> bool:
    return one.shape == other.shape and bool(np.all(np.abs(one - other) <= allowed))


def _not_turned(function: str, images: Array, turned: Array, turn: Turn | None) -> Failure:
    what, hint = _named(images, turned) if turn is None else (f"are {turn.words}", WHICH_WAY)
    if turn == UPRIGHT:
        what, hint = "are the same as before: nothing was rotated", "Does it return the rotated array?"
    return Failure(
        f"The images that `{function}` returns {what}.",
        expected="each image turned by 90°, all of them the same way",
        received=f"images that {what}",
        hint=hint,
        counterexample=f"images[0, :, :, 0], {function}(images)[0, :, :, 0]",
        pictures=_beside(images, turned),
    )


def _beside(images: Array, turned: Array) -> tuple[Picture, ...]:
    """The first image before, as it came back, and turned by 90°."""
    right = np.rot90(images, axes=(1, 2))
    shown = ((images, "before", False), (turned, "yours", True), (right, "turned by 90°", False))
    tiles = [tile(some[0], words, low=-1, high=1, wrong=wrong) for some, words, wrong in shown]
    height, width = images.shape[1:3]
    title = f"The first of the images, {height} × {width} pixels"
    return (Images(title, those(tiles), columns=3),)


def _named(images: Array, turned: Array) -> tuple[str, str]:
    """What went wrong where no turn explains all the images: in words, and a hint."""
    for turn in TURNS:
        if _near(turned[..., ::-1], turn.applied(images)):
            return "have their colour channels exchanged", WHICH_WAY
        if 1 < len(images) <= FEW and _same_set(turned, turn.applied(images)):
            return "stand in another order than before", "The labels belong to the images in their old order."
    for axes in ((0, 1), (0, 2), (2, 3), (1, 3)):
        for quarters in (1, 3):
            mixed = np.rot90(images, quarters, axes=axes)
            if _near(turned, mixed):
                return "were turned in the wrong plane, which mixes different axes", WHICH_WAY
    turns = [_turn_of(image, result) for image, result in zip(images, turned, strict=True)]
    if None not in turns:
        words = sorted({_direction(one) for one in turns if one is not None})
        return f"are not all treated alike: some are {' and some '.join(words)}", "Treat every image alike."
    return "are not their images turned by 90°", "Show the first one before and after with plt.imshow."


def _same_set(turned: Array, expected: Array) -> bool:
    """Whether each result is another place's image."""
    return all(any(_near(one, other) for other in expected) for one in turned)


def _turn_of(image: Array, result: Array) -> Turn | None:
    return next((turn for turn in TURNS if _near(result[None], turn.applied(image[None]))), None)


def _direction(turn: Turn) -> str:
    if not turn.is_quarter:
        return turn.words
    return "turned clockwise" if turn.quarters == 3 else "turned counter-clockwise"
