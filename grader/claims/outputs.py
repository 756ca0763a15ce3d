"""The saved outputs of a notebook's code cells as text, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from checks.kit.saved import SavedCell

CELL_LIMIT = 2_000_000  # characters of one cell
TOTAL_LIMIT = 10_000_000  # of all
MAX_OUTPUTS = 20_000  # of one cell; each message of a log may be one of its own
MAX_COUNT = 10**9


@dataclass
class _Room:
    """Characters that may still be taken."""

    left: int = TOTAL_LIMIT


def saved_cells(cells: Iterable[tuple[str, Any]]) -> tuple[SavedCell, ...]:
    """The code cells that are not blank, numbered from 1.

    Args:
        cells: source, and the cell as the file has it, of any JSON type; what has the wrong form is left out.
    """
    room = _Room()
    code = [(source, cell) for source, cell in cells if _is_code(cell) and source.strip()]
    return tuple(_saved(number, source, cell, room) for number, (source, cell) in enumerate(code, start=1))


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _saved(number: int, source: str, cell: dict[str, Any], room: _Room) -> SavedCell:
    outputs = cell.get("outputs")
    listed = outputs if isinstance(outputs, list) else []
    kept = [one for one in listed[:MAX_OUTPUTS] if isinstance(one, dict)]
    limit = min(CELL_LIMIT, room.left)
    text, cut = _joined(kept, limit)
    room.left -= len(text)
    names = [one.get("ename") for one in kept if one.get("output_type") == "error"]
    errors = [_clean(name[:80]) if isinstance(name, str) else "an error" for name in names]
    return SavedCell(
        number, source, _count(cell.get("execution_count", cell.get("prompt_number"))), _clean(text),
        cut or len(listed) > MAX_OUTPUTS, sum(_has_picture(one) for one in kept),
        errors[-1] if errors else "",
    )  # fmt: skip


def _clean(text: str) -> str:
    """The text without lone surrogates, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _count(value: Any) -> int | None:
    right = isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_COUNT
    return value if right else None


def _has_picture(output: dict[str, Any]) -> bool:
    data = output.get("data")
    return isinstance(data, dict) and any(
        isinstance(kind, str) and kind.startswith("image/") for kind in data
    )


def _joined(outputs: list[dict[str, Any]], limit: int) -> tuple[str, bool]:
    """The texts of the outputs one below the other, and whether there was more than the limit."""
    parts: list[str] = []
    taken, before, ends = 0, "", True
    for output in outputs:
        name = output.get("name")
        channel = name if isinstance(name, str) and output.get("output_type") == "stream" else ""
        if not ends and (channel != before or not channel):
            parts.append("\n")
        before = channel
        for part in _texts(output):
            if taken + len(part) > limit:
                parts.append(part[: limit - taken])
                return "".join(parts), True
            parts.append(part)
            taken += len(part)
            ends = part.endswith("\n") if part else ends
    return "".join(parts), False


def _texts(output: dict[str, Any]) -> Iterator[str]:
    data = output.get("data")
    if output.get("output_type") == "stream":
        value = output.get("text")
    else:
        value = data.get("text/plain") if isinstance(data, dict) else None
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str):
            yield part
