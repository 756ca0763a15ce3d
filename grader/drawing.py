"""Flow fields and masks as paths of an SVG, one unit per pixel; the template puts them on the page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.kit.picture import FREE, Arrows, FlowPicture, Levels

LARGEST = 400  # pixels a side: a larger picture is not drawn
ARROWS = 12  # at most, along the longer side
MOST = 1_000  # arrows over an image
DOT = 0.5  # pixels: what is shorter has no direction that could be seen


@dataclass(frozen=True)
class Panel:
    """One part of the picture: its title and the ``d`` of its paths, "" where there is none.

    ``set_`` are pixels of a mask that are set, ``free`` those that may be, ``wrong`` those that should be
    otherwise; ``arrows`` are lines, ``moving`` the pixels that move.
    """

    title: str
    set_: str = ""
    free: str = ""
    wrong: str = ""
    moving: str = ""
    arrows: str = ""


@dataclass(frozen=True)
class Drawing:
    """The panels side by side, each ``width`` × ``height``, and a sentence that says what they show."""

    width: int
    height: int
    panels: tuple[Panel, ...]
    caption: str


@dataclass(frozen=True)
class Arrowed:
    """Arrows over an image as the ``d`` of two paths: lines with heads, and dots for what has no length."""

    lines: str
    dots: str


def arrowed(field: Arrows) -> Arrowed | None:
    """The arrows of a field, ``None`` where its image has no size that could be drawn."""
    if not (0 < field.height <= LARGEST and 0 < field.width <= LARGEST):
        return None
    finite = [one for one in field.arrows[:MOST] if all(map(math.isfinite, one))]
    inside = [one for one in finite if 0 <= one[0] <= field.width and 0 <= one[1] <= field.height]
    lines = (_bounded(*one) for one in inside if math.hypot(one[2], one[3]) >= DOT)
    dots = (f"M{x:.1f} {y:.1f}h.01" for x, y, right, down in inside if math.hypot(right, down) < DOT)
    return Arrowed(" ".join(lines), "".join(dots))


def _bounded(x: float, y: float, right: float, down: float) -> str:
    """An arrow that is no longer than the largest picture."""
    length = math.hypot(right, down)
    bound = min(1.0, LARGEST / length)
    return _arrow(x, y, bound * right, bound * down, min(5.0, 0.4 * bound * length))


def draw(picture: FlowPicture) -> Drawing | None:
    """The picture as panels, or ``None`` where it has no form that could be drawn."""
    sizes = {_size(levels) for levels in (picture.flow, picture.expected, picture.received)}
    height, width = next(iter(sizes))
    if len(sizes) > 1 or not 0 < height <= LARGEST or not 0 < width <= LARGEST:
        return None
    wrong = _differences(picture)
    count = sum(map(sum, wrong))
    panels = (
        Panel(
            "flow",
            moving=_cells(_moving(picture), bool),
            arrows=" ".join(_arrows(picture, height, width)),
        ),
        Panel(
            picture.expected_title,
            set_=_cells(picture.expected, lambda level: level > 0),
            free=_cells(picture.expected, lambda level: level == FREE),
        ),
        Panel(
            picture.received_title,
            set_=_cells(picture.received, lambda level: level > 0),
            wrong=_cells(wrong, bool),
        ),
    )
    caption = f"{width} × {height} pixels, {count} of them wrong."
    return Drawing(width, height, panels, caption)


def _size(rows: tuple[tuple[object, ...], ...]) -> tuple[int, int]:
    lengths = {len(row) for row in rows}
    return (len(rows), lengths.pop()) if len(lengths) == 1 else (0, 0)


def _differences(picture: FlowPicture) -> Levels:
    """1 where the mask that came back is not what is expected, else 0."""
    return tuple(
        tuple(int(wanted != FREE and (wanted > 0) != (got > 0)) for wanted, got in zip(*rows, strict=True))
        for rows in zip(picture.expected, picture.received, strict=True)
    )


def _moving(picture: FlowPicture) -> Levels:
    """1 where a pixel moves, else 0."""
    return tuple(tuple(int(_length(vector) > 0) for vector in row) for row in picture.flow)


def _length(vector: tuple[float, float]) -> float:
    length = math.hypot(*vector)
    return length if math.isfinite(length) else 0.0


def _cells(levels: Levels, chosen: Callable[[int], bool]) -> str:
    """The chosen pixels as rectangles, a run of them in a row as one."""
    parts = []
    for y, row in enumerate(levels):
        for hit, run in itertools.groupby(enumerate(row), key=lambda pixel: chosen(pixel[1])):
            if hit:
                xs = [x for x, _ in run]
                parts.append(f"M{xs[0]} {y}h{len(xs)}v1h-{len(xs)}z")
    return "".join(parts)


def _arrows(picture: FlowPicture, height: int, width: int) -> Iterator[str]:
    """In each square of a grid the longest vector as an arrow from its pixel; the longest fills a square."""
    step = max(2, math.ceil(max(height, width) / ARROWS))
    longest = max(_length(vector) for row in picture.flow for vector in row)
    for top, left in itertools.product(range(0, height, step), range(0, width, step)):
        rows, columns = range(top, min(top + step, height)), range(left, min(left + step, width))
        middle = ((rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2)
        y, x = max(
            itertools.product(rows, columns),
            key=lambda at: (_length(picture.flow[at[0]][at[1]]), -math.dist(at, middle)),
        )
        if _length(picture.flow[y][x]) > 0:
            scale = step / longest
            right, down = picture.flow[y][x]
            yield _arrow(x + 0.5, y + 0.5, scale * right, scale * down, step / 4)


def _arrow(x: float, y: float, right: float, down: float, head: float) -> str:
    """A line with two barbs at its end, turned by 150° either way."""
    tip_x, tip_y, angle = x + right, y + down, math.atan2(down, right)
    barbs = [
        f"M{tip_x:.1f} {tip_y:.1f}l{head * math.cos(angle + turn):.1f} {head * math.sin(angle + turn):.1f}"
        for turn in (math.radians(150), math.radians(-150))
    ]
    return f"M{x:.1f} {y:.1f}L{tip_x:.1f} {tip_y:.1f}{''.join(barbs)}"
