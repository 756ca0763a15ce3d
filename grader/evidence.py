"""What came back from a student's kernel, kept as plain data outside of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from checks.kit import (
    Cell,
    Event,
    Fit,
    Gone,
    NamedModel,
    NamedSource,
    Raised,
    Reply,
    Saved,
    Scored,
    Source,
    Use,
    Used,
    Version,
)
from checks.kit.model import Model, read_model
from grader.bound_names import bound_names
from grader.honesty import Honesty
from grader.kernels import Unusable, one_line
from grader.records import CellError, Finding

REPEATABLE = ("signature", "describe")  # asked again with the same arguments, they are answered from memory
MAX_SPOOLED_BYTES = 20 * 2**30  # of one submission; a lab's arrays have about 3 GiB together
UNUSABLE = (
    "The student's process stopped answering the grader in a usable way. Either the notebook changes "
    "libraries or the kernel, or the grader has a fault; nothing was awarded for what could not be asked."
)
MAX_CHANGES = 500  # of one cell; a notebook has a dozen watched names
MAX_ARRAYS = 10_000  # kept of a whole notebook
MAX_RECORDS = 20_000  # of each kind, of a whole notebook
LARGEST = 2**63  # no count, order or id is larger, and sums of larger ones cannot be written out
MAX_DEPTH = 40  # lists in one another; layer tables have about six


@dataclass
class Evidence:
    """Versions of watched variables, calls of Keras and other events, in the order in which they were seen.

    Array contents are spooled into ``folder`` and mapped from there, so that a submission's
    evidence costs disk, not memory.
    """

    folder: Path
    versions: dict[str, list[Version]] = field(default_factory=dict)
    fits: list[Fit] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    models: list[NamedModel] = field(default_factory=list)
    sources: list[NamedSource] = field(default_factory=list)
    scored: list[Scored] = field(default_factory=list)
    contents: dict[str, Any] = field(default_factory=dict)
    networks: dict[str, Model] = field(default_factory=dict)
    spooled: int = 0  # arrays written so far, those of earlier runs of the notebook too
    honesty: Honesty = field(default_factory=Honesty)
    spooled_bytes: int = 0

    def __post_init__(self) -> None:
        # Kernels that serve several hand-ins share a folder, whose files may still be mapped.
        self.before = len(list(self.folder.iterdir())) if self.folder.is_dir() else 0

    def clear(self) -> None:
        """Forget everything: the notebook is run again from its start."""
        for part in (self.versions, self.contents, self.networks):
            part.clear()
        for records in (self.fits, self.uses, self.events, self.models, self.sources, self.scored):
            records.clear()
        self.honesty.clear()

    def add(self, cell: int, reply: Reply) -> None:
        """Take in what changed while ``cell`` ran; entries of the wrong form, or too many, are left out.

        So is all from the first answer on that was not made by our own code.
        """
        if not is_shallow(reply.data) or not self.honesty.honest(cell, reply.changed):
            return
        for name, array in zip(_list(reply.data.get("contents")), reply.arrays, strict=False):
            if self._has_room(array):
                self.contents[str(name)[:200]] = self._spool(array)
        for name, description in _dictionary(reply.data.get("networks")).items():
            model = read_model(description) if isinstance(description, dict) else None
            if isinstance(model, Model) and len(self.networks) < MAX_RECORDS:
                self.networks[name] = model
        for change in _records(reply.data.get("changed")):
            variable = str(change.get("variable"))
            version = Version(
                variable, cell, str(change.get("type"))[:80], self.contents.get(str(change.get("content")))
            )
            self.versions.setdefault(variable[:200], []).append(version)
        self._add_calls(cell, self.honesty.consistent(cell, reply.data))
        every: tuple[list[Any], ...] = (self.fits, self.uses, self.events, self.models, self.sources)
        for records in (*every, *self.versions.values()):
            del records[MAX_RECORDS:]

    def _add_calls(self, cell: int, data: Mapping[str, Any]) -> None:
        named = _records(data.get("models"))
        held: dict[int, list[str]] = {}
        for entry in named:
            held.setdefault(_whole(entry.get("identity")) or 0, []).append(str(entry.get("name"))[:200])
        self.fits += [self._fit(cell, entry, held) for entry in _records(data.get("fits"))]
        self.uses += [self._use(cell, entry, held) for entry in _records(data.get("uses"))]
        self.events += [self._event(cell, entry) for entry in _records(data.get("events"))]
        latest = {one.name: one.model for one in self.models}
        for entry in named:
            name, used = str(entry.get("name"))[:200], self._used(entry, held)
            if name not in latest or latest[name].identity != used.identity:
                self.models.append(NamedModel(name, cell, used))
        bound = {one.name: one.source.identity for one in self.sources}
        for name, entry in _dictionary(data.get("sources")).items():
            source = self._source(entry)
            if source.identity and bound.get(name) != source.identity:
                self.sources.append(NamedSource(name[:200], cell, source))

    def _fit(self, cell: int, entry: dict[str, Any], held: dict[int, list[str]]) -> Fit:
        validation = entry.get("validation_source")
        return Fit(
            cell=cell,
            flavour=str(entry.get("flavour"))[:80],
            epochs=_whole(entry.get("epochs")),
            batch_size=_whole(entry.get("batch_size")),
            steps_per_epoch=_number(entry.get("steps_per_epoch")),
            train=self._pair(entry.get("train")) or (None, None),
            validation=self._pair(entry.get("validation")),
            model=self._used(entry.get("model"), held),
            source=self._source(entry.get("source")),
            validation_source=self._source(validation) if isinstance(validation, dict) else None,
            validation_split=_number(entry.get("validation_split")) or 0.0,
            callbacks=tuple(str(name)[:100] for name in _list(entry.get("callbacks"))),
            order=_whole(entry.get("order")) or 0,
            ended=_whole(entry.get("ended")) or 0,
            error=_line(entry.get("error")),
            history=_numbers_by_name(entry.get("history")),
        )

    def _use(self, cell: int, entry: dict[str, Any], held: dict[int, list[str]]) -> Use:
        return Use(
            kind=str(entry.get("kind"))[:80],
            cell=cell,
            model=self._used(entry.get("model"), held),
            source=self._source(entry.get("source")),
            result=self.contents.get(str(entry.get("result"))),
            scores=_numbers(entry.get("scores")),
            order=_whole(entry.get("order")) or 0,
            error=_line(entry.get("error")),
            inside_fit=entry.get("inside_fit") is True,
        )

    def _event(self, cell: int, entry: dict[str, Any]) -> Event:
        return Event(
            kind=str(entry.get("kind"))[:80],
            cell=cell,
            order=_whole(entry.get("order")) or 0,
            data=_dictionary(entry.get("data")),
            arrays=tuple(self.contents.get(str(name)) for name in _list(entry.get("arrays"))),
        )

    def _used(self, entry: Any, held: dict[int, list[str]]) -> Used:
        if not isinstance(entry, dict):
            return Used()
        identity = _whole(entry.get("identity")) or 0
        return Used(
            identity=identity,
            names=tuple(held.get(identity, ())),
            network=self.networks.get(str(entry.get("network"))),
            fits_before=_whole(entry.get("fits_before")) or 0,
        )

    def _source(self, entry: Any) -> Source:
        if not isinstance(entry, dict):
            return Source("other")
        identity = _whole(entry.get("identity")) or 0
        shuffled = entry.get("shuffled")
        return Source(
            kind=str(entry.get("kind"))[:80],
            images=self.contents.get(str(entry.get("images"))),
            labels=self.contents.get(str(entry.get("labels"))),
            batch_size=_whole(entry.get("batch_size")),
            batches=_whole(entry.get("batches")),
            shuffled=shuffled if isinstance(shuffled, bool) else None,
            settings=_dictionary(entry.get("settings")),
            drawn=self._pair(entry.get("drawn")) or (None, None),
            identity=identity,
        )

    def _pair(self, names: Any) -> tuple[Any, Any] | None:
        if not isinstance(names, list) or len(names) != 2:
            return None
        return self.contents.get(str(names[0])), self.contents.get(str(names[1]))

    def _has_room(self, array: Any) -> bool:
        room = array.nbytes <= MAX_SPOOLED_BYTES - self.spooled_bytes
        return room and len(self.contents) < MAX_ARRAYS and self.spooled < MAX_ARRAYS * 4

    def _spool(self, array: Any) -> Any:
        self.spooled += 1
        self.spooled_bytes += array.nbytes
        path = self.folder / f"{self.before + self.spooled}.npy"
        np.save(path, array, allow_pickle=False)
        return np.load(path, mmap_mode="r", allow_pickle=False)


def memory_key(op: str, arguments: Mapping[str, Any]) -> str:
    """Under which a student remembers the answer to a request; "" where it is put anew each time."""
    return f"{op} {json.dumps(arguments, sort_keys=True)}" if op in REPEATABLE else ""


def is_shallow(value: Any, depth: int = MAX_DEPTH) -> bool:
    """Whether no more than ``depth`` lists and dictionaries lie in one another."""
    level = [value]
    for _ in range(depth):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return not any(isinstance(one, list | dict) for one in level)


def _list(value: Any) -> list[Any]:
    return value[:MAX_CHANGES] if isinstance(value, list) else []


def _records(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in _list(value) if isinstance(entry, dict)]


def _all_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) and "name" in entry for entry in value)


def _dictionary(value: Any) -> dict[str, Any]:
    return (
        {str(name)[:200]: item for name, item in list(value.items())[:MAX_CHANGES]}
        if isinstance(value, dict)
        else {}
    )


def _numbers_by_name(value: Any) -> dict[str, tuple[float | None, ...]]:
    return {
        name: _numbers(numbers) for name, numbers in _dictionary(value).items() if isinstance(numbers, list)
    }


def _numbers(value: Any) -> tuple[float | None, ...]:
    return tuple(_number(one) for one in _list(value))


def _line(value: Any) -> str:
    return one_line(str(value)) if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
    return value if whole else None


def _number(value: Any) -> float | None:
    """A finite float; JSON also has integers that are too large for one."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


@dataclass
class LiveStudent:
    """The ``Student`` that checks see: evidence on disk, and a kernel that still answers.

    ``put`` carries one request to the kernel. ``cells`` are the code cells as they ran, ``texts`` the
    Markdown cells.
    """

    evidence: Evidence
    given: Mapping[str, Any]
    seed: int
    put: Callable[[str, dict[str, Any], tuple[Any, ...]], Reply]
    errors: tuple[CellError, ...]
    skipped_cells: frozenset[int] = frozenset()
    last_cell: int = 0
    gone: str = ""
    unusable: str = ""
    suspicions: list[Finding] = field(default_factory=list)
    answers: dict[str, Reply | Raised] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    hidden: Mapping[str, Any] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    training: str = "budget"
    saved: Saved = field(default_factory=Saved)
    measured: dict[str, float] = field(default_factory=dict)

    @property
    def scored(self) -> tuple[Scored, ...]:
        """How the networks did on hidden images after their full training."""
        return tuple(self.evidence.scored)

    def measure(self, check: str, accuracy: float) -> None:
        """Note an accuracy that a check measured."""
        self.measured[check] = accuracy

    @property
    def uses(self) -> tuple[Use, ...]:
        """Every ``evaluate`` and ``predict`` in the order of the calls."""
        return tuple(self.evidence.uses)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything else that was recorded, in order."""
        return tuple(self.evidence.events)

    @property
    def models(self) -> tuple[NamedModel, ...]:
        """Every model that a variable of the notebook held."""
        return tuple(self.evidence.models)

    @property
    def sources(self) -> tuple[NamedSource, ...]:
        """Every generator and data set that a variable of the notebook held."""
        return tuple(self.evidence.sources)

    @property
    def fits(self) -> tuple[Fit, ...]:
        """Every ``fit`` in the order of the calls."""
        return tuple(self.evidence.fits)

    def suspect(self, task: str, message: str, evidence: tuple[str, ...]) -> None:
        """Tell the instructor of an attempt to deceive the grader."""
        self.suspicions.append(Finding("tampering", task, message, evidence))

    def findings(self) -> tuple[Finding, ...]:
        """What the instructor should know of how the kernel answered."""
        found = [*self.evidence.honesty.findings(), *self.suspicions]
        if self.unusable and not self.evidence.honesty.changed:
            found.append(Finding("tampering", "", UNUSABLE, (self.unusable,)))
        return tuple(found)

    def versions(self, name: str) -> tuple[Version, ...]:
        """Every value ``name`` had, oldest first."""
        return tuple(self.evidence.versions.get(name, ()))

    def ask(self, op: str, arrays: tuple[Any, ...] = (), **arguments: Any) -> Reply:
        """Put one request to the kernel; once it is gone, or not to be believed, it stays so."""
        self.gone = self.gone or self.evidence.honesty.told()
        key = memory_key(op, arguments)
        if key in self.answers:
            return self._known(key)
        try:
            reply = None if self.gone else self._try(op, arguments, arrays)
        except Raised as raised:
            if key:
                self.answers[key] = raised
            raise
        if reply is None:  # always raised here, since a search takes errors of two places for two faults
            raise Gone(self.gone)
        if key:
            self.answers[key] = reply
        return reply

    def _known(self, key: str) -> Reply:
        """What came of the same request before; an error is raised again."""
        known = self.answers[key]
        if isinstance(known, Raised):
            raise Raised(known.ename, known.evalue)
        return known

    def _try(self, op: str, arguments: dict[str, Any], arrays: tuple[Any, ...]) -> Reply | None:
        try:
            reply = self.put(op, arguments, arrays)
            if not is_shallow(reply.data):
                raise Unusable("its answer is nested too deeply")
            if not self.evidence.honesty.honest(0, reply.changed):
                raise Unusable(self.evidence.honesty.told())
            if op == "signature" and not _all_named(reply.data.get("parameters")):
                raise Unusable("its answer is malformed")
        except Gone as gone:
            self.gone = gone.reason
            self.unusable = gone.reason if isinstance(gone, Unusable) else ""
            return None
        return reply

    def why_missing(self, name: str) -> str:
        """Why ``name`` has no value: the cell that would have set it failed, or none sets it."""
        setters = [one.number for one in self.cells if name in bound_names(one.source)]
        for error in self.errors:
            if error.cell in setters:
                return f"cell {error.cell}, which sets `{name}`, stopped with {error.ename}: {error.evalue}"
        for cell in setters:
            if cell in self.skipped_cells:
                return f"cell {cell}, which sets `{name}`, did not run to its end"
        if setters and (told := self.evidence.honesty.told()):
            return f"`{name}` is set in cell {setters[-1]}, but {told}, and nothing counts from there on"
        if setters:
            return f"`{name}` is set in cell {setters[0]}, but only where that code is reached"
        return f"no cell of the notebook sets `{name}`"
