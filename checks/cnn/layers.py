"""Task 4.1: the layers that are asked for, and those of a student's network held against them."""

from __future__ import annotations

from collections.abc import Sequence

from checks.cnn.building import Case
from checks.cnn.network_diff import name_difference
from checks.kit import Failure
from checks.kit.architecture import Operation, activation, align, operations, table
from checks.kit.model import Layer, Model

CLASSES = 10


def specification(case: Case) -> tuple[Operation, ...]:
    """The operations that the task asks for, dropout left out, with output shapes and parameters.

    Plain arithmetic: a convolution has 9·c_in·c_out + c_out parameters, a batch normalisation 4·c,
    a dense layer n_in·n_out + n_out; each pooling halves the map, rounding down.
    """
    height, width, channels = case.input_shape
    steps: list[Operation] = []
    for stage in range(case.n_conv_layers):
        filters = case.n_filters * 2**stage
        steps += [
            convolution(filters, (height, width, filters), 9 * channels * filters + filters),
            normalisation((height, width, filters)),
        ]
        height, width, channels = height // 2, width // 2, filters
        pool = (("pool_size", (2, 2)), ("strides", (2, 2)), ("padding", "valid"))
        steps.append(Operation("MaxPooling2D", pool, (height, width, channels), 0))
    size = height * width * channels
    steps.append(Operation("Flatten", (), (size,), 0))
    for _ in range(case.n_dense_layers):
        steps += [
            dense(case.n_nodes, size),
            activation("relu", (case.n_nodes,)),
            normalisation((case.n_nodes,)),
        ]
        size = case.n_nodes
    return (*steps, dense(CLASSES, size), activation("softmax", (CLASSES,)))


def convolution(filters: int, shape: tuple[int, ...], parameters: int) -> Operation:
    """A 3×3 convolution with bias that keeps the size."""
    settings = (
        ("filters", filters), ("kernel_size", (3, 3)), ("strides", (1, 1)), ("padding", "same"),
        ("dilation_rate", (1, 1)), ("groups", 1), ("use_bias", True), ("data_format", "channels_last"),
    )  # fmt: skip
    return Operation("Conv2D", settings, shape, parameters)


def normalisation(shape: tuple[int, ...]) -> Operation:
    """A batch normalisation over the last axis."""
    return Operation("BatchNormalization", (("center", True), ("scale", True)), shape, 4 * shape[-1])


def dense(units: int, inputs: int) -> Operation:
    """A dense layer with bias."""
    return Operation("Dense", (("units", units), ("use_bias", True)), (units,), inputs * units + units)


def compare_layers(case: Case, model: Model) -> bool:
    """Raise a failure where the layers are not those asked for.

    Returns:
        Whether there are several convolutions and no activation after any of them.
    """
    if model.branching:
        raise Failure(
            "The layers of your network are not one path from input to output.",
            expected="each layer takes the output of the layer before it",
            received="a network whose paths fork or join",
            hint="Look for a layer that is given an older variable than the one just computed.",
        )
    if model.input_shape not in (None, case.input_shape):
        raise Failure(
            f"The network takes images of {_by(model.input_shape)}, not of {_by(case.input_shape)}.",
            expected=f"the input shape {case.input_shape} that was passed",
            received=f"{model.input_shape}",
            hint="Pass the argument `input_shape` on to the first layer, as it is.",
        )
    received = [step for step in operations(model) if "Dropout" not in step.kind]
    plain, activated = without_conv_activations(received)
    plain = relu_before_normalisation(plain)
    expected = specification(case)
    pairs = align(expected, plain)
    if not all(pair.same for pair in pairs):
        message, hint = name_difference(case, expected, tuple(plain), pairs)
        wrong = next(pair for pair in pairs if not pair.same)
        raise Failure(
            message,
            expected=wrong.expected.text() if wrong.expected else "no such layer",
            received=wrong.received.text() if wrong.received else "no such layer",
            hint=hint,
            table=table(pairs),
        )
    own_weights(model.layers)
    regularised = [layer for layer in model.layers if any(layer.regularizers.values())]
    if regularised:
        raise Failure(
            f"{numbered(model.layers, regularised[0])} has a regulariser that the call did not ask for.",
            expected="no regulariser unless an argument switches it on",
            received=", ".join(f"{name} = {value:g}" for name, value in regularised[0].regularizers.items()),
            hint="Give the argument that sets its strength the default 0.",
        )
    return not activated and case.n_conv_layers > 1


def own_weights(layers: Sequence[Layer]) -> None:
    """Raise a failure where a layer with weights is used a second time."""
    for place, layer in enumerate(layers):
        before = [other.identity for other in layers[:place]]
        if layer.parameters > 0 and layer.identity != -1 and layer.identity in before:
            raise Failure(
                f"Two places of the network share one {layer.kind} layer, and so its weights.",
                expected="a layer of its own in each place",
                received=f"layer {before.index(layer.identity) + 1} is used again as layer {place + 1}",
                hint="Make the layer inside the loop, so that each round has a new one.",
            )


def numbered(layers: Sequence[Layer], layer: Layer) -> str:
    """A layer for people, as the subject of a sentence."""
    return f"Layer {layers.index(layer) + 1}, {layer.kind},"


def _by(sizes: Sequence[int | None]) -> str:
    return "×".join("?" if size is None else str(size) for size in sizes)


def without_conv_activations(steps: list[Operation]) -> tuple[list[Operation], bool]:
    """Leave out the activations before the first dense layer, which are free; and whether there were any."""
    border = next((place for place, step in enumerate(steps) if step.kind == "Dense"), len(steps))
    kept = [step for step in steps[:border] if step.kind != "Activation"]
    return kept + steps[border:], len(kept) < border


def relu_before_normalisation(steps: list[Operation]) -> list[Operation]:
    """Write Dense → BatchNormalization → relu as Dense → relu → BatchNormalization: both are usual."""
    ordered = list(steps)
    for place in range(len(ordered) - 2):
        kinds = [step.kind for step in ordered[place : place + 3]]
        if (
            kinds == ["Dense", "BatchNormalization", "Activation"]
            and ordered[place + 2].get("kind") == "relu"
        ):
            ordered[place + 1], ordered[place + 2] = ordered[place + 2], ordered[place + 1]
    return ordered
