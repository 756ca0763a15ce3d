"""Whatever is wrong with a database is said in one line with the cure, and changes nothing in it."""

import os
import sqlite3
import sys

import pytest

from grader.gradebook import engine, place
from grader.gradebook.problems import GradebookProblem
from grader.gradebook.store import Gradebook
from tests.grader.gradebook.reports import FULL


def problem(url, **options):
    with pytest.raises(GradebookProblem) as met:
        Gradebook.open(url, **options)
    assert "\n" not in str(met.value)
    return str(met.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("gradebook.db", "no URL of a database: write sqlite:///FILE", id="path"),
        pytest.param("", "no URL of a database", id="empty"),
        pytest.param("mysql://me:hush@host/db", "of a kind that labgrade does not know", id="kind"),
        pytest.param("postgresql://me:hush@host", "names no database", id="no database"),
        pytest.param("postgresql://me:hush@host:port/db", "no URL of a database", id="port"),
        pytest.param("sqlite://", "names no database", id="no file"),
    ],
)
def test_wrong_urls(url, said):
    """A URL that cannot work is refused before anything is opened; its password is not repeated."""
    found = problem(url)
    assert said in found and "hush" not in found


def test_a_missing_driver(monkeypatch):
    """The command that installs it is named."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setattr(place.importlib.util, "find_spec", lambda _name: None)
    assert "python -m pip install 'psycopg[binary]'" in problem("postgresql://me@host/db")


def test_a_damaged_file(tmp_path):
    """A file that is no database, and one that is cut off, are named with how to rescue them."""
    file = tmp_path / "gradebook.db"
    file.write_bytes(b"This is no database, though it is long enough to be taken for one." * 20)
    assert "is damaged (file is not a database): put your backup in its place" in problem(f"sqlite:///{file}")
    file.unlink()
    with Gradebook.of_folder(tmp_path) as book:
        book.record_run([FULL] * 2, "class")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in problem(f"sqlite:///{file}")


def test_a_locked_file(ada, tmp_path):
    """Another program that writes for long is waited for, then named as the cause; readers go on."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with sqlite3.connect(tmp_path / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with Gradebook.open(url, busy_s=0.05) as book:
            assert book.latest("cnn", "ada").score == 20.0
            with pytest.raises(GradebookProblem, match="locked by another program: wait until"):
                book.begin_run("class")
        other.execute("ROLLBACK")
    assert ada.mark(1.0).points == 1.0


def test_a_newer_version(ada, tmp_path):
    """A database of a newer version is refused and left as it is."""
    ada.mark(1.0)
    ada.book.close()
    file = tmp_path / "gradebook.db"
    with sqlite3.connect(file) as other:
        other.execute("UPDATE alembic_version SET version_num = '9001'")
    other.close()
    found = problem(f"sqlite:///{file}")
    assert "made by a newer version of labgrade (its schema is 9001" in found and "update labgrade" in found
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT count(*) FROM marks").fetchone() == (1,)


def test_another_programs_database(tmp_path):
    """A database with other tables is not touched."""
    file = tmp_path / "gradebook.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE students (name TEXT)")
    assert "holds the tables of another program" in problem(f"sqlite:///{file}")


def test_a_missing_folder(tmp_path):
    """A file in a folder that does not exist cannot be opened."""
    assert "cannot be opened or written" in problem(f"sqlite:///{tmp_path / 'none' / 'gradebook.db'}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder(tmp_path):
    """The right that is missing is named."""
    tmp_path.chmod(0o500)
    try:
        assert "give yourself the right to write" in problem(f"sqlite:///{tmp_path / 'gradebook.db'}")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("attempt to write a readonly database", "give yourself the right"),
        ("database or disk is full", "make room"),
        ("database disk image is malformed", "put your backup"),
        ("canceling statement due to lock timeout", "wait until that is done"),
        ("no such column: marks.colour", "run the command again"),
        ("connection failed for hush\nand more", "see that the server runs"),
    ],
)
def test_errors_have_cures(said, cure):
    """Each kind of error of a database becomes one line with its cure, and no secret."""
    where = place.place_of("postgresql://me:hush@host/grades")
    line = place.explained(where, sqlite3.OperationalError(said))
    assert cure in line and "\n" not in line and "hush" not in line


def test_readers_do_not_wait_for_writers(ada, tmp_path):
    """The file is in WAL mode, and a mark is on the disk before the person is told that it is saved."""
    with engine.connect(place.default_place(tmp_path)).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
