"""The pairs of a class that are alike above their lab's level; pure functions of records.

What more than a third of a class has is the course's, or everybody's way, and no sign of copying; so are
the handout and the plainest solution (``given.py``). The rest of each submission is compared with that of
each other.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from grader.similarity.excerpts import passages_of
from grader.similarity.overlap import Own, Run, compare, covered, fingerprint, grams, own
from grader.similarity.people import people, same_people
from grader.similarity.records import Author, Kind, Levels, Likeness, Pair, Passage, Similar, Work
from grader.similarity.tokens import Stream, breaks, code_stream, prose_stream

KINDS: tuple[Kind, ...] = ("code", "text")
K = {"code": 16, "text": 5}  # tokens that must follow each other in both
K_GIVEN = {"code": 8, "text": 4}  # tokens by which the course's own is known
COMMON_SHARE, COMMON_LEAST = 3, 3  # found with more than a third of the students, and with three at least
LOOKED_AT = 3_000  # pairs of a lab that are compared in full, those with most in common first
SHOWN = 200  # pairs that are reported; a class with more has another problem
KEPT = 100  # fingerprints in memory

Listen = Callable[[int, int], None]


@dataclass(frozen=True)
class Found:
    """What two works share of one kind; ``runs`` are the longest first."""

    likeness: Likeness = field(default_factory=Likeness)
    runs: tuple[Run, ...] = ()


def similar(
    works: Sequence[Work],
    given: Callable[[str], Sequence[Work]],
    levels: Callable[[str], Levels | None],
    listen: Listen = lambda _done, _total: None,
) -> Similar:
    """The pairs of a class that are alike.

    Args:
        works: what was handed in, of one lab or several; each is compared with those of its lab.
        given: what the course gives in a lab, by the lab's id.
        levels: from when on a pair is reported, by the lab's id; ``None`` where it is never.
        listen: told from time to time how many of how many steps are done.
    """
    by_lab = {lab: [one for one in works if one.lab == lab] for lab in sorted({one.lab for one in works})}
    pairs: list[Pair] = []
    compared = 0
    for lab, members in by_lab.items():
        level = levels(lab)
        if level is not None and len(members) > 1:
            compared += len(members)
            pairs += _of_lab(sorted(members, key=lambda one: one.slug), given(lab), level, listen)
    pairs.sort(key=lambda pair: (-pair.strength, pair.left.slug, pair.right.slug))
    return Similar(compared, tuple(pairs[:SHOWN]), max(0, len(pairs) - SHOWN))


def likenesses(
    works: Sequence[Work], given: Sequence[Work], kind: Kind, least: int, listen: Listen
) -> dict[tuple[int, int], Found]:
    """What each two works of one lab share, by their places; pairs with under ``least`` tokens may lack."""
    owns = _owns(works, given, kind, listen)
    prints = functools.lru_cache(maxsize=KEPT)(lambda place: fingerprint(owns[place]))
    chosen = _candidates(works, owns, max(1, -(-least // K[kind])))
    return {(i, j): Found(*compare(prints(i), prints(j))) for i, j in _told(chosen, listen)}


def _told(pairs: Sequence[tuple[int, int]], listen: Listen) -> Iterable[tuple[int, int]]:
    for number, pair in enumerate(pairs, start=1):
        yield pair
        listen(number, len(pairs))


def _of_lab(works: Sequence[Work], given: Sequence[Work], levels: Levels, listen: Listen) -> list[Pair]:
    found = {
        kind: likenesses(works, given, kind, min(levels.of(kind).least, levels.of(kind).passage), listen)
        for kind in KINDS
    }
    pairs = []
    for i, j in sorted({*found["code"], *found["text"]}):
        both = {kind: found[kind].get((i, j), Found()) for kind in KINDS}
        above = [kind for kind in KINDS if both[kind].likeness.reaches(levels.of(kind))]
        if above:
            pairs.append(_pair(works[i], works[j], both, above, levels))
    return pairs


def _pair(left: Work, right: Work, both: Mapping[Kind, Found], above: Sequence[Kind], levels: Levels) -> Pair:
    passages: list[Passage] = []
    for kind in above:
        stream = _stream_of(kind)
        sides = ((left.parts(kind), stream(left)), (right.parts(kind), stream(right)))
        passages += passages_of(kind, both[kind].runs, *sides)
    strength = max(both[kind].likeness.strength(levels.of(kind)) for kind in above)
    return Pair(
        left.lab, Author(left.student, left.slug), Author(right.student, right.slug),
        both["code"].likeness, both["text"].likeness, round(strength, 2), tuple(passages),
    )  # fmt: skip


def _stream_of(kind: Kind) -> Callable[[Work], Stream]:
    return (lambda work: code_stream(work.code)) if kind == "code" else (lambda work: prose_stream(work.text))


# ---- what is whose own -------------------------------------------------------------------------------


def _owns(works: Sequence[Work], given: Sequence[Work], kind: Kind, listen: Listen) -> list[Own]:
    """Each work's stream with what in it is the student's own."""
    read, short = _stream_of(kind), K_GIVEN[kind]
    streams = []
    for number, work in enumerate(works, start=1):
        streams.append(read(work))
        listen(number, len(works))
    hashes = [grams(stream.tokens, short) for stream in streams]
    course = np.concatenate([_given(tuple(given), kind), _common(works, hashes)])
    return [
        own(stream, K[kind], breaks(stream) | covered(own_hashes, course, short, len(stream.tokens)))
        for stream, own_hashes in zip(streams, hashes, strict=True)
    ]


@functools.lru_cache(maxsize=8)
def _given(given: tuple[Work, ...], kind: Kind) -> NDArray[np.int64]:
    """The k-grams of what the course gives; the same for each class of a lab."""
    read = _stream_of(kind)
    found = [grams(read(work).tokens, K_GIVEN[kind]) for work in given]
    return np.unique(np.concatenate([*found, _empty()]))


def _common(works: Sequence[Work], hashes: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The k-grams that so many students have that they must come from the course; a person counts once."""
    by_person: dict[frozenset[str], list[NDArray[np.int64]]] = {}
    for work, mine in zip(works, hashes, strict=True):
        by_person.setdefault(people(work.student), []).append(mine)
    each = [np.unique(np.concatenate(mine)) for mine in by_person.values()]
    values, counts = np.unique(np.concatenate([*each, _empty()]), return_counts=True)
    return values[counts >= max(COMMON_LEAST, len(each) // COMMON_SHARE + 1)]


def _empty() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


def _candidates(works: Sequence[Work], owns: Sequence[Own], least: int) -> list[tuple[int, int]]:
    """The pairs that share at least so many k-grams of their own, those with most of them first."""
    mine = [np.unique(one.hashes[one.kept]) for one in owns]
    values, columns = np.unique(np.concatenate([*mine, _empty()]), return_inverse=True)
    rows = np.repeat(np.arange(len(mine)), [len(one) for one in mine])
    table = csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(len(mine), len(values)))
    shared = (table @ table.T).toarray()
    pairs = [
        (-int(shared[i, j]), i, j)
        for i, j in itertools.combinations(range(len(works)), 2)
        if shared[i, j] >= least and not same_people(works[i].student, works[j].student)
    ]
    return [(i, j) for _, i, j in sorted(pairs)[:LOOKED_AT]]
