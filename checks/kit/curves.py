"""Curves of trainings: what the saved logs claim of them, and what they gave when the grader ran them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from checks.kit.claimed import ACCURACY
from checks.kit.picture import Curves, Line, Plots
from checks.kit.saved import Log
from checks.kit.student import Fit

MOST = 200  # epochs that are drawn
QUANTITIES = {"accuracy": ACCURACY, "loss": ("loss",)}  # by the names that Keras gives them
CLAIMED = "What the outputs that were handed in say."
BOTH = (
    "Drawn through: what the outputs that were handed in say. Dashed: what the same cell gave when the "
    "grader ran it."
)
Values = Mapping[str, float | None]


def plots_of(title: str, fits: Sequence[Fit], logs: Mapping[int, Log], *, full: bool) -> Plots | None:
    """Training and validation accuracy and loss over the epochs of fits that follow each other.

    Args:
        title: what was trained.
        fits: one after the other.
        logs: the saved log of each fit, by its order.
        full: whether the grader trained them in full; what was cut short says nothing of a network.
    """
    claimed = [epoch.values for fit in fits if fit.order in logs for epoch in logs[fit.order].epochs]
    measured = measured_epochs(fits) if full else ()
    plots = [
        Curves(title, quantity, lines)
        for quantity in QUANTITIES
        if (lines := (*_lines(claimed, quantity, claimed=True), *_lines(measured, quantity, claimed=False)))
    ]
    return Plots(title, tuple(plots), BOTH if full else CLAIMED) if plots else None


def measured_epochs(fits: Sequence[Fit]) -> tuple[Values, ...]:
    """What fits that follow each other returned, epoch by epoch."""
    return tuple(
        {name: values[place] for name, values in fit.history.items() if place < len(values)}
        for fit in fits
        for place in range(max(map(len, fit.history.values()), default=0))
    )


def value_of(epoch: Values, quantity: str, *, validation: bool) -> float | None:
    """The accuracy or the loss of an epoch, ``None`` where there is none or it is no number."""
    for name in QUANTITIES[quantity]:
        value = epoch.get(f"val_{name}" if validation else name)
        if value is not None and math.isfinite(value):
            return float(value)
    return None


def _lines(epochs: Sequence[Values], quantity: str, *, claimed: bool) -> Iterator[Line]:
    said = "as handed in" if claimed else "in the grader's run"
    for validation in (False, True):
        values = tuple(value_of(epoch, quantity, validation=validation) for epoch in epochs[:MOST])
        if any(value is not None for value in values):
            yield Line(f"{'validation' if validation else 'training'}, {said}", values, claimed, validation)
