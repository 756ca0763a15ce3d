"""What is read of a class before it is compared, and what is said of it after."""

from __future__ import annotations

import dataclasses

import nbformat
import pytest

from grader.names import slug
from grader.output import read_similar, write_similar
from grader.records import Answer, Submission
from grader.similarity import works
from grader.similarity.records import Author, Excerpt, Likeness, Pair, Passage, Similar
from grader.similarity.story import message
from tests.grader import fakes

SIMILAR = Similar(
    9,
    (
        Pair(
            "cnn", Author("Ada", "ada"), Author("Ben", "ben"), Likeness(90, 0.5, 60), Likeness(3, 0.1, 3), 1.5,
            (Passage("code", 60, Excerpt("cell 3", "a = 1"), Excerpt("utilities.py", "b = 1")),),
        ),
    ),
    2,
    ("chen",),
)  # fmt: skip


def notebook(folder, name, *cells):
    path = folder / f"{name}.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=list(cells))))
    return path


def read(submission, **changes):
    return works.read_works(
        [submission], [fakes.report_on(submission, **changes)], lambda _done, _total: None
    )


def test_cells_and_files_are_named_as_people_find_them(tmp_path):
    """Code cells have the numbers of the feedback page, answers those of their questions."""
    path = notebook(
        tmp_path, "ada", nbformat.v4.new_code_cell("a = 1"), nbformat.v4.new_code_cell("  "),
        nbformat.v4.new_markdown_cell("Q1"), nbformat.v4.new_code_cell("b = 2"),
    )  # fmt: skip
    helper = tmp_path / "helper.py"
    helper.write_bytes(b"c = 3\xff")
    submission = Submission("Ada", "ada", path, (("helper.py", helper), ("data.csv", path)))
    answer = Answer("Q1", "1.2", "What?", "It blurs.", 3, "unclear", "")
    ((work,), left_out) = read(submission, answers=(answer, dataclasses.replace(answer, text="")))
    assert [(part.place, part.text) for part in work.code] == [
        ("cell 1", "a = 1"), ("cell 2", "b = 2"), ("helper.py", "c = 3\ufffd"),
    ]  # fmt: skip
    assert [(part.place, part.text) for part in work.text] == [("Q1", "It blurs.")]
    assert left_out == ()


def test_a_lab_without_questions_has_its_text_cells(tmp_path):
    """Where a lab lists no questions, what is written between the code counts."""
    path = notebook(
        tmp_path, "ada", nbformat.v4.new_markdown_cell("Case 4 wins."), nbformat.v4.new_code_cell("a")
    )
    ((work,), _) = read(Submission("Ada", "ada", path), lab="project4")
    assert [(part.place, part.text) for part in work.text] == [("text cell 1", "Case 4 wins.")]


def test_what_cannot_be_read_is_left_out(tmp_path, monkeypatch):
    """The unreadable are nobody's copies; what is too large, or gone by now, is said to be left out."""
    path = notebook(tmp_path, "ada", nbformat.v4.new_code_cell("a"))
    submission = Submission("Ada", "ada", path)
    assert read(submission, status="unreadable") == ((), ())
    assert read(submission, lab="") == ((), ())
    monkeypatch.setattr(works, "NOTEBOOK_BYTES", 10)
    assert read(submission) == ((), ("ada",))
    assert read(Submission("Ada", "ada", None)) == ((), ("ada",))


def test_similar_submissions_are_kept(tmp_path):
    """What is written is read back as it was; damage reads as nothing."""
    write_similar(SIMILAR, tmp_path)
    assert read_similar(tmp_path) == SIMILAR
    place = tmp_path / "similarity.json"
    whole = place.read_text()
    for damaged in (
        whole[:100],
        "[]",
        whole.replace('"schema": 1', '"schema": 9'),
        whole.replace("share", "x"),
    ):
        place.write_text(damaged)
        assert read_similar(tmp_path) is None
    place.unlink()
    assert read_similar(tmp_path) is None


def test_the_message_names_what_is_shared():
    """It speaks of the kinds that reach the level, and of no other."""
    assert message(SIMILAR.pairs[0]) == (
        "The submissions share 50 % of the code of one of the two (90 names and signs), "
        "beyond what the course gives to all."
    )


@pytest.mark.parametrize("name", ["similarity.json", "Similarity.JSON"])
def test_no_student_takes_its_place(name):
    """A student of that name gets a folder of another."""
    assert slug(name) == f"student-{name}"
