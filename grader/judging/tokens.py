"""An answer as tokens: words in one spelling, numbers, sizes, signs, and where sentences and clauses end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from grader.judging.numerals import NUMERAL, POWER, SIZE, Numeral, read_number, read_power, read_size
from grader.wording import words

Kind = Literal["word", "number", "size", "sign", "clause", "end", "question"]

NEGATORS = frozenset((
    "not", "no", "never", "without", "none", "neither", "nor", "hardly", "barely", "instead", "rather",
    "inte", "ingen", "inga", "aldrig", "utan",
))  # fmt: skip
CLAUSES = frozenset((
    "because", "since", "so", "but", "and", "while", "whereas", "although", "though", "however", "which",
    "that", "if", "when", "where", "then", "thus", "therefore", "eftersom", "och", "men",
))  # fmt: skip
_DROPPED = frozenset(("a", "an", "the"))
_LEAST_LETTERS = 6  # of a word that is taken for another one with a typing error
_CONTRACTION = re.compile(
    r"(?:(?P<stem>is|are|was|were|do|does|did|ca|wo|could|would|should|has|have|had)n['’]?t|cannot)(?![^\W_])",
    re.IGNORECASE,
)
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("dimensions", r"[1-5][ -]?D(?![^\W_])"),
    ("size", SIZE),
    ("power", POWER),
    ("number", NUMERAL),
    ("contraction", _CONTRACTION.pattern),
    ("word", r"[^\W\d_²³⁰-⁹][^\W_²³⁰-⁹]*"),
    ("squared", r"\^\s?\{?2\}?(?!\d)|\*\*\s?2(?!\d)|²"),
    ("arrow", r"-+>|=+>|→|⇒|\\rightarrow|\\to"),
    ("sign", r"[-−–=+*/^<>~≈]"),
    ("question", r"\?+"),
    ("end", r"[.!](?=[\s*_)\"'’]|\Z)|;|\n\s*\n|\n(?=\s*(?:[-*•]\s|[A-Z0-9]))"),
    ("clause", r"[,:()\n]"),
)
_COMPILED = tuple((name, re.compile(text, re.IGNORECASE if name != "end" else 0)) for name, text in _PATTERNS)
_SPELLED: Mapping[str, Callable[[str], str]] = {
    "dimensions": lambda said: f"{said[0]}d",
    "contraction": lambda _: "not",
    "squared": lambda _: "squared",
    "arrow": lambda _: "->",
    "sign": lambda said: "-" if said in "-−–" else said,
}
_MARKS: Mapping[str, Kind] = {"question": "question", "end": "end", "clause": "clause"}
_EMPHASIS = re.compile(r"(?:(?<=\s)|(?<=\A))[*_]{2,3}(?=\S)|(?<=\S)[*_]{2,3}(?=[\s.,;:!?)]|\Z)|[`$]")
_UNSAID = re.compile(
    r"!\[[^\]\n]{0,200}\]\([^)\n]{0,400}\)|<[a-z/!][^<>]{0,200}>|https?://\S{1,300}", re.IGNORECASE
)


@dataclass(frozen=True)
class Token:
    """A piece of an answer and its place ``start:end`` there. ``word`` is a word's spelling, or a sign;
    ``sides`` are those of a size.
    """

    kind: Kind
    start: int
    end: int
    word: str = ""
    number: Numeral | None = None
    sides: tuple[int, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether a clause ends here."""
        return self.kind in ("clause", "end", "question") or self.word in CLAUSES

    @property
    def ends(self) -> bool:
        """Whether a sentence ends here."""
        return self.kind in ("end", "question")


@dataclass(frozen=True)
class Vocabulary:
    """The words that a lab's rules use, to which words with a typing error are turned, and those that
    stand for several, such as ``sobelx`` for "sobel x". What begins with one of ``stems`` is known too.
    """

    known: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, word: str) -> tuple[str, ...]:
        """A word as the rules spell it; one that is not known is the known one that is a slip away."""
        if found := self.several.get(word.lower()):
            return found
        spelled = words(word)
        return tuple(map(self._nearest, spelled))

    def _nearest(self, word: str) -> str:
        if word in self.known or len(word) < _LEAST_LETTERS or word.startswith(self.stems):
            return word
        alike = [one for one in self.known if one[0] == word[0] and len(one) >= _LEAST_LETTERS]
        found = process.extract(word, alike, scorer=OSA.distance, score_cutoff=1, limit=2)
        return str(found[0][0]) if len(found) == 1 else word


def tokenize(text: str, vocabulary: Vocabulary) -> tuple[Token, ...]:
    """The tokens of an answer in order; marks of emphasis, code and formulas say nothing."""
    plain = _UNSAID.sub(lambda found: " " * len(found[0]), text)
    plain = _EMPHASIS.sub(lambda found: " " * len(found[0]), plain)
    return tuple(token for token in _tokens(plain, vocabulary) if token.word not in _DROPPED)


def _tokens(text: str, vocabulary: Vocabulary) -> Iterator[Token]:
    at = 0
    while at < len(text):
        for name, pattern in _COMPILED:
            found = pattern.match(text, at)
            made = tuple(_made(name, found, vocabulary)) if found and found[0] else ()
            if made and found:
                yield from made
                at = found.end()
                break
        else:
            at += 1


def _made(name: str, found: re.Match[str], vocabulary: Vocabulary) -> Iterator[Token]:
    start, end = found.span()
    if name == "size":
        if (sides := read_size(found)) is not None:
            yield Token("size", start, end, sides=sides)
    elif name in ("number", "power"):
        number = read_number(found) if name == "number" else read_power(found)
        yield Token("number", start, end, number=number)
    elif name == "word":
        yield from (Token("word", start, end, word) for word in vocabulary.read(found[0]))
    elif name in _SPELLED:
        yield Token("sign" if name in ("arrow", "sign") else "word", start, end, _SPELLED[name](found[0]))
    else:
        yield Token(_MARKS[name], start, end)
