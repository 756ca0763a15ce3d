"""4.1/learns: networks that cannot learn are named; however they learn, right ones pass."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checks.cnn import behaviour, network
from checks.cnn.building import Way
from checks.cnn.faults import behaviour as table
from checks.cnn.faults.written import FILE
from checks.kit import Failure, Raised, Reply
from checks.kit.calling import Signature
from checks.kit.fault import Fault, HandIn, Rewrite, edited
from grader.evidence import LiveStudent
from tests.checks.cnn.student import Notebook, drawn_cifar, real_cifar, text_of
from tests.live import LiveKernel, judge

GIVEN = drawn_cifar()
ROWS = len(GIVEN["cifar10/x_test"])
CLASSES = GIVEN["cifar10/y_test"].reshape(-1)
WAY = Way(
    Signature(
        "build_CNN",
        {name: name for name in ("input_shape", "loss", "n_conv_layers", "n_dense_layers", "learning_rate")},
        {"n_dense_layers": 0, "learning_rate": 0.01},
        False,
    )
)
MOVED = [
    {"place": 1, "kind": "Conv2D", "change": 0.3},
    {"place": 4, "kind": "Dense", "change": 0.1},
]
STILL = [{**MOVED[0], "change": 0.0}, MOVED[1]]
LEARNT = {"loss": [2.1, 1.4, 1.1], "accuracy": [0.3, 0.5, 0.6]}
FELL = {"loss": [2.1, 1.4, 1.1]}
STUCK = {"loss": [2.31, 2.30, 2.30], "accuracy": [0.1, 0.1, 0.1]}


def predictions(accuracy: float) -> Any:
    """Probabilities (n, 10) that are right for this share of the hidden images, and name many classes."""
    chosen = np.where(np.arange(ROWS) < accuracy * ROWS, CLASSES, (CLASSES + 1) % 10)
    return (np.eye(10)[chosen] * 0.91 + 0.009).astype("float32")


@dataclasses.dataclass(frozen=True)
class Trained(Notebook):
    """A student whose kernel answers ``train`` with this."""

    answer: Reply | Raised = dataclasses.field(default_factory=lambda: Reply({}))

    def ask(self, op: str, arrays: tuple[Any, ...] = (), **arguments: Any) -> Reply:
        """The answer, to the one request that is expected."""
        assert op == "train"
        assert [array.dtype for array in arrays] == [np.float32] * 3
        if isinstance(self.answer, Raised):
            raise self.answer
        return self.answer


def student(
    accuracy: float = 0.6, *, array: Any = None, layers: Any = MOVED, history: Any = LEARNT, cut: bool = False,
    thresholds: dict[str, float] | None = None,
) -> Trained:  # fmt: skip
    """A student whose training ended like this, hidden images included."""
    data = {"layers": layers, "history": history, "cut": cut}
    shown = predictions(accuracy) if array is None else array
    hidden = {name: GIVEN[name] for name in ("cifar10/x_test", "cifar10/y_test")}
    return Trained({}, given=GIVEN, hidden=hidden, thresholds=thresholds or {}, answer=Reply(data, (shown,)))


def failure_of(one: Trained) -> Failure:
    with pytest.raises(Failure) as caught:
        behaviour.judge_learning(one, WAY)
    return caught.value


def test_a_network_that_learns_passes() -> None:
    """Above the threshold nothing is said, whatever the history looks like."""
    for history in (LEARNT, {}, None, {"loss": "?", "accuracy": [None]}):
        behaviour.judge_learning(student(0.6, history=history), WAY)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (student(0.1, history=FELL), ("only 10% of the test images", "guessing gives 10%", "optimiser")),
        (student(0.1, history=STUCK), ("loss has not fallen", "2.310 after the first epoch", "10%")),
        (
            student(0.2, history={**LEARNT, "accuracy": [0.3, 0.6]}),
            ("60% of the images while it is trained", "only 20%", "momentum"),
        ),
        (student(array=np.full((ROWS, 10), 0.1, "float32"), history=FELL), ("same class for every image", "constraint")),
        (student(0.9, layers=STILL), ("Training leaves the weights of layer 1 (Conv2D) unchanged", "1 of 2")),
        (student(0.9, layers=STILL[:1]), ("Training changes nothing",)),
        (student(array=np.full((ROWS, 10), np.nan, "float32")), ("gives NaN", f"{ROWS} images")),
        (student(array=np.zeros((ROWS, 9), "float32")), ("10 probabilities", f"({ROWS}, 9)")),
        (student(array=np.zeros((ROWS, 10), "int32")), ("10 probabilities", "int32")),
        (
            Trained({}, given=GIVEN, answer=Raised("ValueError", "No gradients.")),
            ("stops with ValueError: No gradients.",),
        ),
    ],
    ids=[
        "guesses", "loss-stays", "not-when-it-predicts", "one-class", "a-layer-stays", "all-stays", "nan",
        "nine-classes", "integers", "raises",
    ],
)  # fmt: skip
def test_what_went_wrong_is_named(one: Trained, words: tuple[str, ...]) -> None:
    """Each way of not learning has its own words, a hint, and code that shows it."""
    failure = failure_of(one)
    assert [word for word in words if word not in text_of(failure)] == []
    assert failure.hint
    assert "model.fit(Xtrain[:4000]" in (failure.counterexample or "")


@pytest.mark.parametrize("layers", [None, {}, ["?"], [{}], [{"change": None}], [{"change": "0"}]])
@pytest.mark.parametrize(
    "history", [None, [], {"loss": 3}, {"accuracy": {}}, {"acc": ["x"], "loss": ["y", 1]}]
)
def test_a_forged_answer_is_judged_by_its_predictions(layers: Any, history: Any) -> None:
    """What a kernel says of layers and history never stops the grader."""
    behaviour.judge_learning(student(0.8, layers=layers, history=history), WAY)
    assert "10%" in text_of(failure_of(student(0.1, layers=layers, history=history)))


def test_a_machine_that_is_too_slow_is_no_fault_of_the_student() -> None:
    """A training that was cut counts only where it reached the threshold all the same."""
    behaviour.judge_learning(student(0.8, cut=True), WAY)
    for layers in (MOVED, STILL):
        with pytest.raises(behaviour.TooSlow, match="60 s"):
            behaviour.judge_learning(student(0.1, cut=True, layers=layers), WAY)


def test_the_rubrics_threshold_goes_first() -> None:
    """An instructor's threshold takes the place of the measured one; 0 means the measured one."""
    behaviour.judge_learning(student(0.2, thresholds={behaviour.CHECK: 0.15}), WAY)
    assert "at least 95%" in failure_of(student(0.9, thresholds={behaviour.CHECK: 0.95})).expected
    assert behaviour.threshold_for(student(thresholds={behaviour.CHECK: 0.0})) == behaviour.threshold_for(
        student()
    )


def test_each_data_set_has_its_threshold() -> None:
    """A known set has the one measured on it, an unknown set the lowest."""
    stored = {one["name"]: one for one in behaviour.stored()}
    assert set(stored) == {"CIFAR-10", "built-in pictures"}
    assert behaviour.threshold_for(student()).accuracy == min(one["threshold"] for one in stored.values())
    known = dataclasses.replace(student(), given=real_cifar())
    threshold = behaviour.threshold_for(known)
    assert threshold.accuracy == stored["CIFAR-10"]["threshold"]
    assert f"in {stored['CIFAR-10']['seeds']} trainings" in threshold.reached


def test_what_is_stored_holds() -> None:
    """Every solution's runs reach their set's threshold, in 20 seeds at least, far above guessing."""
    for one in behaviour.stored():
        assert one["seeds"] >= 20
        assert "--update" in one["command"]
        assert len(one["solutions"]) >= 5
        for solution in one["solutions"]:
            assert 0.2 <= one["threshold"] <= solution["bound"] <= solution["lowest"] <= solution["mean"]


def test_without_hidden_images_the_notebooks_own_are_asked() -> None:
    """A grader without hidden data still judges, by the given test images."""
    images = behaviour.images_of(GIVEN, {})
    assert np.array_equal(images.classes, CLASSES)
    assert images.unseen.dtype == images.training.dtype == np.float32
    assert -1 <= images.unseen.min() < images.unseen.max() <= 1
    assert images.labels.shape == (len(images.training), 10)


# ---- in a real kernel --------------------------------------------------------------------------------

NAMED = ("gradient-stopped-in-convolutions", "averages-never-move", "gradients-clipped-away")
PASSING = ("slow-averages-tf-keras", "train-step-of-its-own", "adam-with-settings")


@pytest.fixture(scope="module")
def live(given: Path) -> Iterator[LiveKernel]:
    kernel = LiveKernel(given)
    yield kernel
    kernel.close()


def handed_in(live: LiveKernel, given: Path, one: Fault | Rewrite) -> LiveStudent:
    """The student with the built-in pictures, and the function of this entry in the notebook."""
    code = edited(HandIn((), {}), one.edits).files[FILE]
    read = {
        part: {
            f"cifar10/{path.stem}": np.load(path) for path in (given.parent / part / "cifar10").glob("*.npy")
        }
        for part in ("visible", "hidden")
    }
    return dataclasses.replace(live.run(code), given=read["visible"], hidden=read["hidden"])


def by_name(name: str) -> Fault | Rewrite:
    return next(one for one in (*table.FAULTS, *table.REWRITES) if one.name == name)


@pytest.mark.parametrize("name", NAMED)
def test_a_seeded_fault_is_named(live: LiveKernel, given: Path, name: str) -> None:
    """The network is trained for real, in the sandbox, and the verdict says what is wrong with it."""
    fault = by_name(name)
    assert isinstance(fault, Fault)
    result = judge(network.learns, handed_in(live, given, fault))
    assert result.status == "failed"
    assert [word for word in fault.words if word not in f"{result.message} {result.hint}"] == []


@pytest.mark.parametrize("name", PASSING)
def test_a_right_network_passes(live: LiveKernel, given: Path, name: str) -> None:
    """It learns, although it is written or set in an unusual way."""
    result = judge(network.learns, handed_in(live, given, by_name(name)))
    assert (result.status, result.message) == ("passed", "")


def test_a_training_leaves_no_trace_and_repeats(live: LiveKernel, given: Path) -> None:
    """The same seed gives the same predictions, bit by bit, and nothing is recorded as the notebook's."""
    one = handed_in(live, given, by_name("initialised-by-he"))
    images = behaviour.images_of(one.given, one.hidden)
    few = behaviour.Images(
        images.training[:500], images.labels[:500], images.unseen[:50], images.classes[:50]
    )
    way = network.way_of_calling(one)
    marks = [
        hashlib.sha256(behaviour.trained(one, way, behaviour.CASE, few).arrays[0].tobytes()).hexdigest()
        for _ in range(2)
    ]
    assert marks[0] == marks[1]
    assert live.run("1").fits == live.run("1").uses == ()
