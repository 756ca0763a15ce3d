"""What a described network must predict: its forward pass in plain NumPy, from its layers and weights.

A network that predicts something else is not the one that was described.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from checks.kit.architecture import ACTIVATION_LAYERS, WITHOUT_EFFECT
from checks.kit.model import PROBE, Layer
from checks.kit.student import Array

Function = Callable[[Array], Array]
SAME = 1e-4  # how near a sampled activation must be to a known one, at every probe
NOISE = ("GaussianNoise",)  # as dropout: nothing happens when a network predicts


class NotKnown(Exception):  # noqa: N818 - neither right nor wrong
    """The network holds something that is not computed here; the text says what."""


@dataclass(frozen=True)
class Weighted:
    """A layer with the values of its weights, in the order that Keras gives them.

    ``epsilon`` is a batch normalisation's, ``None`` for other layers.
    """

    layer: Layer
    weights: tuple[Array, ...]
    epsilon: float | None = None


def predictions(network: Sequence[Weighted], images: Array) -> Array:
    """What a network predicts for images (n, height, width, channels), as float64.

    Raises:
        NotKnown: it holds a layer, a setting or an activation that is not computed here.
        ValueError: the weights do not fit the layers, or the layers each other.
    """
    values = images.astype("float64")
    for one in network:
        values = _activated(one.layer, _through(one, values))
    return values


def _through(one: Weighted, values: Array) -> Array:
    kind = one.layer.kind
    if kind in WITHOUT_EFFECT or kind in NOISE or kind.endswith("Dropout"):
        return values
    if kind == "PReLU":
        (slope,) = one.weights
        if any(size not in (1, own) for size, own in zip(slope.shape, values.shape[1:], strict=True)):
            raise ValueError(f"slopes of the shape {slope.shape}")
        return np.asarray(np.maximum(values, 0) + slope * np.minimum(values, 0))
    if kind in ACTIVATION_LAYERS:
        return values
    if kind == "Flatten" or (kind == "Reshape" and len(one.layer.output_shape or ()) == 1):
        return values.reshape(len(values), -1)
    layers: dict[str, Callable[[Weighted, Array], Array]] = {
        "Conv2D": _convolved, "BatchNormalization": _normalised, "MaxPooling2D": _pooled, "Dense": _dense,
    }  # fmt: skip
    if kind not in layers:
        raise NotKnown(kind)
    return layers[kind](one, values)


def _convolved(one: Weighted, values: Array) -> Array:
    """A convolution of stride 1, as Keras computes it: without turning the kernel."""
    settings = one.layer.settings
    _require(settings, strides=[1, 1], dilation_rate=[1, 1], groups=1, data_format="channels_last")
    kernel, bias = one.weights if len(one.weights) == 2 else (one.weights[0], 0.0)
    height, width = kernel.shape[:2]
    if settings.get("padding") == "same":
        before = ((height - 1) // 2, (width - 1) // 2)
        margins = [(first, size - 1 - first) for first, size in zip(before, (height, width), strict=True)]
        values = np.pad(values, [(0, 0), *margins, (0, 0)])
    windows = sliding_window_view(values, (height, width), axis=(1, 2))
    return np.asarray(np.einsum("nyxcij,ijcf->nyxf", windows, kernel, optimize=True) + bias)


def _normalised(one: Weighted, values: Array) -> Array:
    """A batch normalisation over the last axis with the averages that it has kept."""
    if one.epsilon is None or len(one.weights) != 4:
        raise NotKnown("BatchNormalization without scale, offset or epsilon")
    scale, offset, mean, variance = one.weights
    return np.asarray(scale * (values - mean) / np.sqrt(variance + one.epsilon) + offset)


def _pooled(one: Weighted, values: Array) -> Array:
    """The maximum of each 2×2 block; an odd last row or column is left out."""
    _require(one.layer.settings, pool_size=[2, 2], strides=[2, 2], padding="valid")
    count, height, width, channels = values.shape
    even = values[:, : height // 2 * 2, : width // 2 * 2]
    blocks = even.reshape(count, height // 2, 2, width // 2, 2, channels)
    return np.asarray(blocks.max(axis=(2, 4)))


def _dense(one: Weighted, values: Array) -> Array:
    kernel, bias = one.weights if len(one.weights) == 2 else (one.weights[0], 0.0)
    return np.asarray(values @ kernel + bias)


def _require(settings: Any, **values: Any) -> None:
    for name, value in values.items():
        given = settings.get(name, value)
        if (list(given) if isinstance(given, list | tuple) else given) != value:
            raise NotKnown(f"{name}={given}")


def _activated(layer: Layer, values: Array) -> Array:
    if layer.activation in ("", "linear") and (layer.activation or layer.kind not in ACTIVATION_LAYERS):
        return values
    if layer.kind == "PReLU":
        return values
    if layer.activation == "softmax":
        powers = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
    return activation(layer)(values)


def activation(layer: Layer) -> Function:
    """The function that a layer applies to each number, recognised by its values at ``PROBE``.

    Raises:
        NotKnown: it is none of the usual ones, or it could not be sampled.
    """
    for known in _usual(layer.sampled[PROBE.index(-1.0)] if len(layer.sampled) == len(PROBE) else 0.0):
        if len(layer.sampled) == len(PROBE):
            with np.errstate(all="ignore"):
                expected = known(np.array(PROBE))
            if np.allclose(expected, layer.sampled, rtol=0, atol=SAME):
                return known
    raise NotKnown(f"the activation {layer.activation or layer.kind}")


def _usual(at_minus_one: float) -> tuple[Function, ...]:
    """The usual activations; those with a slope of their own have the one that fits at −1."""
    share = at_minus_one / (math.exp(-1) - 1)
    erf = np.vectorize(math.erf, otypes=[float])
    return (
        lambda x: np.maximum(x, 0),
        lambda x: np.maximum(x, 0) - at_minus_one * np.minimum(x, 0),
        lambda x: np.maximum(x, 0) + share * (np.exp(np.minimum(x, 0)) - 1),
        lambda x: np.clip(x, 0, 6),
        lambda x: np.asarray(1 / (1 + np.exp(-x))),
        np.tanh,
        lambda x: np.asarray(np.logaddexp(x, 0)),
        lambda x: np.asarray(x / (1 + np.exp(-x))),
        lambda x: np.asarray(x * (1 + erf(x / math.sqrt(2))) / 2),
        lambda x: np.asarray(x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2),
        lambda x: np.asarray(
            1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(np.minimum(x, 0)) - 1))
        ),
    )
