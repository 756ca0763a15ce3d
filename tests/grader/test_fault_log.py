"""Faults of ours stand in a log with their tracebacks, and on no page."""

import logging
import re

import pytest

from grader.batch import grade_all
from grader.fault_log import log_faults_of, log_path
from grader.pages import render_feedback
from tests.grader.fakes import grade, settings_for, students, write
from tests.grader.test_grading import raising, results


@pytest.fixture
def log(tmp_path):
    """The log of this process, for a student with an awkward name; as before at the end."""
    logger = logging.getLogger("grader")
    before = logger.handlers, logger.propagate
    log_faults_of("100%s\n\x1b[31mada", tmp_path)
    yield log_path(tmp_path)
    logger.handlers, logger.propagate = before


def test_a_fault_of_a_check(log):
    """One entry: time, student, check, traceback. The page says only that the grader failed here."""
    found = results(lambda student: None, raising(ZeroDivisionError("our fault")))
    assert [one.status for one in found.values()] == ["passed", "error", "passed"]
    entries = log.read_text().split("\n\n")
    assert len(entries) == 2 and entries[1] == ""
    first, *rest = entries[0].splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ 100%s\\x0a\\x1b\[31mada: check 1.1/second failed", first
    )
    assert rest[0].startswith("Traceback") and rest[-1] == "ZeroDivisionError: our fault"
    assert "Traceback" not in found["1.1/second"].message


def test_an_error_without_words(log):
    """An error whose text cannot be had is an error like any other."""

    class MuteError(Exception):
        def __str__(self):
            raise ValueError("no words")

    found = results(raising(MuteError()))
    assert found["1.1/first"].status == "error" and "MuteError" in found["1.1/first"].message
    assert "check 1.1/first failed" in log.read_text()


def test_long_errors_are_cut(log):
    """An error that quotes a large array does not fill the disk."""
    results(raising(ValueError("x" * 10_000_000)))
    assert 10_000 < log.stat().st_size < 30_000


def test_a_log_that_cannot_be_written_harms_nothing(log):
    """Not even then is a check's fault more than that."""
    log.parent.mkdir(parents=True)
    log.mkdir()
    assert results(raising(ValueError("broken")))["1.1/first"].status == "error"


def test_a_fault_of_a_whole_submission(tmp_path):
    """A child that raises leaves its traceback under its student's name; the page has one line."""
    (report,) = grade_all(
        students("fail"), settings_for(tmp_path), 1, lambda _: None, grade=grade, write=write
    )
    text = log_path(tmp_path).read_text()
    assert " fail: could not be graded" in text and "Traceback" in text and "the grader\nbroke" in text
    assert "most recent call" not in render_feedback(report)


def test_no_log_where_there_are_no_results(capfd):
    """A command without a folder for results prints nothing of a check's fault."""
    assert results(raising(ValueError("broken")))["1.1/first"].status == "error"
    assert capfd.readouterr() == ("", "")
