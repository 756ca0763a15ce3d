"""How often the verdicts on written answers are right, per question, on answers whose worth is known.

    python -m bench.answers [--part written|held|later|fresh|last|all] [--faults] [--question Q5]

The answers lie in tests/answers: each is right, half right or wrong. ``likely_right`` is right for right
ones only and ``likely_wrong`` for wrong ones only; ``unclear`` is never wrong, and costs coverage. Rules
were written with an eye on the part "written". "held" was left aside. "later" is full of traps, and was
written once the rules held on both; they were mended by it. "fresh" came last: at its first run 63 of 65
``likely_right`` were right (96.9 %), and 31 of 32 ``likely_wrong``; what it showed was then mended. No
rule was written with an eye on "last": its figures are what to expect of new answers.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.claims.shares import shares_of
from grader.judging.judge import Judgement, judge
from grader.judging.rules import load_rules

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "answers"
PARTS = ("written", "held", "later", "fresh", "last")
RIGHT_FOR = {"likely_right": "right", "likely_wrong": "wrong"}


@dataclass(frozen=True)
class Sample:
    """An answer of known worth: ``right``, ``half`` or ``wrong``; ``printed`` is what the notebook shows."""

    lab: str
    question: str
    worth: str
    text: str
    printed: str
    part: str


@dataclass(frozen=True)
class Judged:
    """A sample with what the judge says of it."""

    sample: Sample
    judgement: Judgement

    @property
    def is_fault(self) -> bool:
        """Whether the judge claims more than is so."""
        wanted = RIGHT_FOR.get(self.judgement.verdict)
        return wanted is not None and wanted != self.sample.worth


@dataclass(frozen=True)
class Score:
    """Of some samples: how many the judge decided, how many of these rightly, out of how many in all."""

    verdict: str
    said: int
    rightly: int
    of: int

    @property
    def precision(self) -> float:
        """The share of the decided ones that are decided rightly; 1 where none is decided."""
        return self.rightly / self.said if self.said else 1.0

    @property
    def coverage(self) -> float:
        """The share of those that could be decided so that were."""
        return self.rightly / self.of if self.of else 1.0


def samples() -> tuple[Sample, ...]:
    """All samples, in the order of their files."""
    return tuple(
        _sample(path.stem, json.loads(line))
        for path in sorted(FOLDER.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    )


def judged(chosen: Iterable[Sample]) -> tuple[Judged, ...]:
    """What the judge says of each."""
    return tuple(
        Judged(one, judge(one.question, one.text, load_rules(one.lab), shares_of(one.printed)))
        for one in chosen
    )


def scores(found: Sequence[Judged]) -> tuple[Score, ...]:
    """Precision and coverage of each verdict that decides."""
    return tuple(
        Score(
            verdict,
            sum(one.judgement.verdict == verdict for one in found),
            sum(one.judgement.verdict == verdict and one.sample.worth == worth for one in found),
            sum(one.sample.worth == worth for one in found),
        )
        for verdict, worth in RIGHT_FOR.items()
    )


def table(found: Sequence[Judged]) -> str:
    """The confusion table per question: rows are questions, columns what it is and what was said."""
    verdicts = (*RIGHT_FOR, "unclear")
    columns = [(worth, verdict) for worth in ("right", "half", "wrong") for verdict in verdicts]
    marks = {"likely_right": "✓", "likely_wrong": "✗", "unclear": "?"}
    lines = ["        " + " ".join(f"{worth + marks[verdict]:>7}" for worth, verdict in columns)]
    for question in dict.fromkeys(one.sample.question for one in found):
        counts = Counter(
            (one.sample.worth, one.judgement.verdict) for one in found if one.sample.question == question
        )
        lines.append(f"{question:<8}" + " ".join(f"{counts[column] or '·':>7}" for column in columns))
    for score in scores(found):
        lines.append(
            f"{score.verdict}: {score.rightly} of {score.said} rightly ({score.precision:.1%}), "
            f"{score.coverage:.0%} of the {score.of} {RIGHT_FOR[score.verdict]} answers decided"
        )
    return "\n".join(lines)


def _sample(name: str, row: dict[str, str]) -> Sample:
    lab, _, later = name.partition("_")
    text = row["text"]
    part = later or ("written" if zlib.crc32(f"{row['question']} {text}".encode()) % 5 < 3 else "held")
    return Sample(lab, row["question"], row["is"], text, row.get("printed", ""), part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--part", choices=(*PARTS, "all"), default="all")
    parser.add_argument("--faults", action="store_true", help="show the answers that were judged wrongly")
    parser.add_argument("--question", help="show each verdict on this question's answers")
    asked = parser.parse_args()
    found = judged(one for one in samples() if asked.part in (one.part, "all"))
    if asked.question:
        found = tuple(one for one in found if one.sample.question == asked.question)
    for one in found:
        if asked.question or (asked.faults and one.is_fault):
            print(f"{one.sample.question} {one.sample.worth:>5} {one.judgement.verdict}: {one.sample.text}")
            print(f"      {one.judgement.reason} {list(one.judgement.words)}")
    print(f"{len(found)} answers, part: {asked.part}\n{table(found)}")


if __name__ == "__main__":
    main()
