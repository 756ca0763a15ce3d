"""Which question a number means in one notebook: handouts number the same questions differently."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.prose import Piece
from grader.questions import Questions
from grader.wording import HEAD, asking, weight, words

CANDIDATES = 3_000  # texts of a notebook that are compared with the questions; real ones have about 100
LEAST_WITHOUT_NUMBER = 3  # words of a question that must be there where no number says which it is
LEAST = 2
_SECTION = re.compile(r"(?:part|del)?\s*(\d{1,2}(?:\.\d)?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A question's own text, found at piece ``at`` under ``number``, if any."""

    at: int
    number: int | None
    id: str


@dataclass(frozen=True)
class Numbering:
    """What the numbers of one notebook mean."""

    questions: Questions
    asked: tuple[Asked, ...]
    straight: bool  # no number is given twice, as in a handout that counts on

    @functools.cached_property
    def _by_place(self) -> dict[int, str]:
        return {one.at: one.id for one in self.asked}

    @functools.cached_property
    def _by_number(self) -> dict[int, list[Asked]]:
        found: dict[int, list[Asked]] = {}
        for one in self.asked:
            if one.number is not None:
                found.setdefault(one.number, []).append(one)
        return found

    def at(self, index: int) -> str | None:
        """The question whose text stands at piece ``index``, or ``None``."""
        return self._by_place.get(index)

    def means(
        self, number: int, letter: str, index: int, section: str, answered: frozenset[str]
    ) -> str | None:
        """The question that ``number`` means at piece ``index``, below the headings of task ``section``."""
        if letter and any(f"Q{number}{letter}" == question.id for question in self.questions.items):
            return f"Q{number}{letter}"
        if same := self._by_number.get(number):
            return same[max(0, bisect.bisect_right(same, index, key=lambda one: one.at) - 1)].id
        return self._counted(number, index) or self._printed(number, section, answered)

    def _counted(self, number: int, index: int) -> str | None:
        """The question that follows from the one asked before it, where that is asked nowhere else."""
        numbered = self._numbered
        before = bisect.bisect_left(numbered, index, key=lambda one: one.at) - 1
        if before < 0:
            return None
        last = numbered[before]
        place = self.questions.place(last.id) + number - (last.number or 0)
        if not 0 <= place < len(self.questions.items):
            return None
        found = self.questions.items[place].id
        return None if found in self._ids else found

    @functools.cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(one.id for one in self.asked)

    @functools.cached_property
    def _numbered(self) -> tuple[Asked, ...]:
        return tuple(one for one in self.asked if one.number is not None)

    def _printed(self, number: int, section: str, answered: frozenset[str]) -> str | None:
        items = self.questions.items
        if self.straight:
            return items[number - 1].id if 0 < number <= len(items) else None
        same = [question for question in items if question.number == number]
        here = [question for question in same if question.task == section]
        fresh = [question for question in same if question.id not in answered]
        return next((question.id for question in [*here, *fresh, *same]), None)


def numbering(questions: Questions, found: Sequence[Piece]) -> Numbering:
    """Read from the questions' own texts what the numbers of a notebook mean."""
    asked = [
        Asked(index, piece.number, known)
        for index, piece in list(_candidates(found))[:CANDIDATES]
        if (known := recognise(questions, _text(found, index), piece.number)) is not None
    ]
    numbered = {one.id for one in asked if one.number is not None}
    kept = [one for one in asked if one.number is not None or one.id not in numbered]
    own = {one.id for one in kept if one.number == questions.of(one.id).number}
    # what looks like a question that is asked under its own number elsewhere is another question
    kept = [one for one in kept if one.number in (None, questions.of(one.id).number) or one.id not in own]
    straight = _counts_on(questions, kept, found)
    return Numbering(questions, tuple(kept), straight)


def _counts_on(questions: Questions, asked: Sequence[Asked], found: Sequence[Piece]) -> bool:
    """Whether the numbers go up by one from question to question, so that none comes twice."""
    printed = max((question.number for question in questions.items), default=0)
    numbers = (piece.number or 0 for piece in found if piece.kind in ("question", "answer"))
    highest = max(numbers, default=0)
    after_twins = (
        one for one in asked if one.number == questions.place(one.id) + 1 != questions.of(one.id).number
    )
    return printed < highest <= len(questions.items) or next(after_twins, None) is not None


def recognise(questions: Questions, text: str, number: int | None) -> str | None:
    """The question that a text asks, or ``None``; of two that are alike the one with this number."""
    said = frozenset(words(asking(text[:HEAD])))
    if not said:
        return None
    weights = [weight(question.keys, said) for question in questions.items]
    best = max(weights, default=0)
    if best < (LEAST_WITHOUT_NUMBER if number is None else LEAST):
        return None
    for question, own in zip(questions.items, weights, strict=True):
        if question.number == number and own >= max(LEAST, best - 1):
            return question.id
    return questions.items[weights.index(best)].id


def section_of(heading: str, questions: Questions) -> str | None:
    """The task that a heading names; ``""`` where it numbers something else, ``None`` where nothing."""
    number = _SECTION.match(heading.strip(" *_#"))
    tasks = {question.task for question in questions.items}
    if number and number[1] in tasks:
        return number[1]
    said = f" {' '.join(words(heading[:HEAD]))} "
    for task, phrases in questions.sections:
        if any(f" {' '.join(phrase)} " in said for phrase in phrases):
            return task
    return "" if number else None


def _candidates(found: Sequence[Piece]) -> list[tuple[int, Piece]]:
    """The pieces that may hold a question's text: numbered ones, and others that ask."""
    return [
        (index, piece)
        for index, piece in enumerate(found)
        if piece.kind == "question"
        or (piece.kind == "number" and not piece.nested)
        or (piece.kind in ("text", "heading") and "?" in piece.text[:HEAD])
    ]


def _text(found: Sequence[Piece], index: int) -> str:
    """A piece's text; that of the paragraph below it where it has none."""
    piece = found[index]
    if piece.text.strip() or index + 1 == len(found):
        return piece.text
    below = found[index + 1]
    return below.text if (below.kind, below.cell) == ("text", piece.cell) else ""
