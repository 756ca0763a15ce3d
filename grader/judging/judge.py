"""The verdict on one written answer, with its reason and the words it rests on. It is a proposal.

Precision comes before recall: whatever is not simple is ``unclear``, and a person reads it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.judging.own import Compared, compare
from grader.judging.phrases import Found, Phrase, answers_no, find
from grader.judging.rules import Fact, Rule, Rules, Slip
from grader.judging.tokens import NEGATORS, Token, tokenize
from grader.records import Verdict

LONGEST = 130  # words of an answer that is judged: in a longer one too much is said besides
PLAIN = 16  # words of an answer whose number alone decides
NEAR = 0.05  # of a number: so near to a right one a slip of the pen is likelier than a mistake
QUOTES, QUOTE = 6, 90  # how many words are quoted, and characters of each


@dataclass(frozen=True)
class Judgement:
    """A verdict; ``reason`` is one sentence and ``words`` are cut out of the answer as they stand there."""

    verdict: Verdict
    reason: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """What was found in an answer."""

    text: str
    tokens: tuple[Token, ...]
    held: tuple[tuple[Fact, Found], ...]
    denied: tuple[tuple[Fact, Found], ...]
    absent: tuple[Fact, ...]
    wrong: tuple[tuple[Slip, Found], ...]
    doubts: tuple[tuple[Slip, Found], ...]
    strange: tuple[int, ...]  # places of numbers that no right answer holds
    unread: tuple[int, ...]  # places of a "not" that no phrase accounts for

    def judgement(self, verdict: Verdict, reason: str, places: Iterable[int]) -> Judgement:
        """A judgement that quotes the text at these tokens, neighbours together."""
        return Judgement(verdict, reason, _quoted(self.text, self.tokens, sorted({*places})))


def judge(question: str, text: str, rules: Rules, printed: Sequence[float] = ()) -> Judgement:
    """Judge the text of one answer.

    Args:
        question: its id.
        text: the student's words; not empty.
        rules: the lab's.
        printed: the numbers in the notebook's saved outputs, empty where none were saved.
    """
    rule = rules.by_question.get(question)
    if rule is None:
        return Judgement("unclear", "For this question no rule says what is right.")
    tokens = tokenize(text, rules.vocabulary)
    if sum(token.kind == "word" for token in tokens) > LONGEST or len(tokens) > 3 * LONGEST:
        return Judgement("unclear", "It is too long for a program to judge.")
    reading = _read(text, tokens, rule, rules)
    if reason := _not_simple(reading):
        return reason
    own = compare(rule.own, reading.tokens, printed) if rule.own else None
    return _wrong(reading, rule, own) or _right(reading, rule, own) or _unclear(reading, rule, own)


def _read(text: str, tokens: tuple[Token, ...], rule: Rule, rules: Rules) -> _Reading:
    held: list[tuple[Fact, Found]] = []
    denied: list[tuple[Fact, Found]] = []
    absent: list[Fact] = []
    for fact in rule.facts:
        found = _first(fact.says, tokens)
        if found is None:
            absent.append(fact)
        else:
            (denied if found.denied else held).append((fact, found))
    return _Reading(
        text, tokens, tuple(held), tuple(denied), tuple(absent), _slips(rule.wrong, tokens),
        _slips((*rule.doubts, *rules.doubts), tokens), _strange(rule, tokens),
        _unread(rule, rules, tokens),
    )  # fmt: skip


def _first(phrases: Iterable[Phrase], tokens: Sequence[Token]) -> Found | None:
    """A place where one of the phrases is said; one where it is denied only where none is."""
    found = [one for phrase in phrases for one in find(phrase, tokens)]
    return next((one for one in found if not one.denied), found[0] if found else None)


def _slips(slips: Iterable[Slip], tokens: Sequence[Token]) -> tuple[tuple[Slip, Found], ...]:
    found = ((slip, _first(slip.says, tokens)) for slip in slips)
    return tuple((slip, one) for slip, one in found if one is not None and not one.denied)


def _strange(rule: Rule, tokens: Sequence[Token]) -> tuple[int, ...]:
    """The places of numbers and sizes that neither the facts nor the rule's own list names."""
    if not rule.exact:
        return ()
    elements = [element for fact in rule.facts for phrase in fact.says for element in phrase]
    return tuple(
        place
        for place, token in enumerate(tokens)
        if (token.number and not any(token.number.is_exactly(one) for one in rule.numbers))
        or (token.sides and token.sides not in rule.sizes)
        if not any(element.fits(token, place) for element in elements)
    )


def _unread(rule: Rule, rules: Rules, tokens: Sequence[Token]) -> tuple[int, ...]:
    """The places of words that negate something, but neither answer the question nor belong to a phrase."""
    facts = [phrase for fact in rule.facts for phrase in fact.says]
    wrong = [phrase for slip in rule.wrong for phrase in slip.says]
    phrases = [*facts, *wrong, *rule.beside, *rules.beside, *(rule.own.pairs if rule.own else ())]
    read = {place for phrase in phrases for found in find(phrase, tokens) for place in found.places}
    first = 1 if answers_no(tokens) else 0
    return tuple(
        place
        for place, token in enumerate(tokens)
        if token.word in NEGATORS and place >= first and place not in read
    )


def _not_simple(reading: _Reading) -> Judgement | None:
    """Why an answer is not judged, however right or wrong its words are."""
    if reading.doubts:
        slip, found = reading.doubts[0]
        return reading.judgement("unclear", slip.because, found.places)
    asks = [place for place, token in enumerate(reading.tokens) if token.kind == "question"]
    if asks:
        return reading.judgement("unclear", "It asks something itself.", [max(0, asks[0] - 1), asks[0]])
    return None


def _wrong(reading: _Reading, rule: Rule, own: Compared | None) -> Judgement | None:
    for slip, found in reading.wrong:
        if slip.outright or not (reading.held or reading.denied or reading.unread):
            return reading.judgement("likely_wrong", slip.because, found.places)
    if own is not None and own.wrong:
        return reading.judgement("likely_wrong", own.reason, own.places)
    if reading.strange and not (reading.held or reading.denied) and _is_plain(reading, rule):
        reason = "What it gives is not the number asked for."
        return reading.judgement("likely_wrong", reason, reading.strange)
    return None


def _right(reading: _Reading, rule: Rule, own: Compared | None) -> Judgement | None:
    if len(reading.held) < rule.enough or reading.denied or reading.wrong or reading.strange:
        return None
    if reading.unread:
        return None
    if own is not None and not own.supported:
        return None
    places = [place for _, found in reading.held for place in found.places]
    ideas = [fact.idea for fact, _ in reading.held]
    reasons = [f"It says what a right answer holds: {_listed(ideas)}."] if ideas else []
    if own is not None:
        reasons.append(own.reason)
        places += own.places
    return reading.judgement("likely_right", " ".join(reasons), places)


def _unclear(reading: _Reading, rule: Rule, own: Compared | None) -> Judgement:
    places = [place for _, found in (*reading.held, *reading.denied) for place in found.places]
    if reading.wrong:
        slip, found = reading.wrong[0]
        return reading.judgement("unclear", f"Part of it may be right, but: {slip.because}", found.places)
    if reading.denied:
        ideas = _listed([fact.idea for fact, _ in reading.denied])
        return reading.judgement("unclear", f"It seems to say that this does not hold: {ideas}.", places)
    if reading.strange:
        return reading.judgement("unclear", "It holds a number that is not expected.", reading.strange)
    if reading.unread and len(reading.held) >= rule.enough:
        return reading.judgement("unclear", "It denies something that no rule knows.", reading.unread)
    if len(reading.held) < rule.enough:
        missed = _listed([fact.idea for fact in reading.absent])
        said = _listed([fact.idea for fact, _ in reading.held])
        reason = f"It says {said}; not found: {missed}." if reading.held else f"Not found: {missed}."
        return reading.judgement("unclear", reason, places)
    return reading.judgement("unclear", own.reason if own else "", [*places, *(own.places if own else ())])


def _is_plain(reading: _Reading, rule: Rule) -> bool:
    """Whether an answer is little else than its numbers, and none of them is nearly right."""
    said = [token for token in reading.tokens if token.kind == "word"]
    right = [one.value for fact in rule.facts for phrase in fact.says for e in phrase for one in e.amounts]
    sizes = [size for fact in rule.facts for phrase in fact.says for e in phrase for size in e.sizes]
    near = any(
        math.isclose(value, one, rel_tol=NEAR)
        for place in reading.strange
        if (number := reading.tokens[place].number)
        for value in number.values
        for one in right
    ) or any(_is_near(reading.tokens[place].sides, size) for place in reading.strange for size in sizes)
    return len(said) <= PLAIN and not near and not any(token.word in NEGATORS for token in said)


def _is_near(said: Sequence[int], size: Sequence[int]) -> bool:
    """Whether a size is another one but for a pixel or a channel."""
    near = all(abs(a - b) <= 1 for a, b in zip(said[:2], size, strict=False))
    return near and len(said) > 1 and size[0] > 9


def _listed(ideas: Sequence[str]) -> str:
    """Some things as people list them."""
    return ideas[0] if len(ideas) == 1 else f"{', '.join(ideas[:-1])} and {ideas[-1]}" if ideas else "nothing"


def _quoted(text: str, tokens: Sequence[Token], places: Sequence[int]) -> tuple[str, ...]:
    """The stretches of a text at these tokens; what stands close together is one stretch."""
    spans: list[tuple[int, int]] = []
    for place in places:
        start, end = tokens[place].start, tokens[place].end
        if spans and start - spans[-1][1] <= 12 and end - spans[-1][0] <= QUOTE:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(dict.fromkeys(" ".join(text[start:end].split())[:QUOTE] for start, end in spans))[:QUOTES]
