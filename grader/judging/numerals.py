"""Numbers as people write them: 25 583 592, 25.6 million, 2.5·10⁷, 0,52, 52 %, 24 GB, 512 by 512."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_THOUSANDS = r"[1-9]\d{0,2}(?:(?P<sep>[,.'’ \u00a0\u202f])\d{3})(?:(?P=sep)\d{3})*(?!\d)"
_SIMPLE = r"\d+[.,]\d+|\d+|(?<![\d.])[.,]\d+"
NUMERAL = (
    rf"(?P<mantissa>{_THOUSANDS}(?:[.,]\d{{1,2}}(?!\d))?|{_SIMPLE})"
    r"(?:e(?P<e>[+-]?\d{1,3})|\s?(?:[*·⋅×x]|\\cdot|\\times)\s?10\s?"
    r"(?:(?:\^|\*\*)\s?\{?(?P<power>-?\d{1,3})\}?|(?P<raised>[⁰¹²³⁴-⁹⁻]+)))?"
    r"(?:\s?(?P<scale>millions?|miljoner|mil|mn|billions?|miljarder|trillions?|k|m)(?![^\W_]))?"
    r"(?:\s?(?P<unit>%|\\%|percent(?:age points?)?|procent(?:enheter)?|pp|[gm]i?b|(?:giga|mega)bytes?)"
    r"(?![^\W_]))?"
)
_BARE_POWER = r"10\s?(?:(?:\^|\*\*)\s?\{?(?P<bare>\d{1,3})\}?|(?P<bare_raised>[⁰¹²³⁴-⁹]+))"
_SIDE = r"\d{1,5}"
_TIMES = r"\s?(?:[x×*·]|\\times|-?by-?|times)\s?"
SIZE = (
    rf"(?P<product>{_SIDE}(?:{_TIMES}{_SIDE})+)(?!\d|[.,]\d)(?!\s?(?:\^|\*\*)|[⁰-⁹])"
    rf"|[(\[](?P<tuple>\s*(?:none\s*,\s*|\?\s*,\s*)?{_SIDE}(?:\s*,\s*{_SIDE})+\s*,?\s*)[)\]]"
)
POWER = _BARE_POWER
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


@dataclass(frozen=True)
class Numeral:
    """A number in a text. ``values`` are its readings (10.496 may be 10 496); ``digits`` counts those
    that say something; ``unit`` is "", "%", or "gb", which megabytes are turned into.
    """

    values: tuple[float, ...]
    digits: int
    unit: str = ""

    def is_exactly(self, value: float) -> bool:
        """Whether one reading is this value."""
        return any(math.isclose(one, value, rel_tol=1e-9) for one in self.values)

    def is_about(self, value: float, least: int = 2) -> bool:
        """Whether one reading is this value, rounded or cut to at least so many digits."""
        return self.digits >= least and any(_rounds_to(value, one, self.digits) for one in self.values)


def read_number(found: re.Match[str]) -> Numeral:
    """The number that ``NUMERAL`` found."""
    groups = found.groupdict()
    mantissa, unit = found["mantissa"], (found["unit"] or "").lower()
    factor = _factor(groups)
    values = tuple(value * factor for value in _readings(mantissa, groups.get("sep"), unit))
    digits = len(re.sub(r"\D", "", mantissa).lstrip("0")) or 1
    if unit in ("mb", "mib", "megabyte", "megabytes"):
        return Numeral(tuple(value / by for value in values for by in (1000, 1024)), digits, "gb")
    if unit.startswith("g"):
        return Numeral(values, digits, "gb")
    return Numeral(tuple(value / 100 for value in values), digits, "%") if unit else Numeral(values, digits)


def read_power(found: re.Match[str]) -> Numeral:
    """The power of ten that ``POWER`` found."""
    raised = found["bare"] or found["bare_raised"].translate(_SUPERSCRIPT)
    return Numeral((10.0 ** int(raised),), 1)


def read_size(found: re.Match[str]) -> tuple[int, ...] | None:
    """The sides that ``SIZE`` found; ``None`` where it is a number with commas, such as (73,856)."""
    if found["product"]:
        return tuple(map(int, re.findall(r"\d+", found["product"])))
    inside = found["tuple"]
    sides = tuple(map(int, re.findall(r"\d+", inside)))
    number = re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", inside)
    return None if number and len(set(sides)) > 1 else sides


def _factor(groups: dict[str, str | None]) -> float:
    power = groups["e"] or groups["power"] or (groups["raised"] or "").translate(_SUPERSCRIPT) or "0"
    scale = (groups["scale"] or "").lower()
    named = _SCALES["b"] if scale == "miljarder" else _SCALES.get(scale[:1], 1.0)
    return float(named * 10.0 ** int(power)) if abs(int(power)) < 300 else math.inf


def _readings(mantissa: str, separator: str | None, unit: str) -> Sequence[float]:
    """What the digits may mean: a point or a comma may part thousands or decimals."""
    if separator is None:
        return (float(mantissa.replace(",", ".")),)
    groups = mantissa.split(separator)
    whole = [float("".join(groups).replace(",", "."))]
    if len(groups) == 2 and separator in ",." and not unit.startswith("m"):
        whole.append(float(".".join(groups)))
    return whole


def _rounds_to(true: float, said: float, digits: int) -> bool:
    """Whether ``said`` is ``true`` with so many digits, rounded or cut."""
    if true == 0 or said == 0 or not math.isfinite(said):
        return true == said
    step = 10.0 ** (math.floor(math.log10(abs(true))) - digits + 1)
    rounded, cut = round(true / step) * step, math.floor(true / step) * step
    return math.isclose(said, rounded, rel_tol=1e-9) or math.isclose(said, cut, rel_tol=1e-9)
