"""What a sentence says of a change: ``up``, ``down``, ``same``, or nothing where that is not plain."""

from __future__ import annotations

import re
from collections.abc import Sequence

UP = re.compile(r"\b(?:improv(?:ed|es|ement)|increas(?:ed|es|e)|rose|went up|higher|better)\b", re.IGNORECASE)
DOWN = re.compile(
    r"\b(?:decreas(?:ed|es|e)|dropp?(?:ed|s)|fell|lower(?:ed)?|worse(?:ned)?|went down|declined)\b",
    re.IGNORECASE,
)
STAYS = re.compile(
    r"\b(?:accurac(?:y|ies)|it|they|both|performance|results?)\b(?:'s|'re|\s+(?!not\b)\w+){0,5}?\s+"
    r"(?:(?:exactly|just|still|all|completely)\s+)*(?:the same(?:\s+accuracy)?|unchanged|identical)"
    r"(?=\s*$|\s*[.,;:(]|\s+(?:for|as|with|on|because|since|in)\b)"
    r"|^\W*the same(?=\s*$|\s*[.,;:])",
    re.IGNORECASE,
)
NO_CHANGE = re.compile(
    r"\baccurac(?:y|ies)\b[^.,;:]{0,20}\b(?:does|do|did|has|have)(?: not|n't) (?:chang|differ)(?:e|ed)?\b"
    r"|^\W*(?:(?:there (?:is|was)|there's) )?(?:no|not any) (?:real |clear |big )?(?:difference|change)\b"
    r"(?=\s*$|\s*[.,;:]|\s+(?:at all|as|because|since|in accuracy|in the accuracy)\b)",
    re.IGNORECASE,
)
NOT_PLAIN = re.compile(
    r"[?]|\b(?:if|would|should|could|may|might|can|must|will|expect\w*|thought|hoped?|want\w*|need\w*|like"
    r"|because of|although|but|however|while|whereas|though|except|unless|only|some|certain|class\w*|e\.?g"
    r"|loss\w*|err\w*|wrong\w*|misclass\w*|miss\w*|gap|differences? (?:is|was|of|in)|random\w*|chance"
    r"|guess\w*|human\w*|people|person|eyes?|average|mean|sometimes|usually|almost|nearly|around|about)\b",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(?:not?|never|neither|nor|hardly|barely|cannot)\b|n't\b", re.IGNORECASE)


def direction(sentence: str) -> str:
    """``up`` or ``down`` where a sentence says one of them, and denies nothing."""
    up, down = UP.search(sentence), DOWN.search(sentence)
    if bool(up) == bool(down) or DENIED.search(sentence) or NOT_PLAIN.search(sentence):
        return ""
    return "up" if up else "down"


def same(sentence: str) -> bool:
    """Whether a sentence says that nothing changed."""
    stays = STAYS.search(sentence)
    said = NO_CHANGE.search(sentence) or (stays and not DENIED.search(stays[0]))
    return bool(said) and not NOT_PLAIN.search(sentence)


def agreed(said: Sequence[str]) -> str:
    """What all sentences say that say anything; nothing where they disagree."""
    told = {one for one in said if one}
    return told.pop() if len(told) == 1 else ""
