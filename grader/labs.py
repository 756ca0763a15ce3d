"""The labs there are, found by discovery: every package under ``checks/`` that binds ``LAB``."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import checks
from checks.kit import AccuracyRow, Check, Fit, Lab, PictureRule, Probe, Student, TrustRule
from checks.kit.fault import HandIn
from grader import limits, questions
from grader.errors import UsageProblem
from grader.records import Settings
from grader.rubric import Rubric, RubricProblem, Task, read_rubric
from grader.rubric_mistakes import Known, did_you_mean

__all__ = [
    "Accuracies",
    "Rubric",
    "Task",
    "check_rubric",
    "every_check",
    "folder_of",
    "has_policies",
    "keeps_attempts",
    "lab_ids",
    "load_accuracies",
    "load_checks",
    "load_everything",
    "load_lab",
    "load_pictures",
    "load_rubric",
    "load_trust",
    "longest_notebook_s",
    "modules_of_checks",
    "recognise",
    "task_ids",
    "typical_hand_in",
]  # fmt: skip

LEAST_EVIDENCE = 2.0  # markers below this weight do not make a notebook a lab's
SEARCHED = 1_000_000  # characters of a notebook, and of one of its lines: a marker's .* takes time
SEARCHED_LINE = 400


@functools.cache
def lab_ids() -> tuple[str, ...]:
    """The ids of all labs, sorted."""
    found = sorted(module.name for module in pkgutil.iter_modules(checks.__path__) if module.ispkg)
    return tuple(name for name in found if (Path(checks.__path__[0]) / name / "rubric.toml").exists())


def folder_of(lab: str) -> Path:
    """The folder of a lab's checks, rubric and questions."""
    return Path(checks.__path__[0]) / lab


def load_lab(lab: str) -> Lab:
    """The lab of that id.

    Raises:
        UsageProblem: there is none; the message names those that exist.
    """
    if lab not in lab_ids():
        guess = did_you_mean(lab, lab_ids()) or "."
        raise UsageProblem(f"unknown lab {lab!r}{guess} The labs are: {', '.join(lab_ids())}.")
    found = importlib.import_module(f"checks.{lab}").LAB
    if not isinstance(found, Lab):
        raise TypeError(f"checks/{lab}/__init__.py must bind LAB to a Lab")
    return found


def load_checks(lab: Lab, training: str = "budget") -> tuple[Check, ...]:
    """The checks of a lab at a level of training, in the order of ``every_check``."""
    return tuple(one for one in every_check(lab) if training == "full" or not one.full)


def every_check(lab: Lab) -> tuple[Check, ...]:
    """Every check of a lab: the modules in the lab's order, checks in the order of their lines."""
    return tuple(modules_of_checks(lab))


def modules_of_checks(lab: Lab) -> dict[Check, str]:
    """Every check of a lab, in order, with the name of the topic module that binds it."""
    found: dict[Check, str] = {}
    for module in lab.modules:
        members = vars(importlib.import_module(f"checks.{lab.id}.{module}")).values()
        found |= {one: module for one in members if isinstance(one, Check) and one not in found}
    return found


def load_trust(lab: Lab) -> tuple[TrustRule, ...]:
    """A lab's own rules on what a submission claims: ``RULES`` of its module ``trust``, if it names one."""
    if not lab.trust:
        return ()
    return tuple(importlib.import_module(f"checks.{lab.id}.{lab.trust}").RULES)


def load_pictures(lab: Lab) -> tuple[PictureRule, ...]:
    """A lab's own rules on what to show of a submission: ``PICTURES`` of its module ``shows``, if any."""
    if not lab.shows:
        return ()
    return tuple(importlib.import_module(f"checks.{lab.id}.{lab.shows}").PICTURES)


def load_everything(lab: Lab) -> None:
    """Load every module of a lab that judges, so that processes forked from this one have them."""
    every_check(lab)
    for module in (lab.trust, lab.shows, lab.accuracies):
        if module:
            importlib.import_module(f"checks.{lab.id}.{module}")


@dataclass(frozen=True)
class Accuracies:
    """A lab's own words on accuracies: the rows of the table, and the images to ask a trained network for."""

    rows: Callable[[Student], tuple[AccuracyRow, ...]] = lambda _: ()
    probes: Callable[[Student, Fit], tuple[Probe, ...]] = lambda *_: ()


def load_accuracies(lab: Lab) -> Accuracies:
    """What the lab's module ``accuracies`` says, if the lab names one."""
    if not lab.accuracies:
        return Accuracies()
    module = importlib.import_module(f"checks.{lab.id}.{lab.accuracies}")
    return Accuracies(module.rows, module.probes)


def typical_hand_in(lab: str) -> HandIn | None:
    """The typical student's work of a lab, which ``labgrade audit`` edits, if the lab has one."""
    if lab not in lab_ids() or importlib.util.find_spec(f"checks.{lab}.faults") is None:
        return None
    found = getattr(importlib.import_module(f"checks.{lab}.faults"), "HAND_IN", None)
    return found if isinstance(found, HandIn) else None


def task_ids(lab: str) -> tuple[str, ...]:
    """The ids of a lab's tasks, in the rubric's order."""
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
    """A lab's rubric, with the changes in the file ``path`` where one is given.

    A class folder may hold hand-ins of several labs: a file that is right for another lab changes nothing
    of this one.

    Raises:
        UsageProblem: a file is missing, no TOML, or has mistakes; the message names them all.
    """
    try:
        return _rubric(lab, path)
    except RubricProblem:
        others = (load_lab(other) for other in lab_ids() if other != lab.id)
        if path is None or not any(_is_right(path, other) for other in others):
            raise
        return _rubric(lab, None)


def _is_right(path: Path, lab: Lab) -> bool:
    try:
        _rubric(lab, path)
    except UsageProblem:
        return False
    return True


def _rubric(lab: Lab, path: Path | None) -> Rubric:
    folder = Path(checks.__path__[0]) / lab.id
    known = Known(
        checks=tuple(check.id for check in every_check(lab)), questions=_questions(questions.file_of(folder))
    )
    return read_rubric(lab.title, folder / "rubric.toml", path, known)


def longest_notebook_s(settings: Settings) -> float:
    """The longest that a notebook of any lab may run with these settings, further runs included.

    Reads the rubrics' ``[limits]`` alone, so that no check needs to be loaded.

    Raises:
        UsageProblem: the lab that the settings name does not exist.
    """
    chosen = [load_lab(settings.lab).id] if settings.lab else lab_ids()
    common = _limits_in(settings.rubric) if settings.rubric else {}
    own = [_limits_in(Path(checks.__path__[0]) / lab / "rubric.toml") for lab in chosen]
    patience = limits.for_training(settings.training)
    return max(limits.in_effect(patience, one, common, settings.limits).notebook_s for one in own)


def has_policies(settings: Settings) -> bool:
    """Whether a rubric that may be in effect sets policies; no check needs to be loaded for it."""
    return bool(_policies(settings.lab, settings.rubric))


def keeps_attempts(lab: str | None, rubric: Path | None) -> bool:
    """Whether a rubric that may be in effect says which of several attempts counts."""
    return any("attempts" in table for table in _policies(lab, rubric))


def _policies(lab: str | None, rubric: Path | None) -> list[Mapping[str, Any]]:
    own = [Path(checks.__path__[0]) / one / "rubric.toml" for one in ([lab] if lab else lab_ids())]
    found = [_table_in(place, "policies") for place in ([rubric] if rubric else []) + own]
    return [table for table in found if table]


def _limits_in(rubric: Path) -> Mapping[str, float]:
    return {
        name: value
        for name, value in _table_in(rubric, "limits").items()
        if name in limits.NAMES and isinstance(value, int | float)
    }


def _table_in(rubric: Path, name: str) -> Mapping[str, Any]:
    try:
        found = tomllib.loads(rubric.read_text("utf-8-sig")).get(name, {})
    except (OSError, ValueError):
        return {}  # said where the rubric is read
    return found if isinstance(found, dict) else {}


def check_rubric(path: Path, labs: Iterable[str]) -> None:
    """See that the rubric in ``path`` is right for at least one of the labs with these ids.

    Raises:
        UsageProblem: it is for none; the mistakes named are those for the lab that it fits best.
    """
    problems: list[UsageProblem] = []
    for lab in labs:
        try:
            _rubric(load_lab(lab), path)
        except UsageProblem as problem:
            problems.append(problem)
        else:
            return
    raise min(problems, key=lambda problem: problem.mistakes if isinstance(problem, RubricProblem) else 0)


def _questions(place: Path | None) -> Mapping[str, str] | None:
    """Each written question of a lab with its task, or ``None`` where the lab lists none."""
    if place is None:
        return None
    listed = tomllib.loads(place.read_text("utf-8")).get("questions", {})
    return {question: str(about.get("task", "")) for question, about in listed.items()}
