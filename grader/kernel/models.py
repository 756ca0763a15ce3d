"""A Keras model of any flavour as plain data: its layers in the order of the data's path."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

LIBRARIES = ("keras", "tf_keras")
PROBE = (-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 7.0)  # where activations are sampled
SETTINGS = (
    "filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "use_bias", "data_format",
    "units", "rate", "pool_size", "axis", "center", "scale", "target_shape", "keepdims",
)  # fmt: skip


def describe(model: Any, input_shape: Any) -> dict[str, Any]:
    """Layers, parameter counts and compile settings of a model, as JSON.

    ``input_shape`` is what the model was asked for, to build one that has not seen an input yet.
    """
    flavour = flavour_of(model)
    if flavour is None:
        return {"model": False, "type": type(model).__name__[:200]}
    built = ensure_built(model, input_shape)
    rows, branching = path_of(model, input_shape)
    return {
        "model": True,
        "type": type(model).__name__[:200],
        "flavour": flavour,
        "built": built,
        "branching": branching,
        "input_shape": shape(first(getattr(model, "inputs", None))),
        "layers": [layer_row(layer, tensor) for layer, tensor in rows],
        "parameters": count(getattr(model, "weights", ())),
        "trainable": count(getattr(model, "trainable_weights", ())),
        "compiled": compiled(model),
    }


def flavour_of(value: Any) -> str | None:
    """``keras`` or ``tf_keras`` for a model of that library, else ``None``."""
    for base in type(value).__mro__:
        if base.__name__ == "Model":
            root = base.__module__.partition(".")[0]
            if root in LIBRARIES:
                return root
    return None


def ensure_built(model: Any, input_shape: Any) -> bool:
    """Give a model that waits for its first input its shape; returns whether it had one already."""
    if getattr(model, "built", False) and tensors(getattr(model, "outputs", None)):
        return True
    dimensions = sizes(input_shape)
    if not dimensions:
        return False
    try:
        model.build((None, *dimensions))
        if not tensors(getattr(model, "outputs", None)):
            model(np.zeros((1, *dimensions), "float32"))
    except Exception:  # noqa: BLE001 - a subclassed model may not build; its layers still say something
        return False
    return False


def sizes(input_shape: Any) -> Any:
    """The sizes of one image, from a request's argument."""
    return input_shape["$tuple"] if isinstance(input_shape, dict) else input_shape


def tensors(value: Any) -> list[Any]:
    """All tensors in a nested structure, in order."""
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in tensors(item)]
    if isinstance(value, dict):
        return [tensor for item in value.values() for tensor in tensors(item)]
    return [value] if hasattr(value, "_keras_history") else []


def first(value: Any) -> Any:
    """The first tensor, or ``None``."""
    return next(iter(tensors(value)), None)


def path_of(model: Any, input_shape: Any) -> tuple[list[tuple[Any, Any]], bool]:
    """(layer, output tensor) from the input to the output, nested models opened, and whether paths branch.

    The path is followed backwards from the output, so layers that were made but never used do not
    count, whatever ``model.layers`` says.
    """
    outputs = tensors(getattr(model, "outputs", None)) or traced(model, sizes(input_shape))
    if not outputs:
        return [(layer, None) for layer in leaves(model)], False
    rows: list[tuple[Any, Any]] = []
    branching = len(outputs) > 1
    tensor: Any = outputs[0]
    while tensor is not None:
        layer, node_index = tensor._keras_history[0], tensor._keras_history[1]
        parents = tensors(getattr(layer._inbound_nodes[node_index], "input_tensors", None))
        if type(layer).__name__ == "InputLayer" or not parents:
            break
        if is_composite(layer):
            inner, inner_branching = path_of(layer, shape(parents[0]))
            rows += reversed(inner)
            branching = branching or inner_branching
        else:
            rows.append((layer, tensor))
        branching = branching or len({id(parent) for parent in parents}) > 1
        tensor = None if parents[0] is tensor else parents[0]
    return list(reversed(rows)), branching


def is_composite(layer: Any) -> bool:
    """Whether a layer is a model, or a class of the student's own, with layers inside."""
    if flavour_of(layer) is None and kind_of(layer) != type(layer).__name__:
        return False  # the library's own class, or a student's subclass of one
    if type(layer).__module__.partition(".")[0] in LIBRARIES and flavour_of(layer) is None:
        return False
    return any(True for _ in layer._flatten_layers(include_self=False))


def traced(model: Any, dimensions: Any) -> list[Any]:
    """The outputs of a model without a graph: its own ``call``, followed with a symbolic input."""
    library = next(
        (root for base in type(model).__mro__ if (root := base.__module__.partition(".")[0]) in LIBRARIES), ""
    )
    try:
        symbol = importlib.import_module(library).Input(tuple(dimensions))
        return tensors(model.call(symbol))
    except Exception:  # noqa: BLE001 - a student's call may raise anything; the layers still say something
        return []


def leaves(layer: Any) -> Iterator[Any]:
    """All layers of a model without a graph, nested models opened."""
    for inner in getattr(layer, "layers", ()):
        if type(inner).__name__ == "InputLayer":
            continue
        if getattr(inner, "layers", None):
            yield from leaves(inner)
        else:
            yield inner


def layer_row(layer: Any, tensor: Any) -> dict[str, Any]:
    """One layer as JSON."""
    return {
        "kind": kind_of(layer),
        "name": str(getattr(layer, "name", ""))[:200],
        "settings": {name: plain(getattr(layer, name)) for name in SETTINGS if has(layer, name)},
        "activation": activation_of(layer),
        "regularizers": regularizers(layer),
        "output_shape": shape(tensor),
        "parameters": count(getattr(layer, "weights", ())),
        "trainable": count(getattr(layer, "trainable_weights", ())),
        "identity": id(layer),
    }


def has(layer: Any, name: str) -> bool:
    """Whether reading the attribute works (some raise before the layer is built)."""
    try:
        return getattr(layer, name, None) is not None
    except Exception:  # noqa: BLE001
        return False


def kind_of(layer: Any) -> str:
    """The library's class of a layer; for a student's subclass the library class it extends."""
    for base in type(layer).__mro__:
        if base.__name__ == "Layer":
            break
        if base.__module__.partition(".")[0] in LIBRARIES:
            return base.__name__
    return type(layer).__name__[:200]


def activation_of(layer: Any) -> dict[str, Any] | None:
    """Name and sampled values of a layer's activation; for layers that are one, of the layer itself."""
    function = getattr(layer, "activation", None)
    is_elementwise = not getattr(layer, "weights", None) and kind_of(layer) in (
        "ReLU", "LeakyReLU", "ELU", "Softmax", "ThresholdedReLU", "Lambda", "TFOpLambda", "Relu",
        "Activation", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Gelu", "Silu", "LeakyRelu", "Relu6",
        "Identity",
    )  # fmt: skip
    if function is None and not is_elementwise:
        return None
    target = function if function is not None else layer
    return {"name": name_of(target), "values": sample(target)}


def sample(function: Any) -> list[float] | None:
    """The activation's values at ``PROBE``, given as one row; ``None`` where it takes no such row."""
    try:
        probe = np.array([PROBE], dtype="float32")
        try:
            values = function(probe)
        except Exception:  # noqa: BLE001 - some want a tensor of their own library
            import tensorflow as tf  # noqa: PLC0415 - already loaded: a model exists

            values = function(tf.constant(probe))
        row = [float(value) for value in np.asarray(values, dtype="float64").reshape(-1)]
    except Exception:  # noqa: BLE001 - a student's activation may raise anything
        return None
    return (
        [round(value, 6) for value in row]
        if len(row) == len(PROBE) and all(map(math.isfinite, row))
        else None
    )


def regularizers(layer: Any) -> dict[str, float]:
    """The non-zero coefficients of a layer's regularisers."""
    found = {}
    for name in ("kernel_regularizer", "bias_regularizer", "activity_regularizer"):
        regularizer = getattr(layer, name, None)
        for coefficient in ("l1", "l2", "factor"):
            value = number(getattr(regularizer, coefficient, None))
            if value:
                found[f"{name}.{coefficient}"] = value
        if regularizer is not None and not any(has(regularizer, part) for part in ("l1", "l2", "factor")):
            found[name] = 1.0  # some other regulariser, of unknown strength
    return found


def compiled(model: Any) -> dict[str, Any] | None:
    """Optimiser, learning rate, loss and metrics, or ``None`` for a model that was not compiled."""
    optimizer = getattr(model, "optimizer", None)
    loss = getattr(model, "loss", None)
    if optimizer is None and loss is None:
        return None
    config = getattr(loss, "get_config", None)
    options = config() if callable(config) and not isinstance(loss, type) else {}
    return {
        "optimizer": type(optimizer).__name__[:200],
        "optimizer_bases": [base.__name__ for base in type(optimizer).__mro__][:8],
        "learning_rate": learning_rate(optimizer),
        "loss": name_of(loss),
        "loss_options": {
            key: plain(options[key]) for key in ("from_logits", "label_smoothing") if key in options
        },
        "metrics": [name_of(metric) for metric in user_metrics(model)],
    }


def learning_rate(optimizer: Any) -> float | None:
    """The learning rate; of a schedule the rate it starts from."""
    for candidate in (
        getattr(optimizer, "_learning_rate", None),
        getattr(optimizer, "learning_rate", None),
        getattr(optimizer, "lr", None),
    ):
        start = getattr(candidate, "initial_learning_rate", candidate)
        try:
            value = float(np.asarray(start))
        except Exception:  # noqa: BLE001, S112 - try the next place
            continue
        return value if math.isfinite(value) else None
    return None


def user_metrics(model: Any) -> list[Any]:
    """The metrics as they were given to ``compile``."""
    holder = getattr(model, "_compile_metrics", None) or getattr(model, "compiled_metrics", None)
    found = getattr(holder, "_user_metrics", None) or []
    flat: list[Any] = []
    pending = [found]
    while pending:
        item = pending.pop(0)
        if isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, list | tuple):
            pending += item
        elif item is not None:
            flat.append(item)
    return flat[:20]


def name_of(value: Any) -> str:
    """A function's, class' or object's name in the library's terms."""
    if value is None or isinstance(value, str):
        return (value or "")[:200]
    name = getattr(value, "__name__", None)
    return str(name if isinstance(name, str) else type(value).__name__)[:200]


def predict(model: Any, images: Any) -> Any:
    """The model's predictions in inference mode, float64."""
    return np.asarray(model(images, training=False), dtype="float64")


def evaluate(model: Any, images: Any, labels: Any) -> dict[str, float]:
    """Loss and metrics by the model's own ``evaluate``."""
    model.run_eagerly = True
    scores = model.evaluate(images, labels, batch_size=len(images), verbose=0, return_dict=True)
    return {
        str(name)[:100]: float(value) for name, value in scores.items() if number(float(value)) is not None
    }


def shape(tensor: Any) -> list[int | None] | None:
    """A tensor's shape without the batch axis."""
    if tensor is None:
        return None
    return [None if size is None else int(size) for size in tuple(tensor.shape)[1:]]


def count(weights: Any) -> int:
    """How many numbers the distinct weights hold."""
    return sum(
        int(np.prod(tuple(weight.shape))) for weight in {id(weight): weight for weight in weights}.values()
    )


def number(value: Any) -> float | None:
    """A finite float, or ``None``."""
    try:
        converted = float(value)
    except Exception:  # noqa: BLE001
        return None
    return converted if math.isfinite(converted) else None


def plain(value: Any) -> Any:
    """A setting as JSON: numbers, text, booleans, and lists of these."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value][:20]
    converted = number(value)
    return converted if converted is not None else str(type(value).__name__)
