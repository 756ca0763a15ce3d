"""Canvas and Moodle: the platform's file stays as it was but for the marks, and every way it does not fit."""

from __future__ import annotations

import csv
import dataclasses
import io
import zipfile

import pytest

from grader import cli
from grader.gradebook.records import Target, Wish, basis_of
from grader.gradebook.store import Gradebook
from grader.policies import Policy, Terms
from tests.grader.exports.classes import ADA, BO, CANVAS, CY, MOODLE, graded_class

LATE = "2026-03-01T12:00:00+01:00"


@pytest.fixture
def fill(tmp_path, capsys):
    """A function that fills a roster in: the exit status, the rows before and after, and what was said."""

    def call(form, roster, *options):
        raw = roster if isinstance(roster, bytes) else roster.encode()
        (tmp_path / "roster.csv").write_bytes(raw)
        place = tmp_path / "made.csv"
        arguments = ["export", form, str(tmp_path / "grades"), "--roster", str(tmp_path / "roster.csv")]
        status = cli.run([*arguments, "-o", str(place), *options])
        made = place.read_bytes() if place.exists() else b""
        return status, raw, made, capsys.readouterr().err

    return call


def rows(raw, delimiter=","):
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def renamed(report, student):
    return dataclasses.replace(report, student=student, slug=student.replace(" ", "-"))


# ---- what stays


@pytest.mark.parametrize(
    ("form", "roster", "changed"),
    [
        ("canvas", CANVAS, {(3, 7), (4, 7), (5, 7)}),
        ("moodle", MOODLE, {(1, 4), (2, 4), (1, 9), (2, 9)}),
    ],
)  # fmt: skip
def test_only_the_marks_change(form, roster, changed, fill, tmp_path):
    """Every other cell, row and column stays, in its order, those of the absent and of Canvas' own too."""
    graded_class(tmp_path / "grades", lms=form)
    status, before, after, _ = fill(form, roster)
    assert status == 0
    old, new = rows(before), rows(after)
    assert [len(row) for row in old] == [len(row) for row in new]
    differ = {(r, c) for r, row in enumerate(old) for c, cell in enumerate(row) if cell != new[r][c]}
    assert differ == changed


@pytest.mark.parametrize(("form", "roster"), [("canvas", CANVAS), ("moodle", MOODLE)])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("bom", [False, True], ids=["bare", "bom"])
def test_the_file_is_written_as_it_was(form, roster, newline, bom, fill, tmp_path):
    """Byte-order mark and line ends are those of the platform's file."""
    graded_class(tmp_path / "grades", lms=form)
    raw = (b"\xef\xbb\xbf" if bom else b"") + roster.replace("\n", newline).encode()
    status, _, after, _ = fill(form, raw)
    assert status == 0
    assert after.startswith(b"\xef\xbb\xbf") == bom
    assert after.count(b"\r\n") == (after.count(b"\n") if newline == "\r\n" else 0)


def test_canvas_with_semicolons(fill, tmp_path):
    """What Canvas writes for countries with a decimal comma is read; points have a decimal point."""
    graded_class(tmp_path / "grades")
    lines = rows(CANVAS.encode())
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=";", lineterminator="\n").writerows(lines)
    status, _, after, _ = fill("canvas", sheet.getvalue())
    assert status == 0
    assert [row[7] for row in rows(after, ";")[3:5]] == ["20.01", "28"]


def test_canvas_with_names_apart(fill, tmp_path):
    """LastName and FirstName in two columns, as Canvas writes them where an account wants it."""
    graded_class(tmp_path / "grades", BO)
    roster = "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,Lab (7)\nPoints Possible,,,,,,34\nEk,Bo,102,,,DL,\n"
    status, _, after, _ = fill("canvas", roster)
    assert (status, rows(after)[2][6]) == (0, "28")


def test_canvas_keeps_who_is_excused(fill, tmp_path):
    """EX stays, and it is said."""
    graded_class(tmp_path / "grades")
    status, _, after, told = fill("canvas", CANVAS, "--column", "Lab 1")
    assert (status, [row[6] for row in rows(after)[3:6]]) == (0, ["20.01", "EX", "0"])
    assert "1 excused in Canvas stay excused: Ek, Bo." in told
    assert "Canvas has 10.00 points possible for this assignment, and the lab is out of 34." in told
    assert "1 on the list handed nothing in: Away, Dana; their cells stay as they are." in told


@pytest.mark.parametrize(
    "student",
    ["s102", "bo@x.org", "bo", "Ek, Bo", "bo ek", "ek_bo", "EKBO", "102"],
)
def test_canvas_knows_students_by(student, fill, tmp_path):
    """The number of the school, the login, its name part, and the name in either order."""
    graded_class(tmp_path / "grades", renamed(BO, student), lms="")
    status, _, after, told = fill("canvas", CANVAS)
    assert status == 0, told
    assert rows(after)[4][7] == "28"


# ---- Moodle's feedback


def test_moodle_s_feedback(fill, tmp_path):
    """Comments are escaped HTML of one line; pages lie in folders named as Moodle's own, the same bytes again."""
    graded_class(tmp_path / "grades", renamed(ADA, "x_101"), BO, CY, lms="moodle")
    status, _, after, told = fill("moodle", MOODLE)
    assert status == 0
    comment = rows(after)[1][9]
    assert comment.startswith("20.01 of 28 points; 6 more wait for a person.<br>4.1 build_CNN: 8 of 16<br>")
    assert "1 have grades that Moodle has locked, and stay as they are: Cy Öberg." in told
    raw = (tmp_path / "made-feedback.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as made:
        assert made.namelist() == [
            "Ada Lovelace_101_assignsubmission_file_/feedback.html",
            "Bo Ek_102_assignsubmission_file_/feedback.html",
        ]
        assert made.read(made.namelist()[1]) == b"<p>ekbo_102"
    fill("moodle", MOODLE)
    assert (tmp_path / "made-feedback.zip").read_bytes() == raw


def test_moodle_without_names(fill, tmp_path):
    """Blind marking: no names, so the number is all, and the folder is Participant's."""
    graded_class(tmp_path / "grades", renamed(BO, "Participant_102"), lms="moodle")
    roster = (
        "Identifier,Status,Grade,Maximum grade,Last modified (grade)\nParticipant 102,Submitted,,100.00,-\n"
    )
    status, _, after, told = fill("moodle", roster)
    assert (status, rows(after)[1][2]) == (0, "28")
    assert "Moodle's maximum grade is 100.00, and the lab is out of 34." in told
    assert "no column “Feedback comments”" in told


def test_moodle_in_another_language(fill, tmp_path):
    """The column of the grades is named by hand; identifiers are known by their numbers."""
    graded_class(tmp_path / "grades", renamed(BO, "Bo Ek_102"), lms="moodle")
    roster = "Identifierare,Fullständigt namn,Betyg\nDeltagare 102,Bo Ek,\n"
    assert fill("moodle", roster)[0] == 2
    status, _, after, _ = fill("moodle", roster, "--column", "betyg")
    assert (status, rows(after)[1][2]) == (0, "28")


# ---- what does not fit

TWO_BOS = CANVAS.replace('"Away, Dana",104,s104,dana@x.org', '"Ek, Bo",105,s105,bo2@x.org')


@pytest.mark.parametrize(
    ("students", "roster", "told"),
    [
        pytest.param(
            ["gone_999", "lost_998"], CANVAS, "2 students are not on the list", id="not-on-the-list"
        ),
        pytest.param(["zoe"], CANVAS, "1 student is not on the list", id="name-not-on-the-list"),
        pytest.param(["Bo Ek"], TWO_BOS, "the name of Bo Ek may be of several", id="namesakes"),
        pytest.param(
            ["Bo Ek", "s102"], CANVAS, "1 student has more than one hand-in: Ek, Bo (Bo Ek, s102)", id="twice"
        ),
        pytest.param(
            ["s103"],
            CANVAS + CANVAS.splitlines()[4] + "\n",
            "1 student stands on the list",
            id="listed-twice",
        ),
    ],
)
def test_who_does_not_fit(students, roster, told, fill, tmp_path):
    """One line with who, how many and the cure; nothing is written, or the rest where it is asked for."""
    graded_class(tmp_path / "grades", ADA, *(renamed(BO, name) for name in students))
    status, _, after, said = fill("canvas", roster)
    (line,) = [line for line in said.splitlines() if "--partial" in line]
    assert (status, after) == (1, b"")
    assert told in line
    assert said.endswith("nothing was written\n")
    status, _, after, _ = fill("canvas", roster, "--partial")
    assert (status, rows(after)[3][7]) == (0, "20.01")
    assert [row[:2] for row in rows(after)] == [row[:2] for row in rows(roster.encode())]


@pytest.mark.parametrize(
    ("form", "roster", "options", "told"),
    [
        pytest.param("canvas", "a,b\n", (), "is no gradebook of Canvas", id="other-file"),
        pytest.param("canvas", MOODLE, (), "is no gradebook of Canvas", id="moodles-file"),
        pytest.param("canvas", "", (), "is no gradebook of Canvas", id="empty"),
        pytest.param("canvas", b"\x89PNG\r\n\x1a\n\x00\xff", (), "no CSV in UTF-8", id="picture"),
        pytest.param("canvas", "Student,ID,Section\n", (), "has no assignment", id="no-assignment"),
        pytest.param(
            "canvas", CANVAS, ("--column", "Lab 3"), "did you mean “Lab 1 (11)”?", id="no-such-column"
        ),
        pytest.param("canvas", CANVAS, ("--column", "Current Score"), "has no one column", id="read-only"),
        pytest.param(
            "canvas",
            CANVAS.replace("2D CNN image classification", "Lab 2"),
            (),
            "Name it with --column",
            id="which",
        ),
        pytest.param("moodle", CANVAS, (), "is no grading worksheet of Moodle", id="canvas-file"),
        pytest.param("moodle", "Identifier,Full name,Grade\n", (), "is no grading worksheet", id="no-rows"),
    ],
)
def test_a_roster_that_is_none(form, roster, options, told, fill, tmp_path):
    """It is said in one line what it should be and where to get it."""
    graded_class(tmp_path / "grades")
    status, _, after, said = fill(form, roster, *options)
    assert (status, after) == (2, b"")
    assert told in said.splitlines()[-1]


def test_no_roster(tmp_path, capsys):
    """What it is and where it comes from."""
    graded_class(tmp_path / "grades")
    assert cli.run(["export", "canvas", str(tmp_path / "grades")]) == 2
    assert "Export Entire Gradebook) with --roster" in capsys.readouterr().err
    assert (
        cli.run(["export", "moodle", str(tmp_path / "grades"), "--roster", str(tmp_path / "none.csv")]) == 2
    )
    assert "none.csv cannot be read" in capsys.readouterr().err


def test_a_fault_of_the_grader_reaches_no_platform(fill, tmp_path):
    """An incomplete result leaves the cell as it was."""
    graded_class(tmp_path / "grades", dataclasses.replace(ADA, status="incomplete"), BO)
    _, _, after, told = fill("canvas", CANVAS)
    assert [row[7] for row in rows(after)[3:5]] == ["", "28"]
    assert "the grader itself failed on 1: lovelaceada_101; their marks go to no platform." in told


def test_two_labs(fill, tmp_path):
    """One column is of one lab, which has to be named."""
    graded_class(tmp_path / "grades", ADA, dataclasses.replace(BO, lab="project4"))
    status, _, _, told = fill("canvas", CANVAS)
    assert (status, "labs cnn and project4; name one with --lab" in told) == (2, True)
    assert fill("canvas", CANVAS, "--lab", "project4")[0] == 0


# ---- policies, groups, people


def test_the_final_score_counts(fill, tmp_path):
    """Where policies make a final score, that goes to the platform, for each student of a group."""
    terms = Terms(Policy(decimals=0), members=("Bo Ek", "s104"))
    graded_class(
        tmp_path / "grades", renamed(dataclasses.replace(BO, score=27.5, terms=terms), "bo ek"), lms=""
    )
    status, _, after, _ = fill("canvas", CANVAS)
    assert (status, [row[7] for row in rows(after)[4:7:2]]) == (0, ["28", "28"])


def test_people_s_marks_count_once_published(fill, tmp_path, monkeypatch):
    """Unpublished marks are told and left out, unless asked for; published ones are in."""
    out = graded_class(tmp_path / "grades", ADA)
    monkeypatch.setattr("grader.exports.rows.kept_report", lambda *_: ADA)
    target = Target(ADA.lab, ADA.slug, "1.2/q1")
    check = next(one for one in ADA.checks if one.id == "1.2/q1")
    with Gradebook.of_folder(out) as gradebook:
        gradebook.record_run([ADA])
        mark = gradebook.mark(target, Wish(1.5, 1.5), "eva", seen=0, report=1)
        assert mark.basis.text_sha256 == basis_of(ADA, check).text_sha256
    _, _, after, told = fill("canvas", CANVAS)
    assert rows(after)[3][7] == "20.01"
    assert "1 of 1 marks of people are not published and do not count" in told
    assert rows(fill("canvas", CANVAS, "--unpublished")[2])[3][7] == "21.51"
    with Gradebook.of_folder(out) as gradebook:
        gradebook.publish("eva", [ADA.lab])
    _, _, after, told = fill("canvas", CANVAS)
    assert rows(after)[3][7] == "21.51"
    assert "not published" not in told
