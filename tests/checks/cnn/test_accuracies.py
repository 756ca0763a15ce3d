"""Accuracies of lab cnn: each is shown with where it comes from, and judged only where a threshold was measured."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from checks.cnn import accuracies, behaviour, calibrated, network, training
from checks.cnn.memo import gallery_for
from checks.cnn.trained import NETWORKS, claims, trained_networks
from checks.kit import Failure, Scored, Undecided
from tests.checks.cnn.claimed import honest
from tests.checks.cnn.student import Notebook

HONEST = 8  # notebooks
ENTRY = {"threshold": 0.45, "chance": 0.004}


def student(seed: int = 3, **changes: object) -> Notebook:
    """An honest notebook with its saved outputs."""
    note = honest(seed)
    return dataclasses.replace(note.student(), saved=note.saved(), measured={}, **changes)


def scored(one: Notebook, accuracy: float = 0.51) -> Notebook:
    """The same notebook after a full training, each network with the same accuracy upright, half of it turned."""
    orders = [fit.order for fit in one.fits]
    found = [Scored(order, "upright", 2_000, accuracy) for order in orders]
    found += [Scored(order, "turned to the left", 2_000, accuracy / 2) for order in orders]
    return dataclasses.replace(one, training="full", scored=tuple(found))


@pytest.mark.parametrize("seed", range(HONEST))
def test_claims_are_the_printed_test_accuracies(seed):
    """For each network the number that its notebook prints, from the cell that prints it; never another's."""
    note = honest(seed)
    found = claims(student(seed))
    assert set(found) >= {"5.0", "5.2"}
    for name, claim in found.items():
        assert claim.value == pytest.approx(note.tested[name], abs=6e-4), name
        assert f"{claim.value:.2f}"[:4] in note.saved().cell(claim.cell).text.replace("%", "") or claim.text


def test_every_network_is_found_with_its_tests():
    """All seven are told apart; that of 5.0 is the network of 4.6, on images turned to the left."""
    found = trained_networks(student())
    assert list(found) == list(NETWORKS)
    assert found["5.0"].fit is found["4.6"].fit
    assert [one.quarters for one in found.values()] == [0, 0, 0, 0, 0, 1, 0]


def test_the_levels_stand_side_by_side():
    """A row per network, claimed with its cell; full is not run unless it was asked for."""
    rows = accuracies.rows(student())
    assert [row.task for row in rows] == ["4.1", "4.2", "4.3", "4.3", "4.5", "4.6", "5.0", "5.2"]
    assert rows[1].claimed.note.startswith("cell ")
    assert {row.full.note for row in rows[1:]} == {"not run"}
    assert all(row.full.accuracy is None for row in rows)


def test_what_the_grader_scores_is_shown_as_full():
    """The score of the fit that answers the task, and for 5.0 that of the turned images."""
    one = scored(student())
    found = {row.task: row.full for row in accuracies.rows(one)}
    assert found["4.2"].accuracy == pytest.approx(0.51)
    assert found["5.0"].accuracy == pytest.approx(0.255)
    assert "2,000 hidden images" in found["4.2"].note
    assert "not calibrated" in found["4.2"].note


def test_the_short_training_has_its_threshold_and_chance(monkeypatch):
    """What 4.1/learns measured stands in the column of the budget, with the chance where the data are known."""
    one = student()
    one.measure(behaviour.CHECK, 0.48)
    budget = accuracies.rows(one)[0].budget
    assert (budget.accuracy, budget.chance) == (0.48, None)
    entry = dict(behaviour.stored()[0])
    monkeypatch.setattr(behaviour, "digest_of", lambda _: entry["digest"])
    budget = accuracies.rows(one)[0].budget
    assert (budget.threshold, budget.chance) == (entry["threshold"], entry["chance"])


def test_without_a_calibration_nothing_can_fail():
    """At the full level as it is, even a network that has learnt nothing only gets a sentence."""
    for check in (training.recognises, training.recognise, training.dropout_recognises):
        told = check.run(scored(student(), 0.1))
        assert told is not None
        assert "not calibrated, so it only informs" in told


def test_a_measured_threshold_is_kept(monkeypatch):
    """Where a threshold was measured on these data, a network below it fails, with the chance of a mistake."""
    one = scored(student(), 0.3)
    entry = {**ENTRY, "digest": calibrated.digest_of(one.given)}
    monkeypatch.setattr(calibrated, "stored", lambda table, key, path=None: [entry] if key == "4.2" else [])
    with pytest.raises(Failure) as caught:
        training.recognises.run(one)
    assert "30.0%" in caught.value.message
    assert "at least 45%" in caught.value.expected
    assert "0.40%" in caught.value.expected
    assert training.dropout_recognises.run(one) is not None
    assert "threshold of 45%" in (training.recognises.run(scored(student(), 0.5)) or "")


def test_a_threshold_of_other_pictures_judges_nobody(monkeypatch):
    """What was measured on CIFAR-10 says nothing of a run on any other pictures, and the other way round."""
    entries = [{**ENTRY, "digest": one["digest"]} for one in behaviour.stored()]
    assert len(entries) == 2
    monkeypatch.setattr(calibrated, "stored", lambda *_: entries)
    one = scored(student(), 0.1)
    assert calibrated.full_threshold(one, "4.2/recognises", "4.2") is None
    assert "not calibrated" in (training.recognises.run(one) or "")
    monkeypatch.setattr(calibrated, "digest_of", lambda _: entries[1]["digest"])
    with pytest.raises(Failure):
        training.recognises.run(one)


def test_an_instructors_threshold_goes_first():
    """A threshold in a rubric is kept without any calibration."""
    one = dataclasses.replace(scored(student(), 0.3), thresholds={"4.5/dropout-recognises": 0.4})
    with pytest.raises(Failure):
        training.dropout_recognises.run(one)
    assert training.recognises.run(one)


def test_what_could_not_be_scored_is_told_and_costs_nothing():
    """A network that stopped when it was asked passes with the reason."""
    one = scored(student())
    broken = tuple(dataclasses.replace(s, accuracy=None, problem="it stopped with X") for s in one.scored)
    told = training.recognises.run(dataclasses.replace(one, scored=broken))
    assert told == "The network of 4.2 was not scored: it stopped with X."
    assert "not scored" in (training.recognises.run(dataclasses.replace(one, scored=())) or "")


def test_hidden_images_are_prepared_as_the_students_own():
    """The grader's images get the scale on which the network was trained, upright and turned both ways."""
    one = student()
    hidden = {name: one.given[name][:50] for name in ("cifar10/x_test", "cifar10/y_test")}
    one = dataclasses.replace(one, hidden=hidden)
    gallery_for(one)
    fit = one.fits[0]
    probes = accuracies.probes(one, fit)
    assert [probe.name for probe in probes] == ["upright", "turned to the left", "turned to the right"]
    expected = hidden["cifar10/x_test"].astype("float32") / 127.5 - 1
    assert np.allclose(probes[0].images, expected, atol=0.02)
    assert np.allclose(probes[1].images, np.rot90(probes[0].images, 1, axes=(1, 2)))
    assert np.array_equal(probes[2].classes, hidden["cifar10/y_test"].reshape(-1))


def test_a_generator_that_scales_is_followed():
    """rescale counts on top; what cannot be repeated, such as whitening, is not asked for."""
    one, fit = student(), student().fits[-1]
    plain = accuracies.probes(one, fit)[0].images
    halved = dataclasses.replace(fit, source=dataclasses.replace(fit.source, settings={"rescale": 0.5}))
    assert np.allclose(accuracies.probes(one, halved)[0].images, plain / 2, atol=1e-3)
    white = dataclasses.replace(fit, source=dataclasses.replace(fit.source, settings={"zca_whitening": True}))
    assert accuracies.probes(one, white) == ()


def test_where_nothing_is_trained_a_person_decides():
    """At the level claimed the check neither passes nor fails; it says what the notebook claims."""
    with pytest.raises(Undecided) as caught:
        network.learns.run(student(training="claimed"))
    assert "a person decides" in caught.value.message
    assert f"for 5.2 (cell {claims(student())['5.2'].cell})" in caught.value.message
    with pytest.raises(Undecided, match="claim no test accuracy"):
        network.learns.run(dataclasses.replace(honest(3).student(), training="claimed"))
