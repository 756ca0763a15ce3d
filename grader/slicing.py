"""Which cells of a notebook a task needs: its own section, and what these cells use from earlier ones.

The slice is read from the code and never run. Where it is in doubt, a cell is taken in: one cell too
many costs seconds, one too few changes what the notebook computes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from checks.kit.fault import NotebookCell
from grader.effects import Effects, effects_of

HEADING = re.compile(r"^#{1,6}[ \t]*(?:(?:Part|Task)[ \t]+)?([A-Z]?\d+(?:\.\d+)*)\b", re.MULTILINE)


def task_sections(cells: Sequence[NotebookCell], tasks: Collection[str]) -> tuple[str, ...]:
    """The task of each cell, by the last heading above it that begins with a number; "" if it is none."""
    found, here = [], ""
    for cell in cells:
        if cell.kind == "markdown":
            for heading in HEADING.finditer(cell.source):
                here = heading[1] if heading[1] in tasks else ""
        found.append(here)
    return tuple(found)


def needed_cells(
    sources: Sequence[str], wanted: Collection[int], unsure: Collection[int] = ()
) -> tuple[int, ...]:
    """The places of the code cells that must run for the wanted ones, in order.

    Args:
        sources: all code cells of the notebook.
        wanted: the places, from 0, of those that run in any case.
        unsure: places of cells that may stop half-way, so that an earlier value of a name counts, too.
    """
    effects = [effects_of(source) for source in sources]
    modules = {name for effect in effects for name in effect.imports}
    taken: set[int] = set()
    waiting = list(wanted)
    while waiting:
        place = waiting.pop()
        if place in taken:
            continue
        taken.add(place)
        earlier = effects[:place]
        waiting += [number for number, effect in enumerate(earlier) if effect.opaque]
        for name in _looked_up(effects[place], earlier):
            waiting += _setters(name, earlier, unsure, changeable=name not in modules)
    return tuple(sorted(taken))


def _looked_up(effect: Effects, earlier: Sequence[Effects]) -> set[str]:
    """The names that a cell uses, and those that the functions it uses will look up."""
    found: set[str] = set()
    waiting = set(effect.uses)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting |= {used for one in (*earlier, effect) for used in one.defers.get(name, ())}
    return found


def _setters(
    name: str, earlier: Sequence[Effects], unsure: Collection[int], *, changeable: bool
) -> Iterator[int]:
    """The last cell that surely binds a name, and all after it that may set or change its value."""
    for place in reversed(range(len(earlier))):
        effect = earlier[place]
        if name in effect.binds or name in effect.may_bind or (changeable and name in effect.changes):
            yield place
        if name in effect.binds and place not in unsure:
            return
