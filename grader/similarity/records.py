"""What the search for similar submissions takes in and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["code", "text"]


@dataclass(frozen=True)
class Part:
    """A cell, a helper file or a written answer. ``place`` is its name for people, e.g. ``cell 12``."""

    place: str
    text: str


@dataclass(frozen=True)
class Work:
    """What one submission holds: its code, and what it says in words; all of it is untrusted."""

    student: str
    slug: str
    lab: str
    code: tuple[Part, ...] = ()
    text: tuple[Part, ...] = ()

    def parts(self, kind: Kind) -> tuple[Part, ...]:
        """The parts of one kind."""
        return self.code if kind == "code" else self.text


@dataclass(frozen=True)
class Level:
    """From when on two submissions are reported, in tokens: words, names, signs.

    Either ``least`` tokens are alike and they are ``share`` of what one of the two wrote, or one passage
    of ``passage`` tokens is.
    """

    least: int
    share: float
    passage: int


@dataclass(frozen=True)
class Levels:
    """The levels of a lab. ``ways`` are rewrites of the audit that are many students' way."""

    code: Level
    text: Level
    ways: tuple[str, ...] = ()

    def of(self, kind: Kind) -> Level:
        """The level for one kind."""
        return self.code if kind == "code" else self.text


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a submission as it was written: ``place`` may name several cells."""

    place: str
    text: str


@dataclass(frozen=True)
class Passage:
    """A stretch that both have, ``tokens`` long; ``left`` is the first student's."""

    kind: Kind
    tokens: int
    left: Excerpt
    right: Excerpt


@dataclass(frozen=True)
class Likeness:
    """How much of one kind two submissions share.

    ``tokens`` are those alike, ``share`` what they are of the smaller one's own, in [0, 1], and
    ``longest`` the longest passage's.
    """

    tokens: int = 0
    share: float = 0.0
    longest: int = 0

    def reaches(self, level: Level) -> bool:
        """Whether this is to be reported."""
        whole = self.tokens >= level.least and self.share >= level.share
        return whole or self.longest >= level.passage

    def strength(self, level: Level) -> float:
        """How far above the level: 1 at the level itself."""
        whole = min(self.tokens / level.least, self.share / level.share)
        return max(whole, self.longest / level.passage)


@dataclass(frozen=True)
class Author:
    """One of the two students of a pair."""

    student: str
    slug: str


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike above a level. Passages are the longest first, of both kinds."""

    lab: str
    left: Author
    right: Author
    code: Likeness
    text: Likeness
    strength: float
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Similar:
    """What came of the search in a class.

    ``compared`` submissions were; ``pairs`` are the strongest first, and there are ``more``. ``left_out`` are
    the slugs of those that are too large, or could not be read again.
    """

    compared: int
    pairs: tuple[Pair, ...] = ()
    more: int = 0
    left_out: tuple[str, ...] = ()
