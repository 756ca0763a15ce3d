"""What an instructor's policies make of a score: lateness, attempts, bonus, a cap, rounding. Pure functions.

The score of the checks stays as it is; what comes of it here is the final score, with a sentence for each
step. The order is: bonus, cap, lateness, rounding. Lateness takes a part of what is left by then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, Protocol

DAY = timedelta(days=1)
Choice = Literal["", "last", "best"]


@dataclass(frozen=True)
class Late:
    """When work is due, and what lateness costs.

    ``due`` is ISO 8601 with its offset. What comes up to ``grace_minutes`` later is in time. Each day that
    has begun since ``due`` costs ``percent_per_day`` of the points earned, but for the first ``free_days``,
    and never more than ``most_percent``.
    """

    due: str
    grace_minutes: float = 0.0
    percent_per_day: float = 0.0
    free_days: float = 0.0
    most_percent: float = 100.0


@dataclass(frozen=True)
class Policy:
    """What a rubric's ``[policies]`` say; what is ``None`` or "" changes nothing.

    ``attempts`` says which of several hand-ins of one student counts. ``most_bonus`` are points,
    ``cap_percent`` is a part of the maximum score, ``decimals`` those that the final score keeps.
    """

    late: Late | None = None
    attempts: Choice = ""
    most_bonus: float | None = None
    cap_percent: float | None = None
    decimals: int | None = None


NO_POLICY = Policy()


@dataclass(frozen=True)
class Terms:
    """The policies as they meet one submission.

    ``submitted`` is ISO 8601 with its offset or "", ``told_by`` says in words where it comes from, and
    ``marked_late`` that the learning platform calls it late. ``members`` are the students of a group.
    ``attempt`` counts from 1 up to ``attempts``; both are 0 where there is only one.
    """

    policy: Policy
    submitted: str = ""
    told_by: str = ""
    marked_late: bool = False
    members: tuple[str, ...] = ()
    attempt: int = 0
    attempts: int = 0


@dataclass(frozen=True)
class Final:
    """The score that counts, and why it is not that of the checks: a sentence per reason."""

    score: float
    reasons: tuple[str, ...]


class Scored(Protocol):
    """What a report tells of its points."""

    @property
    def terms(self) -> Terms | None:
        """The policies that it is under, if any."""

    @property
    def score(self) -> float:
        """The points earned, bonus included."""

    @property
    def max_score(self) -> float:
        """The points there are, without bonus."""

    @property
    def bonus(self) -> float:
        """The points earned that come on top of the maximum score."""


def final_of(report: Scored) -> Final | None:
    """The final score of a report, or ``None`` where no policy is in effect."""
    if report.terms is None:
        return None
    return final_score(report.terms, report.score, report.max_score, report.bonus)


def final_score(terms: Terms, score: float, max_score: float, bonus: float = 0.0) -> Final:
    """What the policies make of a score.

    Args:
        terms: the policies and what they depend on.
        score: the points earned, ``bonus`` included.
        max_score: the points there are, without bonus.
        bonus: the points earned on top.
    """
    policy, reasons = terms.policy, [*_about_members(terms), *_about_attempts(terms)]
    if policy.most_bonus is not None and bonus > policy.most_bonus:
        score -= bonus - policy.most_bonus
        reasons.append(
            f"Of {told(bonus)} bonus points {told(policy.most_bonus)} count, which is the most there can be."
        )
    cap = math.inf if policy.cap_percent is None else max_score * policy.cap_percent / 100
    if score > cap:
        reasons.append(f"More than {told(cap)} points cannot be had, so {told(score)} become {told(cap)}.")
        score = cap
    if policy.late is not None:
        part, sentence = lateness(policy.late, terms)
        score *= 1 - part
        reasons.append(sentence)
    if policy.decimals is not None:
        score = half_up(score, policy.decimals)
        reasons.append(f"The final score is rounded half up to {_decimals(policy.decimals)}.")
    return Final(float(half_up(score, 6)), tuple(reasons))


def lateness(late: Late, terms: Terms) -> tuple[float, str]:
    """The part of the points, 0 to 1, that lateness costs, and the sentence that says so."""
    due = datetime.fromisoformat(late.due)
    if not terms.submitted:
        if terms.marked_late:
            return 0.0, (
                "It is marked as late, but not by how much, so nothing is taken off; a person looks at it."
            )
        return 0.0, "When it was handed in is not known, so it counts as handed in in time."
    submitted = datetime.fromisoformat(terms.submitted)
    when = f"Handed in on {moment(submitted)}{f' ({terms.told_by})' if terms.told_by else ''}"
    days = days_late(late, submitted)
    if days == 0:
        return 0.0, f"{when}, in time: it was due on {moment(due)}."
    charged = max(0.0, days - late.free_days)
    percent = min(late.most_percent, charged * late.percent_per_day)
    by = f"{when}, {_days(days)} after it was due on {moment(due)}"
    free = f", of which {_free(late.free_days)} free" if late.free_days else ""
    return percent / 100, f"{by}{free}: {told(percent)} % of the points earned are taken off."


def days_late(late: Late, submitted: datetime) -> int:
    """The days begun since the due time, 0 up to the end of the grace time."""
    behind = submitted - datetime.fromisoformat(late.due)
    if behind <= timedelta(minutes=late.grace_minutes):
        return 0
    return math.ceil(behind / DAY)


def half_up(value: float, decimals: int) -> float:
    """``value`` rounded as people do: a half goes away from 0.

    >>> half_up(2.5, 0), half_up(0.125, 2), round(2.5), half_up(1.005, 2)
    (3.0, 0.13, 2, 1.01)
    """
    exact = Decimal(repr(round(float(value), 9)))  # the sum of binary fractions, without their noise
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def moment(when: datetime) -> str:
    """A time for people: ``3 March 2026, 14:05 (UTC+01:00)``."""
    return f"{when.day} {when:%B %Y, %H:%M} ({when.tzname() if when.tzinfo else 'local time'})"


def told(value: float) -> str:
    """A number in a sentence: at most two decimals."""
    return f"{half_up(value, 2):.2f}".rstrip("0").rstrip(".")


def _about_members(terms: Terms) -> list[str]:
    return [f"Handed in for {', '.join(terms.members)} together."] if len(terms.members) > 1 else []


def _about_attempts(terms: Terms) -> list[str]:
    if terms.attempts < 2:
        return []
    which = "the best" if terms.policy.attempts == "best" else "the last"
    return [f"Of {terms.attempts} attempts number {terms.attempt} counts, {which} one."]


def _days(days: int) -> str:
    return "within one day" if days == 1 else f"within {days} days"


def _free(days: float) -> str:
    return "the first is" if days == 1 else f"the first {told(days)} are"


def _decimals(decimals: int) -> str:
    if decimals == 0:
        return "a whole number"
    return f"{decimals} {'decimal' if decimals == 1 else 'decimals'}"
