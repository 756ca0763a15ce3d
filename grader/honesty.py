"""What a kernel's answers say against themselves: code that was replaced, records that contradict each other.

All of it comes from the student's process, so it finds the careless; ARCHITECTURE.md says what it misses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.records import Finding

MAX_SHOWN = 20
LARGEST = 2**63  # no number is larger
MAX_ENTRIES = 1000  # of one cell and kind; the kernel sends at most 400 of most
REPLACED = (
    "The notebook put code of its own in the place of the code that answers the grader. What it did from "
    "that cell on, and what would have had to be asked, earned nothing."
)
INVENTED = (
    "The record of what the notebook did holds entries that contradict the others, as if they had been "
    "written by hand. They were left out."
)


@dataclass
class Honesty:
    """The answers of one run, looked at in turn.

    ``changed`` maps what was replaced to the cell after which that was seen. ``contradictions`` are
    sentences.
    """

    changed: dict[str, int] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    fits: Counter[int] = field(default_factory=Counter)

    def clear(self) -> None:
        """Forget everything: the notebook is run again from its start."""
        for part in (self.changed, self.contradictions, self.numbers, self.fits):
            part.clear()

    def honest(self, cell: int, changed: Sequence[str]) -> bool:
        """Whether the answer after a cell, and every one before, was made by our own code."""
        for name in changed:
            self.changed.setdefault(name, cell)
        return not self.changed

    def consistent(self, cell: int, data: Mapping[str, Any]) -> dict[str, Any]:
        """An answer without the calls and events that cannot have been recorded."""
        count = data.get("count")
        kept = dict(data)
        for kind in ("fits", "uses", "events"):
            entries = data.get(kind)
            listed = entries[:MAX_ENTRIES] if isinstance(entries, list) else []
            kept[kind] = [one for one in listed if self._may_be(cell, kind, one, count)]
        return kept

    def _may_be(self, cell: int, kind: str, entry: Any, count: Any) -> bool:
        if not isinstance(entry, dict):
            return False
        problem = self._numbering(entry, count) or (self._training(entry) if kind == "fits" else "")
        if problem and len(self.contradictions) < MAX_ENTRIES:
            self.contradictions.append(f"cell {cell}: an entry of the record of {kind} {problem}")
        return not problem

    def _numbering(self, entry: Mapping[str, Any], count: Any) -> str:
        """Each call and event takes the next number, a training a second one when it ends."""
        order, ended, count = (_whole(one) for one in (entry.get("order"), entry.get("ended", 0), count))
        if order is None or ended is None or count is None:
            return "has no number"
        own = {order, ended} if ended else {order}
        if not 0 < order <= count or not (ended == 0 or order < ended <= count):
            return f"has the number {order}, which was never given"
        if own & self.numbers:
            return f"has the number {order} of another entry"
        self.numbers |= own
        return ""

    def _training(self, entry: Mapping[str, Any]) -> str:
        """A training is of a model that has been seen, and knows of those before."""
        model = entry.get("model")
        model = model if isinstance(model, dict) else {}
        identity, before = model.get("identity"), model.get("fits_before")
        if type(identity) is not int or identity < 1 or type(before) is not int:
            return "belongs to no model"
        if before < self.fits[identity]:
            return "does not know of an earlier training of the same model"
        self.fits[identity] += 1
        return ""

    def told(self) -> str:
        """Why nothing is asked any more, in words that follow "because"; "" where there is no reason."""
        if not self.changed:
            return ""
        names = ", ".join(list(self.changed)[:3]) + (" and others" if len(self.changed) > 3 else "")
        cell = min(self.changed.values())
        where = f"cell {cell} of the notebook" if cell else "your code"
        return f"{where} replaced parts of the grader ({names})"

    def findings(self) -> tuple[Finding, ...]:
        """What the instructor should know."""
        found = []
        if self.changed:
            shown = (f"{_where(cell)}: {name}" for name, cell in self.changed.items())
            found.append(Finding("tampering", "", REPLACED, tuple(shown)[:MAX_SHOWN]))
        if self.contradictions:
            found.append(Finding("tampering", "", INVENTED, tuple(self.contradictions[:MAX_SHOWN])))
        return tuple(found)


def _whole(value: Any) -> int | None:
    return value if type(value) is int and value <= LARGEST else None


def _where(cell: int) -> str:
    return f"cell {cell}" if cell else "while the grader asked"
