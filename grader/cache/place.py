"""Where a run keeps what it makes: where it was told to, in the user's cache folder, or in the results."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from grader.cache.store import DEFAULT_BYTES, Store, open_store
from grader.errors import UsageProblem
from grader.housekeeping import own_folder

VARIABLE = "LABGRADE_CACHE"
OFF = "off"
GIB = 2**30


def store_for(named: Path | None, size_gib: float | None, out: Path, sandbox: str) -> Store | None:
    """The store of a run, or ``None`` for none.

    Args:
        named: the folder that was named; ``None`` for that of $LABGRADE_CACHE, where "off" means none at
            all, or else the user's own.
        size_gib: the bound on its size.
        out: the folder for the results, in whose own folder it lies where the user has none.
        sandbox: where there is none, hand-ins could write into a folder of which they know the place, so
            only a folder that was named is used.

    Raises:
        UsageProblem: the folder that was named cannot be used.
    """
    limit = int(size_gib * GIB) if size_gib is not None else DEFAULT_BYTES
    told = os.environ.get(VARIABLE, "")
    if named is not None:
        return open_store(named, limit)
    if told == OFF or (not told and sandbox == "none"):
        return None
    if told:
        return open_store(Path(told), limit)
    for place in (Path(platformdirs.user_cache_dir("labgrade")) / "grades", own_folder(out) / "cache"):
        try:
            return open_store(place, limit)
        except UsageProblem:
            continue
    return None
