"""Figures in a real kernel: lines, bars and wedges are read as they are drawn, whatever drew them."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from matplotlib.figure import Figure
from PIL import Image

from grader.kernel import figures

SHOW = "%matplotlib inline\nimport matplotlib.pyplot as plt, numpy as np\n"


def drawn(live, source: str) -> list[dict[str, Any]]:
    """The coordinate systems of the figures that a cell drew."""
    student = live.run(SHOW + source)
    assert not student.errors
    return [axes for event in student.events if event.kind == "figure" for axes in event.data["axes"]]


@pytest.mark.parametrize(
    "source",
    [
        "plt.plot([1.5, 2.5, float('nan')], label='loss'); plt.title('Case 1'); plt.show()",
        "fig, ax = plt.subplots(); ax.plot(np.array([1.5, 2.5, np.nan]), label='loss'); ax.set_title('Case 1')",
        "import pandas as pd\npd.DataFrame({'loss': [1.5, 2.5, None]}).plot(title='Case 1'); plt.show()",
    ],
)
def test_lines_are_read(live, source):
    """Their values, NaN as nothing, their label and the title."""
    (axes,) = drawn(live, source)
    assert axes["title"] == "Case 1"
    assert axes["lines"] == [{"label": "loss", "y": [1.5, 2.5, None]}]


def test_bars_are_read(live):
    """Heights of standing bars, widths of lying ones."""
    standing, lying = drawn(
        live, "plt.bar([0, 1], [3, 4], label='correct'); plt.show()\nplt.barh([0, 1], [5, 6]); plt.show()"
    )
    assert standing["bars"] == [{"label": "correct", "lengths": [3, 4]}]
    assert [one["lengths"] for one in lying["bars"]] == [[5, 6]]


def test_wedges_and_pictures_are_read(live):
    """Shares of a pie, and how many images are shown."""
    pie, picture = drawn(live, "plt.pie([1, 3]); plt.show()\nplt.imshow(np.zeros((4, 4))); plt.show()")
    assert pie["wedges"] == pytest.approx([0.25, 0.75], abs=1e-6)
    assert picture["images"] == 1


def test_a_figure_that_does_not_change_is_read_once(live):
    """Saved twice and shown: one event; drawn on in between: two."""
    source = "fig, ax = plt.subplots(); ax.plot([1, 2]); fig.savefig('a.png'); fig.savefig('b.png')"
    assert len(drawn(live, source + "\nplt.show()")) == 1
    assert len(drawn(live, source + "\nax.plot([3, 4]); plt.show()")) == 2


def test_much_data_is_left_out(live):
    """A scatter of thousands is no curve, and an artist that raises ends nothing."""
    (axes,) = drawn(live, "plt.plot(np.arange(5000)); plt.show()")
    assert axes["lines"] == []
    source = (
        "from matplotlib.lines import Line2D\nclass Odd(Line2D):\n    def get_ydata(self, orig=True):\n"
        "        raise ValueError if orig else None\n        return Line2D.get_ydata(self, orig)\n"
        "fig, ax = plt.subplots(); ax.set_title('shown')\nfig.canvas.draw()"
    )
    assert [axes["title"] for axes in drawn(live, source)] == ["shown"]


def test_figures_that_nobody_sees_are_not_drawn():
    """A picture of one pixel stands for each, none for an empty one; one in text is drawn as ever."""

    def draw(fig, fmt, *args, **kwargs):
        return "drawn"

    print_figure = figures.undrawn(draw)
    figure = Figure()
    assert print_figure(figure) is None
    figure.add_subplot()
    assert Image.open(io.BytesIO(print_figure(figure, "retina"))).size == (1, 1)
    assert base64.b64decode(print_figure(figure, fmt="png", base64=True)) == print_figure(figure)
    assert print_figure(figure, fmt="svg") == "drawn"
