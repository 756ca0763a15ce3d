"""The numbers of saved outputs, whatever a notebook's file holds."""

from __future__ import annotations

from grader.judging.printed import NUMBERS, saved_numbers


def test_outputs_are_read_in_order():
    """Streams and results count; code, pictures and numbers that are no share of 1 do not."""
    cells = [
        {"outputs": [{"text": ["loss: 1.93 - accuracy: 0.3", "2\n", "val: 0.41"]}], "source": "0.99"},
        {"outputs": [{"data": {"text/plain": "[1.2, 0.5230000019]", "image/png": "0.77"}}]},
        {"outputs": [{"text": "52.3 % of 0.5.1, lr=0.001"}]},
    ]
    assert saved_numbers(cells) == (0.32, 0.41, 0.5230000019, 0.523, 0.001)


def test_any_file_can_be_read():
    """What is no list of cells with outputs holds no numbers, and a huge one holds no more than the limit."""
    assert saved_numbers([None, 3, {"outputs": 3}, {"outputs": [None, {"text": {}, "data": []}]}, {}]) == ()
    assert len(saved_numbers([{"outputs": [{"text": "0.25 " * (2 * NUMBERS)}]}])) == NUMBERS
