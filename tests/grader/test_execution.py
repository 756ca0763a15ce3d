"""A notebook runs from its first cell to its last, whatever its cells do."""

from __future__ import annotations

import json
import random
import time

import nbformat
import numpy as np
import pytest

from grader import execution
from grader.limits import MIB
from grader.notebooks import read_notebook
from grader.records import Execution
from tests.grader.runs import Ran, notebook_of, run_alone, run_of

ENDLESS = "while True:\n    pass"
DRAW = "import random, numpy as np\nwatched = np.array([random.random(), np.random.rand()])"
DEAF = """
import time
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""


@pytest.fixture
def run(live):
    """A function that runs cells, or a notebook, in the shared kernel."""

    def run_here(*cells, cell_s=60.0, whole_s=300.0, **more) -> Ran:
        notebook = cells[0] if not isinstance(cells[0], str) else notebook_of(*cells)
        own = run_of(notebook, live.base / "evidence", [], cell_s, whole_s, **more)
        assert live.runner.run(execution._run_once(own, live.kernel))
        return Ran(own, execution.summary(own, 1.0), live.kernel)

    return run_here


# ---- errors ------------------------------------------------------------------------------------------


NO_INPUT = "StdinNotImplementedError"
LONG = "raise ValueError('\\x1b[31mred\\x1b[0m ' + 'x' * 5000)"
RAISING = {
    "name": ("a = 1\nb = nowhere\nc = 2", "NameError", "name 'nowhere' is not defined", "b = nowhere"),
    "in-a-call": (
        "def half(x):\n    return x / 0\nhalf(1)",
        "ZeroDivisionError",
        "division by zero",
        "return x / 0",
    ),
    "in-a-library": ("import json\njson.loads('{')\n", "JSONDecodeError", None, "json.loads('{')"),
    "syntax": ("x = (1,\ny = 2", "SyntaxError", None, None),
    "system-exit": ("raise SystemExit(3)", "SystemExit", "3", None),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt", "", None),
    "unprintable": ("class Bad(Exception):\n    def __str__(self): 1 / 0\nraise Bad", None, None, None),
    "assert": ("assert 1 == 2, 'no'", "AssertionError", "no", "assert 1 == 2, 'no'"),
    "long": (LONG, "ValueError", "red " + "x" * 396, None),
    "input": ("name = input('Your name? ')", NO_INPUT, None, "name = input('Your name? ')"),
    "getpass": ("import getpass; getpass.getpass()", NO_INPUT, None, "import getpass; getpass.getpass()"),
    "memory": ("bytearray(10**16)", "MemoryError", "", "bytearray(10**16)"),
}


@pytest.mark.parametrize(("source", "ename", "evalue", "line"), RAISING.values(), ids=RAISING)
def test_a_cell_that_raises(run, source, ename, evalue, line):
    """The error is recorded with its cell, name, text and line, and the cells after it run."""
    ran = run("before = 1", source, "print('after', before)")
    assert len(ran.summary.errors) == 1
    error = ran.summary.errors[0]
    assert error.cell == 2
    assert ename is None or error.ename == ename
    assert evalue is None or error.evalue == evalue
    assert line is None or error.source == line
    assert ran.text(3) == "after 1\n"
    assert (ran.summary.status, ran.summary.cells, ran.summary.cells_run) == ("error", 3, 3)


def test_a_notebook_without_errors(run):
    """A notebook whose cells all run is ok, and has nothing to note."""
    summary = run("a = 1", "a + 1").summary
    assert summary == Execution("ok", cells=2, cells_run=2, seconds=1.0)


def test_warnings_are_no_errors(run):
    """What is written to standard error costs nothing."""
    ran = run("import sys, warnings; warnings.warn('old'); print('careful', file=sys.stderr)")
    assert ran.summary.status == "ok"
    assert "careful" in ran.text(1)


# ---- what notebooks are made of ----------------------------------------------------------------------


def written(tmp_path, cells, **metadata):
    """A notebook file as a student saves it, read by the grader."""
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    path = tmp_path / "lab.ipynb"
    path.write_text(json.dumps(notebook))
    return read_notebook(path).notebook


@pytest.mark.parametrize("tag", ["raises-exception", "skip-execution", "remove_cell", "remove_output"])
def test_tags_have_no_effect(run, tmp_path, tag):
    """A tag neither hides an error nor keeps a cell from running."""
    cells = [
        nbformat.v4.new_code_cell("print('ran')", metadata={"tags": [tag]}),
        nbformat.v4.new_code_cell("1 / 0", metadata={"tags": [tag]}),
    ]
    ran = run(written(tmp_path, cells))
    assert ran.text(1) == "ran\n"
    assert ran.errors() == [(2, "ZeroDivisionError")]


@pytest.mark.parametrize("name", ["732a83_env", "tf_gpu", "python3", "conda-env-with spaces", ""])
def test_any_kernel_name_runs(run, tmp_path, name):
    """A kernel that only the student's machine has is replaced by ours."""
    kernelspec = {"name": name, "display_name": name, "language": "python"}
    ran = run(written(tmp_path, [nbformat.v4.new_code_cell("print(40 + 2)")], kernelspec=kernelspec))
    assert ran.text(1) == "42\n"


def test_saved_outputs_are_forgotten(run, tmp_path):
    """Outputs that were handed in are replaced by those of this run."""
    saved = nbformat.v4.new_output("stream", name="stdout", text="PASSED\n")
    cells = [nbformat.v4.new_code_cell("x = 1", outputs=[saved], execution_count=59)]
    ran = run(written(tmp_path, cells))
    assert ran.run.notebook.cells[0].outputs == []
    assert ran.run.notebook.cells[0].execution_count == 1


def test_counts_are_the_cells_numbers(run):
    """Blank cells and text have no number; a cell's number is its execution count."""
    notebook = notebook_of("1", "  \n", "2", "3")
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("# 1.1"))
    ran = run(notebook)
    assert [cell.get("execution_count") for cell in notebook.cells] == [1, None, None, 2, 3]
    assert ran.summary.cells == 3


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        pytest.param("!echo from the shell", "from the shell", id="shell"),
        pytest.param("files = !echo one\nprint(files[0])", "one", id="shell-assigned"),
        pytest.param("%%time\nprint('timed')", "timed", id="time"),
        pytest.param("%matplotlib inline\nprint('inline')", "inline", id="matplotlib"),
        pytest.param("%run helper.py\nprint(helped)", "helped out", id="run"),
        pytest.param("from helper import *\nprint(helped)", "helped out", id="import"),
        pytest.param("%load_ext autoreload\n%autoreload 2\nprint('reloads')", "reloads", id="autoreload"),
        pytest.param("%%capture output\nprint('x')", "", id="capture"),
        pytest.param("%%bash\necho from bash", "from bash", id="bash"),
        pytest.param("%%writefile made.py\nmade = 5", "Writing made.py", id="writefile"),
        pytest.param("len?", "", id="help"),
    ],
)
def test_magics(run, live, source, shown):
    """IPython's own syntax works as in Jupyter, in the folder of the hand-in."""
    (live.room.lab / "helper.py").write_text("helped = 'helped out'\n")
    (live.room.lab / "made.py").unlink(missing_ok=True)
    ran = run(source)
    assert ran.errors() == []
    assert shown in ran.text(1)


def test_installing_packages_ends_at_once(run):
    """``!pip install`` says within seconds that there is no network."""
    started = time.monotonic()
    ran = run("!pip install a-package-that-nobody-has", "print('after')")
    assert time.monotonic() - started < 30
    assert "ERROR" in ran.text(1)
    assert ran.text(2) == "after\n"


def test_rich_outputs_are_kept(run):
    """Figures, HTML and values are in the executed notebook."""
    ran = run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.imshow([[1, 2]]); plt.show()",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))\n41 + 1",
    )
    figure, page = (cell.outputs for cell in ran.run.notebook.cells)
    assert any("image/png" in output.get("data", {}) for output in figure)
    assert page[0]["data"]["text/html"] == "<b>bold</b>"
    assert (page[1]["output_type"], page[1]["data"]["text/plain"]) == ("execute_result", "42")


# ---- limits ------------------------------------------------------------------------------------------


def test_a_cell_that_takes_too_long_is_interrupted(run):
    """The endless cell is stopped, and the others run in the same kernel with what they had."""
    ran = run("before = 'kept'", ENDLESS, "print(before)", cell_s=2)
    assert ran.errors() == [(2, "Timeout")]
    assert ran.summary.errors[0].evalue == "stopped after 2 seconds: one cell may run no longer"
    assert ran.summary.note == "Stopped after 2 seconds in cell 2: one cell may run no longer."
    assert (ran.summary.status, ran.summary.cells_run) == ("timeout", 3)
    assert ran.text(3) == "kept\n"


def test_the_whole_notebook_has_a_limit(run):
    """Once the time is used up, the cell that runs is stopped and the rest is left out and says so."""
    ran = run("import time; time.sleep(1)", "time.sleep(30)", "print('late')", "1 / 0", whole_s=2.5)
    assert ran.errors() == [(2, "Timeout")]
    assert (ran.summary.status, ran.summary.cells, ran.summary.cells_run) == ("timeout", 4, 2)
    assert "cell 3 was left out of the run that counts" in ran.text(3)
    assert "all cells together may run 2.5 seconds" in ran.summary.note
    assert "time for the whole notebook, 2.5 seconds, was used up" in ran.summary.note


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("while True:\n    print('y' * 100)", id="endless"),
        pytest.param("print('y' * 30_000_000)", id="one-long-line"),
        pytest.param(
            "from IPython.display import display, HTML\nfor _ in range(300): display(HTML('y' * 10_000))",
            id="rich",
        ),
    ],
)
def test_too_much_output_is_cut(run, source):
    """What a cell shows is bounded, the rest is left out and that is said; the next cell's is shown."""
    ran = run(source, "print('after')", cell_s=2)
    cell = ran.run.notebook.cells[0]
    assert len(str(cell.outputs)) < 1.2 * MIB
    assert str(cell.outputs).count("further output of this cell was left out") == 1
    assert ran.text(2) == "after\n"


def test_all_outputs_together_are_bounded(run):
    """A notebook of many talkative cells is bounded as a whole, and which cells were cut is said."""
    ran = run(*["print('y' * 2_000)"] * 4, outputs_mib=5_000 / MIB)
    assert ["left out" in ran.text(number) for number in (1, 2, 3, 4)] == [False, False, True, True]
    assert "The output of cell 3, 4 was cut" in ran.summary.note


# ---- cells that end the process ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def lost(given):
    """A notebook with three cells that each cost a kernel."""
    sources = (
        DRAW,
        "import os; os._exit(3)",
        "a = 'a survives'",
        "import ctypes; ctypes.string_at(0)",
        DEAF,
        "print(a)\n1 / 0",
    )
    return run_alone(given, notebook_of(*sources), cell_s=3)


def test_a_cell_that_ends_the_process_costs_itself_only(lost):
    """After os._exit, a segmentation fault and a cell that cannot be stopped, all others have run."""
    assert lost.kernel is not None
    assert lost.errors() == [(2, "Exited"), (4, "Crashed"), (5, "Timeout"), (6, "ZeroDivisionError")]
    assert lost.text(6) == "a survives\n"
    assert (lost.summary.status, lost.summary.cells, lost.summary.cells_run) == ("timeout", 6, 3)


def test_why_a_cell_was_left_out_is_said(lost):
    """The cell itself and the summary tell the student which cell, and why."""
    for number, why in (
        (2, "the Python process ended: exit status 3"),
        (4, "the Python process crashed: signal SIGSEGV"),
        (5, "stopped after 3 seconds: one cell may run no longer, and it did not react to the interrupt"),
    ):
        assert f"cell {number} was left out of the run that counts" in lost.text(number)
        assert why in lost.text(number)
    assert lost.summary.note.endswith(
        "The notebook was run again without cell 2, 4, 5, so that the other cells count."
    )
    assert "The Python process crashed in cell 4: signal SIGSEGV." in lost.summary.note


def test_only_the_run_that_counts_is_evidence(lost):
    """Of the earlier runs nothing is left: each variable has one version."""
    assert [version.cell for version in lost.run.evidence.versions["watched"]] == [1]


def test_each_run_starts_from_the_seed(lost, given_up):
    """The random numbers of a run are those of the seed, the same in every notebook."""
    first, second = lost.arrays["watched"][0].tolist(), given_up.arrays["watched"][0].tolist()
    assert first == second
    assert first == [random.Random(0).random(), np.random.RandomState(0).rand()]


def test_progress_names_the_cell(lost):
    """Whoever waits is told which cell runs."""
    assert lost.phases.count("starting the kernel") == 4
    assert "running cell 5 of 6" in lost.phases


@pytest.fixture(scope="module")
def given_up(given):
    """A notebook with more deadly cells than are worth another run."""
    sources = (
        DRAW, "print('one')", "import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)",
        "import os; os.abort()", "import ctypes; ctypes.string_at(0)", "print('two')",
    )  # fmt: skip
    return run_alone(given, notebook_of(*sources), cell_s=20)


def test_a_notebook_that_always_dies_is_given_up(given_up):
    """After four runs no kernel is left; what came before is kept, and the summary says what happened."""
    assert given_up.kernel is None
    assert given_up.summary.status == "died"
    assert given_up.text(2) == "one\n"
    assert given_up.phases.count("starting the kernel") == 4
    assert given_up.errors() == [(3, "Exited"), (4, "Killed"), (5, "Crashed"), (6, "Crashed")]


@pytest.mark.parametrize("source", ["exit()", "quit()", "quit", "import sys; sys.exit(1)"])
def test_leaving_politely_does_not_end_the_notebook(run, source):
    """``exit()`` in a cell ends that cell at most."""
    ran = run(source, "import time; time.sleep(0.5)", "print('after')")
    assert ran.text(3) == "after\n"
    assert [error.cell for error in ran.summary.errors] in ([], [1])
