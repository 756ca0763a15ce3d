"""Task P2.4: whether the best case was named, and whether it is the best by the notebook's own numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from checks.kit import Failure, Student
from checks.project4.vgg_cases import Recognised, recognise
from checks.project4.vgg_charts import counts_of
from checks.project4.vgg_tests import nothing_trained, tests_of

BEST = r"\b(?:best|winner|winning|wins|won|highest|top|superior|champion|outperform\w*)\b"
CASE = r"\b(?:case|model|fall|run|setting|network|vgg)[\s_#:'\"]*(\d)\b"
NAMED = (
    re.compile(rf"{BEST}[^\n.]{{0,120}}?{CASE}", re.IGNORECASE),
    re.compile(rf"{CASE}[^\n.]{{0,120}}?{BEST}", re.IGNORECASE),
    re.compile(rf"{BEST}[^\n.\d]{{0,60}}(\d)\b(?![.,]\d)", re.IGNORECASE),
)


def judge_winner(student: Student) -> str | None:
    """Raise Failure unless a case is named as the best, and it is the best by some number of the run.

    A name in Markdown, or written into a ``print``, is about the student's own run at home: the numbers of
    the shortened run here say nothing about it.
    """
    cases = [one for one in recognise(student) if one.run is not None]
    if not cases:
        raise nothing_trained(student)
    if any(_named(text) for text in student.texts):
        return None
    found = [(cell, number) for cell in student.cells for number in _named(cell.text)]
    if not found:
        raise Failure(
            "No case is named as the best.",
            expected="a sentence, printed or in a text cell, that names the winner by your own numbers",
            received="neither a printed line nor a text cell that names one",
            hint="Which case classified the most test images correctly? Say so, with its number.",
        )
    computed = [number for cell, number in found if not _named(cell.source)]
    if computed and len(cases) > 1:
        _require_best(student, cases, computed)
    return None


def _named(text: str) -> list[int]:
    """The numbers of the cases that a text calls the best."""
    return [int(match[1]) for pattern in NAMED for match in pattern.finditer(text) if 1 <= int(match[1]) <= 8]


def _require_best(student: Student, cases: Sequence[Recognised], named: Sequence[int]) -> None:
    """Raise Failure where the computed winner is the best by no number that was measured."""
    rankings = [one for one in _rankings(student, cases) if len(one) == len(cases)]
    possible = {number for ranking in rankings for number in _leaders(ranking)}
    if not rankings or possible & {*named, *(number + 1 for number in named)}:
        return
    best = sorted(possible)
    raise Failure(
        f"Case {named[0]} is printed as the winner, and by the notebook's own numbers it is not.",
        expected=f"case {' or '.join(map(str, best))}, which has the highest accuracy or the lowest loss",
        received=f"case {named[0]}",
        hint="Is the largest accuracy looked for, or the smallest, and of the test images?",
    )


def _rankings(student: Student, cases: Sequence[Recognised]) -> Iterator[dict[int, float]]:
    """For each number by which a case may win: its value by case, larger is better."""
    counts = {one.case: float(one.correct) for one in counts_of(student, cases)}
    yield counts
    for place, sign in ((0, -1.0), (1, 1.0)):
        yield {
            case.training.number: sign * value
            for case in cases
            if (value := _score(student, case, place)) is not None
        }
    for name, sign in (("val_accuracy", 1.0), ("val_acc", 1.0), ("val_loss", -1.0)):
        yield _by_history(cases, name, sign, last=True)
        yield _by_history(cases, name, sign, last=False)


def _score(student: Student, case: Recognised, place: int) -> float | None:
    for use in reversed(tests_of(student, case)):
        if use.kind == "evaluate" and len(use.scores) > place:
            value = use.scores[place]
            return math.inf if value is None and place == 0 else value
    return None


def _by_history(cases: Sequence[Recognised], name: str, sign: float, *, last: bool) -> dict[int, float]:
    found: dict[int, float] = {}
    for case in cases:
        values = [v for v in (case.run.last.history.get(name, ()) if case.run else ()) if v is not None]
        if values:
            found[case.training.number] = sign * values[-1] if last else max(sign * value for value in values)
    return found


def _leaders(ranking: dict[int, float]) -> Iterator[int]:
    best = max(ranking.values())
    yield from (number for number, value in ranking.items() if value >= best - 1e-6)
