"""Who handed in what, as Gradescope's export of an assignment tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

METADATA = "submission_metadata.yml"
MOST_BYTES = 5 * 2**20
NAMES = 4  # of a group's members, in a student's name


def submitters(metadata: Path) -> dict[str, str]:
    """For each folder of the export its students and its number, such as ``Ada Lovelace_123456``.

    A file that cannot be read, or is none of Gradescope's, names nobody: the folders keep their names.
    """
    try:
        if not metadata.is_file() or metadata.stat().st_size > MOST_BYTES:
            return {}
        told = yaml.safe_load(metadata.read_bytes())
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    named = {str(folder): _names(about) for folder, about in told.items()}
    return {folder: f"{names}_{folder.rpartition('_')[2]}" for folder, names in named.items() if names}


def _names(about: Any) -> str:
    people = about.get(":submitters") if isinstance(about, dict) else None
    found = [one.get(":name") for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    return ", ".join(" ".join(name.split())[:80] for name in found[:NAMES] if isinstance(name, str))
