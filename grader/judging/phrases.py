"""Phrases of a rule, and where an answer says them, or says that they do not hold.

A phrase is words in their order: ``a|b`` is one word or the other, ``word*`` begins so, ``15x15`` is a
size, ``25583592`` a number, ``≈25583592`` the same rounded, ``24gb`` one with a unit, ``#name`` any number.
Between two words another one may stand, but not where ``.`` parts them; ``..`` lets up to four stand there
and ``...`` up to ten, and ``...!not|without`` only others than these. A sentence's end ends a phrase, except
at ``....``, up to twenty words. ``^word`` is the answer's first. ``not`` is any word that negates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.judging.numerals import Numeral
from grader.judging.tokens import NEGATORS, Token
from grader.wording import words

_GAPS = {".": 0, "..": 4, "...": 10, "....": 20}
_ACROSS = 20  # a gap this wide goes over the end of a sentence
NEXT = 1  # words that may stand between two of a phrase
_REACH = 3  # words before a phrase, and two behind it, in which a "not" denies it
_BEHIND = 2
_NO = ("no", "nope", "nej")
_GOES_ON = frozenset(("we", "it", "you", "i", "they", "this", "there", "can", "not"))  # behind such a "no"
_SIDES = re.compile(r"\d+(?:x\d+)+")
_NUMBER = re.compile(r"(?P<about>≈)?(?P<value>\d+(?:\.\d+)?(?:e\d+)?)(?P<unit>gb|%)?")


@dataclass(frozen=True)
class Amount:
    """A number that a phrase may hold; where ``about``, a rounded one will do."""

    value: float
    unit: str = ""
    about: bool = False

    def fits(self, number: Numeral) -> bool:
        """Whether a number in an answer is this one."""
        if self.unit and number.unit not in ("", self.unit):
            return False
        return number.is_about(self.value) if self.about else number.is_exactly(self.value)


@dataclass(frozen=True)
class Forms:
    """The forms of a word: whole ones, and beginnings."""

    whole: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()

    def hold(self, word: str) -> bool:
        """Whether a word is one of them; "not" is any word that negates."""
        return bool(word) and (
            word in self.whole
            or ("not" in self.whole and word in NEGATORS)
            or any(word.startswith(stem) for stem in self.stems)
        )


@dataclass(frozen=True)
class Element:
    """One place of a phrase: what may stand there, and how many other words before it, but which not.

    ``name`` is that of any number, which whoever asks can find by it; "" where these are meant.
    """

    forms: Forms = Forms()
    sizes: frozenset[tuple[int, ...]] = frozenset()
    amounts: tuple[Amount, ...] = ()
    name: str = ""
    first: bool = False
    gap: int = NEXT
    barred: Forms = Forms()

    def fits(self, token: Token, place: int) -> bool:
        """Whether the token at ``place`` of an answer may stand here."""
        if self.first and place:
            return False
        if token.kind == "size":
            return token.sides in self.sizes
        if token.number is not None:
            return bool(self.name) or any(amount.fits(token.number) for amount in self.amounts)
        return self.forms.hold(token.word)


Phrase = tuple[Element, ...]


@dataclass(frozen=True)
class Found:
    """A phrase in an answer: the tokens that are its words, and whether the answer denies it."""

    places: tuple[int, ...]
    denied: bool


def parse(text: str) -> Phrase:
    """Read a phrase.

    Raises:
        ValueError: it has no word, or a gap without a word behind it.
    """
    elements: list[Element] = []
    gap, barred = NEXT, Forms()
    for part in text.split():
        if part == "." or part.startswith(".."):
            dots, _, never = part.partition("!")
            gap, barred = _GAPS[dots], _forms(never)
            continue
        elements.append(_element(part, gap, barred))
        gap, barred = NEXT, Forms()
    if not elements or gap != NEXT:
        raise ValueError(f"a phrase ends with a word; received {text!r}")
    return tuple(elements)


def _element(part: str, gap: int, barred: Forms) -> Element:
    first, part = part.startswith("^"), part.removeprefix("^")
    if part.startswith("#"):
        return Element(name=part[1:] or "number", first=first, gap=gap, barred=barred)
    choices = [form for form in part.split("|") if form] or [part]
    sizes = frozenset(tuple(map(int, form.split("x"))) for form in choices if _SIDES.fullmatch(form))
    numbers = tuple(_amount(found) for form in choices if (found := _NUMBER.fullmatch(form)))
    return Element(_forms(part), sizes, numbers, first=first, gap=gap, barred=barred)


def _amount(found: re.Match[str]) -> Amount:
    unit = found["unit"] or ""
    return Amount(float(found["value"]) / (100 if unit == "%" else 1), unit, bool(found["about"]))


def _is_stem(form: str) -> bool:
    return form.endswith("*") and len(form) > 1


def _forms(part: str) -> Forms:
    choices = [form for form in part.split("|") if form]
    whole = [
        form
        for form in choices
        if not _is_stem(form) and not _NUMBER.fullmatch(form) and not _SIDES.fullmatch(form)
    ]
    spelled = frozenset(word for form in whole for word in (words(form) or (form,)))
    return Forms(spelled, tuple(form[:-1] for form in choices if _is_stem(form)))


def find(phrase: Phrase, tokens: Sequence[Token]) -> Iterator[Found]:
    """Every place where an answer says the phrase, the shortest from each beginning."""
    for start, token in enumerate(tokens):
        if phrase[0].fits(token, start):
            places = _path(phrase, tokens, start)
            if places:
                yield Found(places, _is_denied(tokens, places))


def _path(phrase: Phrase, tokens: Sequence[Token], start: int) -> tuple[int, ...]:
    reached: dict[int, tuple[int, ...]] = {start: (start,)}
    for element in phrase[1:]:
        following: dict[int, tuple[int, ...]] = {}
        for place, path in reached.items():
            for there in _next(element, tokens, place):
                following.setdefault(there, (*path, there))
        reached = following
    return reached[min(reached)] if reached else ()


def _next(element: Element, tokens: Sequence[Token], place: int) -> Iterator[int]:
    """The places behind ``place`` where the element may stand."""
    between = 0
    for there in range(place + 1, len(tokens)):
        token = tokens[there]
        if element.fits(token, there):
            yield there
        if (token.ends and element.gap < _ACROSS) or element.barred.hold(token.word):
            return
        between += token.kind in ("word", "number", "size")
        if between > element.gap:
            return


def _is_denied(tokens: Sequence[Token], places: Sequence[int]) -> bool:
    """Whether a word that negates stands in the phrase's gaps, just before it, or just behind it."""
    first, last = places[0], places[-1]
    behind = [] if tokens[last].word in NEGATORS else _behind(tokens, last)
    inside = [tokens[place] for place in range(first + 1, last) if place not in places]
    around = [*inside, *_before(tokens, first)]
    return any(token.word in NEGATORS for token in around) or any(token.word == "not" for token in behind)


def answers_no(tokens: Sequence[Token]) -> bool:
    """Whether an answer begins with a "no" that answers the question: "No, …", not "No difference"."""
    if not tokens or tokens[0].word not in NEGATORS:
        return False
    return len(tokens) == 1 or tokens[1].breaks or (tokens[0].word in _NO and tokens[1].word in _GOES_ON)


def _before(tokens: Sequence[Token], first: int) -> Iterator[Token]:
    """The words before a phrase in its clause; a "no" that answers the question denies nothing."""
    for place in range(first - 1, max(-1, first - 1 - _REACH), -1):
        token = tokens[place]
        if token.breaks or (place == 0 and answers_no(tokens)):
            return
        yield token


def _behind(tokens: Sequence[Token], last: int) -> Iterator[Token]:
    for token in tokens[last + 1 : last + 1 + _BEHIND]:
        if token.breaks:
            return
        yield token
