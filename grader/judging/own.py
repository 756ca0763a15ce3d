"""Whether the numbers of an answer are those that the notebook printed, and fit what is said of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.judging.numerals import Numeral
from grader.judging.phrases import Phrase, find, parse
from grader.judging.rules import Own
from grader.judging.tokens import Token

LEAST_DIGITS = 2  # a number of one digit, such as a learning rate of 0.001, is no accuracy
ROUNDING = 0.0101  # of a difference whose two numbers were rounded to percent
_UP = tuple(map(parse, ("improv*|increas*|better|higher|gain*|rose|rise*|helped",)))
_DOWN = tuple(map(parse, ("decreas*|worse|lower|drop|dropped|fell|reduc*|sank",)))


@dataclass(frozen=True)
class Compared:
    """What the comparison says: ``supported``, or ``wrong`` in itself, or else unclear; ``reason`` is one
    sentence, and ``places`` the tokens it rests on.
    """

    supported: bool
    wrong: bool
    reason: str
    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Pair:
    places: tuple[int, ...]
    a: Numeral
    b: Numeral


def compare(own: Own, tokens: Sequence[Token], printed: Sequence[float]) -> Compared:
    """Hold an answer's accuracies against the numbers in the notebook's saved outputs.

    Args:
        own: what the question asks for.
        tokens: the answer.
        printed: numbers of the saved outputs, fractions of 1 for accuracies; empty where none are saved.
    """
    pair = next(_pairs(own.pairs, tokens), None)
    if own.pairs and pair is None:
        return Compared(False, False, "The two numbers that are to be compared were not found.")
    if pair and own.trend and (against := _against_itself(pair, tokens)):
        return Compared(False, True, "What it says of the change does not fit its own two numbers.", against)
    if not printed:
        return Compared(False, False, "The notebook has no saved outputs to compare its numbers with.")
    said = tuple(place for place, token in enumerate(tokens) if _is_accuracy(token))
    if objection := _not_printed(said, pair, tokens, printed) or _wrong_way_round(own, pair, printed):
        return objection
    return Compared(True, False, "Its numbers are among those that the notebook printed.", said)


def _not_printed(
    said: Sequence[int], pair: _Pair | None, tokens: Sequence[Token], printed: Sequence[float]
) -> Compared | None:
    """That an accuracy, or a difference, has nothing to do with what the notebook printed."""
    for place in said:
        number = tokens[place].number
        if number and not _is_backed(number, printed) and not (pair and _is_difference(number, pair)):
            reason = "A number in it is none that the notebook's saved outputs show."
            return Compared(False, False, reason, (place,))
    if not said or (pair and not all(_is_backed(one, printed) for one in (pair.a, pair.b))):
        return Compared(False, False, "It gives no accuracy that the notebook's saved outputs show.")
    return None


def _wrong_way_round(own: Own, pair: _Pair | None, printed: Sequence[float]) -> Compared | None:
    if pair and own.ordered and not _in_order(pair, printed):
        reason = "The notebook printed the two numbers the other way round."
        return Compared(False, False, reason, pair.places)
    if pair and own.falls and not _value(pair.b) < _value(pair.a):
        return Compared(False, False, "The two numbers are not the way round that is expected.", pair.places)
    return None


def _pairs(phrases: Iterable[Phrase], tokens: Sequence[Token]) -> Iterator[_Pair]:
    for phrase in phrases:
        names = [element.name for element in phrase]
        for found in find(phrase, tokens):
            numbers = {name: tokens[place].number for name, place in zip(names, found.places, strict=True)}
            a, b = numbers["a"], numbers["b"]
            if a and b and all(_is_share(one) and one.digits >= LEAST_DIGITS for one in (a, b)):
                yield _Pair(found.places, a, b)


def _against_itself(pair: _Pair, tokens: Sequence[Token]) -> tuple[int, ...]:
    """The places of the pair where its sentence says "up" and the numbers go down, or the other way round;
    none where both are said.
    """
    sentence = _sentence(pair, tokens)
    up, down = _said(_UP, sentence), _said(_DOWN, sentence)
    change = _value(pair.b) - _value(pair.a)
    against = (up and not down and change < 0) or (down and not up and change > 0)
    return tuple(range(pair.places[0], pair.places[-1] + 1)) if against else ()


def _sentence(pair: _Pair, tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens of the sentence, or sentences, that hold the pair."""
    first, last = pair.places[0], pair.places[-1]
    begin = max((place + 1 for place in range(first) if tokens[place].ends), default=0)
    end = min((place for place in range(last, len(tokens)) if tokens[place].ends), default=len(tokens))
    return tokens[begin:end]


def _said(phrases: Iterable[Phrase], tokens: Sequence[Token]) -> bool:
    found = [one for phrase in phrases for one in find(phrase, tokens)]
    return bool(found) and not any(one.denied for one in found)


def _in_order(pair: _Pair, printed: Sequence[float]) -> bool:
    """Whether a number that may be ``a`` was printed before one that may be ``b``."""
    first = next((n for n, one in enumerate(printed) if _is_backed(pair.a, (one,))), len(printed))
    return any(_is_backed(pair.b, (one,)) for one in printed[first + 1 :])


def _is_accuracy(token: Token) -> bool:
    number = token.number
    return number is not None and _is_share(number) and (number.unit == "%" or number.digits >= LEAST_DIGITS)


def _is_share(number: Numeral) -> bool:
    """Whether a number may be an accuracy: a percentage, a fraction, or a percentage without its sign."""
    value = number.values[-1]
    return number.unit == "%" or 0 < value <= 1 or (1 < value < 100 and value != round(value))


def _value(number: Numeral) -> float:
    value = number.values[-1]
    return value / 100 if number.unit != "%" and value > 1 else value


def _is_backed(number: Numeral, printed: Iterable[float]) -> bool:
    said = Numeral((_value(number),), number.digits)
    return any(said.is_about(one, LEAST_DIGITS) for one in printed)


def _is_difference(number: Numeral, pair: _Pair) -> bool:
    gap = abs(_value(pair.a) - _value(pair.b))
    return math.isclose(_value(number), gap, abs_tol=ROUNDING)
