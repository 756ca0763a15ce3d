"""Thresholds follow soundly from runs, are written with their chances, and a stopped calibration loses nothing."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bench import calibrate, full, thresholds_file, tolerance
from checks.cnn import behaviour, calibrated
from checks.cnn.trained import NETWORKS
from checks.project4 import vgg_learning


def options(runs: Path, **changes: object) -> argparse.Namespace:
    """What the command line gives."""
    plain = {
        "level": "full", "task": ["4.6", "5.0"], "data": None, "seeds": 2, "epochs": 1, "only": None,
        "runs": runs, "update": False, "spread": False,
    }  # fmt: skip
    return argparse.Namespace(**{**plain, **changes})


@pytest.mark.parametrize("deviations", [3.0, 4.0, 5.0])
def test_the_chance_is_an_upper_limit(deviations):
    """Of many calibrations with 20 runs, at most one of twenty gives a chance below the true one."""
    draw = np.random.default_rng(1)
    true = stats.norm.sf(deviations)
    limits = []
    for _ in range(400):
        runs = draw.normal(0.0, 1.0, 20)
        limits.append(tolerance.chance_below(-deviations, runs.mean(), runs.std(ddof=1), 20))
    share = float(np.mean(np.array(limits) < true))
    assert 0.02 <= share <= 0.09


def test_the_chance_of_spread_seeds_is_an_upper_limit():
    """Of many calibrations with 20 seeds over five solutions, at most one of twenty gives too small a chance."""
    draw, true = np.random.default_rng(3), stats.norm.sf(4.0)
    limits = []
    for _ in range(400):
        runs = draw.normal(0.0, 1.0, (5, 4)) + np.arange(5)[:, None]  # the means differ
        spread = tolerance.pooled(runs)
        limits.append(tolerance.chance_below(-4.0, runs[0].mean(), spread.deviation, 4, spread.degrees))
    assert 0.02 <= float(np.mean(np.array(limits) < true)) <= 0.09


def test_the_pooled_deviation_is_that_within_solutions():
    """Solutions far apart deviate by no more than each does; one run of each tells nothing."""
    spread = tolerance.pooled([[0.1, 0.2], [0.8, 0.9]])
    assert spread.deviation == pytest.approx(np.std([0.1, 0.2], ddof=1))
    assert spread.degrees == 2
    assert tolerance.bound([0.8, 0.9], spread) < tolerance.bound([0.8, 0.9, 0.8, 0.9])
    with pytest.raises(ValueError, match="two runs"):
        tolerance.pooled([[0.1], [0.8]])


def test_the_chance_at_the_mean_is_no_promise():
    """A threshold at or above the mean may be missed always."""
    assert tolerance.chance_below(0.6, 0.5, 0.01, 20) == 1.0
    assert tolerance.chance_below(0.5, 0.5, 0.01, 20) > 0.5
    assert tolerance.chance_below(0.1, 0.5, 0.001, 20) == 0.0


def test_a_bound_lies_below_all_runs():
    """It is the lower of the lowest run and what a further run hardly falls below."""
    runs = [0.50, 0.51, 0.52, 0.30]
    assert tolerance.bound(runs) <= 0.30
    assert tolerance.bound([0.5, 0.5001, 0.5002, 0.5001]) < 0.5


@pytest.mark.parametrize(("failures", "n", "tries", "most"), [(0, 20, 1, 0.14), (0, 20, 3, 0.003), (1, 40, 3, 0.0015), (20, 20, 3, 1)])  # fmt: skip
def test_failures_are_counted_with_confidence(failures, n, tries, most):
    """No failure in 20 runs still allows a chance of 14 %, and of 0.3 % in three tries."""
    assert tolerance.chance_of_failing(failures, n, tries) == pytest.approx(most, rel=0.12)


def test_what_is_stored_says_its_chance():
    """Every threshold of both labs stands with a chance of 1 % at most, the seeds, and the command."""
    entries = [*behaviour.stored(), *in_full(), vgg_learning.stored()]
    for entry in entries:
        assert 0 < entry["chance"] <= tolerance.MOST
        assert entry["chance"] == max(one["chance"] for one in entry["solutions"])
        assert entry["seeds"] >= 20
        assert entry["command"].startswith("python -m bench.")


def test_the_chances_follow_from_the_stored_numbers():
    """They are those of the method, from each solution's mean and deviation."""
    for entry in [*behaviour.stored(), *in_full()]:
        for one in entry["solutions"]:
            deviation, n = entry.get("deviation", one["deviation"]), one.get("seeds", entry["seeds"])
            again = tolerance.chance_below(
                entry["threshold"], one["mean"], deviation, n, entry.get("degrees")
            )
            assert one["chance"] == pytest.approx(again, abs=3e-4)


def in_full() -> list[Mapping[str, Any]]:
    """What is stored of full trainings."""
    return [entry for network in NETWORKS for entry in calibrated.stored("full", network)]


def test_spread_seeds_take_turns(tmp_path):
    """With --spread each seed is one solution's, all have as many, and they are runs of the whole table too."""
    asked = options(tmp_path / "runs", task=["4.2"], seeds=10, spread=True)
    runs = calibrate.planned(asked, "digest")
    assert [run.seed for run in runs] == list(range(10))
    assert [run.solution for run in runs] == 2 * list(calibrate.SOLUTIONS)
    whole = calibrate.planned(options(tmp_path / "runs", task=["4.2"], seeds=10), "digest")
    assert {json.dumps(run.key()) for run in runs} <= {json.dumps(run.key()) for run in whole}


def test_an_entry_of_spread_seeds_says_so(tmp_path):
    """It names the option, the seeds of each solution, and the deviation within all; the chance follows."""
    draw = np.random.default_rng(4)
    groups = {name: tuple(draw.normal(0.55, 0.01, 4)) for name in calibrate.SOLUTIONS}
    spread = tolerance.pooled(groups.values())
    reached = [calibrate.Reached(name, runs, spread) for name, runs in groups.items()]
    asked = options(tmp_path / "runs", seeds=20, epochs=20, spread=True)
    entry = calibrate.entry(reached, "abc", asked, "4.2")
    assert "--spread --update" in entry["command"]
    assert [one["seeds"] for one in entry["solutions"]] == [4] * 5
    assert (entry["degrees"], entry["seeds"]) == (15, 20)
    weakest = min(entry["solutions"], key=lambda one: one["mean"])
    again = tolerance.chance_below(entry["threshold"], weakest["mean"], spread.deviation, 4, 15)
    assert entry["chance"] == pytest.approx(again, abs=1.5e-4)
    assert 0 < entry["chance"] <= tolerance.MOST


def test_a_run_that_was_stopped_goes_on(tmp_path, monkeypatch):
    """After Ctrl-C the finished runs are kept, and the same command does only what is missing."""
    asked = options(tmp_path / "runs.jsonl")
    runs = calibrate.planned(asked, "digest")
    assert len(runs) == 2 * len(calibrate.SOLUTIONS)  # 4.6 and 5.0 share their trainings
    done = []

    def measure(run, *_):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(run.key())
        return {"accuracy": 0.5 + run.seed / 100, "turned": 0.25, "seconds": 0.0}

    monkeypatch.setattr(full, "measure", measure)
    monkeypatch.setattr(full, "prepared", lambda _: "data")
    monkeypatch.setattr(behaviour, "images_of", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        calibrate.work(asked, runs, {}, {})
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 3
    (tmp_path / "runs.jsonl").open("a").write('{"run": {"torn')
    monkeypatch.setattr(
        full,
        "measure",
        lambda run, *_: done.append(run.key()) or {"accuracy": 0.6, "turned": 0.2, "seconds": 0.0},
    )
    records = calibrate.work(asked, runs, {}, {})
    assert len(done) == len(runs)
    assert {json.dumps(one) for one in done} == {json.dumps(run.key()) for run in runs}
    reached = calibrate.summary(runs, records, "turned")
    assert sorted(one for solution in reached for one in solution.accuracies)[-3:] == [0.25, 0.25, 0.25]


def test_an_entry_is_written_beside_the_others(tmp_path):
    """A network's entry keeps those of other networks, checks and data, and is read by the check."""
    path = tmp_path / "thresholds.toml"
    path.write_text(calibrated.STORED.read_text("utf-8"))
    draw = np.random.default_rng(2)
    reached = [calibrate.Reached(name, tuple(draw.normal(0.55, 0.01, 20))) for name in calibrate.SOLUTIONS]
    asked = options(tmp_path / "runs", seeds=20, epochs=20)
    new = calibrate.entry(reached, "abc", asked, "4.6")
    for _ in range(2):
        thresholds_file.update(path, "full", "4.6", new)
    (own,) = calibrated.stored("full", "4.6", path)
    assert own == new
    assert own["threshold"] < 0.55
    assert 0 < own["chance"] <= tolerance.MOST
    assert "--level full --task 4.6" in own["command"]
    assert (
        tomllib.loads(path.read_text())["checks"]
        == tomllib.loads(calibrated.STORED.read_text("utf-8"))["checks"]
    )


def test_a_threshold_near_guessing_is_refused(tmp_path):
    """What proves nothing is not written."""
    reached = [calibrate.Reached(name, (0.12, 0.3, 0.2, 0.25)) for name in calibrate.SOLUTIONS]
    with pytest.raises(SystemExit, match="proves too little"):
        calibrate.entry(reached, "abc", options(tmp_path), "4.2")
