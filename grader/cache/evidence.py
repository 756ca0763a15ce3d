"""The evidence of a run, kept as the answers it was made of, and made again from them when it is needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.kit import Reply, Scored
from grader.cache.arrays import Arrays, Lost
from grader.evidence import Evidence
from grader.honesty import Honesty
from grader.report_json import value_of

Json = dict[str, Any]


@dataclass(frozen=True)
class Taken:
    """What was taken in after a cell; ``arrays`` as they were spooled, ``None`` for what was left out."""

    cell: int
    data: Mapping[str, Any]
    arrays: tuple[Any, ...]


@dataclass
class RecordedEvidence(Evidence):
    """Evidence that knows what it was made of."""

    taken: list[Taken] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything: the notebook is run again from its start."""
        super().clear()
        self.taken.clear()

    def add(self, cell: int, reply: Reply) -> None:
        """Take in what changed while a cell ran, and note it."""
        super().add(cell, reply)
        names = reply.data.get("contents")
        listed = names if isinstance(names, list) else []
        arrays = tuple(
            self.contents.get(str(name)[:200]) for name, _ in zip(listed, reply.arrays, strict=False)
        )
        self.taken.append(Taken(cell, reply.data, arrays))

    def as_json(self, arrays: Arrays) -> Json:
        """All of it, with its arrays kept.

        Raises:
            ValueError: something was left out, so that it cannot be made again.
            OSError: the folder cannot be written.
        """
        return {
            "taken": [
                {"cell": one.cell, "data": one.data, "arrays": [_reference(arrays, x) for x in one.arrays]}
                for one in self.taken
            ],
            "scored": [dataclasses.asdict(one) for one in self.scored],
        }


class DeferredEvidence(Evidence):
    """Evidence that is made when somebody first looks at it; what is said of its honesty is known before."""

    def __init__(self, make: Callable[[], Evidence], contradictions: Sequence[str]) -> None:
        self.make = make
        self.honesty = Honesty(contradictions=list(contradictions))

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        if name.startswith("__"):
            raise AttributeError(name)
        self.__dict__.update(vars(self.make()))
        return self.__dict__[name]


def evidence_from(document: Json, folder: Path, arrays: Arrays) -> Evidence:
    """The evidence that ``as_json`` made into ``document``, with its arrays in ``folder``.

    Raises:
        Lost: it is damaged, or one of its arrays is gone.
    """
    evidence = Evidence(folder)
    try:
        for one in document["taken"]:
            taken = tuple(arrays.take(reference) for reference in one["arrays"])
            evidence.add(one["cell"], Reply(one["data"], taken))
        evidence.scored += [value_of(Scored, one) for one in document["scored"]]
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise Lost("evidence") from error
    return evidence


def _reference(arrays: Arrays, array: Any) -> Json:
    if array is None:
        raise ValueError("an array was left out")
    return arrays.keep(array)
