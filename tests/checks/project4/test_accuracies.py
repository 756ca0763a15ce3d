"""Accuracies of lab project4: what is claimed of the eight cases, and the grader's own short training."""

from __future__ import annotations

import dataclasses

import pytest

from checks.kit import Cell, Saved, Undecided
from checks.kit.saved import SavedCell, Score
from checks.project4 import accuracies, training, vgg_learning
from checks.project4.vgg_cases import TRAININGS
from checks.project4.vgg_printed import printed_for_cases
from tests.checks.cnn.student import Notebook
from tests.checks.project4.trainings import Made


def notebook(claimed: int = 8, **changes: object) -> Notebook:
    """Eight cases trained and tested in one loop, whose saved output prints so many test accuracies."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number)
    made.cells.append(Cell(20, "for case in cases: ..."))
    scores = tuple(Score(20, n, "", "test accuracy", 0.9 - n / 100, 4) for n in range(1, claimed + 1))
    return dataclasses.replace(made.student(), saved=Saved(scores=scores), measured={}, **changes)


def test_each_case_has_the_number_that_is_printed_for_it():
    """In a loop the printed accuracies belong to the evaluates in their order."""
    rows = accuracies.rows(notebook())
    assert [row.name for row in rows[1:]] == [f"case {case.number}" for case in TRAININGS]
    assert [row.claimed.accuracy for row in rows[1:]] == [0.9 - n / 100 for n in range(1, 9)]
    assert {row.claimed.note for row in rows[1:]} == {"cell 20"}


def test_a_number_that_cannot_be_told_is_nobodys():
    """Where fewer are printed than networks were tested, none is given to any case."""
    rows = accuracies.rows(notebook(claimed=5))
    assert {(row.claimed.accuracy, row.claimed.note) for row in rows[1:]} == {
        (None, "no saved output shows it")
    }


def test_full_says_that_nothing_is_hidden():
    """There are no hidden pictures of fish, and the table says so, at that level alone."""
    assert {row.full.note for row in accuracies.rows(notebook(training="full"))[1:]} == {accuracies.NO_HIDDEN}
    assert {row.full.note for row in accuracies.rows(notebook())[1:]} == {"not run"}
    one = notebook()
    assert accuracies.probes(one, one.fits[0]) == ()


def test_the_short_training_stands_with_its_threshold():
    """What P2.3/learns measured, with threshold and chance; an instructor's threshold has no chance."""
    one = notebook()
    one.measure(vgg_learning.CHECK, 0.9)
    budget = accuracies.rows(one)[0].budget
    stored = vgg_learning.stored()
    assert (budget.accuracy, budget.threshold, budget.chance) == (0.9, stored["threshold"], stored["chance"])
    own = accuracies.rows(notebook(thresholds={vgg_learning.CHECK: 0.5}))[0].budget
    assert (own.accuracy, own.threshold, own.chance) == (None, 0.5, None)


def test_where_nothing_is_trained_a_person_decides():
    """At the level claimed the check neither passes nor fails, and says what is claimed."""
    with pytest.raises(Undecided, match=r"89\.0% for case 1 \(cell 20\)"):
        training.learns.run(notebook(training="claimed"))
    with pytest.raises(Undecided, match="claim no test accuracy"):
        training.learns.run(notebook(claimed=0, training="claimed"))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Case 3: test loss 0.3369, test accuracy 0.8850", 0.885),
        ("case 3: 0.8850 of the test images, 310 s", 0.885),
        ("case 3 accuracy = 88.5 %", 0.885),
        ("Case 3: training accuracy 0.877, test accuracy: 0.885", 0.885),
        ("Case 3: val accuracy 0.885", None),
        ("Case 3: test loss 12.92", None),
        ("case 3: test accuracy 88.5", None),
        ("case 3: test accuracy 0.885\ncase 3: test accuracy 0.9", None),
        ("test accuracy 0.885", None),
    ],
)
def test_a_line_with_the_case_tells_its_accuracy(line, value):
    """Also without a colon before the number; of another set, of two values or of no case it is not known."""
    claim = printed_for_cases(Saved(cells=(SavedCell(1, "", text=line),))).get(3)
    assert (claim.value if claim else None) == (value if value is None else pytest.approx(value))
