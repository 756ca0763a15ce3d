"""Notebooks that are run cell by cell, and what came of them."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass, field
from typing import Any

import nbformat
import numpy as np

from grader import execution, kernels, sandbox
from grader.evidence import Evidence
from grader.limits import Limits
from grader.records import Execution
from tests.conftest import WATCH


@dataclass
class Ran:
    """A notebook that has run; ``phases`` is what was told meanwhile."""

    run: execution.Run
    summary: Execution
    kernel: Any
    phases: list[str] = field(default_factory=list)
    arrays: dict[str, list[Any]] = field(default_factory=dict)

    def text(self, number: int) -> str:
        """All that a code cell has printed or shown as text."""
        cell = next(cell for own, _, cell in self.run.code_cells if own == number)
        return "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
        )

    def errors(self) -> list[tuple[int, str]]:
        """(cell, exception) of each."""
        return [(error.cell, error.ename) for error in self.summary.errors]


def notebook_of(*sources: str) -> Any:
    """A notebook with these code cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def run_of(notebook, folder, phases, cell_s=60.0, whole_s=300.0, **more) -> execution.Run:
    """A run that has not begun; ``more`` are limits."""
    folder.mkdir(exist_ok=True)
    limits = Limits(cell_s=cell_s, notebook_s=whole_s, **more)
    deadline = time.monotonic() + whole_s
    return execution.Run(notebook, cell_s, deadline, Evidence(folder), phases.append, limits=limits)


def run_alone(given, notebook, cell_s=60.0, whole_s=300.0) -> Ran:
    """Run a notebook in kernels of its own, which end with this call."""
    base, room = kernels.make_room(given)
    config = {"watch": WATCH, "given": str(given), "training": "budget", "seed": 0}
    phases = []
    run = run_of(notebook, base / "evidence", phases, cell_s, whole_s)
    with asyncio.Runner() as runner:
        kernel = runner.run(
            execution.run_notebook(run, lambda: kernels.start(room, sandbox.choose("auto")[0], config))
        )
        if kernel is not None:
            runner.run(kernel.end())
    arrays = {
        name: [np.array(one.array) for one in versions] for name, versions in run.evidence.versions.items()
    }
    shutil.rmtree(base)
    ran = Ran(run, execution.summary(run, 1.0), kernel, phases)
    ran.arrays = arrays
    return ran
