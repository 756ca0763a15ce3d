"""Groups, times and the list of the class that stays with the results."""

from __future__ import annotations

import pytest

from grader.class_list import arranged, plain, read_list, write_list
from grader.errors import UsageProblem
from grader.records import NOWHERE, Origin, Submission

ADA = Submission("lovelaceada_12", "lovelaceada_12", None, origin=Origin("canvas", "12"))
BO = Submission("Bo Ek", "Bo Ek", None)
CY = Submission("cy", "cy", None, origin=Origin("gradescope", "s3", "cy@x.org", "2026-03-01T12:00:00+00:00"))
CLASS = (ADA, BO, CY)


@pytest.fixture
def given(tmp_path):
    """A function that writes a file and reads the class with it."""

    def call(text, name="groups.csv", *, times=False):
        place = tmp_path / name
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return arranged(CLASS, None if times else place, place if times else None)

    return call


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("group,student\nA,12\nA,Dana\nB,Ek; Bo\nB,Eva\n".replace(";", "").replace("Ek Bo", '"Ek, Bo"'), "g.csv", id="csv"),
        pytest.param('\ufeffStudent, Group\n"Lovelace, Ada",A\nDana,A\nbo ek,B\nEva,B\n,\n', "g.csv", id="csv-other-order"),
        pytest.param('[groups]\nA = ["12", "Dana"]\nB = ["Bo Ek", "Eva"]', "g.toml", id="toml"),
        pytest.param('A = ["lovelaceada_12", "Dana"]\nB = ["Bo Ek", "Eva"]', "g.toml", id="toml-bare"),
    ],
)  # fmt: skip
def test_groups(given, text, name):
    """Students are found by number, name in either order, or folder; who is in no group stays alone."""
    ada, bo, cy = given(text, name)
    assert (ada.members[-1], bo.members[-1], cy.members) == ("Dana", "Eva", ())


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        pytest.param("group,name\nA,ada\n", "g.csv", "no column 'student'", id="column"),
        pytest.param("", "g.csv", "no column 'group'", id="empty"),
        pytest.param("group,student\n", "g.csv", "names no group", id="nobody"),
        pytest.param("group,student\nA,\n", "g.csv", "line 2: a cell of group or student is empty", id="gap"),
        pytest.param("group,student\nA,ada\nB,ADA\n", "g.csv", "ADA is in the groups A and B", id="twice"),
        pytest.param("group,student\nA,Bo Ek\nA,cy\n", "g.csv", "1 group has more than one hand-in: A (Bo Ek, cy)", id="two-hand-ins"),
        pytest.param(b"group,student\nA,\xe5\n", "g.csv", "no UTF-8 text", id="latin"),
        pytest.param("A = 3", "g.toml", "A must be a list of students", id="toml-number"),
        pytest.param("A = [", "g.toml", "no valid TOML", id="toml"),
    ],
)  # fmt: skip
def test_wrong_groups(given, text, name, told):
    """Each mistake is one line with the file's name."""
    with pytest.raises(UsageProblem) as caught:
        given(text, name)
    assert told in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_times(given):
    """A list of times goes before what files and platforms tell."""
    ada, bo, cy = given("student,submitted\n12,2026-03-02T10:00+01:00\ncy@x.org,2026-03-03\n", times=True)
    assert ada.origin.submitted == "2026-03-02T10:00:00+01:00"
    assert ada.origin.told_by == "the list of times"
    assert (bo.origin.submitted, cy.origin.submitted[:10]) == ("", "2026-03-03")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("student,submitted\ncy,tomorrow\n", "line 2: 'tomorrow' is no time; write it as 2026-03-01T23:59"),
        ("student,submitted\ndana,2026-03-01\n", "names 1 who handed nothing in, or whose names are not told apart: dana"),
    ],
)  # fmt: skip
def test_wrong_times(given, text, told):
    """A time that is none, and somebody unknown, are named with the cure."""
    with pytest.raises(UsageProblem, match="csv") as caught:
        given(text, times=True)
    assert told in str(caught.value)


def test_a_missing_file(tmp_path):
    """It is said."""
    with pytest.raises(UsageProblem, match="cannot be read: No such file"):
        arranged(CLASS, tmp_path / "none.csv", None)


def test_the_list_stays_with_the_results(tmp_path):
    """What was written is read back whole; what is none, or damaged, is none."""
    assert read_list(tmp_path) is None
    write_list(tmp_path, "lab 2", CLASS)
    found = read_list(tmp_path)
    assert found.title == "lab 2"
    assert [(one.student, one.slug, one.origin) for one in found.students] == [
        (one.student, one.slug, one.origin) for one in CLASS
    ]
    (tmp_path / ".labgrade" / "class.json").write_text('{"schema": 1}')
    assert read_list(tmp_path) is None


def test_without_policies_nothing_is_told(tmp_path):
    """What decides nothing is kept out of what a later run compares."""
    assert [one.origin for one in plain(CLASS, groups=False)] == [NOWHERE] * 3
