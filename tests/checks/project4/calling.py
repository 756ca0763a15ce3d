"""A made-up submission whose functions are Python's and are called in this process."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.kit import Raised, Reply
from tests.checks.cnn.student import Notebook


@dataclass(frozen=True)
class Calling(Notebook):
    """A notebook with functions; ``ask`` answers ``signature`` and ``apply`` as the kernel does."""

    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def ask(self, op: str, arrays: tuple[Any, ...] = (), **arguments: Any) -> Reply:
        """What the kernel would answer."""
        name = arguments["function"]
        if name not in self.functions:
            raise Raised("NameError", f"name '{name}' is not defined")
        function = self.functions[name]
        return _signature(function) if op == "signature" else _apply(function, arrays, arguments["arguments"])


def _signature(function: Callable[..., Any]) -> Reply:
    parameters = inspect.signature(function).parameters.values()
    return Reply(
        {
            "parameters": [
                {"name": one.name, "kind": one.kind.name, "required": one.default is one.empty,
                 "default": None if one.default is one.empty else one.default}
                for one in parameters
            ]
        }
    )  # fmt: skip


def _apply(function: Callable[..., Any], arrays: tuple[Any, ...], arguments: Mapping[str, Any]) -> Reply:
    given = [array.copy() for array in arrays]
    named = {
        name: tuple(value["$tuple"]) if isinstance(value, dict) else value
        for name, value in arguments.items()
    }
    try:
        result = function(*given, **named)
    except Exception as error:  # noqa: BLE001 - a student's function may raise anything
        raise Raised(type(error).__name__, str(error)) from None
    changed = [not np.array_equal(now, before) for now, before in zip(given, arrays, strict=True)]
    data = {"type": type(result).__name__, "changed": changed}
    return Reply(data, () if result is None else (np.asarray(result),))
