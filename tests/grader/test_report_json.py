"""A report comes back from JSON as it was, and nothing else comes back."""

import dataclasses
import json
import math

import numpy as np
import pytest

from grader.report_json import from_json, to_json
from tests.grader.page_reports import FULL, MARKUP, MINIMAL, UNREADABLE, with_every_text


def by_way_of_a_file(report):
    return from_json(json.loads(json.dumps(to_json(report))))


@pytest.mark.parametrize(
    "report",
    [MINIMAL, FULL, UNREADABLE, with_every_text(FULL, MARKUP), dataclasses.replace(FULL, score=math.inf)],
    ids=["minimal", "full", "unreadable", "hostile", "infinite"],
)
def test_nothing_is_lost(report):
    """Every field of every record comes back equal, whatever text is in it, but not the executed notebook."""
    back = by_way_of_a_file(report)
    assert back == report
    assert back.executed is None
    assert [type(one) for one in back.checks] == [type(one) for one in report.checks]


def test_no_number_stays_no_number():
    """NaN, which equals nothing, survives."""
    assert math.isnan(by_way_of_a_file(dataclasses.replace(FULL, peak_mib=math.nan)).peak_mib)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda one: one.pop("score"), id="field missing"),
        pytest.param(lambda one: one.update(more=1), id="field too many"),
        pytest.param(lambda one: one.update(score="3.5"), id="text for a number"),
        pytest.param(lambda one: one.update(score=True), id="truth for a number"),
        pytest.param(lambda one: one.update(score=None), id="nothing for a number"),
        pytest.param(lambda one: one.update(status="passed"), id="another word"),
        pytest.param(lambda one: one.update(tasks=None), id="no list"),
        pytest.param(lambda one: one.update(tasks=[[]]), id="no record"),
        pytest.param(lambda one: one["execution"].update(errors=[1]), id="deep"),
        pytest.param(lambda one: one["provenance"].update(packages=[["keras"]]), id="pair of one"),
    ],
)
def test_what_is_no_report_is_refused(spoil):
    """A document that differs from a report in any field raises ValueError."""
    document = json.loads(json.dumps(to_json(FULL)))
    spoil(document)
    with pytest.raises(ValueError):
        from_json(document)


@pytest.mark.parametrize("document", [None, [], {}, "report", 3])
def test_other_documents_are_refused(document):
    """JSON of any other kind raises ValueError."""
    with pytest.raises(ValueError):
        from_json(document)


def test_numbers_of_numpy_are_numbers():
    """A check that reports NumPy's floats spoils nothing."""
    report = dataclasses.replace(FULL, score=np.float64(3.5))
    assert by_way_of_a_file(report).score == 3.5
