"""Where a training or an evaluate stopped, the cell, the error and the cure are told."""

from __future__ import annotations

import pytest

from checks.cnn.cures import cure
from checks.kit import Cell, Used
from tests.checks.cnn.student import failure_of, text_of
from tests.checks.cnn.trained import BY_ID, CELLS, NETWORKS, TEST, Trained, network, right_way


def stopped(task: str, error: str, source: str) -> Trained:
    trained = right_way(leave_out=(task,))
    trained.cells.append(Cell(CELLS[task], source, error))
    return trained


@pytest.mark.parametrize(
    ("task", "id_"),
    [("4.2", "4.2/network"), ("4.3b", "4.3/networks"), ("4.5", "4.5/dropout"), ("4.6", "4.6/trained")],
)
def test_a_cell_that_stopped_is_named(task: str, id_: str) -> None:
    """Where a training is missing because its cell raised, the cell, the error and the cure are told."""
    error = "TypeError: 'float' object cannot be interpreted as an integer"
    name = {"4.2": "model1", "4.3b": "model2", "4.5": "model3", "4.6": "model4"}[task]
    trained = stopped(task, error, f"{name} = build_CNN(input_shape, loss)\n{name}.fit(Xtrain, Ytrain)")
    text = text_of(failure_of(BY_ID[id_], trained.student()))
    assert f"cell {CELLS[task]}, which calls fit, stopped with TypeError" in text
    assert "whole numbers" in text


def test_a_fit_that_raised_is_found_by_its_network() -> None:
    """A fit in a function is recorded with its error, whatever the cell's text."""
    trained = right_way(leave_out=("4.5",))
    trained.fit(33, Used(8, (), NETWORKS["4.5"]()), error="ValueError: Data cardinality is ambiguous")
    text = text_of(failure_of(BY_ID["4.5/dropout"], trained.student()))
    assert "cell 33" in text
    assert "more images than labels" in text


def test_a_fit_that_was_interrupted_is_told_as_its_cell_ended() -> None:
    """Where a cell was stopped for its time, fit saw an interrupt, and the cell's own end says why."""
    trained = right_way(leave_out=("4.2",))
    trained.fit(12, Used(8, (), network()), error="KeyboardInterrupt: ")
    trained.cells.append(Cell(12, "train_all()", "Timeout: the cell was stopped after 60 s"))
    text = text_of(failure_of(BY_ID["4.2/network"], trained.student()))
    assert "stopped with Timeout: the cell was stopped after 60 s." in text
    assert "for too long" in text


def test_a_cell_of_part_5_is_not_blamed() -> None:
    """That the training with augmented images stopped does not explain a missing 4.5."""
    trained = right_way(leave_out=("4.5",))
    trained.cells.append(Cell(50, "model6.fit(train_flow, validation_data=val_flow)", "TypeError: no"))
    assert "cell 50" not in text_of(failure_of(BY_ID["4.5/dropout"], trained.student()))


def test_an_evaluate_that_stopped_is_named() -> None:
    """Where evaluate raised, its cell and error are told."""
    trained = right_way({"4.2": {"evaluate": None}})
    trained.evaluate(
        13, Used(1, ("model1",), network()), TEST, error="ValueError: Data cardinality is ambiguous"
    )
    text = text_of(failure_of(BY_ID["4.2/evaluated"], trained.student()))
    assert "cell 13 stopped with ValueError" in text


def test_the_evaluate_of_another_model_is_named() -> None:
    """Where an older network was evaluated instead of the new one, both are told."""
    trained = right_way({"4.3b": {"evaluate": None}})
    older = Used(2, ("model1b",), NETWORKS["4.3a"]())
    place = next(fit.ended for fit in trained.fits if fit.cell == CELLS["4.3b"])
    trained.evaluate(19, older, TEST, order=place)
    text = text_of(failure_of(BY_ID["4.3/both-evaluated"], trained.student()))
    assert "cell 19 evaluates another model, model1b" in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("TypeError: 'float' object cannot be interpreted as an integer", "whole numbers"),
        ("AttributeError: 'NumpyArrayIterator' object has no attribute 'next'", "next(train_flow)"),
        ("AttributeError: 'NoneType' object has no attribute 'fit'", "return model"),
        ("ValueError: Data cardinality is ambiguous", "more images than labels"),
        ("NameError: name 'Xtrain' is not defined", "earlier cell"),
        ("ValueError: Arguments `target` and `output` must have the same rank", "one-hot"),
        ("RuntimeError: something else", ""),
    ],
)
def test_errors_have_cures(error: str, words: str) -> None:
    """The usual errors of a training come with what to do about them."""
    assert words in cure(error)
    assert bool(cure(error)) == bool(words)
