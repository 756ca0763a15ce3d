"""What holds for every command: help with examples, one line for every mistake, honest exit statuses."""

import os
import subprocess
import sys

import pytest

from grader import cli
from grader.errors import UsageProblem

NAMES = [command.__name__ for command in cli.COMMANDS]
HEAVY = ("tensorflow", "keras", "numpy", "scipy", "hypothesis", "nbclient", "jinja2", "rich", "psutil")


def labgrade(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments], capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize("name", NAMES)
def test_help(name, capsys):
    """Every command's help says in a paragraph what it does and ends in examples of calls."""
    assert cli.run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    description, _, examples = shown.partition("Examples:")
    assert f"labgrade {name}" in examples
    assert len(description) > 200
    assert "xit status" in description


def test_help_names_every_command(capsys):
    """The command's own help lists all its commands, each with its first sentence in full."""
    assert cli.run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "Examples:" in shown
    for command in cli.COMMANDS:
        assert command.__doc__.splitlines()[0] in shown


def test_help_is_quick():
    """Help imports none of the heavy libraries, which keeps it under half a second."""
    code = "import sys; from grader.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(done.stderr.split())


def test_module_is_the_command():
    """``python -m grader`` is the same command, and knows its version."""
    done = labgrade("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("labgrade ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["grad"],
        ["--no-such-option"],
        *[[name, "--no-such-option"] for name in NAMES],
        ["grade"],
        ["check"],
        ["grade", "x", "--jobs", "0"],
        ["grade", "x", "--jobs", "many"],
        ["grade", "x", "--seed", "-1"],
        ["grade", "x", "--seed", str(2**32)],
        ["grade", "x", "--training", "none"],
        ["grade", "x", "--sandbox", "docker"],
        ["grade", "x", "--cell-timeout", "0"],
        ["check", "missing.ipynb"],
        ["check", "."],
        ["check", "missing.ipynb", "--lab", "cn"],
        ["validate", "--lab", "cn"],
        ["validate", "--seed", "x"],
    ],
    ids=" ".join,
)
def test_bad_calls(arguments, capsys, tmp_path, monkeypatch):
    """A wrong call gets exit status 2 and one line that starts with the command's name."""
    monkeypatch.chdir(tmp_path)
    assert cli.run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("labgrade: ") and shown.err.count("\n") == 1


def test_no_arguments_show_the_help(capsys):
    """The bare command shows its help, as a wrong call."""
    assert cli.run([]) == 2
    assert "Commands:" in capsys.readouterr().err


def failing_app(error):
    def app(**_):
        raise error

    return lambda: app


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (UsageProblem("no such\nlab"), 2, "labgrade: no such lab\n"),
        (KeyboardInterrupt(), 130, "labgrade: stopped\n"),
        (BrokenPipeError(), 1, ""),
        (
            ValueError("x\x1b[31m\ny"), 1,
            "labgrade: an error of the grader: ValueError: x[31m y; "
            "run again with LABGRADE_DEBUG=1 for the details\n",
        ),
    ],
    ids=["usage", "ctrl-c", "pipe", "ours"],
)  # fmt: skip
def test_errors_are_one_line(monkeypatch, capsys, error, status, says):
    """Whatever is raised, the user reads one clean line and the status tells whose fault it was."""
    monkeypatch.delenv("LABGRADE_DEBUG", raising=False)
    monkeypatch.setattr(cli, "build_app", failing_app(error))
    stdout = sys.stdout
    try:
        assert cli.run([]) == status
    finally:
        sys.stdout = stdout
    assert capsys.readouterr().err == says


def test_debugging_shows_the_traceback(monkeypatch):
    """With LABGRADE_DEBUG an error of ours is not hidden."""
    monkeypatch.setenv("LABGRADE_DEBUG", "1")
    monkeypatch.setattr(cli, "build_app", failing_app(ValueError("x")))
    with pytest.raises(ValueError, match="x"):
        cli.run([])


def test_terminals_without_unicode(tmp_path):
    """Where the terminal cannot write a sign, another stands for it and nothing breaks."""
    (tmp_path / "ö.ipynb").mkdir()
    done = labgrade("check", "ö.ipynb", cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 2
    assert done.stderr == "labgrade: ?.ipynb is a folder; name the notebook in it.\n"


def test_reader_that_leaves(tmp_path):
    """A reader that closes the pipe ends the command without a word on standard error."""
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "doctor"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() != 0
