"""What a batch shows while it runs: a live screen, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from grader.batch import Event, Finished, PhaseChanged, Started
from grader.cli.text import number, one_line
from grader.records import Report

STYLES = {"graded": "green", "incomplete": "magenta", "unreadable": "yellow"}
EVERY_S = 2.0
WIDE = 120  # columns of text where there is no terminal to measure


@dataclass
class Pace:
    """When to show again how far something is that may be over in a moment: every few seconds."""

    last: float | None = None

    def is_due(self) -> bool:
        """Whether it is time; the first time only starts the clock."""
        now = time.monotonic()
        if self.last is not None and now - self.last < EVERY_S:
            return False
        begun, self.last = self.last is not None, now
        return begun


class Display(AbstractContextManager["Display"]):
    """Shows nothing but the errors; the others build on it."""

    def __init__(self) -> None:
        self.pace = Pace()

    def __call__(self, event: Event) -> None:
        """Take in one event."""

    def compared(self, done: int, total: int) -> None:
        """Take in how far the search for similar submissions is; it counts anew a few times."""

    def end(self, reports: Sequence[Report], out: Path, *, total: int) -> None:
        """Show what came of ``total`` submissions; fewer reports mean that the run was stopped."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class JsonDisplay(Display):
    """One JSON object a line on standard output: started, phase, finished, done."""

    def __call__(self, event: Event) -> None:
        """Write one event."""
        _write_json(_as_json(event))

    def compared(self, done: int, total: int) -> None:
        """Write a line now and then."""
        if self.pace.is_due():
            _write_json({"event": "comparing", "done": done, "total": total})

    def end(self, reports: Sequence[Report], out: Path, *, total: int) -> None:
        """Write the last line, with the number of reports of each status."""
        counts = {status: sum(report.status == status for report in reports) for status in STYLES}
        _write_json({"event": "done", "total": total, **counts, "out": str(out)})


class PlainDisplay(Display):
    """A line for each submission that is done, then the table."""

    def __init__(self) -> None:
        super().__init__()
        self.console = _console()

    def __call__(self, event: Event) -> None:
        """Print what is done."""
        if isinstance(event, Finished) and not event.taken_over:
            print(outcome(event), flush=True)

    def compared(self, done: int, total: int) -> None:
        """Print a line now and then."""
        if self.pace.is_due():
            print(f"comparing the submissions with each other: {done} of {total}", flush=True)

    def end(self, reports: Sequence[Report], out: Path, *, total: int) -> None:
        """Print the table of the class, and where to look."""
        self.console.print(class_table(reports))
        if (out / "index.html").exists():  # a full disk may have kept it away
            self.console.print(Text(f"open {out / 'index.html'}"), soft_wrap=True)


class LiveDisplay(PlainDisplay):
    """A line for each running submission and a bar for all, while what is done scrolls above."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.running: dict[str, tuple[str, str, float]] = {}
        self.bar = Progress(
            BarColumn(), MofNCompleteColumn(), TextColumn("graded, about"), TimeRemainingColumn(),
            TextColumn("left"), console=self.console,
        )  # fmt: skip
        self.all = self.bar.add_task("class", total=total)
        self.live = Live(get_renderable=self._screen, console=self.console, transient=True)

    def __call__(self, event: Event) -> None:
        """Change the screen."""
        if isinstance(event, Finished) and event.taken_over:
            self.bar.reset(self.all, completed=event.number)  # it took no time, so it foretells none
        elif isinstance(event, Finished):
            self.running.pop(event.slug, None)
            self.bar.advance(self.all)
            self.live.console.print(Text(outcome(event), STYLES[event.report.status]))
        elif isinstance(event, PhaseChanged):
            _, _, since = self.running.get(event.slug, ("", "", time.monotonic()))
            self.running[event.slug] = (event.student, event.phase, since)
        else:
            self.running[event.slug] = (event.student, "starting", time.monotonic())

    def compared(self, done: int, total: int) -> None:
        """Change the screen."""
        _, _, since = self.running.get("", ("", "", time.monotonic()))
        self.running[""] = ("", f"comparing the submissions with each other: {done} of {total}", since)

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()

    def _screen(self) -> RenderableType:
        lines = Table.grid(padding=(0, 2))
        for student, phase, since in list(self.running.values()):
            seconds = f"{time.monotonic() - since:.0f} s"
            lines.add_row(Text(one_line(student), "bold"), Text(one_line(phase)), Text(seconds, "dim"))
        return Group(lines, self.bar)


def choose_display(total: int, *, quiet: bool, as_json: bool) -> Display:
    """The display for this standard output and these wishes."""
    if as_json:
        return JsonDisplay()
    if quiet:
        return Display()
    console = _console()
    return LiveDisplay(total) if console.is_terminal and not console.is_dumb_terminal else PlainDisplay()


def outcome(event: Finished) -> str:
    """One line about a submission that is done, e.g. ``[3/8] chen: graded 41.5 of 60 in 31 s``."""
    report = event.report
    start = f"[{event.number}/{event.total}] {one_line(event.student)}:"
    if report.problem:
        return f"{start} {report.status}: {one_line(report.problem)}"
    return f"{start} {report.status} {_score(report)} in {event.seconds:.0f} s"


def class_table(reports: Sequence[Report]) -> Table:
    """The class at a glance: student, score, status, and what failed first."""
    table = Table("Student", "Score", "Status", "What failed first", box=box.SIMPLE_HEAD)
    table.columns[1].justify = "right"
    for report in reports:
        table.add_row(
            Text(one_line(report.student)),
            Text(_score(report) if report.max_score else "–"),
            Text(report.status, STYLES[report.status]),
            Text(first_failure(report)),
        )
    return table


def first_failure(report: Report) -> str:
    """The first thing that went wrong, in a few words; ``""`` where nothing did."""
    if report.problem:
        return one_line(report.problem)
    for check in report.checks:
        if check.status in ("failed", "error"):
            return f"{check.task} {one_line(check.title)}"
    if report.execution.errors:
        error = report.execution.errors[0]
        return f"cell {error.cell} raised {one_line(error.ename)}"
    status = report.execution.status
    return "" if status == "ok" else f"the notebook's run: {status.replace('_', ' ')}"


def _score(report: Report) -> str:
    """Points out of those that are decided: answers that wait for a person are no loss."""
    return f"{number(report.score)} of {number(report.decided)}"


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=max(console.width, WIDE))


def _as_json(event: Event) -> dict[str, Any]:
    who = {"student": event.student, "slug": event.slug}
    if isinstance(event, Started):
        return {"event": "started", **who, "number": event.number, "total": event.total}
    if isinstance(event, PhaseChanged):
        return {"event": "phase", **who, "phase": event.phase}
    report = event.report
    return {
        "event": "finished", **who, "number": event.number, "total": event.total, "status": report.status,
        "score": report.score, "max_score": report.max_score, "pending_manual": report.pending_manual,
        "problem": report.problem, "seconds": round(event.seconds, 2),
        "taken_over": event.taken_over,
    }  # fmt: skip


def _write_json(record: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()
