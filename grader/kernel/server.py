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
from typing import Any

import numpy as np
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from . import calls, hooks, integrity, observe, renewal
from .operations import Operations
from .recording import Log

TIMERS = (("SIGALRM", "ITIMER_REAL"), ("SIGVTALRM", "ITIMER_VIRTUAL"), ("SIGPROF", "ITIMER_PROF"))
ALARMS = tuple(  # none on Windows, where a student may check a notebook
    (getattr(signal, number), getattr(signal, timer)) for number, timer in TIMERS if hasattr(signal, timer)
)


class LabKernel(Operations, IPythonKernel):
    """The student's kernel."""

    marks: integrity.Marks
    seed: int | None = None  # of the random numbers, as long as no cell has run

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.namespace = self.shell.user_ns  # type: ignore[union-attr]  # set by super()
        self.shell_handlers["labgrade_request"] = self.labgrade_request
        self.operations = {**self.table(), "reset": self._reset}
        self.kept = {}
        self.origin = renewal.Origin()
        # A cell with exit() would end the process while the next cell runs, which has done nothing.
        self.shell.ask_exit = lambda: None  # type: ignore[union-attr]  # a kernel has a shell
        self.streams = {"stdout": sys.stdout, "stderr": sys.stderr}
        self.shell.events.register("pre_run_cell", self._before_cell)  # type: ignore[union-attr]
        self.shell.events.register("post_run_cell", self._after_cell)  # type: ignore[union-attr]
        self._mark()

    def _before_cell(self, _info: Any) -> None:
        """Begin the random numbers before the first cell: the messages that came before it drew some."""
        if self.seed is not None:
            renewal.seed_all(self.seed)
            self.seed = None

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

    def _changed(self, _op: object) -> list[str]:
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
        reply |= {"nonce": content.get("nonce"), "changed": self._changed(content.get("op"))}
        reply["arrays"] = [{"dtype": array.dtype.str, "shape": list(array.shape)} for array in arrays]
        buffers: list[Any] = [np.ascontiguousarray(array).data if array.size else b"" for array in arrays]
        self.session.send(  # type: ignore[union-attr]  # a running kernel has one
            stream, "labgrade_reply", reply, parent, ident=ident, buffers=buffers
        )

    def _reset(self, _arrays: list[Any], seed: int, thorough: bool) -> tuple[Any, list[Any]]:
        """Forget all that was run and recorded, so that another hand-in can use this kernel."""
        self.origin.renew(self.shell, seed)
        self.seed = seed
        if thorough:
            renewal.clear_sessions()
        store = observe.Store()
        self.kept = {}
        self.observer.store, self.observer.seen = store, {}
        vars(self.log_of_calls).update(
            vars(Log(store, self.log_of_calls.keeps))
        )  # the same object, since the wrapped calls hold it
        return {}, []


class OwnKernel(LabKernel):
    """The kernel of a self-check: it looks for changes after each cell alone, for nobody is to be fooled."""

    def _changed(self, op: object) -> list[str]:
        return super()._changed(op) if op == "observe" else []


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
    LabKernel.log_of_calls = Log(store, keeps=config["training"] == "full")
    LabKernel.marks = integrity.Marks()
    LabKernel.seed = config["seed"]
    hooks.install(config, LabKernel.log_of_calls, LabKernel.marks)
    # The notebook must see the arguments and the path of an ordinary kernel: its own folder first. Our
    # interpreter starts with -P, so that a helper file named like a library cannot stop the kernel itself.
    sys.argv = ["ipykernel_launcher", *sys.argv[2:]]
    sys.path.insert(0, "")
    IPKernelApp.launch_instance(kernel_class=LabKernel if config.get("wary", True) else OwnKernel)
