"""``%labgrade`` on a live kernel: the right card, in text and as HTML, and a notebook left as it was."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from grader import labs, live
from grader.given import Given
from grader.student_edition import student_edition
from tests.grader.test_student_edition import WITHOUT_UNIX

ROOT = Path(__file__).resolve().parents[2]
FILTERS = """
import numpy as np
from scipy.signal import convolve2d, correlate2d
x = np.arange(-7, 8)
gaussFilter = np.exp(-(x[:, None] ** 2 + x[None] ** 2) / 32)
gaussFilter /= gaussFilter.sum()
sobelX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
sobelY = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])
filterResponseGauss = convolve2d(image, gaussFilter)
filterResponseSobelX = {name}(image, sobelX)
filterResponseSobelY = {name}(image, sobelY)
"""
ROTATION = """
import random
import numpy as np
import matplotlib.pyplot as plt
calls = 0
def myrotate(images):
    global calls, left_behind
    calls, left_behind = calls + 1, True
    random.random(), np.random.rand(), plt.figure(), plt.rc("lines", linewidth=9)
    print("turning")
    return np.rot90(images, axes=(1, 2))
plt.figure(7)
"""


@pytest.fixture
def shell(given, monkeypatch):
    """An IPython with the extension loaded, whose data are those of the test run."""
    monkeypatch.setattr(live, "OwnData", lambda: Given(given))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance()
    made.user_ns["image"] = np.load(given / "ascent.npy")
    made.run_cell("%load_ext grader")
    yield made
    InteractiveShell.clear_instance()


def call(shell, code):
    """What a cell prints, and the last thing that it displays."""
    with capture_output() as shown:
        shell.run_cell(code, store_history=True).raise_error()
    return shown.stdout, shown.outputs[-1].data if shown.outputs else {}


@pytest.mark.parametrize(("name", "right"), [("convolve2d", True), ("correlate2d", False)])
def test_a_task_is_judged_where_it_stands(shell, name, right):
    """The present values are judged as grading judges them, with the same words, as text and as HTML."""
    call(shell, FILTERS.format(name=name))
    _, card = call(shell, "%labgrade 1.1")
    text, page = card["text/plain"], card["text/html"]
    assert text.count("✓") == (3 if right else 2) and text.count("✗") == (0 if right else 1)
    assert ("✗ The Sobel responses are convolutions, not correlations" in text) != right
    assert "An aid, not a verdict" in text and "An aid, not a verdict" in page
    assert "not public" in text
    assert page.count('class="lg-check') == 3
    assert "<script" not in page


def test_what_was_changed_is_judged_anew(shell):
    """A card shows what holds when it is asked for."""
    call(shell, FILTERS.format(name="correlate2d"))
    assert "✗" in call(shell, "%labgrade 1.1")[1]["text/plain"]
    call(shell, FILTERS.format(name="convolve2d"))
    assert "✗" not in call(shell, "%labgrade 1.1")[1]["text/plain"]


def test_the_notebook_is_left_as_it_was(shell):
    """Names, random numbers, figures, settings and output are untouched, whatever the student's function does."""
    call(shell, ROTATION)
    space = shell.user_ns
    plt, before = space["plt"], set(space)
    call(shell, "random.seed(1); np.random.seed(1)")
    wanted = call(shell, "print(random.random(), np.random.rand())")[0]
    call(shell, "random.seed(1); np.random.seed(1)")
    width = plt.rcParams["lines.linewidth"]
    printed, card = call(shell, "%labgrade 5.0")
    assert "✓ myrotate turns each image" in card["text/plain"]
    assert printed == ""
    assert call(shell, "print(random.random(), np.random.rand())")[0] == wanted
    assert (plt.get_fignums(), plt.gcf().number, plt.rcParams["lines.linewidth"]) == ([7], 7, width)
    assert space["calls"] == 0
    assert {name for name in set(space) - before if not name.startswith("_")} == set()
    plt.close("all")


def test_what_only_a_whole_run_shows_is_said(shell):
    """Trainings are neither judged nor run again: the card says where they are."""
    text = call(shell, "%labgrade 4.2")[1]["text/plain"]
    assert text.count("–") == 3 and "In a terminal, labgrade check judges it." in " ".join(text.split())
    assert "1 other check is not public" in text


def test_a_missing_name_is_no_riddle(shell):
    """What has not been run yet is named."""
    text = call(shell, "%labgrade 3.2")[1]["text/plain"]
    assert "✗" in text and "not set in this kernel" in " ".join(text.split())


def test_alone_it_lists_the_tasks(shell):
    """``%labgrade`` lists the tasks of the lab that the code belongs to, with their public checks."""
    call(shell, "from scipy.signal import convolve2d  # filterResponseGauss, sobelX of CIFAR-10")
    listed = call(shell, "%labgrade")[0]
    assert "  4.1   Build the network: 5 public checks" in listed
    assert "P1.1" not in listed


@pytest.mark.parametrize("wrong", ["9.9", "4.1 nonsense"])
def test_a_wrong_id_takes_one_line(shell, wrong):
    """An id that does not exist is told in one line that names those that do, without a traceback."""
    printed, card = call(shell, f"%labgrade {wrong}")
    assert printed.startswith("labgrade: there is no task") and printed.count("\n") == 1
    assert card == {}


def test_the_tab_key_knows_the_tasks(shell):
    """After ``%labgrade`` the Tab key offers the ids."""
    _, matches = shell.complete("4.", "%labgrade 4.", 12)
    assert {"4.1", "4.6"} <= set(matches)


def test_stopping_it_is_polite(shell, monkeypatch):
    """An interrupt ends a check with one line, and counts as no fault of the student's function."""
    call(shell, "def myrotate(images):\n    raise KeyboardInterrupt")
    assert call(shell, "%labgrade 5.0")[0] == "labgrade: stopped\n"


def test_unloading_forgets_it(shell):
    """``%unload_ext grader`` removes the magic."""
    call(shell, "%unload_ext grader")
    assert "labgrade" not in shell.magics_manager.magics["line"]


def test_importing_the_package_is_light():
    """``import grader`` loads neither IPython nor anything else that takes time."""
    code = "import sys, grader; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"IPython", "typer", "numpy", "jinja2", "tensorflow"} & set(done.stdout.split())


def test_without_the_data_nothing_is_claimed(monkeypatch, prepared):
    """Where a stand-in would have to be compared with the student's CIFAR-10, the check is left out."""
    monkeypatch.setattr(live, "prepare_data", lambda _: prepared)
    data = live.OwnData()
    assert data["cifar10/x_test"].shape == (2000, 32, 32, 3)
    with pytest.raises(live.NotAttempted, match="CIFAR-10 is not in Keras"):
        data["cifar10/x_train"]


FLAVOURS = """
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import importlib
import numpy as np
from pathlib import Path
from checks.kit.falsify import fewer_examples
from grader.live import check_live
source = Path(sys.argv[1]).read_text()
found = {}
for flavour in ("keras", "tensorflow.keras", "tf_keras"):
    library = importlib.import_module(flavour)
    names = {}
    exec(source.replace("FLAVOUR", flavour), names)
    library.utils.set_random_seed(1)
    first = [library.layers.Dense(3).name, library.initializers.GlorotUniform()((2, 2)).numpy().tolist()]
    import tensorflow as tf
    tf.random.set_seed(3)
    wanted = tf.random.uniform((2,)).numpy().tolist()
    library.utils.set_random_seed(1)
    tf.random.set_seed(3)
    with fewer_examples(0.05):
        card = check_live("4.1", names, [source], {})
    number = int(library.layers.Dense(3).name.rpartition("_")[2]) - int("0" + first[0].rpartition("_")[2].strip("dense"))
    found[flavour] = {
        "statuses": [check.status for check in card.task.checks],
        "messages": [check.message for check in card.task.checks],
        "same": tf.random.uniform((2,)).numpy().tolist() == wanted,
        "next": number,
    }
print(json.dumps(found))
"""
BUILD = """
from FLAVOUR.models import Sequential
from FLAVOUR.layers import Input, Dense, Conv2D, BatchNormalization, MaxPooling2D, Flatten, Dropout
from FLAVOUR.optimizers import Adam

def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50, use_dropout=False,
              learning_rate=0.01, act_fun="relu", optimizer="adam", print_summary=False):
    model = Sequential([Input(input_shape)])
    for number in range(n_conv_layers):
        model.add(Conv2D(n_filters * 2 ** number, 3, padding="same", activation=act_fun))
        model.add(BatchNormalization())
        model.add(MaxPooling2D())
    model.add(Flatten())
    for _ in range(n_dense_layers):
        model.add(Dense(n_nodes, activation=act_fun))
        model.add(BatchNormalization())
        if use_dropout:
            model.add(Dropout(0.5))
    model.add(Dense(10, activation="softmax"))
    model.compile(loss=loss, optimizer=Adam(learning_rate=learning_rate), metrics=["accuracy"])
    return model
"""


def test_every_flavour_of_keras_is_judged_alike(tmp_path):
    """In Keras 3, by both names, and in Keras 2 a right network passes; random numbers and names go on as before."""
    (tmp_path / "build.py").write_text(BUILD)
    done = subprocess.run(
        [sys.executable, "-c", FLAVOURS, str(tmp_path / "build.py")],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    for flavour, told in json.loads(done.stdout.splitlines()[-1]).items():
        assert told["statuses"] == ["passed"] * 5, (flavour, told["messages"])
        assert told["same"], flavour
        assert told["next"] == 1, flavour


PORTABLE = """
import json
import zmq
has = zmq.has
zmq.has = lambda name: name != "ipc" and has(name)
from grader import cli, kernels, sandbox
transports, commands = [], []
transport, wrap = kernels.transport, kernels.wrap
kernels.transport = lambda room: transports.append(transport(room)) or transports[-1]
kernels.wrap = lambda *arguments: commands.append(wrap(*arguments)) or commands[-1]
status = cli.run(["check", sys.argv[1], "--task", "1.1"])
print(json.dumps([status, transports, "watchdog" in str(commands), sandbox.why_not()]))
"""


def test_nothing_of_one_system_is_needed(tmp_path, given):
    """A real notebook is checked from the wheel alone without bubblewrap, IPC sockets, fork or Unix's modules."""
    import nbformat

    with zipfile.ZipFile(io.BytesIO(student_edition("cnn").content)) as wheel:
        wheel.extractall(tmp_path / "site")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/labgrade").symlink_to(given.parents[2])
    loads = "from scipy import datasets\nimage = datasets.ascent()"
    cells = [nbformat.v4.new_code_cell(source) for source in (loads, FILTERS.format(name="convolve2d"))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lab.ipynb")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX.replace('"SIGKILL", ', "") + PORTABLE, str(tmp_path / "lab.ipynb")],
        capture_output=True, text=True, cwd=tmp_path, check=False, timeout=300,
        env={
            **os.environ, "PYTHONPATH": str(tmp_path / "site"), "PATH": "", "KERAS_HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path / "cache"), "COLUMNS": "120",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    *shown, told = done.stdout.splitlines()
    status, transports, watched, bubblewrap = json.loads(told)
    assert status == 0, done.stdout + done.stderr
    assert "3 of 3 public checks of task 1.1 passed." in shown
    assert transports == [{"transport": "tcp", "ip": "127.0.0.1"}]
    assert not watched and bubblewrap == "bubblewrap is missing"


def test_every_task_has_a_card(shell):
    """Each task of every lab can be asked for, whatever is there, and no card is an error of ours."""
    for lab in labs.lab_ids():
        for task in labs.task_ids(lab):
            text = call(shell, f"%labgrade {task}")[1]["text/plain"]
            assert text.startswith(task), text
            assert "The grader itself failed" not in text, text
