"""What can be wrong with a rubric, and in which line; nothing here reads a file."""

from __future__ import annotations

import bisect
import datetime
import difflib
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader import limits

LARGEST = 1e9  # of any number in a rubric: a larger one is a slip, and sums stay finite


@dataclass(frozen=True)
class Known:
    """The ids that a rubric may name; ``None`` where it may name any.

    ``questions`` maps the written questions to their tasks, "" where that is not known.
    ``thresholds`` are the checks that have one to set.
    """

    checks: Collection[str]
    questions: Mapping[str, str] | None = None
    tasks: Collection[str] | None = None
    thresholds: Collection[str] | None = None


@dataclass(frozen=True)
class Mistake:
    """One mistake: the keys that lead to it, what is wrong, and the rest of the sentence."""

    path: tuple[str, ...]
    subject: str
    rest: str = ""

    def line(self, text: str) -> int:
        """Where it stands in the file's ``text``; 0 for what is missing from the whole."""
        return line_of(text, self.path) if self.path else 0

    def told(self, text: str) -> str:
        """The whole sentence, with its line."""
        where = f" in line {self.line(text)}" if self.path else ""
        return f"{self.subject}{where}{self.rest}"


@dataclass(frozen=True)
class Kind:
    """What a value must be, in words and as a test."""

    wanted: str
    fits: Callable[[Any], bool]


def _is_number(value: Any, least: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= LARGEST


def _limit(name: str) -> Kind:
    least, most = limits.least(name), limits.most(name)
    return Kind(
        f"a number from {least:g} to {most:g}", lambda value: _is_number(value, least) and value <= most
    )


TEXT = Kind("a text", lambda value: isinstance(value, str))
SWITCH = Kind("true or false", lambda value: isinstance(value, bool))
POINTS = Kind("a number that is not negative", lambda value: _is_number(value, 0))
PERCENT = Kind("a number from 0 to 100", lambda value: _is_number(value, 0) and value <= 100)
NUMBER = Kind("a number", lambda value: _is_number(value, -LARGEST))
COUNT = Kind("a whole number that is not negative", lambda value: type(value) is int and value >= 0)
LOOKED_AT = ("training", "calls")  # what a check may look at that only a recorded run shows
EVIDENCE = Kind('"training" or "calls"', lambda value: value in LOOKED_AT)

LAB_KEYS = {"title": TEXT, "auto_answers": SWITCH}
TOP_KEYS = {"auto_answers": SWITCH}
TASK_KEYS = {"title": TEXT, "asked": TEXT, "enabled": SWITCH, "unlisted": COUNT}
CHECK_KEYS = {
    "points": POINTS, "enabled": SWITCH, "bonus": SWITCH, "threshold": NUMBER, "public": SWITCH,
    "looks_at": EVIDENCE,
}  # fmt: skip
LIMIT_KEYS = {name: _limit(name) for name in limits.NAMES}
POLICY_KEYS = {
    "attempts": Kind('"last" or "best"', lambda value: value in ("last", "best")),
    "most_bonus": POINTS,
    "cap_percent": POINTS,
    "decimals": Kind("a whole number from 0 to 6", lambda value: type(value) is int and 0 <= value <= 6),
}
LATE_KEYS = {
    "due": Kind(
        "a date or a time without quotes, such as 2026-03-01T23:59:00+01:00",
        lambda value: isinstance(value, datetime.date),  # a time is one too
    ),
    "grace_minutes": POINTS,
    "percent_per_day": PERCENT,
    "free_days": POINTS,
    "most_percent": PERCENT,
}
TABLES = ("lab", "tasks", "checks", "answers", "limits", "policies")


def find_mistakes(document: Mapping[str, Any], known: Known) -> Iterator[Mistake]:
    """Everything that a rubric names wrongly or gives a wrong value."""
    for name, table in document.items():
        if name in TOP_KEYS:
            yield from _wrong_keys((), "the rubric", {name: table}, TOP_KEYS)
        elif name not in TABLES:
            yield Mistake((name,), f"unknown table [{name}]", did_you_mean(name, TABLES))
        elif not isinstance(table, dict):
            yield Mistake((name,), f"[{name}]", " must be a table")
        elif name == "lab":
            yield from _wrong_keys(("lab",), "the lab", table, LAB_KEYS)
        elif name == "limits":
            yield from _wrong_keys(("limits",), "the limits", table, LIMIT_KEYS)
        elif name == "policies":
            yield from _wrong_policies(table)
        elif name == "tasks":
            yield from _wrong_entries("task", table, known.tasks, lambda _: TASK_KEYS)
        elif name == "checks":
            yield from _wrong_entries("check", table, known.checks, lambda check: _check_keys(check, known))
        else:
            yield from _wrong_answers(table, known.questions)


def _wrong_policies(table: dict[str, Any]) -> Iterator[Mistake]:
    late = table.get("late", {})
    others = {key: value for key, value in table.items() if key != "late"}
    yield from _wrong_keys(("policies",), "the policies", others, POLICY_KEYS)
    if isinstance(late, dict):
        yield from _wrong_keys(("policies", "late"), "the late policy", late, LATE_KEYS)
    else:
        yield Mistake(("policies", "late"), "late of the policies", " must be a table: [policies.late]")


def _wrong_entries(
    word: str, table: dict[str, Any], ids: Collection[str] | None, keys: Callable[[str], dict[str, Kind]]
) -> Iterator[Mistake]:
    for name, entry in table.items():
        path = (f"{word}s", name)
        if ids is not None and name not in ids:
            yield Mistake(path, f"unknown {word} {name!r}", _unquoted(word, name, entry, ids))
        elif not isinstance(entry, dict):
            yield Mistake(path, f"{word} {name!r}", f' must be a table: [{word}s."{name}"]')
        else:
            yield from _wrong_keys(path, f"{word} {name!r}", entry, keys(name))


def _wrong_keys(
    path: tuple[str, ...], owner: str, entry: dict[str, Any], keys: dict[str, Kind]
) -> Iterator[Mistake]:
    for key, value in entry.items():
        if key not in keys:
            rest = "; there is none to set" if key in CHECK_KEYS else did_you_mean(key, keys)
            yield Mistake((*path, key), f"unknown key {key!r} of {owner}", rest)
        elif not keys[key].fits(value):
            yield Mistake((*path, key), f"{key} of {owner}", _must_be(keys[key], value))


def _wrong_answers(table: dict[str, Any], questions: Collection[str] | None) -> Iterator[Mistake]:
    for question, value in table.items():
        path = ("answers", question)
        if questions is not None and question not in questions:
            yield Mistake(path, f"unknown question {question!r}", did_you_mean(question, questions))
        elif not POINTS.fits(value):
            yield Mistake(path, f"points of question {question!r}", _must_be(POINTS, value))


def find_gaps(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """What a lab's own rubric lacks."""
    for name, key in (("tasks", "title"), ("checks", "points")):
        if not document.get(name):
            yield Mistake((), f"there is no [{name}] table")
        elif isinstance(document[name], dict):
            for one, entry in document[name].items():
                if isinstance(entry, dict) and key not in entry:
                    yield Mistake((name, one), f'[{name}."{one}"]', f" needs {key} = …")


def _check_keys(check: str, known: Known) -> dict[str, Kind]:
    if known.thresholds is None or check in known.thresholds:
        return CHECK_KEYS
    return {key: kind for key, kind in CHECK_KEYS.items() if key != "threshold"}


def _must_be(kind: Kind, value: Any) -> str:
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return f" must be {kind.wanted}, not {shown if len(shown) <= 40 else f'{shown[:40]}…'}"


def _unquoted(word: str, name: str, entry: Any, ids: Collection[str]) -> str:
    """The advice for an unknown id: TOML reads ``[tasks.4.1]`` as a task 4 with a table 1."""
    inner = entry if isinstance(entry, dict) else {}
    whole = next((f"{name}.{key}" for key in inner if f"{name}.{key}" in ids), None)
    if whole is None:
        return did_you_mean(name, ids)
    return f'; an id with a dot stands in quotes: [{word}s."{whole}"]'


def did_you_mean(wrong: str, ids: Collection[str]) -> str:
    """``"; did you mean '4.1'?"`` with the id that is most like ``wrong``, or ``""`` if none is."""
    spelled = {known.casefold(): known for known in ids}
    near = difflib.get_close_matches(wrong.casefold(), spelled, n=1)
    return f"; did you mean {spelled[near[0]]!r}?" if near else ""


def line_of(text: str, path: Sequence[str]) -> int:
    """The line, from 1, in which a valid TOML ``text`` first names the key at the end of ``path``.

    tomllib tells no lines. But a beginning of the text that stops inside a statement is no valid TOML,
    so the statement is what stands between the first valid beginning with the key and the one before.
    """
    lines = text.split("\n")

    def beginning(count: int) -> tuple[int, Any]:
        """The longest valid beginning of at most ``count`` lines: its length, and what it holds."""
        while True:
            try:
                return count, tomllib.loads("\n".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                count -= 1

    def holds(count: int) -> bool:
        _, found = beginning(count)
        for key in path:
            if not isinstance(found, dict) or key not in found:
                return False
            found = found[key]
        return True

    last = bisect.bisect_left(range(len(lines) + 1), True, key=holds)
    return beginning(last - 1)[0] + 1
