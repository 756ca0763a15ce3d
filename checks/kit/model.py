"""A Keras model as it came back from the kernel: layers, activations, parameters, compile settings.

Everything here is built from untrusted JSON, so each value is brought into its type or left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROBE = (-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 7.0)  # where the kernel samples activations
LARGEST = 2**63  # what no layer has; sums of larger numbers cannot be written out
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Layer:
    """One layer on the data's path. ``settings`` are the class' own, e.g. ``filters`` and ``padding``.

    ``identity`` is the same number wherever the same layer is used again, and -1 where it is not known.
    ``sampled`` are the values of its activation at ``PROBE``, empty where they are not known.
    """

    kind: str
    name: str
    settings: Mapping[str, Any]
    activation: str
    regularizers: Mapping[str, float]
    output_shape: Shape | None
    parameters: int
    trainable: int
    identity: int = -1
    sampled: tuple[float, ...] = ()


@dataclass(frozen=True)
class Compiled:
    """What ``compile`` was given. ``learning_rate`` is that of the first step."""

    optimizer: str
    optimizer_bases: tuple[str, ...]
    learning_rate: float | None
    loss: str
    loss_options: Mapping[str, Any]
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """A model: ``layers`` from input to output, nested models opened; ``branching`` if paths fork."""

    flavour: str
    branching: bool
    input_shape: Shape | None
    layers: tuple[Layer, ...]
    parameters: int
    trainable: int
    compiled: Compiled | None


def read_model(data: Mapping[str, Any]) -> Model | str:
    """The model in a kernel's description, or the type's name of what was there instead."""
    if data.get("model") is not True:
        return str(data.get("type", "nothing"))[:80]
    return Model(
        flavour=str(data.get("flavour")),
        branching=bool(data.get("branching")),
        input_shape=_shape(data.get("input_shape")),
        layers=tuple(_layer(entry) for entry in _list(data.get("layers")) if isinstance(entry, dict)),
        parameters=_count(data.get("parameters")),
        trainable=_count(data.get("trainable")),
        compiled=_compiled(data.get("compiled")),
    )


def activation_kind(name: str, values: Any) -> str:
    """What an activation is, by its sampled values; by its name where it could not be sampled."""
    if not isinstance(values, list) or len(values) != len(PROBE):
        return name or "unknown"
    total = sum(math.exp(x) for x in PROBE)
    known = {
        "linear": list(PROBE),
        "relu": [max(0.0, x) for x in PROBE],
        "softmax": [math.exp(x) / total for x in PROBE],
        "sigmoid": [1 / (1 + math.exp(-x)) for x in PROBE],
        "tanh": [math.tanh(x) for x in PROBE],
    }
    for kind, expected in known.items():
        if all(_near(got, want) for got, want in zip(values, expected, strict=True)):
            return kind
    return f"something other than {name.lower()}" if name.lower() in known else name


def _layer(entry: dict[str, Any]) -> Layer:
    activation = entry.get("activation")
    kind = ""
    sampled: tuple[float, ...] = ()
    if isinstance(activation, dict):
        kind = activation_kind(str(activation.get("name", ""))[:80], activation.get("values"))
        sampled = _samples(activation.get("values"))
    return Layer(
        kind=str(entry.get("kind"))[:80],
        name=str(entry.get("name"))[:80],
        settings=entry["settings"] if isinstance(entry.get("settings"), dict) else {},
        activation=kind,
        regularizers=_numbers(entry.get("regularizers")),
        output_shape=_shape(entry.get("output_shape")),
        parameters=_count(entry.get("parameters")),
        trainable=_count(entry.get("trainable")),
        identity=_count(entry.get("identity")),
        sampled=sampled,
    )


def _compiled(entry: Any) -> Compiled | None:
    if not isinstance(entry, dict):
        return None
    return Compiled(
        optimizer=str(entry.get("optimizer"))[:80],
        optimizer_bases=tuple(str(base) for base in _list(entry.get("optimizer_bases"))),
        learning_rate=_number(entry.get("learning_rate")),
        loss=str(entry.get("loss"))[:80],
        loss_options=entry["loss_options"] if isinstance(entry.get("loss_options"), dict) else {},
        metrics=tuple(str(metric)[:80] for metric in _list(entry.get("metrics"))),
    )


def _shape(value: Any) -> Shape | None:
    if not isinstance(value, list):
        return None
    return tuple(size if isinstance(size, int) and abs(size) < LARGEST else None for size in value)


def _samples(values: Any) -> tuple[float, ...]:
    numbers = [_number(value) for value in _list(values)]
    return tuple(number for number in numbers if number is not None) if len(numbers) == len(PROBE) else ()


def _near(value: Any, wanted: float) -> bool:
    number = _number(value)
    return number is not None and abs(number - wanted) < 1e-4


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    return {str(name)[:80]: number for name, item in value.items() if (number := _number(item)) is not None}


def _number(value: Any) -> float | None:
    """A finite float; JSON also has integers that are too large for one."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _list(value: Any) -> list[Any]:
    return value[:500] if isinstance(value, list) else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST else -1
