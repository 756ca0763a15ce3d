"""What a kernel's answers say against themselves, and what is done with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checks.kit import Cell, Gone, Reply
from grader import kernels
from grader.evidence import Evidence, LiveStudent
from grader.honesty import Honesty


def training(order: Any, ended: Any = 0, identity: Any = 1, before: Any = 0) -> dict[str, Any]:
    return {"order": order, "ended": ended, "model": {"identity": identity, "fits_before": before}}


def kept(*answers: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """The numbers of the entries that are believed, and what is said of the others."""
    honesty = Honesty()
    found = [honesty.consistent(cell, data) for cell, data in enumerate(answers, start=1)]
    entries = [one for data in found for kind in ("fits", "uses", "events") for one in data.get(kind, ())]
    return [one["order"] for one in entries], honesty.contradictions


def test_true_records_are_believed() -> None:
    """Calls and events of several cells, failed and unended trainings too, contradict nothing."""
    believed, contradictions = kept(
        {"count": 4, "fits": [training(1, 3), training(4, 0, before=1)], "uses": [{"order": 2}]},
        {"count": 4},
        {"count": 9, "fits": [training(6, 7, identity=2)], "events": [{"order": 5}, {"order": 9}]},
    )
    assert believed == [1, 4, 2, 6, 5, 9]
    assert contradictions == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (training(2), "number 2 of another"),
        (training(5, 3), "never given"),
        (training(9), "never given"),
        (training(0), "never given"),
        (training(4, 99), "never given"),
        (training(4, identity=0), "no model"),
        (training(4, identity="1"), "no model"),
        ({"order": 4}, "no model"),
        ({"order": 4, "model": 7}, "no model"),
        ({}, "no number"),
        (training(True), "no number"),
        (training(4, "5"), "no number"),
        (training(4, before=0), "earlier training"),
    ],
    ids=str,
)
def test_an_invented_training_is_left_out(entry: dict[str, Any], words: str) -> None:
    """An entry that takes a number twice, or one that was never given, or belongs to no model, is named."""
    believed, contradictions = kept({"count": 6, "fits": [training(1, 2), entry]})
    assert believed == [1]
    assert len(contradictions) == 1
    assert words in contradictions[0]
    assert contradictions[0].startswith("cell 1: an entry of the record of fits ")


def test_entries_of_the_wrong_form_are_no_accusation() -> None:
    """What is no entry at all is left out, as everywhere."""
    assert kept({"count": 1, "fits": [None, 3], "uses": "x", "events": [{"order": 1}]}) == ([1], [])


def student(evidence: Evidence, changed: tuple[str, ...] = ()) -> LiveStudent:
    return LiveStudent(evidence, {}, 0, lambda *_: Reply({}, (), changed), (), ())


def test_nothing_counts_after_our_code_was_replaced(tmp_path) -> None:
    """What came before stays; what comes with the change or after it does not, and nothing is asked."""
    evidence = Evidence(tmp_path)
    for cell, changed in ((1, ()), (2, ("labgrade_kernel.models.describe",)), (3, ())):
        value = {"variable": "X", "type": "ndarray", "content": f"{cell}"}
        answer = {"count": 0, "contents": [f"{cell}"], "changed": [value]}
        evidence.add(cell, Reply(answer, (np.arange(cell),), changed))
    asked = student(evidence)
    assert [version.cell for version in asked.versions("X")] == [1]
    with pytest.raises(Gone, match=r"cell 2 of the notebook replaced parts of the grader \(labgrade_kernel"):
        asked.ask("describe")
    asked.cells = (Cell(3, "Y = 1"),)
    assert "cell 2 of the notebook replaced" in asked.why_missing("Y")
    assert asked.why_missing("Z") == "no cell of the notebook sets `Z`"
    (finding,) = asked.findings()
    assert (finding.kind, finding.evidence) == ("tampering", ("cell 2: labgrade_kernel.models.describe",))


def test_a_change_while_it_is_asked_ends_the_asking(tmp_path) -> None:
    """A function of the student's that replaces our code when it is called is found by the same answer."""
    asked = student(Evidence(tmp_path), ("builtins.isinstance",))
    for _ in range(2):
        with pytest.raises(Gone, match="your code replaced parts of the grader"):
            asked.ask("describe")
    assert [one.evidence for one in asked.findings()] == [("while the grader asked: builtins.isinstance",)]


def test_a_run_from_the_start_forgets(tmp_path) -> None:
    """Where the notebook is run again without a cell, only the new run counts."""
    evidence = Evidence(tmp_path)
    evidence.add(1, Reply({"count": 0, "fits": [training(7)]}, (), ("json.dumps",)))
    evidence.clear()
    assert student(evidence).findings() == ()


def test_a_suspicion_of_a_check_is_a_finding(tmp_path) -> None:
    """What a check finds is told with its task."""
    asked = student(Evidence(tmp_path))
    asked.suspect("4.1", "They disagree.", ("0.4",))
    (finding,) = asked.findings()
    assert (finding.kind, finding.task, finding.evidence) == ("tampering", "4.1", ("0.4",))


@pytest.mark.parametrize("nonce", ["other", None, 7, []])
def test_an_answer_to_another_question_is_refused(nonce: Any) -> None:
    """An answer must hold what the request held: an old one, or one sent before the question, does not."""
    content = {"status": "ok", "data": {}, "arrays": [], "changed": []}
    assert kernels.decode({"content": {**content, "nonce": "this"}}, "this") == Reply({}, ())
    with pytest.raises(kernels.Unusable, match="not made for the question"):
        kernels.decode({"content": {**content, "nonce": nonce}}, "this")


@pytest.mark.parametrize("changed", [None, "json.dumps", {"a": 1}])
def test_an_answer_without_marks_is_not_ours(changed: Any) -> None:
    """Our module says of each answer what was changed; one that does not was made by another."""
    content = {"status": "ok", "data": {}, "arrays": [], "nonce": "1", "changed": changed}
    assert kernels.decode({"content": content}, "1").changed == ("the marks",)
