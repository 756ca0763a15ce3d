"""What may be asked of a process in which a notebook's names live; each answer is JSON and arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import calls, files, lean, learning, models, observe, proof, quick, sources
from .recording import Log

Operation = Callable[..., tuple[Any, list[Any]]]


class Operations:
    """The requests, as methods that get arrays first and the request's arguments by name."""

    observer: observe.Observer
    log_of_calls: Log
    namespace: dict[str, Any]
    kept: dict[str, Any]

    def table(self) -> dict[str, Operation]:
        """Every operation by its name in a request."""
        return {
            "observe": self._observe,
            "signature": self._signature,
            "describe": self._describe,
            "predict": self._predict,
            "evaluate": self._evaluate,
            "apply": self._apply,
            "call_on_files": self._call_on_files,
            "augment": self._augment,
            "draw": self._draw,
            "train": self._train,
            "prove": self._prove,
            "score": self._score,
            "release": self._release,
        }

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
        found = calls.find(function, self.namespace)
        return quick.build(lambda: calls.call(found, arguments, flavour))

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

    def _score(self, arrays: list[Any], model: int) -> tuple[Any, list[Any]]:
        """What a network that the last cell has trained, as it is now, predicts for images."""
        trained = self.log_of_calls.trained[model]
        return {}, [calls.guard(learning.predicted, trained, arrays[0])]

    def _release(self, _arrays: list[Any]) -> tuple[Any, list[Any]]:
        """Let go of the networks that the last cells have trained."""
        self.log_of_calls.trained = {}
        return {}, []
