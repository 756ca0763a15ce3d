"""Everything that the saved outputs of a notebook say, as one record."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TypeVar

from checks.kit.saved import Saved, SavedCell
from grader.claims.prints import carbon_in, decoded_in, dumps_in, numbers_in, scores_in
from grader.claims.progress import progress_in
from grader.claims.screen import Line, lines_of
from grader.claims.tables import summaries_in

Record = TypeVar("Record")


def read_saved(cells: tuple[SavedCell, ...]) -> Saved:
    """Read the outputs of all cells; what is in no form that is known is left out."""
    shown = [(cell, lines_of(cell.text)) for cell in cells if cell.text]

    def each(read: Callable[[SavedCell, tuple[Line, ...]], Iterable[Record]]) -> tuple[Record, ...]:
        return tuple(itertools.chain.from_iterable(read(cell, lines) for cell, lines in shown))

    progress = [progress_in(cell, lines) for cell, lines in shown]
    return Saved(
        cells=cells,
        logs=tuple(log for one in progress for log in one.logs),
        evaluations=tuple(evaluation for one in progress for evaluation in one.evaluations),
        summaries=each(summaries_in),
        scores=each(scores_in),
        dumps=each(lambda cell, _: dumps_in(cell)),
        carbon=each(carbon_in),
        decoded=each(decoded_in),
        numbers=frozenset().union(*(numbers_in(lines) for _, lines in shown)),
    )
