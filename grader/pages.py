"""The pages that people read: one student's feedback, and the class at a glance.

A page is one self-contained HTML file. Everything that is not ours is escaped by Jinja2, or comes from
``grader.notebook_html``; a Content-Security-Policy in each page allows our own script and our own style by
their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import statistics
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.audit import GOOD, MEANINGS, Verdict, summarise, worst_first
from grader.drawing import draw
from grader.names import visible
from grader.notebook_html import clip, highlight_css, highlight_python, printable, render_notebook
from grader.policies import final_of
from grader.records import Answer, CheckResult, Report, TaskResult

FIELD_LIMIT = 20_000  # characters of any one text in a page
MENDED_FIRST = 3
COMMON_FAILURES = 15
BINS = 10
LONG_ANSWER = 700  # characters
LONG_ANSWER_LINES = 12

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
class WrittenAnswer:
    """A written answer with the manual check that carries its points, if it is worth any."""

    answer: Answer
    check: CheckResult | None


@dataclass(frozen=True)
class LabTable:
    """The reports on one lab. ``columns`` are (task id, title) in the rubric's order."""

    lab: str
    title: str
    columns: tuple[tuple[str, str], ...]
    reports: tuple[Report, ...]


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


def render_feedback(report: Report) -> str:
    """Return one student's feedback as a self-contained HTML document."""
    notebook = render_notebook(report.executed)
    return render(
        "feedback/page.html",
        script="feedback/page.js",
        style="feedback/style.css",
        report=report,
        notebook=notebook,
        mending=worth_mending(report),
    )


def render_class(reports: Sequence[Report], *, title: str) -> str:
    """Return the class at a glance; it links to ``SLUG/feedback.html`` beside it."""
    return render(
        "class/page.html",
        script="class/page.js",
        style="class/style.css",
        title=title,
        view=class_view(reports),
    )


def render_audit(verdicts: Sequence[Verdict]) -> str:
    """Return what an audit of the checks found as a self-contained HTML document."""
    ordered = worst_first(verdicts)
    lines = summarise(verdicts)
    return render(
        "audit/page.html",
        script="audit/page.js",
        style="audit/style.css",
        wrong=[verdict for verdict in ordered if not verdict.good],
        good=[verdict for verdict in ordered if verdict.good],
        lines=lines,
        total=lines[-1],
        meanings=[(outcome, meaning) for outcome, meaning in MEANINGS.items() if outcome not in GOOD],
    )


@dataclass(frozen=True)
class Page:
    """A page, and its Content-Security-Policy for a server that sends it as a header too."""

    html: str
    policy: str


def render(template: str, *, script: str, style: str, **context: object) -> str:
    """Render a page below ``templates/`` with its one script and its one style, the only ones it may have.

    Raises:
        jinja2.UndefinedError: the template names something that ``context`` lacks.
    """
    return render_page(template, script=script, style=style, forms="'none'", **context).html


def render_page(template: str, *, script: str, style: str, forms: str = "'self'", **context: object) -> Page:
    """The same for a page of a server, with forms that may send to it.

    Raises:
        jinja2.UndefinedError: the template names something that ``context`` lacks.
    """
    code, css = _parts(script, style)
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash_of(css)}; script-src {_hash_of(code)}; "
        f"base-uri 'none'; form-action {forms}"
    )
    html = (
        _environment()
        .get_template(template)
        .render(
            policy=policy,
            script_code=Markup(code),  # noqa: S704 - our own file
            style_code=Markup(css),  # noqa: S704 - our own file
            **context,
        )
    )
    return Page(html, policy)


@cache
def _parts(script: str, style: str) -> tuple[str, str]:
    code = (templates_folder() / script).read_text(encoding="utf-8")
    return code, _environment().get_template(style).render(highlight_css=Markup(highlight_css()))  # noqa: S704 - our own


def _hash_of(text: str) -> str:
    """What a policy calls an inline script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def templates_folder() -> Path:
    """Where the templates lie: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    return next(folder for folder in (package / "templates", package.parent / "templates") if folder.is_dir())


def worth_mending(report: Report) -> tuple[CheckResult, ...]:
    """The failed checks that cost most, at most three."""
    failed = [c for c in report.checks if c.status == "failed" and c.max_points > c.points]
    return tuple(sorted(failed, key=lambda c: c.points - c.max_points)[:MENDED_FIRST])


def answers_of(report: Report, task: TaskResult) -> tuple[WrittenAnswer, ...]:
    """The written answers to a task's questions, each with its check."""
    checks = {check.id: check for check in task.checks}
    return tuple(
        WrittenAnswer(answer, checks.get(answer.check)) for answer in report.answers if answer.task == task.id
    )


def checks_of(report: Report, task: TaskResult) -> tuple[CheckResult, ...]:
    """The checks of a task that are no written answers."""
    written = {one.answer.check for one in answers_of(report, task)}
    return tuple(check for check in task.checks if check.id not in written)


def unanswered(report: Report) -> tuple[WrittenAnswer, ...]:
    """The questions on the page to which no answer was found."""
    return tuple(
        one for task in report.tasks for one in answers_of(report, task) if one.answer.verdict == "missing"
    )


def is_long(text: str) -> bool:
    """Whether an answer is folded at first."""
    return len(text) > LONG_ANSWER or text.count("\n") > LONG_ANSWER_LINES


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
        tables.append(LabTable(lab, title or "No lab recognised", tuple(columns.items()), tuple(members)))
    return tuple(tables)


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


def share(points: float, of: float) -> float:
    """Points as a percentage in [0, 100]; 0 where none can be had or the number is no number."""
    value = 100 * points / of if of > 0 and math.isfinite(points) and math.isfinite(of) else 0.0
    return min(100.0, max(0.0, value))


def percent(points: float, of: float) -> int:
    """The same as a whole number, for the classes of ``bars.css``: a style of its own would be forbidden."""
    return round(share(points, of))


def points(value: float) -> str:
    """A number for people: at most two decimals, none that say nothing.

    >>> points(41.5), points(60.0), points(-0.0)
    ('41.5', '60', '0')
    """
    if not math.isfinite(value):
        return "–"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def duration(seconds: float) -> str:
    """Seconds for people.

    >>> duration(0.42), duration(31.2), duration(95)
    ('0.4 s', '31 s', '1 min 35 s')
    """
    if not math.isfinite(seconds):
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def anchor(name: str) -> str:
    """Return an id for the page, made of nothing that could end an attribute or an address."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name)


def linked(text: str, numbers: Container[int]) -> Markup:
    """Return ``text`` escaped, with "cell 12" a link wherever the page shows that cell."""

    def link(found: re.Match[str]) -> str:
        number = int(found[2])
        return f'<a href="#cell-{number}">{found[0]}</a>' if number in numbers else found[0]

    safe = str(escape(_clean(text)))
    return Markup(re.sub(r"\b([Cc]ell) (\d{1,6})\b", link, safe))  # noqa: S704 - escaped above


def coloured(source: str) -> Markup:
    """Return Python source escaped and coloured."""
    return Markup(highlight_python(source))  # noqa: S704 - Pygments escapes


def said_by_its_sides(check: CheckResult) -> bool:
    """Whether the message only repeats expected and received, which stand below it (``Mismatch``)."""
    return check.message == f"Expected {check.expected}, but received {check.received}."


def _clean(value: object) -> object:
    """Every value that a template prints passes here before it is escaped."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clip(printable(value), FIELD_LIMIT)
    return "" if value is None else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {
        "points": points, "duration": duration, "anchor": anchor, "linked": linked, "clip": clip,
        "share": share, "percent": percent, "visible": visible, "person": person, "coloured": coloured,
        "task": task_of, "final": final_of,
        "drawn": draw, "answers": answers_of, "checks": checks_of, "unanswered": unanswered,
    }  # fmt: skip
    environment.filters.update(filters)
    environment.tests["said_by_its_sides"] = said_by_its_sides
    environment.tests["long"] = is_long
    return environment
