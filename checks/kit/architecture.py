"""Two networks held against each other, operation by operation.

An operation is what a layer does: ``Dense(50, activation="relu")``, ``Dense(50)`` + ``ReLU()`` and
``Dense(50)`` + ``Activation("relu")`` are the same two operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.kit.failure import TableRow
from checks.kit.model import Layer, Model, Shape

WITHOUT_EFFECT = ("InputLayer", "Identity", "ActivityRegularization")
ACTIVATION_LAYERS = (
    "Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "ThresholdedReLU", "Lambda", "TFOpLambda",
    "Relu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Gelu", "Silu", "LeakyRelu", "Relu6",
)  # fmt: skip
COMPARED = {
    "Conv2D": (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "dilation_rate",
        "groups",
        "use_bias",
        "data_format",
    ),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "BatchNormalization": ("center", "scale"),
    "Dense": ("units", "use_bias"),
    "Dropout": ("rate",),
}


@dataclass(frozen=True)
class Operation:
    """One step of a network. ``settings`` holds only what is compared, in a fixed order.

    ``output_shape`` and ``parameters`` belong to the layer; an activation inside a layer has the
    layer's shape and no parameters. ``None`` and -1 stand for "not known".
    """

    kind: str
    settings: tuple[tuple[str, Any], ...] = ()
    output_shape: Shape | None = field(default=None, compare=False)
    parameters: int = field(default=-1, compare=False)

    def get(self, name: str) -> Any:
        """One setting, or ``None``."""
        return dict(self.settings).get(name)

    def text(self) -> str:
        """The operation for people, e.g. ``Conv2D(filters=16, 3×3, same) → (32, 32, 16) · 448 params``."""
        words = []
        for name, value in self.settings:
            if (name, value) in DEFAULTS.get(self.kind, ()):
                continue
            if name in ("kernel_size", "pool_size"):
                words.append("×".join(map(str, value)) if isinstance(value, tuple) else str(value))
            elif name in ("kind", "padding", "units", "rate"):
                words.append(str(value))
            else:
                words.append(f"{name}={value}")
        label = f"{self.kind}({', '.join(words)})" if words else self.kind
        if self.kind == "Activation":
            label = f"activation {self.get('kind')}"
        shape = "" if self.output_shape is None else f" → {_shape_text(self.output_shape)}"
        return label + shape + (f" · {self.parameters:,} params" if self.parameters > 0 else "")


DEFAULTS = {
    "Conv2D": (
        ("strides", (1, 1)), ("dilation_rate", (1, 1)), ("groups", 1), ("use_bias", True),
        ("data_format", "channels_last"),
    ),
    "Dense": (("use_bias", True),),
    "MaxPooling2D": (("strides", (2, 2)), ("padding", "valid")),
    "AveragePooling2D": (("strides", (2, 2)), ("padding", "valid")),
    "BatchNormalization": (("center", True), ("scale", True)),
}  # fmt: skip


def operations(model: Model) -> tuple[Operation, ...]:
    """The operations of a model, those without any effect left out."""
    return tuple(step for layer in model.layers for step in _steps(layer))


def _steps(layer: Layer) -> list[Operation]:
    if layer.kind in WITHOUT_EFFECT or (layer.kind.endswith("Dropout") and layer.settings.get("rate") == 0):
        return []
    if layer.kind in ACTIVATION_LAYERS:
        return (
            []
            if layer.activation == "linear"
            else [activation(layer.activation or layer.kind, layer.output_shape)]
        )
    kind = "Flatten" if layer.kind == "Reshape" and len(layer.output_shape or ()) == 1 else layer.kind
    names = COMPARED.get(kind, ("rate",) if "Dropout" in kind else ())
    settings = tuple((name, _frozen(layer.settings.get(name))) for name in names)
    steps = [Operation(kind, settings, layer.output_shape, layer.parameters)]
    if layer.activation not in ("", "linear"):
        steps.append(activation(layer.activation, layer.output_shape))
    return steps


def activation(kind: str, output_shape: Shape | None = None) -> Operation:
    """The operation that applies an activation function."""
    return Operation("Activation", (("kind", kind),), output_shape, 0)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Pair:
    """One line of an alignment; ``None`` where one side has no counterpart."""

    expected: Operation | None
    received: Operation | None

    @property
    def same(self) -> bool:
        """Whether both sides are there, equal, and agree on shape and parameters where both are known."""
        if self.expected is None or self.received is None or self.expected != self.received:
            return False
        shapes = (self.expected.output_shape, self.received.output_shape)
        counts = (self.expected.parameters, self.received.parameters)
        return (None in shapes or shapes[0] == shapes[1]) and (-1 in counts or counts[0] == counts[1])


def align(expected: Sequence[Operation], received: Sequence[Operation]) -> tuple[Pair, ...]:
    """The cheapest alignment: equal 0, other settings 1, missing or too many 2, another kind 3."""
    rows, columns = len(expected), len(received)
    cost = [[2 * (row + column) for column in range(columns + 1)] for row in range(rows + 1)]
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            cost[row][column] = min(
                cost[row - 1][column - 1] + _difference(expected[row - 1], received[column - 1]),
                cost[row - 1][column] + 2,
                cost[row][column - 1] + 2,
            )
    pairs: list[Pair] = []
    row, column = rows, columns
    while row or column:
        here = cost[row][column]
        if (
            row
            and column
            and here == cost[row - 1][column - 1] + _difference(expected[row - 1], received[column - 1])
        ):
            row, column = row - 1, column - 1
            pairs.append(Pair(expected[row], received[column]))
        elif row and here == cost[row - 1][column] + 2:
            row -= 1
            pairs.append(Pair(expected[row], None))
        else:
            column -= 1
            pairs.append(Pair(None, received[column]))
    return tuple(reversed(pairs))


def _difference(expected: Operation, received: Operation) -> int:
    if expected == received:
        return 0
    return 1 if expected.kind == received.kind else 3


def table(pairs: Sequence[Pair]) -> tuple[TableRow, ...]:
    """An alignment as rows for people.

    A wrong layer changes the shapes of all that follow it. So shapes alone mark a row as different
    only where no layer differs in itself.
    """
    shapes_decide = all(pair.expected == pair.received for pair in pairs)
    return tuple(
        TableRow(
            pair.expected.text() if pair.expected else "",
            pair.received.text() if pair.received else "",
            pair.same if shapes_decide else pair.expected == pair.received,
        )
        for pair in pairs
    )


def _shape_text(shape: Shape) -> str:
    sizes = ", ".join("?" if size is None else str(size) for size in shape)
    return f"({sizes},)" if len(shape) == 1 else f"({sizes})"
