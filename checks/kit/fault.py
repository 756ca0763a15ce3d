"""Seeded faults and equivalent rewrites: the tests of the checks, as edits of a hand-in that is right.

``checks/<lab>/faults/<topic>.py`` binds ``FAULTS`` and ``REWRITES``; ``labgrade audit`` runs them::

    FAULTS = (
        Fault("padding-valid", caught_by="4.1/architecture", words=("padding",),
              edits=replace('padding="same"', 'padding="valid"', file="utilities.py")),
    )
    REWRITES = (
        Rewrite("tf-keras", tasks=("4.1",), edits=replace("import keras", "import tf_keras as keras")),
    )
"""

from __future__ import annotations

import dataclasses
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

NOTEBOOK = "notebook"
Kind = Literal["code", "markdown"]
Base = Literal["handin", "solution"]


@dataclass(frozen=True)
class NotebookCell:
    """One cell of a notebook. ``source`` is its text, as a student would type it, magics included."""

    kind: Kind
    source: str


@dataclass(frozen=True)
class HandIn:
    """What a student hands in: the notebook's cells, and the text of each file beside it by its name."""

    cells: tuple[NotebookCell, ...]
    files: Mapping[str, str] = field(default_factory=dict)


Edit = Callable[[HandIn], HandIn]


class BrokenEdit(Exception):  # noqa: N818 - a broken entry of a table, which the audit reports
    """An edit does not fit the hand-in it is for; the text says what was looked for and where."""


@dataclass(frozen=True)
class Fault:
    """A mistake that students make, seeded into a right hand-in.

    Args:
        name: unique in its lab, in small letters, e.g. ``filters-not-doubled``.
        caught_by: id of the check that must fail, e.g. ``4.1/architecture``.
        edits: one edit, or several that are applied in order.
        words: texts that the check's message, sides or hint must hold.
        tasks: whose checks run; by default that of ``caught_by``.
        base: what is edited: the typical student's hand-in of the lab, or the reference solution.
        share: of the calls that checks search through, 0–1; few are enough where the check that must fail
            does not search, and those before it must pass.
    """

    name: str
    caught_by: str
    edits: Edit | tuple[Edit, ...]
    words: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    base: Base = "handin"
    share: float = 1.0


@dataclass(frozen=True)
class Rewrite:
    """Another right way to solve a task: every check of ``tasks`` must pass.

    Args:
        name: unique in its lab, faults included, in small letters.
        edits: one edit, or several that are applied in order; none for the hand-in as it is.
        tasks: whose checks run; by default those of all tasks, which takes a minute.
        base: as for faults.
        without: ids of slow checks for which it is the same as another rewrite; they are not run.
    """

    name: str
    edits: Edit | tuple[Edit, ...] = ()
    tasks: tuple[str, ...] = ()
    base: Base = "handin"
    without: tuple[str, ...] = ()


def edited(hand_in: HandIn, edits: Edit | tuple[Edit, ...]) -> HandIn:
    """The hand-in after all edits.

    Raises:
        BrokenEdit: one of them does not fit.
    """
    for edit in edits if isinstance(edits, tuple) else (edits,):
        hand_in = edit(hand_in)
    return hand_in


def replace(old: str, new: str, *, file: str = NOTEBOOK, cell: str = "", count: int = 1) -> Edit:
    """Replace a text, letter by letter, by another one.

    Args:
        old: must occur at least ``count`` times; in the notebook each lies inside one cell, of code where
            any cell of code holds it.
        new: what stands there instead.
        file: the name of a helper file, or ``notebook`` for all cells.
        cell: only in the notebook's cell that contains this text.
        count: how many are replaced, from the first one; 0 for all.
    """

    def edit(hand_in: HandIn) -> HandIn:
        if file != NOTEBOOK:
            text, found = _swap(_file(hand_in, file), old, new, count)
            _require(found >= max(1, count), f"{file} holds {old!r} {found} times, not {max(1, count)}")
            return dataclasses.replace(hand_in, files={**hand_in.files, file: text})
        cells, left, total = list(hand_in.cells), count, 0
        for number in [_place(hand_in, cell)] if cell else _holders(hand_in, old):
            if count and not left:
                break
            text, found = _swap(cells[number].source, old, new, left)
            cells[number] = dataclasses.replace(cells[number], source=text)
            left, total = max(0, left - found), total + found
        place = f"the cell with {cell!r}" if cell else "the notebook"
        _require(total >= max(1, count), f"{place} holds {old!r} {total} times, not {max(1, count)}")
        return dataclasses.replace(hand_in, cells=tuple(cells))

    return edit


def replace_cell(containing: str, new: str) -> Edit:
    """Give the cell that contains a text another source."""

    def edit(hand_in: HandIn) -> HandIn:
        number = _place(hand_in, containing)
        kind = hand_in.cells[number].kind
        return _with_cells(hand_in, number, number + 1, NotebookCell(kind, _dedent(new)))

    return edit


def drop_cell(containing: str) -> Edit:
    """Remove the cell that contains a text."""

    def edit(hand_in: HandIn) -> HandIn:
        number = _place(hand_in, containing)
        return _with_cells(hand_in, number, number + 1)

    return edit


def insert_cell(source: str, *, after: str = "", before: str = "", kind: Kind = "code") -> Edit:
    """Add a cell after, or before, the one that contains a text."""

    def edit(hand_in: HandIn) -> HandIn:
        number = _place(hand_in, after or before) + (1 if after else 0)
        return _with_cells(hand_in, number, number, NotebookCell(kind, _dedent(source)))

    return edit


def append_cell(source: str, kind: Kind = "code") -> Edit:
    """Add a cell at the notebook's end."""

    def edit(hand_in: HandIn) -> HandIn:
        end = len(hand_in.cells)
        return _with_cells(hand_in, end, end, NotebookCell(kind, _dedent(source)))

    return edit


def write(file: str, text: str) -> Edit:
    """Write a helper file, a new one or in place of one that is there."""
    return lambda hand_in: dataclasses.replace(hand_in, files={**hand_in.files, file: _dedent(text) + "\n"})


def remove(file: str) -> Edit:
    """Leave a helper file out of the hand-in."""

    def edit(hand_in: HandIn) -> HandIn:
        _file(hand_in, file)
        kept = {name: text for name, text in hand_in.files.items() if name != file}
        return dataclasses.replace(hand_in, files=kept)

    return edit


def read_cells(text: str) -> tuple[NotebookCell, ...]:
    """The cells of a notebook in the percent format: ``# %%`` begins one, ``# %% [markdown]`` one of text.

    Unlike in a script, magics stand as they are typed in Jupyter.
    """
    parts = re.split(r"^# %%(.*)\n", _dedent(text) + "\n", flags=re.MULTILINE)
    kinds: list[Kind] = ["markdown" if "[markdown]" in mark else "code" for mark in parts[1::2]]
    cells = (NotebookCell(kind, _text(kind, part)) for kind, part in zip(kinds, parts[2::2], strict=True))
    return tuple(cell for cell in cells if cell.source)


def _text(kind: Kind, part: str) -> str:
    text = re.sub(r"^# ?", "", part, flags=re.MULTILINE) if kind == "markdown" else part
    return text.strip("\n")


def _swap(text: str, old: str, new: str, count: int) -> tuple[str, int]:
    """The text with the first ``count`` places (0: all) exchanged, and how many these were."""
    found = text.count(old)
    found = min(found, count) if count else found
    return text.replace(old, new, found), found


def _place(hand_in: HandIn, containing: str) -> int:
    """Where the only cell with a text stands."""
    found = _holders(hand_in, containing)
    _require(len(found) == 1, f"{len(found) or 'no'} cells contain {containing!r}, not 1")
    return found[0]


def _holders(hand_in: HandIn, text: str) -> list[int]:
    """Where the cells with a text stand: those of code, or where there is none those of markdown."""
    found = [number for number, cell in enumerate(hand_in.cells) if text in cell.source]
    return [number for number in found if hand_in.cells[number].kind == "code"] or found


def _with_cells(hand_in: HandIn, start: int, end: int, *new: NotebookCell) -> HandIn:
    cells = (*hand_in.cells[:start], *new, *hand_in.cells[end:])
    return dataclasses.replace(hand_in, cells=cells)


def _file(hand_in: HandIn, name: str) -> str:
    _require(name in hand_in.files, f"there is no file {name!r}, only {sorted(hand_in.files)}")
    return hand_in.files[name]


def _dedent(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BrokenEdit(otherwise)
