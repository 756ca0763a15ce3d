"""The thresholds of accuracies that were measured, by the level of the training; thresholds.toml has them."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from checks.kit import Student
from checks.kit.student import Array

STORED = Path(__file__).with_name("thresholds.toml")
DIGESTED = 100  # images tell one data set from another
NOT_CALIBRATED = "not calibrated, so it only informs"


@dataclass(frozen=True)
class Threshold:
    """The accuracy in 0–1 that must be reached.

    ``chance`` is that of a right solution to fall below it, ``None`` where that is not known: where an
    instructor has set the threshold, or the data are none of those measured.
    """

    accuracy: float
    chance: float | None


def stored(table: str, key: str, path: Path = STORED) -> Sequence[Mapping[str, Any]]:
    """What ``bench.calibrate`` has measured: one entry for each data set, none where it has not.

    Args:
        table: ``checks`` for the short trainings, ``full`` for the notebook's own.
        key: the check, or the network.
        path: the file.
    """
    document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    entries: list[dict[str, Any]] = document.get(table, {}).get(key, {}).get("data", [])
    return entries


def full_threshold(student: Student, check: str, network: str) -> Threshold | None:
    """What a network must reach after its full training: the rubric's, else what was measured here."""
    own = student.thresholds.get(check, 0.0)
    if own > 0:
        return Threshold(own, None)
    digest = digest_of(student.given)
    entry = next((one for one in stored("full", network) if one["digest"] == digest), None)
    return None if entry is None else Threshold(entry["threshold"], entry["chance"])


def digest_of(given: Mapping[str, Array]) -> str:
    """A data set's mark: a hash of its first training images, 16 hexadecimal digits."""
    first = np.ascontiguousarray(given["cifar10/x_train"][:DIGESTED])
    return hashlib.sha256(first.tobytes()).hexdigest()[:16]
