"""Task 4.1: the network that was described must be the one that predicts.

What a network is like is told by the student's process. So the grader puts weights of its own into one
network, and computes what the layers described make of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from checks.cnn.building import CASE_DEFAULTS, Way
from checks.cnn.layers import compare_layers, specification
from checks.kit import Failure, Raised, Reply, Student
from checks.kit.architecture import Operation
from checks.kit.forward import NotKnown, Weighted, predictions
from checks.kit.model import Layer, Model, read_model
from checks.kit.student import Array

CASE = replace(
    CASE_DEFAULTS, input_shape=(9, 11, 2), n_filters=3, n_conv_layers=2, n_dense_layers=2, n_nodes=6
)
IMAGES = 8
WEIGHTED = {"Conv2D": 2, "BatchNormalization": 4, "Dense": 2}  # they get the grader's weights, so many each
TOLERANCE = 0.05  # of a probability; float16 stays below a fifth of it, another network lies far above
LIE = "The description of a network and the network itself disagree."


def prove(student: Student, way: Way) -> None:
    """Hold what one network predicts against what its layers say.

    Nothing is said of a network that the grader cannot compute, or that cannot be built here.

    Raises:
        Failure: it has other weights than its layers have, or predicts something else.
    """
    case = replace(CASE, **way.fixed(CASE))
    rng = np.random.default_rng((student.seed, 41))
    images = rng.uniform(-1, 1, (IMAGES, *case.input_shape)).astype("float32")
    given = drawn_weights(specification(case), case.input_shape[2], rng)
    try:
        reply = student.ask("prove", arrays=(images, *given), **way.request(case))
    except Raised:
        return  # the search for the simplest fault says so, if this is one
    model = read_model(reply.data)
    if not isinstance(model, Model):
        return
    code = way.code(case, "model = {}\nmodel.summary()")
    try:
        compare_layers(case, model)
    except Failure as failure:
        failure.counterexample = code
        raise
    problem = disagreement(reply, model, given, images)
    if not problem:
        return
    if not reply.data.get("own_classes"):
        student.suspect("4.1", LIE, (code.splitlines()[-2], problem))
    raise Failure(
        "The network does not compute what its layers say.",
        expected="predictions that follow from the layers shown and their weights",
        received=problem,
        hint="Look for a class of your own that is derived from a layer and computes something else, and "
        "for functions of the library that your code replaces.",
        counterexample=code,
    )


def drawn_weights(steps: Sequence[Operation], channels: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """Weights for the layers that are asked for, in order, as float32.

    No average, offset or scale is left at a value that would hide that it is missing.
    """
    weights: list[Array] = []
    inputs = channels
    for step in steps:
        size = (step.output_shape or (0,))[-1] or 0
        if step.kind == "BatchNormalization":
            weights += [rng.uniform(0.5, 1.5, size), rng.normal(0, 0.4, size)]
            weights += [rng.normal(0, 0.4, size), rng.uniform(0.3, 1.2, size)]
        elif step.kind in ("Conv2D", "Dense"):
            sides = (3, 3) if step.kind == "Conv2D" else ()
            spread = 1.2 / np.sqrt(inputs * max(1, 9 * bool(sides)))
            weights += [rng.normal(0, spread, (*sides, inputs, size)), rng.normal(0, 0.3, size)]
        inputs = size or inputs
    return tuple(weight.astype("float32") for weight in weights)


def disagreement(reply: Reply, model: Model, given: Sequence[Array], images: Array) -> str:
    """How the network differs from its description, in words; "" where it does not, or nobody can say."""
    network = read_network(reply, model)
    if network is None:
        return "weights that are not those of the layers"
    held = [weight for one in network if one.layer.kind in WEIGHTED for weight in one.weights]
    return unlike(held, given) or mispredicted(network, images, reply.arrays[0])


def unlike(held: Sequence[Array], given: Sequence[Array]) -> str:
    """How the weights that a network holds differ from those it was given, in words; "" where they do not."""
    shapes = [weight.shape for weight in held], [weight.shape for weight in given]
    if shapes[0] != shapes[1]:
        return f"weights of the shapes {_first(*shapes)} where the layers shown have others"
    # float16 and bfloat16 round; a layer that keeps its own values is far off.
    if all(np.allclose(own, sent, rtol=0.02, atol=0.01) for own, sent in zip(held, given, strict=True)):
        return ""
    return "weights that do not take the values they are given"


def mispredicted(network: Sequence[Weighted], images: Array, received: Array) -> str:
    """How predictions differ from what the layers give, in words; "" where not, or nobody can say."""
    try:
        with np.errstate(all="ignore"):
            expected = predictions(network, images)
    except NotKnown:
        return ""
    except (ValueError, IndexError, TypeError):
        return "weights that do not fit the layers"
    if received.shape != expected.shape:
        return f"predictions of the shape {received.shape}"
    difference = float(np.abs(received - expected).max())
    return "" if difference <= TOLERANCE else f"predictions that differ from these by up to {difference:.2f}"


def read_network(reply: Reply, model: Model) -> list[Weighted] | None:
    """Each layer with its weights, or ``None`` where the answer does not say which are whose."""
    counts, epsilons = reply.data.get("weights"), reply.data.get("epsilons")
    if not isinstance(counts, list) or not isinstance(epsilons, list):
        return None
    if not len(counts) == len(epsilons) == len(model.layers):
        return None
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        return None
    if sum(counts) != len(reply.arrays) - 1 or any(array.dtype.kind != "f" for array in reply.arrays):
        return None
    waiting = iter(reply.arrays[1:])
    network = [
        Weighted(layer, tuple(next(waiting) for _ in range(count)), _epsilon(layer, epsilon))
        for layer, count, epsilon in zip(model.layers, counts, epsilons, strict=True)
    ]
    return network if all(map(_complete, network)) else None


def _complete(one: Weighted) -> bool:
    """Whether a layer has all that its kind must have."""
    kind = one.layer.kind
    return len(one.weights) == WEIGHTED.get(kind, len(one.weights)) and (
        kind != "BatchNormalization" or one.epsilon is not None
    )


def _epsilon(layer: Layer, value: object) -> float | None:
    usable = layer.kind == "BatchNormalization" and isinstance(value, int | float) and 0 <= value < math.inf
    return float(value) if usable else None  # type: ignore[arg-type]


def _first(received: list[tuple[int, ...]], expected: list[tuple[int, ...]]) -> str:
    """The first shape that differs, as text."""
    differing = [one for one, other in zip(received, expected, strict=False) if one != other]
    return str(differing[0]) if differing else f"of {len(received)} arrays"
