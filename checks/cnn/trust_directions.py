"""Written answers against the direction of the printed numbers: better or worse, overfitted, below chance."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from checks.cnn.trust_answers import TASKS, printed_for
from checks.cnn.trust_printed import Printed
from checks.cnn.trust_words import DOWN, UP
from checks.kit import Doubt, Saved, Student
from checks.kit.prose import sentences
from checks.kit.saved import Score, at, quoted

COMPARED = re.compile(
    r"\b(?:than|to|vs\.?|versus|with) (?:the (?:one|model|network|cnn|case) |that |it was )?without\b",
    re.IGNORECASE,
)
UNSURE = re.compile(
    r"\b(?:not?|n't|\w+n't|never|neither|nor|hardly|barely|if|would|could|should|may|might|can|train\w*|loss"
    r"|overfit\w*|gap|because|since|although|but|however|while|expect\w*|slower|faster|val\w*|than before"
    r"|without|epochs?)\b",
    re.IGNORECASE,
)
CLEAR = 0.01  # of test accuracy, below which nothing is said of a direction
NO_OVERFIT = re.compile(
    r"\b(?:not|n't|\w+n't|never|no(?: (?:sign|signs|indication|evidence) of)?)\s+"
    r"(?:(?:really|an|any|seem to|be)\s+)*overfit\w*",
    re.IGNORECASE,
)
HEDGED_OVERFIT = re.compile(
    r"\b(?:if|would|should|prevent\w*|avoid\w*|so that|could|as much|so much|more|yet|less|too|until|only"
    r"|before|without|dropout|to not)\b",
    re.IGNORECASE,
)
WIDE = 0.2  # between training and test accuracy: nobody calls that no overfitting
BELOW_CHANCE = re.compile(
    r"\b(?:worse than|below|less than|lower than|under)\s+(?:a\s+|the\s+|pure\s+)*"
    r"(?:random\w*(?! forest)|chance|guess\w*)",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"\b(?:not|no|never|if|would|hardly|neither|nor|class\w*|cats?|dogs?)\b|n't\b", re.IGNORECASE
)
CHANCE = 0.12  # an accuracy with 10 classes that is above chance even with 2,000 images


def wrong_direction(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q21 says that dropout raised the test accuracy where it fell, or the other way round."""
    text = answers.get("Q21", "")
    said = _direction(text)
    shown = printed_for(student, saved, "Q21") if said else []
    if not shown:
        return
    changes = [after - before for before, after in itertools.product(shown[0].tested, shown[1].tested)]
    rose, fell = all(change >= CLEAR for change in changes), all(change <= -CLEAR for change in changes)
    if (rose and said == "down") or (fell and said == "up"):
        yield Doubt(
            "contradiction", "4.5",
            f"The answer to Q21 says that the test accuracy {'rose' if said == 'up' else 'fell'}; the "
            f"notebook prints {shown[0].tested[-1]:.4f} without dropout and {shown[1].tested[-1]:.4f} with "
            "it.",
            (f"Q21: {quoted(text)}", *_lines(shown)),
        )  # fmt: skip


def _lines(shown: list[Printed]) -> tuple[str, ...]:
    return tuple(line for one in shown for line in one.evidence)


def _direction(text: str) -> str:
    """``up`` or ``down`` where the first sentence says that plainly and no other says the opposite."""
    spoken = [COMPARED.sub("", sentence) for sentence in sentences(text)]
    if not spoken or UNSURE.search(spoken[0]):
        return ""
    up, down = UP.search(spoken[0]), DOWN.search(spoken[0])
    opposite = (DOWN if up else UP).search(text)
    return "" if bool(up) == bool(down) or opposite else "up" if up else "down"


def denied_overfitting(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q13 or Q26 deny overfitting where the training accuracy is far above the test accuracy."""
    for question in ("Q13", "Q26"):
        denied = [one for one in sentences(answers.get(question, "")) if _denies(one)]
        shown = printed_for(student, saved, question) if denied else []
        trained = shown[0].trained if shown else None
        if trained is not None and trained - max(shown[0].tested) >= WIDE:
            yield _denied(question, denied[0], trained, shown)


def _denied(question: str, sentence: str, trained: float, shown: list[Printed]) -> Doubt:
    return Doubt(
        "contradiction", TASKS[question],
        f"The answer to {question} says that the network does not overfit; the notebook prints {trained:.4f} "
        f"for the training images and {max(shown[0].tested):.4f} for the test images.",
        (f"{question}: {quoted(sentence)}", *_lines(shown)),
    )  # fmt: skip


def _denies(sentence: str) -> bool:
    return bool(NO_OVERFIT.search(sentence)) and not HEDGED_OVERFIT.search(sentence)


def denied_chance(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """An answer says “worse than random” where every printed accuracy is above that of guessing."""
    lowest = min(saved.scores, key=lambda one: one.value, default=None)
    if lowest is None or lowest.value < CHANCE or saved.cut:
        return
    for question in TASKS:
        below = [one for one in sentences(answers.get(question, "")) if BELOW_CHANCE.search(one)]
        plain = [one for one in below if not NEGATED.search(one)]
        if plain:
            yield _below_chance(question, plain[0], lowest)


def _below_chance(question: str, sentence: str, lowest: Score) -> Doubt:
    return Doubt(
        "contradiction", TASKS[question],
        f"The answer to {question} says “worse than random”, which is 0.10 with 10 classes; the lowest "
        f"accuracy that the notebook prints is {lowest.value:.4f}.",
        (f"{question}: {quoted(sentence)}", at(lowest.cell, f"output, {lowest.text}")),
    )  # fmt: skip
