"""Printed numbers: scores, histories, CarbonTracker's report, the classes of ``decode_predictions``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from checks.kit.saved import Carbon, Decoded, Dump, SavedCell, Score
from grader.claims.progress import BAR, HEAD
from grader.claims.screen import Line, lines_of

NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
LABELLED = re.compile(
    rf"(?P<label>[A-Za-zÅÄÖåäö][^:=\n]{{0,80}}?)['\"]?\s*(?::|=|\bis\b)\s*"
    rf"(?:np\.float\d+\()?(?P<value>{NUMBER})(?P<percent>\s*%)?"
)
MEASURED = re.compile(r"acc|score|noggrannhet|träffsäkerhet", re.IGNORECASE)
RETURNED = re.compile(
    rf"^[^\[({{=:]{{0,60}}[:=]?\s*[\[(]\s*(?:np\.float\d+\()?({NUMBER})\)?,\s*(?:np\.float\d+\()?({NUMBER})\)?\s*[\])]\s*$"
)
DUMPED = re.compile(r"['\"](\w{1,80})['\"]\s*:\s*\[([^\[\]]*)\]")
INSIDE = re.compile(rf"nan|inf|{NUMBER}(?!\d*\()")
CARBON = re.compile(r"(Predicted|Actual) consumption for (\d{1,6}) epoch")
AMOUNT = re.compile(rf"^\s*(Energy|CO2eq):\s*({NUMBER})\s*(kWh|g)\b")
CLASS = re.compile(
    rf"\(\s*['\"](n\d{{8}})['\"],\s*['\"]([^'\"]{{1,80}})['\"],\s*(?:np\.float\d+\()?({NUMBER})\)?\s*\)"
)
ANY = re.compile(
    rf"(?<![\w.,])(?P<grouped>\d{{1,3}}(?:,\d{{3}})+)(?![\w,]|\.\d)|(?<![\w.])(?P<plain>{NUMBER})(?:\s*(?P<percent>%))?"
)
MOST_DUMPS = 200_000  # characters of a line in which a history is looked for
MOST_NUMBERS = 200_000  # that are kept of one notebook


def scores_in(cell: SavedCell, shown: Sequence[Line] | None = None) -> tuple[Score, ...]:
    """The printed accuracies of one cell: those with a label, and the lists that ``evaluate`` returns."""
    return tuple(_scores(cell.number, lines_of(cell.text) if shown is None else shown))


def _scores(cell: int, lines: Sequence[Line]) -> Iterator[Score]:
    for line in lines:
        if HEAD.match(line.text) or BAR.match(line.text):
            continue
        if found := RETURNED.match(line.text):
            yield _score(cell, line, "evaluate", found[2], percent=False)
            continue
        for one in LABELLED.finditer(line.text):
            label = one["label"].strip(" '\"{(,;|-").lower()
            if MEASURED.search(label) and _is_share(float(one["value"]), bool(one["percent"])):
                yield _score(cell, line, label, one["value"], percent=bool(one["percent"]))


def _is_share(value: float, percent: bool) -> bool:
    return 0 <= value <= (100 if percent else 1)


def _score(cell: int, line: Line, label: str, written: str, *, percent: bool) -> Score:
    value = float(written) / (100 if percent else 1)
    digits = len(written.partition(".")[2]) if "e" not in written.lower() else 8
    return Score(cell, line.number, line.quote, label, value, digits + (2 if percent else 0))


def dumps_in(cell: SavedCell) -> tuple[Dump, ...]:
    """The printed ``history.history`` of one cell, also where it is broken over lines."""
    found: list[Dump] = []
    text = cell.text[:MOST_DUMPS]
    if "loss" not in text or "[" not in text:
        return ()
    group: dict[str, tuple[float, ...]] = {}
    start = 0
    for one in DUMPED.finditer(text):
        name, values = one[1], tuple(_values(one[2]))
        if name in group:
            found.append(Dump(cell.number, text.count("\n", 0, start) + 1, group))
            group = {}
        start = start if group else one.start()
        if values:
            group[name] = values
    if group:
        found.append(Dump(cell.number, text.count("\n", 0, start) + 1, group))
    return tuple(dump for dump in found if any("loss" in name for name in dump.values))


def _values(text: str) -> Iterator[float]:
    for one in INSIDE.findall(re.sub(r"np\.float\d+", "", text)):
        value = float(one)
        yield value if math.isfinite(value) else math.nan


def carbon_in(cell: SavedCell, shown: Sequence[Line] | None = None) -> tuple[Carbon, ...]:
    """CarbonTracker's predicted and actual consumption."""
    lines = lines_of(cell.text) if shown is None else shown
    found = []
    for place, line in enumerate(lines):
        head = CARBON.search(line.text)
        if head is None:
            continue
        amounts = {
            one[1]: float(one[2]) for row in lines[place + 1 : place + 6] if (one := AMOUNT.match(row.text))
        }
        found.append(
            Carbon(
                cell.number, line.number, line.quote, head[1] == "Predicted", int(head[2]),
                amounts.get("Energy"), amounts.get("CO2eq"),
            )
        )  # fmt: skip
    return tuple(found)


def decoded_in(cell: SavedCell, shown: Sequence[Line] | None = None) -> tuple[Decoded, ...]:
    """The classes that ``decode_predictions`` gave, where they are printed as they are."""
    return tuple(
        Decoded(cell.number, line.number, one[1], one[2], float(one[3]))
        for line in (lines_of(cell.text) if shown is None else shown)
        for one in CLASS.finditer(line.text)
        if 0 <= float(one[3]) <= 1
    )


def numbers_in(lines: Sequence[Line]) -> frozenset[float]:
    """Every number that some lines hold, percentages as fractions as well."""
    found: set[float] = set()
    for line in lines:
        for one in ANY.finditer(line.text):
            value = float(one["plain"] or one["grouped"].replace(",", ""))
            found |= {value, value / 100} if one["percent"] else {value}
        if len(found) > MOST_NUMBERS:
            break
    return frozenset(found)
