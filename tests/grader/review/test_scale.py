"""Points by key."""

import pytest

from grader.review.scale import levels, read_points


@pytest.mark.parametrize(
    ("most", "given"),
    [
        (1.0, [0, 0.25, 0.5, 0.75, 1]),
        (0.5, [0, 0.25, 0.5]),
        (2.0, [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]),
        (4.0, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]),
        (9.0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (1.2, [0, 0.3, 0.6, 0.9, 1.2]),
        (40.0, [0, 5, 10, 15, 20, 25, 30, 35, 40]),
    ],
)
def test_levels(most, given):
    """0 gives none, the highest key all, and the steps between are equal."""
    assert [level.points for level in levels(most)] == given
    assert [level.key for level in levels(most)] == list(range(len(given)))


def test_any_number_may_be_written():
    """A point or a comma, from 0 to the maximum."""
    assert [read_points(text, 2.0) for text in ("1.3", " 1,3 ", "0", "2")] == [1.3, 1.3, 0.0, 2.0]
    for text in ("", "x", "2.1", "-1", "nan", "inf", "1e9"):
        with pytest.raises(ValueError, match="a number from 0 to 2"):
            read_points(text, 2.0)
