"""Removing folders that a submission could write to: of any depth, and with any rights."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

TOOL_S = 300.0


def remove(folder: Path) -> None:
    """Remove a folder and all in it, as far as that can be done; links are removed, never followed."""
    with suppress(RecursionError):  # it is nested a thousand folders deep
        shutil.rmtree(folder, ignore_errors=True)
    if folder.is_symlink() or not folder.exists():
        return
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):  # these know no depth that is too much
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run([*command, "--", str(folder)], capture_output=True, timeout=TOOL_S, check=False)
