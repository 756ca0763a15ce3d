"""Where the final score is shown: the page, result.json and the gradebook; nowhere without policies."""

from __future__ import annotations

import dataclasses
import json

from grader.output import gradebook_csv, result_json
from grader.pages import render_feedback
from grader.policies import Late, Policy, Terms
from grader.report_json import from_json, to_json
from tests.grader.page_reports import FULL, MARKUP, MINIMAL

LATE = Late("2026-03-01T23:59:00+01:00", percent_per_day=10)
TERMS = Terms(
    Policy(late=LATE, decimals=1), "2026-03-02T10:00:00+01:00", "time of the file", members=("Ada", MARKUP)
)
REPORT = dataclasses.replace(FULL, terms=TERMS)


def test_without_policies_nothing_is_shown():
    """No key, no column and no words on a page."""
    assert "final_score" not in json.loads(result_json(FULL))
    assert "final_score" not in gradebook_csv([FULL, MINIMAL])
    assert "Final score" not in render_feedback(FULL)


def test_the_page_says_why():
    """The final score with a sentence for each step; names of a group are data."""
    page = render_feedback(REPORT)
    assert "Final score: 18" in page
    assert "within one day after it was due" in page
    assert "10 % of the points earned are taken off" in page
    assert "rounded half up to 1 decimal." in page
    assert "<script>trap" not in page


def test_result_json_has_it_beside_the_score():
    """The score of the checks stays; the final one comes with its reasons."""
    before, after = (json.loads(result_json(report)) for report in (FULL, REPORT))
    more = {key: after.pop(key) for key in ("final_score", "final_reasons", "submitted", "members")}
    assert before == after
    assert (more["final_score"], more["submitted"]) == (18.0, TERMS.submitted)
    assert len(more["final_reasons"]) == 3


def test_the_gradebook_has_a_row_per_member():
    """Each of a group has one, and the last column has the final score, for those without policies too."""
    rows = gradebook_csv(
        [dataclasses.replace(REPORT, terms=dataclasses.replace(TERMS, members=("Ada", "Bo"))), MINIMAL]
    )
    header, *others = rows.splitlines()
    assert header.endswith(",final_score")
    assert [(row.partition(",")[0], row.rpartition(",")[2]) for row in others] == [
        (MINIMAL.student, "0"), ("Ada", "18"), ("Bo", "18"),
    ]  # fmt: skip


def test_the_policies_outlive_the_process():
    """A report's terms come back from its record."""
    kept = json.loads(json.dumps(to_json(REPORT)))
    assert from_json(kept).terms == TERMS
