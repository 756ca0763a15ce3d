"""The table of accuracies: what the notebook claims, and what the grader measured, with thresholds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from checks.cnn import behaviour
from checks.cnn.calibrated import NOT_CALIBRATED, Threshold, full_threshold
from checks.cnn.layers import CLASSES
from checks.cnn.memo import gallery_for
from checks.cnn.parts import Scale, scale_of, training_part
from checks.cnn.trained import NETWORKS, TURNED, claims, task_of, trained_networks
from checks.kit import AccuracyRow, Fit, Origin, Probe, Student
from checks.kit.claimed import Claim
from checks.kit.student import Array, Scored

ASKED = Scale(-1.0, 1.0)  # what black and white become in 3.3
TURNS = {0: "upright", 1: "turned to the left", 3: "turned to the right"}
SHOWN_BY = {
    "4.2": "4.2/recognises",
    "4.3a": "4.3/recognise",
    "4.3b": "4.3/recognise",
    "4.5": "4.5/dropout-recognises",
    "4.6": "4.6/best-recognises",
    TURNED: "5.0/recognises",
    "5.2": "5.2/recognises",
}


def rows(student: Student) -> tuple[AccuracyRow, ...]:
    """The short training of 4.1, and each network that a task asks to train."""
    claimed = claims(student)
    return (
        _learns(student),
        *(
            AccuracyRow(
                task=task_of(name),
                name=f"({name[-1]}) {what}" if name != task_of(name) else what,
                claimed=_claimed(student, name, claimed),
                budget=Origin(None, "measured for 4.1 alone"),
                full=reached(student, name),
            )
            for name, what in NETWORKS.items()
        ),
    )


def _learns(student: Student) -> AccuracyRow:
    """What the network of build_CNN reaches after the grader's short training."""
    threshold = behaviour.threshold_for(student)
    accuracy = student.measured.get(behaviour.CHECK)
    trained = f"{behaviour.EPOCHS} epochs on {behaviour.IMAGES:,} images"
    missing = "not run" if student.training == "claimed" else "not reached"
    return AccuracyRow(
        task="4.1",
        name="build_CNN, the network of 4.3 (a)",
        claimed=Origin(None, "no task asks for it"),
        budget=Origin(
            accuracy, trained if accuracy is not None else missing, threshold.accuracy, threshold.chance
        ),
        full=Origin(None, "no task asks for it"),
    )


def _claimed(student: Student, name: str, claimed: Mapping[str, Claim]) -> Origin:
    if name in claimed:
        return Origin(claimed[name].value, f"cell {claimed[name].cell}")
    trained = trained_networks(student).get(name)
    if trained is None:
        return Origin(None, "not trained")
    return Origin(None, "no saved output shows it" if trained.tests else "not evaluated")


# ---- full ---------------------------------------------------------------------------------------------


def probes(student: Student, fit: Fit) -> tuple[Probe, ...]:
    """The hidden test images as a network knows images, upright and turned by 90° either way.

    None for a network that takes or gives something else, or one whose generator prepares images in a way
    that cannot be repeated.
    """
    network, scale = fit.model.network, _scale(student, fit)
    tests = student.hidden if "cifar10/x_test" in student.hidden else student.given
    if network is None or scale is None or not network.layers or "cifar10/x_test" not in tests:
        return ()
    pixels = tests["cifar10/x_test"]
    if network.input_shape not in (None, pixels.shape[1:], (None, *pixels.shape[1:])):
        return ()
    if (network.layers[-1].output_shape or (CLASSES,))[-1] != CLASSES:
        return ()
    images = (pixels * np.float32((scale.white - scale.black) / 255) + np.float32(scale.black)).astype(
        "float32"
    )
    classes = tests["cifar10/y_test"].reshape(-1).astype(int)
    return tuple(Probe(name, _turned(images, quarters), classes) for quarters, name in TURNS.items())


def _turned(images: Array, quarters: int) -> Array:
    return np.ascontiguousarray(np.rot90(images, quarters, axes=(1, 2)))


def _scale(student: Student, fit: Fit) -> Scale | None:
    """How the images of a training were scaled; ``None`` where a generator makes more of them than that."""
    settings = fit.source.settings
    if any(settings.get(name) for name in ("featurewise_center", "samplewise_center", "zca_whitening",
                                            "featurewise_std_normalization", "samplewise_std_normalization",
                                            "preprocessing_function")):  # fmt: skip
        return None
    gallery = gallery_for(student)
    part = training_part(student, gallery, fit)
    found = scale_of(gallery, part) if part is not None and part.known else None
    rescale = settings.get("rescale")
    times = float(rescale) if isinstance(rescale, int | float) and rescale else 1.0
    plain = found or ASKED
    return Scale(plain.black * times, plain.white * times)


def reached(student: Student, name: str) -> Origin:
    """What a network reached on the hidden images after its full training, and what it must reach."""
    threshold = full_threshold(student, SHOWN_BY[name], name)
    if student.training != "full":
        return _origin(None, "not run", threshold)
    network = trained_networks(student).get(name)
    if network is None:
        return _origin(None, "not trained", threshold)
    score = _score(student, network.fit, network.quarters)
    if score is None:
        return _origin(
            None, "could not be asked: trained further in the same cell, or no such input", threshold
        )
    if score.accuracy is None:
        return _origin(None, score.problem, threshold)
    return _origin(score.accuracy, f"{score.images:,} hidden images", threshold)


def _score(student: Student, fit: Fit, quarters: int) -> Scored | None:
    return next(
        (one for one in student.scored if one.order == fit.order and one.probe == TURNS.get(quarters)), None
    )


def _origin(accuracy: float | None, note: str, threshold: Threshold | None) -> Origin:
    if threshold is None:
        return Origin(accuracy, f"{note}; {NOT_CALIBRATED}" if accuracy is not None else note)
    return Origin(accuracy, note, threshold.accuracy, threshold.chance)
