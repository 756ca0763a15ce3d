"""The vocabulary of a check author: searches, signatures and alignments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from checks.kit import Check, Mismatch, Reply, check
from checks.kit.calling import Signature, imports, literal, read_signature

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
