"""Task P2.4 on made-up records of trainings, without a kernel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from checks.kit import Cell
from checks.project4 import training
from checks.project4.vgg_cases import TRAININGS
from tests.checks.cnn.student import failure_of, text_of
from tests.checks.project4.trainings import Made, outcomes, right


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda made: None, "No curves"),
        (lambda made: made.draw_curves("loss", "accuracy"), "validation curve"),
        (lambda made: made.draw_curves("val_loss"), "training curve"),
        (
            lambda made: made.draw({"lines": [{"y": list(made.fits[0].history[name])} for name in ("loss", "val_loss")]}),
            "Case 2",
        ),
    ],
)  # fmt: skip
def test_curves_that_are_missing_are_named(draw: Callable[[Made], None], words):
    """Of all cases, of one side, or of all cases but one."""
    made = Made()
    for case in TRAININGS[:2]:
        made.train(case, case.number)
    draw(made)
    assert words in text_of(failure_of(training.curves, made.student()))


@pytest.mark.parametrize("factor", [1.0, 100.0])
def test_curves_of_accuracy_pass_as_shares_and_in_percent(factor):
    """Either quantity does."""
    made = Made()
    made.train(TRAININGS[0], 1)
    history = made.fits[0].history
    lines = [{"y": [factor * (v or 0) for v in history[name]]} for name in ("accuracy", "val_accuracy")]
    made.draw({"lines": lines})
    assert training.curves.run(made.student()) is None


def test_a_diverged_loss_is_a_curve_too():
    """NaN is drawn as nothing, and is the same nothing in the record."""
    made = Made()
    nothing: tuple[float | None, ...] = (None,) * 10
    made.train(TRAININGS[6], 7, history={"loss": nothing, "val_loss": nothing})
    made.draw({"lines": [{"y": list(nothing)}, {"y": list(nothing)}]})
    assert training.curves.run(made.student()) is None


def test_smoothed_curves_are_not_compared():
    """Lines that are no history at all may have been made from one."""
    made = Made()
    made.train(TRAININGS[0], 1)
    made.draw({"lines": [{"y": [0.5] * 18}]})
    assert "not compared" in (training.curves.run(made.student()) or "")


def charted(*axes: dict[str, Any]) -> Made:
    """Two trained cases and a figure."""
    made = Made()
    for case in TRAININGS[:2]:
        made.train(case, case.number)
    if axes:
        made.draw(*axes)
    return made


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (charted(), "No chart"),
        (charted({"bars": [{"label": "", "lengths": [0.3, 0.4]}]}), "two numbers"),
        (charted({"bars": [{"label": "correct", "lengths": [1, 5]}, {"label": "wrong", "lengths": [17, 13]}]}), "case 2"),
    ],
)  # fmt: skip
def test_charts_that_show_something_else_fail(made: Made, words):
    """None, one bar for each case, or the numbers of another case."""
    assert words in text_of(failure_of(training.chart, made.student()))


def test_swapped_bars_fail():
    """The labels of the legend are read."""
    made = charted()
    made.train(TRAININGS[2], 3)
    made.draw_chart(swapped=True)
    assert "calls the wrong predictions" in failure_of(training.chart, made.student()).message


def test_pies_and_percent_pass():
    """Shares of a circle, and bars in percent."""
    made = charted()
    made.draw({"wedges": [1 / 18, 17 / 18]}, {"wedges": [2 / 18, 16 / 18]})
    assert training.chart.run(made.student()) is None


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("The best is case 8 with 0.80", True),
        ("Winner: model 8", True),
        ("case 8 has the highest accuracy", True),
        ("best: 7", True),  # counted from 0
        ("The best is case 3 with 0.30", False),
        ("accuracy 0.80", False),
    ],
)
def test_the_winner_is_held_against_the_own_numbers(text, passes):
    """Evaluate said that case 8 has the highest accuracy and the lowest loss."""
    made = right()
    made.uses = [use for use in made.uses if use.kind == "evaluate"]
    made.fits = [dataclasses.replace(fit, history={}) for fit in made.fits]
    made.cells = [Cell(31, "print(best)", text=text)]
    failed = "winner" in outcomes(made)
    assert failed is not passes


@pytest.mark.parametrize("written", ["**Answer:** the winner is case 2.", "Case 2 is the best one."])
def test_a_winner_in_a_text_cell_passes(written):
    """It is about the run at home."""
    made = right()
    made.cells, made.texts = [], (written,)
    assert "winner" not in outcomes(made)


def test_a_winner_that_is_typed_in_is_not_compared():
    """It is about the run at home, too."""
    made = right()
    line = "print('the winner is case 2')"
    made.cells = [Cell(31, line, text="the winner is case 2")]
    assert "winner" not in outcomes(made)


def test_only_pictures_that_matplotlib_did_not_draw_may_be_curves():
    """A figure that was read and has no line is none; a picture that nobody read may be one."""
    made = Made()
    made.train(TRAININGS[0], 1)
    made.draw({"bars": [{"label": "", "lengths": [1, 2]}]})
    made.cells.append(Cell(30, "plt.bar([0, 1], [1, 2])", figures=1))
    assert "No curves" in failure_of(training.curves, made.student()).message
    made.cells.append(Cell(31, "plotly_figure.show()", figures=1))
    assert "not drawn with matplotlib" in (training.curves.run(made.student()) or "")
