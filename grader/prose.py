"""A notebook's text as pieces: paragraphs, headings, and what begins with the number of a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["text", "heading", "question", "answer", "number", "code"]

CELL_LIMIT = 400_000  # characters of one cell that are read
TEXT_LIMIT = 8_000_000  # characters of a notebook that are read
_LINE_HEAD = 300  # characters of a line in which its marker is looked for

_DECOR = re.compile(r"(?:[\s>*_+~(|•\-–#]|<(?!!)[^<>]{0,80}>)*")
_HEADING = re.compile(r"[ >]{0,4}(#{1,6})(?!#)")
_AFTER = (
    r"[*_]{0,3}[ \t]?(?:[ \t]{0,3}[:.)\]|]|[ \t]{0,3}[-–—](?=[ \t]|$))?"
    r"[*_]{0,3}(?:</\w{1,10}>)*[ \t]*"
)
_NUMBERED = re.compile(
    r"(?P<word>questions?|fråga|uppgift|answers?|svar|ans|q|a)"
    r"(?P<link>(?:[ \t.#_]|to|the|for|on|till|på|questions?|fråga|q|nr|no|number){0,8})"
    r"(?P<number>\d{1,2})(?P<letter>[a-d]?)"
    r"(?![^\W_]|[.,]\d|[-–]\d|[ \t]*[&,/][ \t]*\d|[ \t]*[-–&,/][ \t]*(?:questions?|fråga|answer|q|a)[ .]?\d"
    r"|[ \t]+(?:and|och|to|till)\b)" + _AFTER,
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?P<number>\d{1,2})(?P<letter>[a-d]?)"
    r"(?:(?P<stop>[*_]{0,3}[.):][*_]{0,3})(?![\d.])|[*_]{1,3}(?=\s|$)|$)[ \t]*"
)
_ANSWER = re.compile(
    r"(?:(?:my|your|mitt|ditt) )?(?:answers?|svar|ans)"
    r"(?:[*_ ]{0,4}[:：]|[*_ ]{0,4}$|[ ]{1,2}[-–—](?=\s))[*_]{0,3}[ \t]*",
    re.IGNORECASE,
)
_ANSWER_LETTER = re.compile(r"A:(?!\d)[*_]{0,3}[ \t]*")
_FENCE = re.compile(r"[ >]{0,6}(```|~~~)")


@dataclass(frozen=True)
class Piece:
    """A stretch of text that belongs together.

    ``cell`` counts all cells of the notebook from 1. ``kind`` says how it begins: with the number of a
    question or an answer, with a bare number, as a heading, or plainly; ``code`` stands for a code cell.
    ``text`` lacks what it begins with and ``raw`` is as written. ``level`` is that of a heading, else 0.
    """

    cell: int
    kind: Kind
    text: str
    raw: str
    number: int | None = None
    letter: str = ""
    level: int = 0
    paragraph: bool = True  # a blank line, or the cell's beginning, comes before
    nested: bool = False  # indented so far that it belongs to the list item before


def pieces(cells: Sequence[Any]) -> tuple[Piece, ...]:
    """The text of all cells in order, split where a question or an answer may begin.

    Args:
        cells: those of a notebook in nbformat 4, each with ``cell_type`` and ``source``, which is a string.
    """
    found: list[Piece] = []
    room = TEXT_LIMIT
    for number, cell in enumerate(cells, start=1):
        text = _text(cell)[: min(CELL_LIMIT, room)]
        room -= len(text)
        found += _split(text, number) if text else [_code(number, cell)]
    return tuple(found)


def _text(cell: Any) -> str:
    """What a cell says to people: its text, or its comments where it is a code cell of nothing else."""
    source = str(cell["source"])
    if cell["cell_type"] != "code":
        return source
    lines = [line.strip() for line in source[:CELL_LIMIT].split("\n")]
    if not any(lines) or not all(line.startswith("#") or not line for line in lines):
        return ""
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)


def _code(number: int, cell: Any) -> Piece:
    """A cell without text; one that is blank separates nothing."""
    return Piece(number, "code" if str(cell["source"]).strip() else "text", "", "")


def _split(text: str, cell: int) -> Iterator[Piece]:
    """The pieces of one cell."""
    now: list[str] = []
    first = Piece(cell, "text", "", "")
    blank, fence = True, False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        begins = None if not line.strip() else _begins(line, cell, paragraph=blank, fence=fence)
        if _FENCE.match(line):
            fence = not fence
        if begins or (blank and not fence and line.strip()):
            yield from _made(first, now)
            first, now = begins or Piece(cell, "text", line, line, paragraph=blank), []
        else:
            now.append(line)
        blank = not line.strip() and not fence
    yield from _made(first, now)


def _made(first: Piece, more: list[str]) -> Iterator[Piece]:
    """A piece and the lines below it; nothing where both are blank."""
    rest = "\n".join(more).rstrip()
    if first.raw or rest.strip():
        yield replace(first, text=_joined(first.text, rest), raw=_joined(first.raw, rest))


def _joined(text: str, rest: str) -> str:
    return f"{text}\n{rest}" if rest else text


def _begins(line: str, cell: int, *, paragraph: bool, fence: bool) -> Piece | None:
    """The piece that a line begins with a marker or as a heading, or ``None``."""
    head = line[:_LINE_HEAD]
    decor = _DECOR.match(head)
    start = decor.end() if decor else 0
    opened = head[:start]
    heading = _HEADING.match(head)
    level = len(heading[1]) if heading and not fence else 0
    plain = Piece(cell, "heading", line[start:], line, level=level, paragraph=paragraph)
    numbered = _NUMBERED.match(head, start)
    if numbered and _is_marker(numbered, head, paragraph=paragraph or bool(level) or "*" in opened):
        return _numbered(plain, numbered, opened, line)
    if fence:
        return None
    if answer := _ANSWER.match(head, start) or _ANSWER_LETTER.match(head, start):
        return replace(plain, kind="answer", text=_closed(line[answer.end() :], opened, answer[0]))
    bare = _BARE.match(head, start)
    if bare and (bare["stop"] or level or "(" in opened or "*" in opened or "_" in opened):
        indent = len(head.expandtabs(4)) - len(head.expandtabs(4).lstrip())
        text = _closed(line[bare.end() :], opened, bare[0])
        return replace(
            plain,
            kind="number",
            number=int(bare["number"]),
            letter=bare["letter"],
            text=text,
            nested=indent > 3,
        )
    return plain if level else None


def _numbered(plain: Piece, found: re.Match[str], opened: str, line: str) -> Piece:
    said = (found["word"] + found["link"]).lower()
    kind: Kind = "answer" if said.startswith(("a", "svar")) else "question"
    text = _closed(line[found.end() :], opened, line[found.end("number") : found.end()])
    return replace(plain, kind=kind, number=int(found["number"]), letter=found["letter"].lower(), text=text)


def _is_marker(found: re.Match[str], head: str, *, paragraph: bool) -> bool:
    """Whether this numbers an answer, and is no sentence such as "Question 12 showed that …"."""
    after = head[found.end("letter") : found.end()].strip(" \t")
    following = head[found.end() : found.end() + 1]
    if found["word"] == "a" or (found["word"] == "A" and (found["link"] or not after)):
        return False
    if after or not following:
        return True
    answers = found["word"].lower().startswith(("a", "svar"))  # "Answer 24 GB" answers with a number
    return not answers and (following.isupper() or (paragraph and not following.islower()))


def _closed(text: str, opened: str, marker: str) -> str:
    """The text, whose emphasis begins before the marker, with that beginning."""
    marks = "".join(sign for sign in opened if sign in "*_")[-2:]
    if marks and not set(marker) & {"*", "_"} and marks in text:
        return marks + text
    return text.lstrip("|").lstrip()
