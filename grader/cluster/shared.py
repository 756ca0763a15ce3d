"""What all submissions of a run share, the data and the rubric: sent once, kept on each node by its hash."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from grader import scratch
from grader.cluster.carriers import Carrier, Content, digest, drop_all, send_file, write_file
from grader.records import Settings

FOLDERS = ("visible", "hidden")
RUBRIC = "rubric.toml"
KEPT = 3  # sets on a node, about 65 MiB each
IN_USE_S = 3600.0  # a set touched within this time may be another run's


@dataclass(frozen=True)
class Shared:
    """Files by name, such as ``visible/ascent.npy``, and the hash of them all."""

    digest: str
    files: tuple[tuple[str, Content], ...]

    def drop(self, carrier: Carrier) -> None:
        """Nobody will fetch them any more."""
        drop_all([content for _, content in self.files], carrier)


def send_shared(settings: Settings, carrier: Carrier) -> Shared:
    """Send what the settings name.

    Raises:
        OSError: it cannot be read or sent.
    """
    names = list(_names(settings))
    return Shared(digest(names), tuple((name, send_file(path, carrier)) for name, path in names))


def _names(settings: Settings) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        place = getattr(settings, folder)
        if place is not None:
            found = sorted(path for path in place.rglob("*") if path.is_file())
            yield from ((f"{folder}/{path.relative_to(place).as_posix()}", path) for path in found)
    if settings.rubric is not None:
        yield RUBRIC, settings.rubric


def place_of(wanted: str, cache: Path | None = None) -> Path:
    """Where a node keeps the set of that hash."""
    return (cache or Path(platformdirs.user_cache_dir("labgrade")) / "cluster") / wanted


def is_here(place: Path) -> bool:
    """Whether a set is there; one that is there is whole."""
    with suppress(OSError):
        os.utime(place)
        return True
    return False


def keep(shared: Shared, place: Path, carrier: Carrier) -> None:
    """Write a set to its place, unless another process of this node was faster; older ones make room.

    Raises:
        OSError: it cannot be fetched or written.
    """
    draft = place.with_name(f".{place.name[:16]}.{os.getpid()}")
    scratch.remove(draft)
    for name, content in shared.files:
        write_file(content, draft / name, carrier)
    draft.mkdir(parents=True, exist_ok=True)
    try:
        draft.rename(place)
    except OSError:
        scratch.remove(draft)
        if not place.is_dir():
            raise
    _make_room(place.parent)


def _make_room(cache: Path) -> None:
    """Remove the sets that were not used for the longest time, and what a killed process has left."""
    with suppress(OSError):
        ages = sorted((path.stat().st_mtime, path) for path in cache.iterdir())
        for touched, path in ages[:-KEPT]:
            if time.time() - touched > IN_USE_S:
                scratch.remove(path)


def settings_at(settings: Settings, place: Path, out: Path) -> Settings:
    """The settings as they are on a node that keeps the set at ``place``, with results in ``out``."""
    return dataclasses.replace(
        settings,
        out=out,
        visible=place / "visible",
        hidden=place / "hidden" if settings.hidden else None,
        rubric=place / RUBRIC if settings.rubric else None,
    )
