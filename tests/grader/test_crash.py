"""A grader that is killed outright loses nothing: the next run of the same command ends as if it had not been."""

import random
import sys

from bench.crash import Trial, snapshot

CLASS = ("ada", "bob", "chen", "dana")
STAND_IN = """
import functools, sys
from grader import batch, cli
from grader.cli import options
from tests.grader import fakes
batch.grade_all = functools.partial(batch.grade_all, grade=fakes.grade_a_notebook, write=fakes.write_all)
options.settings_for = lambda out, **_: fakes.settings_for(out)
sys.exit(cli.run(["grade", sys.argv[1], "--out", sys.argv[2], "--jobs", "2", "--json"]))
"""


def test_killed_at_random_moments(tmp_path):
    """After three kills, while grading and while writing, all files are those of an undisturbed run, and
    neither processes nor half-written files nor temporary folders are left.
    """
    for name in CLASS:
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "lab.ipynb").write_text(name)
    (tmp_path / "t").mkdir()
    command = [sys.executable, "-c", STAND_IN, str(tmp_path / "class"), str(tmp_path / "out")]
    outcome = Trial(command, tmp_path / "out", tmp_path / "t").outcome(3, random.Random(2))
    assert outcome.faults == ()
    assert outcome.kills == 3 and outcome.while_writing
    assert len(snapshot(tmp_path / "out")) == 6 + 3 * len(
        CLASS
    )  # index.html, gradebook.csv and .db, similarity.json, two notes


def test_the_comparison_can_fail(tmp_path):
    """A changed mark, a missing page and a half-written file are seen; a changed time is not."""
    (tmp_path / "ada").mkdir()
    result = tmp_path / "ada" / "result.json"
    result.write_text('{"score": 3.5, "seconds": 1.0}')
    (tmp_path / "ada" / "feedback.html").write_text("<p>3.5 points in 2.1 s</p>")
    before = snapshot(tmp_path)
    result.write_text('{"score": 3.5, "seconds": 2.0}')
    (tmp_path / "ada" / "feedback.html").write_text("<p>3.5 points in 1 min 2 s</p>")
    assert snapshot(tmp_path) == before
    result.write_text('{"score": 4.0, "seconds": 1.0}')
    assert snapshot(tmp_path) != before
    result.write_text('{"score": 3.5, "seconds": 1.0}')
    (tmp_path / "ada" / ".result.json.1.0.tmp").touch()
    assert snapshot(tmp_path) != before
