"""The labs there are, found by discovery: every package under ``checks/`` that binds ``LAB``."""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib
import math
import pkgutil
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import checks
from checks.kit import Check, Lab
from grader.errors import UsageProblem

LEAST_EVIDENCE = 2.0  # markers below this weight do not make a notebook a lab's
SEARCHED = 1_000_000  # characters of a notebook, and of one of its lines: a marker's .* takes time
SEARCHED_LINE = 400


@dataclass(frozen=True)
class Task:
    """A task as the rubric words it for students."""

    id: str
    title: str
    asked: str


@dataclass(frozen=True)
class Rubric:
    """Titles and points of one lab. ``sha256`` is the file's."""

    title: str
    tasks: tuple[Task, ...]
    points: dict[str, float]
    sha256: str


@functools.cache
def lab_ids() -> tuple[str, ...]:
    """The ids of all labs, sorted."""
    found = sorted(module.name for module in pkgutil.iter_modules(checks.__path__) if module.ispkg)
    return tuple(name for name in found if (Path(checks.__path__[0]) / name / "rubric.toml").exists())


def load_lab(lab: str) -> Lab:
    """The lab of that id.

    Raises:
        UsageProblem: there is none; the message names those that exist.
    """
    if lab not in lab_ids():
        near = difflib.get_close_matches(lab, lab_ids(), n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageProblem(f"unknown lab {lab!r}{guess} The labs are: {', '.join(lab_ids())}.")
    found = importlib.import_module(f"checks.{lab}").LAB
    if not isinstance(found, Lab):
        raise TypeError(f"checks/{lab}/__init__.py must bind LAB to a Lab")
    return found


def load_checks(lab: Lab) -> tuple[Check, ...]:
    """Every check of a lab: the modules in the lab's order, checks in the order of their lines."""
    found: list[Check] = []
    for module in lab.modules:
        members = vars(importlib.import_module(f"checks.{lab.id}.{module}")).values()
        found += [member for member in members if isinstance(member, Check) and member not in found]
    return tuple(found)


def task_ids(lab: str) -> tuple[str, ...]:
    """The ids of a lab's tasks that have checks, in the rubric's order."""
    return tuple(task.id for task in load_rubric(load_lab(lab)).tasks)


def recognise(text: str, helper_text: str = "") -> Lab | None:
    """The lab whose markers weigh most in a notebook's text, or ``None`` if no lab's weigh enough."""
    parts = (text[:SEARCHED], helper_text[:SEARCHED])
    whole = "\n".join(line[:SEARCHED_LINE] for part in parts for line in part.splitlines())
    weights = {lab: _weight(load_lab(lab), whole) for lab in lab_ids()}
    best = max(weights, key=lambda lab: weights[lab], default=None)
    return load_lab(best) if best is not None and weights[best] >= LEAST_EVIDENCE else None


def _weight(lab: Lab, text: str) -> float:
    return sum(marker.weight for marker in lab.markers if re.search(marker.pattern, text, re.IGNORECASE))


def load_rubric(lab: Lab, path: Path | None = None) -> Rubric:
    """A lab's rubric, or the one in ``path``.

    Raises:
        UsageProblem: the file is missing, no TOML, or lacks something; the message names the place.
    """
    place = path or Path(checks.__path__[0]) / lab.id / "rubric.toml"
    try:
        raw = place.read_bytes()
        document = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise UsageProblem(f"the rubric {place} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageProblem(f"the rubric {place} is no valid TOML: {error}") from error
    tasks = tuple(_task(place, task, entry) for task, entry in _table(place, document, "tasks").items())
    points = {
        check: _points(place, check, entry) for check, entry in _table(place, document, "checks").items()
    }
    about = document.get("lab", {})
    title = about.get("title", lab.title) if isinstance(about, dict) else None
    if not isinstance(title, str):
        raise UsageProblem(f'the rubric {place}: [lab] is a table with title = "…"')
    return Rubric(title, tasks, points, hashlib.sha256(raw).hexdigest())


def _table(place: Path, document: dict[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name)
    if not isinstance(table, dict) or not table:
        raise UsageProblem(f"the rubric {place} has no [{name}] table")
    return table


def _task(place: Path, task: str, entry: Any) -> Task:
    if not isinstance(entry, dict) or not isinstance(entry.get("title"), str):
        raise UsageProblem(f'the rubric {place}: [tasks."{task}"] needs a title')
    return Task(task, entry["title"], str(entry.get("asked", "")))


def _points(place: Path, check: str, entry: Any) -> float:
    points = entry.get("points") if isinstance(entry, dict) else None
    if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points < math.inf:
        raise UsageProblem(
            f'the rubric {place}: [checks."{check}"] needs points = a number that is not negative'
        )
    return float(points)
