"""Task P2.3: with what the cases were compiled, and on which images they were tested."""

from __future__ import annotations

import numpy as np

from checks.kit import Failure, Fit, Student, Use
from checks.kit.student import Array
from checks.project4.fish_sets import UNKNOWN, Gallery, gallery_of
from checks.project4.vgg_cases import Recognised, recognise

ONE_HOT = (
    "categoricalcrossentropy",
    "kldivergence",
    "kullbackleiblerdivergence",
    "categoricalfocalcrossentropy",
)
INTEGERS = ("sparsecategoricalcrossentropy",)
WRONG = ("binarycrossentropy", "meansquarederror", "mse", "meanabsoluteerror", "mae", "hinge", "squaredhinge",
         "categoricalhinge", "poisson", "binaryfocalcrossentropy", "logcosh", "huber")  # fmt: skip
OVERLAP = 0.5  # the share of training images from which a test tells the training accuracy


def judge_compiled(student: Student) -> str | None:
    """Raise Failure where a case has another optimiser than Adam, or a loss that does not fit."""
    cases = [one for one in recognise(student) if one.run is not None]
    if not cases:
        raise nothing_trained(student)
    for case in cases:
        _require_adam(case)
        _require_loss(case)
    return None


def nothing_trained(student: Student) -> Failure:
    """The failure of a notebook without trainings."""
    return Failure(
        "No network was trained.",
        expected="the eight cases of P2.3",
        received="no call of fit that ended" if student.fits else "no call of fit",
        hint="Build a network with build_vgg16, compile it, and call its fit.",
    )


def _last(case: Recognised) -> Fit:
    assert case.run is not None
    return case.run.last


def _require_adam(case: Recognised) -> None:
    network = _last(case).model.network
    compiled = network.compiled if network is not None else None
    if compiled is None or compiled.optimizer == "Adam" or "Adam" in compiled.optimizer_bases:
        return
    raise Failure(
        f"Case {case.training.number} was trained with {compiled.optimizer}.",
        expected="Adam, as in all eight cases",
        received=f"{compiled.optimizer}, in cell {_last(case).cell}",
        hint="Which optimiser does compile get?",
    )


def _require_loss(case: Recognised) -> None:
    network = _last(case).model.network
    compiled = network.compiled if network is not None else None
    if compiled is None:
        return
    loss = compiled.loss.replace("_", "").lower()
    labels = _labels(_last(case))
    one_hot = labels is None or (labels.ndim == 2 and labels.shape[1] > 1)
    integers = labels is None or not one_hot
    fits = (loss in ONE_HOT and one_hot) or (loss in INTEGERS and integers)
    logits = compiled.loss_options.get("from_logits") is True and _ends_in_softmax(case)
    if fits and not logits:
        return
    known = loss in ONE_HOT or loss in INTEGERS or loss in WRONG
    if known:
        raise Failure(
            f"The loss of case {case.training.number} takes the network's probabilities for logits."
            if fits
            else f"The loss of case {case.training.number} does not fit its labels: {compiled.loss}.",
            expected="categorical_crossentropy with one-hot labels, or sparse_categorical_crossentropy with "
            "integers, of the probabilities that softmax gives",
            received=f"{compiled.loss}{', from_logits=True' if logits else ''}, labels of the shape "
            f"{'not known' if labels is None else labels.shape}, in cell {_last(case).cell}",
            hint="The network has one output for each of the nine classes, and softmax after them.",
        )


def _labels(fit: Fit) -> Array | None:
    return fit.train[1] if fit.train[1] is not None else fit.source.labels


def _ends_in_softmax(case: Recognised) -> bool:
    network = _last(case).model.network
    return network is not None and any(
        layer.activation == "softmax" or layer.kind == "Softmax" for layer in network.layers[-2:]
    )


# ---- the tests ---------------------------------------------------------------------------------------


def judge_tests(student: Student) -> str | None:
    """Raise Failure where a case that was trained was not tested on other images than those."""
    cases = [one for one in recognise(student) if one.run is not None]
    if not cases:
        raise nothing_trained(student)
    gallery = gallery_of(student)
    untested = [case for case in cases if not _tested(student, gallery, case)]
    if not untested:
        return None
    numbers = ", ".join(str(case.training.number) for case in untested)
    raise Failure(
        f"Case{'s' if len(untested) > 1 else ''} {numbers}: the trained network was not tested on images "
        "that it had not seen.",
        expected="an evaluate or predict of that network with the test images, after its training",
        received=f"{len(cases) - len(untested)} of {len(cases)} trained networks tested",
        hint="Test inside the loop, before the next case takes the variable of the model.",
    )


def _tested(student: Student, gallery: Gallery, case: Recognised) -> bool:
    return any(unseen(gallery, case, use) for use in tests_of(student, case))


def tests_of(student: Student, case: Recognised) -> tuple[Use, ...]:
    """What was evaluated or predicted with a case's network after its training."""
    fit = _last(case)
    loads = any("load_model" in cell.source or "load_weights" in cell.source for cell in student.cells)
    return tuple(
        use
        for use in student.uses
        if not use.error
        and use.order >= fit.ended
        and (
            use.model.identity == fit.model.identity
            or (loads and use.model.network is not None and _alike(use, fit))
        )
    )


def _alike(use: Use, fit: Fit) -> bool:
    a, b = use.model.network, fit.model.network
    return a is not None and b is not None and (a.parameters, len(a.layers)) == (b.parameters, len(b.layers))


def unseen(gallery: Gallery, case: Recognised, use: Use) -> bool:
    """Whether a case was tested on images that it was not trained on, as far as that is known."""
    images = use.source.images
    if images is None or images.ndim != 4:
        return True  # a generator that could not be followed
    trained = (
        [fit.source.images if fit.source.images is not None else fit.train[0] for fit in case.run.fits]
        if case.run
        else []
    )
    known = [one for one in trained if one is not None and one.ndim == 4]
    if not known:
        return True
    own = gallery.places(images)
    seen = np.concatenate([gallery.places(one) for one in known])
    traced = own[own != UNKNOWN]
    return not len(traced) or float(np.isin(traced, seen).mean()) < OVERLAP
