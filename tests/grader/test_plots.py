"""Curves as vector graphics: safe on a page with a strict policy, readable without seeing them."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from checks.kit.picture import Bars, Curves, Line, Series
from grader.plots import MOST_BARS, barred, described, plotted, told
from tests.grader.page_reports import MARKUP

CURVES = Curves(
    "Training of 4.2",
    "accuracy",
    (
        Line("training, as handed in", (0.3, 0.5, 0.9), claimed=True),
        Line("validation, in the grader's run", (0.1, None, math.nan, 0.2), validation=True),
    ),
    level=0.4,
)


def test_a_plot_has_no_style_of_its_own():
    """No style element or attribute, which the policy would forbid: colours are classes of our own sheet."""
    svg = str(plotted(CURVES, "one"))
    assert "style" not in svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)
    for role in ("first line", "second line", "level line", "frame area"):
        assert f'class="{role}"' in svg


def test_claimed_is_drawn_through_and_measured_dashed():
    """What was handed in and what the grader measured are told apart without colours."""
    svg = str(plotted(CURVES, "one"))
    curves = {kind: re.findall(rf'<path [^>]*class="{kind} line"[^>]*>', svg) for kind in ("first", "second")}
    assert "dasharray" not in curves["first"][0]
    assert "dasharray" in curves["second"][0]


def test_ids_are_the_plots_own():
    """Two plots on a page share no id, and each refers to its own."""
    first, second = (str(plotted(CURVES, name)) for name in ("one", "two"))
    ids = [set(re.findall(r' id="([^"]*)"', svg)) for svg in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    used = set(re.findall(r'(?:href="#|url\(#)([^")]*)', first))
    assert used
    assert used <= ids[0]


def test_the_curves_are_said_in_words():
    """First, last and best value of each line stand in the text alternative; no number is left out."""
    text = described(CURVES)
    assert "training, as handed in: 0.3 after epoch 1, 0.9 after epoch 3, at most 0.9" in text
    assert "validation, in the grader's run: 0.1 after epoch 1, 0.2 after epoch 2, at most 0.2" in text
    root = ElementTree.fromstring(str(plotted(CURVES, "one")))
    assert root.get("aria-label") == text


def test_hostile_words_stay_words():
    """A text that tries to be markup or a formula is neither, and cannot end the page."""
    hostile = Curves(MARKUP, f"${MARKUP}$", (Line(MARKUP, (1.0, 2.0)),))
    svg = str(plotted(hostile, "one"))
    assert {element.tag for element in ElementTree.fromstring(svg).iter()} <= {
        "svg", "g", "defs", "path", "use", "text", "tspan", "rect", "clipPath",
    }  # fmt: skip


@pytest.mark.parametrize("values", [(), (None,), (math.nan, math.inf)])
def test_nothing_to_draw_is_no_plot(values):
    """A line without a finite number gives no empty frame."""
    assert plotted(Curves("t", "accuracy", (Line("a", values),)), "one") is None


def test_enormous_numbers_are_drawn():
    """A loss of 1e300 breaks no axis."""
    assert plotted(Curves("t", "loss", (Line("a", (1e300, -1e300, 0.0)),)), "one")


BARS = Bars(
    "Accuracies",
    "accuracy",
    ("case 1", "case 2"),
    (
        Series("test, as handed in", (0.9, None), claimed=True, test=True),
        Series("test, in the grader's run", (0.8, math.nan), test=True),
    ),
    level=1 / 9,
    level_name="guessing",
)


def test_a_small_plot_has_larger_texts():
    """It stands beside another, so its class gives its texts another size within it."""
    assert 'class="plot small"' in str(plotted(CURVES, "one", True))
    assert 'class="plot"' in str(plotted(CURVES, "one"))


def test_a_loss_over_decades_is_drawn_in_decades():
    """Else a first epoch of 900 would press all others to the axis; the best loss is told, not the largest."""
    wide = Curves("t", "loss", (Line("a", (900.0, 3.0, 0.5)),))
    svg = str(plotted(wide, "one"))
    assert {"1", "10", "100"} <= set(re.findall(r">([\d.]+)</text>", svg))
    assert "at least 0.5" in described(wide)
    assert ">10<" not in str(plotted(Curves("t", "loss", (Line("a", (2.0, 1.0, 0.5)),)), "two"))


def test_what_was_handed_in_is_full_and_what_was_measured_an_outline():
    """Bars are told apart without colours; a number that is missing has no bar."""
    svg = str(barred(BARS, "one"))
    full = re.findall(r'<path [^>]*class="second area"[^>]*>', svg)
    outlines = re.findall(r'<path [^>]*class="second line"[^>]*>', svg)
    assert len(full) == len(outlines) == 1
    assert "style" not in svg
    assert 'class="level line"' in svg
    assert ">case 2<" in svg


def test_the_bars_are_said_in_words():
    """Each number with its name, and where there is none."""
    text = told(BARS)
    assert "test, as handed in: case 1 0.9, case 2 none" in text
    assert "in the grader's run: case 1 0.8, case 2 none" in text
    assert ElementTree.fromstring(str(barred(BARS, "one"))).get("aria-label") == text


@pytest.mark.parametrize(
    "bars",
    [
        Bars("t", "q", (), ()),
        Bars("t", "q", ("a",), (Series("s", (None,)),)),
        Bars("t", "q", ("a",) * (MOST_BARS + 1), (Series("s", (1.0,)),)),
    ],
    ids=["no names", "no numbers", "too many"],
)
def test_nothing_to_compare_is_no_chart(bars):
    """No empty frame, and none that nobody could read."""
    assert barred(bars, "one") is None
