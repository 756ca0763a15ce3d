"""Task P2.2: the layers that are asked for, and those of a student's network held against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from checks.kit import Failure
from checks.kit.architecture import Operation, activation, align, operations, table
from checks.kit.model import Layer, Model
from checks.project4.vgg_calls import Case
from checks.project4.vgg_mistakes import name_difference

CONVOLUTIONS = (2, 2, 3, 3, 3)  # of the five blocks of VGG-16
AROUND = [[1, 1], [1, 1]]  # one pixel of zeros on each side


def specification(case: Case) -> tuple[Operation, ...]:
    """The operations that the task asks for, with output shapes and parameters.

    Plain arithmetic: a convolution has 9·c_in·c_out + c_out parameters, a batch normalisation 4·c, a dense
    layer n_in·n_out + n_out; each pooling halves the map.
    """
    height, width, channels = case.input_shape
    steps = [_normalisation(case.input_shape)] if case.batch_norm else []
    for times, filters in zip(CONVOLUTIONS, case.filters, strict=True):
        for _ in range(times):
            steps += _convolution((height, width, filters), channels, case.batch_norm)
            channels = filters
        height, width = height // 2, width // 2
        pool = (("pool_size", (2, 2)), ("strides", (2, 2)))
        steps.append(Operation("MaxPooling2D", pool, (height, width, channels), 0))
    size = height * width * channels
    steps.append(Operation("Flatten", (), (size,), 0))
    for units in case.dense:
        steps += [_dense(units, size), activation("relu", (units,))]
        size = units
    return (*steps, _dense(case.n_classes, size), activation("softmax", (case.n_classes,)))


def _convolution(shape: tuple[int, int, int], channels: int, batch_norm: bool) -> list[Operation]:
    """A 3×3 convolution that keeps the size, its normalisation if there is one, and relu."""
    filters = shape[-1]
    settings = (
        ("filters", filters), ("kernel_size", (3, 3)), ("strides", (1, 1)), ("padding", "same"),
        ("dilation_rate", (1, 1)), ("groups", 1), ("use_bias", True), ("data_format", "channels_last"),
    )  # fmt: skip
    own = Operation("Conv2D", settings, shape, 9 * channels * filters + filters)
    return [own, *([_normalisation(shape)] if batch_norm else []), activation("relu", shape)]


def _normalisation(shape: tuple[int, int, int]) -> Operation:
    return Operation("BatchNormalization", (("center", True), ("scale", True)), shape, 4 * shape[-1])


def _dense(units: int, inputs: int) -> Operation:
    return Operation("Dense", (("units", units), ("use_bias", True)), (units,), inputs * units + units)


# ---- other ways to write the same


def received(model: Model) -> tuple[Operation, ...]:
    """The operations of a student's network, written as the specification writes them.

    Zeros around the map before a convolution are its padding, and relu may stand on either side of
    max pooling, or twice. How a pooling rounds is free: the maps can always be halved. Preparation of the
    images at the beginning is free too.
    """
    whole = replace(model, layers=tuple(_padding_inside(model.layers)))
    return tuple(_once(_relu_first(list(_without_preparation(operations(whole))))))


def prepares(model: Model) -> bool:
    """Whether the network begins with layers that scale or vary the images."""
    steps = operations(model)
    return len(_without_preparation(steps)) < len(steps)


def _padding_inside(layers: Sequence[Layer]) -> Iterator[Layer]:
    zeros: Layer | None = None
    for layer in layers:
        if zeros is not None and _keeps_size(layer):
            yield replace(layer, settings={**layer.settings, "padding": "same"})
            zeros = None
            continue
        if zeros is not None:
            yield zeros
        zeros = layer if layer.kind == "ZeroPadding2D" and layer.settings.get("padding") == AROUND else None
        if zeros is None:
            yield layer
    if zeros is not None:
        yield zeros


def _keeps_size(layer: Layer) -> bool:
    """Whether one pixel more on each side is what a convolution takes off."""
    valid = layer.kind == "Conv2D" and layer.settings.get("padding") == "valid"
    return valid and layer.settings.get("kernel_size") == [3, 3]


def _without_preparation(steps: Sequence[Operation]) -> Sequence[Operation]:
    for place, step in enumerate(steps):
        if step.kind != "Rescaling" and not step.kind.startswith("Random"):
            return steps[place:]
    return steps


def _relu_first(steps: list[Operation]) -> list[Operation]:
    """Pooling without its rounding, and after the relu that follows it: the maximum of relus is theirs."""
    ordered = [
        replace(step, settings=tuple(pair for pair in step.settings if pair[0] != "padding"))
        if step.kind == "MaxPooling2D"
        else step
        for step in steps
    ]
    for place in range(len(ordered) - 1):
        if ordered[place].kind == "MaxPooling2D" and ordered[place + 1] == activation("relu"):
            ordered[place], ordered[place + 1] = activation("relu"), ordered[place]
    return ordered


def _once(steps: list[Operation]) -> Iterator[Operation]:
    """Relu of relu is relu."""
    for place, step in enumerate(steps):
        if not (place and step == activation("relu") == steps[place - 1]):
            yield step


# ---- held against each other


def compare_layers(case: Case, model: Model) -> None:
    """Raise Failure where the layers are not those asked for."""
    if model.branching:
        raise Failure(
            "The layers of your network are not one path from input to output.",
            expected="each layer takes the output of the layer before it",
            received="a network whose paths fork or join",
            hint="Look for a layer that is given an older variable than the one just computed.",
        )
    if model.input_shape is not None and model.input_shape != case.input_shape:
        raise Failure(
            "The network does not take images of the shape that is asked for.",
            expected=f"an input of {case.input_shape}",
            received=f"an input of {model.input_shape}",
            hint="Pass the argument `input_shape` on to the first layer.",
        )
    expected, own = specification(case), received(model)
    pairs = align(expected, own)
    if not all(pair.same for pair in pairs):
        message, hint = name_difference(expected, own, pairs)
        raise Failure(
            message,
            expected=f"{len(expected)} steps, as the table shows",
            received=f"{sum(not pair.same for pair in pairs)} that differ",
            hint=hint,
            table=table(pairs),
        )
    _require_own_weights(model.layers)


def _require_own_weights(layers: Sequence[Layer]) -> None:
    for place, layer in enumerate(layers):
        before = [other.identity for other in layers[:place]]
        if layer.parameters > 0 and layer.identity != -1 and layer.identity in before:
            raise Failure(
                f"Two places of the network share one {layer.kind} layer, and so its weights.",
                expected="a layer of its own in each place",
                received=f"layer {before.index(layer.identity) + 1} is used again as layer {place + 1}",
                hint="Make the layer inside the loop, so that each round has a new one.",
            )
