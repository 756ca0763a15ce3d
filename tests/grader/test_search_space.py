"""What the stand-in for Ray draws, reports and gives back, without a kernel."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from grader.kernel import observe
from grader.kernel import search_space as space
from grader.kernel.recording import Log
from grader.kernel.search import Finder, names_of
from grader.kernel.search_results import Anything
from grader.kernel.search_trials import Tune


@pytest.fixture
def log() -> Log:
    """A record that nothing else writes to."""
    return Log(observe.Store())


def drawn(entries: dict[str, Any], number: int = 200) -> list[dict[str, Any]]:
    return space.draw(entries, number, random.Random(1))


@pytest.mark.parametrize(
    ("domain", "lowest", "highest"),
    [
        (space.choice([3, 5]), 3, 5),
        (space.uniform(-1.0, 1.0), -1, 1),
        (space.loguniform(1e-4, 1e-1), 1e-4, 1e-1),
        (space.quniform(0.0, 1.0, 0.1), 0, 1),
        (space.qloguniform(1e-3, 1e-1, 5e-4), 1e-3, 1e-1),
        (space.randint(2, 6), 2, 5),
        (space.lograndint(1, 100), 1, 99),
        (space.qrandint(0, 8, 2), 0, 8),
        (space.qlograndint(2, 64, 2), 2, 64),
        (space.randn(10, 1), 0, 20),
        (space.qrandn(10, 1, 0.5), 0, 20),
        (space.uniform(0.0, 1.0).quantized(0.25), 0, 1),
    ],
)
def test_values_lie_between_the_bounds(domain, lowest, highest):
    """Every value is within the bounds, and there are several."""
    values = [config["x"] for config in drawn({"x": domain})]
    assert lowest <= min(values) < max(values) <= highest
    assert lowest <= domain.sample() <= highest


def test_a_grid_is_tried_in_order():
    """Each combination of two grids comes once before any comes again."""
    entries = {"a": space.grid_search([1, 2]), "b": {"grid_search": ["x", "y"]}, "c": 7}
    assert space.grid_size(entries) == 4
    assert drawn(entries, 4) == [
        {"a": a, "b": b, "c": 7} for a, b in ((1, "x"), (1, "y"), (2, "x"), (2, "y"))
    ]


def test_two_trials_differ_where_they_can():
    """With two values, two trials have both."""
    for seed in range(20):
        found = space.draw({"x": space.choice([1, 2])}, 2, random.Random(seed))
        assert {config["x"] for config in found} == {1, 2}


def test_a_value_may_be_made_of_the_others():
    """``sample_from`` sees what is drawn, as ``spec.config.x`` and as ``config["x"]``."""
    entries = {
        "x": space.choice([3]),
        "y": space.sample_from(lambda spec: spec.config.x * 2),
        "z": space.sample_from(lambda config: config["x"] + 1),
    }
    assert drawn(entries, 1) == [{"x": 3, "y": 6, "z": 4}]


@pytest.mark.parametrize(
    ("entries", "size", "names"),
    [
        ({"x": 1}, 1, []),
        ({}, 1, []),
        ({"x": space.choice([1, 2, 2]), "y": space.randint(0, 3)}, 6, ["x", "y"]),
        ({"x": {"y": space.choice([1, 2])}}, 2, ["x/y"]),
        ({"x": [space.choice([1, 2])]}, 2, ["x/0"]),
        ({"x": space.grid_search([1, 2])}, 2, ["x"]),
        ({"x": space.uniform(0, 1)}, math.inf, ["x"]),
        ({"x": space.uniform(1, 1)}, 1, ["x"]),
    ],
)
def test_configurations_are_counted(entries, size, names):
    """Values that stand twice count once; numbers between two bounds are endlessly many."""
    assert space.size(entries) == size
    assert space.names(entries) == names


def test_a_seed_draws_the_same(log):
    """Two searches with one seed try the same configurations."""
    found = [
        [trial.config for trial in Tune(log, 3).run(lambda config: 1.0, config={"x": space.uniform(0, 1)})]
        for _ in range(2)
    ]
    assert found[0] == found[1]


def test_the_best_trial_is_recorded(log):
    """Asking for the best trial gives it by metric and mode, and is told to the grader."""
    results = Tune(log, 0).run(
        lambda config: {"loss": config["x"]},
        config={"x": space.grid_search([2, 1])},
        metric="loss",
        mode="min",
    )
    assert results.best_config == {"x": 1}
    assert results.get_best_result("loss", "max").metrics["loss"] == 2
    assert list(results.dataframe()["config/x"]) == [2, 1]
    told = [event["data"] for event in log.take()["events"]]
    assert [one["what"] for one in told] == ["run", "best", "best"]
    assert told[0]["configurations"] == 2
    assert [one["reported"] for one in told[0]["trials"]] == [["loss"], ["loss"]]
    assert told[1]["config"] == {"x": "1"}


def test_many_samples_are_two_trials(log, capsys):
    """Of a hundred samples two are run, and one line says so."""
    results = Tune(log, 0).run(lambda config: 0.5, config={"x": space.uniform(0, 1)}, num_samples=100)
    assert len(results) == 2
    assert "2 of the 100 trials" in capsys.readouterr().out


def test_a_trial_that_raises_is_an_error_of_the_search(log, capsys):
    """``tune.run`` raises in the end, and the record has each trial's error."""

    def train(config: dict[str, Any]) -> None:
        raise KeyError("filters")

    with pytest.raises(Exception, match="Trials did not complete"):
        Tune(log, 0).run(train, config={"x": space.choice([1, 2])}, num_samples=2)
    (told,) = log.take()["events"]
    assert [one["error"] for one in told["data"]["trials"]] == ["KeyError: 'filters'"] * 2
    assert "KeyError" in capsys.readouterr().err


@pytest.mark.parametrize("metric", [None, "accuracy"])
def test_no_best_trial_without_its_metric(log, metric):
    """A metric that is not named, or that no trial reported, is Ray's own error."""
    results = Tune(log, 0).run(lambda config: {"acc": 1.0}, config={})
    with pytest.raises((ValueError, RuntimeError), match=r"No metric is provided|No best trial found"):
        results.get_best_result(metric, "max")


def test_unknown_names_do_nothing():
    """What the stand-in does not know takes everything, counts as false, and is no error."""
    thing = Anything(1, max_t=4)
    assert not thing.anything.at(all=True)
    assert (thing.max_t, thing.args) == (4, (1,))
    with thing as entered:
        assert list(entered) == []
    assert not Anything.from_directory("checkpoint")


def test_only_ray_is_stood_in_for(log):
    """Names that merely begin like Ray's are left to Python."""
    finder = Finder(names_of(Tune(log, 0)))
    assert finder.find_spec("raytracing", None) is None
    assert finder.find_spec("ray.tune.search.optuna", None) is not None
