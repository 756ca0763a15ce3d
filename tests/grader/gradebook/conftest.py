"""A gradebook on SQLite with one report in it, and what tests do with it."""

import shutil

import pytest

from grader.gradebook.store import Gradebook
from tests.grader.gradebook.classes import Class
from tests.grader.gradebook.reports import FULL


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A gradebook's file without anything in it: making one takes longer than copying it."""
    folder = tmp_path_factory.mktemp("gradebook")
    Gradebook.of_folder(folder).close()
    return folder / "gradebook.db"


@pytest.fixture
def book(tmp_path, empty_database):
    """An empty gradebook."""
    shutil.copy(empty_database, tmp_path)
    with Gradebook.of_folder(tmp_path) as opened:
        yield opened


@pytest.fixture
def ada(book):
    """A class of one: Ada, with answers to Q1, Q2 and Q3 that wait."""
    return Class(book, FULL)
