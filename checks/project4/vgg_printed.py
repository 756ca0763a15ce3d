"""Test accuracies that lines of the saved outputs give with the number of their case."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.kit.claimed import Claim
from checks.kit.saved import Saved, quoted

NUMBER = r"(?P<value>\d{1,3}(?:\.\d+)?)(?P<percent>\s*%)?"
CASE = re.compile(r"\bcase\W{0,3}(?P<case>[1-8])\b(?P<rest>[^\n]{0,200})", re.IGNORECASE)
OF_TEST = (
    re.compile(rf"\btest\w*[\s_]+acc\w*\W{{1,4}}{NUMBER}", re.IGNORECASE),
    re.compile(rf"^\W*{NUMBER} of the test", re.IGNORECASE),
)
PLAIN = re.compile(rf"\bacc\w*\W{{1,4}}{NUMBER}", re.IGNORECASE)
OTHER = re.compile(r"train|val", re.IGNORECASE)  # an accuracy in such a line may be theirs


def printed_for_cases(saved: Saved) -> Mapping[int, Claim]:
    """The accuracy of each case that one value is printed for, as in ``Case 3: test accuracy 0.885``."""
    found: dict[int, list[Claim]] = {}
    for cell in saved.cells:
        for match in CASE.finditer(cell.text):
            value = _accuracy(match["rest"])
            if value is not None:
                claim = Claim(value, cell.number, quoted(match[0]))
                found.setdefault(int(match["case"]), []).append(claim)
    return {case: claims[0] for case, claims in found.items() if len({one.value for one in claims}) == 1}


def _accuracy(text: str) -> float | None:
    patterns = OF_TEST if OTHER.search(text) else (*OF_TEST, PLAIN)
    match = next((one for pattern in patterns if (one := pattern.search(text))), None)
    if match is None:
        return None
    value = float(match["value"]) / (100 if match["percent"] else 1)
    return value if 0 <= value <= 1 else None
