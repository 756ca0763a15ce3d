"""``labgrade validate``: the reference solutions through the pipeline that grades students."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli import options
from grader.cli.options import DataOption, SandboxOption, SeedOption
from grader.cli.text import number, one_line

if TYPE_CHECKING:
    from rich.table import Table

    from grader.records import CheckResult, Report


def validate(
    *,
    lab: Annotated[
        list[str] | None, typer.Option("--lab", metavar="ID", help="Only this lab; may be given again.")
    ] = None,
    data: DataOption = None,
    sandbox: SandboxOption = "auto",
    seed: SeedOption = 0,
) -> int:
    """Run the reference solutions; all must pass.

    They go through the pipeline that grades students. Every check must give full marks; one that
    does not is a fault of the check or of the machine. Exit status: 0 all pass, 1 some do not,
    2 wrong usage.

    \b
    Examples:
      labgrade validate
      labgrade validate --seed 7
    """
    from rich.console import Console  # noqa: PLC0415 - `--help` need not wait for them

    from grader import labs  # noqa: PLC0415

    wanted = list(dict.fromkeys(lab or labs.lab_ids()))
    for one in wanted:
        labs.load_lab(one)
    from grader.validate import validate_lab  # noqa: PLC0415 - only it opens the reference, which may be absent

    console = Console(highlight=False)
    good = True
    with tempfile.TemporaryDirectory(prefix="labgrade-", ignore_cleanup_errors=True) as scratch:
        settings = options.settings_for(Path(scratch), data=data, sandbox=sandbox, seed=seed)
        for one in wanted:
            report = validate_lab(one, settings)
            console.print(_table(report))
            console.print(_summary(report), markup=False)
            good = good and holds(report)
    return 0 if good and wanted else 1


def holds(report: Report) -> bool:
    """Whether the reference was graded, and every check that a program decides gave full marks."""
    return report.status == "graded" and bool(report.checks) and all(map(_is_good, report.checks))


def _is_good(result: CheckResult) -> bool:
    return result.status == "manual" or (result.status == "passed" and result.points >= result.max_points)


def _table(report: Report) -> Table:
    from rich import box  # noqa: PLC0415 - `--help` need not wait for them
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        "Check", "Points", "Status", "Message", box=box.SIMPLE_HEAD, title=f"The reference of {report.lab}"
    )
    for result in report.checks:
        points = f"{number(result.points)} of {number(result.max_points)}"
        style = "green" if _is_good(result) else "bold red"
        table.add_row(Text(result.id), points, Text(result.status, style), Text(one_line(result.message)))
    return table


def _summary(report: Report) -> str:
    if report.problem:
        return f"{report.lab}: {one_line(report.problem)}"
    bad = [result.id for result in report.checks if not _is_good(result)]
    if bad:
        return f"{report.lab}: {len(bad)} of {len(report.checks)} checks do not hold: {', '.join(bad)}"
    return f"{report.lab}: all {len(report.checks)} checks hold"
