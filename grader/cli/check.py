"""``labgrade check``: a student's own check of one notebook."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli import options
from grader.cli.options import DataOption, LabOption, LimitOption, SandboxOption, SeedOption, TaskOption
from grader.cli.text import one_line
from grader.errors import UsageProblem

if TYPE_CHECKING:
    from grader.records import Report, Settings, Submission


def check(
    notebook: Annotated[
        Path, typer.Argument(metavar="NOTEBOOK", help="Your notebook (.ipynb); files beside it are used too.")
    ],
    *,
    task: TaskOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the feedback page to this file, too.")
    ] = None,
    lab: LabOption = None,
    data: DataOption = None,
    sandbox: SandboxOption = "auto",
    seed: SeedOption = 0,
    limit: LimitOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print result.json, and nothing else.")] = False,
) -> int:
    """Check one notebook and explain what fails.

    It is checked as the grader does it, before you hand in: it runs from its first cell to its last
    in a fresh Python, with each training cut short. Nothing is written but the file of --html.
    Written answers are judged by people, not here. Exit status: 0 all checks pass, 1 some do not,
    2 wrong usage.

    \b
    Examples:
      labgrade check 2D_CNN.ipynb
      labgrade check 2D_CNN.ipynb --task 4.1
      labgrade check 2D_CNN.ipynb --html feedback.html
    """
    from grader.intake import one_submission  # noqa: PLC0415 - `--help` need not wait for it

    if html is not None and (html.is_dir() or not html.absolute().parent.is_dir()):
        raise UsageProblem(f"{html} cannot be written; name a file in a folder that exists with --html.")
    tasks = options.known_tasks(lab, task or ())
    limits = options.limits_of(limit or ())
    with tempfile.TemporaryDirectory(prefix="labgrade-", ignore_cleanup_errors=True) as scratch:
        submission = one_submission(notebook, Path(scratch) / "unpacked")
        settings = options.settings_for(
            Path(scratch) / "out",
            lab=lab,
            tasks=tasks,
            data=data,
            sandbox=sandbox,
            seed=seed,
            limits=limits,
            announce=_nothing if json else options.say,
            warn=_nothing,  # it is the student's own code on the student's own machine
        )
        report = _graded(submission, settings)
        if html is not None:
            _write_page(report, html)
        _show(report, settings, as_json=json)
    return 0 if passes(report) else 1


def passes(report: Report) -> bool:
    """Whether the notebook was read and all that a program decides passed; a bonus may be left out."""
    statuses = {one.status for one in report.checks if one.status != "skipped" or one.max_points > 0}
    return report.status == "graded" and bool(statuses) and statuses <= {"passed", "manual"}


def _graded(submission: Submission, settings: Settings) -> Report:
    from grader.manual import without_guesses  # noqa: PLC0415 - `--help` need not wait for it
    from grader.session import grade_submission  # noqa: PLC0415

    with _status_line() as progress:
        return without_guesses(grade_submission(submission, settings, progress))


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

        show_report(report, settings.tasks)


def _write_page(report: Report, html: Path) -> None:
    from grader.output import write_atomically  # noqa: PLC0415 - only here
    from grader.pages import render_feedback  # noqa: PLC0415

    try:
        write_atomically(html, render_feedback(report))
    except OSError as error:
        raise UsageProblem(f"{html} cannot be written: {error.strerror or error}.") from error


def _nothing(_message: str) -> None:
    pass
