"""What the notebook drew: the lines, bars and wedges of each figure, as numbers.

A figure is read when matplotlib draws it, so whatever makes it (pyplot, pandas, seaborn) is seen alike.
"""

from __future__ import annotations

import binascii
import contextlib
import functools
import weakref
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from . import models
from .recording import Log

# One grey pixel.
EMPTY_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
MAX_AXES = 60
MAX_ARTISTS = 60
MAX_POINTS = 200


def patch(module: ModuleType, log: Log) -> None:
    """Record each ``matplotlib.figure.Figure`` that is drawn as an event of the kind ``figure``."""
    module.Figure.draw = wrap_draw(module.Figure.draw, log)


def leave_undrawn() -> None:
    """Show an empty picture for each figure, where nobody sees them: drawing takes seconds."""
    from IPython.core import pylabtools  # noqa: PLC0415 - only where it is asked for

    pylabtools.print_figure = undrawn(pylabtools.print_figure)


def undrawn(original: Callable[..., Any]) -> Callable[..., Any]:
    """IPython's ``print_figure`` without drawing, in the formats that are no text."""

    @functools.wraps(original)
    def print_figure(fig: Any, fmt: str = "png", *args: Any, base64: bool = False, **kwargs: Any) -> Any:
        if fmt == "svg":
            return original(fig, fmt, *args, base64=base64, **kwargs)
        if not fig.axes and not fig.lines:
            return None
        return EMPTY_PNG if base64 else binascii.a2b_base64(EMPTY_PNG)

    return print_figure


def wrap_draw(original: Callable[..., Any], log: Log) -> Callable[..., Any]:
    """A ``draw`` that records what the figure shows, once for as long as that does not change."""
    seen: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()

    @functools.wraps(original)
    def draw(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        with contextlib.suppress(Exception):  # a student's own artist may raise anything when it is asked
            shown = [axes_of(ax) for ax in self.axes[:MAX_AXES]]
            if seen.get(self) != shown:
                seen[self] = shown
                log.event("figure", axes=shown)
        return result

    return draw


def axes_of(ax: Any) -> dict[str, Any]:
    """One coordinate system: its texts, the values of its lines, its bars' lengths, its wedges' shares."""
    return {
        "title": str(ax.get_title()),
        "lines": [line for artist in ax.lines[:MAX_ARTISTS] if (line := line_of(artist))],
        "bars": list(bars_of(ax)),
        "wedges": [share for patch in ax.patches[:MAX_ARTISTS] if (share := wedge_of(patch)) is not None],
        "images": len(ax.images),
        "texts": [str(text.get_text())[:40] for text in ax.texts[:MAX_POINTS]],
    }


def line_of(artist: Any) -> dict[str, Any]:
    """A line's label and values; empty for a line of fewer than one point or of more than ``MAX_POINTS``."""
    values = np.asarray(artist.get_ydata(orig=True)).reshape(-1)
    if not 0 < values.size <= MAX_POINTS:
        return {}
    return {"label": str(artist.get_label()), "y": [models.number(value) for value in values.tolist()]}


def bars_of(ax: Any) -> Iterator[dict[str, Any]]:
    """Each set of bars: their heights, or their widths where they lie."""
    for container in ax.containers[:MAX_ARTISTS]:
        patches = [patch for patch in container if hasattr(patch, "get_height")][:MAX_POINTS]
        if patches:
            lying = getattr(container, "orientation", "vertical") == "horizontal"
            lengths = [patch.get_width() if lying else patch.get_height() for patch in patches]
            yield {
                "label": str(container.get_label()),
                "lengths": [models.number(float(length)) for length in lengths],
            }


def wedge_of(patch: Any) -> float | None:
    """The share of the circle that a wedge of a pie takes, 0–1."""
    if type(patch).__name__ != "Wedge":
        return None
    return models.number((float(patch.theta2) - float(patch.theta1)) / 360)
