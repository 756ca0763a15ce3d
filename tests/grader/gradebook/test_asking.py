"""What people ask while they mark: one question, progress, comments, what is published."""

import dataclasses

import pytest

from tests.grader.gradebook.classes import Class, with_answer
from tests.grader.gradebook.reports import FULL
from tests.grader.page_reports import UNREADABLE

BOB = dataclasses.replace(with_answer(FULL, "Q1", "Nothing."), student="Bob", slug="bob", sha256="b" * 64)


@pytest.fixture
def two(book):
    """Ada and Bob, and one whose hand-in could not be read."""
    return Class(book, FULL, BOB, UNREADABLE)


def test_one_question_across_all(two):
    """Each student's latest answer stands there with the proposal, its words, and the mark."""
    two.mark(1.0)
    ada, bob = two.book.answers_to("cnn", "1.2/q1")
    assert (ada.name, ada.text, ada.verdict, ada.words) == (
        "Ada Lovelace", "They *blur*.\nAnd <more>.", "likely_wrong", ("*blur*", "<more>"),
    )  # fmt: skip
    assert (ada.standing.mark.points, ada.waits, ada.version) == (1.0, False, 1)
    assert (bob.text, bob.standing, bob.waits, bob.basis.max_points) == ("Nothing.", None, True, 1.5)


def test_only_the_latest_answer_is_asked_for(two):
    """After a new submission the new answer stands there, and the old mark beside it does not count."""
    two.mark(1.0)
    two.book.record_run([with_answer(FULL, "Q1", "New.")], "again")
    ada = two.book.answers_to("cnn", "1.2/q1")[0]
    assert (ada.text, ada.standing.mark.points, ada.waits) == ("New.", 1.0, True)


def test_progress(two):
    """Marked, unfit and waiting answers are counted, question by question, in the lab's order."""
    two.mark(1.0)
    two.mark(0.5, check="1.2/q3")
    two.book.record_run([with_answer(FULL, "Q3", "New.")], "again")
    told = {one.check: (one.answers, one.marked, one.unfit, one.waiting) for one in two.book.progress("cnn")}
    assert told == {
        "1.2/essay": (2, 0, 0, 2), "1.2/q1": (2, 1, 0, 1), "1.2/q2": (2, 0, 0, 2), "1.2/q3": (2, 0, 1, 2),
    }  # fmt: skip


def test_publishing_is_deliberate(two):
    """What students see is what was in effect at the last publication, a mark taken back too."""
    two.mark(1.0)
    assert two.book.with_marks(FULL, published=True).score == 20.0
    two.book.publish("Grace", ["cnn"])
    two.mark(1.5)
    two.mark(0.5, check="1.2/q3")
    assert two.book.with_marks(FULL, published=True).score == 21.0
    two.book.publish("Alan", ["cnn"])
    assert two.book.with_marks(FULL, published=True).score == 22.0
    two.book.undo(two.target(), "Grace", seen=2)
    two.book.undo(two.target(), "Grace", seen=3)
    two.book.publish("Alan", ["project4"])
    assert two.book.with_marks(FULL, published=True).score == 22.0
    two.book.publish("Alan", ["cnn"])
    assert two.book.with_marks(FULL, published=True).score == 20.5
    assert two.book.last_publication().who == "Alan"


def test_comments_are_offered_again(book):
    """A question's own come first, each once; one that was removed no more."""
    for check, text in (("", "See the lecture."), ("1.2/q1", "Too short."), ("1.2/q1", "Too short.")):
        book.add_comment("cnn", check, text, "Grace")
    offered = book.comments("cnn", "1.2/q1")
    assert [one.text for one in offered] == ["Too short.", "See the lecture."]
    assert [one.text for one in book.comments("cnn", "1.2/q2")] == ["See the lecture."]
    book.remove_comment(offered[0].id)
    assert [one.text for one in book.comments("cnn", "1.2/q1")] == ["See the lecture."]


def test_recent(two):
    """The newest entries of all come first."""
    two.mark(1.0)
    two.mark(0.5, check="1.2/q3")
    assert [one.target.check for one in two.book.recent()] == ["1.2/q3", "1.2/q1"]
