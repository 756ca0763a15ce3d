"""Outputs as the file has them, summaries, scores, CarbonTracker's report and decoded predictions."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.kit.saved import SavedCell
from grader.claims.outputs import CELL_LIMIT, TOTAL_LIMIT, saved_cells
from grader.claims.reading import read_saved
from grader.notebooks import read_notebook
from tests.grader.test_labs import DEMO

LOGS = Path(__file__).parent / "logs"


def code(*outputs: Any, count: Any = 1, source: str = "x") -> tuple[str, dict[str, Any]]:
    return source, {"cell_type": "code", "execution_count": count, "outputs": list(outputs)}


def stream(text: Any, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


# ---- the file ----------------------------------------------------------------------------------------


def test_texts_are_joined():
    """Streams follow each other as they were printed; what is displayed begins a line of its own."""
    shown = {"output_type": "execute_result", "data": {"text/plain": ["[1.5, 0.5]"], "image/png": "aGk="}}
    (cell,) = saved_cells([code(stream(["a", "b\n"]), stream("c"), stream("d", "stderr"), shown)])
    assert cell.text == "ab\nc\nd\n[1.5, 0.5]"
    assert (cell.count, cell.pictures, cell.cut) == (1, 1, False)


def test_blank_and_text_cells_have_no_number():
    """Numbers are those of the pages: code cells that are not blank."""
    cells = [
        ("text", {"cell_type": "markdown"}),
        code(source=" \n"),
        code(source="a"),
        code(source="b", count=9),
    ]
    assert [(cell.number, cell.source, cell.count) for cell in saved_cells(cells)] == [
        (1, "a", 1),
        (2, "b", 9),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "code", "outputs": None},
        {"cell_type": "code", "outputs": [None, 3, "x", {}, {"output_type": "stream"}, {"data": []}]},
        {
            "cell_type": "code",
            "outputs": [{"output_type": "stream", "text": [None, 3, {}]}],
            "execution_count": True,
        },
        {
            "cell_type": "code",
            "outputs": [{"data": {"text/plain": {"a": 1}, "image/png": 3}}],
            "execution_count": -4,
        },
        {"cell_type": "code", "outputs": {"a": 1}, "execution_count": 10**30},
    ],
)
def test_malformed_outputs(cell: Any):
    """What has the wrong form is left out."""
    (found,) = saved_cells([("x", cell)])
    assert (found.text, found.count) == ("", None)


def test_lone_surrogates_are_replaced():
    """What UTF-8 cannot hold reaches no page and no file."""
    (cell,) = saved_cells(
        [code(stream("Test accuracy: 0.5 \ud800"), {"output_type": "error", "ename": "\udfff"})]
    )
    assert (cell.text + cell.error).encode("utf-8")


def test_outputs_are_bounded():
    """Of 100 MB of outputs a bounded part is kept, in a moment, and the cell says that there was more."""
    line = "Epoch 1/20 " * 1_000
    started = time.monotonic()
    cells = saved_cells([code(*[stream([line] * 100)] * 5) for _ in range(20)])
    assert time.monotonic() - started < 3
    assert all(len(cell.text) <= CELL_LIMIT for cell in cells)
    assert sum(len(cell.text) for cell in cells) <= TOTAL_LIMIT
    assert all(cell.cut for cell in cells)


def test_stored_error():
    """A traceback is no output of the code, but its name is kept."""
    (cell,) = saved_cells(
        [code({"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": ["y"]})]
    )
    assert (cell.error, cell.text) == ("NameError", "")


@pytest.mark.parametrize("student", ["ada", "dana"])
def test_demo_notebooks(student: str):
    """The outputs of the demo's notebooks, which came from real runs, are read whole."""
    (path,) = (DEMO / student).glob("*.ipynb")
    notebook = read_notebook(path)
    saved = read_saved(notebook.saved)
    assert len(saved.logs) >= 5
    assert all(log.whole and log.steps in (375, 118, 59) for log in saved.logs)
    assert len(saved.scores) >= 7
    assert len(saved.carbon) == 2
    assert len(notebook.saved) == sum(cell.cell_type == "code" for cell in notebook.notebook.cells)
    assert "outputs" not in json.dumps([cell for cell in notebook.notebook.cells if cell.get("outputs")])


# ---- tables ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "total", "frozen"), [("keras2", 778, 8), ("keras3", 2320, 8)])
def test_real_summaries(name: str, total: int, frozen: int):
    """Both tables give their counts; Keras 3 adds those of the optimiser to the total."""
    (found,) = read_saved(
        (SavedCell(4, "model.summary()", 1, (LOGS / f"{name}_summary.txt").read_text("utf-8")),)
    ).summaries
    assert (found.total, found.trainable, found.frozen, found.convolutions) == (total, 770, frozen, 1)
    assert (found.cell, found.name) == (4, "sequential")


def test_wrapped_box():
    """In a narrow box names and shapes go on in the next line, as ResNet50's do."""
    text = (
        'Model: "resnet50"\n┏━━━┳━━━┳━━━┓\n┃ Layer (type)      ┃ Output Shape      ┃ Param # ┃ Connected to ┃\n┡━━━╇━━━┩\n'
        "│ input_layer        │ (None, 224, 224,  │      0 │ -           │\n│ (InputLayer)       │ 3)                │        │\n├──┼──┤\n"
        "│ conv2_block1_1_co… │ (None, 56, 56,    │  4,160 │ pool1[0][0] │\n│ (Conv2D)           │ 64)               │        │\n└──┴──┘\n"
        " Total params: 25,636,712 (97.80 MB)\n Trainable params: 25,583,592 (97.59 MB)\n Non-trainable params: 53,120 (207.50 KB)\n"
    )
    (found,) = read_saved((SavedCell(1, "x", 1, text),)).summaries
    assert (found.input_shape, found.convolutions, found.trainable) == ((224, 224, 3), 1, 25_583_592)


def test_two_tables_and_none():
    """Two tables are two records; a table without its counts is none."""
    table = (LOGS / "keras2_summary.txt").read_text("utf-8")
    assert len(read_saved((SavedCell(1, "x", 1, table + table),)).summaries) == 2
    assert read_saved((SavedCell(1, "x", 1, table[:600]),)).summaries == ()


# ---- prints ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "label", "value", "digits"),
    [
        ("Test accuracy: 0.5230", "test accuracy", 0.523, 4),
        ("Test accuracy: 52.30%", "test accuracy", 0.523, 4),
        ("The test accuracy is 52.3 %", "the test accuracy", 0.523, 3),
        ("model3 test acc = 0.5615", "model3 test acc", 0.5615, 4),
        ("[1.9871, 0.5230000019]", "evaluate", 0.5230000019, 10),
        ("Test scores: [1.9871, 0.523]", "evaluate", 0.523, 3),
        ("{'accuracy': 0.523, 'loss': 1.98}", "accuracy", 0.523, 3),
        ("Test accuracy: np.float32(0.523)", "test accuracy", 0.523, 3),
    ],
)
def test_scores(line: str, label: str, value: float, digits: int):
    """A printed accuracy is found in each of the usual forms."""
    (score,) = read_saved((SavedCell(3, "x", 1, f"first\n{line}\n"),)).scores
    assert (score.cell, score.line, score.label, score.digits) == (3, 2, label, digits)
    assert score.value == pytest.approx(value)


@pytest.mark.parametrize("line", ["Test loss: 0.5", "accuracy", "accuracy: 523", "Epoch 1/20", "score: n/a"])
def test_no_scores(line: str):
    """Losses, counts and words are no accuracies."""
    assert read_saved((SavedCell(1, "x", 1, line),)).scores == ()


def test_carbon_and_predictions():
    """CarbonTracker's amounts and the classes of decode_predictions."""
    text = (
        "CarbonTracker: \nPredicted consumption for 5 epoch(s):\n\tTime:\t0:00:30\n\tEnergy:\t0.000784 kWh\n\tCO2eq:\t0.3488 g\n"
        "Predicted: [('n02504458', 'African_elephant', 0.9), ('n01871265', 'tusker', np.float32(0.05))]\n"
    )
    saved = read_saved((SavedCell(1, "x", 1, text),))
    assert [(one.epochs, one.predicted, one.energy_kwh, one.co2_g) for one in saved.carbon] == [
        (5, True, 0.000784, 0.3488)
    ]
    assert [(one.name, one.probability) for one in saved.decoded] == [
        ("African_elephant", 0.9),
        ("tusker", 0.05),
    ]


def test_numbers():
    """Every printed number counts: with thousands' commas, and percentages as fractions as well."""
    saved = read_saved((SavedCell(1, "x", 1, "Total params: 124,180 (485 KB), 52.3 % or .25, v1.2.3"),))
    assert {124_180.0, 485.0, 52.3, 0.523, 0.25} <= saved.numbers


PIECES = st.sampled_from(
    ["Epoch 1/2", "375/375", "[====]", " - ", "loss: 0.5", "accuracy: ", "nan", "0.45", "\b", "\r", "\n", "\x1b[1m", "Model: \"m\"",
     "Total params: 1,234", "Trainable params: 12", "(None, 3,", "│", "{'loss': [", "]}", "('n01234567', 'x', 0.5)", "Energy:",
     "Actual consumption for 5 epoch(s):", "Train on 10 samples, validate on 5 samples", "%", "(", "\ud800", "1e999", "9" * 40]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read(text: str):
    """No text, however broken, makes the reader raise."""
    read_saved(saved_cells([code(stream(text))]))
