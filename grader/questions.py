"""The written questions of a lab, read from ``checks/<lab>/answers.toml``.

A student edition has ``questions.toml`` in its place, which asks the same and knows no answer.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks import kit
from grader.wording import Key, key, words


@dataclass(frozen=True)
class Question:
    """One question. ``wordings`` are the ways in which handouts word it, the lab's own first.

    ``number`` is the one printed before it, which another question may have too; ``keys`` are phrases
    whose words, in any order, tell it from the others.
    """

    id: str
    task: str
    text: str
    number: int
    wordings: tuple[tuple[str, ...], ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Questions:
    """All questions of a lab in its order, the words of its headings by task, and words of its handouts."""

    items: tuple[Question, ...] = ()
    sections: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    handout: tuple[str, ...] = ()

    def place(self, id: str) -> int:  # noqa: A002 - it is one
        """Where a question stands in the lab's order, from 0."""
        return self._places[id]

    def of(self, id: str) -> Question:  # noqa: A002
        """The question of that id."""
        return self.items[self._places[id]]

    @functools.cached_property
    def _places(self) -> dict[str, int]:
        return {question.id: place for place, question in enumerate(self.items)}


FILES = ("answers.toml", "questions.toml")


def file_of(lab: Path) -> Path | None:
    """The file with the questions in the folder of a lab, or ``None`` where it has none."""
    return next((lab / name for name in FILES if (lab / name).is_file()), None)


@functools.cache
def load_questions(lab: str) -> Questions:
    """The questions of a lab; none where it has no file of them.

    Raises:
        ValueError: the file is no TOML.
        KeyError: a question lacks its task, text or keys.
    """
    place = file_of(Path(kit.__file__).resolve().parents[1] / lab)
    if place is None:
        return Questions()
    document = tomllib.loads(place.read_text("utf-8"))
    sections = document.get("sections", {}).items()
    return Questions(
        tuple(_question(name, entry) for name, entry in document["questions"].items()),
        tuple((task, tuple(map(words, phrases))) for task, phrases in sections),
        tuple(" ".join(words(phrase)) for phrase in document.get("handout", ())),
    )


def _question(name: str, entry: dict[str, Any]) -> Question:
    texts = [entry["text"], *entry.get("also", ())]
    number = re.search(r"\d+", name)
    if number is None:
        raise ValueError(f"the id of a question holds its number; received {name!r}")
    return Question(
        name, entry["task"], entry["text"], int(number[0]), tuple(map(words, texts)),
        tuple(map(key, entry["keys"])),
    )  # fmt: skip
