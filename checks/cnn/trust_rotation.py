"""Q24 against the printed test accuracies: whether rotated images are recognised better, or worse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.cnn.trained import TURNED, TrainedNetwork, trained_networks
from checks.cnn.trust_words import agreed, direction, same
from checks.kit import Doubt, Saved, Student
from checks.kit.claimed import Claim, claim_of
from checks.kit.prose import sentences
from checks.kit.saved import at, quoted

PLAIN = (
    r"(?:upright|normal\w*|original\w*|(?:un-?|non[- ]?|not )rotated|plain|regular|usual|standard|default"
    r"|unturned|straight)"
)
AGAINST = re.compile(
    r"\b(?:than|compared (?:to|with)|vs\.?|versus|relative to)\s+(?:it (?:is|was)\s+)?"
    rf"(?:(?:for|on|with|of|in)\s+)?(?:the\s+|that of the\s+|those\s+)?(?:{PLAIN}"
    r"(?:\s+(?:test\s+)?(?:images?|ones?|data|pictures|set))?|(?:\w+\s+)?without(?: any)?(?: rotations?)?)",
    re.IGNORECASE,
)
UPRIGHT = re.compile(
    rf"\b(?:{PLAIN}|without|before|than|first|compared|vs|versus|relative|against|instead|unlike|rather"
    r"|model ?[1-9]|train\w*|augment\w*|generator|new|later|flip\w*|less|correct\w*)\b",
    re.IGNORECASE,
)
ROTATED = r"\b(?:rotat\w*|turned)\b"
OF_ROTATED = re.compile(  # "higher for the rotated images", "rotated images have a higher"
    rf"\b(?:for|on|with|when|after|of|in|by)\s+(?:(?:the|all|our|test|we|images?|they|are|were)\s+){{0,4}}{ROTATED}"
    rf"|^(?:\w+\s+){{0,4}}{ROTATED}(?:\s+(?:test|images?|ones?|data|pictures|set|the|accuracy)){{0,4}}"
    r"\s+(?:has|have|had|gives?|gave|gets?|got|reach\w*|is|are|was|were)\b",
    re.IGNORECASE,
)
REASON = re.compile(r"[,;:]?\s*\b(?:because|since|as|due to|so)\b.*", re.IGNORECASE)
VERDICTS = {
    "up": "higher for rotated images",
    "down": "lower for rotated images",
    "same": "the same for both",
}
CLEAR = 0.03  # of test accuracy, below which nothing is said of a direction
WIDE = 0.1  # apart: nobody calls that the same


@dataclass(frozen=True)
class _Shown:
    """The printed accuracies of one network for upright and for turned images; both have one at least."""

    upright: tuple[Claim, ...]
    turned: tuple[Claim, ...]

    @property
    def changes(self) -> tuple[float, ...]:
        """From each of the first to each of the second."""
        return tuple(after.value - before.value for before in self.upright for after in self.turned)


def wrong_turn(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q24 says that the accuracy rose, fell or stayed for rotated images where the printed ones do not."""
    text = answers.get("Q24", "")
    said = said_of_rotated(text)
    shown = _shown(student, saved) if said and not saved.cut else None
    if shown is None or not _contradicts(said, shown.changes):
        return
    before, after = shown.upright[-1], shown.turned[-1]
    yield Doubt(
        "contradiction", TURNED,
        f"The answer to Q24 says that the accuracy is {VERDICTS[said]}; the notebook prints "
        f"{before.value:.4f} for upright and {after.value:.4f} for rotated test images.",
        (f"Q24: {quoted(text)}", *(at(one.cell, f"output, {one.text}") for one in (before, after))),
    )  # fmt: skip


def said_of_rotated(text: str) -> str:
    """``up``, ``down`` or ``same`` where an answer says it of rotated images, and nothing against it."""
    return agreed([_said(sentence, first=not place) for place, sentence in enumerate(sentences(text))])


def _said(sentence: str, *, first: bool) -> str:
    own = REASON.sub("", AGAINST.sub(" ", sentence))
    if first and same(sentence):
        return "same"
    if UPRIGHT.search(own) or not OF_ROTATED.search(own):
        return ""
    return direction(own)


def _contradicts(said: str, changes: tuple[float, ...]) -> bool:
    if said == "same":
        return min(map(abs, changes)) >= WIDE
    return max(changes) <= -CLEAR if said == "up" else min(changes) >= CLEAR


def _shown(student: Student, saved: Saved) -> _Shown | None:
    """What is printed of the network that was tested on turned images; ``None`` unless it is of both."""
    networks = trained_networks(student)
    turned = networks.get(TURNED)
    upright = next(
        (one for name, one in networks.items() if turned and name != TURNED and one.fit is turned.fit), None
    )
    before, after = (_claims(student, saved, one) for one in (upright, turned))
    return _Shown(before, after) if before and after else None


def _claims(student: Student, saved: Saved, network: TrainedNetwork | None) -> tuple[Claim, ...]:
    """What is printed of each evaluate of a network; nothing unless it is of all."""
    uses = [test.use for test in network.tests if test.use.kind == "evaluate"] if network else []
    claims = [claim_of(student, saved, use) for use in uses]
    return () if None in claims else tuple(one for one in claims if one is not None)
