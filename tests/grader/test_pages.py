"""The feedback page and the class page: what they say, that they are safe, and that they can be read."""

from __future__ import annotations

import base64
import dataclasses
import doctest
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2.exceptions import UndefinedError

from checks.kit.picture import Images, Tile
from grader import class_view, feedback_view, page_words, pages
from grader.records import Report
from tests.grader.page_reports import (
    FAILED,
    FULL,
    MARKED,
    MARKUP,
    MINIMAL,
    TASKS,
    UNREADABLE,
    UNSANDBOXED,
    code,
    display,
    hostile_notebook,
    notebook,
    png,
    stream,
    with_every_text,
)

PARTS = [
    path.relative_to(pages.templates_folder()).as_posix()
    for folder in (".", "feedback", "class")
    for path in sorted((pages.templates_folder() / folder).glob("*.html"))
]
HOSTILE = dataclasses.replace(with_every_text(FULL, MARKUP), executed=hostile_notebook())
LONG = dataclasses.replace(
    with_every_text(FULL, "W" * 400 + " " + "layer " * 40),
    executed=notebook(
        code("x" * 3000, stream("y" * 3000), display({"text/html": f"<table><td>{'z' * 900}</table>"}))
    ),
)
SHAPES = {
    "minimal": MINIMAL,
    "full": FULL,
    "marked": MARKED,
    "unreadable": UNREADABLE,
    "unsandboxed": UNSANDBOXED,
    "hostile": HOSTILE,
}


def page_of(*reports: Report) -> str:
    return pages.render_class(reports, title="Spring")


def words(html: str) -> str:
    """What a reader sees of a page, roughly: without tags, in one line."""
    body = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", body))


@pytest.mark.parametrize("report", SHAPES.values(), ids=SHAPES)
def test_a_report_of_every_shape_renders(report):
    """Both pages render, with StrictUndefined, whatever a report holds or lacks, and can be encoded."""
    for html in (pages.render_feedback(report), page_of(report)):
        assert html.startswith("<!doctype html>")
        assert html.rstrip().endswith("</html>")
        html.encode("utf-8")


@pytest.fixture(scope="module")
def loaded():
    """The names of all templates that take part in rendering the reports."""
    names = set()
    original = pages.FileSystemLoader.get_source

    def spy(self, environment, name):
        names.add(name)
        return original(self, environment, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages.FileSystemLoader, "get_source", spy)
        pages._environment.cache_clear()
        for report in SHAPES.values():
            pages.render_feedback(report)
        page_of(*SHAPES.values())
    return names


@pytest.mark.parametrize("template", PARTS)
def test_every_template_is_used(template, loaded):
    """Each template takes part in rendering some report, so none escapes the test above."""
    assert template in loaded


def test_a_misspelt_name_in_a_template_is_an_error():
    """Templates are strict: an unknown name raises instead of showing nothing."""
    with pytest.raises(UndefinedError):
        pages._environment().from_string("{{ report.scoer }}").render(report=FULL)


def test_a_failed_check_is_told_in_full():
    """Message, both sides, hint, code to paste and each row of the table stand on the page."""
    text = words(pages.render_feedback(FULL))
    rows = [side for row in FAILED.table for side in (row.expected, row.received) if side]
    for said in (FAILED.title, FAILED.hint, *rows, "Failed", "What to try", "See it for yourself"):
        assert said in text
    assert "padding=&#39;same&#39;" in text
    assert "build_CNN((32, 32, 3))" in text
    assert text.count("differs") == 3


def test_a_mismatch_is_not_said_twice():
    """Where the message only repeats the two sides, the sides alone are shown."""
    said = "Expected A, but received B."
    failed = dataclasses.replace(FAILED, message=said, expected="A", received="B", points=8.0)
    task = dataclasses.replace(TASKS[0], checks=(failed,))
    assert said not in words(pages.render_feedback(dataclasses.replace(FULL, tasks=(task,))))


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (FULL, "20 of 28 points decided so far; 6 wait for a person"),
        (FULL, "So far 28 of the 34 points there are have been decided. The other 6 are for written answers"),
        (FULL, "Q1 What do they do?"),
        (FULL, "They *blur*. And &lt;more&gt;."),
        (FULL, "The grader’s guess: probably wrong. It is &lt;too&gt; little."),
        (FULL, "It rests on: *blur*, &lt;more&gt;. A person decides."),
        (FULL, "The grader’s guess: not clear to a program."),
        (FULL, "from cell 4 of the notebook, cells of text counted too"),
        (
            MARKED,
            "A person looked at this; the program alone had given 0 points. Well drawn. And &lt;labelled&gt;.",
        ),
        (FULL, "No answer found"),
        (FULL, "No answer was found to 1 question: Q2."),
        (FULL, "Its end."),
        (FULL, "Some checks could not run through a fault of the grader; they cost no points."),
        (FULL, "The grader’s own fault: this costs no points."),
        (FULL, "It needs “Claim 4.1/architecture”."),
        (FULL, "Defaults are missing; that is allowed."),
        (FULL, "Training was cut to three epochs."),
        (FULL, "log mismatch · task 4.2"),
        (FULL, "5 of 5 code cells ran, in 31 s."),
        (FULL, "1,834 MiB"),
        (UNSANDBOXED, "Run without a sandbox."),
        (UNREADABLE, "It is a PDF. Hand in the .ipynb file."),
        (MINIMAL, "Nothing to mend"),
    ],
)
def test_the_page_says(report, said):
    """The sentences that a student needs, word for word."""
    assert said in words(pages.render_feedback(report))


def test_an_unreadable_hand_in_has_no_empty_sections():
    """There is no score, no task and no account of a run where nothing was read."""
    text = words(pages.render_feedback(UNREADABLE))
    for absent in ("points", "How the notebook ran", "worth mending", "The notebook as it ran"):
        assert absent not in text


def test_mending_names_the_three_dearest_failures():
    """The most points lost come first; checks that lost nothing are not named."""
    lost = {"a": 1.0, "b": 5.0, "c": 0.0, "d": 3.0, "e": 2.0}
    checks = tuple(dataclasses.replace(FAILED, id=name, points=8.0 - cost) for name, cost in lost.items())
    report = dataclasses.replace(FULL, tasks=(dataclasses.replace(TASKS[0], checks=checks),))
    assert [check.id for check in feedback_view.worth_mending(report)] == ["b", "d", "e"]


def test_cells_are_links_only_where_the_page_shows_them():
    """ "cell 2" leads to the executed notebook; "cell 99" and a notebook that is absent lead nowhere."""
    html = pages.render_feedback(FULL)
    assert '<a href="#cell-2">cell 2</a>' in html
    assert 'id="cell-2"' in html
    assert str(page_words.linked("see cell 99", {1})) == "see cell 99"
    assert str(page_words.linked("`a<b>` and ` alone", ())) == "<code>a&lt;b&gt;</code> and ` alone"
    assert '"#cell-' not in pages.render_feedback(dataclasses.replace(FULL, executed=None))


def test_pictures_are_whole():
    """A picture longer than any text may be is not cut, neither a student's nor one of ours."""
    encoded = base64.b64encode(png(noise=60_000)).decode()
    failed = dataclasses.replace(FAILED, pictures=(Images("t", (Tile(encoded, ""),)),))
    report = dataclasses.replace(
        FULL, tasks=(dataclasses.replace(TASKS[0], checks=(failed,)),),
        executed=notebook(code("plt.show()", display({"image/png": encoded}))),
    )  # fmt: skip
    assert len(encoded) > page_words.FIELD_LIMIT
    assert pages.render_feedback(report).count(f'src="data:image/png;base64,{encoded}"') == 2


@pytest.mark.parametrize("what", ["notebook", "pictures"])
def test_a_page_stays_a_mail_attachment(what):
    """A notebook of many large pictures, or large pictures of ours, leave a page of at most 1.5 MB; a
    notebook keeps its sources before its pictures."""
    encoded = base64.b64encode(png(noise=300_000)).decode()
    shown = display({"image/png": encoded})
    cells = [code(f"plt.show()  # {n}", shown if what == "notebook" else stream("")) for n in range(12)]
    many = tuple(Images("t", (Tile(encoded, ""),)) for _ in range(6 if what == "pictures" else 0))
    failed = dataclasses.replace(FAILED, pictures=many)
    report = dataclasses.replace(
        FULL, tasks=(dataclasses.replace(TASKS[0], checks=(failed,)),), executed=notebook(*cells)
    )
    html = pages.render_feedback(report)
    assert len(html.encode()) <= pages.PAGE_LIMIT
    assert words(html).count("plt.show()") == (12 if what == "notebook" else 0)
    assert FAILED.hint in words(html)


def test_ids_are_unique_and_links_lead_somewhere():
    """No two elements share an id, and every link within the page has its target."""
    html = pages.render_feedback(FULL)
    ids = re.findall(r' id="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= set(ids)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(41.5, "41.5"), (60.0, "60"), (100.0, "100"), (1 / 3, "0.33"), (-0.001, "0"), (-2.5, "−2.5")],
)
def test_points_are_written_for_people(value, shown):
    """At most two decimals, no trailing zeros, and a real minus sign."""
    assert page_words.points(value) == shown


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_none_breaks_no_page(number):
    """NaN and infinity, which should never arrive, are a dash and not a crash."""
    report = dataclasses.replace(
        FULL, score=number, execution=dataclasses.replace(FULL.execution, seconds=number)
    )
    assert "– of 28 points" in words(pages.render_feedback(report))
    page_of(report)


def test_the_class_page_counts_and_names():
    """Counts, the mean without the unreadable, who fails what, and whom to look at first."""
    died = dataclasses.replace(
        FULL, student="Cy", slug="c y/?#", status="graded", score=34.0, execution=dataclasses.replace(
            FULL.execution, status="died"
        ),
    )  # fmt: skip
    view = class_view.class_view([FULL, UNREADABLE, died])
    (scores,) = view.scores
    assert (view.count, scores.counted, scores.title) == (3, 2, "")
    assert scores.mean == pytest.approx((100 * 20 / 28 + 100) / 2)
    assert dict(scores.statuses) == {"graded": 1, "incomplete": 1, "unreadable": 1}
    assert [(f.check.id, len(f.who)) for f in view.failures] == [("4.1/architecture", 2)]
    assert [who.name for who, _ in view.attention] == ["Ada Lovelace", "bo", "Cy"]
    assert sum(scores.bins) == 2
    html = page_of(FULL, UNREADABLE, died)
    assert 'href="c%20y%2F%3F%23/feedback.html"' in html
    assert "without 1 that could not be read" in words(html)


def test_the_class_page_keeps_labs_apart():
    """Each lab has a table of its own tasks."""
    other = dataclasses.replace(FULL, lab="project4", lab_title="Flow", tasks=TASKS[2:], slug="bo")
    view = class_view.class_view([other, FULL])
    assert [(lab.lab, [task for task, _ in lab.columns]) for lab in view.labs] == [
        ("cnn", ["4.1", "1.2", "7"]),
        ("project4", ["7"]),
    ]
    assert [(one.title, one.count) for one in view.scores] == [(FULL.lab_title, 1), ("Flow", 1)]


def test_an_empty_class_is_a_page():
    """No submission at all is said, not a division by zero."""
    assert "No submission has been graded yet." in words(page_of())


def test_three_hundred_students_make_a_page_that_can_be_mailed():
    """A large class stays below a megabyte and a half."""
    many = [
        dataclasses.replace(FULL, student=f"Student {n}", slug=f"s{n}", executed=None) for n in range(300)
    ]
    html = page_of(*many)
    assert html.count("/feedback.html") >= 300
    assert len(html) < 1_500_000


def test_pages_are_the_same_in_every_process():
    """Neither page depends on the order in which Python's sets happen to come."""
    program = (
        "import hashlib; from tests.grader.test_pages import *; "
        "html = pages.render_feedback(HOSTILE) + page_of(FULL, HOSTILE); "
        "print(hashlib.sha256(html.encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


def test_the_examples_in_the_docstrings_hold():
    """The filters do what their documentation shows."""
    result = doctest.testmod(page_words)
    assert result.attempted > 0
    assert result.failed == 0


def directives(html: str) -> dict[str, str]:
    """The page's Content-Security-Policy."""
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
    return dict(part.strip().split(" ", 1) for part in policy.replace("&#39;", "'").split(";"))


@pytest.mark.parametrize(
    "html", [pages.render_feedback(HOSTILE), page_of(HOSTILE, FULL)], ids=["feedback", "class"]
)
def test_the_policy_is_strict(html):
    """Nothing from anywhere, one script and one style by their hashes, and no style in any attribute."""
    policy = directives(html)
    assert set(policy) == {"default-src", "img-src", "style-src", "script-src", "base-uri", "form-action"}
    assert [policy[name] for name in ("default-src", "base-uri", "form-action")] == ["'none'"] * 3
    assert policy["img-src"] == "data:"
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert policy[name] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert not re.search(r"<[^>]*\sstyle=", html)


def test_names_show_every_sign():
    """What turns the writing round, or cannot be seen, stands in a name as its number."""
    odd = dataclasses.replace(
        FULL, student="ada\u202eyp\n", notebook="\u2066lab\x1b.ipynb", note="Of 2 notebooks …"
    )
    text = words(pages.render_feedback(odd))
    for said in ("ada⟨U+202E⟩yp⟨U+000A⟩", "⟨U+2066⟩lab⟨U+001B⟩.ipynb", "Of 2 notebooks …"):
        assert said in text
    assert page_of(odd).count("ada⟨U+202E⟩yp⟨U+000A⟩") >= 2
