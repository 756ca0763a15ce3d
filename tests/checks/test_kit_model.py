"""Models read from untrusted data: whatever the kernel sends, it becomes a record or a name."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from checks.kit.architecture import align, operations, table
from checks.kit.model import PROBE, activation_kind, read_model

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def objects(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON))


KINDS = st.sampled_from(
    ["Conv2D", "Dense", "Dropout", "BatchNormalization", "MaxPooling2D", "Flatten", "ReLU"]
)
SETTINGS = objects("filters", "kernel_size", "strides", "padding", "units", "rate", "pool_size", "scale")
LAYER = st.builds(
    lambda top, kind, settings, found, weights: (
        top | {"kind": kind, "settings": settings, "activation": found, "regularizers": weights}
    ),
    objects("name", "output_shape", "parameters", "trainable", "identity"),
    KINDS | JSON,
    SETTINGS | JSON,
    objects("name", "values") | JSON,
    objects("kernel_regularizer.l2") | JSON,
)
MODEL = st.builds(
    lambda top, layers, compiled: top | {"model": True, "layers": layers, "compiled": compiled},
    objects("flavour", "branching", "input_shape", "parameters", "trainable"),
    st.lists(LAYER, max_size=6) | JSON,
    objects("optimizer", "optimizer_bases", "learning_rate", "loss", "loss_options", "metrics") | JSON,
)  # fmt: skip


@hypothesis.given(st.dictionaries(st.text(max_size=8), JSON, max_size=4) | MODEL)
@hypothesis.settings(deadline=None, database=None, max_examples=400)
def test_any_json_is_read(data: dict[str, Any]) -> None:
    """Whatever the kernel sends, reading it gives a model or a name, and its operations have a text."""
    model = read_model(data)
    if isinstance(model, str):
        assert data.get("model") is not True
        return
    found = operations(model)
    assert all(isinstance(step.text(), str) for step in found)
    assert len(table(align(found, found))) == len(found)
    assert all(row.same for row in table(align(found, found)))


def test_a_value_that_is_no_model_is_named() -> None:
    """The type's name stands for what is no model."""
    assert read_model({"model": False, "type": "tuple"}) == "tuple"
    assert read_model({"model": "yes", "type": "x" * 500}) == "x" * 80
    assert read_model({}) == "nothing"


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("relu", [max(0.0, x) for x in PROBE], "relu"),
        ("<lambda>", [max(0.0, x) for x in PROBE], "relu"),
        ("relu", list(PROBE), "linear"),
        ("ReLU", [min(6.0, max(0.0, x)) for x in PROBE], "something other than relu"),
        ("elu", [x / 2 for x in PROBE], "elu"),
        ("relu", None, "relu"),
        ("", None, "unknown"),
        ("relu", ["0"] * len(PROBE), "something other than relu"),
    ],
)
def test_an_activation_is_what_it_does(name: str, values: Any, kind: str) -> None:
    """The sampled values decide; the name counts only where there are none, or none that are known."""
    assert activation_kind(name, values) == kind
