"""``checks/cnn/thresholds.toml``: what was measured, with the thresholds that follow, as TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEADER = """# What right solutions reach in a training, and the threshold that follows, by set of pictures.
# Written by bench/calibrate.py; bench/tolerance.py says how, and what is assumed. `chance` is that of a right
# solution to fall below the threshold: the upper limit at a confidence of 95 %, of the solution for which it
# is largest. A threshold in a rubric goes before these.
#
# [[checks.…]] are short trainings by the grader, the level "budget"; [[full.…]] are the notebook's own, the
# level "full", by network. A network without an entry is not calibrated: its check only informs. This
# measures one: python -m bench.calibrate --level full --task NETWORK --seeds 20 --update [--data DIR]
"""
Entry = Mapping[str, Any]


def update(path: Path, table: str, key: str, new: Entry) -> None:
    """Write the entry of one data set, and keep all others.

    Args:
        path: the file.
        table: ``checks`` or ``full``.
        key: the check, or the network.
        new: the entry, with its ``digest``.
    """
    document: dict[str, Any] = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    place = document.setdefault(table, {}).setdefault(key, {})
    others = [one for one in place.get("data", []) if one["digest"] != new["digest"]]
    place["data"] = sorted([*others, new], key=lambda one: str(one["name"]))
    path.write_text(HEADER + "".join(_written(document)), "utf-8")


def _written(document: Mapping[str, Any]) -> Iterator[str]:
    for table in ("checks", "full"):
        for key, place in sorted(document.get(table, {}).items()):
            for entry in place["data"]:
                yield "\n".join(["", f'[[{table}."{key}".data]]', *_lines(entry), ""])


def _lines(entry: Entry) -> Iterator[str]:
    for key, value in entry.items():
        if not isinstance(value, list):
            yield f"{key} = {_plain(value)}"
    yield "solutions = ["
    for row in entry["solutions"]:
        yield f"    {{ {', '.join(f'{key} = {_plain(value)}' for key, value in row.items())} }},"
    yield "]"


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return repr(
        float(value) if isinstance(value, float) else value
    )  # NumPy's floats have a repr of their own
