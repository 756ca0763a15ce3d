"""What the class page shows, counted and sorted."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from grader.names import visible
from grader.page_words import share
from grader.records import CheckResult, Report, TaskResult
from grader.similarity.records import Author

COMMON_FAILURES = 15
BINS = 10

_NEEDS_A_LOOK = {
    "timeout": "ran out of time",
    "out_of_memory": "ran out of memory",
    "died": "the notebook's process died",
    "not_run": "was not run",
}
_FINDINGS_TO_LOOK_AT = {"tampering": "tampering", "similarity": "similarity"}


@dataclass(frozen=True)
class Person:
    """A student with the page to read about them; ``slug`` tells apart two of one name.

    ``name`` shows every sign, those too that cannot be seen or that turn the writing round.
    """

    name: str
    slug: str

    @property
    def href(self) -> str:
        """The feedback page's address, relative to the class page."""
        return f"{quote(self.slug, safe='', errors='replace')}/feedback.html"


@dataclass(frozen=True)
class Row:
    """One submission in the table. ``reasons`` say why a person should look at it; ``seconds`` are those of
    all the work on it, ``peak_mib`` the most memory its processes had, 0 where it was not measured.
    """

    report: Report
    who: Person
    reasons: tuple[str, ...]
    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Costs:
    """Time and memory over submissions that ran: the middle one and the largest."""

    median_s: float
    longest_s: float
    median_mib: float
    largest_mib: float


@dataclass(frozen=True)
class LabTable:
    """The reports on one lab. ``columns`` are (task id, title) in the rubric's order.

    ``costs`` is ``None`` where nothing ran.
    """

    lab: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    costs: Costs | None

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports of all rows."""
        return tuple(row.report for row in self.rows)


@dataclass(frozen=True)
class CommonFailure:
    """A check that fails for several, most frequent first."""

    check: CheckResult
    lab_title: str
    who: tuple[Person, ...]


@dataclass(frozen=True)
class Scores:
    """How the submissions of one lab did, in percent of what is decided so far; ``mean`` and ``median``
    leave the unreadable out. ``title`` is the lab's, "" where there is no other in the folder.
    """

    title: str
    count: int
    counted: int
    mean: float
    median: float
    statuses: tuple[tuple[str, int], ...]
    bins: tuple[int, ...]


@dataclass(frozen=True)
class ClassView:
    """What the class page shows; labs are kept apart."""

    count: int
    scores: tuple[Scores, ...]
    labs: tuple[LabTable, ...]
    failures: tuple[CommonFailure, ...]
    attention: tuple[tuple[Person, tuple[str, ...]], ...]
    without_sandbox: int
    to_mark: int


def class_view(reports: Sequence[Report]) -> ClassView:
    """Count and sort what the class page shows."""
    ordered = sorted(reports, key=lambda report: (report.student.casefold(), report.slug))
    tables = _lab_tables(ordered)
    several = sum(bool(table.lab) for table in tables) > 1
    apart = tuple(_scores(table.title, table.reports) for table in tables)
    return ClassView(
        count=len(ordered),
        scores=apart if several else (_scores("", ordered),),
        labs=tables,
        failures=_common_failures(ordered),
        attention=tuple((person(r), reasons) for r in ordered if (reasons := tuple(_reasons(r)))),
        without_sandbox=sum(r.provenance.sandbox == "none" for r in ordered),
        to_mark=sum(r.pending_manual > 0 for r in ordered),
    )


def _scores(title: str, reports: Sequence[Report]) -> Scores:
    shares = [share(r.score, r.decided) for r in reports if r.status != "unreadable"]
    placed = Counter(min(BINS - 1, int(value * BINS / 100)) for value in shares)
    statuses = Counter(report.status for report in reports)
    return Scores(
        title=title,
        count=len(reports),
        counted=len(shares),
        mean=statistics.fmean(shares) if shares else math.nan,
        median=statistics.median(shares) if shares else math.nan,
        statuses=tuple((name, statuses[name]) for name in ("graded", "incomplete", "unreadable")),
        bins=tuple(placed[n] for n in range(BINS)),
    )


def person(report: Report) -> Person:
    """The student of a report, as the class page names and links them."""
    return Person(visible(report.student), report.slug)


def author(one: Author) -> Person:
    """A student of a pair of similar submissions, as the class page names and links them."""
    return Person(visible(one.student), one.slug)


def task_of(report: Report, task_id: str) -> TaskResult | None:
    """The report's task of that id, or None where the student's lab lacks it."""
    return next((task for task in report.tasks if task.id == task_id), None)


def _lab_tables(reports: Iterable[Report]) -> tuple[LabTable, ...]:
    by_lab: dict[str, list[Report]] = {}
    for report in reports:
        by_lab.setdefault(report.lab, []).append(report)
    tables = []
    for lab, members in sorted(by_lab.items()):
        columns = {task.id: task.title for report in members for task in report.tasks}
        title = next((report.lab_title for report in members if report.lab_title), lab)
        rows = tuple(map(_row, members))
        tables.append(LabTable(lab, title or "No lab recognised", tuple(columns.items()), rows, _costs(rows)))
    return tuple(tables)


def _row(report: Report) -> Row:
    spent = [phase.seconds for phase in report.phases]
    seconds = sum(spent) if spent else report.execution.seconds
    return Row(report, person(report), tuple(_reasons(report)), seconds, report.peak_mib)


def _costs(rows: Sequence[Row]) -> Costs | None:
    ran = [row for row in rows if row.report.execution.cells_run and math.isfinite(row.seconds)]
    if not ran:
        return None
    seconds = [row.seconds for row in ran]
    memory = [row.peak_mib for row in ran if row.peak_mib > 0] or [0.0]
    return Costs(statistics.median(seconds), max(seconds), statistics.median(memory), max(memory))


def _common_failures(reports: Iterable[Report]) -> tuple[CommonFailure, ...]:
    found: dict[tuple[str, str], list[tuple[CheckResult, Report]]] = {}
    for report in reports:
        for result in report.checks:
            if result.status == "failed":
                found.setdefault((report.lab, result.id), []).append((result, report))
    rows = sorted(found.values(), key=len, reverse=True)[:COMMON_FAILURES]
    return tuple(
        CommonFailure(row[0][0], row[0][1].lab_title, tuple(person(report) for _, report in row))
        for row in rows
    )


def _reasons(report: Report) -> Iterable[str]:
    if report.status == "unreadable":
        yield f"unreadable: {report.problem}"
        return
    faults = sum(result.status == "error" for result in report.checks)
    if report.status == "incomplete" and report.problem:
        yield f"incomplete: {report.problem}"
    elif report.status == "incomplete":
        yield f"incomplete: {faults} {'check' if faults == 1 else 'checks'} could not run"
    if report.execution.status in _NEEDS_A_LOOK:
        yield _NEEDS_A_LOOK[report.execution.status]
    for finding in report.findings:
        if finding.kind in _FINDINGS_TO_LOOK_AT:
            yield f"{_FINDINGS_TO_LOOK_AT[finding.kind]}: {finding.message}"
