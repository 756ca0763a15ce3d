"""``labgrade grade``: what it refuses, what it prints in each way of printing, and its exit status."""

import functools
import json
import os
import signal
import threading

import pytest

from grader import batch, cli, sandbox
from grader.cli import options
from grader.errors import UsageProblem
from tests.grader import fakes


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """A function that grades a class of the fakes' students and returns the exit status."""
    monkeypatch.chdir(tmp_path)
    quick = functools.partial(batch.grade_all, grade=fakes.grade, write=fakes.write)
    monkeypatch.setattr(batch, "grade_all", quick)
    monkeypatch.setattr(options, "settings_for", lambda out, **_: fakes.settings_for(out))

    def call(*arguments, names=("ada", "bob")):
        for name in names:
            (tmp_path / "class" / name).mkdir(parents=True)
            (tmp_path / "class" / name / "lab.ipynb").write_text("{}")
        return cli.run(["grade", "class", "--jobs", "1", *arguments])

    return call


def test_plain_lines(graded, capsys, tmp_path):
    """Without a terminal there is one line per submission, then the table and where to look."""
    assert graded() == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("[1/2] ada: graded 3.5 of 4 in 0 s\n[2/2] bob: graded 3.5 of 4 in 0 s\n")
    assert shown.out.endswith("open grades/index.html\n")
    assert shown.err == ""
    assert (tmp_path / "grades" / "gradebook.csv").read_text().count("\n") == 3
    assert (tmp_path / "grades" / "index.html").exists()


def test_json_lines(graded, capsys):
    """With --json standard output is JSON lines and nothing else: started, phases, finished, done."""
    assert graded("--json") == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["event"] for record in records if record.get("slug") == "ada"] == [
        "started", "phase", "phase", "phase", "finished",
    ]  # fmt: skip
    finished = next(record for record in records if record["event"] == "finished")
    assert (finished["status"], finished["score"], finished["max_score"]) == ("graded", 3.5, 4.0)
    done = {"event": "done", "total": 2, "graded": 2, "incomplete": 0, "unreadable": 0, "out": "grades"}
    assert records[-1] == done


def test_quiet(graded, capsys):
    """With --quiet nothing is printed where nothing is wrong."""
    assert graded("--quiet") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("way", ["--quiet", "--json"])
def test_a_fault_of_the_grader(graded, capsys, tmp_path, way):
    """A crash gives exit status 1 and says so on standard error, also when quiet; the others are graded."""
    assert graded(way, names=("ada", "leave", "bob")) == 1
    assert "failed on 1 of 3" in capsys.readouterr().err
    assert (tmp_path / "grades" / "gradebook.csv").read_text().count("graded") == 2


def test_an_unreadable_hand_in_is_graded(graded, tmp_path):
    """A student's file that cannot be read is the student's fault: exit status 0."""
    assert graded(names=("ada", "unreadable")) == 0
    assert "unreadable" in (tmp_path / "grades" / "gradebook.csv").read_text()


def test_stopped(graded, capsys, tmp_path, monkeypatch):
    """Ctrl-C keeps what is done, writes the class's pages for it, says so, and exits with 130."""

    def listen(display, event):
        if isinstance(event, batch.PhaseChanged) and (event.student, event.phase) == ("hang", "reading"):
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    monkeypatch.setattr("grader.cli.progress.PlainDisplay.__call__", listen)
    assert graded(names=("ada", "hang", "zoe")) == 130
    assert (
        "labgrade: stopped: 1 of 3 graded, their results are in grades; run the same command again to go on"
        in capsys.readouterr().err
    )
    assert (tmp_path / "grades" / "gradebook.csv").read_text().count("\n") == 2


def test_grading_again(graded, tmp_path):
    """A second run into the same folder, inside the class folder too, takes no result for a hand-in."""
    (tmp_path / "class" / "grades").mkdir(parents=True)
    assert graded("--out", "class/grades") == 0
    assert graded("--out", "class/grades", names=()) == 0
    assert sorted(path.parent.name for path in tmp_path.glob("class/grades/*/result.json")) == ["ada", "bob"]


def test_hostile_names(graded, capsys):
    """A student's name is shown as it is: no markup, no escape sequences, no second line."""
    assert graded(names=("[bold red]eve", "mal\x1b[2J\nlory\u202e")) == 0
    shown = capsys.readouterr().out
    assert "[2/2] mal[2J lory: graded" in shown
    assert shown.count("[bold red]eve") == 2
    assert "\x1b" not in shown and "\u202e" not in shown


def out_is_a_file(folder):
    (folder / "grades").write_text("x")


def out_is_below_a_file(folder):
    (folder / "a").write_text("x")
    return ["--out", "a/b/grades"]


def folder_is_out(_folder):
    return ["--out", "class"]


def folder_is_in_out(_folder):
    return ["--out", "."]


def unknown_lab(_folder):
    return ["--lab", "cn"]


def unknown_task(_folder):
    return ["--task", "4.11"]


def task_of_another_lab(_folder):
    return ["--lab", "cnn", "--task", "P1.1"]


@pytest.mark.parametrize(
    ("arrange", "says"),
    [
        (out_is_a_file, "grades is a file"),
        (out_is_below_a_file, "a is a file"),
        (folder_is_out, "lies in the folder for the results"),
        (folder_is_in_out, "lies in the folder for the results"),
        (unknown_lab, "did you mean 'cnn'"),
        (unknown_task, "did you mean 4.1?"),
        (task_of_another_lab, "no task 'P1.1'"),
    ],
)
def test_refused_before_any_work(graded, capsys, tmp_path, arrange, says):
    """What cannot work is refused in one line, with what would, before anything is graded or written."""
    arguments = arrange(tmp_path) or []
    assert graded(*arguments) == 2
    shown = capsys.readouterr()
    assert says in shown.err and shown.err.count("\n") == 1 and shown.out == ""
    assert not list(tmp_path.rglob("result.json"))


def test_missing_tensorflow(graded, capsys, monkeypatch):
    """Without TensorFlow one line says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert graded() == 2
    assert "pip install tensorflow" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read"),
        ("[tasks", "no valid TOML"),
        ("\npoints = 3", "unknown table [points] in line 2"),
    ],
)
def test_bad_rubric(tmp_path, text, says):
    """A rubric that is missing, broken or names something unknown is refused before any work."""
    rubric = tmp_path / "rubric.toml"
    if text is not None:
        rubric.write_text(text)
    with pytest.raises(UsageProblem, match=says.replace("[", r"\[")):
        options.settings_for(tmp_path, rubric=rubric)


def test_reduced_isolation_is_one_line(monkeypatch, tmp_path):
    """Where bubblewrap is missing, "auto" warns once and goes on, and "bubblewrap" refuses."""
    monkeypatch.setattr(sandbox, "why_not", lambda: "bubblewrap is missing")
    prepared = type("Prepared", (), {"label": "none", "visible": tmp_path, "hidden": None})()
    monkeypatch.setattr("grader.data.prepare_data", lambda *_, **__: prepared)
    warnings = []
    settings = options.settings_for(tmp_path, warn=warnings.append)
    assert settings.sandbox == "none"
    assert len(warnings) == 1 and "\n" not in warnings[0]
    with pytest.raises(UsageProblem, match="bubblewrap is missing"):
        options.settings_for(tmp_path, sandbox="bubblewrap")


def test_tasks_are_judged_once():
    """Tasks that are named twice are judged once."""
    known = options.known_tasks("cnn", ["4.1", "4.1", "1.1"])
    assert known == ("4.1", "1.1")
