"""A network with weights of the grader's: what it says of itself, and what it predicts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import models

WEIGHTED = ("Conv2D", "BatchNormalization", "Dense")  # those that get the weights given


def prove(
    model: Any, input_shape: Any, images: Any, given: Sequence[Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Describe the model, give its layers new weights in order, and predict.

    Returns:
        The description with ``weights`` and ``epsilons`` of each of its layers and ``own_classes`` that are
        not the library's; the predictions, and behind them all weights, layer by layer.
    """
    described = models.describe(model, input_shape)
    if not described["model"]:
        return described, []
    layers = [layer for layer, _ in models.path_of(model, input_shape)[0]]
    with contextlib.suppress(Exception):  # weights that do not fit are seen by their shapes
        put(layers, given)
    held = [values_of(layer) for layer in layers]
    described |= {
        "weights": [len(values) for values in held],
        "epsilons": [models.number(getattr(layer, "epsilon", None)) for layer in layers],
        "own_classes": own_classes(model, layers),
    }
    return described, [models.predict(model, images), *(value for values in held for value in values)]


def put(layers: Sequence[Any], given: Sequence[Any]) -> None:
    """Give each layer as many of the weights as it has, in order."""
    waiting = list(given)
    for layer in layers:
        if models.kind_of(layer) in WEIGHTED:
            size = len(layer.weights)
            layer.set_weights(waiting[:size])
            del waiting[:size]


def values_of(layer: Any) -> list[Any]:
    """The values of a layer's weights."""
    return [np.asarray(weight).astype("float64") for weight in getattr(layer, "weights", ())]


def own_classes(model: Any, layers: Sequence[Any]) -> list[str]:
    """The classes of the model and of all layers in it that are the student's own."""
    inner = list(model._flatten_layers()) if hasattr(model, "_flatten_layers") else []
    classes = {type(one) for one in (model, *inner, *layers)}
    return sorted(
        one.__name__[:200] for one in classes if one.__module__.partition(".")[0] not in models.LIBRARIES
    )[:20]
