"""Pictures reach the checks that they belong to, within bounds, and never cost a verdict."""

from __future__ import annotations

import dataclasses

from checks.kit import Lab, Shown
from checks.kit.picture import Images, Tile
from grader import showing
from grader.showing import MOST, ROOM, pictures_of, with_pictures
from tests.checks.cnn.student import Notebook
from tests.grader.page_reports import PICTURES, TASKS

LAB = Lab("x", "X", (), (), (), shows="shows")
STUDENT = Notebook({})


def shown(monkeypatch, *rules):
    monkeypatch.setattr(showing.labs, "load_pictures", lambda lab: rules)
    tasks = with_pictures(TASKS, pictures_of(LAB, STUDENT, ()))
    return {check.id: check.pictures for task in tasks for check in task.checks}


def of_size(characters):
    return Images("large", (Tile("A" * characters, ""),))


def test_a_picture_stands_under_the_first_check_that_there_is(monkeypatch):
    """A rule names several checks, since some may be switched off; the failure's own pictures stay first."""
    rule = lambda student, saved: [Shown(("9.9/none", "4.1/architecture"), PICTURES[0])]  # noqa: E731
    before = TASKS[0].checks[1].pictures
    assert shown(monkeypatch, rule)["4.1/architecture"] == (*before, PICTURES[0])[:MOST]
    assert shown(monkeypatch, lambda *_: [Shown(("9.9/none",), PICTURES[0])]) == shown(monkeypatch)


def test_a_rule_that_fails_shows_nothing_and_costs_nothing(monkeypatch):
    """The other rules still show, and no verdict changes."""

    def broken(student, saved):
        yield Shown(("7/photos",), PICTURES[0])
        raise RuntimeError("our own fault")

    fine = lambda student, saved: [Shown(("4.1/callable",), PICTURES[1])]  # noqa: E731
    pictures = shown(monkeypatch, broken, fine)
    assert pictures["7/photos"] == ()
    assert pictures["4.1/callable"] == (PICTURES[1],)


def test_there_is_room_for_so_much(monkeypatch):
    """Images beyond the room are left out, smaller ones after them may fit; a check has at most so many."""
    sizes = (ROOM // 2, ROOM, ROOM // 2 - 1_000, *[1] * 20)
    rule = lambda student, saved: [Shown(("7/photos",), of_size(size)) for size in sizes]  # noqa: E731
    kept = [len(one.tiles[0].png) for one in shown(monkeypatch, rule)["7/photos"]]
    assert kept == [ROOM // 2, ROOM // 2 - 1_000, 1, 1, 1]
    assert sum(kept) <= ROOM


def test_a_lab_without_rules_stays_as_it_is():
    """No module is looked for where the lab names none."""
    assert with_pictures(TASKS, pictures_of(dataclasses.replace(LAB, shows=""), STUDENT, ())) == TASKS
