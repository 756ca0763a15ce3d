"""Tokens stay the same under renaming, other comments and other spacing, and tell libraries' names apart."""

from __future__ import annotations

import pytest

from grader.similarity.records import Part
from grader.similarity.tokens import TOKENS, breaks, code_stream, prose_stream
from tests.grader.similarity.students import hostile

LOOP = "for i in range(n):\n    model.add(Conv2D(filters, (3, 3), padding='same'))\n"


def tokens(*codes: str) -> str:
    return code_stream([Part(f"cell {n}", code) for n, code in enumerate(codes, 1)]).tokens


@pytest.mark.parametrize(
    "same",
    [
        LOOP.replace("model", "net").replace("filters", "f").replace("i in", "k in"),
        LOOP.replace("(3, 3)", "( 5,5 )").replace("'same'", '"valid"'),
        "# my loop\n" + LOOP.replace(":\n", ":  # go\n\n\n"),
        '"""What follows is mine."""\n' + LOOP,
    ],
    ids=["names", "values and spaces", "comments", "docstring"],
)
def test_disguises_change_nothing(same):
    """Names, numbers, strings, comments, docstrings and white space do not count."""
    assert tokens(same) == tokens(LOOP)


@pytest.mark.parametrize(
    "other",
    [
        LOOP.replace("padding", "strides"),
        LOOP.replace(".add", ".append"),
        LOOP.replace("range", "reversed"),
        LOOP.replace("for i in range(n)", "while i < n"),
    ],
    ids=["keyword argument", "attribute", "built-in", "statement"],
)
def test_what_the_code_does_counts(other):
    """Names that are not the student's own choice tell two programs apart."""
    assert tokens(other) != tokens(LOOP)


def test_ways_to_import_are_one():
    """A library's function is the same under every name that an import gives it."""
    ways = [
        "from keras.layers import Dense\nx = Dense(n)(y)",
        "import keras\nx = keras.layers.Dense(n)(y)",
        "from tensorflow.keras import layers as L\nx = L.Dense(n)(y)",
        "from keras.layers import Dense as D\nx = D(n)(y)",
    ]
    assert len({tokens(way) for way in ways}) == 1


def test_places_lead_back_to_the_text():
    """Each token's place is where it is written, imports before it or not."""
    parts = [Part("cell 1", "import numpy as np\n# a\nvalue = np.abs(x)\n"), Part("cell 2", "print(value)")]
    stream = code_stream(parts)
    written = [parts[part].text[start:end] for part, start, end in stream.places.tolist()]
    assert written == ["value", "=", "abs", "(", "x", ")", "print", "(", "value", ")"]


def test_words():
    """Words count without case and signs, each number is the same, and an answer ends where it ends."""
    one = prose_stream([Part("Q1", "The size is 498 × 498, so it Shrinks!"), Part("Q2", "128")])
    other = prose_stream([Part("Q1", "the size is 510×510 so it shrinks"), Part("Q2", "64")])
    assert one.tokens == other.tokens
    assert breaks(one).sum() == 2


@pytest.mark.parametrize("work", hostile(6), ids=lambda work: work.slug)
def test_hostile_code_is_bounded(work):
    """Of a submission that is made to keep us busy only so much is read."""
    assert 0 < len(code_stream(work.code).tokens) <= TOKENS
    assert len(prose_stream(work.text).tokens) <= TOKENS
