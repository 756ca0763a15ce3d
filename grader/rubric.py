"""What an instructor sets, in TOML: titles, points, thresholds, limits, and what is switched off.

A file of the instructor's holds only what it changes and is laid over the lab's own, key by key. Every
mistake in it is found at once and named with its line.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import UsageProblem
from grader.policies import NO_POLICY, Late, Policy
from grader.rubric_mistakes import Known, Mistake, find_gaps, find_mistakes


@dataclass(frozen=True)
class Task:
    """A task as the rubric words it for students."""

    id: str
    title: str
    asked: str


@dataclass(frozen=True)
class Rubric:
    """What is asked in one lab, and what it is worth.

    ``points`` are those of the checks that count into the maximum score, ``answers`` those of the
    written questions, which a program gives only where ``auto_answers``. ``bonus`` holds the points of
    the checks that come on top: earned they add to the score, and the maximum score is without them.
    ``thresholds`` holds what a check may have set, by check id. What is ``switched_off`` neither runs nor
    shows nor counts, and stands in none of the others. ``limits`` are those that it sets, by the names in
    ``grader.limits``; ``policies`` say what becomes of a score. ``private`` are the checks that students do
    not get; a threshold is a secret, so a check that has one is private unless the rubric says otherwise.
    ``looks_at`` names what a check judges that only a recorded run shows, "training" or other "calls".
    ``unlisted`` counts, by task, the checks that a student edition leaves out. ``sha256`` is that of
    everything here, so it changes with whatever is in effect.
    """

    title: str
    tasks: tuple[Task, ...]
    points: Mapping[str, float]
    sha256: str
    bonus: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    auto_answers: bool = False
    switched_off: frozenset[str] = frozenset()
    limits: Mapping[str, float] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    looks_at: Mapping[str, str] = field(default_factory=dict)
    unlisted: Mapping[str, int] = field(default_factory=dict)
    policies: Policy = NO_POLICY


class RubricProblem(UsageProblem):
    """A rubric with mistakes in it: the message names them all, ``mistakes`` is their number."""

    mistakes = 1


def _problem(place: Path, mistakes: Sequence[str]) -> RubricProblem:
    listed = [f"({number}) {text}" for number, text in enumerate(mistakes, 1)]
    several = f" has {len(mistakes)} mistakes: {' '.join(listed)}"
    problem = RubricProblem(f"the rubric {place}{f': {mistakes[0]}' if len(mistakes) == 1 else several}")
    problem.mistakes = len(mistakes)
    return problem


def read_rubric(title: str, own: Path, changes: Path | None, known: Known) -> Rubric:
    """A lab's own rubric with an instructor's changes.

    Args:
        title: the lab's, where no file gives one.
        own: the lab's own file, which lists every task and the points of every check it values.
        changes: a file that holds some of the same keys, or all.
        known: the ids there are. The tasks, and the checks with a threshold, are those of ``own``.

    Raises:
        UsageProblem: a file cannot be read.
        RubricProblem: a file is no TOML or has mistakes.
    """
    document = _read(own, lambda found: [*find_mistakes(found, known), *find_gaps(found)])
    if changes is not None:
        allowed = _those_of(document, known)
        document = _laid_over(document, _read(changes, lambda found: list(find_mistakes(found, allowed))))
    if "due" not in document.get("policies", {}).get("late", {"due": ""}):
        raise _problem(changes or own, ["[policies.late] needs due = …, the time when work is due"])
    return _in_effect(document, title, known)


def _read(place: Path, mistakes_in: Callable[[dict[str, Any]], list[Mistake]]) -> dict[str, Any]:
    try:
        raw = place.read_bytes()
    except OSError as error:
        raise UsageProblem(f"the rubric {place} cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _problem(place, [f"it is no valid TOML: no UTF-8 text (at line {line})"]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error).replace("end of document", f"line {text.count(chr(10)) + 1}, the end")
        raise _problem(place, [f"it is no valid TOML: {reason}"]) from error
    if found := mistakes_in(document):
        by_line = sorted(found, key=lambda mistake: mistake.line(text))
        raise _problem(place, [mistake.told(text) for mistake in by_line])
    return document


# ---- what is in effect -------------------------------------------------------------------------------


def _those_of(document: Mapping[str, Any], known: Known) -> Known:
    """What an instructor's file may name: the tasks and questions of the lab's own, its thresholds."""
    questions = known.questions
    return dataclasses.replace(
        known,
        tasks=tuple(document["tasks"]),
        thresholds=tuple(check for check, entry in document["checks"].items() if "threshold" in entry),
        questions=dict.fromkeys(document.get("answers", {}), "") if questions is None else questions,
    )


def _laid_over(own: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``changes`` over ``own``, key by key, in the order of ``own``."""
    merged = dict(own)
    for key, value in changes.items():
        below = own.get(key)
        merged[key] = (
            _laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
        )
    return merged


def _in_effect(document: Mapping[str, Any], title: str, known: Known) -> Rubric:
    tasks, entries = document["tasks"], document["checks"]
    closed = {task for task, entry in tasks.items() if not entry.get("enabled", True)}
    off = {
        check
        for check in known.checks
        if check.partition("/")[0] in closed or not entries.get(check, {}).get("enabled", True)
    }
    on = {check: entry for check, entry in entries.items() if check not in off}
    asked_in = known.questions or {}
    rubric = Rubric(
        title=document.get("lab", {}).get("title", title),
        tasks=tuple(
            Task(task, entry["title"], entry.get("asked", ""))
            for task, entry in tasks.items()
            if task not in closed
        ),
        points={
            check: float(entry.get("points", 0)) for check, entry in on.items() if not entry.get("bonus")
        },
        bonus={check: float(entry.get("points", 0)) for check, entry in on.items() if entry.get("bonus")},
        answers={
            question: float(points)
            for question, points in document.get("answers", {}).items()
            if asked_in.get(question) not in closed
        },
        thresholds={check: float(entry["threshold"]) for check, entry in on.items() if "threshold" in entry},
        auto_answers=document.get("lab", {}).get("auto_answers", document.get("auto_answers", False)),
        switched_off=frozenset(off),
        limits={name: float(value) for name, value in document.get("limits", {}).items()},
        private=frozenset(
            check for check, entry in on.items() if not entry.get("public", "threshold" not in entry)
        ),
        looks_at={check: entry["looks_at"] for check, entry in on.items() if "looks_at" in entry},
        unlisted={task: entry["unlisted"] for task, entry in tasks.items() if entry.get("unlisted")},
        policies=policy_of(document.get("policies", {})),
        sha256="",
    )
    return dataclasses.replace(rubric, sha256=_digest(rubric))


def policy_of(table: Mapping[str, Any]) -> Policy:
    """The policies that a valid ``[policies]`` table sets; a due time without a zone is this machine's."""
    late = table.get("late")
    if late is None:
        return Policy(**table)
    return Policy(**{**table, "late": Late(**{**late, "due": _due(late["due"])})})


def _due(value: datetime.date) -> str:
    """A due time in ISO 8601 with its offset; a day alone ends at midnight."""
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time(23, 59, 59))
    return (value if value.tzinfo else value.astimezone()).isoformat()


def _digest(rubric: Rubric) -> str:
    fields = dataclasses.asdict(rubric)
    if rubric.policies == NO_POLICY:
        del fields["policies"]  # a rubric without any is the one that it was before there were any
    content = json.dumps(fields, sort_keys=True, default=sorted)
    return hashlib.sha256(content.encode()).hexdigest()
