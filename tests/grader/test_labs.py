"""Labs are found by discovery and recognised by what a notebook holds."""

from __future__ import annotations

import pkgutil
import time
from pathlib import Path

import pytest

import checks
from checks.kit import Check, Lab
from grader import labs
from grader.errors import UsageProblem
from grader.notebooks import read_notebook

DEMO = Path(checks.__file__).resolve().parent.parent / "submissions" / "demo"
READABLE = sorted(path for path in DEMO.glob("*/*.ipynb") if path.parent.name != "hana")


# ---- discovery ---------------------------------------------------------------------------------------


def test_every_package_with_a_rubric_is_a_lab():
    """A folder under checks/ with a rubric.toml is a lab; the vocabulary is none."""
    packages = {module.name for module in pkgutil.iter_modules(checks.__path__) if module.ispkg}
    folders = {path.parent.name for path in Path(checks.__file__).parent.glob("*/rubric.toml")}
    assert "cnn" in labs.lab_ids()
    assert set(labs.lab_ids()) == folders & packages == packages - {"kit"}
    assert list(labs.lab_ids()) == sorted(labs.lab_ids())


@pytest.mark.parametrize("lab", labs.lab_ids())
def test_a_lab_is_bound_to_its_folder_s_name(lab):
    """A lab's id is its folder, and each of its modules exists and has a check."""
    found = labs.load_lab(lab)
    assert isinstance(found, Lab)
    assert found.id == lab
    for module in found.modules:
        own = Lab(found.id, found.title, found.markers, found.watch, (module,))
        assert labs.load_checks(own), module


def test_checks_come_in_the_lab_s_order():
    """Modules in the order of the lab, checks in the order of their lines, each once."""
    found = labs.load_checks(labs.load_lab("cnn"))
    assert all(isinstance(check, Check) for check in found)
    assert len({check.id for check in found}) == len(found)
    order = [check.id for check in found]
    assert order.index("1.1/gaussian") < order.index("3.2/split") < order.index("3.2/paired")
    assert order.index("3.2/paired") < order.index("4.1/callable") < order.index("4.1/architecture")


@pytest.mark.parametrize(
    ("word", "guess"),
    [
        pytest.param("cn", "did you mean 'cnn'?", id="letter-missing"),
        pytest.param("cnnn", "did you mean 'cnn'?", id="letter-too-many"),
        pytest.param("quantum", None, id="far-off"),
        pytest.param("kit", None, id="vocabulary"),
        pytest.param("../cnn", "cnn", id="path"),
        pytest.param("", None, id="empty"),
    ],
)
def test_an_unknown_lab(word, guess):
    """A lab that does not exist is refused in one line, with the nearest name and all there are."""
    with pytest.raises(UsageProblem) as refused:
        labs.load_lab(word)
    text = str(refused.value)
    assert f"unknown lab {word!r}" in text
    assert (guess is None and "did you mean" not in text) or (guess is not None and guess in text)
    assert ", ".join(labs.lab_ids()) in text
    assert "\n" not in text


# ---- recognition -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("left_out", ["nothing", "markdown", "comments", "code-of-1.1"])
def test_a_submission_is_recognised(path, left_out):
    """A hand-in is recognised by its code, even with all headings, text and comments deleted."""
    cells = read_notebook(path).notebook.cells
    sources = [cell.source for cell in cells if cell.cell_type == "code" or left_out != "markdown"]
    if left_out == "comments":
        sources = [line for source in sources for line in source.splitlines() if "#" not in line]
    if left_out == "code-of-1.1":
        sources = [source for source in sources if "sobel" not in source.lower()]
    found = labs.recognise("\n".join(sources))
    assert found is not None
    assert found.id == "cnn"


def test_a_helper_file_counts():
    """A notebook that says little is recognised by the helper file beside it."""
    assert labs.recognise("from utilities import *\nmodel.fit(X, Y)") is None
    found = labs.recognise(
        "from utilities import *\nmodel.fit(X, Y)", "def build_CNN(input_shape, loss): ..."
    )
    assert found is not None
    assert found.id == "cnn"


FLOW = """
import cv2
DATA = pathlib.Path(os.environ.get('LAB_DATA', 'data'))
def compute_flow(prev_frame, frame):
    return cv2.calcOpticalFlowFarneback(prev_frame, frame, None, 0.5, 3, 15, 3, 5, 1.2, 0)
def flow_mask(flow, threshold):
    magnitude, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1])
# Fish classification with VGG16
from keras.applications import VGG16
model = Sequential([VGG16(include_top=False), Flatten(), Dense(9, activation='softmax')])
history = model.fit(X_train, y_train, validation_data=(X_val, y_val))
"""


def test_the_other_lab_is_not_this_one():
    """Optical flow and VGG16 are not taken for the lab cnn."""
    found = labs.recognise(FLOW)
    assert found is None or found.id != "cnn"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("print('hello')", id="hello"),
        pytest.param(
            "from keras.datasets import mnist\nmodel = keras.Sequential()\nmodel.fit(x, y)", id="mnist"
        ),
        pytest.param("import pandas as pd\ndf = pd.read_csv('titanic.csv')\ndf.describe()", id="pandas"),
        pytest.param("We convolve the seminar with a discussion of cifra and sobels.", id="prose"),
    ],
)
def test_another_notebook_is_no_lab(text):
    """Work for another course is recognised as none of the labs."""
    assert labs.recognise(text) is None


def test_recognition_is_quick():
    """A notebook as large as the limit allows does not take long to recognise."""
    started = time.monotonic()
    labs.recognise("datasets " * 100_000 + "\n" + "sobel filterResponse " * 100_000)
    assert time.monotonic() - started < 5


# ---- rubrics: what stands in them is tested in test_rubric.py ------------------------------------------


RUBRIC = """
[tasks."1.1"]
title = "Filters of mine"
[checks."1.1/gaussian"]
points = 2.5
"""


def test_a_rubric_of_one_s_own(tmp_path):
    """A file's titles and points are laid over the lab's own, which keep their order."""
    path = tmp_path / "rubric.toml"
    path.write_text(RUBRIC)
    lab = labs.load_lab("cnn")
    own, changed = labs.load_rubric(lab), labs.load_rubric(lab, path)
    assert {**own.points, "1.1/gaussian": 2.5} == changed.points
    assert [task.id for task in changed.tasks] == [task.id for task in own.tasks]
    assert changed.tasks[0].title == "Filters of mine"
    assert changed.tasks[0].asked == own.tasks[0].asked
    assert changed.sha256 != own.sha256


def test_the_lab_s_own_file_changes_nothing():
    """A whole rubric works as a file of one's own; the sum is that of what is in effect."""
    lab = labs.load_lab("cnn")
    own = Path(checks.__file__).parent / "cnn" / "rubric.toml"
    assert labs.load_rubric(lab, own) == labs.load_rubric(lab)


def test_an_unknown_question_is_named(tmp_path):
    """The written questions are those of the lab's answers.toml, where it has one."""
    path = tmp_path / "rubric.toml"
    path.write_text("[answers]\nQ1 = 2\nq2 = 1\n")
    with pytest.raises(UsageProblem, match=r"unknown question 'q2' in line 3; did you mean 'Q2'\?"):
        labs.load_rubric(labs.load_lab("cnn"), path)


def test_a_rubric_need_fit_one_lab_only(tmp_path, monkeypatch):
    """A rubric that is right for one of the labs is right; else the nearest lab's mistakes are named."""
    path = tmp_path / "rubric.toml"
    path.write_text('[tasks."1.1"]\ntitle = "x"\n')
    other = Lab("other", "Another", (), (), ())
    known = labs.load_lab
    monkeypatch.setattr(labs, "load_lab", lambda lab: other if lab == "other" else known(lab))
    labs.check_rubric(path, ["other", "cnn"])
    path.write_text('[tasks."1.1"]\ntitel = "x"\n')
    with pytest.raises(UsageProblem, match=r"unknown key 'titel' of task '1\.1' in line 2"):
        labs.check_rubric(path, ["cnn"])


def test_a_rubric_for_one_lab_changes_nothing_of_another(tmp_path):
    """A class folder may hold hand-ins of both labs; a file that fits neither is named."""
    path = tmp_path / "rubric.toml"
    path.write_text('[checks."4.2/data"]\npoints = 9\n')
    cnn, other = labs.load_lab("cnn"), labs.load_lab("project4")
    assert labs.load_rubric(cnn, path).points["4.2/data"] == 9
    assert labs.load_rubric(other, path) == labs.load_rubric(other)
    path.write_text('[checks."nowhere"]\npoints = 9\n')
    with pytest.raises(UsageProblem):
        labs.load_rubric(other, path)
