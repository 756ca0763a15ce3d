"""The written answers of a notebook: which text answers which question, as far as a program can tell."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.numbering import Numbering, numbering, section_of
from grader.prose import Piece, pieces
from grader.questions import Question, Questions
from grader.records import Answer
from grader.wording import answer_in, is_whole_question, without_placeholders, words

TEXT_LIMIT = 4_000  # characters of an answer
_BEFORE_CODE = ("now", "lets", "let", "below", "here")  # how handouts lead on to what comes next
WAITS = "Waits for a person."


def find_answers(questions: Questions, cells: Sequence[Any]) -> tuple[Answer, ...]:
    """The answer to each question of a lab, in the lab's order; ``missing`` where none was found.

    Args:
        questions: those of the lab; with none of them there is no answer.
        cells: of a notebook in nbformat 4, each with ``cell_type`` and ``source``, which is a string.
    """
    if not questions.items:
        return ()
    found = pieces(cells)
    reader = _Reader(questions, found, numbering(questions, found))
    reader.read()
    return tuple(_answer(question, reader.drafts[question.id]) for question in questions.items)


def _answer(question: Question, draft: _Draft) -> Answer:
    text = without_placeholders(draft.text)
    if text:
        return Answer(question.id, question.task, question.text, text, draft.cell, "unclear", WAITS)
    if draft.text:
        reason = "Where the answer belongs there is only a placeholder, or question marks."
    elif draft.asked:
        reason = "No answer was found below the question."
    else:
        reason = "Neither the question nor an answer to it was found in the notebook."
    return Answer(question.id, question.task, question.text, "", draft.cell or draft.asked, "missing", reason)


@dataclass
class _Draft:
    """What has been found of an answer so far. Cells count from 1; 0 is none."""

    asked: int = 0
    cell: int = 0
    text: str = ""
    answered: bool = False  # something in the text is more than a placeholder
    marked: bool = False  # it begins with "Answer:"

    def add(self, piece: Piece, text: str) -> None:
        """Put a paragraph, or a line, below what is there."""
        if not text.strip() or len(self.text) >= TEXT_LIMIT:
            return
        if without_placeholders(text) and not self.answered:
            self.cell, self.answered = piece.cell, True
        self.cell = self.cell or piece.cell
        between = "" if not self.text else "\n\n" if piece.paragraph else "\n"
        self.text = (self.text + between + text.rstrip())[:TEXT_LIMIT]

    def begin(self) -> None:
        """Forget what stands before the word "Answer": it is a part of the question."""
        if not self.marked:
            self.cell, self.text, self.answered = 0, "", False
        self.marked = True


@dataclass(frozen=True)
class _Open:
    """A question that was asked and has no answer yet; ``number`` is the one the notebook gives it."""

    id: str
    number: int | None
    cell: int


@dataclass
class _Reader:
    """Reads a notebook's pieces from top to bottom, and knows which question they belong to."""

    questions: Questions
    found: Sequence[Piece]
    numbers: Numbering
    drafts: dict[str, _Draft] = field(default_factory=dict)
    now: str = ""  # the question whose answer is being read, or ""
    level: int = 0  # of the heading that asked it, or 0
    section: str = ""  # the task of the last heading that names one
    open: list[_Open] = field(default_factory=list)
    near: int = 0  # the last cell with questions, if no code stands after it
    listed: bool = False  # the answer being read began with a bare number
    last: int = 0  # the last bare number that was taken for a question's

    def read(self) -> None:
        """Fill ``drafts`` with the answers."""
        self.drafts = {question.id: _Draft() for question in self.questions.items}
        start = 0
        for _, group in itertools.groupby(self.found, key=lambda piece: piece.cell):
            cell = tuple(group)
            self._cell(cell, start)
            start += len(cell)

    def _cell(self, cell: Sequence[Piece], start: int) -> None:
        self.now, self.level, self.listed = "", 0, False
        self._close()
        if not any(piece.raw.strip() for piece in cell):
            self.near = 0 if cell[0].kind == "code" else self.near
            return
        begun = _is_mark(cell[0]) and len(self.open) > 0
        if (self.near or begun) and self._is_plain(cell, start):
            self._follow(cell)
            self.near = 0
            return
        self.near = 0
        taken: dict[int, str] = {}
        decided = start
        for index, piece in enumerate(cell, start):
            if index >= decided and piece.kind == "number" and self.numbers.at(index) is None:
                listed = self._list(cell, index, start)
                taken, decided = self._taken(listed, index, piece.cell), index + len(listed)
            self._piece(piece, index, taken.get(index, ""))

    def _is_plain(self, cell: Sequence[Piece], start: int) -> bool:
        """Whether a cell holds neither headings nor numbers nor questions, only what follows a question."""
        rest = cell[1:] if _is_mark(cell[0]) else cell
        if any(piece.kind not in ("text", "number") or piece.level for piece in rest):
            return False
        if any(self.numbers.at(index) is not None for index in range(start, start + len(cell))):
            return False
        first = next((place for place, piece in enumerate(cell) if piece.kind == "number"), None)
        return first is None or not self._taken(cell[first:], start + first, cell[0].cell)

    def _follow(self, cell: Sequence[Piece]) -> None:
        """Take a cell that stands below questions as the answer to them."""
        last = self.near or max((one.cell for one in self.open), default=0)
        asked = [one for one in self.open if one.cell == last]
        begun = cell[0].kind == "answer"
        texts = [(piece, piece.text if piece.kind == "answer" else piece.raw) for piece in cell]
        kept = [one for one in texts if one[1].strip() and (begun or not self._is_handout(one[1]))]
        lines = [(one[0], line) for one in kept for line in one[1].split("\n") if line.strip()]
        for parts in (kept, lines):
            if len(parts) == len(asked) > 1:
                for one, (piece, text) in zip(asked, parts, strict=True):
                    self.drafts[one.id].add(piece, text)
                return
        for one in asked:
            for piece, text in kept:
                self.drafts[one.id].add(piece, text)

    def _piece(self, piece: Piece, index: int, listed: str) -> None:
        known = self.numbers.at(index)
        if piece.kind == "question" or known is not None:
            self._question(piece, index, known)
        elif listed:
            self._begin(listed, piece, listed=True)
            self.last = piece.number or 0
            self._add(piece, piece.text)
        elif piece.kind == "answer":
            self._marked(piece, index)
        elif piece.level and not self._belongs(piece):
            self._heading(piece)
        elif self.now and not self._is_handout(piece.raw, below=False):
            self._add(piece, piece.raw)

    def _question(self, piece: Piece, index: int, known: str | None) -> None:
        if known is not None and known == self.now and piece.number is None:
            self._add(piece, piece.raw)
            return
        asked = known or self._means(piece, index)
        if asked is None:
            self.now = ""
            return
        text, draft = piece.text.strip(), self.drafts[asked]
        answer = answer_in(text, self.questions.of(asked).wordings)
        named = known is not None or _says_question(piece)
        if answer == text and named and len(words(text)) > 3 and is_whole_question(text):
            answer = ""
        self._begin(asked, piece)
        draft.asked = draft.asked or piece.cell
        self.near = piece.cell
        draft.add(piece, answer)
        self.open = [*(one for one in self.open if one.id != asked), _Open(asked, piece.number, piece.cell)]
        self._close()

    def _marked(self, piece: Piece, index: int) -> None:
        """An answer that begins with the word; without a number it is that of the question before."""
        meant = self.now if _is_mark(piece) else self._means(piece, index)
        if not meant and _is_mark(piece) and len(self.open) == 1:
            meant = self.open[0].id
        if meant:
            self._begin(meant, piece)
            self.drafts[meant].begin()
            self.drafts[meant].add(piece, piece.text)
        elif not _is_mark(piece):
            self.now = ""

    def _begin(self, id: str, piece: Piece, *, listed: bool = False) -> None:  # noqa: A002
        self.now, self.level, self.listed = id, piece.level, listed

    def _add(self, piece: Piece, text: str) -> None:
        """Add to the answer being read, without what is still the question's text."""
        draft = self.drafts[self.now]
        if not draft.answered and not draft.marked:
            text = answer_in(text, self.questions.of(self.now).wordings)
        draft.add(piece, text)

    def _heading(self, piece: Piece) -> None:
        self.now = ""
        named = section_of(piece.text, self.questions)
        if named is not None:
            self.section = named
        if named is not None or piece.level <= 2:
            self.open, self.near = [], 0

    def _belongs(self, piece: Piece) -> bool:
        """Whether a heading stands inside an answer, below that of its question."""
        return (
            bool(self.now) and piece.level > (self.level or 3) and not section_of(piece.text, self.questions)
        )

    def _list(self, cell: Sequence[Piece], index: int, start: int) -> Sequence[Piece]:
        """The pieces from ``index`` to the next question, marked answer or heading of the cell."""
        end = index + 1
        while end < start + len(cell):
            piece = cell[end - start]
            if piece.kind in ("question", "answer", "heading") or self.numbers.at(end) is not None:
                break
            end += 1
        return cell[index - start : end - start]

    def _taken(self, listed: Sequence[Piece], index: int, cell: int) -> dict[int, str]:
        """The questions that a list of bare numbers answers, by piece; none where it is a list inside
        an answer. The list begins at piece ``index``, in ``cell``.
        """
        rising: dict[int, int] = {}
        highest = 0
        for here, piece in enumerate(listed, index):
            if piece.kind == "number" and not piece.nested and (piece.number or 0) > highest:
                rising[here] = highest = piece.number or 0
        self._close()
        asked = [one for one in self.open if one.cell != cell] or self._unplaced()
        ids = self._by_question(rising, asked, cell)
        if ids is None and not self.open and (not self.now or self.listed):
            ids = self._by_section(rising, index)
        return ids or {}

    def _close(self) -> None:
        """Leave open only the questions that have no answer yet."""
        self.open = [one for one in self.open if not self.drafts[one.id].answered]

    def _unplaced(self) -> list[_Open]:
        """The open questions after the last one that has a place of its own for its answer."""
        placed = max((n for n, one in enumerate(self.open, 1) if self.drafts[one.id].text), default=0)
        return self.open[placed:]

    def _by_question(
        self, rising: dict[int, int], asked: Sequence[_Open], cell: int
    ) -> dict[int, str] | None:
        """Pieces to questions where the list numbers the questions asked just before it."""
        by_number = {one.number: one.id for one in asked if one.number is not None}
        numbers = list(rising.values())
        if numbers and by_number.keys() >= set(numbers):
            return {here: by_number[number] for here, number in rising.items()}
        below = bool(asked) and asked[0].cell != cell
        if below and len(asked) > 1 and numbers == list(range(1, len(asked) + 1)):
            return {here: one.id for here, one in zip(rising, asked, strict=True)}
        return None

    def _by_section(self, rising: dict[int, int], index: int) -> dict[int, str] | None:
        """Pieces to questions where the notebook has no question's text, only numbered answers."""
        found = {here: self._number(number, "", index) for here, number in rising.items()}
        known = {here: one for here, one in found.items() if one and self._is_free(one)}
        counted = len(rising) > 1 or self.section or next(iter(rising.values()), 0) == self.last + 1
        return known if len(known) == len(found) and counted else None

    def _is_free(self, id: str) -> bool:  # noqa: A002
        """Whether a question may be answered here: it has no place of its own, and this is its section."""
        draft = self.drafts[id]
        return not draft.asked and not draft.answered and self.section in ("", self.questions.of(id).task)

    def _means(self, piece: Piece, index: int) -> str | None:
        return self._number(piece.number or 0, piece.letter, index)

    def _number(self, number: int, letter: str, index: int) -> str | None:
        answered = frozenset(one for one, draft in self.drafts.items() if draft.answered)
        return self.numbers.means(number, letter, index, self.section, answered)

    def _is_handout(self, text: str, *, below: bool = True) -> bool:
        """Whether a text is the handout's, which leads on to the next step."""
        said = words(text[:600])
        known = any(phrase in " ".join(said) for phrase in self.questions.handout)
        leads_on = text.rstrip().endswith(":") or any(word in _BEFORE_CODE for word in said[:1])
        return known or (below and leads_on)


def _is_mark(piece: Piece) -> bool:
    """Whether a piece begins with "Answer:" and no number."""
    return piece.kind == "answer" and piece.number is None


def _says_question(piece: Piece) -> bool:
    return any(word in piece.raw[:60].lower() for word in ("question", "fråga", "uppgift"))
