"""The same on the real PostgreSQL server."""

import dataclasses
import threading

import pytest

from grader.gradebook.problems import Conflict, GradebookProblem
from grader.gradebook.store import Gradebook
from tests.grader.gradebook.classes import Class, mark_at_once
from tests.grader.gradebook.postgresql import server
from tests.grader.gradebook.reports import FULL
from tests.grader.page_reports import MARKUP, with_every_text


@pytest.fixture(scope="module")
def url():
    with server() as running:
        yield running


def test_a_gradebook_on_postgresql(url):
    """Reports, hostile ones too, marks, conflicts, undo and publication behave as on SQLite."""
    with Gradebook.open(url) as book:
        hostile = dataclasses.replace(with_every_text(FULL, MARKUP), slug="eve", lab="cnn")
        ada = Class(book, FULL, hostile)
        assert book.latest("cnn", "eve") == dataclasses.replace(hostile, executed=None)
        ada.mark(1.0, comment="Good.\x00")
        with pytest.raises(Conflict) as met:
            ada.mark(0.5, seen=0)
        assert met.value.current.points == 1.0
        assert book.with_marks(FULL).score == 21.0
        book.publish("Grace", ["cnn"])
        assert ada.undo().points is None
        assert book.with_marks(FULL, published=True).score == 21.0
        book.add_comment("cnn", "1.2/q1", "Too short.", "Grace")
        assert [one.answers for one in book.progress("cnn")][:2] == [1, 1]


def test_opened_by_several_at_once(url):
    """Four that open an empty database at the same moment make its tables once, and all can use it."""
    with Gradebook.open(url):
        pass
    problems = []

    def open_it():
        try:
            Gradebook.open(fresh).close()
        except GradebookProblem as problem:
            problems.append(problem)

    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE fresh")
    fresh = url.replace("/postgres", "/fresh")
    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_two_markers_at_once(url):
    """Of two who mark the same 20 checks at once, each check has one first mark, and nothing is lost."""
    with Gradebook.open(url) as book:
        told = mark_at_once(book)
        given = [mark for mark in book.marks("cnn") if mark.target.student != "ada"]
    assert len(given) == 20 and len(told) == 20
    assert all(who != faster for who, faster in told)


def test_a_server_that_is_not_there(url):
    """One line says what cannot be reached, without the password."""
    with pytest.raises(
        GradebookProblem, match=r"the PostgreSQL database grades on .*cannot be reached"
    ) as met:
        Gradebook.open("postgresql://grader:hush@127.0.0.1:1/grades?application_name=sesame")
    assert "hush" not in str(met.value) and "sesame" not in str(met.value)
    assert "\n" not in str(met.value)
    with pytest.raises(GradebookProblem, match="does not exist"):
        Gradebook.open(url.replace("/postgres", "/missing"))
