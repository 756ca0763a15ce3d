"""Attempts to reach the grader are named with their line; what labs need never counts as one."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from grader import audit_cases, labs, tampering
from grader.audit import Case
from grader.tampering import REASONS, Source, findings

ROOT = Path(__file__).resolve().parents[2]
KERNEL = "kernel = get_ipython().kernel\n"
ATTEMPTS = {
    "ours": (
        "import labgrade_kernel.models as m",
        "from labgrade_kernel import recording",
        "import sys\nsys.modules['labgrade_kernel.models'].predict = print",
        "print('labgrade_request')",
        "get_ipython().kernel.log_of_calls.fits.append({})",
        "getattr(get_ipython().kernel, 'log_of_calls')",
    ),
    "kernel": (
        "get_ipython().kernel.session.send(None, 'x')",
        KERNEL + "kernel.shell_handlers.clear()",
        "ip = get_ipython()\nk = ip.kernel\nk.operations['describe'] = print",
        "from IPython import get_ipython\nget_ipython().kernel.do_execute = print",
        "import ipykernel.kernelapp as app\napp.IPKernelApp.instance().kernel.session = 1",
        "getattr(getattr(get_ipython(), 'kernel'), 'session')",
    ),
    "search": (
        "import gc\nlog = [o for o in gc.get_objects() if type(o).__name__ == 'Log'][0]",
        "from gc import get_objects\nfound = [o for o in get_objects() if hasattr(o, 'fits')]",
    ),
    "memory": (
        "import ctypes\nctypes.memmove(id(a), id(b), 8)",
        "import ctypes\nctypes.c_long.from_address(id(a)).value = 3",
    ),
    "frames": (
        "import sys\nframe = sys._getframe()\nwhile frame:\n    log = frame.f_locals.get('log')\n"
        "    frame = frame.f_back\nlog.fits.append({})",
    ),
    "library": (
        "import numpy as np\nnp.allclose = lambda *a: True",
        "np.array_equal = np.isclose = lambda *a: True",
        "import builtins\nbuiltins.isinstance = lambda *a: True",
        "__builtins__.len = print",
        "__builtins__['len'] = print",
        "import keras\nkeras.Model.fit = lambda *a, **k: None",
        "import tensorflow as tf\ntf.keras.Model.evaluate = print",
        "from keras.models import Sequential\nSequential.predict = print",
        "from tf_keras import layers\nlayers.Conv2D.call = print",
        "setattr(np, 'allclose', print)",
        "np.__dict__['allclose'] = print",
        "vars(np)['allclose'] = print",
        "import json\njson.dumps = print",
    ),
    "code": (
        "def other(): pass\nlen_of.__code__ = other.__code__",
        "setattr(plot, '__code__', other.__code__)",
    ),
}  # fmt: skip
HARMLESS = (
    "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (4, 4)",
    "np.random.seed(1)\nnp.random.seed = 42",
    "tf.compat.v1.disable_eager_execution()",
    "keras.backend.set_floatx('float64')\nkeras.mixed_precision.set_global_policy('mixed_float16')",
    "np.bool = bool\nnp.int = int\nnp.object = object",
    "old = np.load\nnp.load = lambda *a, **k: old(*a, allow_pickle=True, **k)",
    "import json\njson.JSONEncoder.default = lambda self, value: str(value)",
    "import functools, keras\nkeras.Model.summary = functools.partialmethod(keras.Model.summary, line_length=99)",
    "model.fit = model.fit\nmodel.call = tf.function(model.call)\nhistory.model = model",
    "class Model:\n    pass\nModel.fit = print",
    "from keras import Model\nclass Model(Model):\n    def call(self, x): return x\nModel.call = print",
    "class CNN(keras.Model):\n    def fit(self, *a, **k):\n        return super().fit(*a, **k)",
    "get_ipython().kernel.do_shutdown(True)",
    "import IPython\nIPython.Application.instance().kernel.do_shutdown(True)",
    "import gc\ngc.collect()\nprint(len(gc.get_objects()))",
    "for o in gc.get_objects():\n    if tf.is_tensor(o):\n        print(o.shape)",
    "import ctypes\nctypes.CDLL('libcudart.so')\nprint(ctypes.c_long.from_address(id(model)).value)",
    "import inspect\nprint(inspect.currentframe().f_back.f_locals)",
    "def name_of(var):\n    for f in reversed(inspect.stack()):\n        for name, value in f.frame.f_locals.items():\n"
    "            if value is var: return name",
    "kernel = np.ones((3, 3))\nsession = kernel.shape\nkernel.session = 1",
    "# labgrade_kernel is only spoken of here",
    "%env labgrade_kernel=1\n!pip list | grep labgrade_kernel\nx = !ls labgrade_kernel\n%timeit 1",
    "%%bash\nls labgrade_kernel",
    "%%html\n<b>labgrade_kernel</b>",
    "print(plot.__code__.co_varnames)",
    "sys._getframe().f_code.co_name",
)  # fmt: skip


def reasons(*cells: str) -> list[str]:
    """The keys of what is found in cells."""
    found = findings(Source(f"cell {number}", cell) for number, cell in enumerate(cells, start=1))
    assert all(finding.kind == "tampering" and finding.evidence for finding in found)
    return [reason for reason, message in REASONS.items() if message in [one.message for one in found]]


@pytest.mark.parametrize(
    ("reason", "cell"), [(reason, cell) for reason, cells in ATTEMPTS.items() for cell in cells]
)
def test_an_attempt_is_named(reason: str, cell: str) -> None:
    """What no lab needs is found, and said to be what it is."""
    assert reason in reasons(cell)


@pytest.mark.parametrize("cell", HARMLESS)
def test_what_labs_need_is_none(cell: str) -> None:
    """A setting, a common repair of a library, or a look at something is never an accusation."""
    assert reasons(cell) == []


def test_names_hold_across_cells() -> None:
    """An import in one cell explains a name in another."""
    assert reasons("from keras.models import Model", "Model.fit = print") == ["library"]
    assert reasons("k = get_ipython().kernel", "k.session.send('x')") == ["kernel"]
    assert reasons("Model.fit = print") == []


def test_cell_and_line_are_the_evidence() -> None:
    """Evidence is the cell with its line, or the file with the number of the line; each kind is told once."""
    cell = "%matplotlib inline\n\nimport labgrade_kernel"
    found = findings([Source("cell 12", cell), Source("utilities.py", cell, numbered=True)])
    assert [finding.evidence for finding in found] == [
        ("cell 12: import labgrade_kernel", "utilities.py, line 3: import labgrade_kernel")
    ]


@pytest.mark.parametrize(
    "text",
    ["x = (" * 50, "a" + ".b" * 900, "a" + ".b" * 20_000, "\0", "x = '\\d'", "-" * 100_000, "lambda: " * 3000, "\f\n\x0cimport labgrade_kernel", "x\u2028y"],
    ids=["open", "chain", "long chain", "null", "escape", "signs", "lambdas", "form feeds", "line separator"],
)  # fmt: skip
def test_odd_code_stops_nobody(text: str) -> None:
    """Code that is broken, deep or strange is read, or left, without an error."""
    findings([Source("cell 1", text)])


@hypothesis.given(
    st.lists(st.sampled_from("%!?=.()[]{}:'\"\n \\\r\f\0x1_λ") | st.text(max_size=3), max_size=40)
)
@hypothesis.settings(deadline=None, database=None, max_examples=100)
def test_any_text_can_be_read(parts: list[str]) -> None:
    """Nothing that a cell may hold raises."""
    findings([Source("cell 1", "".join(parts))])


def test_the_demo_tries_nothing() -> None:
    """None of the people in the demo is accused."""
    notebooks = sorted((ROOT / "submissions/demo").glob("*/*.ipynb"))
    assert len(notebooks) == 8
    for path in notebooks:
        with_cells = path.parent.name != "hana"  # whose file is cut off
        cells = json.loads(path.read_text())["cells"] if with_cells else []
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        files = [(one.name, one) for one in path.parent.glob("*.py")]
        assert tampering.of_hand_in(sources, files) == ()


@pytest.mark.parametrize("lab", labs.lab_ids())
def test_no_seeded_hand_in_tries_anything(lab: str) -> None:
    """The hand-ins, all other right ways and all mistakes but the forgeries are read without a finding."""
    texts = {text: None for topic, one in cases(lab) if topic != "forged" for text in texts_of(one)}
    for base in audit_cases._bases(labs.load_lab(lab)).values():
        texts |= dict.fromkeys(
            [*(one.source for one in base.cells if one.kind == "code"), *base.files.values()]
        )
    assert len(texts) > 20
    assert findings(Source(text, text) for text in texts) == ()


def test_forgeries_are_seen_in_the_source() -> None:
    """Each seeded forgery that touches the grader is found by reading alone."""
    forged = [one for topic, one in cases("cnn") if topic == "forged"]
    assert {one.name for one in forged if findings(Source("here", text) for text in texts_of(one))} == {
        "describes-another-network", "predicts-by-itself", "answers-by-itself",
        "training-written-into-the-record",
    }  # fmt: skip


@functools.cache
def cases(lab: str) -> tuple[tuple[str, Case], ...]:
    """The topic and the case of every seeded fault and rewrite."""
    entries = audit_cases.entries(labs.load_lab(lab))
    return tuple((entry.topic, entry.case) for entry in entries if entry.case is not None)


def texts_of(case: Case) -> tuple[str, ...]:
    return (*case.sources, *case.files.values())
