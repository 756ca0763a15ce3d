"""What policies make of a score, each with its sentence."""

from __future__ import annotations

import dataclasses
import doctest

import pytest

from grader import origins, people, policies
from grader.policies import NO_POLICY, Late, Policy, Terms, final_score, half_up

DUE = "2026-03-01T23:59:00+01:00"
LATE = Late(DUE, grace_minutes=15, percent_per_day=10, free_days=1, most_percent=50)


def late_by(submitted, late=LATE, score=40.0):
    """The final score and the reasons of a hand-in at that time."""
    return final_score(Terms(Policy(late=late), submitted, "time of the file"), score, 60.0)


@pytest.mark.parametrize("module", [policies, people, origins], ids=lambda module: module.__name__)
def test_the_examples(module):
    """The examples in the docstrings are true."""
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("submitted", "score", "said"),
    [
        pytest.param("2026-03-01T12:00:00+01:00", 40, "in time", id="early"),
        pytest.param(DUE, 40, "in time", id="to-the-minute"),
        pytest.param("2026-03-02T00:14:00+01:00", 40, "in time", id="end-of-grace"),
        pytest.param("2026-03-01T23:14:00+00:00", 40, "in time", id="another-zone"),
        pytest.param("2026-03-02T00:14:01+01:00", 40, "within one day", id="free-day"),
        pytest.param("2026-03-02T23:59:00+01:00", 40, "within one day", id="whole-day"),
        pytest.param("2026-03-02T23:59:01+01:00", 36, "within 2 days", id="second-day-begun"),
        pytest.param("2026-03-04T12:00:00+01:00", 32, "20 % of the points earned", id="third-day"),
        pytest.param("2026-05-01T12:00:00+01:00", 20, "50 % of the points earned", id="at-most-half"),
        pytest.param("", 40, "not known", id="unknown"),
    ],
)
def test_lateness(submitted, score, said):
    """Grace, free days, days begun, and the most that lateness costs; who knows nothing takes nothing."""
    final = late_by(submitted)
    assert final.score == score
    assert said in final.reasons[-1]


def test_lateness_says_where_the_time_is_from():
    """The sentence has both times and what told the hand-in's."""
    (reason,) = late_by("2026-03-03T10:00:00+01:00").reasons
    assert reason == (
        "Handed in on 3 March 2026, 10:00 (UTC+01:00) (time of the file), within 2 days after it was due on "
        "1 March 2026, 23:59 (UTC+01:00), of which the first is free: 10 % of the points earned are taken off."
    )


def test_late_by_an_unknown_time():
    """What a platform marks late without a time costs nothing, and is left to a person."""
    final = final_score(Terms(Policy(late=LATE), marked_late=True), 40.0, 60.0)
    assert (final.score, "a person looks at it" in final.reasons[0]) == (40.0, True)


@pytest.mark.parametrize(
    ("policy", "score", "bonus", "final"),
    [
        pytest.param(Policy(most_bonus=2), 63.0, 5.0, 60.0, id="bonus"),
        pytest.param(Policy(most_bonus=5), 63.0, 5.0, 63.0, id="bonus-as-much"),
        pytest.param(Policy(most_bonus=0), 63.0, 5.0, 58.0, id="no-bonus"),
        pytest.param(Policy(cap_percent=100), 63.0, 5.0, 60.0, id="cap"),
        pytest.param(Policy(cap_percent=110), 63.0, 5.0, 63.0, id="cap-above"),
        pytest.param(Policy(most_bonus=2, cap_percent=90), 63.0, 5.0, 54.0, id="bonus-before-cap"),
        pytest.param(Policy(decimals=0), 41.5, 0.0, 42.0, id="half-up"),
        pytest.param(Policy(decimals=1), 41.25, 0.0, 41.3, id="half-up-tenth"),
        pytest.param(Policy(decimals=2), 1.005, 0.0, 1.01, id="half-up-in-binary"),
        pytest.param(NO_POLICY, 41.123456789, 0.0, 41.123457, id="none"),
    ],
)
def test_bonus_cap_and_rounding(policy, score, bonus, final):
    """Bonus, then cap, then rounding, each with a sentence where it changes something."""
    found = final_score(Terms(policy), score, 60.0, bonus)
    assert found.score == final
    assert len(found.reasons) >= (final != round(score, 6))


def test_the_order():
    """Lateness takes a part of what is left by the cap, and rounding comes last."""
    policy = Policy(late=dataclasses.replace(LATE, free_days=0), cap_percent=100, decimals=1)
    found = final_score(Terms(policy, "2026-03-02T10:00:00+01:00"), 66.66, 60.0, 10.0)
    assert found.score == 54.0
    assert [reason.split()[0] for reason in found.reasons] == ["More", "Handed", "The"]


def test_attempts_and_groups_are_told():
    """Which attempt counts, and for whom."""
    terms = Terms(Policy(attempts="best"), members=("ada", "ben"), attempt=2, attempts=3)
    assert final_score(terms, 40.0, 60.0).reasons == (
        "Handed in for ada, ben together.",
        "Of 3 attempts number 2 counts, the best one.",
    )


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"), [(0.5, 0, 1), (2.5, 0, 3), (-0.5, 0, -1), (7, 2, 7)]
)
def test_half_up(value, decimals, rounded):
    """A half goes away from 0, never to the even number."""
    assert half_up(value, decimals) == rounded
