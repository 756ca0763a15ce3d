"""The frozen records of the gradebook; times are in UTC."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from grader.records import Answer, CheckResult, Report, Verdict

MarkKind = Literal["mark", "override", "restore"]


@dataclass(frozen=True)
class Target:
    """What a person marks: one check of one student. ``student`` is the slug, ``check`` the check's id."""

    lab: str
    student: str
    check: str


@dataclass(frozen=True)
class Basis:
    """What a person looked at when marking, by which a mark is later found to fit or not.

    ``text_sha256`` is the hash of the answer's text, "" where the check is no written answer;
    ``submission_sha256`` that of the notebook. ``status`` and ``points`` are the program's own verdict, and
    ``max_points`` what the rubric gave the check. ``report`` is the number of the report, 0 where unknown.
    """

    text_sha256: str
    submission_sha256: str
    status: str
    points: float
    max_points: float
    report: int = 0


@dataclass(frozen=True)
class Wish:
    """What a person wants to note: ``points`` is ``None`` to take a mark back.

    ``out_of`` is the most there was to have. ``reason`` says why a program's verdict is overridden.
    """

    points: float | None
    out_of: float
    comment: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Mark:
    """One entry of a check's history; the one with the highest ``version`` is in effect.

    ``points`` is ``None`` where the entry takes back what was there. ``restores`` is the version that an
    undo brought back, 0 for the time before all marks, ``None`` where the entry is no undo.
    """

    id: int
    target: Target
    version: int
    kind: MarkKind
    points: float | None
    out_of: float
    comment: str
    reason: str
    who: str
    at: datetime
    basis: Basis
    restores: int | None = None


@dataclass(frozen=True)
class Standing:
    """A mark in effect, held against a report: ``problem`` says in a sentence why it does not count any
    more, ``note`` what has changed though it counts; both are "" where all is as it was.
    """

    mark: Mark
    problem: str = ""
    note: str = ""

    @property
    def counts(self) -> bool:
        """Whether its points are in the student's score."""
        return not self.problem and self.mark.points is not None


@dataclass(frozen=True)
class Attempt:
    """A report as the gradebook lists it. ``student`` is the slug, ``name`` as handed in."""

    id: int
    run: int
    at: datetime
    lab: str
    student: str
    name: str
    notebook: str
    sha256: str
    rubric_sha256: str
    version: str
    seed: int
    status: str
    score: float
    max_score: float
    pending_manual: float


@dataclass(frozen=True)
class Run:
    """One run of the grader. ``rubrics`` are the hashes of the rubrics it judged by."""

    id: int
    at: datetime
    title: str
    version: str
    seed: int
    training: str
    rubrics: tuple[str, ...]
    reports: int


@dataclass(frozen=True)
class OpenAnswer:
    """A written answer of one student's latest report, with the mark in effect, for the person who marks."""

    target: Target
    name: str
    report: int
    question: str
    question_id: str
    task: str
    text: str
    verdict: Verdict
    reason: str
    words: tuple[str, ...]
    cell: int
    basis: Basis
    standing: Standing | None = None
    version: int = 0  # of the last entry on it, one that takes a mark back too

    @property
    def waits(self) -> bool:
        """Whether a person has yet to give points, or to look again."""
        if self.standing is None:
            return self.basis.status == "manual"  # a rubric may let a program decide
        return not self.standing.counts


@dataclass(frozen=True)
class Progress:
    """How far one question is marked, in answers: ``marked`` ones count, ``unfit`` marks need another look,
    and ``decided`` are those that the rubric leaves to a program and nobody has marked.
    """

    lab: str
    check: str
    task: str
    question_id: str
    question: str
    max_points: float
    answers: int
    marked: int
    unfit: int
    decided: int

    @property
    def waiting(self) -> int:
        """The answers that a person has yet to mark, those with an unfit mark too."""
        return self.answers - self.marked - self.decided


@dataclass(frozen=True)
class Publication:
    """Once that people's marks were put on the students' pages."""

    id: int
    at: datetime
    who: str


@dataclass(frozen=True)
class Comment:
    """A comment to use again; ``check`` is "" where it suits every question of the lab."""

    id: int
    lab: str
    check: str
    text: str
    who: str


def text_hash(text: str) -> str:
    """The hash of an answer's text; spaces at line ends and around it do not matter."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()


def basis_of(report: Report, check: CheckResult, number: int = 0) -> Basis:
    """What a person who marks ``check`` looks at; ``number`` is the report's in the gradebook."""
    answer = answer_of(report, check.id)
    text = text_hash(answer.text) if answer else ""
    return Basis(text, report.sha256, check.status, check.points, check.max_points, number)


def answer_of(report: Report, check: str) -> Answer | None:
    """The written answer whose points the check of that id carries, if it is one."""
    return next((answer for answer in report.answers if answer.check == check), None)
