"""Task 2.1: whatever lists the graphics cards and runs without one passes; what stops is named."""

from __future__ import annotations

import pytest

from checks.cnn.device import device
from checks.kit import Cell
from tests.checks.cnn.student import Notebook, failure_of, text_of

LISTED = "gpus = tf.config.list_physical_devices('GPU')"


def notebook(*cells: tuple[str, str, str]) -> Notebook:
    """A notebook of cells: source, error, and what was printed."""
    return Notebook({}, cells=tuple(Cell(number, *cell) for number, cell in enumerate(cells, start=1)))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (LISTED, ""),
        ("print(tf.config.experimental.list_physical_devices('GPU'))", "[]"),
        ("%%time\nfrom tensorflow.python.client import device_lib\ndevice_lib.list_local_devices()", ""),
        ("!nvidia-smi", "/bin/sh: nvidia-smi: not found"),
        ("text = !nvidia-smi\nprint(text)", ""),
        ("print(torch.cuda.is_available())", "False"),
        ("jax.devices()", ""),
        ("from card import show_gpus\nshow_gpus()", "No GPU found, running on CPU"),
    ],
)
def test_every_way_to_list_them_passes(source, text):
    """TensorFlow, Keras, PyTorch, JAX, the shell, or a function of a helper file."""
    assert device.run(notebook(("import tensorflow as tf", "", ""), (source, "", text))) is None


@pytest.mark.parametrize(
    "source",
    [
        "# tf.config.list_physical_devices('GPU')",
        "'''\ntf.config.list_physical_devices('GPU')\n'''\nx = 1",
        "os.environ['CUDA_VISIBLE_DEVICES'] = '0'\nprint('Running on GPU')",
        "with tf.device('/GPU:0'):\n    print('GPU')",
    ],
)
def test_what_asks_nothing_fails(source):
    """Comments, switched-off code and settings list no cards."""
    failure = failure_of(device, notebook((source, "", "Running on GPU")))
    assert "No cell lists" in failure.message
    assert "list_physical_devices" in failure.expected


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("IndexError: list index out of range", "if gpus:"),
        ("AttributeError: module 'tensorflow' has no attribute 'configs'", "spelt"),
        ("NameError: name 'tf' is not defined", "import"),
        ("RuntimeError: Physical devices cannot be modified after being initialized", "before TensorFlow"),
        ("SystemExit: 1", "fresh kernel"),
    ],
)
def test_an_error_is_named_with_its_cell(error, words):
    """The failure says which cell stopped, with what, and what helps."""
    failure = failure_of(device, notebook(("x = 1", "", ""), (LISTED, error, "")))
    assert f"Cell 2, which lists the graphics cards, stopped with {error}." == failure.message
    assert words in text_of(failure)
    assert (failure.counterexample is not None) == error.startswith("IndexError")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (f"import torch\n{LISTED}", "ModuleNotFoundError: No module named 'torch'"),
        (f"{LISTED}\nprint(gpus)\nplot(history)", "NameError: name 'plot' is not defined"),
        (LISTED, "Stopped: it ran longer than 60 s"),
    ],
)
def test_an_error_of_something_else_is_a_hint(source, error):
    """A package that is missing here, a line below, and the grader's own stop cost nothing."""
    hint = device.run(notebook((source, error, "")))
    assert error in hint
    assert "cost nothing" in hint


def test_a_misspelt_name_is_named():
    """A function that TensorFlow does not have is the message, not that no cell asks."""
    error = "AttributeError: module 'tensorflow' has no attribute 'list_gpu'"
    assert error in failure_of(device, notebook(("tf.list_gpu()", error, ""))).message


def test_a_second_try_counts():
    """One cell that runs is enough, before or after one that stopped."""
    wrong, right = (f"{LISTED}\ngpus[0]", "IndexError: list index out of range", ""), (LISTED, "", "")
    assert device.run(notebook(wrong, right)) is None
    assert device.run(notebook(right, wrong)) is None
