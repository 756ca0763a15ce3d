"""A real sandboxed kernel for tests, in which one function after another can be defined and judged."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import time
from pathlib import Path
from typing import Any

import nbformat

from checks.kit import Check, Failure, Raised
from grader import execution, kernels, sandbox
from grader.evidence import Evidence, LiveStudent
from grader.grading import _judge
from grader.records import CheckResult


class LiveKernel:
    """One kernel that lives as long as the tests that share it; ``training`` is its level."""

    def __init__(
        self, given: Path, watch: dict[str, tuple[str, ...]] | None = None, *, training: str = "budget"
    ) -> None:
        self.base, self.room = kernels.make_room(given)
        (self.base / "evidence").mkdir()
        self.runner = asyncio.Runner()
        self.config = {"watch": watch or {}, "given": str(given), "training": training, "seed": 0}
        self.name, _ = sandbox.choose("auto")
        self.kernel = self.runner.run(kernels.start(self.room, self.name, self.config))
        self.asked = 0

    def run(self, *sources: str) -> LiveStudent:
        """Run cells and return a student with what they left behind."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        run = execution.Run(
            nbformat.v4.new_notebook(cells=cells), 120, time.monotonic() + 300,
            Evidence(self.base / "evidence"), lambda _text: None,
        )  # fmt: skip
        alive = self.runner.run(execution._run_once(run, self.kernel))
        assert alive, run.left_out
        summary = execution.summary(run, 0.0)
        return LiveStudent(
            evidence=run.evidence, given={}, seed=0, put=self._put,
            cells=execution.cells(run, summary), errors=summary.errors, last_cell=summary.cells,
        )  # fmt: skip

    def _put(self, op: str, arguments: dict[str, Any], arrays: tuple[Any, ...]) -> Any:
        self.asked += 1
        return self.runner.run(self.kernel.ask(op, arguments, arrays))

    def close(self) -> None:
        """End the kernel."""
        self.runner.run(self.kernel.end())
        self.runner.close()
        shutil.rmtree(self.base, ignore_errors=True)


def judge(check: Check, student: LiveStudent) -> CheckResult:
    """One check's result, its needs left aside."""
    blank = CheckResult(check.id, check.task, check.title, "passed", 1.0, 1.0, "")
    return dataclasses.replace(_judge(check, blank, student), seconds=0.0)


__all__ = ["Failure", "LiveKernel", "Raised", "judge"]
