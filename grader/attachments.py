"""The files that were handed in with a notebook: which of them go into its folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from grader import limits as units
from grader.limits import MIB, Limits
from grader.records import Submission

NAMED = 5  # of those left out


@dataclass(frozen=True)
class Attachments:
    """``kept`` are within the limit together, ``left_out`` the names of those that would go beyond it."""

    kept: tuple[tuple[str, Path], ...]
    left_out: tuple[str, ...] = ()

    def copy(self, folder: Path) -> None:
        """Put those that are kept into a folder.

        Raises:
            OSError: one cannot be read, or the folder cannot be written.
        """
        for name, path in self.kept:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)

    def told(self, limits: Limits) -> str:
        """A sentence about what was left out, or ``""``."""
        if not self.left_out:
            return ""
        more = f" and {len(self.left_out) - NAMED} more" if len(self.left_out) > NAMED else ""
        return (
            f"Of the files handed in with the notebook some were left out, since together they may have "
            f"{units.mib(limits.files_mib)}: {', '.join(self.left_out[:NAMED])}{more}."
        )


def within(submission: Submission, limits: Limits) -> Attachments:
    """The files of a submission, the small ones first up to the limit."""
    kept: list[tuple[str, Path]] = []
    left_out: list[str] = []
    room = limits.files_mib * MIB
    sizes = {name: path.stat().st_size for name, path in submission.files}
    for name, path in sorted(submission.files, key=lambda one: (sizes[one[0]], one[0])):
        if sizes[name] <= room:
            room -= sizes[name]
            kept.append((name, path))
        else:
            left_out.append(name)
    return Attachments(tuple(sorted(kept)), tuple(left_out))
