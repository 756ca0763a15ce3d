"""``labgrade check``: a student's own check of one notebook."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli import options
from grader.cli.options import DataOption, LabOption, LimitOption, SandboxOption, SeedOption, TaskOption
from grader.cli.text import one_line
from grader.errors import UsageProblem

if TYPE_CHECKING:
    from grader.records import Report, Settings, Submission


@dataclass(frozen=True)
class Wish:
    """What a student asked for: which notebook, how it is checked, and how that is shown."""

    notebook: Path
    settings: Callable[[Path], Settings]  # for a folder that results could go to
    html: Path | None
    as_json: bool


def check(
    notebook: Annotated[
        Path, typer.Argument(metavar="NOTEBOOK", help="Your notebook (.ipynb); files beside it are used too.")
    ],
    *,
    task: TaskOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the feedback page to this file, too.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever you save, until you press Ctrl-C.")
    ] = False,
    no_training: Annotated[
        bool,
        typer.Option("--no-training", help="Train nothing: checks of the other parts take seconds."),
    ] = False,
    lab: LabOption = None,
    data: DataOption = None,
    sandbox: SandboxOption = "auto",
    seed: SeedOption = 0,
    limit: LimitOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print result.json, and nothing else.")] = False,
) -> int:
    """Check one notebook and explain what fails.

    The public checks are made as the grader makes them, before you hand in: the notebook runs from its
    first cell to its last in a fresh Python, with each training cut short, or with none where no check
    that you ask for looks at one. Nothing is written but the file of --html. Other checks, which are not
    public, are made when your work is graded, and written answers are judged by people. Exit status: 0 all
    selected checks pass, 1 some do not, 2 wrong usage.

    \b
    Examples:
      labgrade check 2D_CNN.ipynb
      labgrade check 2D_CNN.ipynb --task 4.1
      labgrade check 2D_CNN.ipynb --no-training --watch
      labgrade check 2D_CNN.ipynb --html feedback.html
    """
    from grader.public import judge_training  # noqa: PLC0415 - `--help` need not wait for it

    if html is not None and (html.is_dir() or not html.absolute().parent.is_dir()):
        raise UsageProblem(f"{html} cannot be written; name a file in a folder that exists with --html.")
    if watch and json:
        raise UsageProblem("--watch and --json exclude each other; --json prints one result.json.")
    tasks = options.known_tasks(lab, task or ())
    limits = options.limits_of(limit or ())
    trains = not no_training and (not tasks or judge_training(tasks))

    def settings(out: Path) -> Settings:
        found = options.settings_for(
            out, lab=lab, tasks=tasks, data=data, sandbox=sandbox, seed=seed, limits=limits, public=True,
            training="budget" if trains else "none",
            announce=_nothing if json else options.say,
            warn=_nothing,  # it is the student's own code on the student's own machine
        )  # fmt: skip
        return dataclasses.replace(found, figures=trains or html is not None)

    wish = Wish(notebook, settings, html, json)
    return _watch(wish) if watch else _check(wish)


def passes(report: Report) -> bool:
    """Whether the notebook was read and all that a program decides passed; a bonus may be left out."""
    statuses = {one.status for one in report.checks if one.status != "skipped" or one.max_points > 0}
    return report.status == "graded" and bool(statuses) and statuses <= {"passed", "manual"}


def _check(wish: Wish) -> int:
    from grader.intake import one_submission  # noqa: PLC0415 - `--help` need not wait for it

    with tempfile.TemporaryDirectory(prefix="labgrade-", ignore_cleanup_errors=True) as scratch:
        submission = one_submission(wish.notebook, Path(scratch) / "unpacked")
        settings = wish.settings(Path(scratch) / "out")
        report = _graded(submission, settings)
        if wish.html is not None:
            _write_page(report, wish.html)
        _show(report, settings, as_json=wish.as_json)
    return 0 if passes(report) else 1


def _watch(wish: Wish) -> int:
    """Check now, and again after each change, until Ctrl-C; the status is that of the last check."""
    from grader.cli.watching import changes_of  # noqa: PLC0415 - only here

    status = _check(wish)
    try:
        options.say(f"waiting for you to save {wish.notebook.name}; Ctrl-C ends it")
        for changed in changes_of(wish.notebook):
            options.say(f"{changed} has changed; checking again")
            try:
                status = _check(wish)
            except UsageProblem as problem:  # an editor may be half-way through saving it
                options.say(str(problem))
            options.say("waiting for the next change; Ctrl-C ends it")
    except KeyboardInterrupt:
        options.say("no longer watching")
    return status


def _graded(submission: Submission, settings: Settings) -> Report:
    from grader.session import grade_submission  # noqa: PLC0415 - `--help` need not wait for it

    with _status_line() as progress:
        return grade_submission(submission, settings, progress)


@contextmanager
def _status_line() -> Iterator[Callable[[str], None]]:
    """A line on the terminal that changes with the phase; nothing where there is no terminal."""
    from rich.console import Console  # noqa: PLC0415 - `--help` need not wait for it
    from rich.markup import escape  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _nothing
        return
    with console.status("starting") as status:
        yield lambda phase: status.update(escape(one_line(phase)))


def _show(report: Report, settings: Settings, *, as_json: bool) -> None:
    if as_json:
        from grader.output import result_json  # noqa: PLC0415 - only here

        sys.stdout.write(result_json(report))
    else:
        from grader.cli.show import show_report  # noqa: PLC0415 - only here

        show_report(report, settings.tasks, others=_others(report, settings))


def _others(report: Report, settings: Settings) -> int:
    """How many checks of the tasks asked for are not public."""
    from grader import labs, public  # noqa: PLC0415 - `--help` need not wait for them

    if not report.lab:
        return 0
    lab = labs.load_lab(report.lab)
    counts = public.other_checks(lab, labs.load_rubric(lab, settings.rubric))
    return sum(count for task, count in counts.items() if not settings.tasks or task in settings.tasks)


def _write_page(report: Report, html: Path) -> None:
    from grader.output import write_atomically  # noqa: PLC0415 - only here
    from grader.pages import render_feedback  # noqa: PLC0415

    try:
        write_atomically(html, render_feedback(report))
    except OSError as error:
        raise UsageProblem(f"{html} cannot be written: {error.strerror or error}.") from error


def _nothing(_message: str) -> None:
    pass
