"""``labgrade grade`` looks for similar submissions, and nobody's result depends on it."""

from __future__ import annotations

import functools
import json
import random

import nbformat
import pytest

from grader import batch, cli
from grader.cli import class_run, options
from tests.grader import fakes
from tests.grader.page_reports import MARKUP
from tests.grader.similarity.students import WHOLE, solutions


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """A function that grades the class in ``class/`` and returns the exit status."""
    monkeypatch.chdir(tmp_path)
    quick = functools.partial(batch.grade_all, grade=fakes.grade, write=fakes.write_all)
    monkeypatch.setattr(batch, "grade_all", quick)
    monkeypatch.setattr(options, "settings_for", lambda out, **_: fakes.settings_for(out))
    for name in ("carla", "farid"):
        hand_in(tmp_path, name, work_of(name))
    hand_in(tmp_path, "zoe", WHOLE["renamed"](work_of("carla"), random.Random(2)))
    return lambda *arguments: cli.run(["grade", "class", "--jobs", "1", *arguments])


def work_of(name):
    return next(work for work in solutions() if work.slug == name)


def hand_in(folder, name, work):
    """A student's notebook and helper files."""
    place = folder / "class" / name
    place.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(part.text) for part in work.code if not part.place.endswith(".py")]
    (place / "lab.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    for part in work.code:
        if part.place.endswith(".py"):
            (place / part.place).write_text(part.text)


def findings(folder):
    return json.loads((folder / "grades" / "similarity.json").read_text())["findings"]


def test_a_copy_is_on_the_class_page_alone(graded, tmp_path):
    """The pair stands in similarity.json and on the class page, with both sides; no student's file has a word."""
    assert graded() == 0
    (finding,) = findings(tmp_path)
    assert finding["kind"] == "similarity"
    assert [one["student"] for one in finding["students"]] == ["carla", "zoe"]
    assert len(finding["evidence"]) == 2
    page = (tmp_path / "grades" / "index.html").read_text()
    assert "Similar submissions" in page
    assert finding["message"].split(",")[0] in page
    for name in ("carla", "farid", "zoe"):
        for file in ("result.json", "feedback.html"):
            text = (tmp_path / "grades" / name / file).read_text().lower()
            assert not [word for word in {"carla", "zoe", "similarity"} - {name} if word in text]


def test_a_second_run_says_the_same(graded, tmp_path):
    """Whether reports are taken over or made anew, the pairs are the same; a new hand-in changes them."""
    assert graded() == 0
    first = (tmp_path / "grades" / "similarity.json").read_bytes()
    assert graded() == 0
    assert (tmp_path / "grades" / "similarity.json").read_bytes() == first
    hand_in(tmp_path, "zoe", work_of("hiro"))
    assert graded() == 0
    assert findings(tmp_path) == []
    assert "Similar submissions" not in (tmp_path / "grades" / "index.html").read_text()


def test_a_fault_costs_nobody_a_result(graded, tmp_path, monkeypatch, capsys):
    """It is said in one line and logged with its traceback; all else is there."""
    assert graded() == 0

    def fail(*_):
        raise RuntimeError("the comparison broke")

    monkeypatch.setattr(class_run, "find_similar", fail)
    assert graded("--no-cache") == 0
    said = capsys.readouterr().err
    assert "not compared with each other" in said
    assert "Traceback" not in said
    out = tmp_path / "grades"
    assert "the comparison broke" in (out / ".labgrade" / "log.txt").read_text()
    assert (out / "index.html").exists()
    assert (out / "gradebook.csv").exists()
    assert not (out / "similarity.json").exists()


def test_it_can_be_stopped(graded, tmp_path, monkeypatch, capsys):
    """Who stops the comparison keeps the results, and is told how to go on."""

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(class_run, "find_similar", stop)
    assert graded() == class_run.INTERRUPTED
    assert "run the same command again" in capsys.readouterr().err
    assert (tmp_path / "grades" / "gradebook.csv").exists()


def test_what_they_wrote_is_shown_as_text(graded, tmp_path):
    """Markup in the code of both, and in a file's name, stays text."""
    carla, markup = work_of("carla"), MARKUP.encode("utf-8", "replace").decode()
    evil = f"def experiment_{'x' * 3}(): return '''{markup}''', [n for n in range(9)], {{'a': 1, 'b': 2}}\n"
    for name in ("carla", "zoe"):
        hand_in(tmp_path, name, carla)
        (tmp_path / "class" / name / "<img src=x>.py").write_text(evil + carla.code[-1].text)
        (tmp_path / "class" / name / "utilities.py").unlink()
    assert graded() == 0
    page = (tmp_path / "grades" / "index.html").read_text()
    assert "Similar submissions" in page
    assert "&lt;img src=x&gt;.py" in page
    assert "<img" not in page
    assert markup not in page


def test_progress_is_told_as_json(graded, tmp_path, monkeypatch, capsys):
    """Lines about the comparison are JSON as the others are, and quiet is quiet."""
    monkeypatch.setattr("grader.cli.progress.EVERY_S", 0.0)
    assert graded("--json") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    steps = [event for event in events if event["event"] == "comparing"]
    assert steps
    assert all(0 < step["done"] <= step["total"] for step in steps)
    assert events[-1]["event"] == "done"
    assert graded() == 0
    assert "comparing the submissions with each other" in capsys.readouterr().out
    assert graded("--quiet") == 0
    assert capsys.readouterr().out == ""
