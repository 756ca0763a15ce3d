"""Databases of every earlier version come up to the newest, with all that is in them."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

import grader.gradebook.migrate as migrating
from grader.gradebook import tables
from grader.gradebook.engine import connect
from grader.gradebook.place import default_place
from grader.gradebook.problems import GradebookProblem
from grader.gradebook.store import Gradebook
from tests.grader.gradebook.classes import Class
from tests.grader.gradebook.reports import FULL

SCRIPTS = sorted((migrating.SCRIPTS / "versions").glob("r*.py"))


def test_the_newest_script_is_the_newest_schema():
    """The number in the code is that of the last script, and scripts are numbered without gaps."""
    numbers = [re.match(r"r(\d{4})_", script.name)[1] for script in SCRIPTS]
    assert numbers == [f"{n:04d}" for n in range(1, len(SCRIPTS) + 1)]
    assert numbers[-1] == migrating.NEWEST


def test_migrations_make_the_tables(book):
    """After all migrations the database is what ``tables`` describes."""
    with connect(default_place(Path(book.place.file).parent)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, tables.METADATA) == []


def at_revision(folder, revision):
    """A database as an earlier version made it."""
    config = Config()
    config.set_main_option("script_location", str(migrating.SCRIPTS))
    with connect(default_place(folder)).connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, revision)


def test_an_older_database_is_brought_up_to_date(tmp_path, monkeypatch):
    """Marks of the first schema are there in the newest."""
    at_revision(tmp_path, "0001")
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "NEWEST", "0001")
        with Gradebook.of_folder(tmp_path) as old:
            Class(old, FULL).mark(1.0)
    with Gradebook.of_folder(tmp_path) as book:
        assert book.with_marks(FULL).score == 21.0
        book.publish("Grace", ["cnn"])


def test_a_migration_that_fails_changes_nothing(tmp_path, monkeypatch):
    """Where a migration stops half-way, the database is as it was."""
    at_revision(tmp_path, "0001")
    scripts = tmp_path / "scripts"
    shutil.copytree(migrating.SCRIPTS, scripts)
    broken = scripts / "versions" / "r0002_publications_and_comments.py"
    broken.write_text(broken.read_text().replace('"comments",', '"runs",'))
    monkeypatch.setattr(migrating, "SCRIPTS", scripts)
    with pytest.raises(GradebookProblem, match="cannot be used"):
        Gradebook.of_folder(tmp_path)
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        names = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert "publications" not in names and "marks" in names


def test_the_scripts_are_in_the_wheel():
    """Everything below the package is built into the wheel, so nothing may keep the scripts out."""
    assert migrating.SCRIPTS.is_relative_to(Path(migrating.__file__).parent)
    assert sa.__version__.startswith("2.")
