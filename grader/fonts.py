"""matplotlib's list of fonts, made once per machine: making it anew takes seconds in every sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs


def folder() -> Path | None:
    """The folder that holds ``fontlist-*.json``, or ``None`` where it could not be made."""
    place = Path(platformdirs.user_cache_dir("labgrade")) / "matplotlib"
    if any(place.glob("fontlist-*.json")):
        return place
    try:
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"],
            env={**os.environ, "MPLCONFIGDIR": str(place)}, timeout=120, check=False, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return place if any(place.glob("fontlist-*.json")) else None
