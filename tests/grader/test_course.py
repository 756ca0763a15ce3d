"""A course from beginning to end: handout, hand-ins, grading, marking by people, publishing, export."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import nbformat
import pytest

from grader import cli
from grader.gradebook.store import Gradebook
from tests.grader.review.conftest import Browser, Site

RUBRIC = """\
[checks."1.1/gaussian"]
points = 2
[answers]
Q1 = 2
[policies]
decimals = 1
[policies.late]
due = 2026-03-01T23:59:00+01:00
percent_per_day = 10
"""
ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (11),Current Score
    Points Possible,,,,,10.00,(read only)
"Ek, Bo",102,s102,bo,DL,,88
"Lovelace, Ada",101,s101,ada,DL,,90
"Away, Dana",104,s104,dana,DL,3.00,70
"""
FILTERED = "".join(
    f"filterResponse{name} = {function}(image, {kernel}, mode='same')\n"
    for name, function, kernel in (
        ("Gauss", "convolve2d", "gaussFilter"), ("SobelX", "convolve2d", "sobelX"), ("SobelY", "convolve2d", "sobelY"),
    )
)  # fmt: skip
GAP, PLACE = "# Write your code here\n...", "[Your answer here]"


def solved(handout, code, answer):
    """The handout's first part as a student hands it in: a gap filled in, and the first question answered."""
    notebook = nbformat.read(handout / "2D_CNN.ipynb", as_version=4)
    first = next(place for place, cell in enumerate(notebook.cells) if "Part 2" in cell.source)
    notebook.cells = [cell for cell in notebook.cells[:first] if "plt.show()" not in cell.source]
    for cell in notebook.cells:
        cell.source = cell.source.replace("import keras\n", "").replace(GAP, code)
        if cell.source.startswith("**Question 1:**"):
            cell.source = cell.source.replace(PLACE, answer)
    return nbformat.writes(notebook)


def column(text, name):
    """A column of a CSV by the first cell of each row."""
    rows = list(csv.reader(io.StringIO(text)))
    return {row[0]: row[rows[0].index(name)] for row in rows[1:]}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command in the course's folder, which must end well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "nowhere"))
    monkeypatch.delenv("LABGRADE_DATA", raising=False)
    return lambda line: cli.run(line.split())


def test_a_course(run, tmp_path, capsys):
    """What the README shows, with a class of two: the marks of program and person arrive in Canvas' file,
    less what lateness costs, and the page of the student says why.
    """
    assert run("handout handout --lab cnn") == 0
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as made:
        ada = solved(
            tmp_path / "handout" / "cnn", FILTERED, "The Gaussian blurs, the Sobel filters find edges."
        )
        made.writestr("lovelaceada_101_5001_2D_CNN.ipynb", ada)
        bo = solved(tmp_path / "handout" / "cnn", FILTERED.replace("sobelX,", "sobelY,"), "They sharpen.")
        made.writestr("ekbo_LATE_102_5002_2D_CNN.ipynb", bo)
    (tmp_path / "rubric.toml").write_text(RUBRIC)
    (tmp_path / "times.csv").write_text("student,submitted\nekbo_102,2026-03-02T10:00+01:00\n")
    (tmp_path / "canvas.csv").write_text(ROSTER)

    grade = "grade submissions.zip --lab cnn --task 1.1 --task 1.2 --rubric rubric.toml --times times.csv --jobs 2"
    assert run(f"{grade} --sandbox auto --quiet") == 0
    out = tmp_path / "grades"
    results = {
        name: json.loads((out / name / "result.json").read_text()) for name in ("lovelaceada_101", "ekbo_102")
    }
    assert [one["status"] for one in results.values()] == ["graded"] * 2
    assert [one["score"] for one in results.values()] == [5, 2]

    with Gradebook.of_folder(out) as book:
        site = Site(book, out)
        browser = Browser(site.app, site.sessions)
        for points in ("0.5", "1.5"):  # in the order of their folders
            browser.question()
            browser.post("/mark", points=points, comment="See part 1.")
        browser.get("/publish")
        browser.post("/publish")
        site.desk.publisher.wait()
    final = {"lovelaceada_101": 6.5, "ekbo_102": 2.3}  # 2.5 less 10 % is 2.25, and half goes up
    assert run("export canvas grades --roster canvas.csv -o for-canvas.csv") == 0
    told = capsys.readouterr().err
    assert "1 on the list handed nothing in: Away, Dana" in told
    filled = column((tmp_path / "for-canvas.csv").read_text(), "Lab 1 (11)")
    assert filled == {
        "    Points Possible": "10.00", "Ek, Bo": "2.3", "Lovelace, Ada": "6.5", "Away, Dana": "3.00",
    }  # fmt: skip
    gradebook = column((out / "gradebook.csv").read_text(), "final_score")
    assert {name: float(value) for name, value in gradebook.items()} == final
    page = (out / "ekbo_102" / "feedback.html").read_text()
    assert "10 % of the points earned are taken off" in page
    assert "See part 1." in page
