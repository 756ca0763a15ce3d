"""How low a threshold must lie so that hardly any right solution falls below it, and how sure that is.

The accuracies of one solution over its seeds are taken for draws from a normal distribution whose mean and
deviation are unknown; that is the assumption, and solutions are never mixed, since their means differ. From
n runs with the mean m and the deviation s follows, for a threshold T, the non-central t distribution of
(m - T) / s. It gives the largest chance of a further run below T that is still compatible with what was
seen: the upper limit at a confidence of 95 %. A threshold also lies below every run that was seen.
Without the assumption, 20 runs could not show a chance below 5 %.

Where the seeds are spread over the solutions, each of them has too few runs to tell its own deviation. Then
one more thing is assumed: that all of them deviate from their own means by as much. ``pooled`` measures that
deviation from the runs of all, with one degree of freedom less for each solution; the means stay apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

CHANCE = 1e-4  # of a further run below the bound, by Student's t
MOST = 0.01  # that a right solution may fall below a threshold
CONFIDENCE = 0.95
LARGEST = 40.0  # deviations from the mean, beyond which a chance is 0 in double precision


@dataclass(frozen=True)
class Spread:
    """How far runs lie from their solution's mean; ``degrees`` of freedom say how well that is known."""

    deviation: float
    degrees: int


def pooled(groups: Iterable[Sequence[float]]) -> Spread:
    """The deviation within the runs of several solutions, or of one.

    Args:
        groups: the accuracies of each solution.

    Raises:
        ValueError: no solution has two runs, so nothing is known of it.

    >>> pooled([[0.50, 0.52], [0.60, 0.62]]).degrees
    2
    """
    runs = [np.asarray(group, dtype=float) for group in groups if len(group)]
    degrees = sum(len(group) - 1 for group in runs)
    if degrees < 1:
        raise ValueError("a deviation needs a solution with two runs at least; give more seeds")
    squares = sum(float(np.square(group - group.mean()).sum()) for group in runs)
    return Spread(math.sqrt(squares / degrees), degrees)


def bound(accuracies: Sequence[float], spread: Spread | None = None) -> float:
    """What a further run falls below with the chance ``CHANCE``, or the lowest run if that is lower.

    Args:
        accuracies: the runs of one solution.
        spread: what is known of its deviation; by default what its own runs tell.
    """
    n, known = len(accuracies), spread or pooled([accuracies])
    width = stats.t.isf(CHANCE, known.degrees) * known.deviation * math.sqrt(1 + 1 / n)
    return float(min(np.mean(accuracies) - width, *accuracies))


def chance_below(
    threshold: float, mean: float, deviation: float, n: int, degrees: int | None = None
) -> float:
    """The chance that a further run falls below a threshold: its upper limit at a confidence of 95 %.

    Args:
        threshold: an accuracy.
        mean: of the n runs.
        deviation: of the n runs, with n - 1 in the denominator, or of ``Spread``; above 0.
        n: how many runs.
        degrees: of freedom of the deviation, n - 1 by default.

    >>> round(chance_below(0.39, 0.4696, 0.0149, 20), 5) < 0.01
    True
    """
    known = n - 1 if degrees is None else degrees
    seen = math.sqrt(n) * (mean - threshold) / deviation

    def excess(distance: float) -> float:
        return float(stats.nct.cdf(seen, known, math.sqrt(n) * distance)) - CONFIDENCE

    if excess(0.0) < 0:
        return 1.0  # the threshold may as well lie above the mean
    if math.sqrt(n) * LARGEST < seen:
        return 0.0
    farthest = seen / math.sqrt(n)  # the distance seen: no lower limit can lie above it
    return float(stats.norm.sf(optimize.brentq(excess, 0.0, farthest)))


def chance_of_failing(failures: int, n: int, tries: int) -> float:
    """The chance that a solution fails in all of several tries, of whose n runs some failed.

    Each try is a run with a seed of its own, so the tries are independent for one solution. Of one try it is
    the upper limit of Clopper and Pearson at a confidence of 95 %; nothing is assumed of the accuracies.

    >>> round(chance_of_failing(0, 20, 1), 4)
    0.1391
    """
    one = float(stats.beta.ppf(CONFIDENCE, failures + 1, n - failures)) if failures < n else 1.0
    return one**tries
