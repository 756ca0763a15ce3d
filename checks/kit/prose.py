"""Numbers in written sentences: accuracies, differences and large counts, and how sure the writer is of "
"them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ*(0-9`'\"])|\n+|;\s+")
SHARE = re.compile(
    r"(?<![\w.,^×/])(?P<number>\d{1,3}[.,]\d{1,17}|\d{1,3}|\.\d{1,17})\s*"
    r"(?P<unit>%\s*-?\s*(?:points?|units?)|percentage[ -]points?|percent[ -]points?|procentenheter"
    r"|p\.?p\.?(?!\w)|points?"
    r"|%|percent|per cent|procent)?(?![\w×^]|[.,]\d)",
    re.IGNORECASE,
)
COUNT = re.compile(r"(?<![\w.,])(\d{1,3}(?:[ ,.'\u00a0\u2009\u202f]\d{3})+|\d{4,12})(?![\w]|[.,]\d)")
HEDGE = re.compile(
    r"(?:~|≈|±|<|>|≤|≥|\b(?:about|around|roughly|approx\w*|almost|nearly|circa|ca|cirka|ungefär|over|above|below"
    r"|under|than|least|most|up to|between|close|near|maybe|perhaps|some|something like))[\s.]*(?:\w+\s+)?$",
    re.IGNORECASE,
)
RANGE = re.compile(r"\d\s*%?\s*(?:to|or|-|–)\s*$", re.IGNORECASE)
POINTS = re.compile(r"point|unit|enhet|^p\.?p", re.IGNORECASE)
APART = re.compile(
    r"\b(?:differences?|gap|diff|differs?|drop|decrease|increase|improvement|gain|rise|loss of|by|delta)"
    r"(?:\s+(?:in|the|test|train\w*|accuracy|between|them|these|is|was|of|by|then|thus|only|with)){0,6}\s*[:=]?\s*$"
    r"|[-–−][^=]*=\s*$",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"^\W{0,3}(?:(?:percent\w*|points?)\s+)?(?:better|worse|higher|lower|more|less|larger|smaller)\b",
    re.IGNORECASE,
)
PRECISE = 3  # decimals of a fraction, from which on nobody gives a range
NEAR = 60  # characters beside a number that tell what it is


@dataclass(frozen=True)
class Mention:
    """A share or a difference of shares in a sentence.

    ``value`` is a fraction, ``digits`` its decimals as one: 52.3 % is 0.523 with 3. ``apart`` says that it is
    a difference, ``hedged`` that it is meant to be rough. ``percent`` says that it is written in percent.
    """

    text: str
    value: float
    digits: int
    sentence: str
    before: str
    after: str
    percent: bool
    apart: bool
    hedged: bool

    @property
    def step(self) -> float:
        """One unit of its last decimal, so that rounding and cutting off are both right."""
        return 10.0**-self.digits

    def fits(self, values: Iterable[float], slack: float = 1.0) -> bool:
        """Whether it is one of some values, rounded or cut off; ``slack`` widens that."""
        low, high = 0.5 * slack * self.step + 1e-6, slack * self.step + 1e-9
        return any(-low <= value - self.value < high for value in values)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences and lines of a text, without Markdown's emphasis."""
    plain = re.sub(r"[*`]+", "", text).replace("’", "'")
    return tuple(part.strip() for part in SENTENCE.split(plain) if part.strip())


def mentions(text: str) -> tuple[Mention, ...]:
    """The shares in a text: fractions up to 1 with a decimal point, percentages, percentage points."""
    return tuple(one for sentence in sentences(text) for one in _mentions(sentence))


def _mentions(sentence: str) -> Iterator[Mention]:
    for found in SHARE.finditer(sentence):
        written, unit = found["number"].replace(",", "."), found["unit"] or ""
        decimals = len(written.partition(".")[2])
        value = float(written)
        if (unit and value > 100) or (not unit and not (decimals and value <= 1)):
            continue
        digits = decimals + 2 if unit else decimals
        before, after = sentence[: found.start()][-NEAR:], sentence[found.end() :][:NEAR]
        apart = bool(POINTS.search(unit) or APART.search(before) or COMPARED.match(after))
        yield Mention(
            found[0].strip(), value / 100 if unit else value, digits, sentence,
            before, after, bool(unit), apart, _is_rough(before, digits),
        )  # fmt: skip


def _is_rough(before: str, digits: int) -> bool:
    """Whether a number is hedged, or the end of a range such as 30 to 35 %."""
    ranged = digits < PRECISE and RANGE.search(before) and "from" not in before.lower()
    return bool(ranged or HEDGE.search(before))


def counts(sentence: str) -> Iterator[tuple[int, str, str]]:
    """The whole numbers of four digits and more, with what stands before and behind."""
    for found in COUNT.finditer(sentence):
        if HEDGE.search(sentence[: found.start()]):
            continue
        number = int(re.sub(r"\D", "", found[1]))
        yield number, sentence[: found.start()][-NEAR:], sentence[found.end() :][:NEAR]


def differences(values: Iterable[float]) -> frozenset[float]:
    """What may be said of pairs of shares: the difference, and the same relative to either."""
    known = sorted(set(values))
    found = set()
    for place, low in enumerate(known):
        for high in known[place + 1 :]:
            found |= {high - low, (high - low) / high}
            if low > 0:
                found |= {(high - low) / low, high / low}
    return frozenset(found)
