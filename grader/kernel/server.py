"""An IPython kernel that also answers ``labgrade_request`` messages with plain data.

A message type of our own, rather than code to execute, keeps probes out of the reach of the
notebook's namespace, its input transformers and its execution counter.
"""

from __future__ import annotations

import contextlib
import io
import json
import pathlib
import sys
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from . import calls, hooks, models, observe, training


class LabKernel(IPythonKernel):
    """The student's kernel."""

    observer: observe.Observer
    fit_log: training.Log

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
        }
        self.kept: dict[str, Any] = {}
        # A cell with exit() would end the process while the next cell runs, which has done nothing.
        self.shell.ask_exit = lambda: None  # type: ignore[union-attr]  # a kernel has a shell

    async def labgrade_request(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Answer one request; whatever goes wrong becomes part of the answer."""
        content = parent["content"]
        arrays: list[Any] = []
        try:
            received = unpack(content.get("arrays", []), parent.get("buffers", []))
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                data, arrays = self.operations[content["op"]](received, **content["arguments"])
            reply = {"status": "ok", "data": data}
        except calls.StudentRaised as raised:
            reply = {"status": "raised", "ename": raised.ename, "evalue": raised.evalue[:2000]}
        except BaseException:  # noqa: BLE001 - the grader must get an answer, whatever went wrong
            reply = {"status": "failed", "traceback": traceback.format_exc()[-4000:]}
        reply["arrays"] = [{"dtype": array.dtype.str, "shape": list(array.shape)} for array in arrays]
        buffers: list[Any] = [np.ascontiguousarray(array).data if array.size else b"" for array in arrays]
        self.session.send(  # type: ignore[union-attr]  # a running kernel has one
            stream, "labgrade_reply", reply, parent, ident=ident, buffers=buffers
        )

    def _observe(self, _arrays: list[Any], cell: int) -> tuple[Any, list[Any]]:
        """Everything that changed since the last call: watched variables and calls of ``fit``."""
        data, arrays = self.observer.changes(self.namespace)
        data["fits"] = self.fit_log.take()
        arrays += self.observer.store.take()
        self.fit_log.cell = cell + 1
        return data, arrays

    def _signature(self, _arrays: list[Any], function: str) -> tuple[Any, list[Any]]:
        return calls.signature(calls.find(function, self.namespace)), []

    def _build(self, function: str, arguments: dict[str, Any], flavour: str) -> Any:
        return calls.call(calls.find(function, self.namespace), arguments, flavour)

    def _describe(
        self, _arrays: list[Any], function: str, arguments: dict[str, Any], flavour: str = ""
    ) -> tuple[Any, list[Any]]:
        """Build one model and describe it layer by layer."""
        return models.describe(self._build(function, arguments, flavour), arguments.get("input_shape")), []

    def _predict(
        self, arrays: list[Any], function: str, arguments: dict[str, Any], keep: str, flavour: str = ""
    ) -> tuple[Any, list[Any]]:
        """Build one model, keep it under the name ``keep``, and return its predictions for the images."""
        model = self._build(function, arguments, flavour)
        predictions = calls.guard(models.predict, model, arrays[0])
        self.kept = {keep: model}
        return {}, [predictions]

    def _evaluate(self, arrays: list[Any], keep: str) -> tuple[Any, list[Any]]:
        """What the kept model's own compiled loss and metrics say of images and one-hot labels."""
        return calls.guard(models.evaluate, self.kept[keep], arrays[0], arrays[1]), []


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
    LabKernel.fit_log = training.Log(store)
    hooks.install(config, LabKernel.fit_log)
    # The notebook must see the arguments and the path of an ordinary kernel: its own folder first. Our
    # interpreter starts with -P, so that a helper file named like a library cannot stop the kernel itself.
    sys.argv = ["ipykernel_launcher", *sys.argv[2:]]
    sys.path.insert(0, "")
    IPKernelApp.launch_instance(kernel_class=LabKernel)
