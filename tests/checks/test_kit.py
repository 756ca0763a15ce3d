"""The vocabulary of a check author: searches, signatures and alignments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from checks.kit import Check, Failure, Gone, Mismatch, Raised, Reply, TableRow, check, falsify
from checks.kit.architecture import Operation, Pair, activation, align, operations, table
from checks.kit.calling import Signature, imports, literal, read_signature
from checks.kit.falsify import fewer_examples
from checks.kit.model import Layer, Model

# ---- falsify

NUMBERS = st.integers(0, 1000)


def fails_from(limit: int) -> Callable[[int], None]:
    def prop(number: int) -> None:
        if number >= limit:
            raise Failure(f"{number} is too large")

    return prop


@pytest.mark.parametrize("limit", [0, 1, 17, 500])
def test_falsify_finds_the_simplest(limit: int) -> None:
    """Of all numbers that fail, the smallest one is returned."""
    failure = falsify(fails_from(limit), NUMBERS, examples=100, seed=0)
    assert failure is not None
    assert failure.message == f"{limit} is too large"


def test_falsify_returns_none_where_the_claim_holds() -> None:
    """No failure, no result."""
    assert falsify(fails_from(1001), NUMBERS, examples=50, seed=0) is None


def draws(seed: int) -> list[int]:
    tried: list[int] = []
    falsify(tried.append, NUMBERS, examples=30, seed=seed)
    return tried


def test_falsify_draws_by_the_seed_alone() -> None:
    """One seed draws the same cases each time, another seed others."""
    assert draws(7) == draws(7)
    assert draws(7) != draws(8)


def test_falsify_tries_each_case_once() -> None:
    """A slow claim is asked about no case twice, neither while drawing nor while shrinking."""
    tried: list[int] = []

    def prop(number: int) -> None:
        tried.append(number)
        fails_from(300)(number)

    assert falsify(prop, NUMBERS, examples=100, seed=0) is not None
    assert len(tried) == len(set(tried)) > 1


def test_falsify_tries_as_many_cases_as_told() -> None:
    """``examples`` different cases are tried before the claim is taken to hold."""
    assert len(set(draws(0))) == 30


@pytest.mark.parametrize("error", [Raised("ValueError", "no"), Gone("the process ended"), KeyError("x")])
def test_falsify_lets_other_errors_pass(error: Exception) -> None:
    """The end of the kernel, and mistakes of ours, are not the claim's failure."""

    def prop(number: int) -> None:
        if number > 3:
            raise error

    with pytest.raises(type(error)) as caught:
        falsify(prop, NUMBERS, examples=50, seed=0)
    assert caught.value is error


def test_falsify_settles_on_one_verdict_for_a_flaky_claim() -> None:
    """A claim whose outcome changes from call to call still gives a failure that was really seen."""
    calls: list[int] = []

    def prop(number: int) -> None:
        calls.append(number)
        if len(calls) % 2:
            raise Failure(f"{number} in call {len(calls)}")

    failure = falsify(prop, NUMBERS, examples=50, seed=0)
    assert failure is not None
    assert failure.message in {f"{number} in call {count}" for count, number in enumerate(calls, start=1)}


def test_falsify_lets_pass_what_comes_from_two_places() -> None:
    """An exception that is raised elsewhere the second time is no verdict: the first one passes through."""
    calls: list[int] = []

    def prop(_number: int) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise Gone("the process ended")
        raise Gone("it is gone")

    with pytest.raises(Gone, match="the process ended"):
        falsify(prop, NUMBERS, examples=20, seed=0)


def test_falsify_keeps_all_parts_of_the_failure() -> None:
    """What is returned is the very failure that the claim raised."""
    raised = Failure("m", expected="e", received="r", hint="h", counterexample="c")

    def prop(_number: int) -> None:
        raise raised

    assert falsify(prop, NUMBERS, examples=5, seed=0) is raised


# ---- check and failure


def test_a_check_is_made_from_its_function() -> None:
    """The id comes from task and name, the title from the docstring's first line."""

    @check(task="9.9")
    def first(_student: Any) -> None:
        """The first claim."""

    @check(task="9.9", needs=first)
    def second_claim(_student: Any) -> str:
        """The second claim

        with details.
        """
        return "a hint"

    assert isinstance(second_claim, Check)
    assert (second_claim.id, second_claim.task) == ("9.9/second-claim", "9.9")
    assert second_claim.title == "The second claim"
    assert second_claim.needs == (first,)
    assert first.needs == ()
    assert second_claim.run(None) == "a hint"  # type: ignore[arg-type]


def test_a_check_needs_a_docstring() -> None:
    """A check without a title is refused where it is written, by its name."""

    def nameless(_student: Any) -> None:
        pass

    with pytest.raises(ValueError, match="'nameless' needs a docstring"):
        check(task="9.9")(nameless)


def test_a_mismatch_says_both_sides() -> None:
    """Its message is the sentence made of expected and received, which are kept."""
    mismatch = Mismatch(expected="10 classes", received="9", hint="Count them.")
    assert mismatch.message == "Expected 10 classes, but received 9."
    assert (mismatch.expected, mismatch.received, mismatch.hint) == ("10 classes", "9", "Count them.")


# ---- calling


@dataclass(frozen=True)
class OneFunction:
    """A student whose kernel knows one signature."""

    parameters: list[dict[str, Any]]

    def ask(self, op: str, **arguments: Any) -> Reply:
        """The signature, whatever was asked."""
        assert (op, arguments) == ("signature", {"function": "f"})
        return Reply({"parameters": self.parameters})


def parameter(name: str, *default: Any, kind: str = "POSITIONAL_OR_KEYWORD") -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "required": not default, "default": default[0] if default else None,
    }  # fmt: skip


SPELLINGS = {
    "shape": ("input_shape",),
    "loss": ("loss_fn",),
    "nodes": ("n_nodes", "units"),
    "drop": ("rate",),
}


def read(*parameters: dict[str, Any]) -> Signature:
    return read_signature(OneFunction(list(parameters)), "f", SPELLINGS, ("shape", "loss"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        pytest.param(["shape", "loss"], {"shape": "shape", "loss": "loss"}, id="exact"),
        pytest.param(["input_shape", "loss_fn"], {"shape": "input_shape", "loss": "loss_fn"}, id="spelling"),
        pytest.param(
            ["InputShape", "LOSS"], {"shape": "InputShape", "loss": "LOSS"}, id="case-and-underscores"
        ),
        pytest.param(["a", "b"], {"shape": "a", "loss": "b"}, id="by-position"),
        pytest.param(["units", "b"], {"nodes": "units", "loss": "b"}, id="position-taken-by-a-name"),
        pytest.param(["loss", "shape"], {"shape": "shape", "loss": "loss"}, id="reordered"),
        pytest.param(["loss", "x"], {"loss": "loss"}, id="no-second-guess"),
        pytest.param(
            ["shape", "loss", "units", "nodes"],
            {"shape": "shape", "loss": "loss", "nodes": "nodes"},
            id="exact-before-spelling",
        ),
        pytest.param(
            ["shape", "loss", "n_nodes", "units"],
            {"shape": "shape", "loss": "loss", "nodes": "n_nodes"},
            id="first-spelling",
        ),
        pytest.param([], {}, id="no-parameters"),
    ],
)
def test_parameters_are_matched(parameters: list[str], names: dict[str, str]) -> None:
    """Exact names first, then spellings, then the position of the leading arguments."""
    assert read(*map(parameter, parameters)).names == names


def test_a_signature_says_what_can_be_passed() -> None:
    """Arguments that the function lacks are left out, unless it takes any."""
    values = {"shape": 1, "loss": 2, "nodes": 3}
    plain = read(parameter("input_shape"), parameter("loss"))
    assert plain.arguments(values) == {"input_shape": 1, "loss": 2}
    assert not plain.takes("nodes")
    any_ = read(parameter("input_shape"), parameter("options", kind="VAR_KEYWORD"))
    assert any_.arguments(values) == {"input_shape": 1, "loss": 2, "nodes": 3}
    starred = read(parameter("args", kind="VAR_POSITIONAL"))
    assert starred.names == {}
    assert starred.arguments(values) == {}


def test_garbage_in_a_signature_is_left_out() -> None:
    """What is no parameter's description does not stop the reading."""
    signature = read(parameter("shape"), "loss", None, 7, {})  # type: ignore[arg-type]
    assert signature.names["shape"] == "shape"


def test_the_call_as_code() -> None:
    """Arguments that equal the function's own defaults are left out; True is not 1."""
    signature = Signature("f", {}, {"n": 2, "flag": 1, "lr": 0.01, "name": None}, takes_any=False)
    arguments = {"shape": {"$tuple": [4, 4, 1]}, "n": 2, "flag": True, "lr": 0.01, "name": "x"}
    assert signature.code(arguments) == "f(shape=(4, 4, 1), flag=True, name='x')"


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@hypothesis.given(PLAIN)
@hypothesis.settings(deadline=None, database=None)
def test_plain_literals_are_code_that_gives_them_back(value: Any) -> None:
    """What is shown as an argument evaluates to the argument."""
    assert eval(literal(value), {}) == value


@hypothesis.given(st.lists(st.integers(), max_size=4))
@hypothesis.settings(deadline=None, database=None)
def test_a_tuple_is_shown_as_a_tuple(sizes: list[int]) -> None:
    """JSON has no tuples; the code shown has."""
    assert eval(literal({"$tuple": sizes}), {}) == tuple(sizes)


@pytest.mark.parametrize(
    ("value", "code", "line"),
    [
        ({"$loss": "huber_loss", "form": "string"}, "'huber_loss'", None),
        ({"$loss": "huber_loss", "form": "class"}, "HuberLoss", "losses import HuberLoss"),
        ({"$loss": "huber_loss", "form": "object"}, "HuberLoss()", "losses import HuberLoss"),
        ({"$loss": "huber_loss", "form": "function"}, "huber_loss", "losses import huber_loss"),
        ({"$keras": "optimizers.Adam"}, "Adam", "optimizers import Adam"),
    ],
)  # fmt: skip
def test_objects_are_shown_with_their_import(value: Any, code: str, line: str | None) -> None:
    """A loss or optimiser that is no string is shown by its name, and with the line that imports it."""
    assert literal(value) == code
    assert imports({"a": value, "b": 3}, "tf_keras") == (f"from tf_keras.{line}\n" if line else "")


# ---- architecture


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


def test_fewer_examples_can_be_asked_for():
    """A share of them, at least one, and only inside."""
    tried: list[int] = []
    with fewer_examples(0.1):
        falsify(tried.append, st.integers(), examples=50, seed=1)
    assert len(set(tried)) <= 5
    with fewer_examples(0.001):
        falsify(tried.append, st.integers(), examples=50, seed=1)
    tried.clear()
    falsify(tried.append, st.integers(), examples=50, seed=1)
    assert len(set(tried)) > 5
