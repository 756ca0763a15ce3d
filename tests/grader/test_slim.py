"""What a class keeps of its reports: enough for its pages, small, and equal things once."""

import dataclasses

import pytest

from grader.output import gradebook_csv
from grader.pages import render_class
from grader.records import Answer
from grader.slim import Slimmer
from tests.grader.page_reports import FULL

ANSWERED = dataclasses.replace(
    FULL, answers=(Answer("Q5", "1.2", "Why?", "Because.", 3, "unclear", "No rule fits.", ("Because",)),)
)


@pytest.mark.parametrize("report", [FULL, ANSWERED], ids=["full", "answered"])
def test_the_class_looks_the_same(report):
    """Neither the class page nor the gradebook tells slim reports from whole ones."""
    slim = Slimmer().slim(report)
    assert render_class([slim], title="class") == render_class([report], title="class")
    assert gradebook_csv([slim]) == gradebook_csv([report])
    assert [answer.text for answer in slim.answers] == [answer.text for answer in report.answers]


def test_nothing_large_is_kept():
    """Pictures, tables, counterexamples and the notebook as it ran are left out."""
    slim = Slimmer().slim(dataclasses.replace(FULL, executed={"cells": []}))
    assert slim.executed is None
    assert any(result.table for result in FULL.checks)
    assert not any(result.pictures or result.table or result.counterexample for result in slim.checks)


def test_what_is_equal_is_held_once():
    """Two students with the same verdicts share them, and differ in what is their own."""
    slimmer = Slimmer()
    ada, bob = (slimmer.slim(dataclasses.replace(FULL, slug=slug)) for slug in ("ada", "bob"))
    slower = dataclasses.replace(FULL.checks[0], seconds=9.0)
    assert all(mine is yours for mine, yours in zip(ada.tasks, bob.tasks, strict=True))
    assert slimmer.slim(FULL).checks[0] == dataclasses.replace(slower, **left_out())
    assert (ada.slug, bob.slug) == ("ada", "bob")


def left_out():
    return {"seconds": 0.0, "table": (), "pictures": (), "counterexample": None}
