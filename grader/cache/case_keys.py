"""The keys of one hand-in, made of what was read of it and of the plan of the run."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass

from checks.kit import Check
from grader import labs
from grader.cache.keys import ExecutionInputs, JudgingInputs, digest, key_of
from grader.cache.plan import Plan
from grader.cache.runs import code_cells
from grader.cache.sources import file_hash
from grader.recall import Case


@dataclass(frozen=True)
class CaseKeys:
    """The keys of one hand-in: ``execution`` of its run, ``notebook`` of its texts and saved outputs."""

    plan: Plan
    case: Case
    execution: str
    notebook: str

    @property
    def verdicts(self) -> str:
        """Under which the parts of its judgement are kept."""
        return digest([self.execution, self.notebook])

    @functools.cached_property
    def modules(self) -> Mapping[Check, str]:
        """The module of each check."""
        return labs.modules_of_checks(self.case.lab)

    def of_check(self, check: Check) -> str:
        """The key of a check's verdict."""
        return self._judging(self.modules[check])

    def of_part(self, name: str, measured: Mapping[str, float]) -> str:
        """The key of what is found or shown beside the checks."""
        lab, tasks = self.case.lab, self.case.settings.tasks
        module = {"claims": lab.trust, "pictures": lab.shows, "accuracies": lab.accuracies}[name]
        return self._judging(module, name, *tasks, json.dumps(sorted(measured.items())))

    def _judging(self, module: str, *more: str) -> str:
        plan = self.plan
        inputs = JudgingInputs(
            execution=self.execution, notebook=self.notebook, hidden=plan.hidden,
            thresholds=tuple(sorted(self.case.rubric.thresholds.items())),
            source=plan.source_of(self.case.lab, module), code=plan.judging, more=more,
        )  # fmt: skip
        return key_of(inputs)


def keys_for(plan: Plan, case: Case) -> CaseKeys:
    """The keys of a hand-in.

    Raises:
        OSError: one of its files cannot be read.
    """
    cells = [(cell.cell_type, str(cell.source)) for cell in case.notebook.notebook.cells]
    saved = [dataclasses.asdict(cell) for cell in case.notebook.saved]
    return CaseKeys(plan, case, key_of(execution_inputs(plan, case)), digest([cells, saved]))


def execution_inputs(plan: Plan, case: Case) -> ExecutionInputs:
    """All that decides how a hand-in's notebook runs; raises OSError where a file cannot be read."""
    settings, lab = case.settings, case.lab
    scored = [plan.hidden, plan.source_of(lab, lab.accuracies)] if settings.training == "full" else []
    return ExecutionInputs(
        lab=lab.id, watch=lab.watch,
        cells=tuple(str(cell.source) for cell in code_cells(case.notebook.notebook)),
        files=tuple((name, file_hash(path)) for name, path in case.files.kept),
        data=plan.data, scored=digest(scored) if scored else "", machine=plan.machine,
        packages=plan.packages, code=plan.running,
        limits=tuple(sorted(dataclasses.asdict(case.limits).items())),
        training=settings.training, seed=settings.seed, sandbox=settings.sandbox,
    )  # fmt: skip
