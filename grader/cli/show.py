"""One report in the terminal, readable by the student whom it is about."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from checks.kit import TableRow
from grader.cli.text import clean, number, one_line
from grader.public import told_of_others
from grader.records import Answer, CheckResult, Execution, Finding, Report, TaskResult

MARKS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "–", "manual": "–"}
PLAIN_MARKS = {**MARKS, "passed": "+", "failed": "x", "skipped": "-", "manual": "-"}
STYLES = {"passed": "green", "failed": "bold red", "error": "magenta", "skipped": "dim", "manual": "dim"}
INDENT = 4


def show_report(
    report: Report, tasks: Sequence[str], console: Console | None = None, *, others: int = 0
) -> None:
    """Print the checks of every task, then what they come to and what they leave open.

    Args:
        report: what the pipeline found.
        tasks: the tasks that were asked for; empty for all.
        console: where to print; by default standard output.
        others: how many checks of these tasks are not public.
    """
    console = console or Console(highlight=False)
    if report.status == "unreadable" or not report.tasks:
        console.print(Text(one_line(report.problem) or "Nothing in this notebook could be checked."))
        return
    _show_run(report.execution, console)
    for task in report.tasks:
        _show_task(task, report.answers, console)
    _show_findings(report.findings, console)
    console.print()
    for line in conclusion(report, tasks, others):
        console.print(Text(line))


def conclusion(report: Report, tasks: Sequence[str], others: int = 0) -> list[str]:
    """What the checks come to, in whole sentences that promise no more than was checked."""
    counts = {status: sum(one.status == status for one in report.checks) for status in MARKS}
    decided = sum(counts.values()) - counts["manual"]
    where = f" of task {', '.join(tasks)}" if len(tasks) == 1 else " of the tasks asked for" if tasks else ""
    lines = [f"{counts['passed']} of {decided} public checks{where} passed."]
    if not decided:
        lines = [f"No public check{where} was made."]
    lines.append(told_of_others(others, where))
    if report.provenance.training == "none":
        lines.append("Nothing was trained, so checks that look at a training were left out.")
    if counts["skipped"]:
        lines.append(f"{counts['skipped']} did not run because of an earlier failure or a cell that raised.")
    if counts["error"]:
        lines.append(
            f"{counts['error']} could not run through a fault of the grader, which costs you nothing."
        )
    if tasks:
        lines.append("The other tasks were not checked.")
    waiting = f" ({number(report.pending_manual)} points)" if report.pending_manual else ""
    lines.append(
        f"Not checked here: written answers and whatever else is judged by people{waiting}, "
        "and how well your networks do after a full training."
    )
    return lines


def _show_run(execution: Execution, console: Console) -> None:
    console.print(Text(_how_it_ran(execution), "" if execution.status == "ok" else "bold"))
    for error in execution.errors:
        text = f"Cell {error.cell} raised {one_line(error.ename)}: {one_line(error.evalue)}"
        console.print(_indented(Text(text)))
    if execution.note:
        console.print(_indented(Text(clean(execution.note))))


def _how_it_ran(execution: Execution) -> str:
    if execution.status == "ok":
        return f"Your notebook ran to its end: {execution.cells} cells in {execution.seconds:.0f} s."
    if execution.status == "error":
        return (
            f"Your notebook ran, but {len(execution.errors)} of its {execution.cells} cells raised an error:"
        )
    status = execution.status.replace("_", " ")
    return (
        f"Your notebook did not run to its end ({status}): {execution.cells_run} of {execution.cells} cells."
    )


def _show_task(task: TaskResult, answers: Sequence[Answer], console: Console) -> None:
    console.print()
    console.print(Rule(Text(f"{task.id} {one_line(task.title)}: {_points(task)}"), align="left", style="dim"))
    written = {answer.check: answer for answer in answers}
    for check in task.checks:
        if check.id not in written:
            _show_check(check, console)
    _show_answers([written[check.id] for check in task.checks if check.id in written], console)


def _points(task: TaskResult) -> str:
    decided = f"{number(task.points)} of {number(task.decided)} points"
    if not task.pending:
        return decided
    waiting = f"{number(task.pending)} {'waits' if task.pending == 1 else 'wait'} for a person"
    return f"{decided}, {waiting}" if task.decided else waiting


def _show_answers(answers: Sequence[Answer], console: Console) -> None:
    """A line for the answers that people will read, and one for those that were not found."""
    for missing, said in (
        (False, "An answer was found to {}; people judge it."),
        (True, "No answer was found to {}."),
    ):
        ids = [one_line(answer.id) for answer in answers if (answer.verdict == "missing") == missing]
        if ids:
            mark = _marks(console)["manual"]
            console.print(Text(f"{mark} {said.format(_listed(ids))}", "" if missing else "dim"))


def _listed(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]}"


def _marks(console: Console) -> dict[str, str]:
    return MARKS if "utf" in console.encoding.lower() else PLAIN_MARKS


def _show_check(check: CheckResult, console: Console) -> None:
    title = Text(f"{_marks(console)[check.status]} ", STYLES[check.status])
    title.append(one_line(check.title), "" if check.status in ("passed", "failed") else "dim")
    console.print(title)
    parts = [("", check.message), ("Expected: ", check.expected), ("Received: ", check.received)]
    if check.message.startswith("Expected ") and check.received in check.message:
        parts = parts[:1]  # the message is made of the other two
    for label, text in [*parts, ("Hint: ", check.hint)]:
        if text:
            line = Text(label, "bold").append(clean(text), "none")
            console.print(_indented(line))
    if check.table:
        console.print(_indented(_table(check.table)))
    if check.counterexample:
        console.print(_indented(Text("It shows with:", "bold")))
        code = Syntax(clean(check.counterexample), "python", background_color="default", word_wrap=True)
        console.print(_indented(code))


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, INDENT), expand=False)


def _table(rows: Sequence[TableRow]) -> Table:
    table = Table("", "Expected", "Received", box=box.SIMPLE_HEAD)
    for row in rows:
        style = "" if row.same else "bold red"
        mark = "" if row.same else "≠"
        table.add_row(mark, Text(clean(row.expected) or "–"), Text(clean(row.received) or "–", style))
    return table


def _show_findings(findings: Sequence[Finding], console: Console) -> None:
    if not findings:
        return
    console.print()
    console.print(Rule(Text("Worth a second look"), align="left", style="dim"))
    for finding in findings:
        console.print(Text(f"{finding.task} ", "bold").append(clean(finding.message), "none"))
        for evidence in finding.evidence:
            console.print(_indented(Text(clean(evidence), "dim")))


def card_text(task: TaskResult, ending: Sequence[str]) -> str:
    """One task as plain text, 100 characters wide; ``ending`` are the sentences below it."""
    file = io.StringIO()
    console = Console(file=file, width=100, highlight=False, color_system=None, force_terminal=False)
    console.print(Text(f"{task.id} {one_line(task.title)}"))
    if not task.checks:
        console.print(Text("No public check can be made of this task."))
    for check in task.checks:
        _show_check(check, console)
    for sentence in ending:
        console.print(Text(sentence))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
