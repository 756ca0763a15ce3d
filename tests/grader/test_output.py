"""The files under --out: complete, readable by other programs, and written in one piece."""

from __future__ import annotations

import csv
import dataclasses
import doctest
import io
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader import output
from grader.output import gradebook_csv, plain, result_json, write_atomically, write_class, write_report
from tests.grader.page_reports import FULL, MARKUP, MINIMAL, TASKS, UNREADABLE, with_every_text

CONTRACT = {
    "": "schema lab student notebook sha256 status score max_score pending_manual execution checks findings"
    " answers provenance",
    "execution": "status cells cells_run seconds first_error",
    "provenance": "version rubric_sha256 seed training sandbox data packages",
}
CHECK_KEYS = "id task title status points max_points message counterexample"
ANSWER_KEYS = "id task text verdict reason words cell question"


def no_constant(name):
    raise AssertionError(f"{name} is not JSON")


def read(report):
    return json.loads(result_json(report), parse_constant=no_constant)


def rows(*reports):
    return list(csv.DictReader(io.StringIO(gradebook_csv(reports))))


@pytest.mark.parametrize("report", [MINIMAL, FULL, UNREADABLE], ids=["minimal", "full", "unreadable"])
def test_result_json_has_the_contracts_keys(report):
    """Every key of the contract is there, of the type shown there."""
    result = read(report)
    assert result["schema"] == 1
    for part, keys in CONTRACT.items():
        assert set(keys.split()) <= set(result[part] if part else result)
    for check in result["checks"]:
        assert list(check)[:8] == CHECK_KEYS.split()
    for answer in result["answers"]:
        assert list(answer) == ANSWER_KEYS.split()
    assert isinstance(result["score"], float)
    assert isinstance(result["provenance"]["packages"], dict)


def test_result_json_says_what_the_report_says():
    """Values go through unchanged, and the first error is the first."""
    result = read(FULL)
    assert (result["score"], result["max_score"], result["pending_manual"]) == (20.0, 34.0, 6.0)
    assert result["execution"]["first_error"] == {"cell": 5, "ename": "NameError", "evalue": "boom"}
    failed = next(check for check in result["checks"] if check["status"] == "failed")
    expected = dataclasses.asdict(next(check for check in FULL.checks if check.status == "failed"))
    expected.pop("pictures", None)  # drawn on the page alone
    expected["marked"] = expected.pop("marking")
    assert failed == {**expected, "table": list(expected["table"])}
    assert result["findings"][0]["evidence"] == ["cell 2: 375 steps", "Q14: batch 64"]
    assert [answer["verdict"] for answer in result["answers"]] == ["likely_wrong", "missing", "unclear"]
    assert (result["answers"][0]["reason"], result["answers"][0]["words"]) == (
        "It is <too> little.",
        ["*blur*", "<more>"],
    )
    assert result["answers"][0]["text"] == "They *blur*.\nAnd <more>."
    assert (result["answers"][1]["text"], result["answers"][1]["cell"]) == ("", 5)
    assert read(MINIMAL)["execution"]["first_error"] is None


def test_result_json_is_strict_json():
    """NaN and infinity become null, sums lose their binary noise, and any text survives."""
    hostile = with_every_text(FULL, MARKUP)
    odd = dataclasses.replace(hostile, score=float("nan"), max_score=0.1 + 0.2, peak_mib=float("inf"))
    result = read(odd)
    assert (result["score"], result["max_score"], result["peak_mib"]) == (None, 0.3, None)
    assert result["student"] == MARKUP.replace("\ud800", "?")
    result_json(odd).encode("utf-8")


def test_results_are_the_same_each_time():
    """The same report gives the same bytes, in whatever order packages or students come."""
    shuffled = dataclasses.replace(
        FULL,
        provenance=dataclasses.replace(FULL.provenance, packages=tuple(reversed(FULL.provenance.packages))),
    )
    assert result_json(FULL) == result_json(shuffled)
    assert gradebook_csv([FULL, UNREADABLE, MINIMAL]) == gradebook_csv([MINIMAL, FULL, UNREADABLE])


def test_the_gradebook_has_a_column_per_task():
    """Columns are found in the reports; who lacks a task has a blank there."""
    other = dataclasses.replace(
        FULL, student="Cy", slug="cy", lab="project4", tasks=(dataclasses.replace(TASKS[0], id="P1.1"),)
    )
    book = rows(other, FULL, UNREADABLE)
    assert list(book[0]) == ["student", "score", "max_score", "status", "4.1", "1.2", "7", "P1.1"]
    assert [row["student"] for row in book] == ["Ada Lovelace", "bo", "Cy"]
    assert (book[0]["4.1"], book[0]["7"], book[0]["P1.1"]) == ("8", "12", "")
    assert (book[1]["status"], book[1]["4.1"]) == ("unreadable", "")
    assert (book[2]["4.1"], book[2]["P1.1"]) == ("", "8")


def test_what_waits_for_a_person_is_blank():
    """A task that only people judge has no number yet; the score is that of the others."""
    (row,) = rows(FULL)
    assert (row["1.2"], row["4.1"], row["score"]) == ("", "8", "20")


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "a\r=1", '=HYPERLINK("https://e")']
)
def test_a_name_is_no_formula(name):
    """A spreadsheet shows the name as text, in one row; a carriage return becomes a line feed."""
    report = dataclasses.replace(FULL, student=name)
    text = gradebook_csv([report])
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["student"].removeprefix("'") == name.replace("\r", "\n")
    assert row["student"][0] in "'a"


def test_numbers_stay_numbers():
    """A score below zero is not taken for a formula; a score that is no number is blank."""
    assert rows(dataclasses.replace(FULL, score=-1.5))[0]["score"] == "-1.5"
    assert rows(dataclasses.replace(FULL, score=float("nan")))[0]["score"] == ""


def test_names_with_commas_quotes_and_lines_stay_one_cell():
    """The gradebook is a table whatever a student is called."""
    report = dataclasses.replace(FULL, student='a,"b"\nc')
    assert rows(report, MINIMAL)[0]["student"] == 'a,"b"\nc'


def test_a_report_is_three_files(tmp_path):
    """Feedback, result and executed notebook, and nothing left over; the result says how long they took."""
    write_report(FULL, tmp_path / "class" / "ada")
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "class" / "ada").iterdir()}
    assert set(files) == {"feedback.html", "result.json", "executed.ipynb"}
    assert json.loads(files["executed.ipynb"]) == FULL.executed
    written = json.loads(files["result.json"])
    assert written["phases"].pop()["name"] == "pages"
    assert written == json.loads(result_json(FULL))


def test_an_earlier_executed_notebook_does_not_stay(tmp_path):
    """After a run that produced no notebook there is none."""
    write_report(FULL, tmp_path)
    write_report(dataclasses.replace(FULL, executed=None), tmp_path)
    assert not (tmp_path / "executed.ipynb").exists()


def test_a_class_is_two_files(tmp_path):
    """The overview and the gradebook."""
    write_class([FULL, UNREADABLE], tmp_path / "out", "Spring")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"index.html", "gradebook.csv"}
    assert "<title>Spring</title>" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "executed",
    [{"cells": float("nan")}, {"a": {1, 2}}, {"a": "\ud800"}, {1: object()}, {"a": b"\xff"}],
    ids=["nan", "set", "surrogate", "object", "bytes"],
)
def test_any_executed_notebook_can_be_written(tmp_path, executed):
    """What JSON cannot hold is replaced, so that a strict reader can open the file."""
    write_report(dataclasses.replace(FULL, executed=executed), tmp_path)
    json.loads((tmp_path / "executed.ipynb").read_text(encoding="utf-8"), parse_constant=no_constant)


def test_what_lies_too_deep_is_cut():
    """A notebook nested ten thousand deep is no RecursionError."""
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    assert json.dumps(plain(deep)).count("[") == output.DEPTH_LIMIT


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    """Whoever reads sees the old text, and no draft stays behind."""
    target = tmp_path / "result.json"
    write_atomically(target, "old")

    def full_disk(_descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_atomically(target, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]
    assert target.read_text(encoding="utf-8") == "old"


def test_many_writers_leave_one_whole_file(tmp_path):
    """Writers at the same time never mix their texts or trip over each other's drafts."""
    target = tmp_path / "index.html"
    texts = [str(n) * 50_000 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_atomically(target, text), texts * 4))
    assert target.read_text(encoding="utf-8") in texts
    assert len(list(tmp_path.iterdir())) == 1


def test_files_can_be_read_by_those_whom_the_umask_allows(tmp_path):
    """The permissions are those of any new file, not those of a temporary one."""
    (tmp_path / "plain").write_text("x")
    write_atomically(tmp_path / "ours", "x")
    plain_mode, our_mode = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "ours"))
    assert plain_mode == our_mode


def test_the_examples_in_the_docstrings_hold():
    """The functions do what their documentation shows."""
    result = doctest.testmod(output)
    assert result.attempted > 0
    assert result.failed == 0
