"""Accuracies, each with where it comes from: what a notebook claims, and what the grader measured."""

from __future__ import annotations

from dataclasses import dataclass

from checks.kit.student import Array


@dataclass(frozen=True)
class Probe:
    """Images that no submission has seen, as a network expects them: (m, …) float32.

    ``classes`` (m,) are theirs, as integers, and never enter the sandbox. ``name`` tells the probes of a
    fit apart.
    """

    name: str
    images: Array
    classes: Array


@dataclass(frozen=True)
class Origin:
    """One accuracy, 0 to 1, or ``None`` where there is none, and in ``note`` whence it is, or why not.

    ``chance`` is that of a right solution to fall below ``threshold``, ``None`` where that was not measured.
    """

    accuracy: float | None
    note: str
    threshold: float | None = None
    chance: float | None = None


@dataclass(frozen=True)
class AccuracyRow:
    """The accuracy of one network of a task at the three levels of evidence."""

    task: str
    name: str
    claimed: Origin
    budget: Origin
    full: Origin
