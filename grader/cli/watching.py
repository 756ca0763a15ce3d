"""Waiting until somebody saves a notebook or a file beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from watchfiles import Change, watch

QUIET_MS = 400  # an editor writes a file in several steps


def changes_of(notebook: Path) -> Iterator[str]:
    """The name of what was saved, each time that the notebook or a Python file beside it changes.

    Ends with ``KeyboardInterrupt`` alone.
    """
    place = notebook.absolute()

    def matters(change: Change, path: str) -> bool:
        changed = Path(path)
        ours = changed.name == place.name or changed.suffix == ".py"
        return change is not Change.deleted and ours and changed.parent.name == place.parent.name

    for changes in watch(place.parent, watch_filter=matters, step=QUIET_MS, recursive=False):
        yield min(Path(path).name for _, path in changes)
