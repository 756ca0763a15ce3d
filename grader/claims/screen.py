"""A text with backspaces, carriage returns and colours as a terminal leaves it, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.kit.saved import quoted

ANSI = re.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
OVERWRITTEN = re.compile(r"[\r\x08]+")
LONGEST = 4_000  # characters of a line that is shown


@dataclass(frozen=True)
class Line:
    """``number`` counts the lines of the output from 1; ``text`` is what is left of it at the end."""

    number: int
    text: str

    @property
    def quote(self) -> str:
        """The line as a record keeps it."""
        return quoted(self.text)


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines that are not blank. Of one that was written over, the last state alone is kept."""
    found = []
    for number, raw in enumerate(text.split("\n"), start=1):
        states = [state for state in OVERWRITTEN.split(raw) if state.strip()]
        shown = ANSI.sub("", states[-1][:LONGEST]).rstrip() if states else ""
        if not shown and len(states) > 1:
            shown = ANSI.sub("", states[-2][:LONGEST]).rstrip()
        if shown:
            found.append(Line(number, shown))
    return tuple(found)
