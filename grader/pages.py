"""The pages that people read: one student's feedback, and the class at a glance.

A page is one self-contained HTML file. Everything that is not ours is escaped by Jinja2, or comes from
``grader.notebook_html``; a Content-Security-Policy in each page allows our own script and our own style by
their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader import feedback_view, page_words
from grader.audit import GOOD, MEANINGS, Verdict, summarise, worst_first
from grader.class_view import author, class_view, person, task_of
from grader.drawing import arrowed, draw
from grader.names import visible
from grader.notebook_html import SECTION_LIMIT, clip, highlight_css, render_notebook
from grader.plots import barred, plotted
from grader.policies import final_of
from grader.records import Report
from grader.similarity.records import Similar
from grader.similarity.story import message

PAGE_LIMIT = 1_500_000  # bytes of a student's page: more is no mail attachment
STYLE = "style.css"


def render_feedback(report: Report) -> str:
    """Return one student's feedback as a self-contained HTML document of at most ``PAGE_LIMIT`` bytes.

    Where there is too much, the notebook is cut first, and the pictures after it; the verdicts never.
    """
    room = SECTION_LIMIT
    html = _feedback(report, room)
    while room > 0 and (over := len(html.encode("utf-8", "replace")) - PAGE_LIMIT) > 0:
        room = max(0, room - over - SECTION_LIMIT // 20)
        html = _feedback(report, room)
    too_large = len(html.encode("utf-8", "replace")) > PAGE_LIMIT
    return _feedback(_without_pictures(report), 0) if too_large else html


def _feedback(report: Report, notebook_bytes: int) -> str:
    return render(
        "feedback/page.html",
        script="feedback/page.js",
        report=report,
        notebook=render_notebook(report.executed, notebook_bytes),
        mending=feedback_view.worth_mending(report),
        questions=feedback_view.question_anchors(report),
    )


def _without_pictures(report: Report) -> Report:
    tasks = (
        replace(task, checks=tuple(replace(one, pictures=()) for one in task.checks)) for task in report.tasks
    )
    return replace(report, tasks=tuple(tasks))


def render_class(reports: Sequence[Report], *, title: str, similar: Similar | None = None) -> str:
    """Return the class at a glance; it links to ``SLUG/feedback.html`` beside it.

    ``similar`` is ``None`` where nobody has looked for similar submissions.
    """
    return render(
        "class/page.html",
        script="class/page.js",
        title=title,
        view=class_view(reports),
        similar=similar,
    )


def render_audit(verdicts: Sequence[Verdict]) -> str:
    """Return what an audit of the checks found as a self-contained HTML document."""
    ordered = worst_first(verdicts)
    lines = summarise(verdicts)
    return render(
        "audit/page.html",
        script="audit/page.js",
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


def render(template: str, *, script: str, style: str = STYLE, **context: object) -> str:
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


def render_part(template: str, **context: object) -> str:
    """Render what is no page of its own, such as a card in a notebook; without a script."""
    return _environment().get_template(template).render(**context)


def _hash_of(text: str) -> str:
    """What a policy calls an inline script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def templates_folder() -> Path:
    """Where the templates lie: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    return next(folder for folder in (package / "templates", package.parent / "templates") if folder.is_dir())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=page_words.clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {
        name: getattr(page_words, name)
        for name in (
            "points", "duration", "mebibytes", "anchor", "linked", "share", "percent", "coloured", "tile_uri",
            "kind",
        )
    }  # fmt: skip
    filters |= {
        "clip": clip, "visible": visible, "person": person, "task": task_of, "final": final_of,
        "drawn": draw, "arrowed": arrowed, "plotted": plotted, "barred": barred,
        "author": author, "shared": message,
        "answers": feedback_view.answers_of, "checks": feedback_view.checks_of,
        "unanswered": feedback_view.unanswered,
    }  # fmt: skip
    environment.filters.update(filters)
    environment.tests["said_by_its_sides"] = feedback_view.said_by_its_sides
    environment.tests["long"] = feedback_view.is_long
    return environment
