"""From folders and downloads of every kind to one submission per student."""

import os

import pytest

from grader import handin
from grader.intake import find_submissions, one_submission
from tests.grader.hand_ins import find, find_in_zip, lay, make_zip, notebook, summary


def test_three_ways_to_hand_in(tmp_path):
    """A sub-folder, a notebook and a zip are one submission each, sorted; files beside them are not."""
    found = find(
        tmp_path,
        {
            "chen.ipynb": notebook(),
            "bob.zip": make_zip({"lab/2D_CNN.ipynb": notebook(), "lab/utilities.py": "u", "other.txt": "o"}),
            "ada/2D_CNN.ipynb": notebook(),
            "ada/utilities.py": "def build_CNN(): ...",
            "ada/pictures/cat.jpg": "jpg",
            "notes.txt": "mine",
            "utilities.py": "whose?",
            ".DS_Store": "x",
        },
    )
    assert summary(found) == [
        ("ada", "2D_CNN.ipynb", ["pictures/cat.jpg", "utilities.py"]),
        ("bob", "2D_CNN.ipynb", ["utilities.py"]),
        ("chen", "chen.ipynb", []),
    ]
    assert found[0].files[1][1].read_text() == "def build_CNN(): ..."
    assert found[1].notebook.is_relative_to(tmp_path / "unpacked")


def test_order_and_choice_are_the_same_again(tmp_path):
    """The same folder gives the same submissions, whatever order the disk lists it in."""
    files = {f"{name}/{name}.ipynb": notebook() for name in ("b", "C", "a", "é", "Z")}
    first = find(tmp_path, files)
    assert [one.student for one in first] == ["a", "b", "C", "Z", "é"]
    assert find_submissions(tmp_path / "class", tmp_path / "again") == first


CANVAS = {
    "lovelaceada_12345_67890_2D_CNN.ipynb": notebook(),
    "lovelaceada_12345_67891_utilities.py": "u",
    "lovelaceada_LATE_12346_67892_2D_CNN.ipynb": notebook(),
    "lovelaceada_LATE_12346_67893_utilities-1.py": "u",
    "turingalan_777_67894_lab.zip": make_zip({"2D_CNN.ipynb": notebook(), "utilities.py": "u"}),
    "weier_888_67895_report.pdf": "pdf",
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_canvas(tmp_path, packed):
    """Canvas' flat files are grouped by name and id, their own names given back; namesakes stay apart."""
    found = (find_in_zip if packed else find)(tmp_path, CANVAS)
    assert summary(found) == [
        ("lovelaceada_12345", "lovelaceada_12345_67890_2D_CNN.ipynb", ["utilities.py"]),
        ("lovelaceada_12346", "lovelaceada_LATE_12346_67892_2D_CNN.ipynb", ["utilities.py"]),
        ("turingalan_777", "2D_CNN.ipynb", ["utilities.py"]),
        ("weier_888", None, []),
    ]
    assert "report.pdf" in found[3].problem


def test_names_that_only_look_like_canvas(tmp_path):
    """Files with a year and a number in their names are a student each unless all are Canvas'."""
    found = find(tmp_path, {"lab_2024_101_ada.ipynb": notebook(), "bob.ipynb": notebook()})
    assert [one.slug for one in found] == ["bob", "lab_2024_101_ada"]


MOODLE = {
    "Ada Lovelace_12345_assignsubmission_file_/2D_CNN.ipynb": notebook(),
    "Ada Lovelace_12345_assignsubmission_file_/utilities.py": "u",
    "Ada Lovelace_12345_assignsubmission_onlinetext_/onlinetext.html": "<p>",
    "Åsa Öberg_77_assignsubmission_file/lab.zip": make_zip({"a/lab.ipynb": notebook()}),
    "Bo Ek_78_assignsubmission_file_/answer.docx": "d",
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_moodle(tmp_path, packed):
    """Moodle's folders are named by student and id, and the two folders of one student are one."""
    found = (find_in_zip if packed else find)(tmp_path, MOODLE)
    assert summary(found) == [
        ("Ada Lovelace_12345", "2D_CNN.ipynb", ["onlinetext.html", "utilities.py"]),
        ("Bo Ek_78", None, []),
        ("Åsa Öberg_77", "lab.ipynb", []),
    ]


def test_moodle_without_folders(tmp_path):
    """Moodle's flat download is grouped in the same way."""
    start = "Ada Lovelace_12345_assignsubmission_file_"
    found = find(tmp_path, {f"{start}2D_CNN.ipynb": notebook(), f"{start}utilities.py": "u"})
    assert [one.student for one in found] == ["Ada Lovelace_12345"]
    assert [name for name, _ in found[0].files] == ["utilities.py"]


@pytest.mark.parametrize("wrapper", ["", "Lab 2/"], ids=["bare", "in-a-folder"])
def test_class_in_a_zip(tmp_path, wrapper):
    """A zip of folders, zips and notebooks is the class, also where all lie in one top folder."""
    files = {
        f"{wrapper}ada/2D_CNN.ipynb": notebook(),
        f"{wrapper}bob.zip": make_zip({"2D_CNN.ipynb": notebook()}),
        f"{wrapper}chen.ipynb": notebook(),
        f"__MACOSX/{wrapper}._chen.ipynb": "x",
    }
    found = find_in_zip(tmp_path, files)
    assert [(one.slug, bool(one.notebook)) for one in found] == [("ada", True), ("bob", True), ("chen", True)]


def test_zip_of_one_student(tmp_path):
    """A zip that is one student's own, with code and pictures beside the notebook, is one submission."""
    found = find_in_zip(
        tmp_path, {"2D_CNN.ipynb": notebook(), "utilities.py": "u", "img/a.png": "p"}, name="ada.zip"
    )
    assert summary(found) == [("ada", "2D_CNN.ipynb", ["img/a.png", "utilities.py"])]


def test_zip_of_one_students_folder(tmp_path):
    """A zip that holds one student's folder names the student by the folder."""
    found = find_in_zip(tmp_path, {"ada/2D_CNN.ipynb": notebook(), "ada/utilities.py": "u"})
    assert summary(found) == [("ada", "2D_CNN.ipynb", ["utilities.py"])]


def test_folder_of_one_student(tmp_path):
    """A folder with one notebook and its helper file is one submission; earlier grades are none of it."""
    files = {
        "ada.ipynb": notebook(),
        "utilities.py": "u",
        "grades/gradebook.csv": "",
        "grades/a/result.json": "",
    }
    assert summary(find(tmp_path, files)) == [("ada", "ada.ipynb", ["utilities.py"])]


def test_one_notebook(tmp_path):
    """A notebook alone is a submission with the files around it, less other notebooks' folders."""
    folder = lay(
        tmp_path / "mine",
        {
            "2D_CNN.ipynb": notebook(), "old.ipynb": notebook(), "utilities.py": "u", "data/a.png": "p",
            "other/lab1.ipynb": notebook(), "other/secret.py": "s", ".venv/pyvenv.cfg": "", ".venv/a.py": "",
            "env/pyvenv.cfg": "", "env/b.py": "", "big.zip": make_zip({"z.py": ""}),
        },
    )  # fmt: skip
    expected = [("2D_CNN", "2D_CNN.ipynb", ["data/a.png", "utilities.py"])]
    assert summary([one_submission(folder / "2D_CNN.ipynb", tmp_path / "u1")]) == expected
    assert summary(find_submissions(folder / "2D_CNN.ipynb", tmp_path / "u2")) == expected


def test_zip_inside_a_zip(tmp_path):
    """A student's zip that holds another zip is opened to the notebook."""
    inner = make_zip({"2D_CNN.ipynb": notebook(), "utilities.py": "u"})
    found = find(tmp_path, {"ada.zip": make_zip({"hand-in/lab.zip": inner}), "bob.ipynb": notebook()})
    assert summary(found)[0] == ("ada", "2D_CNN.ipynb", ["utilities.py"])


def test_code_in_a_zip_beside_the_notebook(tmp_path):
    """Code that comes zipped beside a loose notebook is put beside it, and the loose notebook counts."""
    packed = make_zip({"utilities.py": "u", "2D_CNN.ipynb": notebook("x" * 99)})
    found = find(tmp_path, {"ada/2D_CNN.ipynb": notebook("loose"), "ada/code.zip": packed})
    assert summary(found) == [("ada", "2D_CNN.ipynb", ["code.zip", "utilities.py"])]
    assert "loose" in found[0].notebook.read_text()


def test_zip_that_never_ends(tmp_path):
    """Zips in zips are opened a few times only, then the student is told."""
    packed = make_zip({"2D_CNN.ipynb": notebook()})
    for depth in range(8):
        packed = make_zip({f"{depth}.zip": packed})
    found = find(tmp_path, {"ada.zip": packed, "bob.ipynb": notebook()})
    assert found[0].notebook is None
    assert "No notebook" in found[0].problem


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        pytest.param({"a.ipynb": notebook("x"), "b.ipynb": notebook("x" * 50)}, "b.ipynb", id="most-code"),
        pytest.param(
            {"handout.ipynb": notebook("x" * 50), "mine.ipynb": notebook("x")}, "mine.ipynb", id="no-handout"
        ),
        pytest.param({"a.ipynb": "{broken", "b.ipynb": notebook("x")}, "b.ipynb", id="not-broken"),
        pytest.param({"b.ipynb": notebook(), "a.ipynb": notebook()}, "a.ipynb", id="equal-first-by-name"),
        pytest.param({"old/a.ipynb": notebook(), "b.ipynb": notebook()}, "b.ipynb", id="equal-least-deep"),
        pytest.param(
            {".ipynb_checkpoints/b.ipynb": notebook("x" * 50), "a.ipynb": notebook("x")}, "a.ipynb",
            id="no-checkpoint",
        ),
        pytest.param({"deep/er/lab.IPYNB": notebook()}, "lab.IPYNB", id="nested"),
        pytest.param({"a.ipynb": "[" * 100_000, "b.ipynb": notebook("x")}, "b.ipynb", id="too-deep-for-json"),
    ],
)  # fmt: skip
def test_which_notebook(tmp_path, files, chosen):
    """Of several notebooks the one that holds the work is chosen."""
    found = find(tmp_path, {f"ada/{name}": content for name, content in files.items()})
    assert found[0].notebook.name == chosen


def test_helper_files_have_limits(tmp_path, monkeypatch):
    """Too large, too many and linked files are left out, the shallow ones are kept first."""
    monkeypatch.setattr(handin, "FILE_BYTES", 100)
    monkeypatch.setattr(handin, "FILES_BYTES", 150)
    monkeypatch.setattr(handin, "FILES", 3)
    lay(tmp_path / "class", {
        "ada/a.ipynb": notebook(), "ada/huge.bin": "x" * 101, "ada/u.py": "x" * 90, "ada/v.py": "x" * 90,
        "ada/d/1": "x", "ada/d/2": "x", "ada/d/3": "x", "secret.txt": "s",
    })  # fmt: skip
    (tmp_path / "class/ada/link.py").symlink_to(tmp_path / "class/secret.txt")
    (tmp_path / "class/ada/a_way").symlink_to(tmp_path / "class")
    os.mkfifo(tmp_path / "class/ada/pipe")
    assert summary(find(tmp_path, {})) == [("ada", "a.ipynb", ["d/1", "d/2", "u.py"])]


def test_linked_submissions_are_not_followed(tmp_path):
    """A link in the place of a submission is named as such, and what it points to is not read."""
    lay(tmp_path / "elsewhere", {"2D_CNN.ipynb": notebook()})
    lay(tmp_path / "class", {"ada.ipynb": notebook()})
    (tmp_path / "class" / "eve").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "class" / "eve2.ipynb").symlink_to(tmp_path / "elsewhere" / "2D_CNN.ipynb")
    found = find(tmp_path, {})
    assert [(one.slug, one.notebook is None) for one in found] == [
        ("ada", False),
        ("eve", True),
        ("eve2", True),
    ]
    assert "link" in found[1].problem and "link" in found[2].problem


def test_zip_of_one_students_folder_with_two_notebooks(tmp_path):
    """Two notebooks beside code are one student's, not two students'."""
    names = ("lab.ipynb", "lab_old.ipynb", "utilities.py")
    found = find_in_zip(tmp_path, {f"ada/{name}": notebook() for name in names})
    assert summary(found) == [("ada", "lab.ipynb", ["utilities.py"])]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("ada.zip", b"PK\x03\x04 cut off", "damaged"),
        ("ada.zip", make_zip({"report.pdf": "p"}), "report.pdf"),
        ("ada.rar", b"Rar!", "ada.rar"),
        ("ada/report.pdf", b"p", "report.pdf"),
        ("ada/lab.zip", b"no zip", "lab.zip is damaged"),
        ("ada/", b"", "empty"),
    ],
)
def test_hand_in_without_a_notebook(tmp_path, name, content, says):
    """A student without a notebook is listed with the reason, and costs nobody else anything."""
    ada, bob = find(tmp_path, {name: content, "bob.ipynb": notebook()})
    assert (ada.slug, ada.notebook, bob.problem) == ("ada", None, "")
    assert says in ada.problem


def test_a_choice_among_several_is_told(tmp_path):
    """The rule by which one of several notebooks was chosen is told, and what was left out of a zip."""
    packed = make_zip({"../evil.py": "x", "a.ipynb": notebook("x" * 50), "b.ipynb": notebook()})
    ada, bob, chen = find(
        tmp_path,
        {"ada.zip": packed, "bob/b.ipynb": notebook(), "bob/two\n.py": "", "chen/c.ipynb": notebook()},
    )
    assert ada.note.startswith("Of 2 notebooks a.ipynb was graded, the one with most code")
    assert "../evil.py leads out of the folder" in ada.note
    assert bob.note == "Not taken into the run: two⟨U+000A⟩.py has a name with signs that cannot be seen."
    assert chen.note == ""


@pytest.mark.parametrize(
    "name", ["gradebook.csv", "grades/result.json", "old/result.json", "old/feedback.html"]
)
def test_a_hand_in_with_our_files_is_a_submission(tmp_path, name):
    """Feedback that a student hands in along with the work hides nothing of the work."""
    found = find(tmp_path, {"ada/lab.ipynb": notebook(), f"ada/{name}": "{}", "bob/b.ipynb": notebook()})
    assert [(one.slug, bool(one.notebook)) for one in found] == [("ada", True), ("bob", True)]


def test_work_in_a_sub_folder_is_found_beside_our_files(tmp_path):
    """A gradebook and results handed in above the work do not make it a folder of grades."""
    files = {
        "ada/gradebook.csv": "", "ada/old/result.json": "{}", "ada/mine/lab.ipynb": notebook(),
        "bob/b.ipynb": notebook(), "old grades/gradebook.csv": "", "old grades/ada/result.json": "{}",
        "old grades/ada/executed.ipynb": notebook(),
    }  # fmt: skip
    assert [one.slug for one in find(tmp_path, files)] == ["ada", "bob"]


GRADESCOPE = {
    "assignment_1_export/submission_metadata.yml": """
submission_111:
  :submitters:
  - :name: Ada Lovelace
    :sid: "1"
  - :name: Åsa  Öberg
  :created_at: 2026-01-01 10:00:00.000000000 Z
submission_222:
  :submitters: []
submission_333: 7
""",
    **{f"assignment_1_export/submission_{n}/2D_CNN.ipynb": notebook() for n in (111, 222, 333, 444)},
}


def test_gradescope(tmp_path):
    """The folders of Gradescope's export get the names that its list of submissions has for them."""
    named = ["Ada Lovelace, Åsa Öberg_111", "submission_222", "submission_333", "submission_444"]
    assert [one.student for one in find_in_zip(tmp_path, GRADESCOPE)] == named


@pytest.mark.parametrize(
    "told", ["[", "[" * 5000, "- 1", "!!python/object/apply:os._exit [3]", "a: *b", "\x00"]
)
def test_gradescope_without_a_list(tmp_path, told):
    """A list that cannot be read names nobody and breaks nothing."""
    files = {"submission_metadata.yml": told, "submission_1/a.ipynb": notebook(), "submission_2/": ""}
    assert [one.student for one in find(tmp_path, files)] == ["submission_1", "submission_2"]
