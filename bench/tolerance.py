"""How low a threshold must lie so that hardly any right solution falls below it, and how sure that is.

The accuracies of one solution over its seeds are taken for draws from a normal distribution whose mean and
deviation are unknown; that is the assumption, and solutions are never mixed, since their means differ. From
n runs with the mean m and the deviation s follows, for a threshold T, the non-central t distribution of
(m - T) / s. It gives the largest chance of a further run below T that is still compatible with what was
seen: the upper limit at a confidence of 95 %. A threshold also lies below every run that was seen.
Without the assumption, 20 runs could not show a chance below 5 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import optimize, stats

CHANCE = 1e-4  # of a further run below the bound, by Student's t
MOST = 0.01  # that a right solution may fall below a threshold
CONFIDENCE = 0.95
LARGEST = 40.0  # deviations from the mean, beyond which a chance is 0 in double precision


def bound(accuracies: Sequence[float]) -> float:
    """What a further run falls below with the chance ``CHANCE``, or the lowest run if that is lower."""
    n = len(accuracies)
    width = stats.t.isf(CHANCE, n - 1) * np.std(accuracies, ddof=1) * math.sqrt(1 + 1 / n)
    return float(min(np.mean(accuracies) - width, *accuracies))


def chance_below(threshold: float, mean: float, deviation: float, n: int) -> float:
    """The chance that a further run falls below a threshold: its upper limit at a confidence of 95 %.

    Args:
        threshold: an accuracy.
        mean: of the n runs.
        deviation: of the n runs, with n - 1 in the denominator; above 0.
        n: how many runs.

    >>> round(chance_below(0.39, 0.4696, 0.0149, 20), 5) < 0.01
    True
    """
    seen = math.sqrt(n) * (mean - threshold) / deviation

    def excess(distance: float) -> float:
        return float(stats.nct.cdf(seen, n - 1, math.sqrt(n) * distance)) - CONFIDENCE

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
