"""Numbers as students write them, Swedish ones too."""

from __future__ import annotations

import pytest

from grader.judging.tokens import Token, Vocabulary, tokenize


def only(text: str) -> Token:
    """The one number or size in a text."""
    (found,) = [token for token in tokenize(text, Vocabulary()) if token.number or token.sides]
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25583592", 25_583_592), ("25,583,592", 25_583_592), ("25 583 592", 25_583_592),
        ("25.583.592", 25_583_592), ("25'583'592", 25_583_592), ("25\u00a0583\u00a0592", 25_583_592),
        ("0,523", 0.523), (".52", 0.52), ("52 %", 0.52), ("52,3 %", 0.523), ("41 percentage points", 0.41),
        ("25.6 million", 25_600_000), ("25,6 miljoner", 25_600_000), ("25.6M", 25_600_000),
        ("2.5·10⁷", 25_000_000), ("2.5*10^7", 25_000_000), ("2.5e7", 25_000_000), ("6.5 * 10**14", 6.5e14),
        ("$2.5 \\times 10^{7}$", 25_000_000), ("10^14", 1e14), ("24GB", 24), ("24 576 MB", 24), ("(73,856)", 73_856),
        ("124,180.", 124_180), ("10k", 10_000), ("650 trillion", 6.5e14),
    ],
)  # fmt: skip
def test_numbers(text, value):
    """One reading is the number that is meant."""
    number = only(text).number
    assert number is not None
    assert number.is_exactly(value)


def test_a_point_may_part_thousands_or_decimals():
    """Where both are possible both are kept, and 0.523 is no 523."""
    number = only("10.496").number
    assert number and number.is_exactly(10_496) and number.is_exactly(10.496)
    small = only("0.523").number
    assert small and not small.is_exactly(523)


@pytest.mark.parametrize(
    "text",
    ["512x512", "512 x 512", "512×512", "512 by 512", "512*512", "(512, 512)", "[512,512]", "(512,512)",
     "**512x512**", "512 times 512", "$512 \\times 512$", "512x512.", "(None, 512, 512)"],
)  # fmt: skip
def test_sizes(text):
    """All of these are one size, with its sides in order."""
    assert only(text).sides == (512, 512)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("25.6 million", True), ("2.5e7", True), ("2.6e7", True), ("25.58 million", True), ("25583592", True),
        ("25.5 million", True), ("25,636,712", False), ("25.7 million", False), ("3e7", False), ("2.5 million", False),
    ],
)  # fmt: skip
def test_rounding(text, fits):
    """A number rounded or cut to two digits or more is the number; one digit says too little."""
    number = only(text).number
    assert number is not None
    assert number.is_about(25_583_592) is fits
