"""Who hands in twice, or in a group, is not accused of copying from themselves."""

from __future__ import annotations

import doctest

import pytest

from grader.similarity import people
from grader.similarity.people import same_people


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "ada_lovelace (2)"),
        ("Ada Lovelace", "Lovelace, Ada"),
        ("Ada & Ben", "ben and ada"),
        ("Ada Lovelace", "Ada Lovelace, Ben Ode"),
        ("group 7", "Group 7 - late"),
    ],
)
def test_the_same(one, other):
    """Another order, a number for the copy, or a member of the group."""
    assert same_people(one, other)
    assert same_people(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada Lovelace", "Ada Byron"), ("group 7", "group 8"), ("student 1", "student 2"), ("", "Ada")],
)
def test_others(one, other):
    """A name or a number in common is not enough."""
    assert not same_people(one, other)


def test_examples():
    """The example in the docstring is true."""
    assert doctest.testmod(people).attempted
    assert not doctest.testmod(people).failed
