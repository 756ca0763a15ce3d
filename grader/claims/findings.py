"""The findings of one submission: what its saved outputs, its code and its answers say against each other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from checks.kit import Lab, Student
from checks.kit.saved import Doubt, Saved, SavedCell
from grader import labs
from grader.claims.epochs import other_epochs, unsupported_scores
from grader.claims.order import out_of_order
from grader.claims.reading import read_saved
from grader.claims.settings import unused_settings
from grader.claims.stale import stale_outputs
from grader.records import Answer, Finding

MOST = 30  # findings of one submission
Result = TypeVar("Result")
_log = logging.getLogger(__name__)


def saved_of(cells: Sequence[SavedCell]) -> Saved:
    """What the saved outputs say; nothing where our own code fails to read them. Never raises."""
    return next(iter(_quietly(lambda: (read_saved(tuple(cells)),))), Saved())


def claim_findings(
    lab: Lab,
    student: Student,
    saved: Saved,
    answers: Iterable[Answer],
    tasks: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Everything that does not fit together, by the order of the rules; each pair of places once.

    Never raises: a rule that fails is our own fault, says nothing, and is logged.

    Args:
        lab: the lab, whose own rules follow the common ones.
        student: the notebook as the grader ran it.
        saved: what the outputs say that were handed in.
        answers: the written answers that were found.
        tasks: only findings of these tasks, and those of none; all where empty.
    """
    doubts = [doubt for rule in _rules(lab, student, saved, answers) for doubt in _quietly(rule)]
    found: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for doubt in doubts:
        if not tasks or doubt.task in ("", *tasks):
            found.setdefault((doubt.kind, doubt.evidence), _finding(doubt))
    return tuple(found.values())[:MOST]


def _rules(
    lab: Lab, student: Student, saved: Saved, answers: Iterable[Answer]
) -> tuple[Callable[[], Iterable[Doubt]], ...]:
    texts = {answer.id: answer.text for answer in answers if answer.text}
    own = labs.load_trust(lab)
    common: tuple[Callable[[], Iterable[Doubt]], ...] = (
        lambda: out_of_order(saved),
        lambda: unused_settings(saved.cells),
        lambda: stale_outputs(saved),
        lambda: other_epochs(student, saved),
        lambda: unsupported_scores(saved),
    )
    return (*common, *(_bound(rule, student, saved, texts) for rule in own))


def _bound(
    rule: Callable[[Student, Saved, Mapping[str, str]], Iterable[Doubt]], student: Student, saved: Saved,
    texts: Mapping[str, str],
) -> Callable[[], Iterable[Doubt]]:  # fmt: skip
    return lambda: rule(student, saved, texts)


def _quietly(rule: Callable[[], Iterable[Result]]) -> tuple[Result, ...]:
    try:
        return tuple(rule())
    except Exception as error:  # noqa: BLE001 - our own fault, whatever it is, must accuse nobody
        _log.warning("a rule on saved outputs failed", exc_info=error)
        return ()


def _finding(doubt: Doubt) -> Finding:
    return Finding(doubt.kind, doubt.task, doubt.message, doubt.evidence)
