"""Task P2.2: right networks pass however they were written; each wrong one is named, with code to see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from checks.kit import Check, Failure
from checks.kit.architecture import Operation, activation
from checks.kit.fault import HandIn, NotebookCell, edited
from checks.kit.model import Layer, Model
from checks.project4 import vgg16 as topic
from checks.project4.faults.handin import CELLS
from checks.project4.faults.vgg16 import FAULTS, REWRITES
from checks.project4.vgg_calls import Case
from checks.project4.vgg_layers import compare_layers, specification
from grader.evidence import LiveStudent
from grader.records import CheckResult
from tests.live import LiveKernel, judge

CHECKS = {value.id: value for value in vars(topic).values() if isinstance(value, Check)}
CASE = Case((64, 32, 3), 7)
NORMALISED = replace(CASE, batch_norm=True)
Steps = list[Operation]
BASE = HandIn(tuple(cell for cell in CELLS if "def build_vgg16" in cell.source))


# ---- layers held against each other, without a kernel


def model_of(steps: Steps, input_shape: tuple[int, ...] = CASE.input_shape) -> Model:
    """A network that was described as these operations."""
    layers = tuple(
        Layer(
            kind=step.kind, name="", activation=step.get("kind") or "", regularizers={}, trainable=0,
            settings={name: list(value) if isinstance(value, tuple) else value for name, value in step.settings},
            output_shape=step.output_shape, parameters=step.parameters,
        )
        for step in steps
    )  # fmt: skip
    return Model("keras", False, input_shape, layers, 0, 0, None)


def steps_of(case: Case) -> Steps:
    return list(specification(case))


def without(kind: str, place: int = 0) -> Callable[[Steps], Steps]:
    """The network without one operation of a kind."""

    def change(steps: Steps) -> Steps:
        found = [number for number, step in enumerate(steps) if step.kind == kind][place]
        return steps[:found] + steps[found + 1 :]

    return change


def with_setting(of: str, place: int, **changed: Any) -> Callable[[Steps], Steps]:
    """The network with another setting of one operation."""

    def change(steps: Steps) -> Steps:
        found = [number for number, step in enumerate(steps) if step.kind == of][place]
        settings = tuple((name, changed.get(name, value)) for name, value in steps[found].settings)
        return [*steps[:found], replace(steps[found], settings=settings), *steps[found + 1 :]]

    return change


def before(kind: str, *steps_before: Operation) -> Callable[[Steps], Steps]:
    """The network with further operations before the first of a kind."""

    def change(steps: Steps) -> Steps:
        place = next(number for number, step in enumerate(steps) if step.kind == kind)
        return [*steps[:place], *steps_before, *steps[place:]]

    return change


@pytest.mark.parametrize("count", [*topic.COUNTS, topic.NORMALISED], ids=lambda count: count.cases)
def test_the_specification_has_the_known_parameters(count: topic.Count) -> None:
    """The arithmetic of the layers gives the lab's numbers; two of four of a normalisation are not trained."""
    steps = specification(count.case)
    fixed = sum(step.parameters // 2 for step in steps if step.kind == "BatchNormalization")
    assert sum(step.parameters for step in steps) == count.total
    assert count.total - fixed == count.trainable


@pytest.mark.parametrize("case", [CASE, NORMALISED], ids=["plain", "normalised"])
@pytest.mark.parametrize(
    "change",
    [
        list,
        before("MaxPooling2D", activation("relu")),
        lambda steps: [Operation("Rescaling"), *steps],
        with_setting("MaxPooling2D", 2, padding="same"),
    ],
    ids=["as asked", "relu twice", "rescaling", "pooling same"],
)
def test_right_layers_pass(case: Case, change: Callable[[Steps], Steps]) -> None:
    """What changes nothing in what the network computes is right."""
    compare_layers(case, model_of(change(steps_of(case))))


def test_zeros_around_a_convolution_are_its_padding() -> None:
    """ZeroPadding2D(1) before a convolution with padding 'valid' is padding 'same'."""
    steps = with_setting("Conv2D", 3, padding="valid")(steps_of(CASE))
    model = model_of(steps)
    place = [number for number, layer in enumerate(model.layers) if layer.kind == "Conv2D"][3]
    zeros = Layer("ZeroPadding2D", "", {"padding": [[1, 1], [1, 1]]}, "", {}, None, 0, 0)
    padded = replace(model, layers=(*model.layers[:place], zeros, *model.layers[place:]))
    compare_layers(CASE, padded)
    with pytest.raises(Failure, match="padding=valid"):
        compare_layers(CASE, model)


@pytest.mark.parametrize(
    ("case", "change", "words"),
    [
        (CASE, without("Conv2D", 5), "2, 2, 2, 3, 3 convolutions"),
        (CASE, without("MaxPooling2D", -1), "4 poolings"),
        (CASE, without("Dense", 1), "3 dense layers"),
        (CASE, without("Flatten"), "no Flatten"),
        (CASE, without("Activation", 2), "no relu activation in block 2 after convolution 1"),
        (CASE, without("Activation", -1), "no softmax activation at the output"),
        (CASE, with_setting("Conv2D", 4, filters=9), "Conv2D in block 3 has filters=9"),
        (CASE, with_setting("Conv2D", 0, kernel_size=(5, 5)), "5×5"),
        (CASE, with_setting("Dense", -1, units=9), "at the output has units=9"),
        (CASE, with_setting("Activation", -1, kind="sigmoid"), "is sigmoid"),
        (CASE, before("Dense", Operation("Dropout", (("rate", 0.5),))), "Dropout(0.5)"),
        (CASE, before("MaxPooling2D", Operation("BatchNormalization")), "batch_norm is False"),
        (NORMALISED, without("BatchNormalization"), "input is not normalised"),
        (NORMALISED, without("BatchNormalization", 3), "no BatchNormalization in block 2"),
        (NORMALISED, before("Dense", Operation("BatchNormalization")), "dense part"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_wrong_layer_is_named(case: Case, change: Callable[[Steps], Steps], words: str) -> None:
    """The message says which layer it is, and the table marks it."""
    with pytest.raises(Failure) as caught:
        compare_layers(case, model_of(change(steps_of(case))))
    assert words in caught.value.message
    assert any(not row.same for row in caught.value.table)


def test_another_input_is_named() -> None:
    """A network for images of another shape says so, whatever its layers are."""
    with pytest.raises(Failure, match="shape that is asked for"):
        compare_layers(CASE, model_of(steps_of(CASE), (128, 128, 3)))


# ---- in a real kernel


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKernel]:
    kernel = LiveKernel(tmp_path_factory.mktemp("given"))
    yield kernel
    kernel.close()


def hand_in(live: LiveKernel, name: str = "") -> LiveStudent:
    """A student who handed in only task P2.2, with a fault or rewrite by its name."""
    seeded = next((one for one in (*FAULTS, *REWRITES) if one.name == name), None)
    made = edited(BASE, seeded.edits) if seeded else BASE
    cells = made.cells or (NotebookCell("code", "pass"),)
    return live.run("globals().pop('build_vgg16', None)", *(cell.source for cell in cells))


def judged(live: LiveKernel, check: str, name: str = "") -> CheckResult:
    return judge(CHECKS[check], hand_in(live, name))


def test_the_full_networks_take_no_memory(live: LiveKernel) -> None:
    """All networks of the lab's size are described in less than 1.5 GB, Keras itself included."""
    student = hand_in(live)
    for check in ("P2.2/parameters", "P2.2/normalised-parameters"):
        assert judge(CHECKS[check], student).status == "passed"
    peak = live.run("import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")
    assert int(peak.cells[-1].text) < 1.5e6  # KiB


@pytest.mark.parametrize("check", ["P2.2/callable", "P2.2/architecture", "P2.2/normalisation"])
def test_the_typical_hand_in_passes(live: LiveKernel, check: str) -> None:
    """No check fails it."""
    result = judged(live, check)
    assert (result.status, result.message) == ("passed", "")


@pytest.mark.parametrize(
    "name",
    ["vgg-not-written", "vgg-not-returned", "vgg-keras-not-imported", "vgg-fixed-dense", "vgg-padding-valid"],
)
def test_a_fault_is_caught(live: LiveKernel, name: str) -> None:
    """It fails its own check, with the words of its table."""
    fault = next(fault for fault in FAULTS if fault.name == name)
    if name == "vgg-keras-not-imported":
        live.run("globals().pop('layers', None)")
    result = judged(live, fault.caught_by, name)
    said = " ".join((result.message, result.expected, result.received, result.hint))
    assert result.status == "failed"
    assert all(word in said for word in fault.words)


@pytest.mark.parametrize("name", ["vgg-tf-keras", "vgg-compiled", "vgg-wants-lists"])
def test_a_rewrite_passes(live: LiveKernel, name: str) -> None:
    """Another flavour, a compiled model, and a function that wants lists are right."""
    assert judged(live, "P2.2/architecture", name).status == "passed"


def test_a_compiled_network_is_described_too(live: LiveKernel) -> None:
    """What cannot be built without values is built as usual."""
    student = hand_in(live, "vgg-compiled")
    topic.require_count(student, topic.way_of_calling(student), topic.COUNTS[2])


def test_there_are_many_faults_and_rewrites() -> None:
    """The task has its share of what the audit asks of the lab."""
    assert len(FAULTS) >= 25
    assert len(REWRITES) >= 12


def test_a_regulariser_is_a_hint(live: LiveKernel) -> None:
    """It costs nothing, and is said."""
    result = judged(live, "P2.2/architecture", "vgg-regularised")
    assert result.status == "passed"
    assert "regulariser" in result.message
