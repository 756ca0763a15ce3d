"""One submission in, one report out."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from checks.kit import AccuracyRow, Gone, Lab, Reply, Saved
from grader import attachments, execution, fonts, grading, kernels, labs, public, scratch
from grader import limits as units
from grader.answers import find_answers
from grader.evidence import Evidence, LiveStudent
from grader.given import Given
from grader.limits import MIB, Limits
from grader.manual import answers_score, with_answers, written_answers
from grader.notebook_file import Glance, look_at
from grader.notebooks import ReadNotebook, Unreadable, read_notebook
from grader.policies import NO_POLICY, Terms
from grader.provenance import TRAINING_NOTES, provenance_of
from grader.questions import load_questions
from grader.recall import AGAIN, TAKEN, Afresh, Cache, Case, NotKept, Parts, Put
from grader.records import (
    Execution,
    Finding,
    Phase,
    Report,
    Settings,
    Submission,
    TaskResult,
)
from grader.showing import pictures_of, with_pictures

Progress = Callable[[str], None]
Result = TypeVar("Result")


def grade_submission(
    submission: Submission, settings: Settings, progress: Progress, cache: Cache | None = None
) -> Report:
    """Read, run and judge one submission, or take from the cache what was done before.

    Whatever the submission holds, a report comes back; only faults of the grader raise.
    """
    clock = _Clock(progress)
    clock.start("reading")
    try:
        notebook = _read(submission)
        lab = _lab_of(notebook, submission, settings)
        rubric = labs.load_rubric(lab, settings.rubric)
        limits = _limits(rubric, settings)
        _require_size(submission, limits)
    except Unreadable as unreadable:
        return _unreadable(submission, settings, str(unreadable), clock)
    files = attachments.within(submission, limits)
    case = Case(submission, settings, lab, rubric, limits, notebook, files)
    outcome = _recalled(case, cache, clock) if cache is not None else None
    if outcome is None:
        parts = cache.recording(case) if cache is not None else Afresh()
        outcome = _run_and_judge(case, parts, clock)
    report = _report(case, outcome, clock)
    outcome.parts.keep(report, outcome.run, outcome.executed)
    return report


@dataclasses.dataclass(frozen=True)
class _Judged:
    tasks: tuple[TaskResult, ...]
    findings: tuple[Finding, ...] = ()
    accuracies: tuple[AccuracyRow, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Outcome:
    """``run`` says nothing of files that were left out; ``phases`` are those of an earlier run, if any."""

    run: Execution
    judged: _Judged
    peak_mib: float
    executed: Any
    parts: Parts
    phases: tuple[Phase, ...] = ()


class _Clock:
    """Seconds by phase, told to whoever listens."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.marks: list[tuple[str, float]] = []

    def start(self, phase: str, *, announce: bool = True) -> None:
        self.marks.append((phase, time.monotonic()))
        if announce:
            self.progress(phase)

    def phases(self) -> tuple[Phase, ...]:
        ends = [at for _, at in self.marks[1:]] + [time.monotonic()]
        return tuple(
            Phase(name, round(end - at, 2)) for (name, at), end in zip(self.marks, ends, strict=True)
        )


def _read(submission: Submission) -> ReadNotebook:
    if submission.notebook is None:
        raise Unreadable(submission.problem or "No notebook was handed in.")
    return read_notebook(submission.notebook)


def _lab_of(notebook: ReadNotebook, submission: Submission, settings: Settings) -> Lab:
    if settings.lab is not None:
        return labs.load_lab(settings.lab)
    helpers = [look_at(path).text for name, path in submission.files if name.endswith(".py")]
    lab = labs.recognise(notebook.text, "\n".join(helpers))
    if lab is None:
        raise Unreadable(
            f"This notebook is none of the labs that are graded here ({', '.join(labs.lab_ids())}): "
            "nothing in it belongs to one. Check that you handed in the right file; "
            "an instructor can name the lab with --lab."
        )
    return lab


def _require_size(submission: Submission, limits: Limits) -> None:
    size = submission.notebook.stat().st_size if submission.notebook else 0
    if size > limits.notebook_mib * MIB:
        most = units.mib(limits.notebook_mib)
        raise Unreadable(
            f"The notebook has {units.mib(round(size / MIB, 1))}; at most {most} can be handed in. "
            "Clear large outputs (Kernel, Restart and clear all outputs), save, and hand it in again."
        )


def _recalled(case: Case, cache: Cache, clock: _Clock) -> _Outcome | None:
    """What came of the same code before, judged again where that changes; ``None`` if it has to run."""
    with tempfile.TemporaryDirectory(prefix="lg-", ignore_cleanup_errors=True) as folder:
        kept = cache.recall(case, Path(folder))
        if kept is None:
            return None
        run = execution.Run(kept.executed, 0.0, 0.0, kept.evidence, clock.progress)
        student = _student(case, run, kept.run, kept.parts.wrapped(kept.put))
        try:
            judged = _judged(case, student, kept.parts, clock.progress)
        except NotKept:
            return None
    clock.progress(AGAIN if kept.parts.renewed else TAKEN)
    return _Outcome(kept.run, judged, kept.peak_mib, kept.executed, kept.parts, kept.phases)


def _run_and_judge(case: Case, parts: Parts, clock: _Clock) -> _Outcome:
    base, room = kernels.make_room(case.settings.visible, fonts.folder(), case.settings.threads)
    try:
        with kernels.runner() as runner:
            return _in_room(case, parts, clock, base, room, runner)
    finally:
        scratch.remove(base)


def _in_room(
    case: Case, parts: Parts, clock: _Clock, base: Path, room: Any, runner: asyncio.Runner
) -> _Outcome:
    settings, limits = case.settings, case.limits
    (base / "evidence").mkdir()
    evidence = parts.evidence(base / "evidence")
    run = execution.Run(
        case.notebook.notebook, limits.cell_s, time.monotonic() + limits.notebook_s, evidence,
        clock.progress, limits=limits, after_cell=_scorer(case.lab, settings, evidence),
    )  # fmt: skip
    config = kernel_config(case.lab, settings, room)
    peaks: list[float] = []

    async def start() -> kernels.Kernel:
        clock.start("kernel start", announce=False)
        kernels.renew(room, fonts.folder())
        case.files.copy(room.lab)
        kernel = await kernels.start(room, settings.sandbox, config, limits)
        clock.start("notebook", announce=False)
        return kernel

    started = time.monotonic()
    kernel = runner.run(execution.run_notebook(run, start))
    summary = execution.summary(run, time.monotonic() - started)
    clock.start("checks", announce=False)
    try:
        student = _student(case, run, summary, parts.wrapped(put_to(kernel, runner.run)))
        judged = _judged(case, student, parts, clock.progress)
    finally:
        if kernel is not None:
            runner.run(kernel.end())
            peaks.append(kernel.peak_mib)
    clock.start("cleaning up", announce=False)
    return _Outcome(summary, judged, max(peaks, default=0.0), run.notebook, parts)


def _student(case: Case, run: execution.Run, summary: Execution, put: Put) -> LiveStudent:
    saved = Saved() if case.settings.public else _saved(case.notebook)
    return student_of(run.evidence, run, summary, case.settings, case.rubric, put, saved)


def _judged(case: Case, student: LiveStudent, parts: Parts, progress: Progress) -> _Judged:
    """Every check, and what only instructors see beside them."""
    lab, settings = case.lab, case.settings
    parts.watch(student)
    selected = _selected(lab, settings, case.rubric)
    tasks = grading.grade(selected, case.rubric, student, progress, parts.verdict)
    if settings.public:  # the rest is for a graded page, and in no student edition
        return _Judged(tasks)
    own = student.findings()
    claims = parts.take("claims", lambda: _claims(case, student))
    pictures = parts.take("pictures", lambda: pictures_of(lab, student, case.notebook.saved))
    accuracies = parts.take("accuracies", lambda: _accuracies(lab, student, settings))
    return _Judged(with_pictures(tasks, pictures), (*own, *claims), accuracies)


def _claims(case: Case, student: LiveStudent) -> tuple[Finding, ...]:
    """What does not fit together; for instructors, and in no student edition."""
    from grader.claims.findings import claim_findings  # noqa: PLC0415 - a student edition lacks it

    answers = find_answers(load_questions(case.lab.id), case.notebook.notebook.cells)
    return claim_findings(case.lab, student, student.saved, answers, case.settings.tasks)


def _tampering(notebook: ReadNotebook, submission: Submission) -> tuple[Finding, ...]:
    """Attempts in the source to reach the grader; for instructors, and in no student edition."""
    from grader import tampering  # noqa: PLC0415 - a student edition lacks it

    code = [one.source for one in notebook.notebook.cells if one.cell_type == "code" and one.source.strip()]
    return tampering.of_hand_in(code, submission.files)


def _saved(notebook: ReadNotebook) -> Saved:
    """What the saved outputs say; for instructors, and in no student edition."""
    from grader.claims.findings import saved_of  # noqa: PLC0415 - a student edition lacks it

    return saved_of(notebook.saved)


def _scorer(lab: Lab, settings: Settings, evidence: Evidence) -> execution.AfterCell | None:
    """What asks the networks after each cell, where they are trained in full."""
    if settings.training != "full" or settings.public:
        return None
    from grader.scoring import Scorer  # noqa: PLC0415 - a student edition lacks it

    hidden = Given(settings.hidden) if settings.hidden else {}
    return Scorer(labs.load_accuracies(lab), evidence, Given(settings.visible), hidden).after_cell


def _accuracies(lab: Lab, student: LiveStudent, settings: Settings) -> tuple[AccuracyRow, ...]:
    """The accuracies of the tasks that are judged; for instructors, and in no student edition."""
    from grader.scoring import rows_of  # noqa: PLC0415 - a student edition lacks it

    return rows_of(labs.load_accuracies(lab), student, settings.tasks)


def kernel_config(lab: Lab, settings: Settings, room: Any) -> dict[str, Any]:
    """What a kernel is told of the run, as JSON."""
    return {
        "watch": dict(lab.watch), "given": str(room.given), "training": settings.training,
        "seed": settings.seed, "figures": settings.figures, "wary": not settings.public,
    }  # fmt: skip


def put_to(kernel: kernels.Kernel | None, block: Callable[[Coroutine[Any, Any, Any]], Any]) -> Put:
    """The way to a kernel, or to none where it did not survive; ``block`` waits for a coroutine."""

    def put(op: str, arguments: dict[str, Any], arrays: tuple[Any, ...]) -> Reply:
        if kernel is None:
            raise Gone("the Python process did not live to the notebook's end")
        reply: Reply = block(kernel.ask(op, arguments, arrays))
        return reply

    return put


def student_of(
    evidence: Evidence, run: execution.Run, summary: Execution, settings: Settings, rubric: labs.Rubric,
    put: Put, saved: Saved | None = None,
) -> LiveStudent:  # fmt: skip
    """A notebook that was run, as checks see it."""
    return LiveStudent(
        evidence=evidence, given=Given(settings.visible), seed=settings.seed, put=put,
        cells=execution.cells(run, summary), errors=summary.errors,
        skipped_cells=frozenset(run.left_out), last_cell=summary.cells,
        hidden=Given(settings.hidden) if settings.hidden else {},
        thresholds=rubric.thresholds,
        texts=tuple(str(cell.source) for cell in run.notebook.cells if cell.cell_type == "markdown"),
        training=settings.training, saved=saved or Saved(),
    )  # fmt: skip


def _selected(lab: Lab, settings: Settings, rubric: labs.Rubric) -> tuple[Any, ...]:
    if settings.public:
        left_out = ("training",) if settings.training == "none" else ()
        return grading.with_needs(public.public_checks(lab, rubric, left_out, settings.tasks))
    every = labs.load_checks(lab, settings.training)
    if not settings.tasks:
        return every
    return grading.with_needs([check for check in every if check.task in settings.tasks])


def _report(case: Case, outcome: _Outcome, clock: _Clock) -> Report:
    submission, settings, lab, rubric = case.submission, case.settings, case.lab, case.rubric
    notebook = case.notebook
    printed = None if settings.public else notebook.printed
    answers = written_answers(lab.id, rubric, notebook.notebook.cells, settings.tasks, printed)
    tasks = with_answers(outcome.judged.tasks, rubric, answers)
    judged = [result for task in tasks for result in task.checks]
    found = () if settings.public else _tampering(notebook, submission)
    return Report(
        lab=lab.id,
        lab_title=rubric.title,
        student=submission.student,
        slug=submission.slug,
        notebook=submission.notebook.name if submission.notebook else "",
        sha256=notebook.sha256,
        status="incomplete" if any(result.status == "error" for result in judged) else "graded",
        score=sum(result.points for result in judged),
        max_score=sum(result.max_points for result in judged),
        pending_manual=sum(result.max_points for result in judged if result.status == "manual"),
        execution=_execution(case, outcome.run),
        tasks=tasks,
        provenance=provenance_of(settings, rubric.sha256, case.limits),
        findings=(*found, *outcome.judged.findings),
        answers=answers,
        note=submission.note,
        training_note=TRAINING_NOTES[settings.training],
        accuracies=outcome.judged.accuracies,
        phases=outcome.phases or clock.phases(),
        peak_mib=round(outcome.peak_mib, 1),
        terms=terms_for(submission, rubric),
        executed=outcome.executed,
    )


def _execution(case: Case, run: Execution) -> Execution:
    """How the notebook ran, with what is said of files that were left out."""
    return dataclasses.replace(run, note=f"{case.files.told(case.limits)} {run.note}".strip())


def terms_for(submission: Submission, rubric: labs.Rubric) -> Terms | None:
    """The policies as they meet a submission, or ``None`` where there are none and no group."""
    if rubric.policies == NO_POLICY and not submission.members:
        return None
    origin = submission.origin
    return Terms(rubric.policies, origin.submitted, origin.told_by, origin.marked_late, submission.members)


def _unreadable(submission: Submission, settings: Settings, problem: str, clock: _Clock) -> Report:
    glance = look_at(submission.notebook) if submission.notebook else Glance()
    lab = labs.load_lab(settings.lab) if settings.lab else labs.recognise(glance.text)
    return Report(
        lab=lab.id if lab else "",
        lab_title=lab.title if lab else "",
        student=submission.student,
        slug=submission.slug,
        notebook=submission.notebook.name if submission.notebook else "",
        sha256=glance.sha256,
        status="unreadable",
        score=0.0,
        max_score=_full_score(lab, settings) if lab else 0.0,
        pending_manual=0.0,
        execution=Execution("not_run", 0, 0, 0.0),
        tasks=(),
        provenance=provenance_of(settings, ""),
        problem=problem,
        note=submission.note,
        phases=clock.phases(),
    )


def _limits(rubric: labs.Rubric, settings: Settings) -> Limits:
    return units.in_effect(units.for_training(settings.training), rubric.limits, settings.limits)


def _full_score(lab: Lab, settings: Settings) -> float:
    rubric = labs.load_rubric(lab, settings.rubric)
    checked = sum(rubric.points.get(check.id, 0.0) for check in _selected(lab, settings, rubric))
    return checked + answers_score(lab.id, rubric, settings.tasks)
