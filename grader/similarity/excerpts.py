"""Stretches of tokens as they stand in the submission, for people who decide what they mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.similarity.overlap import Run
from grader.similarity.records import Excerpt, Kind, Part, Passage
from grader.similarity.tokens import Stream

PASSAGES = 6  # of one kind that are shown of a pair
CHARACTERS = 2_000  # of one excerpt

Side = tuple[Sequence[Part], Stream]


def passages_of(kind: Kind, runs: Sequence[Run], left: Side, right: Side) -> list[Passage]:
    """The longest stretches that two submissions share, none inside another."""
    taken = (np.zeros(len(left[1].tokens), bool), np.zeros(len(right[1].tokens), bool))
    found: list[Passage] = []
    for run in runs:
        here, there = slice(run.left, run.left + run.tokens), slice(run.right, run.right + run.tokens)
        if len(found) == PASSAGES:
            break
        if taken[0][here].mean() > 0.5 or taken[1][there].mean() > 0.5:
            continue
        taken[0][here] = taken[1][there] = True
        excerpts = excerpt(*left, run.left, run.tokens), excerpt(*right, run.right, run.tokens)
        found.append(Passage(kind, run.tokens, *excerpts))
    return found


def excerpt(parts: Sequence[Part], stream: Stream, start: int, tokens: int) -> Excerpt:
    """Whole lines from token ``start`` on."""
    rows = stream.places[start : start + tokens]
    numbers = [int(number) for number in dict.fromkeys(rows[:, 0].tolist())]
    texts = []
    for number in numbers:
        inside = rows[rows[:, 0] == number]
        texts.append(_lines(parts[number].text, int(inside[0, 1]), int(inside[-1, 2])))
    places = parts[numbers[0]].place, parts[numbers[-1]].place
    text = "\n\n".join(texts)
    clipped = text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]} …"
    return Excerpt(places[0] if len(numbers) == 1 else f"{places[0]} to {places[1]}", clipped)


def _lines(text: str, start: int, end: int) -> str:
    """The lines that hold these characters; of a line as long as a page, only the characters."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    whole = text[first : last if last >= 0 else len(text)]
    return whole if len(whole) - (end - start) < 400 else text[start:end]
