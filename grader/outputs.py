"""What the cells of a notebook show, kept within limits and in linear time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grader.limits import MIB, Limits

SHOWN = ("stream", "display_data", "execute_result", "error", "update_display_data")
LEFT_OUT = "\n[labgrade: further output of this cell was left out]\n"
BESIDE_BYTES = 64  # that a stream's message costs beside its text
BESIDE_RICH_BYTES = 256  # and any other: each is an output of its own


@dataclass
class Budget:
    """How much the outputs of each cell, and of all, take so far; ``cut`` are the cells that had more."""

    limits: Limits
    held: dict[int, int] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)
    total: int = 0

    def take(self, cell: int, message: dict[str, Any]) -> bool:
        """Whether a message of a cell may be shown; a text that is too long is cut to what there is room for.

        Raises:
            TypeError: it is no message that a kernel sends.
        """
        if message.get("too_large"):  # so that it was not even read
            self.cut.add(cell)
            return False
        content = message["content"]
        stream = message["msg_type"] == "stream"
        beside = BESIDE_BYTES if stream else BESIDE_RICH_BYTES
        size = len(content["text"] if stream else str(content)) + beside
        used = self.held.get(cell, 0)
        limits = self.limits
        room = int(min(limits.output_mib * MIB - used, limits.outputs_mib * MIB - self.total))
        if size > room:
            already = cell in self.cut
            self.cut.add(cell)
            if not stream or already or room <= beside:
                return False
            content["text"] = content["text"][: room - beside]
            size = room
        self.held[cell] = used + size
        self.total += size
        return True

    def forget(self, cell: int) -> None:
        """The cell's outputs were cleared."""
        self.total -= self.held.pop(cell, 0)
        self.cut.discard(cell)


def joined(outputs: list[Any]) -> list[Any]:
    """The outputs with each stream's texts in one, as a terminal would leave them; stdout first."""
    texts: dict[str, list[str]] = {}
    first: dict[str, Any] = {}
    kept = []
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
            continue
        if output.name not in first:
            first[output.name] = output
            kept.append(output)
        texts.setdefault(output.name, []).append(output.text)
    for name, output in first.items():
        output.text = overwritten("".join(texts[name]))
    if len(first) == 2 and {"stdout", "stderr"} == set(first):
        places = sorted(kept.index(output) for output in first.values())
        if places[1] == places[0] + 1:
            kept[places[0]], kept[places[1]] = first["stdout"], first["stderr"]
    return kept


def overwritten(text: str) -> str:
    r"""A text without what a carriage return has written over.

    >>> overwritten("10%\r20%\rdone\nnext\r\n")
    'done\nnext\r\n'
    """
    if "\r" not in text:
        return text
    return "\n".join(_last_written(line) for line in text.split("\n"))


def _last_written(line: str) -> str:
    body, end = (line[:-1], "\r") if line.endswith("\r") else (line, "")
    return body[body.rfind("\r") + 1 :] + end
