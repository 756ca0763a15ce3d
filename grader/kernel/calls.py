"""Finding and calling the student's functions."""

from __future__ import annotations

import ast
import importlib
import inspect
import pathlib
import sys
from collections.abc import Callable
from typing import Any


class StudentRaised(Exception):  # noqa: N818 - what the student's code did, not an error of ours
    """The student's code raised ``ename: evalue``."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.ename = type(error).__name__[:200]
        try:
            self.evalue = str(error)
        except Exception:  # noqa: BLE001 - a student's exception may not even print
            self.evalue = ""


def guard(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call student code; whatever it raises, ``SystemExit`` included, becomes ``StudentRaised``."""
    try:
        return function(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are student faults here
        raise StudentRaised(error) from None


def find(name: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function of that name: the notebook's, else one in a helper file beside it.

    Raises:
        StudentRaised: there is none (``NameError``), or the helper file could not be imported.
    """
    if callable(namespace.get(name)):
        return namespace[name]  # type: ignore[no-any-return]
    for module in list(sys.modules.values()):
        place = getattr(module, "__file__", None) or ""
        if pathlib.Path(place).parent == pathlib.Path.cwd() and callable(getattr(module, name, None)):
            return getattr(module, name)  # type: ignore[no-any-return]
    for path in sorted(pathlib.Path.cwd().glob("*.py")):
        if defines(path, name):
            module = guard(importlib.import_module, path.stem)
            if callable(getattr(module, name, None)):
                return getattr(module, name)  # type: ignore[no-any-return]
    raise StudentRaised(NameError(f"name '{name}' is not defined"))


def defines(path: pathlib.Path, name: str) -> bool:
    """Whether a Python file has a top-level function of that name; a broken file that mentions it counts."""
    text = path.read_text(errors="replace")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return f"def {name}" in text
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def signature(function: Callable[..., Any]) -> dict[str, Any]:
    """The parameters in order: name, kind, and whether a default exists (and which, if it is plain)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {"parameters": []}
    return {
        "parameters": [
            {
                "name": parameter.name,
                "kind": parameter.kind.name,
                "required": parameter.default is parameter.empty,
                "default": parameter.default
                if isinstance(parameter.default, str | int | float | bool | type(None))
                else None,
            }
            for parameter in parameters
        ]
    }


def call(function: Callable[..., Any], arguments: dict[str, Any], flavour: str) -> Any:
    """Call with keyword arguments; ``{"$tuple": …}`` and the like are made into Python objects."""
    return guard(function, **{name: revive(value, flavour) for name, value in arguments.items()})


def revive(value: Any, flavour: str) -> Any:
    """A JSON value as the Python object it stands for."""
    if isinstance(value, dict) and "$tuple" in value:
        return tuple(value["$tuple"])
    if isinstance(value, dict) and "$loss" in value:
        return loss(value["$loss"], value["form"], flavour)
    if isinstance(value, dict) and "$keras" in value:
        module, _, name = value["$keras"].rpartition(".")
        return getattr(importlib.import_module(f"{flavour}.{module}"), name)
    return value


def loss(name: str, form: str, flavour: str) -> Any:
    """A loss as ``string``, ``function``, ``class`` or ``object`` of the given Keras flavour."""
    if form == "string":
        return name
    losses = importlib.import_module(f"{flavour}.losses")
    if form == "function":
        return getattr(losses, name)
    loss_class = getattr(losses, "".join(part.capitalize() for part in name.split("_")))
    return loss_class if form == "class" else loss_class()
