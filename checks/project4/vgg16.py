"""Task P2.2: ``build_vgg16``, judged by the networks it builds for drawn arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from checks.kit import Failure, Student, check, falsify
from checks.kit.model import Layer, Model
from checks.project4.asking import with_code
from checks.project4.vgg_calls import Case, Way, model_for, require, way_of_calling
from checks.project4.vgg_layers import compare_layers, prepares

EXAMPLES = 6  # distinct calls; each builds a network of some forty layers
SIDES = (32, 64, 96)  # five poolings halve these without a rest
LARGE = (128, 128, 3)


@dataclass(frozen=True)
class Count:
    """A network of the lab's training cases and the parameters it must have (LAB.md, P2.2)."""

    cases: str
    case: Case
    total: int
    trainable: int


STANDARD, NARROW = (64, 128, 256, 512, 512), (64, 128, 512, 128, 64)
COUNTS = (
    Count("1, 7 and 8", Case(LARGE, 9, STANDARD, (4096, 4096, 1000)), 69_160_537, 69_160_537),
    Count("3", Case(LARGE, 9, (32, 64, 128, 256, 256), (2048, 2048, 500)), 17_296_177, 17_296_177),
    Count("4", Case(LARGE, 9, (16, 32, 64, 128, 128), (1024, 1024, 250)), 4_327_069, 4_327_069),
    Count("5", Case(LARGE, 9, NARROW, (4096, 2048, 1000)), 21_249_945, 21_249_945),
)
NORMALISED = Count(
    "2 and 6", Case(LARGE, 9, NARROW, (4096, 4096, 1000), batch_norm=True), 31_698_597, 31_693_599
)


@st.composite
def cases(draw: st.DrawFn, batch_norm: bool) -> Case:
    """Calls whose maps are 1 to 3 pixels after the last pooling; the simplest has one filter everywhere."""
    side = st.sampled_from(SIDES)
    return Case(
        input_shape=(draw(side), draw(side), draw(st.integers(1, 4))),
        n_classes=draw(st.integers(2, 12)),
        filters=tuple(draw(st.lists(st.integers(1, 6), min_size=5, max_size=5))),
        dense=tuple(draw(st.lists(st.integers(1, 9), min_size=3, max_size=3))),
        batch_norm=batch_norm,
    )


@check(task="P2.2")
def callable(student: Student) -> None:  # noqa: A001 - the check's id is P2.2/callable
    """build_vgg16 can be called as the handout calls it and returns a Keras model"""
    way_of_calling(student)


@check(task="P2.2", needs=callable)
def architecture(student: Student) -> str | None:
    """build_vgg16 builds the layers of VGG-16 in the sizes that its arguments give"""
    way = way_of_calling(student)
    require(way, "input_shape", "n_classes", "filters", "dense")
    return _search(student, way, batch_norm=False)


@check(task="P2.2", needs=architecture)
def normalisation(student: Student) -> None:
    """With batch_norm the input and each convolution are normalised, the convolutions before their relu"""
    way = way_of_calling(student)
    require(way, "batch_norm")
    _search(student, way, batch_norm=True)


def _search(student: Student, way: Way, *, batch_norm: bool) -> str | None:
    """Raise the simplest failure of the layers; returns a hint on what is right but was not asked for."""
    hints: list[str] = []

    def claim(case: Case) -> None:
        model = model_for(student, way, case)
        with_code(way.code(case), lambda: compare_layers(case, model))
        hints.extend(_hints(model))

    failure = falsify(claim, cases(batch_norm), examples=EXAMPLES, seed=student.seed)
    if failure is not None:
        raise failure
    return hints[0] if hints else None


def _hints(model: Model) -> list[str]:
    hints = []
    if any(any(layer.regularizers.values()) for layer in model.layers):
        hints.append("The network has a regulariser. The task does not ask for one; it costs nothing here.")
    if prepares(model):
        hints.append("The network prepares its images itself, so they must not be scaled before it as well.")
    return hints


@check(task="P2.2", needs=architecture)
def parameters(student: Student) -> None:
    """The networks of cases 1, 3, 4, 5, 7 and 8 have the numbers of parameters that they must have"""
    way = way_of_calling(student)
    for count in COUNTS:
        require_count(student, way, count)


@check(task="P2.2", needs=normalisation)
def normalised_parameters(student: Student) -> None:
    """The network of cases 2 and 6, with batch normalisation, has the numbers of parameters it must have"""
    require_count(student, way_of_calling(student), NORMALISED)


def require_count(student: Student, way: Way, count: Count) -> None:
    """Raise Failure where a network of the lab's full size has other parameters than it must have."""
    model = model_for(student, way, count.case, large=True)
    with_code(way.code(count.case), lambda: _compare_count(count, model))


def _compare_count(count: Count, model: Model) -> None:
    if (model.parameters, model.trainable) == (count.total, count.trainable):
        return
    compare_layers(count.case, model)
    frozen = _frozen(model.layers)
    raise Failure(
        f"{frozen} is frozen: none of its parameters is trained."
        if frozen
        else f"The network of case {count.cases} does not have the parameters that it must have.",
        expected=f"{count.total:,} parameters, {count.trainable:,} of them trainable",
        received=f"{model.parameters:,} parameters, {model.trainable:,} of them trainable",
        hint="model.summary() shows the parameters of each layer; hold it against the task.",
    )


def _frozen(layers: Sequence[Layer]) -> str:
    """The first layer whose parameters are not trained, in words, or ""."""
    for place, layer in enumerate(layers, start=1):
        if layer.parameters > 0 == layer.trainable:
            return f"Layer {place}, {layer.kind},"
    return ""
