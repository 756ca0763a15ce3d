"""The eight training cases, held against the lab's table P2.3, and what is drawn and concluded from them."""

from __future__ import annotations

import dataclasses
import math
from types import SimpleNamespace

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.project4 import training
from reference.project4.training import Case, Curves, Data, Result

CASE = Case(4, learning_rate=0.03, batch_size=16, epochs=6)


def easy(counts=(90, 30, 40), scale=1.0):
    """Images of three classes that each light up in one colour."""
    rng = np.random.default_rng(0)
    parts = []
    for count in counts:
        labels = np.arange(count) % 3
        images = rng.random((count, 4, 4, 3)) * 0.5 + np.eye(3)[labels][:, None, None]
        parts += [(images * scale / 1.5).astype(np.float32), np.eye(3)[labels]]
    return Data(*parts)


def tiny():
    """A network small enough to be trained in a test."""
    return keras.Sequential(
        [keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    )


def result(number=1, correct=5, incorrect=5, loss=1.0):
    curves = Curves((2.0, 1.0), (0.4, 0.6), (2.5, 1.5), (0.3, 0.5))
    return Result(dataclasses.replace(CASE, number=number), curves, loss, correct, incorrect, 0.0)


@pytest.fixture(scope="module")
def trained():
    """The case `CASE` on the easy images, and the model that it built."""
    keras.utils.set_random_seed(0)
    models = []

    def build():
        models.append(tiny())
        return models[-1]

    return SimpleNamespace(result=training.train_case(CASE, build, easy(), verbose=0), models=models)


@pytest.mark.parametrize(
    ("number", "learning_rate", "batch_size", "epochs"),
    [
        (1, 1e-3, 128, 20),
        (2, 1e-5, 32, 10),
        (3, 1e-3, 128, 10),
        (4, 1e-3, 128, 10),
        (5, 1e-3, 128, 10),
        (6, 1e-3, 128, 10),
        (7, 1e-1, 128, 10),
        (8, 1e-5, 128, 10),
    ],
)
def test_the_cases_are_those_of_the_table(number, learning_rate, batch_size, epochs):
    """Case k is the k-th record, with its learning rate, batch size and epochs."""
    assert len(training.CASES) == 8
    assert training.CASES[number - 1] == Case(number, learning_rate, batch_size, epochs)


def test_a_case_is_trained_as_it_says(trained):
    """One new network; Adam at the learning rate; ceil(90 / 16) steps in each epoch; one value per epoch."""
    (model,) = trained.models
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(CASE.learning_rate)
    assert int(model.optimizer.iterations) == math.ceil(90 / 16) * CASE.epochs
    assert {len(curve) for curve in vars(trained.result.curves).values()} == {CASE.epochs}
    assert trained.result.case == CASE
    assert trained.result.time_s > 0


def test_a_case_learns(trained):
    """Easy images are learned: the loss falls, and nearly all test images are classified correctly."""
    curves = trained.result.curves
    assert curves.loss[-1] < curves.loss[0] / 2
    assert trained.result.test_accuracy > 0.9


def test_the_result_is_that_of_the_test_images(trained):
    """Counts and loss agree with what the model predicts for them, and validation with its own images."""
    data, (model,) = easy(), trained.models
    right = model.predict(data.Xtest, verbose=0).argmax(1) == data.Ytest.argmax(1)
    assert (trained.result.correct, trained.result.incorrect) == (right.sum(), (~right).sum())
    assert trained.result.correct + trained.result.incorrect == 40
    assert trained.result.test_accuracy == pytest.approx(right.mean())
    for X, Y, loss in (
        (data.Xtest, data.Ytest, trained.result.test_loss),
        (data.Xval, data.Yval, trained.result.curves.val_loss[-1]),
    ):
        assert model.evaluate(X, Y, verbose=0)[0] == pytest.approx(loss, rel=1e-4)


def test_a_case_that_diverges_is_a_result_too():
    """As in case 7: the loss is NaN on every backend, nothing is raised, and the accuracy is chance."""
    diverged = training.train_case(CASE, tiny, easy(scale=math.inf), verbose=0)
    assert math.isnan(diverged.curves.loss[-1])
    assert math.isnan(diverged.test_loss)
    assert diverged.test_accuracy == pytest.approx(1 / 3, abs=0.05)
    assert training.winner([diverged, result(correct=9)]) == result(correct=9)


def test_labels_that_do_not_fit_are_refused():
    """Nine outputs are not three columns of labels."""
    nine = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(9)])
    with pytest.raises(ValueError, match="9"):
        training.train_case(CASE, lambda: nine, easy(), verbose=0)


# ---- P2.4

results = st.builds(
    result,
    number=st.integers(1, 8),
    correct=st.integers(0, 4),
    incorrect=st.integers(1, 4),
    loss=st.sampled_from([0.1, 0.5, math.inf, math.nan]),
)


@given(st.lists(results, min_size=1, max_size=6))
def test_nobody_is_better_than_the_winner(contestants):
    """No case has a higher test accuracy, and none of the same accuracy has a lower loss; NaN is no loss."""
    best = training.winner(contestants)
    assert best in contestants
    assert all(one.test_accuracy <= best.test_accuracy for one in contestants)
    equals = [one for one in contestants if one.test_accuracy == best.test_accuracy]
    finite = [one.test_loss for one in equals if math.isfinite(one.test_loss)]
    assert best.test_loss == min(finite) if finite else not math.isfinite(best.test_loss)


def test_the_winner_among_real_numbers():
    """Of the numbers that a real run reached, case 2 wins, though case 8 has the lower loss."""
    reached = {1: (952, 0.15), 2: (979, 0.20), 6: (383, 12.9), 7: (108, math.nan), 8: (968, 0.10)}
    contestants = [result(number, right, 1000 - right, loss) for number, (right, loss) in reached.items()]
    assert training.winner(contestants).case.number == 2


def test_the_curves_are_drawn():
    """Two panels, loss and accuracy, each with a labelled line for training and for validation."""
    one = result(number=3)
    figure = training.curves_figure(one)
    drawn = {
        (ax.get_ylabel(), line.get_label()): (tuple(line.get_xdata()), tuple(line.get_ydata()))
        for ax in figure.axes
        for line in ax.get_lines()
    }
    assert drawn == {
        ("loss", "training"): ((1, 2), one.curves.loss),
        ("loss", "validation"): ((1, 2), one.curves.val_loss),
        ("accuracy", "training"): ((1, 2), one.curves.accuracy),
        ("accuracy", "validation"): ((1, 2), one.curves.val_accuracy),
    }
    assert figure.get_suptitle() == "Case 3"
    assert all(ax.get_legend() for ax in figure.axes)
    plt.close(figure)


def test_the_chart_of_predictions():
    """For each case a bar of the correct and one of the incorrect predictions, side by side and labelled."""
    figure = training.predictions_chart([result(1, 7, 3), result(4, 6, 4), result(7, 1, 9)])
    (ax,) = figure.axes
    heights = {bars.get_label(): [bar.get_height() for bar in bars] for bars in ax.containers}
    assert heights == {"correct": [7, 6, 1], "incorrect": [3, 4, 9]}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["case 1", "case 4", "case 7"]
    bars = sorted((bar for bars in ax.containers for bar in bars), key=lambda bar: bar.get_x())
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    assert all(end <= bar.get_x() + 1e-9 for end, bar in zip(ends, bars[1:], strict=False))
    plt.close(figure)


@pytest.mark.parametrize("function", [training.winner, training.predictions_chart])
def test_no_results(function):
    """Nothing to compare is said so."""
    with pytest.raises(ValueError, match=r"at least one result. Train a case"):
        function([])
