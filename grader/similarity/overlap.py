"""What two streams of tokens have in common; the one module that knows copydetect.

copydetect splits a string into k-grams, hashes them, and says which stretches of two strings are covered by
k-grams of both. It gets one character per token, so its k counts tokens. Its own splitting of code would
make every name alike, the library's too, and then each network looks like each other. Its winnowing is left
out (a window of 1 keeps every k-gram): which ones it keeps depends on Python's hashes, which change from
process to process, and the same class would give other pairs tomorrow.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.similarity.records import Likeness
from grader.similarity.tokens import Stream

Hashes = NDArray[np.int64]


@dataclass(frozen=True)
class Run:
    """A stretch that two streams share: where it begins in each, and its length, all in tokens."""

    left: int
    right: int
    tokens: int


@dataclass(frozen=True)
class Own:
    """A stream with what in it is the student's own.

    ``hashes`` are those of its k-grams by where they begin, ``kept`` (the same length) says which of them
    hold nothing that the course gave. Hashes are only equal within one process.
    """

    stream: Stream
    k: int
    hashes: Hashes
    kept: NDArray[np.bool_]


def grams(tokens: str, k: int) -> Hashes:
    """The hash of each run of ``k`` tokens, by where it begins; none where there are fewer."""
    from copydetect.utils import hashed_kgrams  # noqa: PLC0415 - it loads Matplotlib, for reports of its own

    return np.asarray(hashed_kgrams(tokens, k), dtype=np.int64)


def covered(hashes: Hashes, given: Hashes, k: int, tokens: int) -> NDArray[np.bool_]:
    """Which of ``tokens`` tokens lie in a k-gram that is among the ``given`` ones."""
    starts = np.flatnonzero(np.isin(hashes, given))
    edges = np.zeros(tokens + 1, dtype=np.int64)
    np.add.at(edges, starts, 1)
    np.add.at(edges, starts + k, -1)
    return np.cumsum(edges[:-1]) > 0


def own(stream: Stream, k: int, given: NDArray[np.bool_]) -> Own:
    """A stream of which the tokens marked ``given`` are the course's."""
    hashes = grams(stream.tokens, k)
    before = np.concatenate([[0], np.cumsum(given)])
    kept = before[k:][: len(hashes)] == before[:-k][: len(hashes)] if len(hashes) else np.zeros(0, bool)
    return Own(stream, k, hashes, kept)


@dataclass(frozen=True)
class Print:
    """A copydetect fingerprint of what is the student's own; ``tokens`` is how much that is."""

    fingerprint: Any

    @property
    def tokens(self) -> int:
        """How many tokens are the student's own, as far as they make whole k-grams."""
        return int(self.fingerprint.token_coverage)


def fingerprint(mine: Own) -> Print:
    """The fingerprint of a stream without what the course gave."""
    from copydetect import CodeFingerprint  # noqa: PLC0415
    from copydetect.utils import get_token_coverage  # noqa: PLC0415

    found = CodeFingerprint("stream", mine.k, 1, filter=False, fp=io.StringIO(mine.stream.tokens))
    places = {
        value: [place for place in starts if mine.kept[place]] for value, starts in found.hash_idx.items()
    }
    found.hash_idx = {value: starts for value, starts in places.items() if starts}
    found.hashes = set(found.hash_idx)
    found.token_coverage = get_token_coverage(found.hash_idx, mine.k, len(mine.stream.tokens))
    return Print(found)


def compare(left: Print, right: Print) -> tuple[Likeness, tuple[Run, ...]]:
    """How alike two streams are, and the stretches that they share, the longest first."""
    from copydetect import compare_files  # noqa: PLC0415

    _, shares, slices = compare_files(left.fingerprint, right.fingerprint)
    if not len(slices[0]):
        return Likeness(), ()
    tokens = int(min(np.sum(side[1] - side[0]) for side in slices))
    runs = _runs(left, right)
    return Likeness(tokens, round(float(min(1.0, max(shares))), 4), runs[0].tokens if runs else 0), runs


def _runs(left: Print, right: Print) -> tuple[Run, ...]:
    """The shared k-grams joined into stretches that go on in both."""
    k = left.fingerprint.k
    ours, theirs = left.fingerprint.hash_idx, right.fingerprint.hash_idx
    shared = sorted((int(ours[one][0]), int(theirs[one][0])) for one in ours.keys() & theirs.keys())
    open_runs: dict[int, list[int]] = {}  # how far right is from left → where a run began, where it ends
    done: list[Run] = []
    for here, there in shared:
        run = open_runs.get(there - here)
        if run and here <= run[1]:
            run[1] = here + k
            continue
        if run:
            done.append(_run(run, there - here))
        open_runs[there - here] = [here, here + k]
    done += [_run(run, offset) for offset, run in open_runs.items()]
    return tuple(sorted(done, key=lambda run: (-run.tokens, run.left, run.right)))


def _run(run: Sequence[int], offset: int) -> Run:
    return Run(run[0], run[0] + offset, run[1] - run[0])
