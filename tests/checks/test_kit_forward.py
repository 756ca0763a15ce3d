"""The forward pass in NumPy against other ways to compute the same, and against what it must not know."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d
from scipy.special import erf

from checks.kit.forward import NotKnown, Weighted, activation, predictions
from checks.kit.model import PROBE, Layer

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(2, 5, 6, 3))
CONVOLUTION = {"filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "dilation_rate": [1, 1], "groups": 1, "data_format": "channels_last"}  # fmt: skip
POOLING = {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}
KERNEL, BIAS = RNG.normal(size=(3, 3, 3, 4)), RNG.normal(size=4)


def layer(
    kind: str, function: Any = None, *, name: str = "", size: tuple[int, ...] | None = None, **settings: Any
) -> Layer:
    sampled = () if function is None else tuple(float(function(x)) for x in PROBE)
    return Layer(kind, "", settings, name, {}, size, 0, 0, sampled=sampled)


def through(one: Layer, *weights: Any, images: Any = IMAGES, epsilon: float | None = None) -> Any:
    return predictions([Weighted(one, weights, epsilon)], images)


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_convolution_does_not_turn_its_kernel(padding: str) -> None:
    """Each filter is a correlation over all channels, with zeros around the image or without."""
    expected = [
        [
            sum(correlate2d(image[..., c], KERNEL[:, :, c, f], padding) for c in range(3)) + BIAS[f]
            for f in range(4)
        ]
        for image in IMAGES
    ]
    result = through(layer("Conv2D", **CONVOLUTION | {"padding": padding}), KERNEL, BIAS)
    np.testing.assert_allclose(result, np.moveaxis(expected, 1, -1))


def test_a_pooling_leaves_out_an_odd_row() -> None:
    """Five rows and six columns give two and three maxima."""
    result = through(layer("MaxPooling2D", **POOLING))
    assert result.shape == (2, 2, 3, 3)
    assert result[0, 1, 2, 0] == IMAGES[0, 2:4, 4:6, 0].max()


def test_a_normalisation_uses_its_averages() -> None:
    """It is a straight line for each channel, given by the four weights and epsilon."""
    weights = [np.array(values) for values in ([2.0, 1, 1], [0.5, 0, 0], [1.0, 0, 0], [0.21, 1, 1])]
    result = through(layer("BatchNormalization", axis=-1), *weights, epsilon=0.04)
    np.testing.assert_allclose(result[..., 0], 2 * (IMAGES[..., 0] - 1) / 0.5 + 0.5)


def test_a_head_gives_probabilities() -> None:
    """Flatten, Dropout, Dense and softmax: each row sums to 1."""
    steps = (layer("Flatten"), layer("Dropout", rate=0.5), layer("Dense", name="softmax"))
    weights = (RNG.normal(size=(90, 10)), RNG.normal(size=10))
    result = predictions([Weighted(one, weights if one.kind == "Dense" else ()) for one in steps], IMAGES)
    scores = np.exp(IMAGES.reshape(2, 90) @ weights[0] + weights[1])
    np.testing.assert_allclose(result, scores / scores.sum(axis=1, keepdims=True))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: max(0, x),
        lambda x: x if x > 0 else 0.3 * x,
        lambda x: x if x > 0 else 0.7 * (math.exp(x) - 1),
        lambda x: 1 / (1 + math.exp(-x)),
        math.tanh,
        lambda x: math.log1p(math.exp(x)),
        lambda x: min(max(0, x), 6),
        lambda x: x / (1 + math.exp(-x)),
        lambda x: x * (1 + erf(x / math.sqrt(2))) / 2,
    ],
    ids=["relu", "leaky", "elu", "sigmoid", "tanh", "softplus", "relu6", "silu", "gelu"],
)  # fmt: skip
def test_activations_are_known_by_their_values(function: Any) -> None:
    """Whatever it is called, a usual activation is recognised by eight values, and holds between them."""
    values = np.linspace(-4, 8, 99)
    found = activation(layer("Lambda", function, name="anything"))(values)
    np.testing.assert_allclose(found, [function(x) for x in values], atol=1e-3)


@pytest.mark.parametrize(
    "one",
    [
        layer("Lambda", lambda x: x * x, name="square"),
        layer("Activation", name="relu"),
        layer("Attention"),
        layer("Conv2D", **CONVOLUTION | {"groups": 3}),
        layer("Conv2D", **CONVOLUTION | {"strides": [2, 2]}),
        layer("MaxPooling2D", **POOLING | {"padding": "same"}),
        layer("BatchNormalization", scale=False),
    ],
    ids=lambda one: one.kind,
)
def test_what_is_not_known_is_said(one: Layer) -> None:
    """A layer, setting or activation that is not computed here is neither right nor wrong."""
    with pytest.raises(NotKnown):
        through(one, KERNEL, BIAS, epsilon=0.1)


def test_slopes_are_not_stretched() -> None:
    """A learned slope belongs to a pixel or a channel; one of another size does not fit."""
    slopes = RNG.uniform(size=(1, 1, 3))
    result = through(layer("PReLU"), slopes)
    np.testing.assert_allclose(result, np.where(IMAGES > 0, IMAGES, slopes * IMAGES))
    with pytest.raises(ValueError, match="slopes"):
        through(layer("PReLU"), np.zeros((7, 1, 3)))
