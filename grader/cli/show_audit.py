"""What an audit found, in the terminal or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.audit import MEANINGS, Verdict, summarise, worst_first
from grader.cli.text import one_line

MESSAGE = 300  # characters of a message in the table
WIDE = 120  # columns of text where there is no terminal to measure


def show(verdicts: Sequence[Verdict], console: Console | None = None) -> None:
    """Print what went wrong, then the counts by task and in all."""
    console = console or _console()
    wrong = [verdict for verdict in worst_first(verdicts) if not verdict.good]
    if wrong:
        console.print(_wrong_table(wrong))
    console.print(_summary_table(verdicts))
    for line in conclusion(verdicts):
        console.print(Text(line))


def conclusion(verdicts: Sequence[Verdict]) -> list[str]:
    """What the audit comes to, in whole sentences."""
    whole = summarise(verdicts)[-1]
    lines = [
        f"{whole.caught} of {whole.faults} faults were caught and {whole.passed} of {whole.rewrites} "
        f"rewrites passed, in {whole.seconds:.0f} s of the kernels' time "
        f"({whole.busy_s:.0f} s of processor time)."
    ]
    counts = {outcome: sum(verdict.outcome == outcome for verdict in verdicts) for outcome in MEANINGS}
    wrong = [
        f"{count} {name}" for name, count in counts.items() if count and name not in ("caught", "passed")
    ]
    return [*lines, f"To mend: {', '.join(wrong)}."] if wrong else lines


def line_of(verdict: Verdict) -> str:
    """One line about what is done, e.g. ``caught: padding-valid (4.1/architecture) in 2.1 s``."""
    check = f" ({verdict.caught_by})" if verdict.caught_by else ""
    told = "" if verdict.good else f": {one_line(verdict.message)[:MESSAGE]}"
    return f"{verdict.outcome}: {verdict.name}{check} in {verdict.trial.seconds:.1f} s{told}"


def as_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Everything, worst first, and the totals."""
    whole = summarise(verdicts)[-1]
    return {
        "schema": 1,
        "faults": whole.faults, "caught": whole.caught, "rewrites": whole.rewrites, "passed": whole.passed,
        "entries": [
            {
                "name": one.name, "kind": one.kind, "outcome": one.outcome, "topic": one.topic,
                "tasks": list(one.tasks), "caught_by": one.caught_by, "message": one.message,
                "seconds": one.trial.seconds,
                "busy_s": one.trial.busy_s,
                "checks": [{"id": check.id, "status": check.status} for check in one.trial.results],
            }
            for one in worst_first(verdicts)
        ],
    }  # fmt: skip


def _wrong_table(wrong: Sequence[Verdict]) -> Table:
    table = Table("Outcome", "Name", "Must be caught by", "What the checks said", box=box.SIMPLE_HEAD)
    for verdict in wrong:
        table.add_row(
            Text(verdict.outcome, "bold red"), Text(verdict.name),
            Text(verdict.caught_by or "– must pass"), Text(one_line(verdict.message)[:MESSAGE]),
        )  # fmt: skip
    return table


def _summary_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table("Task", "Faults caught", "Rewrites passed", "Seconds", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for line in summarise(verdicts):
        good = line.caught == line.faults and line.passed == line.rewrites
        table.add_row(
            Text(line.task), Text(f"{line.caught} of {line.faults}", "" if good else "bold red"),
            Text(f"{line.passed} of {line.rewrites}"), Text(f"{line.seconds:.0f}"),
            end_section=line.task == "all",
        )  # fmt: skip
    return table


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=max(console.width, WIDE))
