"""Searches for hyper-parameters: those that the stand-in for Ray ran, and those that only code shows."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.cnn.code import called, cells_with, code_of, ename, tree_of
from checks.kit import Cell, Event, Student
from checks.kit.student import Json

RAY = re.compile(r"^\s*(import|from) ray\b|\btune\.\w|\bray\.\w", re.MULTILINE)
LIBRARIES = re.compile(
    r"keras_?tuner|\bkt\.\w|optuna|hyperopt|skopt|scikit-optimize|bayes_opt|\btalos\b"
    r"|GridSearchCV|RandomizedSearchCV|ParameterGrid|ParameterSampler"
)
SEARCHES = frozenset(
    ("search", "optimize", "fmin", "GridSearchCV", "RandomizedSearchCV", "Scan", "maximize", "gp_minimize")
)
TRIAL = re.compile(r"train_?cnn", re.IGNORECASE)  # the handout's train_CNN, however it is written
PICKS = re.compile(
    r"\b(max|min|sorted|nlargest|nsmallest)\(|\.sort(_values)?\(|arg(max|min)|idx(max|min)|best",
    re.IGNORECASE,
)
MISSING = ("ModuleNotFoundError", "ImportError", "NameError")  # what a library that is not here leads to


@dataclass(frozen=True)
class Search:
    """One search as it was asked for, and what came of the few trials that were run.

    ``asked`` is the number of trials, ``configurations`` how many different ones the space holds (perhaps
    infinity), ``names`` what is drawn. ``reported`` are the metrics of the trials that ran to their end,
    ``errors`` those of the others.
    """

    cell: int
    asked: int
    configurations: float
    names: tuple[str, ...]
    metric: str
    tried: int
    reported: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Best:
    """The notebook asked for the best configuration: ``config`` is empty where there was none."""

    cell: int
    config: Mapping[str, str]


def read_searches(events: Sequence[Event]) -> tuple[Search, ...]:
    """The searches that the stand-in for Ray ran, in order."""
    return tuple(_search(event) for event in _told(events, "run"))


def read_bests(events: Sequence[Event]) -> tuple[Best, ...]:
    """Every time that the notebook asked for the best configuration."""
    return tuple(
        Best(event.cell, {str(name): str(value) for name, value in _items(event.data.get("config"))})
        for event in _told(events, "best")
    )


def _told(events: Sequence[Event], what: str) -> Iterator[Event]:
    return (event for event in events if event.kind == "search" and event.data.get("what") == what)


def _search(event: Event) -> Search:
    data = event.data
    trials = [one for one in _list(data.get("trials")) if isinstance(one, dict)]
    size = data.get("configurations")
    reported = {str(name) for one in trials for name in _list(one.get("reported"))}
    return Search(
        cell=event.cell,
        asked=data["samples"] if isinstance(data.get("samples"), int) else len(trials),
        configurations=size if isinstance(size, int) else math.inf,
        names=tuple(map(str, _list(data.get("space")))),
        metric=str(data.get("metric") or ""),
        tried=len(trials),
        reported=tuple(sorted(reported)),
        errors=tuple(str(one["error"]) for one in trials if one.get("error")),
    )


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _items(value: Json) -> list[tuple[Json, Json]]:
    return list(value.items()) if isinstance(value, dict) else []


# ---- what only the code shows ------------------------------------------------------------------------


def attempts(student: Student) -> tuple[Cell, ...]:
    """The cells that have to do with a search, by whatever means."""
    named = re.compile(f"{RAY.pattern}|{LIBRARIES.pattern}|def {TRIAL.pattern}", re.MULTILINE | re.IGNORECASE)
    return cells_with(student, named)


def by_other_means(student: Student) -> Cell | None:
    """A cell that clearly searches without Ray Tune: by another library, or in a loop over train_CNN."""
    library = bool(cells_with(student, LIBRARIES))
    for cell in student.cells:
        excused = not cell.error or (library and ename(cell) in MISSING)
        if excused and (_loops(cell) or (library and SEARCHES & {*called(tree_of(cell.source))})):
            return cell
    return None


def _loops(cell: Cell) -> bool:
    """Whether train_CNN is called again and again."""
    again = (ast.For, ast.While, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
    return any(
        TRIAL.fullmatch(name)
        for node in ast.walk(tree_of(cell.source))
        if isinstance(node, again) or _maps(node)
        for name in _named(node)
    )


def _maps(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and next(called(node), "") in ("map", "starmap", "imap")


def _named(node: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def picks_the_best(student: Student, first: int) -> bool:
    """Whether code from this cell on picks the best of several results by itself; 0 where Ray ran none."""
    cells = attempts(student)
    start = first or min((cell.number for cell in cells), default=0)
    excused = ("", *MISSING) if not first else ("",)
    later = [cell for cell in student.cells if cell.number >= start and ename(cell) in excused]
    return any(PICKS.search(code_of(cell.source)) and _speaks(cell) for cell in later)


def shows(student: Student, first: int, config: Mapping[str, str]) -> bool:
    """Whether a cell from this one on printed the configuration's names, or prints what it calls best."""
    return any(
        any(name in cell.text for name in config) or _prints_best(cell)
        for cell in student.cells
        if cell.number >= first
    )


def _speaks(cell: Cell) -> bool:
    """Whether a cell prints or shows anything of its own."""
    said = (line for line in cell.text.splitlines() if not line.startswith("[labgrade"))
    return "print" in cell.source or any(line.strip() for line in said)


def _prints_best(cell: Cell) -> bool:
    prints = (
        node
        for node in ast.walk(tree_of(cell.source))
        if isinstance(node, ast.Call) and {"print", "display"} & {*called(node)}
    )
    return not cell.error and any("best" in ast.unparse(node).lower() for node in prints)
