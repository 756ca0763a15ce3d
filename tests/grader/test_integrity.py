"""Code of ours that a notebook replaces is named in the next answer; what labs do is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from checks.kit import Gone
from grader.kernel import server
from grader.kernel.integrity import Marks

START = "import builtins, sys, json, importlib, numpy as np\nimport labgrade_kernel.models as m, labgrade_kernel.uses as u\nk = get_ipython().kernel\n"
CHANGES = {
    "a function of ours": ("old = m.predict; m.predict = lambda model, images: 0", "m.predict = old", "labgrade_kernel.models.predict"),
    "the same by a closure": (
        "old = u.wrap_use; u.wrap_use = (lambda f: lambda *a: f(*a))(old)", "u.wrap_use = old", "labgrade_kernel.uses.wrap_use",
    ),
    "its code": (
        "old = m.predict.__code__; m.predict.__code__ = (lambda model, images: 0).__code__",
        "m.predict.__code__ = old", "labgrade_kernel.models.predict",
    ),
    "its defaults": ("m.predict.__defaults__ = (1,)", "m.predict.__defaults__ = None", "labgrade_kernel.models.predict"),
    "a module it uses": ("m.np = json", "m.np = np", "labgrade_kernel.models.np"),
    "a built-in name": ("m.isinstance = lambda *a: True", "del m.isinstance", "labgrade_kernel.models.isinstance"),
    "a method": (
        "Log = type(k.log_of_calls); old = Log.take; Log.take = lambda self: {**old(self)}", "Log.take = old",
        "labgrade_kernel.recording.Log.take",
    ),
    "a method of one object": (
        "k.log_of_calls.take = lambda: type(k.log_of_calls).take(k.log_of_calls)", "del k.log_of_calls.take",
        "the record of calls.take",
    ),
    "an answer": (
        "old = k.operations['describe']; k.operations['describe'] = print", "k.operations['describe'] = old",
        "the request describe",
    ),
    "a built-in": (
        "old = builtins.isinstance; builtins.isinstance = lambda *a: old(*a)", "builtins.isinstance = old",
        "builtins.isinstance",
    ),
    "NumPy": ("old = np.asarray; np.asarray = lambda *a, **k: old(*a, **k)", "np.asarray = old", "numpy.asarray"),
    "the session": (
        "k.session.sign = lambda parts: type(k.session).sign(k.session, parts)", "del k.session.sign",
        "the kernel's session.sign",
    ),
    "the observer": (
        "k.observer = type(k.observer)(k.observer.watch, k.observer.store)", "del k.observer", "the kernel.observer",
    ),
    "execution": (
        "k.do_execute = type(k).do_execute.__get__(k)", "del k.do_execute", "the kernel.do_execute",
    ),
    "fit": (
        "import keras; keras.Model.fit = lambda self, *a, **k: None", "del keras.Model.fit", "keras.Model.fit",
    ),
    "fit of a class below": (
        "import tf_keras; tf_keras.Sequential.fit = lambda self, *a, **k: None", "del tf_keras.Sequential.fit",
        "tf_keras.Sequential.fit",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "undo", "name"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_named(live, change: str, undo: str, name: str) -> None:
    """The answer after the cell names what was replaced, and what is asked then is refused."""
    try:
        student = live.run(START, change)
        assert not student.errors
        assert name in student.evidence.honesty.changed
        assert student.evidence.honesty.changed[name] == 2
        with pytest.raises(Gone, match="replaced parts of the grader"):
            student.ask("describe", function="build_CNN", arguments={})
    finally:
        again = live.run(undo)
    assert again.evidence.honesty.changed == {}


HARMLESS = """
import gc, functools, importlib, json, warnings
import numpy as np, keras, tf_keras, tensorflow as tf
import matplotlib.pyplot as plt
importlib.reload(json)
warnings.simplefilter("error"); warnings.resetwarnings()
old = np.load
np.load = lambda *a, **k: old(*a, allow_pickle=True, **k)
np.load = old
class Own(keras.Model):
    def fit(self, *a, **k): return super().fit(*a, **k)
    def call(self, x): return x
own = Own()
own.fit = lambda *a, **k: None
%load_ext autoreload
%autoreload 2
keras.backend.clear_session()
keras.Model.own_attribute = 1
del keras.Model.own_attribute
isinstance = isinstance
log = []
"""
TRAINS = """
for library in (keras, tf_keras):
    model = library.Sequential([library.layers.Input((3,)), library.layers.Dense(2)])
    model.compile("adam", "mse")
    for _ in range(2):
        model.fit(np.zeros((4, 3)), np.zeros((4, 2)), epochs=2, verbose=0)
    model.evaluate(np.zeros((4, 3)), np.zeros((4, 2)), verbose=0)
    model.predict(np.zeros((4, 3)), verbose=0)
    model.summary()
"""


def test_what_labs_do_changes_nothing(live) -> None:
    """Imports, reloads, subclasses, sessions, trainings and repairs of libraries are no change of ours."""
    student = live.run(HARMLESS, TRAINS, "%autoreload 0\ndel isinstance")
    assert not student.errors
    assert student.evidence.honesty.changed == {}
    assert student.evidence.honesty.contradictions == []
    assert len(student.fits) == 4
    assert student.findings() == ()


def test_a_copied_training_is_left_out(live) -> None:
    """An entry put into the record beside a true one does not count, and is told."""
    copied = "k.log_of_calls.fits.append({**k.log_of_calls.fits[-1], 'epochs': 20})"
    trained = f"import keras\n{TRAINS.replace('(keras, tf_keras)', '(keras,)')}{copied}"
    student = live.run(START, trained)
    assert not student.errors
    assert [fit.epochs for fit in student.fits] == [2, 2]
    (finding,) = student.findings()
    assert (finding.kind, len(finding.evidence)) == ("tampering", 1)


def test_a_self_check_looks_after_each_cell_alone() -> None:
    """It takes time at each of hundreds of requests; where marks are given, each request is looked at."""

    def seen(kind: type[server.LabKernel], op: str) -> list[str]:
        kernel = kind.__new__(kind)
        kernel.marks = cast(Marks, SimpleNamespace(changed=lambda: ["len"]))
        return kernel._changed(op)

    assert seen(server.LabKernel, "apply") == seen(server.LabKernel, "observe") == ["len"]
    assert seen(server.OwnKernel, "observe") == ["len"]
    assert seen(server.OwnKernel, "apply") == []
