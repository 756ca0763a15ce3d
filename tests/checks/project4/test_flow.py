"""Tasks P1.1 to P1.3: the reference and plain ways pass; each property has a fault that it shows."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from checks.kit import Check
from checks.kit.picture import FREE
from checks.project4 import flow as topic
from checks.project4.faults.flow import FAULTS, REWRITES
from checks.project4.fields import BLOCK, Block, Field
from checks.project4.masks import require_kept
from grader import data_parts
from grader.given import Given
from reference.project4 import flow as reference
from tests.checks.cnn.student import failure_of, text_of
from tests.checks.project4.calling import Calling

Array = Any
CHECKS = [value for value in vars(topic).values() if isinstance(value, Check)]
OWN = {name: getattr(reference, name) for name in ("compute_flow", "flow_grid", "flow_mask", "apply_mask")}


def student(seed: int = 0, **functions: Callable[..., Any]) -> Calling:
    """The reference's functions, some of them replaced."""
    return Calling({}, functions={**OWN, **functions}, seed=seed)


def plain_mask(
    flow: Array, threshold: float, *, scale: float = 255, kernel: int = 3, times: int = 1
) -> Array:
    """As students write it."""
    magnitude, _ = cv2.cartToPolar(flow[..., 0], flow[..., 1])
    magnitude = cv2.normalize(magnitude, None, 0, scale, cv2.NORM_MINMAX)
    mask = np.where(magnitude > threshold, 255, 0).astype(np.uint8)
    return cv2.erode(mask, np.ones((kernel, kernel), np.uint8), iterations=times)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_reference_passes(check: Check) -> None:
    """No check fails the reference; without frames the last one says that there is nothing to judge."""
    note = check.run(student())
    assert (note is None) == (check.id != "P1.2/cars")


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("check", [c for c in CHECKS if c.task == "P1.2"], ids=lambda check: check.id)
def test_a_plain_mask_passes_whatever_the_draws(check: Check, seed: int) -> None:
    """Every seed lets OpenCV's plain way through, which guards against nothing by itself."""
    check.run(student(seed, flow_mask=plain_mask))


@pytest.mark.parametrize(
    ("check", "function", "words"),
    [
        (topic.inside, lambda flow, threshold: plain_mask(flow, 20), "too slowly"),
        (topic.kept, functools.partial(plain_mask, scale=1), "0–255"),
        (topic.noise, functools.partial(plain_mask, kernel=1), "single moving pixel"),
        (topic.still, lambda flow, threshold: np.full(flow.shape[:2], 255, np.uint8), "empty mask"),
        (topic.values, lambda flow, threshold: plain_mask(flow, threshold) > 0, "bool"),
        (topic.mask, lambda flow, threshold: flow, "height and width"),
        (topic.mask, lambda flow: flow[..., 0], "threshold"),
        (
            topic.relative,
            lambda flow, threshold: plain_mask(flow, threshold, times=9 - threshold // 30),
            "adds",
        ),
    ],
    ids=["fixed threshold", "scale", "no erosion", "full", "bool", "flow", "argument", "rising"],
)
def test_a_broken_property_is_named(check: Check, function: Callable[..., Any], words: str) -> None:
    """The failure of each property of LAB.md says which one it is."""
    assert words in text_of(failure_of(check, student(flow_mask=function)))


def test_the_smallest_field_is_shown() -> None:
    """A mask without erosion is shown by one moving pixel, as code to paste and as a picture."""
    failure = failure_of(topic.noise, student(flow_mask=functools.partial(plain_mask, kernel=1)))
    assert failure.counterexample == (
        "import numpy as np\n"
        "flow = np.zeros((9, 9, 2), np.float32)\n"
        "flow[3:4, 3:4] = (4, 0)\n"
        "mask = flow_mask(flow, threshold=20)"
    )
    (picture,) = failure.pictures
    assert np.count_nonzero(picture.received) == 1
    assert np.count_nonzero(picture.expected) == 0
    assert picture.flow[3][3] == (4.0, 0.0)


def test_the_code_to_paste_makes_the_field() -> None:
    """Code and field are the same flow."""
    field = Field(50, 60, (Block(2, 44, 5, 50, 8.0, (-0.6, -0.8)),), 50, (1.0, 0.0))
    names: dict[str, Any] = {}
    exec(field.code(), names)
    np.testing.assert_array_equal(names["flow"], field.flow())


def test_what_erosion_may_take_is_free() -> None:
    """The picture of a lost block is white in its middle, grey around it, black beside it."""
    field = Field(44, 48, (Block(0, BLOCK, 0, BLOCK),))
    with pytest.raises(topic.Failure) as caught:
        require_kept(field, np.zeros((44, 48), bool))
    expected = np.array(caught.value.pictures[0].expected)
    assert set(np.unique(expected)) == {FREE, 0, 255}
    assert expected[20, 20] == 255
    assert expected[2, 2] == FREE
    assert expected[42, 47] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda flow: -flow, "sign"),
        (lambda flow: flow[..., ::-1], "exchanged"),
        (lambda flow: flow * np.float32([1, -1]), "y points up"),
        (lambda flow: flow * 3, "3 times as much"),
        (lambda flow: flow * 0, "no motion"),
    ],
    ids=["backwards", "axes", "y up", "scaled", "nothing"],
)
def test_what_was_done_to_the_flow_is_named(change: Callable[[Array], Array], words: str) -> None:
    """Sign, axes, direction and unit are told apart."""
    wrong = student(compute_flow=lambda before, after: change(reference.compute_flow(before, after)))
    assert words in text_of(failure_of(topic.motion, wrong))


def test_the_code_to_paste_makes_the_frames() -> None:
    """The scene shown moves as the message says: the reference finds that motion in it."""
    wrong = student(compute_flow=lambda before, after: reference.compute_flow(after, before))
    failure = failure_of(topic.motion, wrong)
    names: dict[str, Any] = {"compute_flow": reference.compute_flow}
    exec(f"{str(failure.counterexample).replace('np.median', 'found = np.median')}", names)
    assert f"({names['found'][0]:.0f}, {names['found'][1]:.0f}) pixels" in failure.message


def test_a_function_for_grey_frames_alone_costs_once() -> None:
    """Its motion is judged on grey frames."""

    def only_grey(before: Array, after: Array) -> Array:
        assert before.ndim == 2
        return reference.compute_flow(before, after)

    assert topic.motion.run(student(compute_flow=only_grey)) is None
    assert "stops with" in failure_of(topic.grey, student(compute_flow=only_grey)).message


def test_float64_is_a_hint() -> None:
    """Right numbers of another float type cost nothing."""
    flows = student(compute_flow=lambda one, two: reference.compute_flow(one, two).astype(float))
    assert "float64" in str(topic.field.run(flows))


@pytest.mark.parametrize("name", list(OWN))
def test_a_missing_function_is_named(name: str) -> None:
    """The message says which function is not there, and why."""
    own = {other: function for other, function in OWN.items() if other != name}
    first = next(check for check in CHECKS if name in check.title)
    failure = failure_of(first, Calling({}, functions=own))
    assert f"no function `{name}`" in failure.message


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_same_seed_gives_the_same_failure(check: Check) -> None:
    """Feedback does not change from run to run."""
    nonsense = {name: lambda *arrays, **arguments: np.ones(3) for name in OWN}
    if check.id == "P1.2/cars":
        pytest.skip("it needs frames")
    broken = Calling({}, functions={**nonsense, "flow_mask": lambda flow, threshold: np.ones(3)})
    if check.id == "P1.3/untouched":
        broken = student(apply_mask=lambda frame, mask: frame.fill(0))
    if check.id == "P1.3/dtype":
        broken = student(apply_mask=lambda frame, mask: frame * 1.0)
    assert text_of(failure_of(check, broken)) == text_of(failure_of(check, broken))


def test_the_properties_of_a_mask_are_quick() -> None:
    """All of them together take a few seconds, kernel aside."""
    started = time.process_time()
    for check in CHECKS:
        if check.task == "P1.2":
            check.run(student())
    assert time.process_time() - started < 15


def test_there_are_many_faults_and_rewrites() -> None:
    """The three tasks have what the audit asks of the whole lab."""
    assert len(FAULTS) >= 50
    assert len(REWRITES) >= 25


WEIRD = {
    "a number": np.float64(3),
    "empty": np.zeros((0,)),
    "no columns": np.zeros((5, 0)),
    "text-like": np.zeros((2, 2), bool),
    "complex": np.full((3, 4), 1 + 2j),
    "NaN": np.full((6, 7, 2), np.nan),
    "infinite": np.full((2, 3, 4), np.inf, np.float32),
    "huge": np.full((2, 9, 9), 2**62),
    "many axes": np.zeros((1, 2, 1, 2, 1)),
}


@pytest.mark.parametrize("shaped", ["as it is", "in the right shape"])
@pytest.mark.parametrize("weird", WEIRD)
def test_nothing_that_comes_back_is_our_error(drawn_data: Any, weird: str, shaped: str) -> None:
    """Whatever array a function returns, each check passes or ends in a Failure."""
    value = WEIRD[weird]

    def result(shape: tuple[int, ...]) -> Array:
        filled = value.ravel()[:1] if value.size else np.zeros(1)
        return value if shaped == "as it is" else np.full(shape, filled[0])

    functions = {
        "compute_flow": lambda one, two: result((*one.shape[:2], 2)),
        "flow_grid": lambda shape, step=25: result((2, 3, 4)),
        "flow_mask": lambda flow, threshold: result(flow.shape[:2]),
        "apply_mask": lambda frame, mask: result(frame.shape),
    }
    given, hidden = drawn_data
    broken = Calling({}, functions=functions, given=given, hidden=hidden)
    for check in CHECKS:
        try:
            check.run(broken)
        except topic.Failure as failure:
            assert failure.message


@pytest.fixture(scope="module")
def drawn_data(tmp_path_factory):
    """Frames and truth of the drawn highway, read once."""
    folder = tmp_path_factory.mktemp("drawn")
    data_parts._draw_highway(folder)
    both = Given(folder / "visible"), Given(folder / "hidden")
    return tuple({name: one[name] for name in one if "highway" in name} for one in both)
