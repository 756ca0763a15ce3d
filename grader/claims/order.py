"""Whether the cells were executed from top to bottom, by their execution counts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from checks.kit.saved import Doubt, Saved, SavedCell

SHOWN = 4  # places of a notebook that the evidence names


def out_of_order(saved: Saved) -> tuple[Doubt, ...]:
    """At most one finding: cells that ran after one that stands below them, or counts that occur twice.

    Gaps alone are none, since whoever runs a cell again before going on leaves one.
    """
    ran = [cell for cell in saved.cells if cell.count is not None]
    back = [pair for pair in itertools.pairwise(ran) if _count(pair[1]) < _count(pair[0])]
    twice = [count for count, times in Counter(map(_count, ran)).items() if times > 1]
    if not back and not twice:
        return ()
    evidence = dict.fromkeys(itertools.chain(_steps_back(back), _doubles(ran, twice)))
    return (Doubt("out_of_order", "", _message(bool(back), bool(twice)), tuple(evidence)),)


def _message(back: bool, twice: bool) -> str:
    what = "were not run from top to bottom" if back else "were run in more than one session"
    counts = (
        " Some execution counts occur twice, which happens only when the kernel is restarted."
        if twice
        else ""
    )
    return (
        f"The cells {what}, so the saved outputs may not be those that the notebook gives.{counts} "
        "Restart the kernel, run all cells, and save before handing in."
    )


def _steps_back(back: list[tuple[SavedCell, SavedCell]]) -> Iterator[str]:
    for before, after in back[:SHOWN]:
        yield _place(before)
        yield f"{_place(after)}, though it stands below"


def _doubles(ran: list[SavedCell], twice: list[int]) -> Iterator[str]:
    for count in twice[:SHOWN]:
        yield from (_place(cell) for cell in [cell for cell in ran if cell.count == count][:2])


def _place(cell: SavedCell) -> str:
    return f"cell {cell.number}: executed as [{cell.count}]"


def _count(cell: SavedCell) -> int:
    return cell.count or 0
