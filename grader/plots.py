"""Curves as vector graphics by matplotlib, in the page's own colours: light, dark and on paper.

The page's policy forbids styles in attributes, so what matplotlib writes there becomes attributes and
classes; texts stay texts, and every id gets the plot's name in front.
"""

from __future__ import annotations

import functools
import io
import math
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

from checks.kit.picture import Curves, Line
from grader.notebook_html import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
SIZE = (6.4, 2.7)  # inches; the page scales it
MOST_LINES = 8
NAME = 80  # characters of a text in a plot
FEW = 6  # epochs, each of which gets a dot
KEPT = ("fill", "stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "text-anchor")
# Colours that nothing else has, each a class of templates/pictures.css.
ROLES = {"#000001": "first", "#000002": "second", "#000003": "level", "#000004": "grid", "#000005": "frame"}
_COLOURS = {role: colour for colour, role in ROLES.items()}


@functools.lru_cache(maxsize=64)  # a page that is too large is rendered again
def plotted(curves: Curves, name: str) -> Markup | None:
    """The curves as an inline SVG, ``None`` where there is nothing to draw; ``name`` makes its ids unique."""
    lines = [line for line in curves.lines[:MOST_LINES] if _finite(line)]
    return _for_the_page(_drawn(curves, lines), name, described(curves)) if lines else None


def _drawn(curves: Curves, lines: list[Line]) -> bytes:
    """The SVG that matplotlib writes."""
    # Importing matplotlib takes half a second, and many a page has no curves.
    from matplotlib import rc_context  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    for line in lines:
        _draw(axes, line)
    if curves.level is not None and math.isfinite(curves.level):
        axes.axhline(curves.level, color=_COLOURS["level"], linewidth=1.2, linestyle=":")
    _frame(axes, curves)
    file = io.BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "labgrade", "font.size": 9}):
        no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", metadata=no_metadata)
    return file.getvalue()


def described(curves: Curves) -> str:
    """The curves in a sentence, for those who do not see them."""
    parts = [
        f"{_said(line.name)}: {_value(values[0])} after epoch 1, {_value(values[-1])} after epoch "
        f"{len(values)}, at most {_value(max(values))}"
        for line in curves.lines[:MOST_LINES]
        if (values := _finite(line))
    ]
    title, quantity = _said(curves.title), _said(curves.quantity)
    return f"{title}. {quantity.capitalize()} over the epochs. {'; '.join(parts)}."


def _said(text: str) -> str:
    """A text that a page may show, in one line that is not too long."""
    return " ".join(printable(text).split())[:NAME]


def _draw(axes: Axes, line: Line) -> None:
    values = [math.nan if value is None else value for value in line.values]
    axes.plot(
        range(1, len(values) + 1),
        values,
        color=_COLOURS["second" if line.validation else "first"],
        linestyle="-" if line.claimed else "--",
        linewidth=1.8,
        marker="o" if len(values) < FEW or None in line.values else None,
        markersize=3.5,
    )


def _frame(axes: Axes, curves: Curves) -> None:
    axes.set_xlabel("epoch", color=_COLOURS["frame"])
    axes.set_ylabel(_said(curves.quantity), color=_COLOURS["frame"], parse_math=False)
    axes.locator_params(axis="x", integer=True)
    axes.grid(axis="y", color=_COLOURS["grid"], linewidth=0.8)
    axes.tick_params(color=_COLOURS["frame"], labelcolor=_COLOURS["frame"])
    axes.patch.set_visible(False)
    axes.figure.patch.set_visible(False)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_COLOURS["frame"])


def _finite(line: Line) -> list[float]:
    return [value for value in line.values if value is not None and math.isfinite(value)]


def _value(value: float) -> str:
    return f"{value:.3g}"


# ---- matplotlib's SVG as a part of the page --------------------------------------------------------------


def _for_the_page(svg: bytes, name: str, text: str) -> Markup:
    root = ElementTree.fromstring(svg)  # noqa: S314 - matplotlib has just written it
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{SVG}style", f"{SVG}metadata") or not isinstance(child.tag, str):
                parent.remove(child)
    for element in root.iter():
        _rename(element, name)
        _unstyle(element)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("class", "plot")
    root.set("role", "img")
    root.set("aria-label", text)
    ElementTree.register_namespace("", SVG[1:-1])
    drawn = ElementTree.tostring(root, encoding="unicode")
    return Markup(re.sub(r' xmlns(:\w+)?="[^"]*"', "", drawn))  # noqa: S704 - ElementTree escapes


def _rename(element: ElementTree.Element, name: str) -> None:
    """Put the plot's name before an id, and before what refers to one."""
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.attrib['id']}")
    if (target := element.attrib.pop(HREF, "")).startswith("#"):
        element.set("href", f"#{name}-{target[1:]}")
    if "clip-path" in element.attrib:
        element.set("clip-path", element.attrib["clip-path"].replace("url(#", f"url(#{name}-"))


def _unstyle(element: ElementTree.Element) -> None:
    """Turn the properties of a style into attributes, and colours into classes."""
    style = element.attrib.pop("style", "")
    pairs = (part.partition(":") for part in style.split(";"))
    properties = {key.strip(): value.strip() for key, _, value in pairs}
    for key, value in properties.items():
        if value in ROLES:
            element.set("class", f"{ROLES[value]} {'line' if key == 'stroke' else 'area'}")
        elif key in KEPT:
            element.set(key, value)
