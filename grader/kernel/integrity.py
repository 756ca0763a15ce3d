"""Marks of the code that makes our answers, to see whether the notebook has put something in its place.

A hurdle, not a proof: it lives in the student's process, so whoever knows it can get around it.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

MAX_NAMES = 20
ABSENT = object()
MODEL_METHODS = ("fit", "evaluate", "predict", "predict_on_batch", "__call__", "summary")
RELIED_ON = {
    "builtins": (
        "isinstance", "issubclass", "len", "getattr", "hasattr", "setattr", "type", "id", "hash", "sum",
        "any", "all", "float", "int", "str", "bool", "list", "dict", "tuple", "set", "sorted", "enumerate",
        "zip", "min", "max", "abs", "round", "repr", "vars", "callable",
    ),
    "numpy": (
        "array", "asarray", "ascontiguousarray", "array_equal", "frombuffer", "prod", "isfinite", "float64",
    ),
    "json": ("dumps", "loads"),
    "hashlib": ("blake2b",),
    "inspect": ("signature",),
    "jupyter_client.session.Session": ("send", "serialize", "sign"),
    "ipykernel.ipkernel.IPythonKernel": ("do_execute",),
    "ipykernel.kernelbase.Kernel": ("dispatch_shell", "execute_request"),
}  # fmt: skip


class Marks:
    """What functions, classes and values were when they were marked; ``changed`` names those that differ."""

    def __init__(self) -> None:
        self.marked: dict[str, tuple[Any, str, Any, tuple[Any, ...]]] = {}
        self.modules: list[tuple[ModuleType, frozenset[str]]] = []
        self.objects: list[tuple[str, Any, type, frozenset[str]]] = []
        self.tables: list[tuple[str, Any, dict[str, Any]]] = []

    def take(self, label: str, owner: Any, name: str) -> None:
        """Mark what the attribute is now."""
        value = inspect.getattr_static(owner, name, ABSENT)
        self.marked[f"{label}.{name}"] = owner, name, value, mark_of(value)

    def take_model(self, model_class: Any) -> None:
        """Mark the methods of a Keras class of models, those that are recorded."""
        for name in MODEL_METHODS:
            self.take(f"{model_class.__module__.partition('.')[0]}.{model_class.__name__}", model_class, name)

    def take_package(self, package: str) -> None:
        """Mark what the package's modules and the classes in them define and use, and the libraries' part."""
        for module_name, module in list(sys.modules.items()):
            if module_name.startswith(f"{package}."):
                self.modules.append((module, frozenset(vars(module))))
                for name in names_of(module):
                    self.take(module_name, module, name)
                for one in own_classes(module):
                    for name in names_of(one):
                        self.take(f"{module_name}.{one.__name__}", one, name)
        for path, names in RELIED_ON.items():
            for name in names:
                self.take(path, found(path), name)

    def take_object(self, label: str, value: Any, *names: str) -> None:
        """Mark that an object has its class, and nothing of its own in the place of some attributes.

        These are the functions that its class itself defines if it is one of ours, and those named.
        """
        ours = (one for one in type(value).__mro__ if one.__module__.startswith(__package__ or ""))
        parts = (part for one in ours for part in vars(one).items())
        functions = {name for name, part in parts if isinstance(part, FunctionType)}
        known = functions.union(names) - vars(value).keys()
        self.objects.append((label, value, type(value), frozenset(known)))

    def take_table(self, label: str, table: dict[str, Any], names: Iterable[str]) -> None:
        """Mark the functions in a table."""
        self.tables.append((label, table, {name: table[name] for name in names}))

    def changed(self) -> list[str]:
        """The names of what has changed, at most 20, sorted."""
        names = [label for label, mark in self.marked.items() if not as_marked(*mark)]
        for module, known in self.modules:  # a name like isinstance, defined there, goes before the built-in
            added = (vars(module).keys() - known) & vars(builtins).keys()
            names += [f"{module.__name__}.{name}" for name in added]
        for label, value, kind, methods in self.objects:
            names += [f"{label}.{name}" for name in methods & vars(value).keys()]
            names += [label] if type(value) is not kind else []
        for label, table, entries in self.tables:
            names += [f"{label} {name}" for name, one in entries.items() if table.get(name) != one]
        return sorted(set(names))[:MAX_NAMES]


def as_marked(owner: Any, name: str, value: Any, mark: tuple[Any, ...]) -> bool:
    """Whether an attribute is what it was: the same object, or after a reload a function of the same code."""
    now = inspect.getattr_static(owner, name, ABSENT)
    return (now is value or isinstance(now, FunctionType)) and mark_of(now) == mark


def mark_of(value: Any) -> tuple[Any, ...]:
    """What must stay as it is: of a function its code, defaults, and what it closes over; else the object."""
    if not isinstance(value, FunctionType):
        return (id(value),)
    cells = tuple(id(cell.cell_contents) for cell in value.__closure__ or () if has_contents(cell))
    digest = hashlib.blake2b(b"".join(bytes_of(value.__code__)), digest_size=16).digest()
    return (value.__code__, digest, repr(value.__defaults__), repr(value.__kwdefaults__), cells)


def bytes_of(code: CodeType) -> Iterator[bytes]:
    """The instructions of a function and of those inside it: memory can be written past Python's rules."""
    yield code.co_code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from bytes_of(constant)


def has_contents(cell: Any) -> bool:
    """Whether a closure's variable is bound."""
    try:
        cell.cell_contents  # noqa: B018 - reading it is the question
    except ValueError:
        return False
    return True


def names_of(owner: Any) -> list[str]:
    """The names that a module or a class defines or, a module, imports; of Python's own only functions."""
    return [
        name
        for name, value in vars(owner).items()
        if isinstance(value, FunctionType) or not name.startswith("_" if isinstance(owner, type) else "__")
    ]


def own_classes(module: ModuleType) -> list[type]:
    """The classes that a module defines."""
    return [
        one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__
    ]


def found(path: str) -> Any:
    """A module, or a class in one, by its dotted path."""
    module, _, name = path.rpartition(".")
    if name[:1].isupper():
        return getattr(importlib.import_module(module), name)
    return importlib.import_module(path)
