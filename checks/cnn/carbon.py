"""Task 6: CarbonTracker measures a training."""

from __future__ import annotations

import re

from checks.cnn.code import cells_with, stopped
from checks.cnn.trackers import Tracker, read_trackers
from checks.kit import Cell, Failure, Fit, Student, check

TRACKS = re.compile(r"carbontracker|CarbonTracker|\bepoch_(start|end)\b")
OTHERS = re.compile(r"codecarbon|EmissionsTracker|eco2ai|experiment_impact_tracker|pyJoules")
OWN_LOOP = re.compile(r"train_on_batch|GradientTape|apply_gradients")
PLACE = "`tracker.epoch_start()` goes before, `tracker.epoch_end()` after the training of one epoch."


@check(task="6")
def tracked(student: Student) -> str | None:
    """CarbonTracker measures the training of a network"""
    trackers = read_trackers(student.events)
    if not trackers:
        raise _none_made(student)
    measured = [(tracker, fits) for tracker in trackers if (fits := tracker.measured(student.fits))]
    if measured:
        hints = [_hint(student, tracker, fits) for tracker, fits in measured]
        return min(hints, key=len) or None
    if own := _own_loop(student, trackers):
        return (
            f"The training loop in cell {own.number} is your own, so what is measured could not be followed."
        )
    raise _nothing_measured(student, trackers[-1])


def _own_loop(student: Student, trackers: tuple[Tracker, ...]) -> Cell | None:
    """A cell without ``fit`` that trains batch by batch, where a tracker was started and ended."""
    cells = {tracker.cell for tracker in trackers if tracker.ended}
    return next((cell for cell in cells_with(student, OWN_LOOP) if cell.number in cells), None)


# ---- what fails --------------------------------------------------------------------------------------


def _none_made(student: Student) -> Failure:
    other = next(iter(cells_with(student, OTHERS)), None)
    mentions = cells_with(student, TRACKS)
    broken = next((cell for cell in mentions if cell.error), None)
    if broken is not None and broken != other:
        return _broken(broken, "uses CarbonTracker")
    message = "CarbonTracker is named in the notebook, but no tracker is made." if mentions else ""
    if other is not None:
        message = f"Cell {other.number} uses another library: the task asks for CarbonTracker."
    return Failure(
        message or "No CarbonTracker was made.",
        expected="tracker = CarbonTracker(epochs=…), and a training that it measures",
        received=other.error if other and other.error else "no call of CarbonTracker",
        hint="It is imported with `from carbontracker.tracker import CarbonTracker`.",
    )


def _broken(cell: Cell, does: str) -> Failure:
    return Failure(
        stopped(cell, does),
        expected="a training between epoch_start() and epoch_end()",
        received=cell.error,
        hint="Fill in every ??? of the cell." if "???" in cell.source else "Mend this error first.",
    )


def _nothing_measured(student: Student, tracker: Tracker) -> Failure:
    inside = [fit for fit in student.fits if tracker.spans_of(fit) and fit.error]
    if inside:
        return _training_stopped(inside[-1])
    numbers = {tracker.cell, *tracker.cells}
    broken = next((cell for cell in student.cells if cell.number in numbers and cell.error), None)
    if broken is not None:
        return _broken(broken, "uses CarbonTracker")
    said = f"CarbonTracker(epochs={tracker.epochs}) in cell {tracker.cell}"
    if not tracker.starts:
        return _failure(
            "The CarbonTracker was made, but epoch_start() was never called.", f"{said}, never started"
        )
    if not tracker.ended:
        stop = " stop() throws away the epoch that it finds running." if tracker.stopped else ""
        return _failure(
            "epoch_start() was called, but epoch_end() never was.", f"{said}, started and never ended", stop
        )
    return _failure(
        "No training runs between epoch_start() and epoch_end().", f"{said}; {_where(student, tracker)}"
    )


def _failure(message: str, received: str, hint: str = "") -> Failure:
    return Failure(
        message,
        expected="a training between epoch_start() and epoch_end()",
        received=received,
        hint=PLACE + hint,
    )


def _training_stopped(fit: Fit) -> Failure:
    return Failure(
        f"The training in cell {fit.cell} that CarbonTracker measures stopped with {fit.error.rstrip('.')}.",
        expected="a training between epoch_start() and epoch_end() that runs to its end",
        received=fit.error,
        hint="Mend the call of fit: it is the same as in the trainings before.",
    )


def _where(student: Student, tracker: Tracker) -> str:
    """Where the nearest training stands instead."""
    begin, end = tracker.spans[0].start, tracker.spans[-1].end
    before = [fit for fit in student.fits if fit.order < begin and fit.cell in tracker.cells]
    after = [fit for fit in student.fits if fit.order > end]
    if before:
        return f"fit in cell {before[-1].cell} runs before epoch_start()"
    if after:
        return f"fit in cell {after[0].cell} runs after epoch_end()"
    return "no fit runs in between"


# ---- what passes with a hint -------------------------------------------------------------------------


def _hint(student: Student, tracker: Tracker, fits: tuple[Fit, ...]) -> str:
    return " ".join(filter(None, (_epochs_hint(tracker, fits), _model_hint(student, fits))))


def _epochs_hint(tracker: Tracker, fits: tuple[Fit, ...]) -> str:
    epochs = sum(fit.epochs or 1 for fit in fits)
    if tracker.epochs is None or (tracker.is_once(fits) and tracker.epochs == 1):
        return ""
    if tracker.is_once(fits) and epochs > 1:
        return (
            f"epoch_start() and epoch_end() stand once around {epochs} epochs, which CarbonTracker takes for "
            f"one: its prediction for {tracker.epochs} epochs is far too high. Call them in every epoch."
        )
    if tracker.epochs != epochs:
        return (
            f"CarbonTracker(epochs={tracker.epochs}) predicts {tracker.epochs} epochs, "
            f"but {epochs} were trained."
        )
    return ""


def _model_hint(student: Student, fits: tuple[Fit, ...]) -> str:
    """A hint where a model that was trained before is measured, and a newer one was never trained."""
    first = fits[0]
    if not first.model.fits_before:
        return ""
    trained = {fit.model.identity for fit in student.fits}
    untrained = [
        one.name
        for one in student.models
        if one.cell <= first.cell
        and one.model.identity > first.model.identity
        and one.model.identity not in trained
    ]
    names = [one.name for one in student.models if one.model.identity == first.model.identity]
    old = names[-1] if names else "an older network"
    return f"{untrained[-1]} is built, but fit trains {old}, which was trained before." if untrained else ""
