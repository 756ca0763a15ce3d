"""Curves and bars as vector graphics by matplotlib, in the page's own colours: light, dark and on paper."""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from markupsafe import Markup

from checks.kit.picture import Bars, Curves, Line
from grader.notebook_html import printable
from grader.plot_svg import COLOURS, for_the_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE, SMALL = (6.4, 2.7), (4.2, 2.7)  # inches; the page scales it
MOST_LINES = 8
MOST_BARS = 100
NAME = 80  # characters of a text in a plot
FEW = 6  # epochs, each of which gets a dot
WIDE = 300.0  # of the largest to the smallest value: from there on decades are drawn


@functools.lru_cache(maxsize=128)  # a page that is too large is rendered again
def plotted(curves: Curves, name: str, small: bool = False) -> Markup | None:
    """The curves as an inline SVG, ``None`` where there is nothing to draw; ``name`` makes its ids unique.

    A ``small`` one stands beside another.
    """
    lines = [line for line in curves.lines[:MOST_LINES] if _finite(line.values)]
    if not lines:
        return None
    figure, axes = _empty(small=small)
    for line in lines:
        _draw(axes, line)
    _level(axes, curves.level)
    axes.locator_params(axis="x", integer=True)
    if _is_wide(value for line in lines for value in line.values):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(lambda value, _: "")
    _frame(axes, "epoch", curves.quantity)
    return for_the_page(_saved(figure), name, described(curves), small=small)


@functools.lru_cache(maxsize=16)
def barred(bars: Bars, name: str) -> Markup | None:
    """The bars as an inline SVG, as ``plotted`` does it: what was handed in is full, what was measured an
    outline."""
    series = [one for one in bars.series[:MOST_LINES] if _finite(one.values)]
    if not series or not 0 < len(bars.names) <= MOST_BARS:
        return None
    figure, axes = _empty(small=False)
    width = 0.8 / len(series)
    for place, one in enumerate(series):
        colour = COLOURS["second" if one.test else "first"]
        pairs = [(n, v) for n, v in enumerate(one.values[: len(bars.names)]) if _is_number(v)]
        left = [n + (place - (len(series) - 1) / 2) * width for n, _ in pairs]
        axes.bar(
            left,
            [value or 0.0 for _, value in pairs],
            width * 0.86,
            facecolor=colour if one.claimed else "none",
            edgecolor="none" if one.claimed else colour,
            linewidth=0 if one.claimed else 1.6,
        )
    _level(axes, bars.level)
    axes.set_xticks(range(len(bars.names)), [_said(one)[:16] for one in bars.names])
    axes.set_xlim(-0.6, len(bars.names) - 0.4)
    _frame(axes, "", bars.quantity)
    return for_the_page(_saved(figure), name, told(bars))


def _empty(*, small: bool) -> tuple[Figure, Axes]:
    # Importing matplotlib takes half a second, and many a page has no curves.
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=SMALL if small else SIZE, layout="constrained")
    return figure, figure.add_subplot()


def _saved(figure: Figure) -> bytes:
    """The SVG that matplotlib writes."""
    from matplotlib import rc_context  # noqa: PLC0415

    file = io.BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "labgrade", "font.size": 9}):
        no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", metadata=no_metadata)
    return file.getvalue()


def described(curves: Curves) -> str:
    """The curves in a sentence, for those who do not see them."""
    parts = [
        f"{_said(line.name)}: {_value(values[0])} after epoch 1, {_value(values[-1])} after epoch "
        f"{len(values)}, {_most(values, curves.quantity)}"
        for line in curves.lines[:MOST_LINES]
        if (values := _finite(line.values))
    ]
    title, quantity = _said(curves.title), _said(curves.quantity)
    return f"{title}. {quantity.capitalize()} over the epochs. {'; '.join(parts)}."


def _most(values: list[float], quantity: str) -> str:
    return f"at least {_value(min(values))}" if quantity == "loss" else f"at most {_value(max(values))}"


def told(bars: Bars) -> str:
    """The bars in a sentence, for those who do not see them."""
    parts = [
        f"{_said(one.name)}: "
        + ", ".join(
            f"{_said(name)} {_value(value) if value is not None and math.isfinite(value) else 'none'}"
            for name, value in zip(bars.names[:MOST_BARS], one.values, strict=False)
        )
        for one in bars.series[:MOST_LINES]
    ]
    return f"{_said(bars.title)}. {_said(bars.quantity).capitalize()}. {'; '.join(parts)}."


def _said(text: str) -> str:
    """A text that a page may show, in one line that is not too long."""
    return " ".join(printable(text).split())[:NAME]


def _draw(axes: Axes, line: Line) -> None:
    values = [math.nan if value is None else value for value in line.values]
    axes.plot(
        range(1, len(values) + 1),
        values,
        color=COLOURS["second" if line.validation else "first"],
        linestyle="-" if line.claimed else "--",
        linewidth=1.8,
        marker="o" if len(values) < FEW or None in line.values else None,
        markersize=3.5,
    )


def _level(axes: Axes, level: float | None) -> None:
    if level is not None and math.isfinite(level):
        axes.axhline(level, color=COLOURS["level"], linewidth=1.2, linestyle=":")


def _frame(axes: Axes, along: str, quantity: str) -> None:
    axes.set_xlabel(along, color=COLOURS["frame"])
    axes.set_ylabel(_said(quantity), color=COLOURS["frame"], parse_math=False)
    axes.grid(axis="y", color=COLOURS["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", color=COLOURS["frame"], labelcolor=COLOURS["frame"])
    axes.patch.set_visible(False)
    axes.figure.patch.set_visible(False)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(COLOURS["frame"])


def _is_wide(values: Iterable[float | None]) -> bool:
    """Whether positive values span so much that most of them would lie on the axis."""
    numbers = [value for value in values if value is not None and math.isfinite(value)]
    return min(numbers) > 0 and max(numbers) / min(numbers) > WIDE


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _finite(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]


def _value(value: float) -> str:
    return f"{value:.3g}"
