"""People's marks come onto the pages, and the next run neither grades anybody again nor loses them."""

import csv
import functools
import json
import sqlite3

import pytest

from grader import batch, class_note, cli, publishing, resume, run_notes
from grader.cli import options
from grader.errors import UsageProblem
from grader.gradebook.records import Target, Wish
from grader.gradebook.store import Gradebook
from grader.housekeeping import only_run_in
from grader.review.desk import Desk
from tests.grader import fakes

Q1 = "1.2/q1"


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """A function that grades the class in ``class/`` into ``grades/`` with the real files of a made-up report."""
    monkeypatch.chdir(tmp_path)
    quick = functools.partial(batch.grade_all, grade=fakes.grade_quickly, write=fakes.write_all)
    monkeypatch.setattr(batch, "grade_all", quick)
    monkeypatch.setattr(options, "settings_for", lambda out, **_: fakes.settings_for(out))
    hand_in(tmp_path, "ada", "bob")
    return lambda *arguments: cli.run(["grade", "class", "--jobs", "2", *arguments])


def hand_in(folder, *names, source="{}"):
    for name in names:
        (folder / "class" / name).mkdir(parents=True, exist_ok=True)
        (folder / "class" / name / "lab.ipynb").write_text(source)


def mark(out, student, points, check=Q1, **said):
    """What a person does on the pages."""
    with Gradebook.of_folder(out) as book:
        (attempt,) = [one for one in book.students() if one.student == student]
        target = Target(attempt.lab, student, check)
        seen = book.versions(attempt.lab, student).get(check, 0)
        book.mark(target, Wish(points, 1.5, **said), "Grace", seen=seen, report=attempt.id)


def publish(out):
    with Gradebook.of_folder(out) as book:
        return publishing.publish(book, out, "Grace")


def scores(out):
    """The scores in gradebook.csv and in the students' result.json, which must agree."""
    rows = list(csv.DictReader((out / "gradebook.csv").open()))
    told = {row["student"]: float(row["score"]) for row in rows}
    files = {name: json.loads((out / name / "result.json").read_text())["score"] for name in told}
    assert told == files
    return told


def test_marks_come_onto_the_pages(graded, tmp_path):
    """After publishing, feedback page, result.json, class page and gradebook.csv hold the mark."""
    out = tmp_path / "grades"
    assert graded() == 0
    mark(out, "ada", 1.0, comment="Say <why> they blur.")
    assert scores(out) == {"ada": 20.0, "bob": 20.0}
    told = publish(out)
    assert (told.students, told.changed, told.left_out) == (2, 2, ())
    assert scores(out) == {"ada": 21.0, "bob": 20.0}
    page = (out / "ada" / "feedback.html").read_text()
    assert "Say &lt;why&gt; they blur." in page and "Marked by a person" in page
    result = json.loads((out / "ada" / "result.json").read_text())
    check = next(one for one in result["checks"] if one["id"] == Q1)
    assert (check["status"], check["points"], check["marked"]["comment"]) == (
        "failed",
        1.0,
        "Say <why> they blur.",
    )
    assert result["pending_manual"] == 4.5
    assert "Grace" not in page and "Grace" not in json.dumps(result)


def test_publishing_again_touches_only_what_changed(graded, tmp_path):
    """Pages that show what they should stay as they are, to the byte."""
    out = tmp_path / "grades"
    graded()
    publish(out)
    before = (out / "bob" / "feedback.html").stat()
    mark(out, "ada", 1.0)
    assert publish(out).changed == 1
    assert (out / "bob" / "feedback.html").stat() == before


def test_the_next_run_takes_everything_over(graded, tmp_path, capsys):
    """After publishing, a run grades nobody again, and the marks stay where they were."""
    out = tmp_path / "grades"
    graded()
    mark(out, "ada", 1.0)
    publish(out)
    page = (out / "ada" / "feedback.html").read_bytes()
    capsys.readouterr()
    assert graded() == 0
    assert "2 of 2 taken over" in capsys.readouterr().err
    assert scores(out) == {"ada": 21.0, "bob": 20.0}
    assert (out / "ada" / "feedback.html").read_bytes() == page


def test_grading_all_again_keeps_published_marks(graded, tmp_path):
    """With --no-cache the pages are made anew, with the published marks in; others stay unpublished."""
    out = tmp_path / "grades"
    graded()
    mark(out, "ada", 1.0)
    publish(out)
    mark(out, "bob", 0.5)
    assert graded("--no-cache") == 0
    assert scores(out) == {"ada": 21.0, "bob": 20.0}
    assert "Marked by a person" in (out / "ada" / "feedback.html").read_text()
    assert graded() == 0
    assert scores(out) == {"ada": 21.0, "bob": 20.0}


def test_a_new_submission_keeps_the_mark(graded, tmp_path, capsys):
    """Who hands in again is graded again; the mark on an unchanged answer stays on the page."""
    out = tmp_path / "grades"
    graded()
    mark(out, "ada", 1.0)
    publish(out)
    hand_in(tmp_path, "ada", source='{"cells": []}')
    capsys.readouterr()
    assert graded() == 0
    assert "1 of 2 taken over" in capsys.readouterr().err
    assert scores(out) == {"ada": 21.0, "bob": 20.0}
    with Gradebook.of_folder(out) as book:
        assert len(book.attempts("cnn", "ada")) == 2


def test_files_that_were_changed_are_still_noticed(graded, tmp_path, capsys):
    """A page that somebody else changed after publishing is graded again, as ever."""
    out = tmp_path / "grades"
    graded()
    publish(out)
    (out / "ada" / "feedback.html").write_text("forged")
    capsys.readouterr()
    graded()
    assert "1 of 2 taken over" in capsys.readouterr().err
    assert "forged" not in (out / "ada" / "feedback.html").read_text()


@pytest.mark.parametrize(("broken", "taken"), [("write_pages", 2), ("resume.note_pages", 1)])
def test_publishing_that_breaks_off(graded, tmp_path, monkeypatch, capsys, broken, taken):
    """Where it stops at one student, the next run makes up for it, and grades at most that one again."""
    out = tmp_path / "grades"
    graded()
    mark(out, "ada", 1.0)
    mark(out, "bob", 0.5)

    def fails(*_arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"grader.publishing.{broken}", fails)
        with pytest.raises(OSError, match="No space"):
            publish(out)
    capsys.readouterr()
    assert graded() == 0
    assert f"{taken} of 2 taken over" in capsys.readouterr().err
    assert scores(out) == {"ada": 21.0, "bob": 20.5}


def test_no_publishing_beside_a_run(graded, tmp_path):
    """While a run writes there, publishing is refused and nothing is published."""
    out = tmp_path / "grades"
    graded()
    mark(out, "ada", 1.0)
    with only_run_in(out), pytest.raises(UsageProblem, match="another run"):
        publish(out)
    with Gradebook.of_folder(out) as book:
        assert book.last_publication() is None


def test_a_student_without_a_report_is_named(graded, tmp_path):
    """Where record and gradebook know nothing of a student, publishing says whom it left out."""
    out = tmp_path / "grades"
    graded()
    (out / ".labgrade" / "records" / "bob.json").unlink()
    (out / "bob" / "result.json").unlink()
    assert publish(out).left_out == ("bob",)
    assert class_note.read(out).slugs == ("ada", "bob")


@pytest.mark.parametrize("spoil", ["damaged", "locked", "newer"])
def test_a_gradebook_that_fails_costs_no_result(graded, tmp_path, capsys, monkeypatch, spoil):
    """The class is graded whole, one line says what is wrong, and a later run makes up for it."""
    out = tmp_path / "grades"
    graded()
    mark(out, "ada", 1.0)
    publish(out)
    database = out / "gradebook.db"
    whole, other = database.read_bytes(), sqlite3.connect(database, isolation_level=None)
    monkeypatch.setattr(run_notes, "BUSY_S", 0.05)
    if spoil == "locked":
        other.execute("BEGIN EXCLUSIVE")
    elif spoil == "newer":
        other.execute("UPDATE alembic_version SET version_num = '9001'")
        other.close()
    else:
        other.close()
        database.write_bytes(b"no database" * 1000)
    hand_in(tmp_path, "chen")
    capsys.readouterr()
    assert graded() == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "gradebook" in line]
    assert len(told) == 1 and "labgrade review makes up for the rest" in told[0]
    assert json.loads((out / "chen" / "result.json").read_text())["score"] == 20.0
    other.close()
    if spoil != "locked":
        database.write_bytes(whole)
    graded()
    with Gradebook.of_folder(out) as book:
        assert {one.student for one in book.students()} == {"ada", "bob", "chen"}
    assert scores(out) == {"ada": 21.0, "bob": 20.0, "chen": 20.0}


def test_results_of_another_gradebook(graded, tmp_path, capsys):
    """Who forgets --db is told which gradebook holds the marks, before anything is written."""
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    assert graded("--db", url) == 0
    assert not (tmp_path / "grades" / "gradebook.db").exists()
    assert graded() == 2
    assert "elsewhere.db: name it with --db" in capsys.readouterr().err
    assert cli.run(["review", "grades", "--no-open"]) == 2
    assert graded("--db", url) == 0
    assert graded("--db", f"sqlite:///{tmp_path / 'grades' / 'gradebook.db'}") == 0
    assert graded() == 0
    assert graded("--db", url) == 0
    assert graded() == 2


def test_a_wrong_url_is_refused_at_once(graded, tmp_path, capsys):
    """A --db that cannot work ends the call before anything is graded, without its password."""
    assert graded("--db", "mysql://me:hush@host/db") == 2
    said = capsys.readouterr().err
    assert "does not know" in said and "hush" not in said and said.count("\n") == 1
    assert not (tmp_path / "grades").exists()


def test_what_a_run_could_not_note_is_taken_in(graded, tmp_path):
    """Review notes the results whose records lie in the folder and not in the gradebook, once."""
    out = tmp_path / "grades"
    graded()
    for file in out.glob("gradebook.db*"):
        file.unlink()
    with Gradebook.of_folder(out) as book:
        desk = Desk(book, out)
        assert (desk.take_in(), desk.take_in()) == (2, 0)
        assert [one.student for one in book.students()] == ["ada", "bob"]


def test_pages_noted_for_a_record_that_is_gone(tmp_path):
    """Noting pages where a run left no record makes none up."""
    resume.note_pages(tmp_path, "ada", "x")
    assert not resume.shows(tmp_path, "ada", "x")
    assert resume.kept_report(tmp_path, "ada") is None
