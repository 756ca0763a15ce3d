"""P1.2 on real frames: pairs and their truth are found, F1 is right, and a share of the reference's is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checks.project4 import flow as topic
from checks.project4 import highway
from grader import data_parts, scenes
from grader.given import Given
from reference.project4 import flow as reference
from tests.checks.cnn.student import failure_of
from tests.checks.project4.calling import Calling


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The drawn frames, and their truth, as a prepared set has them."""
    folder = tmp_path_factory.mktemp("highway")
    data_parts._draw_highway(folder)
    return Given(folder / "visible"), Given(folder / "hidden")


def student(drawn: Any, mask: Any = reference.flow_mask, **thresholds: float) -> Calling:
    functions = {"compute_flow": reference.compute_flow, "flow_mask": mask}
    return Calling({}, given=drawn[0], hidden=drawn[1], functions=functions, thresholds=thresholds)


def test_the_stored_f1_is_the_references(drawn) -> None:
    """What stands in thresholds.toml for the drawn frames is what the reference reaches on them."""
    pairs = highway.pairs_of(*drawn)
    assert len(pairs) == highway.PAIRS
    score = highway.best_score(
        pairs,
        lambda pair: reference.compute_flow(pair.before, pair.after),
        lambda flow, threshold: reference.flow_mask(flow, threshold) != 0,
    )
    assert highway.reference_f1(pairs) == pytest.approx(score.f1, abs=0.02)


def test_the_reference_finds_the_cars(drawn) -> None:
    """It passes even where all of its own F1 is asked for."""
    assert topic.cars.run(student(drawn, **{"P1.2/cars": 0.97})) is None


def test_an_empty_mask_finds_none(drawn) -> None:
    """Its F1 is 0, and the message says what was reached and what can be."""
    failure = failure_of(topic.cars, student(drawn, lambda flow, threshold: np.zeros(flow.shape[:2])))
    assert "0.43" in failure.expected
    assert "F1 0.00" in failure.received


def test_a_full_mask_is_too_much(drawn) -> None:
    """Everything marked has a recall of 1 and a low precision."""
    failure = failure_of(topic.cars, student(drawn, lambda flow, threshold: np.ones(flow.shape[:2])))
    assert "recall 1.00" in failure.received
    assert "More erosion" in failure.hint


def test_unknown_frames_are_not_judged(tmp_path) -> None:
    """Where nobody has measured the reference, or there is no truth, the check passes and says so."""
    scenes.make_highway(tmp_path / "lab", 4, seed=5, suffix=".png")
    both = Given(tmp_path), Given(tmp_path)
    assert "nothing to hold" in str(topic.cars.run(student(both)))
    assert "nothing to hold" in str(topic.cars.run(student((both[0], {}))))


def test_what_the_truth_leaves_out_does_not_count() -> None:
    """255 moves, 0 and 50 do not, the rest is neither."""
    truth = np.array([[255, 255, 0, 50, 85, 170]], np.uint8)
    mask = np.array([[True, False, True, True, True, True]])
    score = highway.score_of(mask, truth)
    assert (score.found, score.wrong, score.missed) == (1, 2, 1)
    assert score.f1 == pytest.approx(2 / 5)


def test_pairs_go_by_their_numbers() -> None:
    """A frame without its follower, or without truth, begins no pair."""
    frame, truth = np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8)
    given = {f"lab/highway/in{number:06d}.jpg": frame + number for number in (1, 2, 4, 5)}
    hidden = {f"lab/highway_truth/gt{number:06d}.png": truth for number in (1, 2, 4)}
    pairs = highway.pairs_of(given, hidden)
    assert [(pair.before.max(), pair.after.max()) for pair in pairs] == [(1, 2), (4, 5)]
