"""Networks as operations, and how two of them are aligned."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from checks.kit import TableRow
from checks.kit.architecture import Operation, Pair, activation, align, operations, table
from checks.kit.model import Layer, Model


def dense(units: int, shape: int | None = None, parameters: int = -1) -> Operation:
    return Operation("Dense", (("units", units),), (shape,) if shape else None, parameters)


FLATTEN, RELU, NORM = Operation("Flatten"), activation("relu"), Operation("BatchNormalization")


def layer(kind: str, activation_: str = "", output: tuple[int, ...] | None = None, **settings: Any) -> Layer:
    return Layer(kind, "name", settings, activation_, {}, output, 0, 0)


def steps(*layers: Layer) -> tuple[Operation, ...]:
    return operations(Model("keras", False, None, layers, 0, 0, None))


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param([layer("Dense", "relu", units=5)], id="inside"),
        pytest.param([layer("Dense", "linear", units=5), layer("Activation", "relu")], id="activation-layer"),
        pytest.param([layer("Dense", units=5), layer("ReLU", "relu")], id="relu-layer"),
        pytest.param(
            [layer("InputLayer"), layer("Dense", "relu", units=5), layer("Dropout", rate=0)],
            id="with-layers-without-effect",
        ),
        pytest.param([layer("Dense", "relu", units=5), layer("Activation", "linear")], id="linear-after"),
    ],
)
def test_one_operation_has_many_spellings(layers: list[Layer]) -> None:
    """Dense with relu is the same two operations however it is written."""
    assert steps(*layers) == (Operation("Dense", (("units", 5), ("use_bias", None))), RELU)


def test_a_reshape_to_one_axis_is_a_flatten() -> None:
    """Only a reshape that keeps more axes is something else."""
    assert [step.kind for step in steps(layer("Reshape", output=(12,)))] == ["Flatten"]
    assert [step.kind for step in steps(layer("Reshape", output=(3, 4)))] == ["Reshape"]


def test_dropout_with_a_rate_stays() -> None:
    """Every kind of dropout that does something is an operation with its rate."""
    assert steps(layer("SpatialDropout2D", rate=0.2)) == (Operation("SpatialDropout2D", (("rate", 0.2),)),)
    assert steps(layer("Dropout", rate=0.0)) == ()


A, B, C = dense(1), dense(2), dense(3)


@pytest.mark.parametrize(
    ("expected", "received", "pairs"),
    [
        pytest.param([], [], [], id="empty"),
        pytest.param([A, B], [A, B], [(A, A), (B, B)], id="equal"),
        pytest.param([A, FLATTEN, B], [A, B], [(A, A), (FLATTEN, None), (B, B)], id="missing"),
        pytest.param([A, B], [A, FLATTEN, B], [(A, A), (None, FLATTEN), (B, B)], id="too-many"),
        pytest.param([A, B], [A, C], [(A, A), (B, C)], id="other-setting"),
        pytest.param([FLATTEN, A], [NORM, A], [(FLATTEN, NORM), (A, A)], id="other-kind"),
        pytest.param([A], [], [(A, None)], id="nothing-received"),
        pytest.param([], [A], [(None, A)], id="nothing-expected"),
    ],
)
def test_an_alignment_is_the_cheapest(
    expected: list[Operation], received: list[Operation], pairs: list[tuple[Any, Any]]
) -> None:
    """Each difference stands in its own line, and what is equal stands side by side."""
    assert align(expected, received) == tuple(Pair(*pair) for pair in pairs)


SOME = st.lists(st.sampled_from([A, B, FLATTEN, RELU, NORM]), max_size=6)


@hypothesis.given(SOME, SOME)
@hypothesis.settings(deadline=None, database=None)
def test_an_alignment_loses_nothing(expected: list[Operation], received: list[Operation]) -> None:
    """Each side of the lines, read downwards, is the whole of that side in its order."""
    pairs = align(expected, received)
    assert [pair.expected for pair in pairs if pair.expected] == expected
    assert [pair.received for pair in pairs if pair.received] == received
    assert all(pair.same for pair in pairs) == (expected == received)


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (
            Operation(
                "Conv2D",
                (("filters", 16), ("kernel_size", (3, 3)), ("strides", (1, 1)), ("padding", "same")),
                (32, 32, 16),
                448,
            ),
            "Conv2D(filters=16, 3×3, same) → (32, 32, 16) · 448 params",
        ),
        (
            Operation("Conv2D", (("filters", 1), ("strides", (2, 2)), ("use_bias", False))),
            "Conv2D(filters=1, strides=(2, 2), use_bias=False)",
        ),
        (dense(10, 10, 5130), "Dense(10) → (10,) · 5,130 params"),
        (activation("softmax", (10,)), "activation softmax → (10,)"),
        (Operation("Dropout", (("rate", 0.5),), (None, 3)), "Dropout(0.5) → (?, 3)"),
        (FLATTEN, "Flatten"),
    ],
)
def test_an_operation_in_words(operation: Operation, text: str) -> None:
    """What is at its default is left out; shapes and parameters follow where they are known."""
    assert operation.text() == text


def test_shapes_decide_only_where_nothing_else_differs() -> None:
    """A wrong layer is marked alone, not all the layers whose shape it changed."""
    wrong = [Pair(dense(5, 5), dense(6, 6)), Pair(dense(2, 7), dense(2, 8))]
    assert [row.same for row in table(wrong)] == [False, True]
    only_shapes = [Pair(dense(2, 7), dense(2, 8)), Pair(FLATTEN, FLATTEN)]
    assert [row.same for row in table(only_shapes)] == [False, True]
    assert table([Pair(FLATTEN, None)]) == (TableRow("Flatten", "", same=False),)


def test_unknown_shapes_and_counts_are_no_difference() -> None:
    """Where a model could not be built, its layers are still compared."""
    assert Pair(dense(5, 5, 30), dense(5)).same
    assert not Pair(dense(5, 5, 30), dense(5, 5, 31)).same
    assert not Pair(dense(5, 5), dense(5, 6)).same
