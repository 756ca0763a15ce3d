"""Class folders with what nobody should hand in: pipes, shut files, hostile names, nothing at all."""

import os

import pytest

from grader.errors import UsageProblem
from grader.intake import find_submissions, one_submission
from tests.grader.hand_ins import find, lay, make_zip, notebook, summary


def test_what_is_no_file_is_named_and_never_opened(tmp_path):
    """Pipes in the place of notebooks, zips, folders and lists keep nobody waiting."""
    folder = lay(tmp_path / "class", {"ada.ipynb": notebook(), "bob/b.ipynb": notebook()})
    for name in ("eve.ipynb", "eva.zip", "submission_metadata.yml", "bob/utilities.py", "bob/c.ipynb"):
        os.mkfifo(folder / name)
    ada, bob, eva, eve = find(tmp_path, {})
    assert (ada.problem, bob.problem, bob.note) == ("", "", "")
    assert eve.problem == "eve.ipynb is a pipe or a device, not a file: hand in the file itself."
    assert "pipe" in eva.problem
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageProblem, match="is no folder, and no zip"):
        find_submissions(tmp_path / "pipe", tmp_path / "unpacked2")


def test_what_may_not_be_read_costs_nobody_else_anything(tmp_path, monkeypatch):
    """A file or folder that is shut is named in its student's hand-in; root sees the same as others."""
    lay(
        tmp_path / "class",
        {"ada/a.ipynb": notebook(), "ada/u.py": "", "bob/b.ipynb": notebook(), "eve.ipynb": notebook()},
    )
    shut = {str(tmp_path / "class" / name) for name in ("ada/u.py", "bob")}
    scan, access = os.scandir, os.access
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) not in shut and access(path, mode))

    def refuse(path):
        if str(path).rstrip("/") in shut:
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    ada, bob, eve = find(tmp_path, {})
    assert ada.note == "Not taken into the run: u.py cannot be read (Permission denied)."
    assert bob.problem == "The folder cannot be read: Permission denied."
    assert (eve.problem, eve.note) == ("", "")


def test_earlier_grades_are_no_submission(tmp_path):
    """The folder for the grades is passed over, by its content or because the caller names it."""
    files = {
        "ada.ipynb": notebook(), "bob.ipynb": notebook(), "empty_out/": "",
        "grades/index.html": "", "grades/ada/result.json": "{}", "grades/ada/executed.ipynb": notebook(),
    }  # fmt: skip
    found = find(tmp_path, files, ignore=[tmp_path / "class" / "empty_out"])
    assert [one.slug for one in found] == ["ada", "bob"]


def test_names_that_collide(tmp_path):
    """Students whose names make one slug stay apart."""
    found = find(
        tmp_path, {"ada.ipynb": notebook(), "ada.zip": make_zip({"a.ipynb": notebook()}), "Ada/": ""}
    )
    assert sorted(one.slug for one in found) == ["Ada", "ada-2", "ada-3"]


def test_hostile_names(tmp_path):
    """A notebook whose name would break a terminal or a page is read under a plain one."""
    files = {"ada/\x1b[31m.ipynb": notebook(), "ada/\x1b[31m.py": "u", "bob.ipynb": notebook()}
    folder = lay(tmp_path / "class", files)
    (folder / os.fsdecode(b"caf\xe9.ipynb")).write_text(notebook())
    found = find(tmp_path, {})
    assert summary(found) == [
        ("ada", "_[31m.ipynb", []),
        ("bob", "bob.ipynb", []),
        ("caf-", "caf�.ipynb", []),
    ]
    assert found[2].student == "caf�"


@pytest.mark.parametrize(
    ("name", "files", "says"),
    [
        pytest.param("missing", {"class/a.ipynb": "x"}, "does not exist", id="missing"),
        pytest.param("class", {"class/": ""}, "no submissions", id="empty"),
        pytest.param("class", {"class/notes.txt": "x"}, "no submissions", id="nothing-of-use"),
        pytest.param(
            "class", {"class/ada/a.pdf": "x", "class/bob/": ""}, "No notebook", id="no-notebook-anywhere"
        ),
        pytest.param("notes.txt", {"notes.txt": "x"}, "no zip", id="another-file"),
        pytest.param("class.zip", {"class.zip": "x"}, "no zip", id="no-zip"),
        pytest.param("class.zip", {"class.zip": make_zip({"a.txt": ""})}, "no submissions", id="empty-zip"),
    ],
)
def test_bad_folders(tmp_path, name, files, says):
    """What cannot be a class is refused in one line that names it."""
    lay(tmp_path, files)
    with pytest.raises(UsageProblem, match=says) as caught:
        find_submissions(tmp_path / name, tmp_path / "unpacked")
    assert "\n" not in str(caught.value) and name in str(caught.value)


@pytest.mark.parametrize("name", ["class", "missing.ipynb", "utilities.py"])
def test_bad_notebooks(tmp_path, name):
    """What is no notebook is refused in one line that names it."""
    lay(tmp_path, {"class/a.ipynb": notebook(), "utilities.py": "u"})
    with pytest.raises(UsageProblem, match=name):
        one_submission(tmp_path / name, tmp_path / "unpacked")
