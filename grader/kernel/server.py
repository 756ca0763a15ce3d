"""An IPython kernel that also answers ``labgrade_request`` messages with plain data.

A message type of our own, rather than code to execute, keeps probes out of the reach of the
notebook's namespace, its input transformers and its execution counter.
"""

from __future__ import annotations

import contextlib
import io
import json
import pathlib
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from . import calls, files, hooks, integrity, lean, learning, models, observe, proof, renewal, sources
from .recording import Log

ALARMS = (
    (signal.SIGALRM, signal.ITIMER_REAL),
    (signal.SIGVTALRM, signal.ITIMER_VIRTUAL),
    (signal.SIGPROF, signal.ITIMER_PROF),
)


class LabKernel(IPythonKernel):
    """The student's kernel."""

    observer: observe.Observer
    log_of_calls: Log
    marks: integrity.Marks

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.namespace: dict[str, Any] = self.shell.user_ns  # type: ignore[union-attr]  # set by super()
        self.shell_handlers["labgrade_request"] = self.labgrade_request
        self.operations: dict[str, Callable[..., tuple[Any, list[Any]]]] = {
            "observe": self._observe,
            "signature": self._signature,
            "describe": self._describe,
            "predict": self._predict,
            "evaluate": self._evaluate,
            "reset": self._reset,
            "apply": self._apply,
            "call_on_files": self._call_on_files,
            "augment": self._augment,
            "draw": self._draw,
            "train": self._train,
            "prove": self._prove,
        }
        self.kept: dict[str, Any] = {}
        self.origin = renewal.Origin()
        # A cell with exit() would end the process while the next cell runs, which has done nothing.
        self.shell.ask_exit = lambda: None  # type: ignore[union-attr]  # a kernel has a shell
        self.streams = {"stdout": sys.stdout, "stderr": sys.stderr}
        self.shell.events.register("post_run_cell", self._after_cell)  # type: ignore[union-attr]
        self._mark()

    def _after_cell(self, _result: Any) -> None:
        """Undo what would end or hold up a later cell, which has done nothing.

        That is ``sys.stdout = None``, and an alarm that nobody handles: it ends the process.
        """
        for name, stream in self.streams.items():
            if getattr(sys, name) is None:
                setattr(sys, name, stream)
        for number, timer in ALARMS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.setitimer(timer, 0)

    def _mark(self) -> None:
        """Mark the code that answers, before any cell can change it."""
        marks = self.marks
        marks.take_package(__package__)
        parts = ("session", "observer", "log_of_calls", "marks", "do_execute", "execute_request")
        marks.take_object("the kernel", self, *parts)
        marks.take_object("the kernel's session", self.session, "send", "serialize", "sign", "msg")
        marks.take_object("the record of calls", self.log_of_calls)
        marks.take_object("the observer", self.observer)
        marks.take_object("the marks", marks)
        marks.take_table("the request", self.operations, self.operations)
        marks.take_table("the message", self.shell_handlers, ("labgrade_request", "execute_request"))

    def _changed(self) -> list[str]:
        """What the notebook has put in the place of the code that answers."""
        try:
            return self.marks.changed()
        except Exception:  # noqa: BLE001 - nothing but a notebook can have broken it
            return ["the marks"]

    async def labgrade_request(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Answer one request; whatever goes wrong becomes part of the answer."""
        content = parent["content"]
        arrays: list[Any] = []
        try:
            received = unpack(content.get("arrays", []), parent.get("buffers", []))
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
                self.log_of_calls.pause(),
            ):
                data, arrays = self.operations[content["op"]](received, **content["arguments"])
            reply = {"status": "ok", "data": data}
        except calls.StudentRaised as raised:
            reply = {"status": "raised", "ename": raised.ename, "evalue": raised.evalue[:2000]}
        except BaseException:  # noqa: BLE001 - the grader must get an answer, whatever went wrong
            reply = {"status": "failed", "traceback": traceback.format_exc()[-4000:]}
        reply |= {"nonce": content.get("nonce"), "changed": self._changed()}
        reply["arrays"] = [{"dtype": array.dtype.str, "shape": list(array.shape)} for array in arrays]
        buffers: list[Any] = [np.ascontiguousarray(array).data if array.size else b"" for array in arrays]
        self.session.send(  # type: ignore[union-attr]  # a running kernel has one
            stream, "labgrade_reply", reply, parent, ident=ident, buffers=buffers
        )

    def _observe(self, _arrays: list[Any], cell: int) -> tuple[Any, list[Any]]:
        """Everything that changed since the last call: watched variables, recorded calls and events."""
        log, store = self.log_of_calls, self.observer.store
        data = self.observer.changes(self.namespace)
        data["models"] = observe.named_models(self.namespace, log)
        data["sources"] = sources.named(self.namespace, log)
        data |= log.take()
        data["contents"] = store.take_names()
        data["count"] = log.order
        log.cell = cell + 1
        return data, store.take()

    def _signature(self, _arrays: list[Any], function: str) -> tuple[Any, list[Any]]:
        return calls.signature(calls.find(function, self.namespace)), []

    def _build(self, function: str, arguments: dict[str, Any], flavour: str) -> Any:
        return calls.call(calls.find(function, self.namespace), arguments, flavour)

    def _describe(
        self,
        _arrays: list[Any],
        function: str,
        arguments: dict[str, Any],
        flavour: str = "",
        large: bool = False,
    ) -> tuple[Any, list[Any]]:
        """Build one model and describe it layer by layer; a large one without memory for its weights."""

        def make() -> Any:
            return self._build(function, arguments, flavour)

        return models.describe(lean.build(make) if large else make(), arguments.get("input_shape")), []

    def _predict(
        self, arrays: list[Any], function: str, arguments: dict[str, Any], keep: str, flavour: str = ""
    ) -> tuple[Any, list[Any]]:
        """Build one model, keep it under the name ``keep``, and return its predictions for the images."""
        model = self._build(function, arguments, flavour)
        predictions = calls.guard(models.predict, model, arrays[0])
        self.kept = {keep: model}
        return {}, [predictions]

    def _prove(
        self, arrays: list[Any], function: str, arguments: dict[str, Any], flavour: str = ""
    ) -> tuple[Any, list[Any]]:
        """Build one model with the weights that follow the images; what it is like, and what it predicts."""
        model = self._build(function, arguments, flavour)
        return calls.guard(proof.prove, model, arguments.get("input_shape"), arrays[0], arrays[1:])  # type: ignore[no-any-return]

    def _apply(
        self, arrays: list[Any], function: str, arguments: dict[str, Any], flavour: str = ""
    ) -> tuple[Any, list[Any]]:
        """Call a function with arrays in their order; what it returns comes back if it is an array."""
        found = calls.find(function, self.namespace)
        given = [array.copy() for array in arrays]
        named = {name: calls.revive(value, flavour) for name, value in arguments.items()}
        result = calls.guard(found, *given, **named)
        array = observe.as_array(result)
        changed = [
            not np.array_equal(now, before, equal_nan=now.dtype.kind in "fc")
            for now, before in zip(given, arrays, strict=True)
        ]
        data = {"type": type(result).__name__[:200], "changed": changed}
        return data, [] if array is None else [array]

    def _call_on_files(
        self, arrays: list[Any], function: str, paths: list[str], arguments: dict[str, Any]
    ) -> tuple[Any, list[Any]]:
        """Call a function on a folder with files, whose bytes are the arrays; what it returns comes back."""
        return files.call_on_files(calls.find(function, self.namespace), arrays, paths, arguments)

    def _augment(self, arrays: list[Any], source: int, draws: int) -> tuple[Any, list[Any]]:
        """Put images and labels of the grader through the student's generator."""
        log = self.log_of_calls
        return {}, list(calls.guard(sources.augment, log, source, arrays[0], arrays[1], draws))

    def _draw(self, _arrays: list[Any], source: int, batches: int) -> tuple[Any, list[Any]]:
        """Batches of a generator or data set of the student's."""
        images, labels = calls.guard(sources.draw, self.log_of_calls, source, batches)
        return {}, [images] if labels is None else [images, labels]

    def _train(
        self, arrays: list[Any], function: str, arguments: dict[str, Any], flavour: str = "", **budget: Any
    ) -> tuple[Any, list[Any]]:
        """Build one model and train it for real; what happened, and its predictions for further images."""

        def build() -> Any:
            return self._build(function, arguments, flavour)

        shape = models.sizes(arguments.get("input_shape"))
        data, predictions = learning.train(build, shape, flavour, arrays, learning.Budget(**budget))
        return data, [predictions]

    def _evaluate(self, arrays: list[Any], keep: str) -> tuple[Any, list[Any]]:
        """What the kept model's own compiled loss and metrics say of images and one-hot labels."""
        return calls.guard(models.evaluate, self.kept[keep], arrays[0], arrays[1]), []

    def _reset(self, _arrays: list[Any], seed: int, thorough: bool) -> tuple[Any, list[Any]]:
        """Forget all that was run and recorded, so that another hand-in can use this kernel."""
        self.origin.renew(self.shell, seed)
        if thorough:
            renewal.clear_sessions()
        store = observe.Store()
        self.kept = {}
        self.observer.store, self.observer.seen = store, {}
        vars(self.log_of_calls).update(vars(Log(store)))  # the same object, since the wrapped calls hold it
        return {}, []


def unpack(specs: list[dict[str, Any]], buffers: list[Any]) -> list[Any]:
    """Arrays from the raw buffers of a message."""
    return [
        np.frombuffer(bytes(buffer), dtype=np.dtype(spec["dtype"])).reshape(spec["shape"])
        for spec, buffer in zip(specs, buffers, strict=True)
    ]


def main() -> None:
    """Start the kernel: ``start CONFIG -f CONNECTION_FILE``."""
    config = json.loads(pathlib.Path(sys.argv[1]).read_text())
    store = observe.Store()
    LabKernel.observer = observe.Observer(config["watch"], store)
    LabKernel.log_of_calls = Log(store)
    LabKernel.marks = integrity.Marks()
    hooks.install(config, LabKernel.log_of_calls, LabKernel.marks)
    # The notebook must see the arguments and the path of an ordinary kernel: its own folder first. Our
    # interpreter starts with -P, so that a helper file named like a library cannot stop the kernel itself.
    sys.argv = ["ipykernel_launcher", *sys.argv[2:]]
    sys.path.insert(0, "")
    IPKernelApp.launch_instance(kernel_class=LabKernel)
