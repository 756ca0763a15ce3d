"""What a right answer says: the facts that the lab asks for, and the reference's own answer."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from grader.answers import find_answers
from grader.errors import UsageProblem
from grader.judging.rules import load_rules
from grader.questions import load_questions

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Model:
    """``facts`` name what a right answer holds, ``enough`` how many of them; ``wrong`` are known mistakes.

    ``text`` is the answer in the reference solution, "" where there is none here.
    """

    facts: tuple[str, ...] = ()
    enough: int = 0
    wrong: tuple[str, ...] = ()
    text: str = ""


def model_of(lab: str, question: str) -> Model:
    """The model answer to a question of a lab; an empty one where nothing is known."""
    rule = load_rules(lab).by_question.get(question)
    text = _reference_answers(lab).get(question, "")
    if rule is None:
        return Model(text=text)
    facts = tuple(fact.idea for fact in rule.facts)
    return Model(facts, rule.enough, tuple(slip.because for slip in rule.wrong), text)


def read_ahead(labs: Iterable[str]) -> None:
    """Read the reference's answers, which takes seconds, before the first page needs them."""
    for lab in labs:
        _reference_answers(lab)


@functools.cache
def _reference_answers(lab: str) -> dict[str, str]:
    """The answers in a lab's reference solution, where that is installed."""
    try:
        from grader.editions import reference_of, solution  # noqa: PLC0415 - takes a second, and only here

        cells = solution(reference_of(lab)).notebook.cells
        return {answer.id: answer.text for answer in find_answers(load_questions(lab), cells)}
    except (ImportError, UsageProblem, OSError):
        return {}
    except Exception as error:  # noqa: BLE001 - a reference that cannot be read must not keep anybody from marking
        _log.warning("the reference of %s has no answers", lab, exc_info=error)
        return {}
