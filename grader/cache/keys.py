"""What decides a run, a verdict and a page, as records, and the hashes of them under which each is kept.

A field that is missing here is a stale verdict; one too many costs a run. So in doubt it stands here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass

SCHEMA = 1  # of what is kept; another number and nothing of before is found


@dataclass(frozen=True)
class ExecutionInputs:
    """All that decides how a notebook runs, and what is recorded of it.

    ``cells`` are the sources of the code cells that are not blank, in order, ``files`` the names of the
    files beside the notebook with the SHA-256 of each. ``data`` is the hash of what the sandbox may read,
    ``scored`` that of the hidden images and of the code that asks for them during the run, or "".
    ``machine`` are its architecture, Python and graphics card, ``code`` the hash of ours that runs notebooks.
    """

    lab: str
    watch: tuple[tuple[str, tuple[str, ...]], ...]
    cells: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    data: str
    scored: str
    machine: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]
    code: str
    limits: tuple[tuple[str, float], ...]
    training: str
    seed: int
    sandbox: str


@dataclass(frozen=True)
class JudgingInputs:
    """All that decides one verdict beside the run: of a check, or of what is found or shown.

    ``notebook`` is the hash of its texts and saved outputs, ``source`` that of the code that judges,
    ``code`` that of the grader's own part in it. ``more`` is what only some of them see.
    """

    execution: str
    notebook: str
    hidden: str
    thresholds: tuple[tuple[str, float], ...]
    source: str
    code: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class PagesInputs:
    """All that decides a student's files: the report, the notebook as it ran, templates and our code."""

    report: str
    executed: str
    code: str


Inputs = ExecutionInputs | JudgingInputs | PagesInputs


def key_of(inputs: Inputs) -> str:
    """The key under which what these inputs make is kept: 64 hexadecimal digits.

    Raises:
        TypeError: a field holds something else than texts, numbers and tuples of them.
    """
    return digest([SCHEMA, type(inputs).__name__, dataclasses.asdict(inputs)])


def digest(value: object) -> str:
    """The SHA-256 of a value that JSON can hold, in 64 hexadecimal digits; equal values have equal ones.

    Raises:
        TypeError, ValueError: JSON cannot hold it.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
