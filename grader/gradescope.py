"""Who handed in what, as Gradescope's export of an assignment tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from grader.origins import gradescope_origin
from grader.records import NOWHERE, Origin

METADATA = "submission_metadata.yml"
MOST_BYTES = 5 * 2**20
NAMES = 4  # of a group's members, in a student's name


@dataclass(frozen=True)
class Handed:
    """One folder of the export: its students and its number, such as ``Ada Lovelace_123456``, or "" where
    they are not known; each of the students; and who handed it in, and when.
    """

    student: str
    members: tuple[str, ...]
    origin: Origin


def handed_in(metadata: Path) -> dict[str, Handed]:
    """What the export tells of each of its folders, by the folder's name.

    A file that cannot be read, or is none of Gradescope's, tells nothing: the folders keep their names.
    """
    try:
        if not metadata.is_file() or metadata.stat().st_size > MOST_BYTES:
            return {}
        told = yaml.safe_load(metadata.read_bytes())
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {str(folder): _handed(str(folder), about) for folder, about in told.items()}


def _handed(folder: str, about: Any) -> Handed:
    if not isinstance(about, dict):
        return Handed("", (), NOWHERE)
    names = _names(about.get(":submitters"))
    student = f"{', '.join(names[:NAMES])}_{folder.rpartition('_')[2]}" if names else ""
    return Handed(student, names if len(names) > 1 else (), gradescope_origin(folder, about))


def _names(people: Any) -> tuple[str, ...]:
    found = [one.get(":name") for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    return tuple(" ".join(name.split())[:80] for name in found if isinstance(name, str))
