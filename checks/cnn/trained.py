"""The networks whose accuracies the lab asks for: which fit trained each, where it was tested, the claims."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from checks.cnn.choosing import chosen, free_choice
from checks.cnn.flows import flows_of
from checks.cnn.memo import Same
from checks.cnn.testing import Tested, calls_on_test_images, last_fit
from checks.kit import Fit, Student
from checks.kit.claimed import Claim, claim_of

TURNED = "5.0"
NETWORKS: Mapping[str, str] = {
    "4.2": "2 convolutional layers",
    "4.3a": "2 convolutional layers and 1 dense layer",
    "4.3b": "4 convolutional layers and 1 dense layer",
    "4.5": "4 convolutional layers, 1 dense layer and dropout",
    "4.6": "own choice",
    TURNED: "rotated test images",
    "5.2": "trained with augmented images",
}
NOTHING_TRAINED = (
    "Nothing was trained here, since the level of training is claimed, so a person decides this. {}"
)


@dataclass(frozen=True)
class TrainedNetwork:
    """The fit that trained a network and, of its uses on the test images afterwards, those of the task."""

    fit: Fit
    tests: tuple[Tested, ...]

    @property
    def quarters(self) -> int:
        """By how many quarters the images are turned in its first test."""
        return self.tests[0].seen.turn.quarters if self.tests else 0


def task_of(network: str) -> str:
    """The task of a network: ``4.3`` for ``4.3a``."""
    return network.rstrip("ab")


def trained_networks(student: Student) -> Mapping[str, TrainedNetwork]:
    """Those of ``NETWORKS`` that were trained; found once for one submission."""
    return _trained_networks(Same(student))


@functools.lru_cache(maxsize=1)
def _trained_networks(same: Same[Student]) -> Mapping[str, TrainedNetwork]:
    student = same.value
    calls = [one for one in calls_on_test_images(student) if not one.use.error]
    found = {name: _upright(student, name, calls) for name in NETWORKS if name != TURNED}
    found[TURNED] = _turned(student, calls)
    return {name: one for name in NETWORKS if (one := found[name]) is not None}


def _upright(student: Student, name: str, calls: list[Tested]) -> TrainedNetwork | None:
    fit = _fit(student, name)
    if fit is None:
        return None
    later = [one.order for one in student.fits if _same(one, fit) and one.order > fit.order]
    border = min(later, default=calls[-1].use.order + 1 if calls else 0)
    own = [
        one
        for one in calls
        if one.use.model.identity == fit.model.identity
        and fit.ended <= one.use.order < border
        and not one.seen.turn.quarters
        and not one.seen.turn.mirrored
    ]
    return TrainedNetwork(fit, tuple(own))


def _fit(student: Student, name: str) -> Fit | None:
    """The fit that ended the training of a network that is tested on upright images."""
    if name == "5.2":
        flows = flows_of(student)
        return None if flows is None or flows.fit is None or flows.fit.error else flows.fit
    training = free_choice(student) if name == "4.6" else chosen(student)[name].training
    return None if training is None else training.last


def _same(one: Fit, other: Fit) -> bool:
    return bool(one.model.identity) and one.model.identity == other.model.identity


def _turned(student: Student, calls: list[Tested]) -> TrainedNetwork | None:
    turned = [one for one in calls if one.seen.turn.is_quarter]
    fits = [last_fit(student, one.use) for one in turned]
    fit = next((fit for fit in fits if fit is not None), None)
    if fit is None:
        return None
    return TrainedNetwork(
        fit, tuple(one for one, own in zip(turned, fits, strict=True) if own is not None and own is fit)
    )


def claims(student: Student) -> Mapping[str, Claim]:
    """The test accuracy that the notebook's saved outputs claim for each network; those that are there."""
    found: dict[str, Claim] = {}
    for name, network in trained_networks(student).items():
        own = [
            claim_of(student, student.saved, one.use) for one in network.tests if one.use.kind == "evaluate"
        ]
        claim = next((one for one in own if one is not None), None)
        if claim is not None and 0 <= claim.value <= 1:
            found[name] = claim
    return found


def undecided(student: Student) -> str:
    """Why nothing can be said where nothing was trained, and what the notebook claims instead."""
    told = [f"{one.value:.1%} for {name} (cell {one.cell})" for name, one in claims(student).items()]
    if not told:
        return NOTHING_TRAINED.format("The notebook's saved outputs claim no test accuracy.")
    return NOTHING_TRAINED.format(f"The notebook's saved outputs claim {', '.join(told)}.")
