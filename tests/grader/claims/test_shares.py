"""The numbers of saved outputs that answers are held against, whatever a notebook's file holds."""

from __future__ import annotations

from typing import Any

from grader.claims import shares
from grader.claims.outputs import saved_cells
from grader.claims.shares import NUMBERS, shares_in


def read(*cells: Any) -> tuple[float, ...]:
    """The numbers of some cells of a file, each with code where it is a cell at all."""
    code = [{"cell_type": "code", **cell} if isinstance(cell, dict) else cell for cell in cells]
    return shares_in(saved_cells(("pass", cell) for cell in code))


def test_outputs_are_read_in_order():
    """Streams and results count; code, pictures and numbers that are no share of 1 do not."""
    found = read(
        {"outputs": [stream("loss: 1.93 - accuracy: 0.3", "2\n", "val: 0.41")], "source": "0.99"},
        {"outputs": [{"data": {"text/plain": "[1.2, 0.5230000019]", "image/png": "0.77"}}]},
        {"outputs": [stream("52.3 % of 0.5.1, lr=0.001")]},
    )
    assert found == (0.32, 0.41, 0.5230000019, 0.523, 0.001)


def test_numbers_of_two_outputs_stay_two():
    """Where one output ends and another begins, no number is made of both; one message in two is one number."""
    split = [stream("accuracy 0.3"), stream("2")]
    assert read({"outputs": split}) == (0.32,)
    assert read({"outputs": [stream("0.12")]}, {"outputs": [stream("34")]}) == (0.12,)
    assert read({"outputs": [stream("0.12"), {"data": {"text/plain": "34"}}]}) == (0.12,)


def test_states_that_were_written_over_count():
    """A number of a running bar may be copied from there."""
    bar = "1/9 - accuracy: 0.3100" + "\b" * 22 + "9/9 - accuracy: 0.4200\n"
    assert read({"outputs": [stream(bar)]}) == (0.31, 0.42)


def test_any_file_can_be_read(monkeypatch):
    """What is no list of cells with outputs holds no numbers, and a huge one holds no more than the limits."""
    assert read(None, 3, {"outputs": 3}, {"outputs": [None, {"text": {}, "data": []}]}, {}) == ()
    assert len(read({"outputs": [stream("0.25 " * (2 * NUMBERS))]})) == NUMBERS
    monkeypatch.setattr(shares, "TEXT_LIMIT", 12)
    assert read({"outputs": [stream("0.25 0.26")]}, {"outputs": [stream("0.27")]}) == (0.25, 0.26)


def stream(*texts: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": [*texts]}
