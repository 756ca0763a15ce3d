"""The documents are true: commands, options, paths, tasks and code in them exist and work."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import grader
from checks.kit import Check, Failure, Fit
from grader import cli, labs
from grader.questions import load_questions
from tests.checks.cnn.student import Notebook

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
COMMANDS = [command.__name__ for command in cli.COMMANDS]
NOT_OURS = (
    "~/",
    "/",
    "STUDENT/",
    "grades/",
    ".labgrade/",
    "checks/<",
    "reference/<",
    "tests/checks/<",
    ".venv/",
)
MADE = (
    "gradebook.csv",
    "gradebook.db",
    "similarity.json",
    "index.html",
    "feedback.html",
    "result.json",
    "executed.ipynb",
    "cifar10.npz",
    "ascent.dat",
)
TO_BE_WRITTEN = ("checks/cnn/epochs.py",)  # the worked example of CONTRIBUTING.md
ENDINGS = (".py", ".md", ".toml", ".lock", ".sh", ".html", ".png", ".csv", ".json", ".ipynb", ".npz", ".dat")


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def fenced(text: str, language: str = "") -> list[str]:
    """The code blocks of a language; of none, those that name none."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for named, block in blocks if named == language]


def spans(text: str) -> list[str]:
    """The code within lines, ``like this``."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose)


def calls(text: str) -> Iterator[list[str]]:
    """The words after ``labgrade`` of every call that a document shows."""
    lines = [line for block in fenced(text) for line in block.splitlines()]
    for line in [*lines, *spans(text)]:
        words = shlex.split(line.partition(">")[0], comments=True) if "labgrade " in line else []
        if words and Path(words[0]).name == "labgrade":
            yield words[1:]


def wrong_call(words: list[str]) -> str:
    """What the command line has against a call, or ``""``; a command without options is only a name."""
    commands = typer.main.get_command(cli.build_app()).commands
    if words == ["COMMAND", "--help"] or words in [[name] for name in commands]:
        return ""
    if words[0] not in commands:
        return f"there is no command {words[0]}"
    try:
        commands[words[0]].make_context(words[0], words[1:])
    except typer.TyperException as problem:
        return problem.format_message()
    return ""


def wrong_paths(text: str) -> list[str]:
    """The links, and the code spans that look like a path of the repository, to which nothing belongs."""
    links = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    links = [target for target in links if target and not re.match(r"[a-z]+:", target)]
    return [path for path in [*links, *filter(is_path, spans(text))] if not exists(path)]


def is_path(span: str) -> bool:
    plain = re.fullmatch(r"[\w.][\w. -]*(/[\w. -]+)*/?", span)
    if not plain or span.startswith(NOT_OURS) or span in (*MADE, *TO_BE_WRITTEN):
        return False
    return span.endswith(ENDINGS) or ("/" in span and not re.match(r"P?\d", span))


def exists(path: str) -> bool:
    if "/" in path:
        return (ROOT / path).exists()
    return any(Path(name).name == path for name in files())


def files() -> list[str]:
    """The files of the repository, those not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.splitlines()
    return [str(path) for path in ROOT.rglob("*") if not {".venv", "grades"} & {*path.parts}]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    """The README shows every command as it is called, and its exit statuses."""
    assert [command] in [words[:1] for words in calls(text_of("README.md"))]
    assert re.search(rf"^\| `labgrade {command}` \| 0 ", text_of("README.md"), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_call_shown_is_a_right_one(document):
    """Each call of ``labgrade`` in a document names a command that exists and only options that it has."""
    assert {
        " ".join(words): fault for words in calls(text_of(document)) if (fault := wrong_call(words))
    } == {}


def test_calls_are_found():
    """The test above sees the calls in blocks and within lines, and would see a wrong one."""
    text = "`labgrade publish csv`\n```\n.venv/bin/labgrade grade x --fast  # soon\n```\n`labgrade grade`"
    assert list(calls(text)) == [["grade", "x", "--fast"], ["publish", "csv"], ["grade"]]
    assert [bool(wrong_call(words)) for words in calls(text)] == [True, True, False]


def test_options_exist():
    """Each option that a document names within a line belongs to some command."""
    known = {"--help"} | {
        option
        for command in typer.main.get_command(cli.build_app()).commands.values()
        for parameter in command.params
        for option in parameter.opts
    }
    named = {
        span.split()[0] for document in DOCUMENTS for span in spans(text_of(document)) if span[:2] == "--"
    }
    assert "--sandbox" in named
    assert named <= known


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_exists(document):
    """Each link and each path that a document names leads to a file or folder of the repository."""
    assert wrong_paths(text_of(document)) == []


def test_paths_are_found():
    """The test above sees links and paths, and would see a wrong one."""
    text = (
        "[a](docs/none.png) [b](README.md#data) [c](https://x.org) `grader/gone.py` `grader/cli/` `gone.toml`"
    )
    assert wrong_paths(text) == ["docs/none.png", "grader/gone.py", "gone.toml"]


def test_the_plan_names_every_folder():
    """The plan in ARCHITECTURE.md has each top folder of the repository, and none that is not there."""
    named, parents = [], []
    for line in fenced(text_of("ARCHITECTURE.md"))[0].splitlines():
        found = re.match(r"( *)(\S+)/( |$)", line)
        assert found, line
        parents[len(found[1]) // 2 :] = [found[2]]
        named.append("/".join(parents))
    assert [folder for folder in named if not (ROOT / folder).is_dir()] == []
    there = {name.split("/")[0] for name in files() if "/" in name and not name.startswith(".")}
    assert {folder for folder in named if "/" not in folder} == there


def points_of_tasks() -> dict[str, tuple[float, float]]:
    """What each task of every lab is worth: by program, its bonus included, and by a person."""
    found: dict[str, tuple[float, float]] = {}
    for name in labs.lab_ids():
        lab = labs.load_lab(name)
        rubric = labs.load_rubric(lab)
        for check in labs.load_checks(lab):
            program, person = found.get(check.task, (0.0, 0.0))
            worth = rubric.points.get(check.id, 0.0) + rubric.bonus.get(check.id, 0.0)
            found[check.task] = (program + worth, person)
        for question in load_questions(name).items:
            program, person = found.get(question.task, (0.0, 0.0))
            found[question.task] = (program, person + rubric.answers.get(question.id, 0.0))
    return found


def test_the_readme_says_what_is_graded():
    """The README has each task that has checks or questions, with its points, and no other."""
    row = r"^\| (P?\d(?:\.\d)?) \| [^|]* \| ?([\d.]*) \| ?([\d.]*) \|$"
    rows = re.findall(row, text_of("README.md"), re.MULTILINE)
    told = {task: (float(program or 0), float(person or 0)) for task, program, person in rows}
    assert len(told) == len(rows)
    assert told == points_of_tasks()


def test_the_readme_says_what_a_lab_is_worth():
    """The README's points of lab cnn, by program and by a person, are the rubric's."""
    rubric = labs.load_rubric(labs.load_lab("cnn"))
    program, person = sum(rubric.points.values()), sum(rubric.answers.values())
    told = f"{program + person:g} points: {program:g} by program, and {person:g} for written answers"
    assert f"Lab `cnn`, {told}" in text_of("README.md")


def demo_rows() -> list[list[str]]:
    """The cells of the README's table of the demo, a list per student."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text_of("README.md").splitlines()]
    return [row for row in cells if len(row) == 11 and re.fullmatch(r"[\d.]+|unreadable", row[-1])]


def test_the_readme_predicts_the_demo():
    """The README's table has each hand-in of the demo, its scores are the sums of their rows, and no part
    has more points than the rubric gives it."""
    students = sorted(path.name for path in (ROOT / "submissions/demo").iterdir() if path.is_dir())
    assert [row[0] for row in demo_rows()] == students
    most: dict[str, float] = {}
    for task, (program, _) in points_of_tasks().items():
        most[task[0]] = most.get(task[0], 0.0) + program
    for name, _, *points, score in demo_rows():
        if score == "unreadable":
            assert not any(points), name
            continue
        assert sum(map(float, points)) == float(score), name
        assert all(float(cell) <= most[str(part)] for part, cell in enumerate(points, 1)), name


@pytest.mark.parametrize("document", ["README.md", "submissions/README.md"])
def test_each_student_of_the_demo_is_described(document):
    """Both tables have a row per student."""
    told = re.findall(r"^\| (\w+) \| .*\|$", text_of(document), re.MULTILINE)
    students = {path.name for path in (ROOT / "submissions/demo").iterdir() if path.is_dir()}
    assert students <= set(told)


def test_the_worked_example_works():
    """The checks of CONTRIBUTING.md fail and pass where they should, and their ids are as it says."""
    namespace = {"__name__": "epochs"}
    exec(fenced(text_of("CONTRIBUTING.md"), "python")[0], namespace)
    trained, validated = (value for value in namespace.values() if isinstance(value, Check))
    assert f"`{validated.id}`" in text_of("CONTRIBUTING.md")
    assert validated.needs == (trained,)
    with pytest.raises(Failure, match="No network was trained"):
        trained.run(Notebook({}))
    bare = Fit(cell=12, flavour="keras", epochs=5, batch_size=20, steps_per_epoch=None)
    with pytest.raises(Failure, match="none in cell 12"):
        validated.run(Notebook({}, fits=(bare,)))
    fit = Fit(12, "keras", 5, 20, None, validation=(None, None))
    assert (trained.run(Notebook({}, fits=(fit,))), validated.run(Notebook({}, fits=(fit,)))) == (None, None)


def test_the_example_of_a_fault_is_one():
    """The line that CONTRIBUTING.md shows as a fault stands where it says."""
    line = fenced(text_of("CONTRIBUTING.md"), "python")[1].strip()
    assert line in (ROOT / "checks/cnn/faults/rotation.py").read_text("utf-8")


def test_the_version_has_an_entry():
    """The changelog has the version that the package and pyproject.toml name."""
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    assert project["version"] == grader.__version__
    assert re.search(
        rf"^## \[{re.escape(grader.__version__)}\] - \d{{4}}-\d\d-\d\d$",
        text_of("CHANGELOG.md"),
        re.MULTILINE,
    )


@pytest.mark.parametrize(
    ("name", "kib"), [("docs/feedback.png", 250), ("docs/class.png", 200), ("docs/review.png", 150)]
)
def test_pictures_are_small(name, kib):
    """The README's pictures load at once."""
    assert (ROOT / name).stat().st_size < kib * 1024
