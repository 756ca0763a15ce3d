"""When work was handed in: by what a learning platform tells, a folder's name, or the times of the files."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.records import Origin

FIRST_YEAR = 1981  # a zip that knows no time says 1980, and a file without one 1970
DATED = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T _-]+(?P<hour>[01]\d|2[0-3])[-:h.]?(?P<minute>[0-5]\d)"
    r"(?:[-:m.]?(?P<second>[0-5]\d))?)?(?!\d).*"
)


def date_in(name: str) -> str:
    """The time at the beginning of a folder's name, in ISO 8601 with this machine's offset, or "".

    A day alone begins at midnight, which is best for the student.

    >>> date_in("2026-03-01 14.05 second try")[:19], date_in("attempt 2")
    ('2026-03-01T14:05:00', '')
    """
    found = DATED.fullmatch(name)
    if not found:
        return ""
    clock = f"{found['hour'] or '00'}:{found['minute'] or '00'}:{found['second'] or '00'}"
    try:
        return datetime.fromisoformat(f"{found['day']}T{clock}").astimezone().isoformat()
    except (ValueError, OverflowError):  # the 31st of June
        return ""


def with_time(origin: Origin, files: Iterable[Path]) -> Origin:
    """``origin`` with the time of the newest file where nothing better is known.

    Canvas writes the time of the download into its zip, so that of a file from there says nothing.
    """
    if origin.submitted or origin.lms == "canvas":
        return origin
    newest = max((_modified(path) for path in files), default=0.0)
    try:
        when = datetime.fromtimestamp(int(newest)).astimezone()
    except (ValueError, OSError, OverflowError):
        return origin
    if when.year < FIRST_YEAR:
        return origin
    return dataclasses.replace(origin, submitted=when.isoformat(), told_by="time of the file")


def gradescope_origin(folder: str, about: Mapping[str, Any]) -> Origin:
    """What Gradescope's metadata tell of one submission; the first of a group is who handed it in."""
    people = about.get(":submitters")
    first = people[0] if isinstance(people, list) and people and isinstance(people[0], dict) else {}
    when = about.get(":created_at")
    submitted = when.astimezone().isoformat() if isinstance(when, datetime) else ""
    return Origin(
        lms="gradescope",
        id=str(first.get(":sid") or folder.rpartition("_")[2])[:100],
        email=str(first.get(":email") or "")[:200],
        submitted=submitted,
        told_by="Gradescope" if submitted else "",
    )


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0
