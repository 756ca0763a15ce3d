"""At the level "full" the grader scores what the notebook has trained, on images that no submission has seen.

A network may be trained further by a later cell, so it is asked right after the cell of each fit. Its
predictions come back, and are held against labels that never enter the sandbox.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.kit import AccuracyRow, Fit, Gone, Probe, Raised, Reply, Scored, Student
from grader.evidence import Evidence, LiveStudent
from grader.kernels import Kernel
from grader.labs import Accuracies

MAX_FITS = 60  # of a notebook; a lab asks for ten
LONGEST_S = 600.0  # for all the asking of one notebook

_log = logging.getLogger(__name__)


@dataclass
class Scorer:
    """Asks the networks that a cell has trained, and puts what they reach into the evidence."""

    accuracies: Accuracies
    evidence: Evidence
    given: Mapping[str, Any]
    hidden: Mapping[str, Any]
    fits: int = 0
    seconds: float = 0.0
    stopped: bool = field(default=False)

    async def after_cell(self, kernel: Kernel, number: int) -> None:
        """Score what the cell with this number has trained; never raises."""
        trained = last_fits(self.evidence.fits, number)
        if not trained or self.stopped:
            return
        started = time.monotonic()
        try:
            for fit in trained:
                await self._score(kernel, fit)
            await kernel.ask("release", {})
        except (Gone, Raised):
            self.stopped = True  # it is busy, gone or lying: what follows in the notebook shows which
        except Exception as error:  # noqa: BLE001 - our own fault, whatever it is, must cost nobody anything
            _log.warning("networks could not be scored", exc_info=error)
        self.seconds += time.monotonic() - started
        self.stopped |= self.seconds > LONGEST_S

    async def _score(self, kernel: Kernel, fit: Fit) -> None:
        self.fits += 1
        if self.fits > MAX_FITS:
            return
        student = LiveStudent(
            evidence=self.evidence, given=self.given, seed=0, put=_nobody, errors=(), hidden=self.hidden,
            training="full",
        )  # fmt: skip
        for probe in self.accuracies.probes(student, fit):
            try:
                reply = await kernel.ask("score", {"model": fit.model.identity}, (probe.images,))
            except Raised as raised:
                self.evidence.scored.append(_unscored(fit, probe, f"it stopped with {raised}"))
                continue
            if self.evidence.honesty.honest(fit.cell, reply.changed):
                self.evidence.scored.append(score(fit, probe, reply))


def last_fits(fits: list[Fit], number: int) -> list[Fit]:
    """For each network that a cell has trained its last fit there, in order."""
    found = {
        fit.model.identity: fit for fit in fits if fit.cell == number and fit.model.identity and not fit.error
    }
    return sorted(found.values(), key=lambda fit: fit.order)


def score(fit: Fit, probe: Probe, reply: Reply) -> Scored:
    """The share of a probe's images for which the largest prediction is that of the right class.

    What is no number is wrong.
    """
    predictions = reply.arrays[0] if reply.arrays else np.empty(0)
    rows = len(probe.classes)
    if predictions.ndim != 2 or len(predictions) != rows or predictions.dtype.kind != "f":
        return _unscored(fit, probe, f"it gave predictions of the shape {predictions.shape}")
    unusable = ~np.isfinite(predictions)
    named = np.where(unusable, 0, predictions).argmax(axis=1)
    right = (named == probe.classes) & ~unusable.any(axis=1)
    return Scored(fit.order, probe.name, rows, float(np.mean(right)))


def rows_of(accuracies: Accuracies, student: Student, tasks: Sequence[str]) -> tuple[AccuracyRow, ...]:
    """The accuracies of these tasks, of all where empty; none where the lab's own code fails."""
    try:
        rows = accuracies.rows(student)
    except Exception as error:  # noqa: BLE001 - our own fault, whatever it is, must cost nobody anything
        _log.warning("the accuracies could not be put together", exc_info=error)
        return ()
    return tuple(row for row in rows if not tasks or row.task in tasks)


def _unscored(fit: Fit, probe: Probe, problem: str) -> Scored:
    return Scored(fit.order, probe.name, len(probe.classes), None, problem)


def _nobody(op: str, _arguments: dict[str, Any], _arrays: tuple[Any, ...]) -> Reply:
    raise Gone(f"nothing is asked for {op} while the notebook runs")
