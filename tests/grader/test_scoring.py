"""At the level full, predictions are scored in the grader's process, and rows that fail are left out."""

from __future__ import annotations

import asyncio
import dataclasses

import numpy as np
import pytest

from checks.kit import Fit, Gone, Probe, Raised, Reply, Used
from grader import labs, scoring
from grader.evidence import Evidence
from grader.grading import grade
from grader.rubric import Rubric, Task
from grader.scoring import Scorer, last_fits, rows_of, score
from tests.checks.cnn.student import Notebook

PROBE = Probe("upright", np.zeros((4, 2), "float32"), np.array([0, 1, 2, 2]))
RIGHT = np.eye(3)[[0, 1, 2, 0]]  # three of four


def fit(cell: int, identity: int, order: int, **changes: object) -> Fit:
    base = Fit(cell, "keras", 1, 10, None, model=Used(identity), order=order, ended=order + 1)
    return dataclasses.replace(base, **changes)


@dataclasses.dataclass
class Asked:
    """A kernel that answers with these, in turn."""

    answers: list[Reply | Exception]
    requests: list[tuple[str, dict[str, object]]] = dataclasses.field(default_factory=list)

    async def ask(self, op, arguments, arrays=()):
        """The next answer to a request for predictions; the others are only noted."""
        self.requests.append((op, arguments))
        answer = self.answers.pop(0) if op == "score" else Reply({})
        if isinstance(answer, Exception):
            raise answer
        return answer


def scorer(tmp_path, *fits: Fit) -> Scorer:
    evidence = Evidence(tmp_path)
    evidence.fits += fits
    return Scorer(labs.Accuracies(probes=lambda _student, _fit: (PROBE,)), evidence, {}, {})


@pytest.mark.parametrize(
    ("predictions", "accuracy"),
    [
        pytest.param(RIGHT, 0.75, id="right-three-times"),
        pytest.param(np.full((4, 3), np.nan), 0.0, id="no-numbers"),
        pytest.param(np.where(np.arange(4)[:, None] == 0, np.inf, RIGHT), 0.5, id="infinite"),
        pytest.param(RIGHT[:3], None, id="too-few"),
        pytest.param(RIGHT.argmax(axis=1).astype(float), None, id="classes-only"),
        pytest.param(RIGHT.astype("int64"), None, id="integers"),
    ],
)
def test_predictions_are_scored_here(predictions, accuracy):
    """The share of right classes; what is no number is wrong, what is of another form is not scored."""
    found = score(fit(3, 1, 5), PROBE, Reply({}, (predictions,)))
    assert (found.order, found.probe, found.accuracy) == (5, "upright", accuracy)
    assert bool(found.problem) == (accuracy is None)


def test_each_network_of_a_cell_is_asked_once():
    """Its last fit there that ended; those of other cells, and failed ones, are not asked."""
    fits = [
        fit(1, 1, 1),
        fit(2, 1, 3),
        fit(2, 2, 5),
        fit(2, 1, 7),
        fit(2, 3, 9, error="ValueError"),
        fit(2, 0, 11),
    ]
    assert [one.order for one in last_fits(fits, 2)] == [5, 7]


def test_labels_stay_here(tmp_path):
    """The request holds the network and the images; networks are let go of when all were asked."""
    one = scorer(tmp_path, fit(4, 8, 1), fit(4, 9, 3))
    kernel = Asked([Reply({}, (RIGHT,)), Reply({}, (RIGHT[::-1],))])
    asyncio.run(one.after_cell(kernel, 4))
    assert kernel.requests == [("score", {"model": 8}), ("score", {"model": 9}), ("release", {})]
    assert [(found.order, found.accuracy) for found in one.evidence.scored] == [(1, 0.75), (3, 0.25)]


def test_a_network_that_raises_is_told_of_and_the_next_is_asked(tmp_path):
    """A student's error is kept as the reason; a process that is gone ends the asking."""
    one = scorer(tmp_path, fit(4, 8, 1), fit(4, 9, 3), fit(5, 7, 5))
    kernel = Asked([Raised("ValueError", "no"), Gone("it ended")])
    asyncio.run(one.after_cell(kernel, 4))
    assert [(found.accuracy, found.problem) for found in one.evidence.scored] == [
        (None, "it stopped with ValueError: no")
    ]
    asyncio.run(one.after_cell(kernel, 5))
    assert [op for op, _ in kernel.requests] == ["score", "score"]


def test_an_answer_of_changed_code_is_no_score(tmp_path):
    """Predictions that came after the notebook replaced our code do not count."""
    one = scorer(tmp_path, fit(4, 8, 1))
    asyncio.run(one.after_cell(Asked([Reply({}, (RIGHT,), ("labgrade_kernel.learning.predicted",))]), 4))
    assert one.evidence.scored == []
    assert one.evidence.honesty.changed


def test_our_own_fault_costs_nobody_anything(tmp_path, caplog):
    """A lab's module that fails is logged; the notebook goes on and the page has no table."""

    def broken(*_: object) -> tuple[()]:
        raise ValueError("ours")

    one = scorer(tmp_path, fit(4, 8, 1))
    one.accuracies = labs.Accuracies(rows=broken, probes=broken)
    asyncio.run(one.after_cell(Asked([]), 4))
    assert rows_of(one.accuracies, Notebook({}), ()) == ()
    assert caplog.text.count("could not be") == 2


def test_a_run_that_begins_anew_forgets_its_scores(tmp_path):
    """Where the notebook is run again without a cell, only the last run's scores stay."""
    one = scorer(tmp_path, fit(4, 8, 1))
    asyncio.run(one.after_cell(Asked([Reply({}, (RIGHT,))]), 4))
    one.evidence.clear()
    assert one.evidence.scored == []


def test_what_is_undecided_waits_for_a_person():
    """At the level claimed the points of learning wait: nothing passes, nothing fails, nothing is lost."""
    lab = labs.load_lab("cnn")
    (learns,) = (check for check in labs.load_checks(lab) if check.id == "4.1/learns")
    rubric = Rubric("", (Task("4.1", "", ""),), {"4.1/learns": 2.0}, "")
    alone = dataclasses.replace(learns, needs=())
    student = Notebook({}, training="claimed", given=labs_given())
    (task,) = grade([alone], rubric, student, lambda _: None)
    (result,) = task.checks
    assert (result.status, result.points, result.max_points, task.pending) == ("manual", 0.0, 2.0, 2.0)
    assert "a person decides" in result.message


def labs_given():
    """The few images that the lab's code looks at."""
    from tests.checks.cnn.student import drawn_cifar

    return drawn_cifar()


def test_checks_of_the_full_level_are_there_only_then():
    """Below it a lab has none of them; at it they come beside all others."""
    lab = labs.load_lab("cnn")
    plain, whole = labs.load_checks(lab), labs.load_checks(lab, "full")
    assert [one.id for one in whole if one not in plain] == [
        one.id for one in labs.every_check(lab) if one.full
    ]
    assert {one.id.partition("/")[0] for one in whole if one.full} == {
        "4.2",
        "4.3",
        "4.5",
        "4.6",
        "5.0",
        "5.2",
    }
    assert scoring.MAX_FITS >= 10
