"""How alike honest and copied submissions are, which is where the levels in similarity.toml come from.

    python -m bench.similarity [--lab cnn|project4] [--class-of 300]

Honest pairs are hand-ins that were written independently: those of submissions/demo, and the solutions and
the written answers under tests. Each is held against each other without what a class has in common, as in a
class of two, which is the hardest case. The audit's rewrites are made from one base, so that two of them are
no honest pair; but each against a hand-in that was not made from that base is one, and shows what happens
where somebody solves a task in a way that somebody else had too. Copies are the same hand-ins in disguise.
The columns show the least, the middle and the most.

``--class-of`` measures the time for a class of so many, made of disguised mixtures of these.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from grader.similarity import compare
from grader.similarity.compare import likenesses, similar
from grader.similarity.given import given_in
from grader.similarity.levels import load_levels
from grader.similarity.records import Kind, Level, Likeness, Similar, Work
from tests.grader.similarity.students import WHOLE, answers, honest, hostile, rewrites

COLUMNS = f"{'':<34}{'pairs':>7}{'tokens':>16}{'share':>16}{'passage':>16}{'found':>9}"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--lab", default="cnn")
    asked.add_argument("--class-of", type=int, default=0)
    chosen = asked.parse_args()
    if chosen.class_of:
        time_class(chosen.class_of)
        return
    levels = load_levels(chosen.lab)
    if levels is None:
        raise SystemExit(f"there are no levels for the lab {chosen.lab!r}")
    print(COLUMNS)
    works = honest(chosen.lab)
    show("code, honest", honest_pairs(works, "code"), levels.code)
    show("code, honest and rewrites", with_rewrites(works, chosen.lab), levels.code)
    for name, disguise in WHOLE.items():
        copies = [(work, disguise(work, random.Random(work.slug))) for work in works]
        show(f"code, copied: {name}", copied(copies, "code"), levels.code)
    if chosen.lab == "cnn":
        show_texts(levels.text)


def show_texts(level: Level) -> None:
    works = [Work(f"s{n}", f"s{n}", "cnn", text=texts) for n, texts in enumerate(answers())]
    show("text, honest", honest_pairs(works, "text"), level)
    for name, disguise in WHOLE.items():
        copies = [(work, disguise(work, random.Random(work.slug))) for work in works]
        show(f"text, copied: {name}", copied(copies, "text"), level)


def pair_likeness(left: Work, right: Work, kind: Kind) -> Likeness:
    """How alike two works are, as in a class of two."""
    works = [replace(left, student="left", slug="a"), replace(right, student="right", slug="b")]
    found = likenesses(works, given_in(left.lab), kind, 1, lambda _done, _total: None)
    return found[0, 1].likeness if found else Likeness()


def honest_pairs(works: Sequence[Work], kind: Kind) -> list[Likeness]:
    """Each with each; a pair that shares no k-gram counts as zero."""
    with nothing_common():
        found = (
            likenesses(works, given_in(works[0].lab), kind, 1, lambda _done, _total: None) if works else {}
        )
    pairs = [one.likeness for one in found.values()]
    return pairs + [Likeness()] * (len(works) * (len(works) - 1) // 2 - len(pairs))


def with_rewrites(works: Sequence[Work], lab: str) -> list[Likeness]:
    """Each hand-in with each rewrite; a pair that shares no k-gram counts as zero."""
    ways = rewrites(lab)
    slugs = {work.slug for work in works}
    both = [*works, *(replace(way, slug=f"way-{way.slug}") for way in ways)]
    with nothing_common():
        found = likenesses(both, given_in(lab), "code", 1, lambda _done, _total: None)
    mixed = [
        one.likeness for (i, j), one in found.items() if (both[i].slug in slugs) != (both[j].slug in slugs)
    ]
    return mixed + [Likeness()] * (len(works) * len(ways) - len(mixed))


@contextmanager
def nothing_common() -> Iterator[None]:
    """Meanwhile, what many have is compared too: the rewrites have most of the hand-in in common."""
    before = compare.COMMON_LEAST, compare.LOOKED_AT
    compare.COMMON_LEAST = compare.LOOKED_AT = 10**6
    try:
        yield
    finally:
        compare.COMMON_LEAST, compare.LOOKED_AT = before


def copied(pairs: Iterable[tuple[Work, Work]], kind: Kind) -> list[Likeness]:
    return [pair_likeness(work, copy, kind) for work, copy in pairs]


def show(name: str, found: Sequence[Likeness], level: Level) -> None:
    """One line: least, middle and most of each measure, and how many reach the level."""
    if not found:
        return
    columns = (
        sorted(one.tokens for one in found),
        sorted(round(100 * one.share) for one in found),
        sorted(one.longest for one in found),
    )
    cells = "".join(f"{f'{c[0]} {c[len(c) // 2]} {c[-1]}':>16}" for c in columns)
    print(f"{name:<34}{len(found):>7}{cells}{sum(one.reaches(level) for one in found):>9}", flush=True)


def made_class(size: int) -> list[Work]:
    """An ordinary class of so many, of mixtures of the honest hand-ins."""
    base = honest()
    works = []
    for number in range(size):
        draw = random.Random(number)
        parts = tuple(part for part in draw.choice(base).code if draw.random() < 0.9)
        own = tuple(part for part in draw.choice(base).code if draw.random() < 0.3)
        works.append(Work(f"s{number}", f"s{number}", "cnn", (*parts, *own), draw.choice(answers())))
    return works


def compare_class(members: Sequence[Work]) -> tuple[float, Similar]:
    """The seconds of processor time that a comparison takes, and what it finds."""
    started = time.process_time()
    found = similar(members, given_in, load_levels)
    return time.process_time() - started, found


def time_class(size: int) -> None:
    """The seconds of processor time and the memory that a class takes, an ordinary one and a hostile one."""
    for name, members in (("ordinary", made_class(size)), ("hostile", hostile(size))):
        seconds, found = compare_class(members)
        mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name} class of {size}: {seconds:.1f} s, {len(found.pairs)} pairs, {mib:.0f} MiB at most")


if __name__ == "__main__":
    main()
