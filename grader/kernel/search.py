"""A stand-in for Ray, which takes minutes and many processes to search for hyper-parameters.

``import ray`` and everything below it finds modules made here, whether Ray is installed or not. They share
one table of names, since Ray itself has had the same function in ``ray.tune``, ``ray.train`` and ``ray.air``.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from . import search_space
from .recording import Log
from .search_results import Anything
from .search_trials import ReportCallback, Trainable, Tune, TuneError, Tuner, with_parameters, with_resources

VERSION = "2.50.0"
SPACE = (
    "choice", "uniform", "loguniform", "randn", "randint", "lograndint", "quniform", "qloguniform", "qrandn",
    "qrandint", "qlograndint", "grid_search", "sample_from",
)  # fmt: skip
CALLBACKS = ("TuneReportCallback", "TuneReportCheckpointCallback", "ReportCheckpointCallback")
MODULES = frozenset(
    (
        "air", "analysis", "basic_variant", "bayesopt", "callback", "callbacks", "config", "data", "error",
        "execution", "experiment", "hyperopt", "integration", "integrations", "keras", "logger", "optuna",
        "registry", "result", "result_grid", "sample", "schedulers", "search", "session", "stopper",
        "suggest", "tensorflow", "train", "trainable", "tune", "tuner", "util", "utils",
    )
)  # fmt: skip


def install(log: Log, seed: int) -> None:
    """Have ``import ray`` find the stand-in."""
    sys.meta_path.insert(0, Finder(names_of(Tune(log, seed))))


def names_of(tune: Tune) -> dict[str, Any]:
    """Everything that the stand-in knows, by Ray's name for it."""
    made = {name: type(name, (ReportCallback,), {"tune": tune}) for name in CALLBACKS}
    return {
        "__version__": VERSION,
        **{name: getattr(search_space, name) for name in SPACE},
        **made,
        "Tuner": type("Tuner", (Tuner,), {"tune": tune}),
        "Trainable": Trainable, "TuneError": TuneError,
        "run": tune.run, "report": tune.report, "register_trainable": tune.register_trainable,
        "with_parameters": with_parameters, "with_resources": with_resources,
        "get_checkpoint": lambda: None,
        **_cluster(),
    }  # fmt: skip


def _cluster() -> dict[str, Any]:
    """Ray's core, where all work is done at once and in this process."""
    started: list[bool] = []
    return {
        "init": lambda *_, **__: started.append(True) or Anything(),  # type: ignore[func-returns-value]
        "shutdown": lambda *_, **__: started.clear(),
        "is_initialized": lambda: bool(started),
        "cluster_resources": lambda: {"CPU": 1.0},
        "available_resources": lambda: {"CPU": 1.0},
        "put": lambda value, **_: value,
        "get": lambda value, **_: value,
        "wait": lambda values, **_: (list(values), []),
        "remote": remote,
    }


def remote(*args: Any, **_: Any) -> Any:
    """``@ray.remote`` and ``@ray.remote(num_cpus=1)``: a function with a ``.remote(…)`` that calls it."""
    return Remote(args[0]) if args else Remote


class Remote:
    """A function, class or method that is called at once by ``remote``."""

    def __init__(self, target: Callable[..., Any]) -> None:
        self.target = target

    def options(self, **_: Any) -> Remote:
        """Resources change nothing here."""
        return self

    def remote(self, *args: Any, **options: Any) -> Any:
        """The result itself; for a class an actor, whose methods have ``remote`` in their turn."""
        result = self.target(*args, **options)
        return Actor(result) if isinstance(self.target, type) else result


class Actor:
    """An object whose methods are called by ``remote``."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def __getattr__(self, name: str) -> Remote:
        return Remote(getattr(self.held, name))


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes ``ray`` and every module below it."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for Ray's modules, ``None`` for all others."""
        if fullname.partition(".")[0] != "ray":
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """A module that answers for every name."""
        return Stand(spec.name, self.names)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class Stand(ModuleType):
    """One module of the stand-in: a name of the table, a module below this one, or ``Anything``."""

    def __init__(self, name: str, names: Mapping[str, Any]) -> None:
        super().__init__(name, "A stand-in of the grader for a module of Ray.")
        self._names = names

    def __getattr__(self, name: str) -> Any:
        names = self.__dict__.get("_names", {})
        if name in names:
            return names[name]
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name in MODULES:
            return importlib.import_module(f"{self.__name__}.{name}")
        return type(name, (Anything,), {}) if name[:1].isupper() else Anything()
