"""Task P2.4: the curves that a notebook drew, held against what its own trainings reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checks.kit import Event, Failure, Student
from checks.project4.vgg_cases import Recognised, recognise
from checks.project4.vgg_tests import nothing_trained

Values = tuple[float | None, ...]
TOLERANCE = 1e-5
PERCENT = 100.0


@dataclass(frozen=True)
class Curve:
    """One reported quantity of one case: ``loss``, ``val_accuracy`` …"""

    case: int
    name: str
    values: Values

    @property
    def validation(self) -> bool:
        """Whether it is of the validation images."""
        return self.name.startswith("val_")


def judge_curves(student: Student) -> str | None:
    """Raise Failure unless a training and a validation curve of each trained case were drawn.

    Where none of the drawn lines is one of the histories, the notebook may have smoothed or typed them:
    then it is enough that there are lines.
    """
    cases = [one for one in recognise(student) if one.run is not None]
    if not cases:
        raise nothing_trained(student)
    drawn = lines_of(student)
    if not drawn:
        if drawn_otherwise(student, cases):
            return "The curves were not drawn with matplotlib, so they were not held against the trainings."
        raise _no_curves(cases)
    lacking = [(case, *_lacking(case, drawn)) for case in cases]
    if all(not training and not validation for _, training, validation in lacking):
        return "None of the drawn lines has the values that a training reported; they were not compared."
    for case, training, validation in lacking:
        if not (training and validation):
            raise _incomplete(case, training, validation)
    return None


def figures_of(student: Student) -> Iterator[dict[str, Any]]:
    """Each coordinate system of each figure that was drawn after the first training began."""
    first = min((fit.order for fit in student.fits), default=0)
    for event in student.events:
        if event.kind == "figure" and event.order > first:
            yield from _axes(event)


def _axes(event: Event) -> Iterator[dict[str, Any]]:
    axes = event.data.get("axes")
    yield from (one for one in (axes if isinstance(axes, list) else []) if isinstance(one, dict))


def lines_of(student: Student) -> tuple[Values, ...]:
    """The values of every line that was drawn after the first training began."""
    return tuple(
        numbers_of(line.get("y"))
        for axes in figures_of(student)
        for line in dictionaries(axes.get("lines"))
        if numbers_of(line.get("y"))
    )


def dictionaries(value: Any) -> list[dict[str, Any]]:
    """The dictionaries in a list from the kernel."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def numbers_of(value: Any) -> Values:
    """Numbers from the kernel; ``None`` for NaN."""
    entries = value if isinstance(value, list) else []
    return tuple(
        float(one) if isinstance(one, int | float) and not isinstance(one, bool) else None for one in entries
    )


def _lacking(case: Recognised, drawn: Sequence[Values]) -> tuple[bool, bool]:
    """Whether a training curve and a validation curve of a case are among the lines."""
    shown = [curve for curve in _curves(case) if any(_same(curve.values, line) for line in drawn)]
    return any(not curve.validation for curve in shown), any(curve.validation for curve in shown)


def _curves(case: Recognised) -> Iterator[Curve]:
    """What the fits of a case reported, one after the other where there were several."""
    if case.run is None:
        return
    for name in case.run.last.history:
        whole = tuple(value for fit in case.run.fits for value in fit.history.get(name, ()))
        yield Curve(case.training.number, name, whole)
        if len(case.run.fits) > 1:
            yield Curve(case.training.number, name, case.run.last.history[name])


def _same(values: Values, line: Values) -> bool:
    """Whether a line begins or ends with these values, as shares or in percent."""
    if not values or len(line) < len(values):
        return False
    parts = (line[: len(values)], line[-len(values) :])
    return any(
        all(_near(value, got, factor) for value, got in zip(values, part, strict=True))
        for part in parts
        for factor in (1.0, PERCENT)
    )


def _near(value: float | None, got: float | None, factor: float) -> bool:
    if value is None or got is None:
        return value is got
    return abs(value * factor - got) <= TOLERANCE * max(1.0, abs(got))


def drawn_otherwise(student: Student, cases: Sequence[Recognised]) -> bool:
    """Whether the cells from the first training on show more pictures than matplotlib drew figures."""
    first = min(fit.cell for case in cases if case.run for fit in case.run.fits)
    figures = sum(event.kind == "figure" and event.cell >= first for event in student.events)
    return sum(cell.figures for cell in student.cells if cell.number >= first) > figures


def _no_curves(cases: Sequence[Recognised]) -> Failure:
    return Failure(
        "No curves of the trainings were drawn.",
        expected="for each case, loss or accuracy over the epochs, of training and validation images",
        received="no figure with a line after the first training",
        hint="fit returns an object whose history holds a list for each quantity, with one value per epoch.",
    )


def _incomplete(case: Recognised, training: bool, validation: bool) -> Failure:
    has_validation = any(curve.validation for curve in _curves(case))
    missing = (
        "training and validation curves"
        if not training and not validation
        else ("validation curve" if training else "training curve")
    )
    return Failure(
        f"Case {case.training.number}: its {missing} {'are' if missing.endswith('s') else 'is'} not among "
        "the drawn lines.",
        expected="a training and a validation curve of each case",
        received="lines of other cases"
        if not training and not validation
        else f"only its {'training' if training else 'validation'} curve",
        hint="Is the history of this case the one that is drawn, and not that of another?"
        if has_validation
        else "fit reports validation values only where it gets validation_data or validation_split.",
    )
