"""The cache of one run over a class: what it gives to the batch, and how often it was of use."""

from __future__ import annotations

import functools
from typing import Any

from grader.batch import Event, PhaseChanged
from grader.cache.memory import StoredCache
from grader.cache.pages import StoredPages
from grader.cache.plan import plan_for
from grader.cache.store import Store
from grader.recall import AGAIN, TAKEN
from grader.records import Settings
from grader.worker import grade_one


class ClassCache:
    """Listens to a batch and counts the submissions whose notebooks did not have to run."""

    def __init__(self, settings: Settings, store: Store | None) -> None:
        self.settings = settings
        self.store = store
        self.used: dict[str, str] = {}  # the last that was said of a submission's cache, by slug

    def functions(self) -> dict[str, Any]:
        """How ``grade_all`` is to grade and write; nothing where there is no store.

        Raises:
            OSError: the data or our own files cannot be read.
        """
        if self.store is None:
            return {}
        plan = plan_for(self.settings, self.store)
        return {"grade": functools.partial(grade_one, cache=StoredCache(plan)), "write": StoredPages(plan)}

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, PhaseChanged) and event.phase in (TAKEN, AGAIN):
            self.used[event.slug] = event.phase

    def end(self, total: int) -> str:
        """Bring the store within its bound, and say what it was good for; "" where it was of no use."""
        if self.store is not None:
            self.store.trim()
        if not self.used:
            return ""
        again = sum(phase == AGAIN for phase in self.used.values())
        checked = f", {again} of them checked again without being run" if again else ""
        return f"{len(self.used)} of {total} taken from the cache{checked}"
