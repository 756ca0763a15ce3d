"""What is kept of all hand-ins: the run of one is found by its keys."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cache.arrays import Arrays, Lost
from grader.cache.case_keys import CaseKeys, keys_for
from grader.cache.evidence import DeferredEvidence, evidence_from
from grader.cache.parts import StoredParts
from grader.cache.plan import Plan
from grader.cache.runs import KeptRun, run_from
from grader.cache.transcript import Repeater
from grader.evidence import Evidence
from grader.recall import Case, Kept

Json = dict[str, Any]
DAMAGE = (OSError, ValueError, TypeError, KeyError, RecursionError)


@dataclass(frozen=True)
class StoredCache:
    """What is kept of all hand-ins; picklable."""

    plan: Plan

    def recall(self, case: Case, folder: Path) -> Kept | None:
        """The run of the same code, if it is kept; evidence is unpacked into ``folder`` when it is needed."""
        if not self.plan.fits_here():
            return None
        try:
            keys = keys_for(self.plan, case)
            name, run, parts = self._found(keys)
            executed = run.laid_over(case.notebook.notebook)
        except (Lost, *DAMAGE):
            return None
        store, arrays = self.plan.store, Arrays(self.plan.store, case.settings.visible)

        @functools.cache
        def document() -> Json:
            found = store.entry("evidence", name)
            if found is None:
                raise Lost("evidence")
            return found

        repeater = Repeater(arrays, lambda: document()["questions"])

        def unpacked() -> Evidence:
            try:
                return evidence_from(document(), folder, arrays)
            except Lost:
                repeater.lost = True
                raise

        known = StoredParts(keys, known=parts, repeater=repeater, run=name)
        evidence = DeferredEvidence(unpacked, run.contradictions)
        return Kept(executed, run.run, evidence, repeater.put, known, run.phases, run.peak_mib)

    def recording(self, case: Case) -> StoredParts:
        """The parts of a run that begins now.

        Raises:
            OSError: a file that was handed in cannot be read.
        """
        return StoredParts(keys_for(self.plan, case))

    def _found(self, keys: CaseKeys) -> tuple[str, KeptRun, Json]:
        """A run's name and record, and the parts of a judgement of it that are kept.

        Raises:
            Lost: there is none.
            ValueError, TypeError, KeyError: it is of another form.
        """
        store = self.plan.store
        for kind, key in (("verdicts", keys.verdicts), ("runs", keys.execution)):
            entry = store.entry(kind, key)  # type: ignore[arg-type]  # the two are kinds
            content = store.content("runs", entry["run"]) if entry else None
            if entry and content:
                return entry["run"], run_from(content), dict(entry.get("parts", {}))
        raise Lost("a run")
