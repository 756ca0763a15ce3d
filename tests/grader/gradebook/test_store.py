"""Runs, reports and marks are kept, and read back as they were."""

import dataclasses
import json

import pytest

from grader.gradebook.problems import Conflict, GradebookProblem
from grader.gradebook.records import Target
from grader.gradebook.store import Gradebook
from grader.report_json import from_json, to_json
from tests.grader.gradebook.classes import mark_at_once
from tests.grader.gradebook.reports import FULL
from tests.grader.page_reports import MARKUP, MINIMAL, UNREADABLE, with_every_text


def plain(report):
    return dataclasses.replace(report, executed=None)


@pytest.mark.parametrize("report", [FULL, MINIMAL, UNREADABLE], ids=["full", "minimal", "unreadable"])
def test_a_report_comes_back(book, report):
    """The latest report of a student is the one that was noted, but for the executed notebook."""
    book.record_run([report], "class")
    assert book.latest(report.lab, report.slug) == plain(report)


def test_hostile_text_comes_back(book):
    """Half signs, zero bytes and markup cost nothing: the report is kept whole."""
    report = dataclasses.replace(with_every_text(FULL, MARKUP), slug="ada", lab="cnn")
    book.record_run([report], "class")
    assert book.latest("cnn", "ada") == plain(report)


def test_every_run_is_kept(book):
    """A report of a later run stands beside the earlier one, with its hash, rubric, version and seed."""
    later = dataclasses.replace(
        FULL, sha256="f" * 64, provenance=dataclasses.replace(FULL.provenance, seed=7), score=21.0
    )
    book.record_run([FULL], "first")
    book.record_run([later], "second")
    first, second = book.attempts("cnn", "ada")
    assert (first.sha256, first.seed, first.score) == (FULL.sha256, 0, 20.0)
    assert (second.sha256, second.seed, second.score) == ("f" * 64, 7, 21.0)
    assert (second.rubric_sha256, second.version) == (FULL.provenance.rubric_sha256, "0.1.0")
    assert [one.id for one in book.students()] == [second.id]
    assert book.report(first.id) == plain(FULL)


def test_what_is_taken_over_is_no_new_report(book):
    """A report that has been through a file is the same report, in another run."""
    book.record_run([FULL], "first")
    book.record_run([from_json(json.loads(json.dumps(to_json(FULL))))], "second")
    assert [(one.id, one.run) for one in book.attempts("cnn", "ada")] == [(1, 2)]


def test_a_mark_is_kept_with_who_and_when(ada):
    """Points, comment, name and time come back; the score holds the points."""
    ada.mark(1.0, comment="Good; why horizontal?")
    (mark,) = ada.book.marks("cnn", "ada")
    assert (mark.points, mark.comment, mark.who, mark.version) == (1.0, "Good; why horizontal?", "Grace", 1)
    assert mark.at.utcoffset().total_seconds() == 0
    assert ada.book.with_marks(FULL).score == FULL.score + 1.0


def test_it_outlives_the_process(ada, tmp_path):
    """What was marked is there when the database is opened again."""
    ada.mark(1.0)
    ada.book.close()
    with Gradebook.of_folder(tmp_path) as again:
        assert [mark.points for mark in again.marks()] == [1.0]


def test_two_people_do_not_overwrite_each_other(ada):
    """Who saw no mark is shown the one that was given meanwhile, and it stays."""
    ada.mark(1.5, who="Grace")
    with pytest.raises(Conflict) as met:
        ada.mark(0.0, who="Alan", seen=0)
    assert (met.value.current.who, met.value.current.points) == ("Grace", 1.5)
    assert [mark.points for mark in ada.book.marks()] == [1.5]
    ada.mark(0.5, who="Alan", seen=1)
    assert [mark.who for mark in ada.book.marks()] == ["Alan"]


def test_two_people_at_the_same_moment(book):
    """Of two who mark the same 20 checks at once, each check has one mark, and who was slower is told."""
    told = mark_at_once(book)
    assert len(book.marks("cnn")) == 20 and len(told) == 20
    assert all(who != faster for who, faster in told)


def test_history_has_everything(ada):
    """Each change adds an entry; none goes."""
    ada.mark(1.0)
    ada.mark(0.5, who="Alan")
    ada.undo()
    history = ada.book.history(ada.target())
    assert [(one.version, one.points, one.who) for one in history] == [
        (1, 1.0, "Grace"), (2, 0.5, "Alan"), (3, 1.0, "Grace"),
    ]  # fmt: skip
    assert history[-1].restores == 1


def test_undo_goes_back_step_by_step(ada):
    """Three marks can be undone one after the other, down to none, and then no further."""
    for points in (0.5, 1.0, 1.5):
        ada.mark(points)
    assert [ada.undo().points for _ in range(3)] == [1.0, 0.5, None]
    assert ada.book.marks() == ()
    with pytest.raises(GradebookProblem, match="no mark to undo"):
        ada.undo()


def test_undo_after_a_new_mark(ada):
    """After an undo and a new mark, undo brings back what was there just before it."""
    ada.mark(0.5)
    ada.mark(1.0)
    ada.undo()
    ada.mark(1.5)
    assert ada.undo().points == 0.5


def test_any_version_can_be_restored(ada):
    """A person may bring back an old mark with its comment."""
    ada.mark(0.5, comment="Half.")
    ada.mark(1.5)
    ada.book.restore(ada.target(), 1, "Alan", seen=2)
    (mark,) = ada.book.marks()
    assert (mark.points, mark.comment, mark.who, mark.restores) == (0.5, "Half.", "Alan", 1)


def test_what_is_not_there_cannot_be_marked(ada):
    """A check or a report that does not exist is refused in one line, and leaves nothing."""
    with pytest.raises(GradebookProblem, match="has no check"):
        ada.mark(1.0, check="9.9/none")
    with pytest.raises(GradebookProblem, match="no version 3"):
        ada.book.restore(ada.target(), 3, "Grace", seen=0)
    assert ada.book.history(Target("cnn", "ada", "9.9/none")) == ()
