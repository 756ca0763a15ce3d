"""A gradebook on SQLite with one report in it, and what tests do with it."""

import pytest

from grader.gradebook.store import Gradebook
from tests.grader.gradebook.classes import Class
from tests.grader.page_reports import FULL


@pytest.fixture
def book(tmp_path):
    """An empty gradebook."""
    with Gradebook.of_folder(tmp_path) as opened:
        yield opened


@pytest.fixture
def ada(book):
    """A class of one: Ada, with answers to Q1, Q2 and Q3 that wait."""
    return Class(book, FULL)
