"""When work was handed in, which attempts there were, and which of them counts."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from datetime import UTC, datetime

import pytest

from grader.attempts import grade_attempts
from grader.intake import find_submissions
from grader.origins import date_in
from grader.policies import Policy, Terms
from grader.records import Submission
from grader.resume import hand_in
from tests.grader.fakes import report_on
from tests.grader.hand_ins import find, find_in_zip, lay, notebook

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def code_in(submission):
    """The source of the chosen notebook."""
    return submission.notebook.read_text()


# ---- who and when


def test_the_newest_file_tells_the_time(tmp_path):
    """Of a folder, the time is that of the file written last."""
    folder = lay(
        tmp_path / "class", {"ada/lab.ipynb": notebook(), "ada/utilities.py": "u", "bo.ipynb": notebook()}
    )
    for name, seconds in (("ada/lab.ipynb", -60), ("ada/utilities.py", 0), ("bo.ipynb", 60)):
        os.utime(folder / name, (NOON.timestamp() + seconds,) * 2)
    found = find_submissions(folder, tmp_path / "unpacked")
    times = [datetime.fromisoformat(one.origin.submitted).timestamp() for one in found]
    assert [time - NOON.timestamp() for time in times] == [0, 60]
    assert found[0].origin.told_by == "time of the file"


def test_the_time_in_a_zip(tmp_path):
    """A member's own time is kept, and 1980 is none."""
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as made:
        made.writestr(zipfile.ZipInfo("ada/lab.ipynb", (2026, 3, 1, 12, 0, 0)), notebook())
        made.writestr(zipfile.ZipInfo("bo/lab.ipynb"), notebook())
    ada, bo = find_submissions(tmp_path / "class.zip", tmp_path / "unpacked")
    assert ada.origin.submitted == datetime(2026, 3, 1, 12, 0).astimezone().isoformat()
    assert bo.origin.submitted == ""


def test_moodle_tells_the_number(tmp_path):
    """The number in the folder's name is the participant's."""
    (found,) = find_in_zip(tmp_path, {"Ada_12345_assignsubmission_file_/lab.ipynb": notebook()})
    assert (found.origin.lms, found.origin.id) == ("moodle", "12345")


def test_canvas_tells_the_number_and_that_it_is_late(tmp_path):
    """The first number is the student's; the times in its zip are those of the download, so none is known."""
    files = {"lovelaceada_12345_678_lab.ipynb": notebook(), "ekbo_LATE_12346_679_lab.ipynb": notebook()}
    bo, ada = find_in_zip(tmp_path, files)
    assert (ada.origin.lms, ada.origin.id, ada.origin.marked_late) == ("canvas", "12345", False)
    assert (bo.origin.id, bo.origin.marked_late, bo.origin.submitted) == ("12346", True, "")


def test_gradescope_tells_all(tmp_path):
    """Its list has number, address, time and the members of a group."""
    told = """
submission_111:
  :submitters:
  - {":name": "Ada Lovelace", ":sid": "s1", ":email": "ada@x.org"}
  - {":name": "Bo Ek", ":sid": "s2", ":email": "bo@x.org"}
  :created_at: 2026-03-01 12:00:00.5 Z
"""
    (found,) = find(tmp_path, {"submission_metadata.yml": told, "submission_111/lab.ipynb": notebook()})
    origin = found.origin
    assert (origin.lms, origin.id, origin.email, origin.told_by) == (
        "gradescope",
        "s1",
        "ada@x.org",
        "Gradescope",
    )
    assert abs(datetime.fromisoformat(origin.submitted) - NOON).total_seconds() < 1
    assert found.members == ("Ada Lovelace", "Bo Ek")


@pytest.mark.parametrize(
    ("name", "clock"),
    [
        ("2026-03-01", "2026-03-01T00:00:00"), ("2026-03-01 14.05", "2026-03-01T14:05:00"),
        ("2026-03-01T14-05-59 late", "2026-03-01T14:05:59"), ("2026-06-31", ""), ("20260301", ""),
        ("attempt 2026-03-01", ""), ("2026-03-011", ""),
    ],
)  # fmt: skip
def test_dates_of_folders(name, clock):
    """A date, and a time if there is one, at the beginning of a folder's name."""
    assert date_in(name)[:19] == clock


# ---- which attempts


DATED = {
    "ada/2026-03-05/lab.ipynb": notebook("second = 1"), "ada/2026-03-01 10.00/lab.ipynb": notebook("first = 12345"),
    "bo/lab.ipynb": notebook("only = 1"),
}  # fmt: skip


def test_dated_folders_of_a_student(tmp_path):
    """They are attempts in the order of their dates, each with its own time."""
    ada, bo = find(tmp_path, DATED, attempts=True)
    assert "second" in code_in(ada)
    assert ["first" in code_in(one) for one in ada.earlier] == [True]
    assert (ada.origin.submitted[:10], ada.earlier[0].origin.submitted[:16]) == (
        "2026-03-05",
        "2026-03-01T10:00",
    )
    assert bo.earlier == ()


def test_without_a_policy_nothing_changes(tmp_path):
    """Where nobody asks for attempts, the notebook with most code is taken, as of any hand-in."""
    ada, _ = find(tmp_path, DATED)
    assert "first" in code_in(ada)
    assert ada.earlier == ()


def test_a_class_folder_per_date(tmp_path):
    """Downloads of several days are merged by student; Canvas' numbers keep namesakes apart."""
    files = {
        "2026-03-01/ekbo_12_345_lab.ipynb": notebook("old"), "2026-03-01/ekbo_13_346_lab.ipynb": notebook("other"),
        "2026-03-08/ekbo_12_399_lab.ipynb": notebook("new"),
    }  # fmt: skip
    first, second = find(tmp_path, files, attempts=True)
    assert (first.student, len(first.earlier), "new" in code_in(first)) == ("ekbo_12", 1, True)
    assert (second.student, second.earlier, second.origin.submitted[:10]) == ("ekbo_13", (), "2026-03-01")


def test_the_numbers_of_canvas(tmp_path):
    """A file that comes again has a number; an attempt keeps the modules that it does not bring anew."""
    files = {
        "ekbo_12_345_lab.ipynb": notebook("one"), "ekbo_12_346_utilities.py": "old",
        "ekbo_12_347_lab-1.ipynb": notebook("two"), "ekbo_12_348_lab-2.ipynb": notebook("three"),
        "ekbo_12_349_utilities-2.py": "new",
    }  # fmt: skip
    (found,) = find(tmp_path, files, attempts=True)
    attempts = [*found.earlier, found]
    assert [
        code_in(one).count(word) for one, word in zip(attempts, ("one", "two", "three"), strict=True)
    ] == [1, 1, 1]
    assert [dict(one.files)["utilities.py"].read_text() for one in attempts] == ["old", "old", "new"]


def test_one_attempt_of_canvas(tmp_path):
    """A number alone makes no attempt, and modules get their own names back."""
    files = {"ekbo_12_345_lab-3.ipynb": notebook(), "ekbo_12_346_utilities-3.py": "u"}
    (found,) = find_in_zip(tmp_path, files)
    assert ([name for name, _ in found.files], found.earlier) == (["utilities.py"], ())


# ---- which counts


def attempts_of(*scores, policy="best"):
    """A submission of attempts with these scores, ``None`` for one that cannot be read, and its grader."""
    made = [Submission(f"ada{number}", "ada", None) for number, _ in enumerate(scores)]
    graded = []

    def grade(submission):
        graded.append(int(submission.student[3:]))
        score = scores[graded[-1]]
        if score is None:
            return report_on(submission, status="unreadable", score=0.0)
        return report_on(submission, score=score, terms=Terms(Policy(attempts=policy)))

    report = grade_attempts(dataclasses.replace(made[-1], earlier=tuple(made[:-1])), grade, lambda _: None)
    return report, graded


@pytest.mark.parametrize(
    ("scores", "policy", "counts", "graded"),
    [
        pytest.param((3.0, 1.0, 2.0), "best", 0, [2, 1, 0], id="best"),
        pytest.param((2.0, 2.0), "best", 1, [1, 0], id="equal-the-later"),
        pytest.param((3.0, 1.0, 2.0), "last", 2, [2], id="last"),
        pytest.param((3.0, None), "best", 0, [1, 0], id="best-of-unreadable"),
        pytest.param((3.0, None), "last", 1, [1, 0], id="last-unreadable"),
        pytest.param((None, None), "best", 1, [1, 0], id="all-unreadable"),
    ],
)
def test_which_counts(scores, policy, counts, graded):
    """The best or the last one, as the policy says; no more is graded than it takes."""
    report, order = attempts_of(*scores, policy=policy)
    assert (report.student, order) == (f"ada{counts}", graded)
    if report.terms:
        assert (report.terms.attempt, report.terms.attempts) == (counts + 1, len(scores))


def test_what_counts_as_handed_in(tmp_path):
    """Times, groups and earlier attempts are part of what a later run compares; without them nothing is."""
    folder = lay(tmp_path / "class", {"ada/lab.ipynb": notebook(), "ada/old.ipynb": notebook("x")})
    bare = Submission("ada", "ada", folder / "ada" / "lab.ipynb")
    timed = dataclasses.replace(
        bare, origin=dataclasses.replace(bare.origin, submitted="2026-03-01T12:00+01:00")
    )
    before = dataclasses.replace(bare, earlier=(Submission("ada", "ada", folder / "ada" / "old.ipynb"),))
    hashes = [
        hand_in(bare),
        hand_in(timed),
        hand_in(before),
        hand_in(dataclasses.replace(bare, members=("a", "b"))),
    ]
    assert len(set(hashes)) == 4
    (folder / "ada" / "old.ipynb").write_text("changed")
    assert hand_in(before) != hashes[2]
    assert hand_in(bare) == hashes[0]
