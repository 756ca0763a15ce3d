"""How a notebook ran, small enough to be kept for long: its outputs, its times, and how it ended."""

from __future__ import annotations

import copy
import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import nbformat

from grader.records import Execution, Phase
from grader.report_json import value_of

KEPT_OF_CELL = ("execution_count", "metadata", "outputs")
UNREADABLE = (ValueError, TypeError, KeyError, RecursionError)


@dataclass(frozen=True)
class KeptRun:
    """A run of a notebook's code, whatever text stands between it.

    ``cells`` are, for each code cell that is not blank, what ran of it in nbformat 4: outputs, metadata and
    execution count. ``contradictions`` are what its record said against itself.
    """

    run: Execution
    cells: tuple[dict[str, Any], ...]
    metadata: dict[str, Any]
    phases: tuple[Phase, ...]
    peak_mib: float
    contradictions: tuple[str, ...]

    def laid_over(self, notebook: Any) -> Any:
        """A copy of a notebook with the same code, as it ran.

        Raises:
            ValueError: it has another number of code cells.
        """
        executed = copy.deepcopy(notebook)
        for cell, kept in zip(code_cells(executed), self.cells, strict=True):
            for name in KEPT_OF_CELL:
                cell[name] = nbformat.from_dict(copy.deepcopy(kept[name]))
        executed.metadata = nbformat.from_dict(copy.deepcopy(self.metadata))
        return executed

    def as_bytes(self) -> bytes:
        """All of it, as JSON.

        Raises:
            TypeError, ValueError, RecursionError: an output is not JSON.
        """
        return json.dumps(dataclasses.asdict(self)).encode("ascii")


def run_of(
    run: Execution, executed: Any, phases: tuple[Phase, ...], peak_mib: float, contradictions: tuple[str, ...]
) -> KeptRun:
    """The record of a run of a notebook, which holds its outputs."""
    cells = tuple({name: cell[name] for name in KEPT_OF_CELL} for cell in code_cells(executed))
    return KeptRun(run, cells, dict(executed.metadata), phases, peak_mib, contradictions)


def run_from(content: bytes) -> KeptRun:
    """The record that ``as_bytes`` made into ``content``.

    Raises:
        ValueError, TypeError, KeyError, RecursionError: it is something else.
    """
    found = json.loads(content)
    return KeptRun(
        value_of(Execution, found["run"]), tuple(map(dict, found["cells"])), dict(found["metadata"]),
        value_of(tuple[Phase, ...], found["phases"]), value_of(float, found["peak_mib"]),
        value_of(tuple[str, ...], found["contradictions"]),
    )  # fmt: skip


def code_cells(notebook: Any) -> list[Any]:
    """The code cells of a notebook that are not blank, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
