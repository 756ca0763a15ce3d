"""Frames drawn for ``flow_grid``, and what is wrong with the pixels that it chooses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from checks.kit import Failure
from checks.kit.picture import Fields
from checks.kit.student import Array
from checks.project4.arrow_pictures import grid_of

MESH = "np.meshgrid(columns, rows) gives x and y; both depend on the shape and on the step alone."
DEFAULT_STEP = 25  # pixels, of the handout


@dataclass(frozen=True)
class Grid:
    """A call of ``flow_grid``: the frame's size in pixels, the step, and whether the step is passed."""

    height: int
    width: int
    step: int = DEFAULT_STEP
    passed: bool = True


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Frames at least as large as one step each way, so that no grid is empty."""
    if draw(st.integers(0, 7)) == 1:
        sides = st.integers(DEFAULT_STEP, 160)
        return Grid(draw(sides), draw(sides), passed=False)
    step = draw(st.integers(1, 40))
    sides = st.integers(max(step, 2), 120)
    return Grid(draw(sides), draw(sides), step)


def require_grid(case: Grid, pair: Array) -> None:
    """Raise Failure unless ``pair`` holds x and y as ``np.meshgrid`` gives them, a step apart.

    Where the first pixel lies inside the first step is free.
    """
    _require_form(pair)
    x, y = pair.astype(np.int64)
    if _is_mesh(x, y, case.width, case.height, case.step):
        return
    raise Failure(
        _named(case, x, y),
        expected=f"x in 0 … {case.width - 1} and y in 0 … {case.height - 1}, {case.step} pixels apart",
        received=f"x {_told(x)}, y {_told(y)}, of shape {x.shape}",
        hint=MESH,
        pictures=_pictures(case, x, y),
    )


def _pictures(case: Grid, x: Array, y: Array) -> tuple[Fields, ...]:
    """The pixels of a right grid beside those that came back; none where the same are in another order."""
    first = case.step // 2
    columns, rows = np.meshgrid(
        np.arange(first, case.width, case.step), np.arange(first, case.height, case.step)
    )
    right = grid_of(columns, rows, case.width, case.height, f"right: {case.step} apart")
    yours = grid_of(x, y, case.width, case.height, "yours", wrong=True)
    if sorted(right.arrows) == sorted(yours.arrows):
        return ()
    note = f"Of a frame of {case.height} × {case.width}. Where the first one lies in the first step is free."
    return (Fields("The pixels that are chosen", (right, yours), note),)


def _require_form(pair: Array) -> None:
    if pair.ndim != 3 or pair.shape[0] != 2:
        raise Failure(
            "`flow_grid` does not return two 2D arrays of one shape.",
            expected="x and y, each (rows, columns), as np.meshgrid gives them",
            received=f"arrays that together have the shape {pair.shape}",
            hint="Return x and y themselves, not flattened and not only the axes.",
        )
    if pair.dtype.kind not in "iu":
        raise Failure(
            f"`flow_grid` returns {pair.dtype}, which cannot be used as an index.",
            expected="integers, since flow[y, x] is read with them",
            received=f"{pair.dtype}",
            hint="np.arange gives integers where its arguments are; `/` does not, `//` does.",
        )


def _is_mesh(x: Array, y: Array, width: int, height: int, step: int) -> bool:
    if not x.size:
        return False
    first_x, first_y = int(x[0, 0]), int(y[0, 0])
    if not (0 <= first_x < step and 0 <= first_y < step):
        return False
    wanted = np.meshgrid(np.arange(first_x, width, step), np.arange(first_y, height, step))
    return all(np.array_equal(one, other) for one, other in zip((x, y), wanted, strict=True))


def _named(case: Grid, x: Array, y: Array) -> str:
    """What is wrong, in a sentence."""
    height, width, step = case.height, case.width, case.step
    if not x.size:
        return f"`flow_grid` chooses no pixel of a frame of {height} × {width}."
    apart = {int(gap) for gap in (*np.diff(x[:1]).ravel(), *np.diff(y[:, 0]))}
    outside = x.max() >= width or y.max() >= height or min(x.min(), y.min()) < 0
    known = (
        (
            _is_mesh(y, x, width, height, step) or _is_mesh(x.T, y.T, width, height, step),
            "`flow_grid` returns x and y exchanged: y comes first, or the grid is transposed.",
        ),
        (_is_mesh(x, y, height, width, step), "`flow_grid` takes the height for the width."),
        (outside, "`flow_grid` chooses pixels outside the frame."),
        (apart - {step}, f"The pixels that `flow_grid` chooses are not {step} apart."),
    )
    return next((words for holds, words in known if holds), "`flow_grid` does not cover the whole frame.")


def _told(axis: Array) -> str:
    if not axis.size:
        return "empty"
    values = np.unique(axis)
    if len(values) <= 4:
        return ", ".join(map(str, values.tolist()))
    return f"{values[0]}, {values[1]}, … {values[-1]}"
