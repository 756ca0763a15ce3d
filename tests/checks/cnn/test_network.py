"""Task 4.1: right networks pass however they were written; each wrong one is named, with code to see it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from checks.cnn import network
from checks.cnn.building import CASE_DEFAULTS
from checks.cnn.faults import (
    network_compile,
    network_dense,
    network_dropout,
    network_handwritten,
    network_rewrites,
    network_stages,
)
from checks.cnn.faults.written import FILE, NAMED, compiled, source
from checks.cnn.network import structures
from checks.kit import Failure
from checks.kit.fault import Fault, HandIn, NotebookCell, Rewrite, edited
from checks.kit.model import Model, read_model
from grader.evidence import LiveStudent
from grader.records import CheckResult
from tests.checks.test_kit_model import MODEL
from tests.live import LiveKernel, judge

CHECKS = {
    check.id: check
    for check in (
        network.callable,
        network.architecture,
        network.parameters,
        network.dropout,
        network.compilation,
    )
}
FAULTS = tuple(
    fault
    for topic in (network_stages, network_dense, network_dropout, network_compile)
    for fault in topic.FAULTS
)
RIGHT = {one.name: one for one in (*network_rewrites.REWRITES, *network_handwritten.REWRITES)}
BASE = HandIn((NotebookCell("code", "from utilities import build_CNN"),), {FILE: source()})
FEW = 8  # calls to try in most tests, where the real search takes 80


FULL_SEARCH = ("tf-keras-functional", "helper-functions", "model-subclass")
HINTED = ("no-activation-in-stages",)
LATE = (  # a search for these goes through all its calls, twice over for errors
    "raises-for-two-dense",
    "raises-for-any-dense",
    "typo-in-dropout-branch",
    "loss-smoothed",
    "metric-exact-equality",
    "metric-binary-accuracy",
    "metric-mse",
)
ONCE = (
    "conv-padding-valid",
    "filters-not-doubled",
    "global-average-for-flatten",
    "no-flatten",
    "one-dense-too-few",
    "no-output-layer",
    "output-9",
    "raises-for-two-dense",
    "regularised-by-default",
    "fixed-channels",
    "frozen-convolution",
    "dropout-ignored",
    "dropout-always",
    "typo-in-dropout-branch",
    "learning-rate-ignored",
    "loss-ignored",
    "not-compiled",
)
CONVOLUTIONS = "[layer for layer in model.layers if isinstance(layer, Conv2D)]"
DROPOUTS = "[layer for layer in model.layers if isinstance(layer, Dropout)]"
TEST_IMAGES = """
import numpy as np
Xtest = np.random.default_rng(0).normal(size=(40, 32, 32, 3)).astype('float32')
Ytest = np.eye(10)[np.arange(40) % 10]
"""
SHOWN = {
    "conv-padding-valid": f"{CONVOLUTIONS}[0].padding == 'valid'",
    "filters-not-doubled": f"[layer.filters for layer in {CONVOLUTIONS}] == [1, 1]",
    "filters-grow-linearly": f"[layer.filters for layer in {CONVOLUTIONS}] == [1, 2, 3]",
    "n-nodes-ignored": "model.layers[-3].units == 50",
    "output-9": "model.output_shape == (None, 9)",
    "output-logits": "model.layers[-1].activation is keras.activations.linear",
    "one-dense-too-few": "sum(isinstance(layer, Dense) for layer in model.layers) == 1",
    "one-norm-for-all-dense": "len(model.layers) == 9  # 10 with a second normalisation",
    "fixed-input-shape": "model.input_shape == (None, 32, 32, 3)",
    "regularised-by-default": f"{CONVOLUTIONS}[0].kernel_regularizer is not None",
    "frozen-convolution": f"not {CONVOLUTIONS}[0].trainable",
    "dropout-ignored": f"{DROPOUTS} == []",
    "dropout-always": f"len({DROPOUTS}) == 1",
    "dropout-rate-0.3": f"{DROPOUTS}[0].rate == 0.3",
    "sgd": "isinstance(model.optimizer, SGD)",
    "learning-rate-fixed": "abs(float(model.optimizer.learning_rate) - 0.005) < 1e-6",
    "loss-ignored": "model.get_compile_config()['loss'] == 'categorical_crossentropy'",
    "not-compiled": "not model.get_compile_config()",
    "metric-binary-accuracy": "model.evaluate(Xtest, Ytest, verbose=0)[1] > 0.8",
    "returns-two-things": "_ is tuple",
}
ONE_OF_ALL = "n_conv_layers=1, n_filters=1"
SIMPLEST = {
    name: f"input_shape={shape}, loss={loss!r}, {arguments}"
    for name, shape, loss, arguments in (
        ("conv-padding-valid", (4, 4, 1), "categorical_crossentropy", ONE_OF_ALL),
        ("filters-not-doubled", (4, 4, 1), "categorical_crossentropy", "n_filters=1"),
        (
            "filters-grow-linearly",
            (8, 8, 1),
            "categorical_crossentropy",
            "n_conv_layers=3, n_filters=1",
        ),
        ("kernel-5x5", (2, 2, 1), "categorical_crossentropy", ONE_OF_ALL),
        ("conv-in-groups", (4, 4, 1), "categorical_crossentropy", "n_filters=2"),
        ("rows-and-columns-swapped", (2, 3, 1), "categorical_crossentropy", ONE_OF_ALL),
        (
            "dense-sigmoid",
            (2, 2, 1),
            "categorical_crossentropy",
            f"{ONE_OF_ALL}, n_dense_layers=1, n_nodes=1",
        ),
        (
            "raises-for-two-dense",
            (2, 2, 1),
            "categorical_crossentropy",
            f"{ONE_OF_ALL}, n_dense_layers=2, n_nodes=1",
        ),
        (
            "dropout-from-two-dense-on",
            (2, 2, 1),
            "categorical_crossentropy",
            f"{ONE_OF_ALL}, n_dense_layers=1, n_nodes=1, use_dropout=True",
        ),
        ("loss-ignored", (2, 2, 1), "mean_squared_error", ONE_OF_ALL),
    )
}
CLEAN = """
import importlib, pathlib, shutil, sys
for path in pathlib.Path().glob('*.py'):
    sys.modules.pop(path.stem, None)
    path.unlink()
shutil.rmtree('__pycache__', ignore_errors=True)
importlib.invalidate_caches()
globals().pop('build_CNN', None)
hand_ins = globals().get('hand_ins', 0) + 1
for library in ('keras', 'tf_keras'):
    if hand_ins % 50 == 0 and library in sys.modules:  # it takes time, but else the kernel grows to 3 GB
        sys.modules[library].backend.clear_session()
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKernel]:
    kernel = LiveKernel(tmp_path_factory.mktemp("given"))
    yield kernel
    kernel.close()


Judged = Callable[[str], CheckResult]


@pytest.fixture(scope="module")
def judged(live: LiveKernel) -> Judged:
    """The result of a fault's own check, by the fault's name; searched for once."""

    @functools.cache
    def result_of(name: str) -> CheckResult:
        fault = by_name(name)
        with pytest.MonkeyPatch.context() as patch:
            if name in LATE:
                patch.setattr(network, "EXAMPLES", 3 * FEW)
            return judge(CHECKS[fault.caught_by], hand_in(live, *cells_of(fault)))

    return result_of


def hand_in(live: LiveKernel, *cells: str) -> LiveStudent:
    """A student who handed in these cells, and nothing that was there before."""
    return live.run(CLEAN, *cells)


def search_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few calls are tried."""
    monkeypatch.setattr(network, "EXAMPLES", FEW)
    monkeypatch.setattr(network, "structures", lambda seed: structures(seed)[:FEW])


def cells_of(seeded: Fault | Rewrite) -> tuple[str, ...]:
    """A notebook that writes the files of a hand-in with only task 4.1 in it, and then is that hand-in."""
    made = edited(BASE, seeded.edits)
    files = [f"%%writefile {name}\n{text}" for name, text in made.files.items()]
    return (*files, *(cell.source for cell in made.cells))


def by_name(name: str) -> Fault:
    return next(fault for fault in FAULTS if fault.name == name)


def words_of(result: CheckResult) -> str:
    return f"{result.message} {result.expected} {result.received}"


@hypothesis.given(MODEL)
@hypothesis.settings(deadline=None, database=None, max_examples=200)
def test_only_failures_come_from_a_forged_description(data: dict[str, Any]) -> None:
    """Whatever a kernel says of a model is judged: it is right or it fails, and never stops the grader."""
    model = read_model(data)
    assert isinstance(model, Model)
    case = dataclasses.replace(CASE_DEFAULTS, n_dense_layers=1, use_dropout=True)
    for claim in (network.compare_layers, network.compare_dropout, network.compare_compilation):
        with contextlib.suppress(Failure):
            claim(case, model)


def test_every_name_is_used_once() -> None:
    """No fault hides another one, and there are at least 45 faults and 35 rewrites."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 45
    assert len(RIGHT) >= 35
    assert set(FULL_SEARCH) | set(HINTED) <= set(RIGHT)


def test_every_structure_is_tried() -> None:
    """No number of layers is left to chance, and other seeds draw other sizes for them."""
    tried = structures(3)
    layers = {(case.n_conv_layers, case.n_dense_layers, case.use_dropout) for case in tried}
    assert len(layers) == len(tried) == 4 * 4 * 2
    assert tried == structures(3) != structures(4)
    assert all(min(case.input_shape[:2]) >= 2**case.n_conv_layers for case in tried)


def test_a_rare_fault_is_found(live: LiveKernel) -> None:
    """A fault in one structure of thirty-two is found whatever the seed, and its call is as small as can be."""
    cells = """
from utilities import *
right = build_CNN
def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, **rest):
    wrong = (n_conv_layers, n_dense_layers, use_dropout) == (3, 2, True)
    return right(input_shape, loss, n_conv_layers, n_filters, n_dense_layers, n_nodes + wrong, use_dropout,
                 learning_rate, **rest)
"""
    student = hand_in(live, *cells_of(Rewrite("rare")), cells)
    for seed in (0, 1):
        result = judge(CHECKS["4.1/architecture"], dataclasses.replace(student, seed=seed))
        assert result.status == "failed"
        assert "n_conv_layers=3" in result.counterexample and "n_dense_layers=2" in result.counterexample
        assert "n_filters=1," in result.counterexample


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_named(judged: Judged, fault: Fault) -> None:
    """The fault's own check fails, and says in its words what is wrong."""
    result = judged(fault.name)
    assert result.status == "failed"
    assert [word for word in fault.words if word not in words_of(result)] == []


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_passes(live: LiveKernel, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it was written, a right function passes all checks; only missing activations get a hint."""
    if name not in FULL_SEARCH:
        search_little(monkeypatch)
    student = hand_in(live, *cells_of(RIGHT[name]))
    assert student.errors == ()
    results = {check.id: judge(check, student) for check in CHECKS.values()}
    hint = results["4.1/architecture"].message
    assert [words_of(result) for result in results.values() if result.status != "passed"] == []
    assert [result.message for result in results.values() if result.message not in ("", hint)] == []
    assert ("no activation function" in hint) == (name in HINTED)


@pytest.mark.parametrize("name", ONCE)
def test_one_fault_costs_once(live: LiveKernel, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks that do not depend on the one that fails pass."""
    search_little(monkeypatch)
    fault = by_name(name)
    student = hand_in(live, *cells_of(fault))
    own = CHECKS[fault.caught_by]
    others = [check for check in CHECKS.values() if check is not own and own not in check.needs]
    assert [
        words_of(result) for check in others if (result := judge(check, student)).status != "passed"
    ] == []


@pytest.mark.parametrize(("name", "claim"), SHOWN.items(), ids=SHOWN.keys())
def test_the_code_shown_shows_the_fault(live: LiveKernel, judged: Judged, name: str, claim: str) -> None:
    """The counterexample, pasted below the function, runs, and the model it makes has the fault."""
    shown = judged(name).counterexample
    assert shown is not None
    pasted = hand_in(
        live, *cells_of(by_name(name)), f"from utilities import *\n{TEST_IMAGES}", shown, f"assert {claim}"
    )
    assert pasted.errors == ()


@pytest.mark.parametrize(
    ("name", "ename"),
    [
        ("raises-for-two-dense", "ValueError"),
        ("typo-in-dropout-branch", "NameError"),
        ("name-error-inside", "NameError"),
    ],
)
def test_the_code_shown_raises_the_error(live: LiveKernel, judged: Judged, name: str, ename: str) -> None:
    """Where the function stops with an error, the counterexample stops with the same one."""
    result = judged(name)
    pasted = hand_in(live, *cells_of(by_name(name)), result.counterexample or "")
    assert [error.ename for error in pasted.errors] == [ename]
    assert pasted.errors[0].evalue in result.message


@pytest.mark.parametrize("flavour", ["keras", "tf_keras"])
def test_the_code_shown_brings_its_imports(live: LiveKernel, flavour: str) -> None:
    """A function that wants classes is shown with the imports of these classes, in its own flavour."""
    code = source(
        flavour=flavour,
        arguments=f"{NAMED}, optimizer=Adam",
        compile=compiled(loss="loss()", optimizer="optimizer(learning_rate)"),
        output="model.add(Dense(9, activation='softmax'))",
    )
    shown = judge(network.architecture, hand_in(live, code)).counterexample or ""
    assert f"from {flavour}.losses import CategoricalCrossentropy\n" in shown
    forget = "del Adam, keras"
    assert hand_in(live, code, forget, shown, "assert model.output_shape == (None, 9)").errors == ()


@pytest.mark.parametrize(("name", "call"), SIMPLEST.items(), ids=SIMPLEST.keys())
def test_the_code_shown_is_the_simplest(judged: Judged, name: str, call: str) -> None:
    """No argument of the counterexample is larger than the fault needs."""
    shown = (judged(name).counterexample or "").splitlines()[0]
    assert shown == f"model = build_CNN({call}, act_fun='relu', optimizer='adam')"


def test_a_right_function_is_asked_for_all_structures_in_half_a_minute(live: LiveKernel) -> None:
    """Each structure is called, and more; on a machine that is full of other work within half a minute."""
    student = hand_in(live, source())
    before, started = live.asked, time.monotonic()
    assert judge(network.architecture, student).status == "passed"
    seconds, asked = time.monotonic() - started, live.asked - before
    print(f"{asked} models in {seconds:.1f} s")
    assert asked >= len(structures(0)) + 10
    assert seconds <= 30


@pytest.mark.parametrize("name", ["filters-not-doubled", "dropout-ignored", "loss-ignored", "dense-sigmoid"])
def test_a_verdict_is_the_same_each_time(live: LiveKernel, judged: Judged, name: str) -> None:
    """With the same seed a second grading gives the same result, word for word."""
    fault = by_name(name)
    assert judge(CHECKS[fault.caught_by], hand_in(live, *cells_of(fault))) == judged(name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_judge_alike(live: LiveKernel, judged: Judged, seed: int) -> None:
    """Whatever the seed, the fault is found, with the same simplest call."""
    student = dataclasses.replace(hand_in(live, *cells_of(by_name("filters-not-doubled"))), seed=seed)
    assert judge(network.architecture, student) == judged("filters-not-doubled")


@pytest.mark.parametrize(
    ("statement", "words"),
    [("os._exit(1)", "the Python process ended"), ("exit()", "returns nothing")],
)
def test_a_function_that_ends_the_process_fails(tmp_path: Path, statement: str, words: str) -> None:
    """Every check of the task fails with a reason, none of them by the grader's own fault."""
    kernel = LiveKernel(tmp_path)
    try:
        code = f"import os, time\ndef build_CNN({NAMED}):\n    {statement}\n    time.sleep(0.3)"
        student = kernel.run(code)
        results = [judge(check, student) for check in CHECKS.values()]
    finally:
        kernel.close()
    assert [result.status for result in results] == ["failed"] * len(CHECKS)
    assert words in results[0].message
