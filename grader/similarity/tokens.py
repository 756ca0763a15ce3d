"""From code and prose to tokens that stay the same under renaming, other comments and other white space.

A token is one character of a string, so that libraries for strings compare submissions token by token.
"""

from __future__ import annotations

import builtins
import functools
import keyword
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pygments import token as pygments_token
from pygments.lexers import PythonLexer

from grader.similarity.records import Part

PART_CHARACTERS = 20_000  # longer cells hold data; the rest of one is not compared
CHARACTERS = 200_000  # of one submission; a lab's notebook has 20,000 of code
TOKENS = 10_000  # of one submission; a lab's notebook, handout included, has 3,000
CACHED = 2_000  # cells, most of which are the handout's

_NAME, _NUMBER, _STRING = "\N{BULLET}name", "\N{BULLET}number", "\N{BULLET}string"
_END = "\N{BULLET}end"
_BUILTINS = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"self"}
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(\([^)]{0,2000}\)|[^\n#;]+)", re.MULTILINE
)
_ALIAS = re.compile(r"([\w.]+)(?:\s+as\s+(\w+))?")
_PARAMETERS = re.compile(r"\bdef\s+\w+\s*\(([^)]{0,2000})")
_PARAMETER = re.compile(r"(?:^|,)\s*\**(\w+)")
_WORD = re.compile(r"[^\W_]+")


def sign(meaning: str) -> str:
    """The character that stands for a token; two tokens in a million share one."""
    return chr(0x10000 + zlib.crc32(meaning.encode("utf-8", "replace")) % 0x100000)


_END_SIGN = sign(_END)


@dataclass(frozen=True)
class Stream:
    """A submission's tokens, one character each, and where each stands.

    ``places`` is (n, 3), int32: the number of the part, and where in its text the token begins and ends.
    """

    tokens: str
    places: NDArray[np.int32]


@dataclass(frozen=True)
class Lexeme:
    """A token as it is written."""

    text: str
    start: int
    end: int
    kind: str  # "name", "number", "string" or "sign"


@dataclass(frozen=True)
class Names:
    """What a submission imports, by the name that it uses, and the parameters of its functions."""

    imported: Mapping[str, str]
    parameters: frozenset[str]


def code_stream(parts: Sequence[Part]) -> Stream:
    """The tokens of Python code, whether it is right or not.

    Names that the student chose are all one token, as numbers are, and strings. Comments and docstrings
    are none. Names of libraries, attributes and keyword arguments stay, without the module before them.
    """
    bounded = _bounded(parts)
    names = _names_in(bounded)
    return _stream(bounded, lambda text: canonical(lexemes(_without_imports(text)), names))


def prose_stream(parts: Sequence[Part]) -> Stream:
    """The words of a text in small letters; numbers are all one, since each student prints others."""
    return _stream(_bounded(parts), _words)


def breaks(stream: Stream) -> NDArray[np.bool_]:
    """Which tokens stand for the end of a text; nothing that two have in common reaches across one."""
    return np.array([one == _END_SIGN for one in stream.tokens], dtype=bool)


def _bounded(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts, cut: a submission that is made to keep us busy cannot."""
    kept: list[Part] = []
    left = CHARACTERS
    for part in parts:
        text = part.text[: min(PART_CHARACTERS, left)]
        left -= len(text)
        kept.append(Part(part.place, text))
    return tuple(kept)


def _stream(parts: Sequence[Part], split: Callable[[str], Iterator[tuple[str, Lexeme]]]) -> Stream:
    signs: list[str] = []
    places: list[tuple[int, int, int]] = []
    for number, part in enumerate(parts):
        for meaning, lexeme in split(part.text):
            signs.append(sign(meaning))
            places.append((number, lexeme.start, lexeme.end))
        if len(signs) >= TOKENS:
            break
    rows = np.array(places[:TOKENS], dtype=np.int32).reshape(-1, 3)
    return Stream("".join(signs[:TOKENS]), rows)


@functools.lru_cache(maxsize=CACHED)
def lexemes(code: str) -> tuple[Lexeme, ...]:
    """The tokens of code as they are written, without comments, docstrings and white space."""
    found: list[Lexeme] = []
    fresh, nesting = True, 0  # whether a statement begins here; open brackets
    for start, kind, text in PythonLexer().get_tokens_unprocessed(code):
        if kind in pygments_token.Text or kind in pygments_token.Comment:
            fresh = fresh or ("\n" in text and not nesting)
            continue
        if kind in pygments_token.Literal.String:
            if kind not in pygments_token.Literal.String.Doc and not fresh:
                _add_string(found, start, start + len(text))
            continue
        nesting += text.count("(") + text.count("[") + text.count("{")
        nesting = max(0, nesting - text.count(")") - text.count("]") - text.count("}"))
        found.append(Lexeme(text, start, start + len(text), _kind(kind)))
        fresh = False
    return tuple(found)


def _add_string(found: list[Lexeme], start: int, end: int) -> None:
    """A string literal is one token, though the lexer gives its quotes and escapes one by one."""
    if found and found[-1].kind == "string" and found[-1].end == start:
        start = found.pop().start
    found.append(Lexeme("", start, end, "string"))


def _kind(kind: object) -> str:
    if kind in pygments_token.Name or kind in pygments_token.Keyword or kind in pygments_token.Operator.Word:
        return "name"
    return "number" if kind in pygments_token.Literal.Number else "sign"


def canonical(found: Sequence[Lexeme], names: Names) -> Iterator[tuple[str, Lexeme]]:
    """What each token means, whatever it is called; ``keras.layers.Conv2D`` means ``Conv2D``."""
    chain = False  # whether a dotted name that begins with a module's goes on here
    for index, one in enumerate(found):
        before = found[index - 1].text if index else ""
        after = found[index + 1].text if index + 1 < len(found) else ""
        chain = (chain and (one.text == "." or before == ".")) or (
            one.kind == "name" and before != "." and one.text in names.imported
        )
        if not (chain and (after == "." or one.text == ".")):
            yield _meaning(one, before, after, names), one


def _meaning(one: Lexeme, before: str, after: str, names: Names) -> str:
    if one.kind == "number":
        return _NUMBER
    if one.kind == "string":
        return _STRING
    if one.kind == "sign" or one.text in _BUILTINS or before == ".":
        return one.text
    if one.text in names.imported:
        return names.imported[one.text]
    is_argument = after == "=" and before in {"(", ","} and one.text not in names.parameters
    return one.text if is_argument else _NAME


def _names_in(parts: Sequence[Part]) -> Names:
    imported: dict[str, str] = {}
    parameters: set[str] = set()
    for part in parts:
        for found in _IMPORT.finditer(part.text):
            for name, alias in _ALIAS.findall(found[1]):
                imported[alias or name.partition(".")[0]] = name
        for found in _PARAMETERS.finditer(part.text):
            parameters.update(_PARAMETER.findall(found[1]))
    return Names(imported, frozenset(parameters))


def _without_imports(code: str) -> str:
    """The code with its imports blank, each token where it was: everybody has the same ones."""
    return _IMPORT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), code)


def _words(text: str) -> Iterator[tuple[str, Lexeme]]:
    for found in _WORD.finditer(text):
        word = found[0].casefold()
        meaning = _NUMBER if word[0].isdigit() else word
        yield meaning, Lexeme(found[0], found.start(), found.end(), "name")
    yield _END, Lexeme("", len(text), len(text), "sign")
