"""The seeded faults and rewrites of a lab, found by discovery and made into cases that can run.

Every module of ``checks.<lab>.faults`` may bind ``FAULTS`` and ``REWRITES``; the package itself may bind
``HAND_IN``, the typical student's work that they edit. Where it does not, they edit the reference.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType

from checks.kit import Check, Lab
from checks.kit.fault import BrokenEdit, Fault, HandIn, NotebookCell, Rewrite, edited
from grader import grading, labs
from grader.audit import Case, Entry
from grader.editions import reference_of, solution
from grader.slicing import needed_cells, task_sections

REWRITE_SHARE = 0.25  # of the calls that a check draws: each rewrite draws others


@dataclass(frozen=True)
class Seeding:
    """What the cases of a lab are made from."""

    checks: tuple[Check, ...]
    tasks: tuple[str, ...]
    bases: dict[str, HandIn]


def entries(lab: Lab, tasks: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Every fault and rewrite of a lab, ready to run; only those of some tasks where these are given.

    Raises:
        UsageProblem: the lab has neither a typical hand-in nor a reference here.
        ValueError: two of them have the same name.
    """
    seeding = Seeding(labs.load_checks(lab), labs.task_ids(lab.id), _bases(lab))
    found = [
        _entry(topic, one, seeding)
        for topic, module in _topics(lab)
        for one in (*getattr(module, "FAULTS", ()), *getattr(module, "REWRITES", ()))
    ]
    names = [entry.name for entry in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"several seeded faults or rewrites of lab {lab.id} are called {', '.join(twice)}")
    return tuple(entry for entry in found if not tasks or set(entry.tasks) & set(tasks))


def entry_of(topic: str, seeded: Fault | Rewrite, lab: Lab, base: HandIn) -> Entry:
    """One fault or rewrite of a hand-in, ready to run."""
    seeding = Seeding(labs.load_checks(lab), labs.task_ids(lab.id), {"handin": base, "solution": base})
    return _entry(topic, seeded, seeding)


def rewritten(lab: Lab, names: Sequence[str]) -> tuple[HandIn, ...]:
    """The hand-ins that the rewrites of these names make; those that do not fit are left out.

    Raises:
        UsageProblem: the lab has no reference here.
    """
    bases = _bases(lab)
    rewrites = [one for _, module in _topics(lab) for one in getattr(module, "REWRITES", ())]
    found = []
    for rewrite in rewrites:
        if rewrite.name in names:
            with suppress(BrokenEdit):  # the audit reports it
                found.append(edited(bases[rewrite.base], rewrite.edits))
    return tuple(found)


def _topics(lab: Lab) -> Iterator[tuple[str, ModuleType]]:
    name = f"checks.{lab.id}.faults"
    if importlib.util.find_spec(name) is None:
        return
    package = importlib.import_module(f"checks.{lab.id}.faults")
    for module in sorted(one.name for one in pkgutil.iter_modules(package.__path__)):
        yield module, importlib.import_module(f"checks.{lab.id}.faults.{module}")


def _bases(lab: Lab) -> dict[str, HandIn]:
    package = None
    if importlib.util.find_spec(f"checks.{lab.id}.faults") is not None:
        package = importlib.import_module(f"checks.{lab.id}.faults")
    edition = solution(reference_of(lab.id))
    cells = tuple(
        NotebookCell("code" if cell.cell_type == "code" else "markdown", str(cell.source))
        for cell in edition.notebook.cells
    )
    reference = HandIn(cells, dict(edition.files))
    return {"solution": reference, "handin": getattr(package, "HAND_IN", reference)}


def _entry(topic: str, seeded: Fault | Rewrite, seeding: Seeding) -> Entry:
    named = [check for check in seeding.checks if check.id == getattr(seeded, "caught_by", "")]
    if isinstance(seeded, Fault):
        tasks = seeded.tasks or (seeded.caught_by.partition("/")[0],)
    else:
        tasks = seeded.tasks or seeding.tasks
    if isinstance(seeded, Fault) and not named:
        return Entry(topic, seeded, tasks, problem=f"there is no check {seeded.caught_by!r}")
    if unknown := [task for task in tasks if task not in seeding.tasks]:
        return Entry(topic, seeded, tasks, problem=f"there is no task {unknown[0]!r}")
    base = seeding.bases[seeded.base]
    try:
        hand_in = edited(base, seeded.edits)
    except BrokenEdit as broken:
        return Entry(topic, seeded, tasks, problem=str(broken))
    left_out = seeded.without if isinstance(seeded, Rewrite) else ()
    if unknown := sorted({*left_out} - {check.id for check in seeding.checks}):
        return Entry(topic, seeded, tasks, problem=f"there is no check {unknown[0]!r}")
    asked = [check for check in seeding.checks if check.task in tasks and check.id not in left_out]
    whole = grading.with_needs(asked)
    first = grading.with_needs(named) if isinstance(seeded, Fault) else whole
    reached = {*tasks, *(check.task for check in whole)}
    case = Case(
        name=seeded.name,
        sources=_sources(base, hand_in, reached, seeding.tasks),
        files=dict(hand_in.files),
        first=tuple(check.id for check in first),
        others=tuple(check.id for check in whole) if first != whole else (),
        share=seeded.share if isinstance(seeded, Fault) else REWRITE_SHARE,
        seed=0 if isinstance(seeded, Fault) else zlib.crc32(seeded.name.encode()) % 1000,
    )
    return Entry(topic, seeded, tasks, case, difference=difference(base, hand_in))


def _sources(base: HandIn, hand_in: HandIn, tasks: set[str], known: Sequence[str]) -> tuple[str, ...]:
    """The code cells that the tasks need, and those that the edits touched, with all they need.

    All cells run where an edit took a task's heading away. A cell that was only changed, in the section
    of another task behind all that is wanted, is left out: renaming a variable changes every training.
    """
    sections = task_sections(hand_in.cells, known)
    code = [number for number, cell in enumerate(hand_in.cells) if cell.kind == "code"]
    sources = [hand_in.cells[number].source for number in code]
    if not tasks & {*task_sections(base.cells, known)} <= {*sections}:
        return tuple(sources)
    wanted = {place for place, number in enumerate(code) if sections[number] in tasks}
    added, changed = _touched(base, hand_in)
    touched = {place for place, number in enumerate(code) if number in added | changed}
    end = max(wanted, default=len(code))
    wanted |= {place for place in touched if place < end or code[place] in added or not sections[code[place]]}
    return tuple(sources[place] for place in needed_cells(sources, wanted, touched))


def _touched(base: HandIn, hand_in: HandIn) -> tuple[set[int], set[int]]:
    """The places of the cells that the edits added, and of those that they changed."""
    added: set[int] = set()
    changed: set[int] = set()
    matcher = difflib.SequenceMatcher(None, base.cells, hand_in.cells, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            places = range(first, last)
            changed |= set(places[: end - start])
            added |= set(places[end - start :])
    return added, changed


def difference(base: HandIn, hand_in: HandIn) -> str:
    """The edits for people: the lines that differ, with one line around them."""
    names = sorted({*base.files, *hand_in.files})
    pairs = [("notebook", _text(base), _text(hand_in))]
    pairs += [(name, base.files.get(name, ""), hand_in.files.get(name, "")) for name in names]
    lines = [
        line
        for name, before, after in pairs
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, "", "", 1, "")
        if not line.startswith("+++")
    ]
    return "\n".join(lines)


def _text(hand_in: HandIn) -> str:
    return "\n\n".join(cell.source for cell in hand_in.cells)
