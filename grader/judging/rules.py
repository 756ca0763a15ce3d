"""What a lab's answers.toml asks of each answer."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks import kit
from grader.judging.phrases import Phrase, parse
from grader.judging.tokens import Vocabulary
from grader.wording import words


@dataclass(frozen=True)
class Fact:
    """Something that a right answer says, in any of these ways; ``idea`` names it for people."""

    idea: str
    says: tuple[Phrase, ...]


@dataclass(frozen=True)
class Slip:
    """Something that makes an answer wrong, or doubtful; ``because`` is a sentence that says why.

    ``outright`` makes it wrong whatever else it says.
    """

    because: str
    says: tuple[Phrase, ...]
    outright: bool = False


@dataclass(frozen=True)
class Own:
    """The notebook's own numbers that an answer must give.

    ``pairs`` are phrases with ``#a`` and ``#b``: what is compared, before and after. ``b`` must be
    smaller where ``falls``, and words such as "improved" must fit where ``trend``. Without pairs one
    number is enough. ``ordered`` says that the notebook prints ``a`` before ``b``.
    """

    pairs: tuple[Phrase, ...] = ()
    falls: bool = False
    trend: bool = False
    ordered: bool = False


@dataclass(frozen=True)
class Rule:
    """What one answer is held against.

    ``enough`` of the ``facts`` make a right answer. ``exact`` says that the answer is a number: another
    number alone is wrong, except for ``numbers`` and ``sizes``, which may stand beside it. ``own`` is
    ``None`` where no number must be the notebook's. ``beside`` is what may be denied besides: any other
    "not" leaves a person to decide.
    """

    facts: tuple[Fact, ...]
    enough: int
    wrong: tuple[Slip, ...] = ()
    doubts: tuple[Slip, ...] = ()
    exact: bool = False
    numbers: frozenset[float] = frozenset()
    sizes: frozenset[tuple[int, ...]] = frozenset()
    own: Own | None = None
    beside: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Rules:
    """A lab's rules by question, and the words they use; ``doubts`` and ``beside`` hold for every answer."""

    by_question: Mapping[str, Rule]
    vocabulary: Vocabulary
    doubts: tuple[Slip, ...] = ()
    beside: tuple[Phrase, ...] = ()


@functools.cache
def load_rules(lab: str) -> Rules:
    """The rules of a lab; none where it has no answers.toml.

    Raises:
        ValueError: the file is no TOML, or a phrase is none.
        KeyError: a fact lacks its idea or phrases.
    """
    place = Path(kit.__file__).resolve().parents[1] / lab / "answers.toml"
    if not place.is_file():
        return Rules({}, Vocabulary())
    return read_rules(tomllib.loads(place.read_text("utf-8")))


def read_rules(document: Mapping[str, Any]) -> Rules:
    """The rules in the contents of an answers.toml.

    Raises:
        ValueError: a phrase is none.
        KeyError: a fact lacks its idea or phrases.
    """
    questions = document["questions"]
    found = {name: _rule(entry) for name, entry in questions.items() if "facts" in entry or "own" in entry}
    doubts, beside = _slips(document.get("doubts", ())), _parsed(document.get("beside", ()))
    return Rules(found, _vocabulary(document, found), doubts, beside)


def _vocabulary(document: Mapping[str, Any], rules: Mapping[str, Rule]) -> Vocabulary:
    entries = document["questions"].values()
    asked = [text for entry in entries for text in (entry["text"], *entry.get("also", ()))]
    phrases = [phrase for rule in rules.values() for phrase in _phrases(rule)]
    elements = [element for phrase in phrases for element in phrase]
    said = [word for element in elements for word in element.forms.whole]
    spelled = [*said, *(word for text in (*asked, document.get("ordinary", "")) for word in words(text))]
    stems = {stem for element in elements for stem in element.forms.stems}
    several = {word: words(meant) for word, meant in document.get("spellings", {}).items()}
    return Vocabulary(frozenset(spelled), tuple(sorted(stems)), several)


def _phrases(rule: Rule) -> Iterator[Phrase]:
    for fact in rule.facts:
        yield from fact.says
    for slip in (*rule.wrong, *rule.doubts):
        yield from slip.says


def _rule(entry: Mapping[str, Any]) -> Rule:
    facts = tuple(Fact(fact["idea"], _parsed(fact["says"])) for fact in entry.get("facts", ()))
    allowed = [str(one) for one in entry.get("numbers", ())]
    sizes = frozenset(tuple(map(int, one.split("x"))) for one in allowed if "x" in one)
    return Rule(
        facts, int(entry.get("enough", len(facts))), _slips(entry.get("wrong", ())),
        _slips(entry.get("doubts", ())), bool(entry.get("exact", False)),
        frozenset(float(one) for one in allowed if "x" not in one), sizes,
        _own(entry["own"]) if "own" in entry else None, _parsed(entry.get("beside", ())),
    )  # fmt: skip


def _own(entry: Mapping[str, Any]) -> Own:
    switches = {name: bool(entry.get(name)) for name in ("falls", "trend", "ordered")}
    return Own(_parsed(entry.get("pairs", ())), **switches)


def _slips(entries: Iterable[Mapping[str, Any]]) -> tuple[Slip, ...]:
    return tuple(
        Slip(entry["because"], _parsed(entry["says"]), bool(entry.get("outright"))) for entry in entries
    )


def _parsed(texts: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(map(parse, texts))
