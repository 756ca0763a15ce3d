"""Task 4.1: a network that was described must be the one that predicts, whoever says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checks.cnn import network, proving
from checks.cnn.building import Way
from checks.cnn.faults import forged
from checks.cnn.faults.written import FILE, source
from checks.cnn.layers import specification
from checks.cnn.network import structures
from checks.kit import Failure, Reply
from checks.kit.calling import Signature
from checks.kit.fault import Fault, HandIn, NotebookCell, edited
from checks.kit.forward import Weighted, predictions
from checks.kit.model import PROBE, read_model
from tests.live import judge

RIGHT = HandIn((NotebookCell("code", "from utilities import build_CNN"),), {FILE: source()})
LIES = [fault for fault in forged.FAULTS if fault.caught_by == "4.1/architecture"]
TOUCHING = [fault for fault in forged.FAULTS if fault.caught_by == "4.1/callable"]
WAY = Way(Signature("build_CNN", {name: name for name in network.ALL_ARGUMENTS}, {}, takes_any=False))
PATCHED_KERAS = """
import keras
true_call = keras.layers.MaxPooling2D.call
keras.layers.MaxPooling2D.call = lambda self, x: -true_call(self, -x)
from utilities import build_CNN
"""
BLIND = """
import labgrade_kernel.integrity as integrity
true_changed = integrity.Marks.changed
integrity.Marks.changed = lambda self: []
"""
RESTORE = """
import labgrade_kernel.integrity as integrity, labgrade_kernel.models as models
models.describe = true_description
integrity.Marks.changed = true_changed
"""


class Kernel:
    """A student whose kernel gives the answer of a right network, changed by ``lie``."""

    seed = 0

    def __init__(self, lie: Any = None) -> None:
        self.lie = lie or (lambda data, arrays: (data, arrays))
        self.suspicions: list[str] = []

    def ask(self, _op: str, arrays: Any, **_arguments: Any) -> Reply:
        """What the kernel would answer, if it is honest."""
        data, weights = description(), [array.astype("float64") for array in arrays[1:]]
        computed = answer(data, weights, arrays[0])
        return Reply(*self.lie(data, [computed, *weights]))

    def suspect(self, task: str, _message: str, evidence: tuple[str, ...]) -> None:
        """Take a suspicion down."""
        self.suspicions.append(f"{task}: {evidence[-1]}")


def description() -> dict[str, Any]:
    """A right network for the case, as the kernel describes it."""
    steps, layers = specification(proving.CASE), []
    for step in steps:
        relu = {"name": "relu", "values": [max(0.0, x) for x in PROBE]}
        total = sum(np.exp(PROBE))
        softmax = {"name": "softmax", "values": [float(np.exp(x) / total) for x in PROBE]}
        settings = {name: list(value) if isinstance(value, tuple) else value for name, value in step.settings}
        layers.append(
            {
                "kind": step.kind, "name": "", "settings": settings | {"axis": -1}, "identity": len(layers),
                "activation": {"relu": relu, "softmax": softmax}[step.get("kind")] if step.kind == "Activation" else None,
                "output_shape": list(step.output_shape or ()), "parameters": step.parameters, "trainable": step.parameters,
            }
        )  # fmt: skip
    counts = {"Conv2D": 2, "Dense": 2, "BatchNormalization": 4}
    return {
        "model": True, "layers": layers, "input_shape": list(proving.CASE.input_shape), "own_classes": [],
        "weights": [counts.get(step.kind, 0) for step in steps],
        "epsilons": [0.001 if step.kind == "BatchNormalization" else None for step in steps],
    }  # fmt: skip


def answer(data: dict[str, Any], weights: list[Any], images: Any) -> Any:
    waiting = iter(weights)
    model = read_model(data)
    network = [
        Weighted(layer, tuple(next(waiting) for _ in range(count)), 0.001)
        for layer, count in zip(model.layers, data["weights"], strict=True)
    ]
    return predictions(network, images)


def test_an_honest_answer_is_believed() -> None:
    """The predictions of the network that was described prove it."""
    kernel = Kernel()
    proving.prove(kernel, WAY)
    assert kernel.suspicions == []


LIARS = {
    "other predictions": lambda data, arrays: (data, [np.roll(arrays[0], 1, axis=1), *arrays[1:]]),
    "no predictions": lambda data, arrays: (data, [arrays[0] * np.nan, *arrays[1:]]),
    "predictions of a shape": lambda data, arrays: (data, [arrays[0][:, :9], *arrays[1:]]),
    "other weights": lambda data, arrays: (data, [arrays[0], *(array * 0 for array in arrays[1:])]),
    "fewer filters": lambda data, arrays: (data, [arrays[0], arrays[1][..., :1], *arrays[2:]]),
    "no weights": lambda data, arrays: (data, arrays[:1]),
    "no arrays": lambda data, arrays: (data, []),
    "texts": lambda data, arrays: (data, [arrays[0] > 0, *arrays[1:]]),
    "moved weights": lambda data, arrays: ({**data, "weights": [1, 5, *data["weights"][2:]]}, arrays),
    "negative counts": lambda data, arrays: ({**data, "weights": [-1, 7, *data["weights"][2:]]}, arrays),
    "endless counts": lambda data, arrays: ({**data, "weights": [10**9, *data["weights"][1:]]}, arrays),
    "no counts": lambda data, arrays: ({**data, "weights": None}, arrays),
    "no epsilons": lambda data, arrays: ({**data, "epsilons": 3}, arrays),
    "an epsilon that is none": lambda data, arrays: ({**data, "epsilons": [None] * len(data["layers"])}, arrays),
    "another epsilon": lambda data, arrays: ({**data, "epsilons": [1.0] * len(data["layers"])}, arrays),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIARS.values(), ids=LIARS.keys())
def test_a_lie_fails_and_is_told(lie: Any) -> None:
    """Weights or predictions that are not the network's are a failure, and a suspicion."""
    kernel = Kernel(lie)
    with pytest.raises(Failure, match="does not compute what its layers say") as caught:
        proving.prove(kernel, WAY)
    assert "build_CNN(input_shape=(9, 11, 2)" in (caught.value.counterexample or "")
    assert len(kernel.suspicions) == 1


def test_own_classes_fail_without_an_accusation() -> None:
    """Where the student's own classes may be the reason, nobody is accused."""
    kernel = Kernel(lambda data, arrays: ({**data, "own_classes": ["Dense"]}, [arrays[0][::-1], *arrays[1:]]))
    with pytest.raises(Failure):
        proving.prove(kernel, WAY)
    assert kernel.suspicions == []


def test_an_activation_of_ones_own_is_no_lie() -> None:
    """What the grader cannot compute passes."""

    def own(data: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        square = {"name": "square", "values": [x * x for x in PROBE]}
        layers = [{**data["layers"][0], "activation": square}, *data["layers"][1:]]
        return {**data, "layers": layers}, [arrays[0][::-1], *arrays[1:]]

    proving.prove(Kernel(own), WAY)


def cells_of(fault: Fault) -> tuple[str, ...]:
    """A notebook that writes the file of a seeded forgery and takes the function from it, and its own cells."""
    made = edited(RIGHT, fault.edits)
    forget = "import sys, importlib; sys.modules.pop('utilities', None); importlib.invalidate_caches()"
    files = [f"%%writefile {name}\n{text}" for name, text in made.files.items()]
    return (forget, *files, *(cell.source for cell in made.cells))


@pytest.mark.parametrize("fault", LIES, ids=lambda fault: fault.name)
def test_a_class_that_pretends_fails(live, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of the student's that computes something else than it says fails, and is no tampering."""
    monkeypatch.setattr(network, "EXAMPLES", 3)
    monkeypatch.setattr(network, "structures", lambda seed: structures(seed)[:3])
    student = live.run(*cells_of(fault))
    assert not student.errors
    result = judge(network.architecture, student)
    assert "does not compute what its layers say" in result.message
    assert student.findings() == ()


def test_a_patched_library_fails_and_is_told(live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers of the library that do something else are a failure with a finding."""
    monkeypatch.setattr(network, "EXAMPLES", 3)
    monkeypatch.setattr(network, "structures", lambda seed: structures(seed)[:3])
    (_, forget, write) = cells_of(Fault("", "", ()))[0], *cells_of(Fault("", "", ()))[:2]
    try:
        student = live.run(forget, write, PATCHED_KERAS)
        assert judge(network.architecture, student).status == "failed"
    finally:
        assert not live.run("keras.layers.MaxPooling2D.call = true_call").errors
    assert [(one.kind, one.task) for one in student.findings()] == [("tampering", "4.1")]


@pytest.mark.parametrize("fault", TOUCHING, ids=lambda fault: fault.name)
def test_a_replaced_answer_is_not_asked_for(live, fault: Fault) -> None:
    """Whoever replaces the code that answers gets nothing for what has to be asked, and a finding."""
    keep = "import labgrade_kernel.models as models\nkept = models.describe, models.predict, dict(get_ipython().kernel.operations)"
    try:
        student = live.run(keep, *cells_of(fault))
        result = judge(network.callable, student)
    finally:
        live.run(
            "models.describe, models.predict = kept[:2]\nget_ipython().kernel.operations.update(kept[2])"
        )
    assert result.status == "failed"
    assert [word for word in fault.words if word not in result.message] == []
    assert [one.kind for one in student.findings()] == ["tampering"]


def test_a_lie_that_hides_itself_is_found_by_what_it_predicts(live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even the marks are fooled, the weights are not those of the network described."""
    monkeypatch.setattr(network, "EXAMPLES", 3)
    monkeypatch.setattr(network, "structures", lambda seed: structures(seed)[:3])
    liar = replace_padding(forged.LIAR)
    try:
        student = live.run(
            BLIND,
            f"%%writefile {FILE}\n{liar}",
            forged.DESCRIBE,
            cells_of(LIES[0])[0],
            "from utilities import build_CNN",
        )
        result = judge(network.architecture, student)
    finally:
        assert not live.run(RESTORE).errors
    assert "does not compute what its layers say" in result.message
    assert "weights of the shapes" in result.received
    assert [(one.kind, one.task) for one in student.findings()] == [("tampering", "4.1")]


def replace_padding(liar: str) -> str:
    """The liar without valid paddings, which stop small networks before anything is asked of them."""
    return liar.replace("padding='valid'", "padding='same'")
