"""A student's files, taken from before where report, notebook, templates and our code are equal."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from grader import output
from grader.cache.keys import PagesInputs, digest, key_of
from grader.cache.plan import Plan
from grader.records import Report
from grader.report_json import to_json

FILES = ("feedback.html", "result.json")  # executed.ipynb follows from the report


@dataclass(frozen=True)
class StoredPages:
    """Writes a report's files into a folder; picklable."""

    plan: Plan

    def __call__(self, report: Report, folder: Path) -> None:
        """Write them as they were written before, or make them and keep them.

        Raises:
            OSError: the folder cannot be written.
        """
        key = self._key(report) if report.status == "graded" and self.plan.fits_here() else ""
        kept = self.plan.store.entry("pages", key) if key else None
        if kept is not None and set(kept) == set(FILES):
            output.write_executed(report, folder)
            for name in FILES:
                output.write_atomically(folder / name, str(kept[name]))
            return
        output.write_report(report, folder)
        if key:
            with contextlib.suppress(OSError, ValueError):
                made = {name: (folder / name).read_bytes().decode("utf-8") for name in FILES}
                self.plan.store.note("pages", key, made)

    def _key(self, report: Report) -> str:
        """The key of a report's files, "" where it has none."""
        try:
            executed = hashlib.sha256(json.dumps(report.executed).encode()).hexdigest()
            return key_of(PagesInputs(digest(to_json(report)), executed, self.plan.showing))
        except (TypeError, ValueError, RecursionError):
            return ""
