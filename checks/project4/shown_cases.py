"""Pictures of tasks P2.3 and P2.4: the course of each training case, and the accuracies of all eight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checks.kit import Fit, Saved, Shown, Student
from checks.kit.claimed import Claim
from checks.kit.curves import Values, measured_epochs, plots_of, value_of
from checks.kit.matching import pairs
from checks.kit.picture import Bars, Series
from checks.kit.saved import Log
from checks.project4.fish_drawing import KINDS
from checks.project4.vgg_cases import TRAININGS, Recognised, recognise
from checks.project4.vgg_claims import claims
from checks.project4.vgg_tests import tests_of

Numbers = tuple[float | None, ...]


def trainings(student: Student, saved: Saved) -> Iterator[Shown]:
    """Accuracy and loss of each case over its epochs: claimed, and measured where it ran in full."""
    logs = {fit.order: log for fit, log in pairs(student, saved)}
    for case in recognise(student):
        if case.run is None:
            continue
        title = f"Case {case.training.number}, cell {case.run.last.cell}"
        plots = plots_of(title, case.run.fits, logs, full=student.training == "full")
        if plots is not None:
            yield Shown((f"P2.3/case-{case.training.number}",), plots)


def accuracies(student: Student, saved: Saved) -> Iterator[Shown]:
    """The accuracies of the eight cases on training and test images, as claimed and as measured."""
    cases = recognise(student)
    logs = {fit.order: log for fit, log in pairs(student, saved)}
    series = [
        Series("training, as handed in", _last(cases, logs), claimed=True),
        Series("test, as handed in", _claimed(student), claimed=True, test=True),
    ]
    if student.training == "full":
        series += [
            Series("training, in the grader's run", tuple(_measured(case) for case in cases)),
            Series("test, in the grader's run", tuple(_tested(student, case) for case in cases), test=True),
        ]
    shown = tuple(one for one in series if any(value is not None for value in one.values))
    if shown:
        names = tuple(f"case {case.number}" for case in TRAININGS)
        note = "Training images: after the last epoch. A case without a bar has no number that is known."
        title, guess = "Accuracies of the eight cases", 1 / KINDS
        bars = Bars(title, "accuracy", names, shown, note, guess, f"guessing, {guess:.2f}")
        yield Shown(("P2.4/winner", "P2.4/chart", "P2.3/tested"), bars)


def _last(cases: Sequence[Recognised], logs: Mapping[int, Log]) -> Numbers:
    """The training accuracy in the last epoch of each case's saved log."""
    return tuple(_of_log(case.run.last, logs) if case.run else None for case in cases)


def _of_log(fit: Fit, logs: Mapping[int, Log]) -> float | None:
    log = logs.get(fit.order)
    return value_of(log.epochs[-1].values, "accuracy", validation=False) if log and log.epochs else None


def _claimed(student: Student) -> Numbers:
    """The test accuracy that the saved outputs claim of each case."""
    return tuple(one.value if isinstance(one, Claim) else None for one in claims(student).values())


def _measured(case: Recognised) -> float | None:
    """The training accuracy after the last epoch that the grader saw."""
    epochs: Sequence[Values] = measured_epochs(case.run.fits) if case.run else ()
    return value_of(epochs[-1], "accuracy", validation=False) if epochs else None


def _tested(student: Student, case: Recognised) -> float | None:
    """The last accuracy that ``evaluate`` gave for a case in the grader's run."""
    if case.run is None:
        return None
    scores = [use.scores for use in tests_of(student, case) if use.kind == "evaluate" and len(use.scores) > 1]
    value = scores[-1][1] if scores else None
    return value if value is not None and 0 <= value <= 1 else None
