"""What the pages show, gathered from the gradebook; knows nothing of the web."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader import class_note
from grader.gradebook import fitting
from grader.gradebook.records import (
    Attempt,
    Comment,
    Mark,
    OpenAnswer,
    Progress,
    Publication,
    Standing,
    Target,
    answer_of,
)
from grader.gradebook.store import Gradebook
from grader.names import visible
from grader.records import Report
from grader.resume import kept_report
from grader.review.model import Model, model_of
from grader.review.publisher import Publisher
from grader.review.scale import Level, levels
from grader.review.sessions import Session


@dataclass(frozen=True)
class Draft:
    """What a person has filled in and what is not saved yet; ``problem`` says why."""

    points: str = ""
    comment: str = ""
    reason: str = ""
    problem: str = ""
    conflict: Mark | None = None


@dataclass(frozen=True)
class Piece:
    """A part of an answer; ``is_evidence`` where the proposal rests on it."""

    text: str
    is_evidence: bool


@dataclass(frozen=True)
class Row:
    """A student's answer in the list of a question; ``label`` is the name, or a number where blind."""

    code: str
    label: str
    answer: OpenAnswer

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The answer's text, with what the proposal rests on apart."""
        words = sorted(filter(None, map(str.strip, self.answer.words)), key=len, reverse=True)
        if not words:
            return (Piece(self.answer.text, False),)
        said = "|".join(r"\s+".join(map(re.escape, word.split())) for word in words)
        parts = re.split(f"({said})", self.answer.text)
        return tuple(Piece(part, place % 2 == 1) for place, part in enumerate(parts) if part)


@dataclass(frozen=True)
class QuestionView:
    """One question across all students; ``row`` is the answer to mark, ``None`` where all are marked."""

    lab: str
    check: str
    question: str
    question_id: str
    task: str
    rows: tuple[Row, ...]
    row: Row | None
    at: int
    before: Row | None
    after: Row | None
    levels: tuple[Level, ...]
    most: float
    model: Model
    comments: tuple[Comment, ...]
    then: str
    draft: Draft
    following: Progress | None

    @property
    def marked(self) -> int:
        """The answers that need no more of a person."""
        return sum(not row.answer.waits for row in self.rows)


@dataclass(frozen=True)
class Again:
    """A mark that does not count any more; ``is_answer`` where a question's page shows it."""

    standing: Standing
    label: str
    code: str
    is_answer: bool


@dataclass(frozen=True)
class LabView:
    """How far a lab is marked, and the marks to look at again."""

    lab: str
    title: str
    questions: tuple[Progress, ...]
    students: tuple[tuple[Attempt, str], ...]
    again: tuple[Again, ...]

    @property
    def answers(self) -> int:
        """All answers that a person may mark."""
        return sum(one.answers for one in self.questions)

    @property
    def waiting(self) -> int:
        """Those that wait."""
        return sum(one.waiting for one in self.questions)


@dataclass(frozen=True)
class StudentView:
    """One student whole: the report with all marks in, and what the program had said."""

    code: str
    label: str
    number: int
    report: Report
    automatic: Report
    standings: dict[str, Standing]
    versions: dict[str, int]
    homeless: tuple[Mark, ...]
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class Entry:
    """A line of the history."""

    mark: Mark
    label: str
    code: str
    newest: bool


class Desk:
    """The gradebook of a folder with results, as the people who mark see it."""

    def __init__(self, book: Gradebook, out: Path) -> None:
        self.book, self.out = book, out
        self.publisher = Publisher(book, out)
        self._secret = secrets.token_bytes(16)

    def take_in(self) -> int:
        """Note in the gradebook what runs have left in the folder and could not note; how many."""
        found = (kept_report(self.out, slug) for slug in class_note.read(self.out).slugs)
        missing = [report for report in found if report is not None and not self.book.has(report)]
        if missing:
            self.book.record_run(missing, class_note.read(self.out).title)
        return len(missing)

    def code(self, lab: str, student: str) -> str:
        """What addresses call a student by, so that they tell no name."""
        return hmac.new(self._secret, f"{lab}\0{student}".encode(), hashlib.sha256).hexdigest()[:12]

    def labs(self, session: Session) -> tuple[LabView, ...]:
        """Every lab with its questions and students."""
        questions, students = self.book.progress(), self.book.students()
        again = self._again(session, questions, students)
        ids = dict.fromkeys([*(one.lab for one in students), *(one.lab for one in questions)])
        return tuple(
            LabView(
                lab, self.title(lab, students), tuple(one for one in questions if one.lab == lab),
                tuple((one, self.code(lab, one.student)) for one in students if one.lab == lab),
                tuple(one for one in again if one.standing.mark.target.lab == lab),
            )
            for lab in ids
        )  # fmt: skip

    def _again(
        self, session: Session, questions: Iterable[Progress], students: Iterable[Attempt]
    ) -> tuple[Again, ...]:
        asked = {(one.lab, one.check) for one in questions}
        names = {(one.lab, one.student): one.name for one in students}
        found = []
        for standing in self.book.unfit():
            target = standing.mark.target
            code = self.code(target.lab, target.student)
            name = visible(names.get((target.lab, target.student), target.student))
            label = f"Student {code[:4]}" if session.blind else name
            there = (target.lab, target.check) in asked and "no such check" not in standing.problem
            found.append(Again(standing, label, code, there))
        return tuple(sorted(found, key=lambda one: (one.standing.mark.target.check, one.label)))

    def title(self, lab: str, students: Iterable[Attempt]) -> str:
        """A lab's title, as its reports have it."""
        first = next((one for one in students if one.lab == lab), None)
        report = self.book.report(first.id) if first else None
        return (report.lab_title if report else "") or lab or "No lab recognised"

    def last_publication(self) -> Publication | None:
        """When students were last shown people's marks."""
        return self.book.last_publication()

    def unpublished(self) -> int:
        """How many checks have another mark than students see."""
        now = {mark.target: mark.id for mark in self.book.marks()}
        then = {mark.target: mark.id for mark in self.book.marks(published=True)}
        return sum(now.get(target) != then.get(target) for target in now.keys() | then.keys())

    def question(
        self, session: Session, lab: str, check: str, code: str = "", draft: Draft | None = None
    ) -> QuestionView | None:
        """A question, at the answer of ``code``, else at the first that waits; ``None`` if it has none."""
        rows = self.rows(session, lab, check)
        if not rows:
            return None
        waiting = next((place for place, row in enumerate(rows) if row.answer.waits), -1)
        at = next((place for place, row in enumerate(rows) if row.code == code), waiting)
        row = rows[at] if at >= 0 else None
        about = (row or rows[0]).answer
        most = about.basis.max_points
        return QuestionView(
            lab, check, about.question, about.question_id, about.task, rows, row, at,
            rows[at - 1] if at > 0 else None, rows[at + 1] if row and at + 1 < len(rows) else None,
            levels(most), most, model_of(lab, about.question_id), self.book.comments(lab, check),
            self._text_then(row.answer) if row else "", draft or _draft_of(row),
            None if row else self._following(lab, check),
        )  # fmt: skip

    def rows(self, session: Session, lab: str, check: str) -> tuple[Row, ...]:
        """All answers to a question by name; where names are hidden, in an order that tells nothing."""
        found = [(self.code(lab, one.target.student), one) for one in self.book.answers_to(lab, check)]
        if session.blind:
            ordered = sorted(found, key=lambda pair: pair[0])
            return tuple(Row(code, f"Answer {n}", one) for n, (code, one) in enumerate(ordered, 1))
        ordered = sorted(found, key=lambda pair: (pair[1].name.casefold(), pair[1].target.student))
        return tuple(Row(code, visible(one.name), one) for code, one in ordered)

    def student(self, lab: str, code: str) -> StudentView | None:
        """A student with everything; ``None`` where there is none of that code."""
        attempt = self.attempt(lab, code)
        automatic = self.book.report(attempt.id) if attempt else None
        if attempt is None or automatic is None:
            return None
        marks = self.book.marks(lab, attempt.student)
        there = {check.id for check in automatic.checks}
        return StudentView(
            code, visible(attempt.name), attempt.id, fitting.with_marks(automatic, marks), automatic,
            fitting.standings(automatic, marks), self.book.versions(lab, attempt.student),
            tuple(mark for mark in marks if mark.target.check not in there),
            self.book.attempts(lab, attempt.student),
        )  # fmt: skip

    def attempt(self, lab: str, code: str) -> Attempt | None:
        """The latest result of the student of that code."""
        found = self.book.students(lab)
        return next((one for one in found if self.code(lab, one.student) == code), None)

    def history(self, session: Session, target: Target | None = None) -> tuple[Entry, ...]:
        """The last entries of all, or all of one check, newest first."""
        entries = self.book.history(target)[::-1] if target else self.book.recent()
        names = {(one.lab, one.student): one.name for one in self.book.students()}
        seen: set[Target] = set()
        found = []
        for mark in entries:
            code = self.code(mark.target.lab, mark.target.student)
            name = names.get((mark.target.lab, mark.target.student), mark.target.student)
            label = f"Student {code[:4]}" if session.blind else visible(name)
            found.append(Entry(mark, label, code, mark.target not in seen))
            seen.add(mark.target)
        return tuple(found)

    def _following(self, lab: str, check: str) -> Progress | None:
        """The next question of the lab with answers that wait, from this one on and round."""
        asked = [one for one in self.book.progress(lab) if one.question_id]
        place = next((n for n, one in enumerate(asked) if one.check == check), 0)
        return next((one for one in [*asked[place + 1 :], *asked[:place]] if one.waiting), None)

    def _text_then(self, answer: OpenAnswer) -> str:
        """The answer as it was when it was marked, where it has changed since."""
        standing = answer.standing
        if standing is None or standing.mark.basis.text_sha256 == answer.basis.text_sha256:
            return ""
        report = self.book.report(standing.mark.basis.report)
        old = answer_of(report, answer.target.check) if report else None
        return old.text if old else ""


def _draft_of(row: Row | None) -> Draft:
    """What the form holds at first: the mark that is there."""
    standing = row.answer.standing if row else None
    if standing is None or standing.mark.points is None:
        return Draft()
    return Draft(f"{standing.mark.points:g}", standing.mark.comment, standing.mark.reason)
