"""The tables of ``model.summary()``, those of Keras 2 and the boxes of Keras 3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from checks.kit.saved import SavedCell, Summary
from grader.claims.screen import Line, lines_of

TITLE = re.compile(r'^\s*Model: "(?P<name>[^"]{0,200})"\s*$')
COUNT = re.compile(
    r"^\s*(?P<kind>Total|Trainable|Non-trainable) params:\s*(?P<count>\d{1,3}(?:,\d{3})+|\d+)(?:\s*\(|\s*$)"
)
HEADER = re.compile(r"Layer \(type\).*Output Shape.*Param #")
CONVOLUTION = re.compile(r"\(Conv2D\)")
SHAPE = re.compile(r"\(\s*None\s*,([\d,\s]+?),?\s*\)")
MOST_LINES = 5_000  # of one table
FIELDS = {"Total": "total", "Trainable": "trainable", "Non-trainable": "frozen"}


def summaries_in(cell: SavedCell, shown: Sequence[Line] | None = None) -> tuple[Summary, ...]:
    """The tables that one cell's output holds; each ends with its count of parameters."""
    lines = lines_of(cell.text) if shown is None else shown
    return tuple(_summary(cell.number, lines[start:end]) for start, end in _tables(lines))


def _tables(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Where each table starts and ends: from its title or header to the last of its counts."""
    start: int | None = None
    counted = False
    for place, line in enumerate(lines):
        found = COUNT.match(line.text)
        begins = TITLE.match(line.text) or (HEADER.search(line.text) and not _titled(lines, start, place))
        if start is not None and ((counted and not found) or begins or place - start > MOST_LINES):
            if counted:
                yield start, place
            start, counted = None, False
        if begins:
            start, counted = place, False
        elif found and start is not None:
            counted = True
    if start is not None and counted:
        yield start, len(lines)


def _titled(lines: Sequence[Line], start: int | None, place: int) -> bool:
    """Whether a header belongs to the title that was just seen."""
    return start is not None and place - start <= 2 and bool(TITLE.match(lines[start].text))


def _summary(cell: int, lines: Sequence[Line]) -> Summary:
    title = TITLE.match(lines[0].text)
    rows = [line for line in lines[1:] if not COUNT.match(line.text)]
    counts = {
        FIELDS[found["kind"]]: int(found["count"].replace(",", ""))
        for line in lines
        if (found := COUNT.match(line.text))
    }
    quote = next((line for line in lines if line.text.lstrip().startswith("Trainable params")), lines[0])
    return Summary(
        cell, quote.number, quote.quote, title["name"] if title else "", counts.get("total"),
        counts.get("trainable"), counts.get("frozen"),
        sum(len(CONVOLUTION.findall(line.text)) for line in rows), _first_shape(rows),
    )  # fmt: skip


def _first_shape(rows: Sequence[Line]) -> tuple[int, ...] | None:
    """The shape in the first row. In a box it may go on in the next line: ``(None, 224, 224,`` and ``3)``."""
    start = next((place for place, row in enumerate(rows) if "(None," in row.text), None)
    if start is None:
        return None
    columns = [_column(row.text) for row in rows[start : start + 2]]
    found = SHAPE.search(columns[0]) or SHAPE.search(" ".join(columns))
    if found is None:
        return None
    return tuple(int(size) for size in found[1].split(",") if size.strip())


def _column(text: str) -> str:
    """The second column of a box, or the whole line where there is no box."""
    parts = re.split("[│┃|]", text)
    return parts[2] if len(parts) > 3 else text
