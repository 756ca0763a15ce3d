"""The printed numbers that may be accuracies, in their order, to hold written answers against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.kit.saved import SavedCell

TEXT_LIMIT = 4_000_000  # characters of outputs that are read
NUMBERS = 20_000  # that are kept: a log of 20 epochs has about 100
_SHARE = re.compile(r"(?<![\w.])(?:0\.\d{2,20}|1\.0{1,20}|\d{1,2}\.\d{1,3}(?=\s?%))(?![\d.])")


def shares_of(text: str) -> tuple[float, ...]:
    """The numbers in a text that may be accuracies, as fractions of 1, in its order.

    >>> shares_of("loss: 2.1 - accuracy: 0.52, or 52.3 %")
    (0.52, 0.523)
    """
    found = (float(one[0]) for one, _ in zip(_SHARE.finditer(text), range(NUMBERS), strict=False))
    return tuple(value / 100 if value > 1 else value for value in found)


def shares_in(cells: Iterable[SavedCell]) -> tuple[float, ...]:
    """The same of the saved outputs of a notebook's code cells.

    Of a bar that was written over, its earlier states count too: who copies a number from a running log has
    not made it up.
    """
    return shares_of("".join(_bounded(cells)))


def _bounded(cells: Iterable[SavedCell]) -> Iterator[str]:
    room = TEXT_LIMIT
    for cell in cells:
        if cell.text and room > 0:
            yield cell.text[:room]
            yield "\n"
            room -= len(cell.text) + 1
