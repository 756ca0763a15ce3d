"""Q26 against the printed logs and scores: whether augmentation made the training slower, the test better."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.cnn.trust_answers import training_of
from checks.cnn.trust_printed import Printed, printed
from checks.cnn.trust_record import answering
from checks.cnn.trust_words import DENIED, NOT_PLAIN, agreed, direction, same
from checks.kit import Doubt, Saved, Student
from checks.kit.claimed import accuracy_of
from checks.kit.matching import pairs
from checks.kit.prose import sentences
from checks.kit.saved import Log, at, quoted

AGAINST = re.compile(
    r"\b(?:than|compared (?:to|with)|vs\.?|versus|relative to)\s+"
    r"(?:before\b|(?:(?:it was|when|the|that|one|model|network|training|case|images?|data|for|with)\s+){0,4}"
    r"(?:without(?: (?:any )?(?:data )?augmentations?)?"
    r"|(?:non-? ?|un)augmented(?: (?:images?|data|training|case))?)\b)",
    re.IGNORECASE,
)
PLAIN = re.compile(
    r"\d|\b(?:without|before|than|original\w*|normal\w*|regular|standard|simple|plain|raw|fixed|static|same"
    r"|(?:non-? ?|un)augmented|previous\w*|earlier|old|other|last|first|when|task|part|rotat\w*|turned"
    r"|flip\w*|time|seconds|gpu|cpu|comput\w*|per epoch|batch\w*|steps?|beginning|start\w*|initial\w*|end"
    r"|later|learning rate|overfit\w*|converge\w*)\b",
    re.IGNORECASE,
)
FASTER = re.compile(r"\b(?:faster|quicker|more (?:quickly|rapidly)|(?:less|fewer) epochs)\b", re.IGNORECASE)
SLOWER = re.compile(r"\b(?:slower|more slowly|less (?:quickly|rapidly))\b", re.IGNORECASE)
TRAINING = re.compile(r"\btrain(?:ing)? acc\w*", re.IGNORECASE)
TEST = re.compile(r"\btest(?:ing)?(?: set)? acc\w*", re.IGNORECASE)
WITH_IT = re.compile(r"\baugment\w*|\bgenerator\b|\bmodel6\b", re.IGNORECASE)
OF_TEST = re.compile(r"\b(?:val\w*|train\w*|epochs?|during)\b", re.IGNORECASE)
RISING = re.compile(r"\bincreas(?:es?|ing)\b|\bimproves?\b", re.IGNORECASE)
WORDS = {
    "up": "rises faster with augmentation",
    "down": "rises more slowly with augmentation",
    "same": "behaves the same with augmentation",
}
CLEAR = 0.05  # between training accuracies after as many epochs
CLEAR_TEST = 0.02  # between test accuracies
WIDE = 0.1  # apart: nobody calls that the same
FEWEST = 3  # epochs that two logs have in common


@dataclass(frozen=True)
class Both:
    """The log of the augmented training beside that of another."""

    plain: Log
    augmented: Log

    @property
    def gaps(self) -> tuple[float, ...]:
        """By how much the augmented training accuracy is higher, epoch by epoch, as far as both logs go."""
        return tuple(b - a for a, b in zip(_course(self.plain), _course(self.augmented), strict=False))

    def contradicts(self, said: str) -> bool:
        """Whether the augmented training plainly went otherwise, from the second epoch on."""
        gaps = self.gaps[1:]
        if len(gaps) < FEWEST - 1:
            return False
        gaps += (_course(self.augmented)[-1] - _course(self.plain)[-1],)  # one may have trained longer
        if said == "same":
            return min(map(abs, gaps[-3:])) >= WIDE
        if said == "up":
            return max(gaps) < 0 and max(gaps[-2:]) <= -CLEAR
        return min(gaps) > 0 and min(gaps[-2:]) >= CLEAR


def _course(log: Log) -> tuple[float, ...]:
    """The training accuracy after each epoch from the first on, as long as each of them shows it."""
    found: list[float] = []
    for number, epoch in enumerate(log.epochs, start=1):
        value = accuracy_of(dict(epoch.values))
        if value is None or epoch.number != number:
            break
        found.append(value)
    return tuple(found)


def wrong_pace(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q26 says that the training accuracy rises faster, slower or as before; each log says otherwise."""
    text = answers.get("Q26", "")
    said = said_of_training(text)
    both = _logs(student, saved) if said and not saved.cut else []
    if not both or not all(one.contradicts(said) for one in both):
        return
    last = both[-1]
    epoch = len(last.gaps)
    lines = [(log.cell, log.epochs[epoch - 1]) for log in (last.plain, last.augmented)]
    plain, augmented = (accuracy_of(dict(one.values)) for _, one in lines)
    yield Doubt(
        "contradiction", "5.2",
        f"The answer to Q26 says that the training accuracy {WORDS[said]}; after {epoch} epochs the notebook "
        f"prints {augmented:.4f} with augmentation and {plain:.4f} without it.",
        (f"Q26: {quoted(text)}", *(at(cell, f"output, {one.text}") for cell, one in lines)),
    )  # fmt: skip


def _logs(student: Student, saved: Saved) -> list[Both]:
    """The augmented training beside each other one; nothing unless the logs of all of them are there."""
    logs = {fit.order: log for fit, log in pairs(student, saved)}
    augmented = training_of(student, "5.2")
    plain = [logs.get(training.last.order) for _, training in answering(student)]
    own = logs.get(augmented.last.order) if augmented else None
    if own is None or not plain or None in plain:
        return []
    return [Both(one, own) for one in plain if one is not None]


def said_of_training(text: str) -> str:
    """``up``, ``down`` or ``same`` where an answer says it of the pace of the training, and nothing else."""
    if FASTER.search(text) and SLOWER.search(text):
        return ""
    return agreed([_pace(sentence, first=not place) for place, sentence in enumerate(sentences(text))])


def _pace(sentence: str, *, first: bool) -> str:
    own = AGAINST.sub(" ", sentence)
    if first and same(own):
        return "same"
    if PLAIN.search(own) or DENIED.search(own) or TEST.search(own):
        return ""
    if NOT_PLAIN.search(own) or not (first or TRAINING.search(own)):
        return ""
    if FASTER.search(own) or SLOWER.search(own):
        return "up" if FASTER.search(own) else "down"
    return direction(RISING.sub(" ", own)) if TRAINING.search(own) else ""


# ---- the test accuracy --------------------------------------------------------------------------------


def wrong_gain(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q26 says that augmentation raised the test accuracy where each printed one fell, or the other way."""
    text = answers.get("Q26", "")
    said = said_of_test(text)
    shown = _tested(student, saved) if said and not saved.cut else None
    if shown is None:
        return
    own, others = shown
    best, least = max(own.tested), min(own.tested)
    known = [value for one in others for value in one.tested]
    wrong = best <= min(known) - CLEAR_TEST if said == "up" else least >= max(known) + CLEAR_TEST
    if wrong:
        low, high = min(known), max(known)
        yield Doubt(
            "contradiction", "5.2",
            f"The answer to Q26 says that the test accuracy {'rose' if said == 'up' else 'fell'} with "
            f"augmentation; the notebook prints {own.tested[-1]:.4f} with it, and {low:.4f} to {high:.4f} "
            "without it.",
            (f"Q26: {quoted(text)}", own.evidence[-1], others[-1].evidence[-1]),
        )  # fmt: skip


def _tested(student: Student, saved: Saved) -> tuple[Printed, Sequence[Printed]] | None:
    """What is printed of the augmented training, and of all others; ``None`` unless it is of each."""
    own = printed(student, saved, training_of(student, "5.2"))
    others = [printed(student, saved, training) for _, training in answering(student)]
    if own is None or not others or None in others:
        return None
    return own, [one for one in others if one is not None]


def said_of_test(text: str) -> str:
    """``up`` or ``down`` where an answer says it of the test accuracy with augmentation."""
    return agreed([_gain(sentence) for sentence in sentences(text)])


def _gain(sentence: str) -> str:
    own = AGAINST.sub(" ", sentence)
    if not (TEST.search(own) and WITH_IT.search(sentence)):
        return ""
    if PLAIN.search(own) or OF_TEST.search(TEST.sub(" ", own)):
        return ""
    return direction(own)
