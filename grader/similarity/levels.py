"""The levels of a lab from ``checks/<lab>/similarity.toml``, where they stand with how they were measured."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

from checks import kit
from grader.similarity.records import Level, Levels


@functools.cache
def load_levels(lab: str) -> Levels | None:
    """The levels of a lab; ``None`` where none were measured, and its submissions are not compared.

    Raises:
        ValueError: the file is no TOML, or a value in it makes no sense.
        KeyError: a value is missing.
    """
    place = Path(kit.__file__).resolve().parents[1] / lab / "similarity.toml"
    if not lab.isidentifier() or not place.is_file():
        return None
    document = tomllib.loads(place.read_text("utf-8"))
    ways = tuple(map(str, document.get("ways", ())))
    return Levels(_level(document["code"]), _level(document["text"]), ways)


def _level(entry: dict[str, Any]) -> Level:
    level = Level(int(entry["least"]), float(entry["share"]), int(entry["passage"]))
    if level.least < 1 or level.passage < 1 or not 0 < level.share <= 1:
        raise ValueError(f"least and passage are at least 1, and share lies in (0, 1]; received {entry}")
    return level
