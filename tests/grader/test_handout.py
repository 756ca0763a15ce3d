"""The handouts: they open, run up to their first gap, and hold no solution."""

from __future__ import annotations

import ast
import re

import jupytext
import nbformat
import pytest

from grader import cli, editions
from grader.definitions import GAP, TOOLS, Excerpts
from grader.editions import ANSWER, MARKER, PLACE, REGION
from grader.handout import contents_of
from tests.grader import fakes
from tests.live import LiveKernel

LABS = editions.labs_with_reference()
QUESTIONS = {
    "cnn": [*map(str, range(1, 30)), "28b", "29b", *map(str, range(30, 36))],
    "project4": [],
}
MODULE = '''
from __future__ import annotations

from math import pi, tau

from other import helper

# Pixels
# between lines
STEP = 25
WIDTH = STEP * 2


def area(radius: float = WIDTH) -> float:  # noqa: N802
    """Area of a circle."""
    return pi * helper(radius)


def secret() -> float:
    return tau
'''
OTHER = "def helper(x):\n    return x ** POWER\n\nPOWER = 2\nUNUSED = 3\n"


@pytest.fixture
def excerpts():
    """Excerpts of two small modules, of which one imports the other."""
    return Excerpts({"shapes": MODULE, "other": OTHER}.get)


def handout_of(lab):
    return editions.handout(editions.reference_of(lab))


def text_of(lab):
    """All that students get, as they read it."""
    edition = handout_of(lab)
    return "\n".join([*(cell.source for cell in edition.notebook.cells), *edition.files.values()])


def hidden_lines(lab):
    """The lines of the solution that are long enough to be known again.

    What a module that is handed out complete holds too, such as how an image is read, is no solution.
    """
    reference = editions.reference_of(lab)
    sources = [reference.read("notebook.py"), *map(reference.read, reference.hand_out)]
    hidden = [
        line for source in sources for found in REGION.finditer(source) for line in found[0].split("\n")
    ]
    hidden += [line for source in sources for answer in answers_in(source) for line in answer.split("\n")]
    hidden += [line for module, name in stubbed(lab) for line in body_of(reference.locate(module), name)]
    complete = [reference.read(module) for module in reference.hand_out]
    given = {line.strip() for text in complete if not MARKER.search(text) for line in text.split("\n")}
    told = {TOOLS.sub("", line).strip() for line in hidden if not MARKER.match(line)}
    return {line for line in told if len(line) >= 15} - given


def answers_in(source):
    cells = jupytext.reads(source, fmt="py:percent").cells
    return [
        found[0] for cell in cells if cell.cell_type == "markdown" for found in ANSWER.finditer(cell.source)
    ]


def stubbed(lab):
    """The functions of which students get signature and docstring, with their modules."""
    cells = jupytext.reads(editions.reference_of(lab).read("notebook.py"), fmt="py:percent").cells
    for cell in cells:
        if "stubs" in cell.metadata.get("tags", ()):
            for statement in ast.parse(cell.source).body:
                yield from ((statement.module, alias.name) for alias in statement.names)


def body_of(source, name):
    """The lines of a function below its docstring, and those of the private helpers that it calls."""
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    called = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
    for one in [name, *(helper for helper in called & set(functions) if helper.startswith("_"))]:
        yield from source.splitlines()[functions[one].body[0].end_lineno : functions[one].end_lineno]


@pytest.mark.parametrize("lab", LABS)
def test_it_opens_in_jupyter(lab):
    """Both editions are valid notebooks, and so is the file that is written."""
    reference = editions.reference_of(lab)
    written = next(text for path, text in contents_of(lab).items() if path.suffix == ".ipynb")
    notebooks = [
        editions.solution(reference).notebook, handout_of(lab).notebook, nbformat.reads(written, as_version=4)
    ]  # fmt: skip
    for notebook in notebooks:
        nbformat.validate(notebook)
        assert len(notebook.cells) > 20
    for cell in notebooks[1].cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)


@pytest.mark.parametrize("lab", LABS)
def test_it_holds_no_solution(lab):
    """No line of a solution, nor of an answer, of 15 characters or more stands anywhere in the handout."""
    hidden, shown = hidden_lines(lab), text_of(lab)
    assert len(hidden) > 30
    assert {line for line in hidden if line in shown} == set()
    assert not MARKER.search(shown)


@pytest.mark.parametrize("lab", LABS)
def test_solutions_would_be_seen(lab):
    """The test above finds each line of the solution in the solution itself, or it could not fail."""
    edition = editions.solution(editions.reference_of(lab))
    shown = "\n".join([*(cell.source for cell in edition.notebook.cells), *edition.files.values()])
    assert all(line in shown for line in hidden_lines(lab))


@pytest.mark.parametrize("lab", LABS)
def test_it_imports_no_module_of_the_solution(lab):
    """What the handout imports is a library's, or lies beside it."""
    reference, edition = editions.reference_of(lab), handout_of(lab)
    given = {file.removesuffix(".py") for file in edition.files}
    ours = {file.removesuffix(".py") for file in reference.hand_in.values()} | {"reference"}
    texts = [cell.source for cell in edition.notebook.cells if cell.cell_type == "code"]
    found = re.findall(
        r"^\s*(?:from|import) (\w+)", "\n".join([*texts, *edition.files.values()]), re.MULTILINE
    )
    assert found
    assert set(found) & ours <= given


@pytest.mark.parametrize("lab", LABS)
def test_questions(lab):
    """The questions are those of the lab, each asked once, and each with a place for its answer."""
    texts = [cell.source for cell in handout_of(lab).notebook.cells if cell.cell_type == "markdown"]
    asked = [number for text in texts for number in re.findall(r"\*\*Question (\w+):\*\*", text)]
    assert asked == QUESTIONS[lab]
    assert all(PLACE in text for text in texts if "**Question" in text)
    assert all("**Answer:**" not in text for text in texts)


@pytest.mark.parametrize("lab", LABS)
def test_it_has_gaps_and_the_solution_has_none(lab):
    """The handout has gaps to fill in; the solution has neither gaps nor markers."""
    reference = editions.reference_of(lab)
    solved = editions.solution(reference)
    code = [cell.source for cell in solved.notebook.cells if cell.cell_type == "code"]
    assert not re.search(r"^\s*\.\.\.$|SOLUTION", "\n".join([*code, *solved.files.values()]), re.MULTILINE)
    assert set(solved.files) == set(reference.hand_in.values())
    assert text_of(lab).count(GAP.splitlines()[0]) >= 10


@pytest.mark.parametrize("lab", LABS)
def test_it_runs_up_to_its_first_gap(lab, given):
    """In a fresh kernel, beside its modules, every cell before the first gap runs, and none that needs it."""
    edition = handout_of(lab)
    code = [cell.source for cell in edition.notebook.cells if cell.cell_type == "code"]
    first = next(number for number, source in enumerate(code) if GAP.splitlines()[0] in source)
    assert first > 0
    kernel = LiveKernel(given)
    try:
        for name, text in edition.files.items():
            (kernel.room.lab / name).write_text(text, encoding="utf-8")
        assert kernel.run(*code[: first + 1]).errors == ()
        assert kernel.run(code[first + 1]).errors
    finally:
        kernel.close()


def test_a_handout_is_the_same_each_time():
    """Two runs write the same bytes."""
    assert [contents_of(lab) for lab in LABS] == [contents_of(lab) for lab in LABS]


def test_excerpts_bring_what_they_need(excerpts):
    """A function comes with its constants, its imports and the helpers of other modules, and nothing else."""
    text = excerpts.take("from shapes import area", stubs=False)
    names: dict[str, object] = {}
    exec(text, names)
    assert names["area"](2) == pytest.approx(12.566, abs=1e-3)
    assert set(names) - {"__builtins__"} == {"pi", "helper", "POWER", "STEP", "WIDTH", "area"}
    assert "# Pixels\n# between lines\nSTEP = 25\nWIDTH" in text
    assert "noqa" not in text


def test_excerpts_show_nothing_twice(excerpts):
    """What an earlier cell holds, or imports, is not repeated."""
    excerpts.note("from math import pi")
    first = excerpts.take("from other import helper", stubs=False)
    second = excerpts.take("from shapes import area", stubs=False)
    assert "POWER" in first
    assert "import" not in second and "helper(x)" not in second


def test_stubs_have_no_body(excerpts):
    """A stub is a signature with what it needs, a docstring and a gap."""
    text = excerpts.take("from shapes import area", stubs=True)
    assert text.endswith('    """Area of a circle."""\n    # Write your code here\n    ...')
    assert "WIDTH = STEP * 2" in text
    assert "helper" not in text and "pi" not in text


@pytest.mark.parametrize(
    "code",
    ["import shapes", "x = 1", "from math import pi", "from shapes import nothing"],
)
def test_a_tagged_cell_holds_imports_of_ours_alone(excerpts, code):
    """Anything else in a cell tagged ``given`` or ``stubs`` is refused."""
    with pytest.raises(ValueError, match=r"only import from|does not define"):
        excerpts.take(code, stubs=False)


@pytest.mark.parametrize(
    "code",
    ["# BEGIN SOLUTION\nx = 1", "x = 1\n# END SOLUTION", "# BEGIN SOLUTION \nx = 1\n# END SOLUTION"],
    ids=["no-end", "no-begin", "space-after"],
)
def test_a_marker_without_partner_is_refused(code):
    """A solution is never handed out by a slip in its markers."""
    with pytest.raises(ValueError, match="no partner"):
        editions.with_gaps(code)


def test_gaps_keep_their_place():
    """A gap stands where its solution stood, as far to the right; the solution loses its markers only."""
    code = "def f():\n    # BEGIN SOLUTION\n    a = 1\n    # END SOLUTION\n    return a\n"
    assert editions.with_gaps(code) == "def f():\n    # Write your code here\n    ...\n    return a\n"
    assert editions.filled(code) == "def f():\n    a = 1\n    return a\n"


def test_the_command_writes_every_lab(tmp_path, capsys):
    """Each lab gets a folder with notebook, modules and README, and the command names each file."""
    out = tmp_path / "new" / "handout"
    assert cli.run(["handout", str(out)]) == 0
    written = sorted(path for path in out.rglob("*") if path.is_file())
    shown = capsys.readouterr()
    assert sorted(shown.out.split()) == sorted(str(path) for path in written)
    assert {path.relative_to(out).parts[0] for path in written} == set(LABS)
    assert {path.relative_to(out).as_posix() for path in written} >= {
        "cnn/2D_CNN.ipynb", "cnn/utilities.py", "cnn/README.md", "cnn/labgrade-0.1.0+cnn-py3-none-any.whl",
        "cnn/.github/workflows/selfcheck.yml",
    }  # fmt: skip
    assert shown.err.count("are not public. They are made when your work is graded.") == len(LABS)


@pytest.mark.parametrize("lab", LABS)
def test_the_workflow_checks_the_notebook(lab):
    """GitHub Classroom installs the wheel beside the notebook and checks that notebook."""
    import yaml

    files = {path.as_posix(): text for path, text in contents_of(lab).items()}
    workflow = yaml.safe_load(files[f"{lab}/.github/workflows/selfcheck.yml"])
    steps = " ".join(step.get("run", "") for step in workflow["jobs"]["check"]["steps"])
    assert "./labgrade-*.whl" in steps
    assert f"labgrade check {editions.reference_of(lab).notebook}" in steps


def test_only_the_lab_asked_for(tmp_path):
    """``--lab`` writes one lab, named twice or once."""
    assert cli.run(["handout", str(tmp_path / "out"), "--lab", "cnn", "--lab", "cnn"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cnn"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["full"], "not empty", id="not-empty"),
        pytest.param(["full/mine.txt"], "cannot be written", id="a-file"),
        pytest.param(["full/mine.txt", "--force"], "cannot be written", id="a-file-forced"),
        pytest.param(["out", "--lab", "nosuch"], "no reference solution of lab 'nosuch'", id="unknown-lab"),
        pytest.param([], "DIR", id="no-folder"),
    ],
)
def test_refusals(tmp_path, monkeypatch, capsys, arguments, says):
    """What cannot be done is refused with status 2 and one line, and nothing is touched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert cli.run(["handout", *arguments]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert says in shown.err
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "mine.txt"]
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"


def test_force_replaces_files_and_leaves_others(tmp_path):
    """With ``--force`` the handout's own files are written anew; a stranger's file stays."""
    call = ["handout", str(tmp_path), "--lab", "cnn"]
    (tmp_path / "mine.txt").write_text("mine")
    assert cli.run([*call, "--force"]) == 0
    (tmp_path / "cnn" / "utilities.py").write_text("old")
    assert cli.run([*call, "--force"]) == 0
    assert "build_CNN" in (tmp_path / "cnn" / "utilities.py").read_text()
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("lab", [["--lab", "cnn"], []], ids=["one-lab", "all-labs"])
def test_no_reference_is_said(tmp_path, monkeypatch, capsys, lab):
    """An installation without solutions says so in one line, for students may have that one."""
    monkeypatch.setattr(editions, "labs_with_reference", lambda: ())
    assert cli.run(["handout", str(tmp_path / "out"), *lab]) == 2
    assert "there is no reference solution" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_validate_leaves_out_a_lab_without_checks(monkeypatch):
    """``labgrade validate`` grades the labs that have checks, whatever else has a reference."""
    from grader import labs, validate
    from grader.cli import options

    graded = []
    monkeypatch.setattr(options, "settings_for", lambda out, **_: fakes.settings_for(out))
    monkeypatch.setattr(editions, "labs_with_reference", lambda: ("cnn", "project4", "unchecked"))

    def grade(lab, settings):
        graded.append(lab)
        raise KeyboardInterrupt

    monkeypatch.setattr(validate, "validate_lab", grade)
    monkeypatch.setattr(labs, "lab_ids", lambda: ("cnn",))
    assert cli.run(["validate"]) == cli.INTERRUPTED
    assert graded == ["cnn"]
