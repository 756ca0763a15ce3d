"""Tokens and phrases: what is said, what is denied, and how far apart words may stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judging.phrases import find, parse
from grader.judging.tokens import Vocabulary, tokenize

WORDS = Vocabulary(frozenset(("vertical", "horizontal", "smaller")), ("shrink",), {"sobelx": ("sobel", "x")})


def said(phrase: str, text: str) -> list[bool]:
    """Each place where the text says the phrase: whether it is denied there."""
    return [found.denied for found in find(parse(phrase), tokenize(text, WORDS))]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("map smaller", "the maps get smaller", [False]),
        ("map smaller", "the maps get so much smaller", []),
        ("map .. smaller", "the maps get so much smaller", [False]),
        ("map . smaller", "map gets smaller", []),
        ("map ... smaller", "maps. They are smaller", []),
        ("map .... smaller", "maps. They are smaller", [False]),
        ("map .. smaller", "the maps do not get smaller", [True]),
        ("map .. smaller", "It doesn't make maps smaller", [True]),
        ("map smaller", "It does not flip, but the map gets smaller", [False]),
        ("not flip*", "it does not flip", [False]),
        ("not flip*", "without flipping", [False]),
        ("x ...!y vertical", "x gives nothing and y vertical", []),
        ("sobel x ...!horizon* vertical", "SobelX: horizontal, vertical", []),
        ("sobel x .. vertical", "SobelX: vertial edges", [False]),
        ("^yes", "yes it does", [False]),
        ("^yes", "I say yes", []),
        ("dense layer", "No, the dense layer", [False]),
        ("padding", "no padding", [True]),
        ("1|one channel", "it has 1 channel", [False]),
        ("24gb", "24 GB", [False]),
        ("24gb", "24 %", []),
        ("from #a to #b", "from 0.52 to 0.56", [False]),
        ("global pool*", "global pooling instead of flatten", [False]),
        ("flatten", "instead of flatten", [True]),
        ("4d", "a 4D tensor, 4-D or 4 D", [False, False, False]),
    ],
)
def test_phrases(phrase, text, found):
    """A phrase is found where its words stand near each other, and is denied by a "not" in its clause."""
    assert said(phrase, text) == found


@pytest.mark.parametrize("phrase", ["", "word ..", "...!not"])
def test_what_is_no_phrase(phrase):
    """A phrase has words, and ends with one."""
    with pytest.raises(ValueError, match="ends with a word"):
        parse(phrase)


def test_only_slips_of_the_pen_are_mended():
    """A short word, one that the rules know, or one with a known beginning stays as it is."""
    tokens = tokenize("vertcal shrinks smaler taller lower", WORDS)
    assert [token.word for token in tokens] == ["vertical", "shrink", "smaller", "taller", "lower"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300) | st.text("0123456789.,x*^% (-)no\n", max_size=200))
def test_any_text_has_tokens(text):
    """Whatever a student writes is read, in order, without an exception."""
    tokens = tokenize(text, WORDS)
    assert all(token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
