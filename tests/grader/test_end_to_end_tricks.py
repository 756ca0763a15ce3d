"""Notebooks that want more than they earned, the whole way to their marks."""

from __future__ import annotations

import nbformat
import pytest

from grader import grading, kernels, labs, sandbox
from grader.output import write_report
from grader.records import Settings, Submission
from grader.session import grade_submission

WRONG = (
    "import numpy as np, keras",
    """
def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01):
    wrong = [keras.layers.Dropout(0.5), keras.layers.Flatten(), keras.layers.Dense(9)]
    model = keras.Sequential([keras.Input(input_shape), *wrong])
    model.compile(loss=loss, optimizer="sgd")
    return model
""",
    "import scipy.datasets; image = scipy.datasets.ascent()",
    "filterResponseGauss = filterResponseSobelX = filterResponseSobelY = np.zeros(image.shape)",
)
EARNED = 1.0  # that build_CNN can be called and returns a model
PATCHES = (
    "import builtins; builtins.callable = lambda value: True",
    "np.allclose = np.array_equal = np.isclose = lambda *both, **options: True",
    """
class Everything(np.ndarray):
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = lambda *both: True
    __array_ufunc__ = lambda *both, **options: True
    __hash__ = lambda self: 1
    __bool__ = lambda self: True
filterResponseGauss = filterResponseSobelX = filterResponseSobelY = np.zeros((512, 512)).view(Everything)
""",
    "print('PASSED\\n60/60'); print('<script>alert(1)</script>')",
    "for name in ('result.json', '../result.json'): open(name, 'w').write('{\"score\": 60}')",
    "import sys, types; sys.modules['numpy'] = types.SimpleNamespace(**vars(np))",
    "sys.meta_path[:] = sys.meta_path[1:]",
    "get_ipython().ast_transformers.append(type('All', (), {'visit': lambda self, node: node})())",
)
WHEN_ASKED = {
    "dies": "build_CNN = lambda *given, **named: __import__('os')._exit(0)",
    "leaves": "def build_CNN(input_shape, loss): raise SystemExit",
    "deaf": """
right = build_CNN
def build_CNN(input_shape, loss, **others):
    get_ipython().kernel.shell_handlers.clear()
    return right(input_shape, loss)
""",
}


@pytest.fixture
def hand_in(given, tmp_path, monkeypatch):
    """A function that grades a notebook of these cells, by the tasks 1.1 and 4.1, and writes its pages."""

    def grade_cells(*cells):
        path = tmp_path / "lab.ipynb"
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(nbformat.v4.new_notebook(cells=made), path)
        settings = Settings(
            out=tmp_path, visible=given, data="built-in pictures", lab="cnn", tasks=("1.1", "4.1"),
            sandbox=sandbox.choose("auto")[0], limits={"cell_s": 60.0},
        )  # fmt: skip
        report = grade_submission(Submission("mallory", "mallory", path), settings, lambda _phase: None)
        write_report(report, tmp_path / "mallory")
        return report

    monkeypatch.setattr(kernels.Kernel.ask, "__defaults__", ((), 8.0))
    return grade_cells


def test_patched_libraries_earn_nothing(hand_in, tmp_path):
    """Replaced comparisons, an array that equals everything, and words of success add no mark."""
    report = hand_in(*WRONG, *PATCHES)
    assert report.score <= EARNED
    assert (report.status, report.max_score) == ("graded", 22.0)
    assert "<script>alert" not in (tmp_path / "mallory" / "feedback.html").read_text("utf-8")


@pytest.mark.parametrize("trick", WHEN_ASKED.values(), ids=WHEN_ASKED)
def test_what_ends_when_asked_earns_nothing(hand_in, trick):
    """A function that ends the process, or stops its ears, fails what it was asked about."""
    report = hand_in(*WRONG, trick)
    assert report.score <= EARNED
    assert report.max_score == 22.0
    assert {result.status for result in report.checks} == {"failed", "skipped"} | (
        {"passed"} if report.score else set()
    )


MODEL = "dict(model=True, type='Sequential', flavour='keras', built=True, branching=False, {rest})"
ODD_LAYER = (
    "dict(kind=[1], name={}, settings=7, activation=3, regularizers=[], output_shape='x', parameters='many', "
    "trainable=None, identity={})"
)
ODD_VALUES = (
    "dict(kind='Conv2D', name='c', settings=dict(filters={}, kernel_size='x', padding=[[]], strides=[None]), "
    "activation=dict(name=3, values='no'), regularizers=dict(a='x'), output_shape=[[1], 'x'], "
    "parameters=1e308, trainable=10**40, identity=1)"
)
COMPILED = (
    "dict(optimizer=[], optimizer_bases=3, learning_rate='fast', loss={}, loss_options=[], metrics=[[]])"
)
FORGED = {
    "nothing": ("describe", "dict()"),
    "numbers": ("describe", MODEL.format(rest="layers=[42, None, 'x']")),
    "no-list": ("describe", MODEL.format(rest="layers={}")),
    "no-layers": ("describe", MODEL.format(rest="layers=[], compiled=None")),
    "odd-layer": ("describe", MODEL.format(rest=f"layers=[{ODD_LAYER}]")),
    "odd-values": ("describe", MODEL.format(rest=f"layers=[{ODD_VALUES}] * 9")),
    "odd-compilation": ("describe", MODEL.format(rest=f"layers=[], parameters=[], compiled={COMPILED}")),
    "compilation-a-list": ("describe", MODEL.format(rest="layers=[], compiled=[1]")),
    "not-a-number": ("describe", "dict(model=float('nan'), layers=[])"),
    "no-json": ("describe", "dict(model={1, 2})"),
    "deep": ("describe", "deep(5_000)"),
    "no-data": ("describe", "None"),
    "strange-parameters": (
        "signature",
        "dict(parameters=[dict(name=[], kind={}, required=False, default=[])])",
    ),
    "parameters-a-number": ("signature", "dict(parameters=7)"),
    "parameters-of-numbers": ("signature", "dict(parameters=[1, 'x', None])"),
    "parameters-without-names": ("signature", "dict(parameters=[dict(required=False, kind='VAR_KEYWORD')])"),
    "no-parameters": ("signature", "dict()"),
}
FORGE = """
def deep(levels):
    return {{"layers": deep(levels - 1)}} if levels else {{}}
operations = get_ipython().kernel.operations
kept = dict(operations)
operations[{op!r}] = lambda received, **asked: ({answer}, [])
"""


@pytest.mark.parametrize(("op", "answer"), FORGED.values(), ids=FORGED)
def test_a_forged_answer_earns_nothing(live, op, answer):
    """Answers of any form neither add a point nor take a check out of what could be reached."""
    student = live.run(*WRONG, FORGE.format(op=op, answer=answer))
    lab = labs.load_lab("cnn")
    checks = [check for check in labs.load_checks(lab) if check.task == "4.1"]
    try:
        (task,) = grading.grade(checks, labs.load_rubric(lab), student, lambda _phase: None)
    finally:
        live.run("operations.update(kept)")
    passed = {result.id for result in task.checks if result.status == "passed"}
    assert passed.isdisjoint({"4.1/architecture", "4.1/parameters", "4.1/compilation"})
    assert task.max_points == 18
    assert {result.status for result in task.checks} <= {"passed", "failed", "skipped"}
