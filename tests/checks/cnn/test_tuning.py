"""Task 8: a search that chooses passes; what cannot choose is named; not to search is no mistake."""

from __future__ import annotations

from typing import Any

import pytest

from checks.cnn.tuning import best, search
from checks.kit import Cell, Event
from tests.checks.cnn.student import Notebook, failure_of, text_of

TRIAL = {"config": {"n_filters": "16"}, "reported": ["acc"], "error": ""}
STOPPED = TRIAL | {"reported": [], "error": "KeyError: 'filters'"}


def ran(**data: Any) -> Event:
    """A search in cell 2."""
    usual = {
        "what": "run", "samples": 4, "space": ["n_filters"], "configurations": 2, "metric": "acc",
        "mode": "max", "trials": [TRIAL, TRIAL],
    }  # fmt: skip
    return Event("search", 2, 10, usual | data)


def asked(cell: int = 2, config: Any = None) -> Event:
    """The best configuration is asked for."""
    found = {"n_filters": "16"} if config is None else config
    return Event("search", cell, 11, {"what": "best", "metric": "acc", "mode": "max", "config": found})


def notebook(*events: Event, cells: tuple[tuple[str, ...], ...] = ()) -> Notebook:
    """A notebook of events, and of cells: source, error, text."""
    return Notebook({}, events=events, cells=tuple(Cell(n, *cell) for n, cell in enumerate(cells, start=1)))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"configurations": None},
        {"metric": None, "mode": None},
        {"configurations": 3, "space": []},
    ],
)
def test_a_search_that_chooses_passes(data):
    """Two configurations or endlessly many, with or without a metric named for the search."""
    assert search.run(notebook(ran(**data))) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"samples": 1}, "num_samples=1"),
        ({"trials": [TRIAL, STOPPED]}, "KeyError: 'filters'"),
    ],
)
def test_a_doubtful_search_is_a_hint(data, words):
    """One sample, or a trial that stopped, costs nothing."""
    assert words in search.run(notebook(ran(**data)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"configurations": 1}, ("only one configuration", "n_filters")),
        ({"configurations": 1, "space": []}, ("only one configuration", "nothing drawn")),
        ({"trials": [STOPPED, STOPPED]}, ("train_CNN stopped with KeyError: 'filters'", "cell 2")),
        ({"trials": [TRIAL | {"reported": []}]}, ("reports no metric", "tune.report")),
        ({"metric": "accuracy"}, ("'accuracy'", "'acc'", "does not report")),
    ],
)
def test_what_cannot_choose_is_named(data, words):
    """Each failure says why there is nothing to choose from or by."""
    failure = failure_of(search, notebook(ran(**data)))
    assert all(word in text_of(failure) for word in words)


def test_the_last_failure_gives_way_to_a_right_search():
    """Any search that is right counts, whatever was tried before or after."""
    wrong = ran(configurations=1)
    assert search.run(notebook(wrong, ran(), wrong)) is None


def test_not_to_attempt_it_is_no_mistake():
    """The message says that the task is optional, and there is nothing to mend."""
    failure = failure_of(search, notebook(cells=(("model4.fit(X, Y)", "", ""), ("# from ray import tune",))))
    assert failure.message == "Task 8 is optional and was not attempted."
    assert "nothing is lost" in failure.hint
    assert not failure.expected


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (("from ray import tune\ntune.run(train)", "NameError: name 'train' is not defined"), "NameError"),
        (("def train_CNN(config):\n    pass", ""), "no search was run"),
    ],
)
def test_an_attempt_without_a_search_is_named(cell, words):
    """The cell that stopped, or that none was started."""
    assert words in failure_of(search, notebook(cells=(cell,))).message


BY_HAND = "def train_CNN(config):\n    return 0.5\n"


@pytest.mark.parametrize(
    "cells",
    [
        ((BY_HAND,), ("results = [train_CNN(c) for c in configs]\nprint(max(results))",)),
        ((BY_HAND,), ("for c in configs:\n    if train_CNN(c) > best:\n        best = c\nprint(best)",)),
        ((BY_HAND,), ("scores = list(map(train_CNN, configs))\nprint(np.argmax(scores))",)),
        (
            ("import keras_tuner as kt", "ModuleNotFoundError: No module named 'keras_tuner'"),
            ("tuner.search(X, Y)\nprint(tuner.get_best_models())", "NameError: name 'tuner' is not defined"),
        ),
        (
            ("import optuna", "ModuleNotFoundError: No module named 'optuna'"),
            ("study.optimize(f, n_trials=9)\nprint(study.best_params)", "NameError: name 'study' …"),
        ),
    ],
)
def test_a_search_by_other_means_counts(cells):
    """Loops and other libraries pass with a hint, read from the code where the library is not here."""
    student = notebook(cells=cells)
    assert "Ray Tune" in search.run(student)
    assert best.run(student) is None


def test_a_loop_over_other_networks_is_no_search():
    """The trainings of task 4.6 in a loop are no attempt at task 8."""
    source = "for n in (16, 32):\n    build_CNN(shape, loss, n_filters=n).fit(X, Y)"
    assert "not attempted" in failure_of(search, notebook(cells=((source,),))).message


@pytest.mark.parametrize(
    "cells",
    [
        ((), ("print(best.config)", "", "{'n_filters': 16}")),
        ((), ("analysis.best_config", "", "{'n_filters': 16}")),
        ((), ("analysis.best_config",), ("print(f'{best:.2f}')",)),
    ],
)
def test_a_best_configuration_that_is_shown_passes(cells):
    """Printed, shown as a cell's value, or printed later."""
    assert best.run(notebook(ran(), asked(), cells=tuple(cell or ("x = 1",) for cell in cells))) is None


@pytest.mark.parametrize(
    "source",
    [
        "top = max(results, key=lambda r: r.metrics['acc'])\nprint(top.config)",
        "print(results.get_dataframe().sort_values('acc'))",
    ],
)
def test_picking_it_by_hand_passes(source):
    """Who looks through the results without Ray's help has the best one, too."""
    assert best.run(notebook(ran(), cells=(("x = 1",), (source,)))) is None


@pytest.mark.parametrize(
    ("events", "cell", "words"),
    [
        ((), ("results = tuner.fit()\nprint(results)",), ("never asked for", "get_best_result")),
        ((asked(),), ("settings = results.get_best_result().config",), ("no cell shows it",)),
        (
            (asked(config={}),), ("print(results.get_best_result())", "RuntimeError: No best trial found"),
            ("Cell 2", "RuntimeError", "asks for the best"),
        ),
    ],
)  # fmt: skip
def test_a_best_configuration_that_is_not_shown_fails(events, cell, words):
    """Never asked for, not printed, or not to be had: the message says which."""
    failure = failure_of(best, notebook(ran(), *events, cells=(("x = 1",), cell)))
    assert all(word in text_of(failure) for word in words)


def test_best_needs_a_search():
    """What follows from a missing search is not counted again."""
    assert best.needs == (search,)
