"""Task 4.4: the layers may be shown in several ways, and a missing summary is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checks.kit import Cell
from tests.checks.cnn.student import failure_of, text_of
from tests.checks.cnn.trained import BY_ID, NETWORKS, Trained, outcome, right_way


def listed(task: str) -> str:
    """What a list of a network's layers prints."""
    return "\n".join(f"{one.name} {one.parameters:,}" for one in NETWORKS[task]().layers)


def without_summary(*cells: Cell) -> Trained:
    trained = right_way()
    trained.events.clear()
    trained.cells.extend(cells)
    return trained


def of_another() -> Trained:
    trained = without_summary(Cell(20, "model1.summary()", "", listed("4.2")))
    trained.summary(20, trained.fits[0].model)
    return trained


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (without_summary, "no summary of any network"),
        (
            lambda: without_summary(Cell(20, "plot_model(model2)", "NameError: name 'plot_model'")),
            "no summary of any network",
        ),
        (of_another, "in cell 20 that of a network with 2 convolutional layers"),
        (
            lambda: without_summary(Cell(20, "model_2.summary()", "NameError: name 'model_2'")),
            "stopped with NameError",
        ),
    ],
    ids=["none", "plot-stopped", "of-another", "stopped"],
)
def test_a_missing_summary_is_told(make: Callable[[], Trained], words: str) -> None:
    """Without a summary of the network of 4.3b, the check says what there is instead."""
    trained = make()
    assert words in text_of(failure_of(BY_ID["4.4/summary"], trained.student()))
    assert outcome(trained)[1] == {"4.4/summary"}


@pytest.mark.parametrize(
    "cell",
    [
        Cell(20, "for layer in model2.layers: print(layer.name, layer.count_params())", "", listed("4.3b")),
        Cell(20, "keras.utils.plot_model(model2, show_shapes=True)"),
    ],
    ids=["list", "plot"],
)
def test_other_ways_to_show_the_layers_pass(cell: Cell) -> None:
    """A list of the layers with their parameters, or a plot, shows the architecture as well."""
    assert outcome(without_summary(cell))[1] == set()
