"""The verdicts on 1,011 answers whose worth is known, per part of the set, and on the demo's answers."""

from __future__ import annotations

import nbformat
import pytest

from bench.answers import PARTS, judged, samples, scores
from grader.answers import find_answers
from grader.judging.rules import load_rules
from grader.labs import lab_ids
from grader.manual import judged as judged_answer
from grader.notebooks import read_notebook
from grader.questions import load_questions
from tests.test_architecture import ROOT

PRECISION, LEAST_COVERAGE = 0.95, {"likely_right": 0.85, "likely_wrong": 0.6}


@pytest.mark.parametrize("part", PARTS)
def test_what_is_decided_is_decided_rightly(part):
    """In each part 95 % of ``likely_right`` and ``likely_wrong`` are right, and most answers are decided."""
    found = judged(one for one in samples() if one.part == part)
    assert len(found) > 80
    for score in scores(found):
        assert score.precision >= PRECISION, [one for one in found if one.is_fault]
        assert score.coverage >= LEAST_COVERAGE[score.verdict]


def test_every_question_has_rules_and_samples():
    """No question is without rules, nor without right, half-right and wrong answers to measure them by."""
    questions = {(lab, one.id) for lab in lab_ids() for one in load_questions(lab).items}
    assert {(lab, name) for lab in lab_ids() for name in load_rules(lab).by_question} == questions
    for worth in ("right", "half", "wrong"):
        assert {(one.lab, one.question) for one in samples() if one.worth == worth} == questions
    assert len({(one.question, one.text, one.printed) for one in samples()}) == len(samples()) > 1000


WRONG_IN_THE_DEMO = {("chen", "Q31"), ("elif", "Q3")}


def test_the_demo_is_judged_sensibly():
    """Of the demo's answers only those are called wrong that are; no program calls chen's m − n + 1 right."""
    wrong, right = set(), 0
    for path in sorted((ROOT / "submissions/demo").glob("*/*.ipynb")):
        if path.parent.name == "hana":  # cut off on purpose
            continue
        notebook = read_notebook(path)
        for answer in find_answers(load_questions("cnn"), notebook.notebook.cells):
            verdict = judged_answer("cnn", answer, notebook.printed).verdict
            wrong |= {(path.parent.name, answer.id)} if verdict == "likely_wrong" else set()
            right += verdict == "likely_right"
            assert (path.parent.name, answer.id, verdict) != ("chen", "Q5", "likely_right")
    assert wrong == WRONG_IN_THE_DEMO
    assert right > 180


def test_a_fault_of_ours_leaves_it_to_a_person(monkeypatch):
    """An exception in the judge costs nobody anything."""
    cells = [nbformat.v4.new_markdown_cell("Q9: 10496")]
    answer = next(one for one in find_answers(load_questions("cnn"), cells) if one.text)
    assert judged_answer("cnn", answer, ()).verdict == "likely_right"
    monkeypatch.setattr("grader.judging.judge.judge", lambda *_: 1 / 0)
    assert judged_answer("cnn", answer, ()) == answer
