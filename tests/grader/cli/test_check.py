"""``labgrade check``: what a student reads about one notebook, and the exit status."""

import dataclasses
import io
import json

import pytest
from rich.console import Console

from checks.kit import TableRow
from grader import cli, session
from grader.cli import options, show
from grader.records import Answer, CellError, CheckResult, Execution, Finding, Submission, TaskResult
from tests.grader import fakes

ADA = Submission("ada", "ada", None)


def result(status, **changes):
    values = {
        "id": "4.1/layers", "task": "4.1", "title": "build_CNN builds the layers", "status": status,
        "points": 0.0, "max_points": 2.0, "message": "",
    }  # fmt: skip
    return CheckResult(**{**values, **changes})


def report(*results, **changes):
    task = TaskResult("4.1", "Build the network", "", 0.0, 2.0, results)
    return fakes.report_on(ADA, **{"tasks": (task,), "executed": None, **changes})


FAILED = result(
    "failed",
    message="The network lacks a layer.",
    expected="five layers",
    received="four layers",
    hint="Count [b]them[/b].\x1b[2J",
    counterexample="build_CNN(input_shape=(8, 8, 1), loss='mse')",
    table=(TableRow("Conv2D 16", "Conv2D 16", True), TableRow("MaxPooling2D", "", False)),
)


@pytest.fixture
def check(tmp_path, monkeypatch):
    """A function that checks a notebook of which the pipeline makes the report given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.ipynb").write_text("{}")
    monkeypatch.setattr(options, "settings_for", lambda out, tasks, **_: fakes.settings_for(out, tasks=tasks))

    def call(made, *arguments):
        monkeypatch.setattr(session, "grade_submission", lambda *_: made)
        return cli.run(["check", "lab.ipynb", *arguments])

    return call


def shown(made, tasks=(), encoding="utf-8", width=100, others=0):
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    show.show_report(made, tasks, Console(file=file, width=width, highlight=False), others=others)
    file.flush()
    return file.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("made", "status"),
    [
        pytest.param(report(result("passed")), 0, id="passed"),
        pytest.param(report(result("passed"), result("manual")), 0, id="people-judge-the-rest"),
        pytest.param(report(result("passed"), result("failed")), 1, id="failed"),
        pytest.param(report(result("skipped")), 1, id="skipped"),
        pytest.param(report(result("error"), status="incomplete"), 1, id="grader-fault"),
        pytest.param(report(), 1, id="nothing-checked"),
        pytest.param(
            report(tasks=(), status="unreadable", problem="This is no notebook."), 1, id="unreadable"
        ),
    ],
)
def test_exit_status(check, made, status, capsys):
    """Only where every check passed is the exit status 0; what was not checked has not passed."""
    assert check(made) == status
    assert "Traceback" not in capsys.readouterr().err


def test_a_failure_is_explained():
    """A failed check shows its message, both sides, hint, layers side by side, and the call that shows it."""
    text = shown(report(FAILED))
    lines = [line.rstrip() for line in text.splitlines()]
    assert "✗ build_CNN builds the layers" in lines
    assert "    The network lacks a layer." in lines
    assert "    Expected: five layers" in lines
    assert "    Received: four layers" in lines
    assert "    Hint: Count [b]them[/b].[2J" in lines
    assert any("≠" in line and "MaxPooling2D" in line and "–" in line for line in lines)
    assert "    build_CNN(input_shape=(8, 8, 1), loss='mse')" in lines
    assert "\x1b" not in text


def test_a_message_made_of_its_sides_is_said_once():
    """Where the message names both sides, they are not repeated below it."""
    text = shown(report(result("failed", message="Expected 3, but received 4.", expected="3", received="4")))
    assert text.count("eceived") == 1


@pytest.mark.parametrize(
    ("status", "mark"), [("passed", "✓"), ("failed", "✗"), ("skipped", "–"), ("manual", "–"), ("error", "!")]
)
def test_marks(status, mark):
    """Each of the five results has its mark, and a terminal without Unicode gets plain ones."""
    made = report(result(status, message="Why it is so."))
    assert f"{mark} build_CNN" in shown(made) and "Why it is so." in shown(made)
    assert shown(made, encoding="latin-1")


def test_the_run_is_told():
    """Cells that raised are named with their error, and findings with their evidence."""
    errors = (CellError(3, "NameError", "name 'x'\n is not defined"),)
    made = report(
        result("passed"),
        execution=Execution("error", 9, 9, 2.0, errors, "Cell 4 was left out."),
        findings=(Finding("contradiction", "4.3", "Two numbers differ.", ("cell 31: 0.52",)),),
    )
    text = shown(made)
    for part in (
        "1 of its 9 cells",
        "Cell 3 raised NameError: name 'x' is not defined",
        "Cell 4 was left out.",
    ):
        assert part in text
    assert "Two numbers differ." in text and "cell 31: 0.52" in text
    died = shown(report(result("passed"), execution=Execution("out_of_memory", 9, 4, 2.0)))
    assert "(out of memory): 4 of 9 cells" in died


@pytest.mark.parametrize(
    ("results", "tasks", "says"),
    [
        (["passed"], [], "1 of 1 public checks passed."),
        (["passed", "failed", "skipped"], ["4.1"], "1 of 3 public checks of task 4.1 passed."),
        (["passed"], ["4.1", "1.1"], "1 of 1 public checks of the tasks asked for passed."),
        (["manual"], [], "No public check was made."),
        (["passed", "skipped"], [], "1 did not run because of an earlier failure"),
        (["passed", "error"], [], "1 could not run through a fault of the grader"),
        (["passed"], ["4.1"], "The other tasks were not checked."),
        (["passed", "manual"], [], "Not checked here: written answers and whatever else is judged by people"),
    ],
)
def test_the_conclusion_promises_no_more_than_was_checked(results, tasks, says):
    """The end counts what passed among what a program can decide, and names what was left out."""
    lines = show.conclusion(report(*map(result, results)), tasks)
    assert any(says in line for line in lines)
    assert not any("all" in line.lower().split() for line in lines)
    assert "Not checked here" in lines[-1]


def test_written_answers_take_a_line():
    """What was found and what was not is told by number, and the points that wait are no zero."""
    made = [("Q1", "unclear"), ("Q2", "missing"), ("Q3", "unclear")]
    answers = tuple(Answer(one, "1.2", "Why?", "", 3, verdict, "Because.") for one, verdict in made)
    checks = tuple(result("manual", id=answer.check, task="1.2", max_points=1.0) for answer in answers)
    task = TaskResult("1.2", "Questions", "", 0.0, 3.0, checks)
    text = shown(report(tasks=(task,), answers=answers, pending_manual=3.0))
    assert "1.2 Questions: 3 wait for a person" in text
    assert "An answer was found to Q1 and Q3; people judge it." in text
    assert "No answer was found to Q2." in text
    mixed = dataclasses.replace(
        task, checks=(*checks, result("passed", points=2.0)), points=2.0, max_points=5.0
    )
    assert "2 of 2 points, 3 wait for a person" in shown(report(tasks=(mixed,), answers=answers))


def test_json_is_result_json(check, capsys):
    """With --json standard output is the contract's result.json and nothing else."""
    assert check(report(FAILED), "--json") == 1
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1
    assert record["checks"][0]["id"] == "4.1/layers"


def test_html_is_all_it_writes(check, tmp_path):
    """Only the file of --html is written."""
    assert check(report(result("passed")), "--html", "page.html") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lab.ipynb", "page.html"]
    assert "build_CNN builds the layers" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("place", ["missing/page.html", "."])
def test_html_place_is_checked_first(check, capsys, place):
    """A place that cannot be written is refused before the notebook runs."""
    assert check(None, "--html", place) == 2
    assert "--html" in capsys.readouterr().err


def test_tasks_reach_the_pipeline(check, monkeypatch):
    """--task, given again, selects the tasks."""
    seen = []
    check(report(result("passed")))
    monkeypatch.setattr(
        session, "grade_submission", lambda _, settings, __: seen.append(settings.tasks) or report()
    )
    cli.run(["check", "lab.ipynb", "--task", "4.1", "--task", "1.1"])
    assert seen == [("4.1", "1.1")]


@pytest.mark.parametrize(
    ("others", "tasks", "says"),
    [
        (0, [], "There are no checks that are not public."),
        (1, ["4.1"], "1 other check is not public, of task 4.1. It is made when your work is graded."),
        (12, [], "12 other checks are not public. They are made when your work is graded."),
    ],
)
def test_the_other_checks_are_counted(others, tasks, says):
    """Whatever passed, the end says how many checks were not made here."""
    assert says in show.conclusion(report(result("passed")), tasks, others)
    assert says in shown(report(result("passed")), tasks, others=others).replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "training"),
    [
        ([], "budget"),
        (["--no-training"], "none"),
        (["--task", "4.2"], "budget"),
        (["--task", "4.1", "--task", "3.1"], "none"),
    ],
)
def test_nothing_is_trained_that_no_check_looks_at(check, monkeypatch, arguments, training):
    """Tasks whose public checks look at no training are checked without any; students get public ones only."""
    seen = []
    monkeypatch.setattr(
        options, "settings_for", lambda out, **given: seen.append(given) or fakes.settings_for(out)
    )
    assert check(report(result("passed")), *arguments) == 0
    assert (seen[0]["training"], seen[0]["public"]) == (training, True)


def test_it_checks_again_after_a_change(check, monkeypatch, capsys):
    """With --watch each change is checked, a notebook that is being saved is no end, and Ctrl-C is a polite one."""
    from grader.cli import watching

    made = iter([report(FAILED), report(result("passed"))])

    def changes(notebook):
        yield "utilities.py"
        notebook.rename("away.ipynb")
        yield "lab.ipynb"
        raise KeyboardInterrupt

    monkeypatch.setattr(watching, "changes_of", changes)
    first = next(made)
    seen = []

    def grade(*_):
        seen.append(1)
        return first if len(seen) == 1 else next(made)

    check(first)
    monkeypatch.setattr(session, "grade_submission", grade)
    assert cli.run(["check", "lab.ipynb", "--watch"]) == 0
    said = capsys.readouterr().err
    assert "utilities.py has changed; checking again" in said and "lab.ipynb does not exist" in said
    assert said.splitlines()[-1] == "labgrade: no longer watching"
    assert len(seen) == 2


def test_a_save_is_seen(tmp_path):
    """A saved notebook, or a module beside it, is a change; other files are none."""
    import threading
    import time

    from grader.cli.watching import changes_of

    (tmp_path / "lab.ipynb").write_text("{}")
    changes = changes_of(tmp_path / "lab.ipynb")

    def save():
        for name in ("feedback.html", "utilities.py"):
            time.sleep(0.6)
            (tmp_path / name).write_text("1")

    writer = threading.Thread(target=save)
    writer.start()
    assert next(changes) == "utilities.py"
    writer.join()
    changes.close()


def test_watching_and_one_result_exclude_each_other(check, capsys):
    """--watch with --json is refused in one line."""
    assert check(None, "--watch", "--json") == 2
    assert "--watch and --json" in capsys.readouterr().err
