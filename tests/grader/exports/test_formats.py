"""The contract of every export format: header, escaping, marks, the same bytes again, nothing half."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as Xml

import pytest

from grader import cli
from grader.exports.formats import FORMATS
from tests.grader.exports.classes import ADA, BO, CANVAS, CY, HOSTILE, MOODLE, graded_class, hostile

ROSTERS = {"canvas": CANVAS, "moodle": MOODLE}
MADE = {
    "csv": ["marks.csv"], "canvas": ["canvas.csv"], "moodle": ["moodle-feedback.zip", "moodle.csv"],
    "gradescope": [f"gradescope/{name}/results.json" for name in ("cy_103", "ekbo_102", "lovelaceada_101")],
    "junit": ["junit.xml"],
}  # fmt: skip


@pytest.fixture
def export(tmp_path):
    """A function that exports the class in ``grades`` and returns the exit status."""

    def call(form, *options, roster=None):
        given = ROSTERS.get(form) if roster is None else roster
        if given is not None:
            (tmp_path / "roster.csv").write_bytes(given if isinstance(given, bytes) else given.encode())
            options += ("--roster", str(tmp_path / "roster.csv"))
        return cli.run(["export", form, str(tmp_path / "grades"), *options])

    return call


@pytest.fixture
def made(tmp_path):
    """A function that returns the bytes of each exported file by its path in ``exports``."""

    def look(folder=tmp_path / "grades" / "exports"):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    return look


def cells(raw, delimiter=","):
    """The rows of a CSV in bytes."""
    return list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), delimiter=delimiter))


def scores(form, files):
    """The points of ada, bo and cy as each format has them."""
    if form == "csv":
        return [row[8] for row in sorted(cells(files["marks.csv"])[1:], reverse=True)]
    if form == "canvas":
        return [row[7] for row in cells(files["canvas.csv"])[3:6]]
    if form == "moodle":
        return [row[4] for row in cells(files["moodle.csv"])[1:4]]
    if form == "gradescope":
        return [f"{json.loads(files[name])['score']:g}" for name in reversed(MADE[form])]
    suites = Xml.fromstring(files["junit.xml"])
    return [
        found.get("value")
        for suite in reversed(suites)
        for found in suite.iter("property")
        if found.get("name") == "final_score"
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(form, export, made, tmp_path, capsys):
    """It writes its files, says where, has the points (rounded half up for platforms), and the same again."""
    graded_class(tmp_path / "grades", lms=form)
    assert export(form) == 0
    files = made()
    assert sorted(files) == MADE[form]
    assert "exports" in capsys.readouterr().out
    exact = form in ("csv", "junit")
    cy = "5.00" if form == "moodle" else "0"  # locked in the worksheet
    assert scores(form, files) == ["20.005" if exact else "20.01", "28", cy]
    assert export(form) == 0
    assert made() == files


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_hostile_texts(form, export, made, tmp_path):
    """Formulas, quotes, new lines, signs that XML cannot hold and other alphabets come through as text."""
    graded_class(tmp_path / "grades", hostile(), BO, CY)
    assert export(form, "--partial") == 0
    files = made()
    for name, raw in files.items():
        assert b"\x00" not in raw or name.endswith(".zip")
        if name.endswith(".csv"):
            assert not any(cell.startswith(("=cmd", "+", "@", "\t")) for row in cells(raw) for cell in row)
    if form == "csv":
        assert [row[0] for row in cells(files["marks.csv"])][1] == f"'{HOSTILE}".replace("\x00", " ")
    if form == "junit":
        (failure,) = (
            one
            for one in Xml.fromstring(files["junit.xml"]).iter("failure")
            if "calc" in one.text and one.get("type") == "failed"
        )
        assert "\n" in failure.text
    if form == "gradescope":
        (name,) = (name for name in files if "calc" in name or "cmd" in name)
        (test,) = (one for one in json.loads(files[name])["tests"] if "calc" in one["name"])
        assert (test["score"], test["max_score"], test["status"]) == (2, 8, "failed")


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_written_half(form, export, made, tmp_path, capsys):
    """Where the place cannot be written, the old files stay whole, and it is said in one line."""
    graded_class(tmp_path / "grades", lms=form)
    assert export(form) == 0
    before = made()
    (tmp_path / "file").write_text("x")
    capsys.readouterr()
    assert export(form, "-o", str(tmp_path / "file" / "below")) == 2
    assert "cannot be written" in capsys.readouterr().err.splitlines()[-1]
    assert made() == before
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_screen(export, tmp_path, capfdbinary):
    """``-o -`` writes one file to standard output, and refuses where there are several."""
    graded_class(tmp_path / "grades")
    assert export("csv", "-o", "-") == 0
    assert capfdbinary.readouterr().out.startswith(b"student,id,email,lab,status,score,")
    assert export("gradescope", "-o", "-") == 2
    assert b"several files" in capfdbinary.readouterr().err


def test_no_results(tmp_path, capsys):
    """A folder that is none, or empty, or has none of that lab, is named with the cure."""
    assert cli.run(["export", "csv", str(tmp_path / "none")]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert cli.run(["export", "csv", str(tmp_path)]) == 2
    assert "holds no results; run: labgrade grade" in capsys.readouterr().err
    graded_class(tmp_path / "grades")
    assert cli.run(["export", "csv", str(tmp_path / "grades"), "--lab", "project4"]) == 2
    assert "no results of lab project4" in capsys.readouterr().err


def test_a_damaged_result(export, tmp_path, capsys):
    """It is named with its place, and nothing is written."""
    graded_class(tmp_path / "grades")
    (tmp_path / "grades" / "ekbo_102" / "result.json").write_text("{")
    assert export("csv") == 2
    assert "ekbo_102/result.json cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "grades" / "exports").exists()


def test_what_is_worth_knowing(export, tmp_path, capsys):
    """Points that wait, a fault of the grader's, unreadable hand-ins and missing results are told."""
    out = graded_class(tmp_path / "grades", ADA, BO, CY)
    (out / "lovelaceada_101" / "result.json").unlink()
    assert export("csv") == 0
    told = capsys.readouterr().err
    assert "1 not graded yet, so left out: lovelaceada_101." in told
    assert "1 of 2 have answers that wait for a person (6 points in all)" in told
    assert "1 could not be read and have 0 points: cy_103." in told


def test_csv_has_a_column_per_task_and_check(export, made, tmp_path):
    """Tasks always, checks when asked; what waits for a person is blank, and a mark for Excel when asked."""
    graded_class(tmp_path / "grades")
    assert export("csv", "--checks", "--bom") == 0
    raw = made()["marks.csv"]
    assert raw.startswith("\ufeffstudent,id,".encode())
    header, cy, bo, ada = cells(raw.removeprefix("\ufeff".encode()))
    assert header[12:17] == ["4.1", "1.2", "7", "4.1/callable", "4.1/architecture"]
    found = dict(zip(header, bo, strict=True))
    assert (found["id"], found["4.1"], found["1.2"], found["1.2/q1"]) == ("102", "8", "", "")
    assert found["feedback"] == "ekbo_102/feedback.html"
    assert dict(zip(header, cy, strict=True))["4.1"] == ""
    assert ada[0] == "lovelaceada_101"


def test_gradescope_says_what_is_documented(export, made, tmp_path):
    """The keys of the specification, with text as the format everywhere; what waits has no score."""
    graded_class(tmp_path / "grades")
    assert export("gradescope", "--visibility", "after_due_date") == 0
    found = json.loads(made()["gradescope/ekbo_102/results.json"])
    assert set(found) == {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format",
        "visibility", "stdout_visibility", "tests", "extra_data",
    }  # fmt: skip
    assert (found["visibility"], found["output_format"], found["execution_time"]) == (
        "after_due_date",
        "text",
        31,
    )
    by_id = {test["extra_data"]["check"]: test for test in found["tests"]}
    assert by_id["4.1/callable"]["status"] == "passed"
    assert (by_id["4.1/parameters"]["status"], by_id["4.1/parameters"]["score"]) == ("failed", 0)
    assert "score" not in by_id["1.2/q1"]
    assert "status" not in by_id["4.1/learning-rate"]
    assert by_id["4.1/callable"]["visibility"] == "after_due_date"


# What JUnit.xsd (windyroad/JUnit-Schema) demands of an element: its attributes, and its children in order.
JUNIT = {
    "testsuites": ((), ("testsuite",)),
    "testsuite": (
        ("package", "id", "name", "timestamp", "hostname", "tests", "failures", "errors", "skipped", "time"),
        ("properties", "testcase", "system-out", "system-err"),
    ),
    "properties": ((), ("property",)),
    "property": (("name", "value"), ()),
    "testcase": (("name", "classname", "time"), ("skipped", "error", "failure")),
    "skipped": ((), ()),
    "failure": (("message", "type"), ()),
    "error": (("message", "type"), ()),
    "system-out": ((), ()),
    "system-err": ((), ()),
}


def test_junit_keeps_to_the_schema(export, made, tmp_path):
    """Every element has the attributes and children that the schema demands, in its order, and no other."""
    graded_class(tmp_path / "grades", hostile(), BO, CY)
    assert export("junit") == 0
    suites = Xml.fromstring(made()["junit.xml"])
    for element in suites.iter():
        attributes, children = JUNIT[element.tag]
        assert sorted(element.attrib) == sorted(attributes)
        places = [children.index(child.tag) for child in element]
        assert places == sorted(places)
        assert element.tag != "testcase" or len(element) <= 1
    for place, suite in enumerate(suites):
        assert suite.get("id") == str(place)
        assert len(suite.get("timestamp")) == 19
        for kind in ("failure", "error", "skipped"):
            total = suite.get({"failure": "failures", "error": "errors"}.get(kind, kind))
            assert total == str(len(list(suite.iter(kind))))
        assert suite.get("tests") == str(len(list(suite.iter("testcase"))))
    assert [len(list(suite.iter("testcase"))) for suite in suites if suite.get("name") == "cy_103"] == [1]
