"""``[policies]`` in a rubric: what they set, and what is said about every mistake in them."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from grader.policies import NO_POLICY, Late, Policy
from grader.rubric import RubricProblem, read_rubric
from grader.rubric_mistakes import Known

OWN = '[tasks."1.1"]\ntitle = "Filters"\n[checks."1.1/a"]\npoints = 2\n'
KNOWN = Known(checks=("1.1/a",), questions={})


def hashed(fields):
    """The hash of a rubric's fields, as it was made before there were policies."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True, default=sorted).encode()).hexdigest()


@pytest.fixture
def read(tmp_path):
    """A function that reads OWN and, over it, these changes."""

    def call(changes=None, own=OWN):
        (tmp_path / "own.toml").write_text(own)
        mine = tmp_path / "mine.toml"
        mine.write_text(changes or "")
        return read_rubric("Untitled", tmp_path / "own.toml", mine if changes else None, KNOWN)

    return call


def test_all_that_can_be_set(read):
    """Every key, in an instructor's file."""
    rubric = read("""
[policies]
attempts = "best"
most_bonus = 3
cap_percent = 100
decimals = 1
[policies.late]
due = 2026-03-01T23:59:00+01:00
grace_minutes = 15
percent_per_day = 10
free_days = 2
most_percent = 50
""")
    late = Late("2026-03-01T23:59:00+01:00", 15, 10, 2, 50)
    assert rubric.policies == Policy(late, "best", 3, 100, 1)


def test_a_day_ends_at_midnight(read):
    """A due date without a time, and a time without a zone, are this machine's."""
    assert read("[policies.late]\ndue = 2026-03-01").policies.late.due[:19] == "2026-03-01T23:59:59"
    local = read("[policies.late]\ndue = 2026-03-01T12:00:00").policies.late.due
    assert local[:19] == "2026-03-01T12:00:00"
    assert len(local) > 19


def test_the_due_time_may_come_from_the_other_file(read):
    """A lab's own rubric may have the percentage, and an instructor's file the time."""
    late = read(
        "[policies.late]\ndue = 2026-03-01", own=OWN + "[policies.late]\npercent_per_day = 5\n"
    ).policies
    assert late.late.percent_per_day == 5


def test_nothing_changes_without_policies(read):
    """A rubric without policies has the hash that it had before there were any, one with them another."""
    assert read().policies == NO_POLICY
    fields = dataclasses.asdict(read())
    del fields["policies"]
    assert read().sha256 == hashed({**fields, "sha256": ""})
    assert read("[policies]\ndecimals = 1").sha256 != read().sha256


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ("[policies]\nlatest = 1", "unknown key 'latest' of the policies in line 2"),
        ('[policies]\nattempts = "first"', "attempts of the policies in line 2 must be \"last\" or \"best\", not 'first'"),
        ("[policies]\ndecimals = 1.5", "decimals of the policies in line 2 must be a whole number from 0 to 6, not 1.5"),
        ("[policies]\ndecimals = true", "must be a whole number from 0 to 6, not true"),
        ("[policies]\nmost_bonus = -1", "must be a number that is not negative, not -1"),
        ("[policies]\nlate = 3", "late of the policies in line 2 must be a table: [policies.late]"),
        ("policies = 3", "[policies] in line 1 must be a table"),
        ('[policies.late]\ndue = "1 March"', "due of the late policy in line 2 must be a date or a time without quotes"),
        ("[policies.late]\npercent_per_day = 10", "[policies.late] needs due = …"),
        (
            "[policies.late]\ndue = 2026-03-01\npercent_per_day = 110",
            "percent_per_day of the late policy in line 3 must be a number from 0 to 100, not 110",
        ),
        ("[policies.late]\ndue = 2026-03-01\ngrace_minute = 1", "did you mean 'grace_minutes'?"),
    ],
)  # fmt: skip
def test_mistakes(read, changes, told):
    """Each is named with its key and line."""
    with pytest.raises(RubricProblem) as caught:
        read(changes)
    assert told in str(caught.value)
