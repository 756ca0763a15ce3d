"""The whole way from a folder of hand-ins to marks: the demo class, and notebooks that try tricks."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

import grader
from grader import sandbox
from tests.test_docs import demo_rows

CHECKOUT = Path(grader.__file__).resolve().parent.parent
DEMO = CHECKOUT / "submissions" / "demo"
REAL_DATA = CHECKOUT.parent / "shared" / "data"
TIMES = ("seconds", "phases", "peak_mib")
STUDENTS = ("ada", "ben", "chen", "dana", "elif", "fatima", "goran", "hana")
DECIDED, PENDING = 68, 32  # points of lab cnn: by program, and by a person
BONUS = {"8/search": 2, "8/best": 1}  # points that come on top of the maximum
UNANSWERED = {  # whom the demo shows leaving which questions out
    "ada": "",
    "ben": "Q30",
    "chen": "Q11 Q20 Q21 Q23 Q29 Q29b Q30 Q35",
    "dana": "Q20 Q28b Q29b Q30 Q34 Q35",
    "elif": "Q12 Q22 Q27 Q29 Q29b Q35",
    "fatima": "Q25 Q29b Q30",
    "goran": "Q11 Q12 Q22 Q28b Q29b Q30 Q34",
}


@dataclass(frozen=True)
class Graded:
    """A finished run of the command."""

    out: Path
    exit_status: int
    told: str

    def result(self, student: str) -> Any:
        """A student's result.json."""
        return json.loads((self.out / student / "result.json").read_text("utf-8"))


def grade(folder: Path, out: Path, nowhere: Path, *options: str) -> Graded:
    """Run ``labgrade grade`` on the built-in data."""
    own = {name: value for name, value in os.environ.items() if name != "LABGRADE_DATA"}
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), *options],
        cwd=CHECKOUT, env={**own, "KERAS_HOME": str(nowhere)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Graded(out, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo class, graded once."""
    folder = tmp_path_factory.mktemp("demo")
    return grade(DEMO, folder / "grades", folder, "--jobs", "2")


# ---- the demo class ----------------------------------------------------------------------------------


def test_everybody_is_graded(demo):
    """Whatever the marks, and though one file is broken, the exit status is 0."""
    assert demo.exit_status == 0, demo.told
    assert sorted(path.name for path in demo.out.iterdir() if path.is_dir()) == sorted(
        [".labgrade", *STUDENTS]
    )


@pytest.mark.parametrize(
    ("student", "score", "failing"),
    [
        ("ada", 71, {}),
        ("ben", 68, {}),
        ("chen", 57, {"4.1/architecture": "padding='valid'"}),
        ("dana", 56, {"4.1/architecture": "filters", "5.2/new-model": "model6 is not a new network"}),
        ("elif", 66, {"3.2/paired": ""}),
        ("fatima", 66, {"1.1/convolution": ""}),
        (
            "goran",
            62.5,
            {"1.1/gaussian": "gausFilter", "6/tracked": "", "7/preprocessing": "not preprocessed"},
        ),
    ],
)
def test_each_gets_what_is_promised(demo, student, score, failing):
    """Score and failures of each hand-in are those of submissions/README.md; task 8 is ada's alone."""
    result = demo.result(student)
    assert (result["status"], result["score"], result["pending_manual"]) == ("graded", score, PENDING)
    assert result["max_score"] - result["pending_manual"] == DECIDED
    failed = {check["id"]: check for check in result["checks"] if check["status"] == "failed"}
    assert set(failed) == set(failing)
    for name, words in failing.items():
        assert words in failed[name]["message"] + failed[name]["received"]
    assert {check["status"] for check in result["checks"]} <= {"passed", "failed", "skipped", "manual"}


@pytest.mark.parametrize("student", STUDENTS[:-1])
def test_each_answers_in_their_own_way(demo, student):
    """The answers are found however they are written down, without the questions' text; what is left out,
    or is only a placeholder, is missing. All wait for a person.
    """
    result = demo.result(student)
    texts = {answer["id"]: answer["text"] for answer in result["answers"]}
    assert [name for name, text in texts.items() if not text] == UNANSWERED[student].split()
    assert "512" in texts["Q2"]
    assert "10496" in texts["Q9"].replace(",", "")
    assert not any("uestion" in text or "your answer" in text.lower() for text in texts.values())
    waiting = [check for check in result["checks"] if check["status"] == "manual"]
    assert len(waiting) == len(texts)
    assert sum(check["max_points"] for check in waiting) == PENDING


@pytest.mark.parametrize("student", STUDENTS[:-1])
def test_the_readme_shows_these_scores(demo, student):
    """The README's table has the points that each hand-in got in each part of the lab."""
    got: dict[str, float] = {}
    for check in demo.result(student)["checks"]:
        got[check["task"][0]] = got.get(check["task"][0], 0.0) + check["points"]
    row = next(row for row in demo_rows() if row[0] == student)
    assert [float(cell) for cell in row[2:-1]] == [got[part] for part in "12345678"]


def test_one_mistake_costs_once(demo):
    """What depends on a failed check is skipped, and says on which."""
    skipped = [check for check in demo.result("chen")["checks"] if check["status"] == "skipped"]
    assert [check["id"] for check in skipped] == ["4.1/parameters", "4.1/learns", "8/search", "8/best"]
    assert all("4.1/architecture" in check["message"] for check in skipped[:2])


def test_what_follows_from_a_mistake_is_told_and_costs_nothing(demo):
    """elif's trainings on the wrong labels keep their points, and say where the labels are counted."""
    told = {check["id"]: check for check in demo.result("elif")["checks"] if "3.2/paired" in check["message"]}
    assert list(told) == ["4.2/data", "4.3/both-data", "4.5/dropout-data", "4.6/best-data"]
    assert {check["status"] for check in told.values()} == {"passed"}


def test_a_broken_file_says_what_to_do(demo):
    """The notebook that ends in its middle is unreadable, of 0 points, with a cure."""
    result = demo.result("hana")
    full = demo.result("ada")["max_score"]
    assert (result["status"], result["score"], result["max_score"]) == ("unreadable", 0, full)
    assert result["execution"]["status"] == "not_run"
    assert "cut off" in result["problem"]
    assert "hand it in again" in result["problem"]
    assert "cut off" in (demo.out / "hana" / "feedback.html").read_text("utf-8")


def test_a_slip_of_the_pen_stops_one_cell(demo):
    """goran's error is shown with its cell, and every later cell has run."""
    execution = demo.result("goran")["execution"]
    assert execution["status"] == "error"
    assert execution["cells_run"] == execution["cells"]
    assert (execution["first_error"]["ename"], len(execution["errors"])) == ("NameError", 1)
    assert "gausFilter" in execution["first_error"]["evalue"]


@pytest.mark.parametrize("student", STUDENTS)
def test_the_files_are_there(demo, student):
    """Each student has a page and a result, and the executed notebook where one could run."""
    names = {path.name for path in (demo.out / student).iterdir()}
    assert names == {"feedback.html", "result.json"} | ({"executed.ipynb"} if student != "hana" else set())
    page = (demo.out / student / "feedback.html").read_text("utf-8")
    assert student in page
    assert ' src="http' not in page
    if student != "hana":
        nbformat.validate(nbformat.read(demo.out / student / "executed.ipynb", as_version=4))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_result_has_every_field(demo, student):
    """result.json holds what the contract promises, of the promised kinds."""
    result = demo.result(student)
    assert (result["schema"], result["lab"], result["student"]) == (1, "cnn", student)
    kinds = {
        "schema": int, "lab": str, "student": str, "notebook": str, "sha256": str, "status": str,
        "score": float, "max_score": float, "pending_manual": float, "execution": dict, "checks": list,
        "findings": list, "answers": list, "provenance": dict,
    }  # fmt: skip
    assert {name: type(result[name]) for name in kinds} == kinds
    assert len(result["sha256"]) == 64
    assert set(result["execution"]) >= {"status", "cells", "cells_run", "seconds", "first_error"}
    for check in result["checks"]:
        assert set(check) >= {
            "id", "task", "title", "status", "points", "max_points", "message", "counterexample",
        }  # fmt: skip
        assert check["task"] == check["id"].split("/")[0]
        worth = BONUS.get(check["id"], check["max_points"])
        assert 0 <= check["points"] <= worth
        assert check["id"] not in BONUS or check["max_points"] == 0
    assert sum(check["points"] for check in result["checks"]) == result["score"]
    provenance = result["provenance"]
    assert (provenance["seed"], provenance["training"]) == (0, "budget")
    assert provenance["data"] == "built-in pictures"
    assert provenance["sandbox"] == sandbox.choose("auto")[0]
    assert set(provenance) >= {"version", "rubric_sha256", "packages"}


def test_the_gradebook(demo):
    """The gradebook has a row per student and a column per task, which add up to the score."""
    rows = list(csv.reader(io.StringIO((demo.out / "gradebook.csv").read_text("utf-8"))))
    tasks = [task["id"] for task in demo.result("ada")["tasks"]]
    assert rows[0] == ["student", "score", "max_score", "status", *tasks]
    assert tasks == list(dict.fromkeys(check["task"] for check in demo.result("ada")["checks"]))
    assert [row[0] for row in rows[1:]] == list(STUDENTS)
    for row in rows[1:-1]:
        assert sum(float(cell) for cell in row[4:] if cell) == float(row[1])
        assert row[rows[0].index("1.2")] == ""  # waits for a person
    assert rows[-1] == ["hana", "0", rows[1][2], "unreadable", *[""] * len(tasks)]


def test_the_class_page_names_everybody(demo):
    """index.html has a link to each student's page."""
    page = (demo.out / "index.html").read_text("utf-8")
    for student in STUDENTS:
        assert f"{student}/feedback.html" in page


def without_times(value: Any) -> Any:
    """JSON without what a clock or the memory says."""
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def test_grading_again_gives_the_same(demo, tmp_path):
    """The same hand-in gets the same result, alone or in a class, but for times."""
    shutil.copytree(DEMO / "dana", tmp_path / "class" / "dana")
    again = grade(tmp_path / "class", tmp_path / "grades", tmp_path, "--jobs", "1", "--quiet")
    assert again.exit_status == 0
    assert json.dumps(without_times(again.result("dana"))) == json.dumps(without_times(demo.result("dana")))


@pytest.mark.skipif(not (REAL_DATA / "cifar10.npz").exists(), reason="needs the real data in ../shared/data")
def test_on_the_real_data(tmp_path):
    """ada's split and scaling are right on CIFAR-10 too, and only the tasks named are judged."""
    shutil.copytree(DEMO / "ada", tmp_path / "class" / "ada")
    graded = grade(
        tmp_path / "class", tmp_path / "grades", tmp_path, "--data", str(REAL_DATA), "--task", "3.2",
        "--task", "3.3", "--quiet",
    )  # fmt: skip
    result = graded.result("ada")
    assert graded.exit_status == 0
    assert [check["id"] for check in result["checks"]] == [
        "3.2/split", "3.2/sizes", "3.2/apart", "3.2/paired", "3.3/range", "3.3/dtype",
    ]  # fmt: skip
    assert {check["status"] for check in result["checks"]} == {"passed"}
    assert (result["score"], result["max_score"]) == (8, 8)
    assert result["provenance"]["data"] == REAL_DATA.name
