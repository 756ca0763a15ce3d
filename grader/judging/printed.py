"""The numbers that a notebook shows in its saved outputs, to hold written answers against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

TEXT_LIMIT = 4_000_000  # characters of outputs that are read
NUMBERS = 20_000  # that are kept: a log of 20 epochs has about 100
_SHARE = re.compile(r"(?<![\w.])(?:0\.\d{2,20}|1\.0{1,20}|\d{1,2}\.\d{1,3}(?=\s?%))(?![\d.])")


def printed_numbers(text: str) -> tuple[float, ...]:
    """The numbers in a text that may be accuracies, as fractions of 1, in its order.

    >>> printed_numbers("loss: 2.1 - accuracy: 0.52, or 52.3 %")
    (0.52, 0.523)
    """
    found = (float(one[0]) for one, _ in zip(_SHARE.finditer(text), range(NUMBERS), strict=False))
    return tuple(value / 100 if value > 1 else value for value in found)


def saved_numbers(cells: Sequence[Any]) -> tuple[float, ...]:
    """The numbers in the saved outputs of a notebook's cells, as they were handed in.

    Args:
        cells: from a notebook's JSON, which may hold anything.
    """
    kept: list[str] = []
    room = TEXT_LIMIT
    for text in _texts(cells):
        kept.append(text[:room])
        room -= len(kept[-1])
        if room <= 0:
            break
    return printed_numbers("".join(kept))


def _texts(cells: Sequence[Any]) -> Iterator[str]:
    """The text of all outputs in pieces, with a line's end behind each output."""
    for cell in cells:
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, dict):
                data = output.get("data")
                yield from _pieces(output.get("text"))
                yield from _pieces(data.get("text/plain") if isinstance(data, dict) else None)


def _pieces(value: Any) -> Iterator[str]:
    yield from (line for line in (value if isinstance(value, list) else [value]) if isinstance(line, str))
    yield "\n"
