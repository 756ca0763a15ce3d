"""The frozen records that travel between the modules of the grader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from checks.kit import AccuracyRow, TableRow
from checks.kit.picture import Picture
from grader.policies import Terms

CheckStatus = Literal["passed", "failed", "error", "skipped", "manual"]
ExecutionStatus = Literal["ok", "error", "timeout", "out_of_memory", "died", "not_run"]
ReportStatus = Literal["graded", "incomplete", "unreadable"]
Training = Literal["claimed", "budget", "full", "none"]
Verdict = Literal["likely_right", "likely_wrong", "unclear", "missing"]


@dataclass(frozen=True)
class Origin:
    """Who handed in, and when, as names and times of the files tell it; "" where they do not.

    ``lms`` is the learning platform whose download it is, ``id`` and ``email`` are the student's there.
    ``submitted`` is ISO 8601 with its offset, ``told_by`` says in words where that comes from.
    """

    lms: Literal["", "canvas", "moodle", "gradescope"] = ""
    id: str = ""
    email: str = ""
    submitted: str = ""
    told_by: str = ""
    marked_late: bool = False


NOWHERE = Origin()


@dataclass(frozen=True)
class Submission:
    """One hand-in as found in the class folder; nothing has been read or run yet.

    ``student`` is the name as handed in, ``slug`` the same made safe for a path and unique in the
    folder. ``notebook`` is ``None`` where none was found; ``problem`` then says so in one sentence.
    ``files`` are the helper files beside the notebook, as (path relative to it, absolute path). ``note``
    says what of the hand-in was chosen and what was left out, in whole sentences, or is "".
    ``members`` are the students of a group that it stands for, ``earlier`` the attempts before it.
    """

    student: str
    slug: str
    notebook: Path | None
    files: tuple[tuple[str, Path], ...] = ()
    problem: str = ""
    note: str = ""
    origin: Origin = NOWHERE
    members: tuple[str, ...] = ()
    earlier: tuple[Submission, ...] = ()


@dataclass(frozen=True)
class CellError:
    """A cell that raised. ``cell`` counts the code cells that are not blank, from 1."""

    cell: int
    ename: str
    evalue: str
    source: str = ""  # the line of the student's code that raised, or ""


@dataclass(frozen=True)
class Execution:
    """How the notebook ran. ``note`` is one sentence for the student, or ""."""

    status: ExecutionStatus
    cells: int
    cells_run: int
    seconds: float
    errors: tuple[CellError, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Marking:
    """What a person decided about a check, and what a program had: ``status`` and ``points`` before.

    ``comment`` is for the student, ``reason`` says why a verdict was overridden; ``at`` is an ISO 8601 time.
    """

    comment: str
    reason: str
    who: str
    at: str
    status: CheckStatus
    points: float


@dataclass(frozen=True)
class CheckResult:
    """One check's verdict; the texts are whole sentences, plain text, maybe of the student's making."""

    id: str
    task: str
    title: str
    status: CheckStatus
    points: float
    max_points: float
    message: str
    expected: str = ""
    received: str = ""
    hint: str = ""
    counterexample: str | None = None
    table: tuple[TableRow, ...] = ()
    pictures: tuple[Picture, ...] = ()
    not_counted: bool = False  # the grader failed here or before, so the points count neither way
    seconds: float = 0.0
    marking: Marking | None = None  # where a person has decided


@dataclass(frozen=True)
class TaskResult:
    """All checks of one task of the rubric, in order."""

    id: str
    title: str
    asked: str
    points: float
    max_points: float
    checks: tuple[CheckResult, ...]

    @property
    def status(self) -> CheckStatus:
        """The task at a glance: error before failed before skipped before manual before passed."""
        found = {result.status for result in self.checks}
        order: tuple[CheckStatus, ...] = ("error", "failed", "skipped", "manual")
        return next((status for status in order if status in found), "passed")

    @property
    def pending(self) -> float:
        """The points that wait for a person."""
        return sum(result.max_points for result in self.checks if result.status == "manual")

    @property
    def decided(self) -> float:
        """The points that could be had so far: without those that wait for a person."""
        return self.max_points - self.pending


@dataclass(frozen=True)
class Finding:
    """Something to show and explain; costs points only where the rubric says so."""

    kind: str
    task: str
    message: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """One written answer. ``text`` is the student's, as data, at most 4,000 characters; "" where missing.

    ``cell`` counts all cells of the notebook from 1, those of text too; 0 where neither the answer nor
    its question was found. ``verdict`` is a proposal to the person who marks, ``reason`` says why in one
    sentence or two, and ``words`` are cut out of the text: what the verdict rests on.
    """

    id: str
    task: str
    question: str
    text: str
    cell: int
    verdict: Verdict
    reason: str
    words: tuple[str, ...] = ()

    @property
    def check(self) -> str:
        """The id of the check that carries its points: ``1.2/q5`` for Q5 of task 1.2."""
        return f"{self.task}/{self.id.lower()}"


@dataclass(frozen=True)
class Phase:
    """A stretch of the work on one submission."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Provenance:
    """What the verdicts depend on; the same values give the same verdicts."""

    version: str
    rubric_sha256: str
    seed: int
    training: str
    sandbox: str
    data: str
    packages: tuple[tuple[str, str], ...] = ()
    limits: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything known about one submission once it is graded.

    ``problem`` is set where nothing could be judged, because the notebook was ``unreadable`` or the
    grader itself ended: one or two sentences that say what happened and what to do. ``executed`` is the
    notebook as it ran, in nbformat 4 JSON (a dict), or ``None``; all of it is the student's, untrusted.
    ``note`` is the submission's.
    ``peak_mib`` is the largest resident memory of the sandbox's process tree that was seen.
    ``terms`` are the instructor's policies for it, if there are any; ``grader.policies`` makes the final
    score of them.
    """

    lab: str
    lab_title: str
    student: str
    slug: str
    notebook: str
    sha256: str
    status: ReportStatus
    score: float
    max_score: float
    pending_manual: float
    execution: Execution
    tasks: tuple[TaskResult, ...]
    provenance: Provenance
    findings: tuple[Finding, ...] = ()
    answers: tuple[Answer, ...] = ()
    problem: str = ""
    note: str = ""
    training_note: str = ""
    accuracies: tuple[AccuracyRow, ...] = ()
    phases: tuple[Phase, ...] = ()
    peak_mib: float = 0.0
    terms: Terms | None = None
    executed: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """Every check of every task, in the rubric's order."""
        return tuple(result for task in self.tasks for result in task.checks)

    @property
    def decided(self) -> float:
        """The points that could be had so far: without those that wait for a person."""
        return self.max_score - self.pending_manual

    @property
    def bonus(self) -> float:
        """The points earned on top of the maximum score."""
        return sum(result.points for result in self.checks if not result.max_points)


@dataclass(frozen=True)
class Settings:
    """What one run of the grader was asked for; the same for every submission, and picklable.

    ``visible`` is the folder of ``.npy`` files that the sandbox may read, ``hidden`` one that only the
    checks read, ``data`` their name for people. ``tasks`` are the task ids to judge, empty for all.
    ``sandbox`` is resolved: never "auto". ``limits`` are those of ``grader.limits`` that go before the
    rubric's, by name. ``public`` leaves out what only instructors see: private checks, findings, and
    guesses on answers. ``training`` "none" trains nothing and leaves out the checks that look at it;
    "claimed" trains nothing and leaves to a person what only a training can show. ``threads`` are those of
    numerical libraries in a notebook; like ``out`` they decide no verdict. ``figures`` says whether the
    notebook's figures are drawn: nobody sees them without a page, and what was drawn is judged with
    trainings alone.
    """

    out: Path
    visible: Path
    data: str
    hidden: Path | None = None
    lab: str | None = None
    tasks: tuple[str, ...] = ()
    sandbox: Literal["bubblewrap", "none"] = "bubblewrap"
    training: Training = "budget"
    seed: int = 0
    rubric: Path | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    public: bool = False
    threads: int = 2
    figures: bool = True
