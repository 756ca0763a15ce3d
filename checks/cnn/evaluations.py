"""Tasks 4.2 to 4.6: whether a trained network was evaluated on the test images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checks.cnn.cures import cure, sentence
from checks.cnn.leakage import Flaw, failed_before
from checks.cnn.memo import gallery_for
from checks.cnn.parts import Part, from_test, mislabelled, scale_of, training_part, used_part
from checks.cnn.tracing import Gallery
from checks.cnn.trainings import Training
from checks.kit import Failure, Student, Use
from checks.kit.architecture import operations

MOST = 0.9  # of the test images, which an evaluation must have used
EXPECTED = "an evaluate of that model on all the test images, with their labels, after its training"


def evaluation_flaw(student: Student, training: Training) -> Flaw | None:
    """What is wrong with the best evaluation of a trained network, or ``None``.

    Predictions for the test images count as well: accuracy can be computed from them by hand.
    """
    flaws = [_flaw(student, training, use) for use in _uses(student, training)]
    if None in flaws:
        return None
    order = ("scaling", "labels", "few", "other-images", "stopped")
    found = [flaw for flaw in flaws if flaw is not None]
    return min(found, key=lambda flaw: order.index(flaw.kind), default=_none_at_all(student, training))


def _uses(student: Student, training: Training) -> Iterator[Use]:
    """Uses of the trained model after its training, or of one that was loaded from a file."""
    loads = any("load_model" in cell.source or "load_weights" in cell.source for cell in student.cells)
    for use in student.uses:
        same = use.model.identity == training.identity or (loads and _same_network(use, training))
        if same and not use.inside_fit and use.order >= training.fits[0].ended:
            yield use


def _same_network(use: Use, training: Training) -> bool:
    network = use.model.network
    return network is not None and operations(network) == operations(training.network)


def _flaw(student: Student, training: Training, use: Use) -> Flaw | None:
    if use.error:
        return Flaw("stopped", _stopped(training, use))
    gallery = gallery_for(student)
    part = used_part(student, gallery, use)
    if part is None:
        return None if use.source.images is None else Flaw("other-images", _other(gallery, use, None))
    if not part.known and not _traceable(student, gallery, training):
        return None
    if not part.known or float(np.mean(from_test(gallery, part))) < MOST * float(np.mean(part.index >= 0)):
        return Flaw("other-images", _other(gallery, use, part))
    rules = (
        ("few", _few(gallery, use, part)),
        ("labels", mislabelled(gallery, part)),
        ("scaling", _scaled_otherwise(student, gallery, training, use, part)),
    )
    for kind, failure in rules:
        if failure is not None:
            scaled = kind == "scaling" and failed_before(student, "3.3/range")
            return Flaw(kind, failure, "3.3/range" if scaled else "")
    return None


def _traceable(student: Student, gallery: Gallery, training: Training) -> bool:
    """Whether the images of the training could be traced: if not, neither can those of the test."""
    trained = training_part(student, gallery, training.last)
    return trained is not None and trained.known


# ---- the rules ---------------------------------------------------------------------------------------


def _stopped(training: Training, use: Use) -> Failure:
    return Failure(
        f"The {use.kind} of the network in cell {use.cell} stopped with {use.error}.",
        expected=EXPECTED,
        received=sentence(use.error),
        hint=cure(use.error)
        or "Read the last line of the error, and compare shapes with those of the training.",
        counterexample=f"{training.called}.evaluate(Xtest, Ytest)",
    )


def _other(gallery: Gallery, use: Use, part: Part | None) -> Failure:
    what = "other images than the test images"
    if part is not None and part.known:
        own = np.mean(part.index[part.index >= 0] < gallery.training)
        what = f"{part.name}, images for training and validation" if own > MOST else "a mixture of images"
    shape = () if use.source.images is None else use.source.images.shape
    return Failure(
        f"The network was not evaluated on the test images but on {what} (cell {use.cell}).",
        expected=EXPECTED,
        received=f"{use.kind} of images of shape {tuple(shape)}"
        + (f": {part.name}[0] is {_named(gallery, part)}" if part is not None and part.known else ""),
        hint="Only images that had no part in the training and in its choices tell how good the network is.",
    )


def _named(gallery: Gallery, part: Part) -> str:
    place = int(part.index[0])
    return gallery.called(place) if place >= 0 else "none of the given images"


def _few(gallery: Gallery, use: Use, part: Part) -> Failure | None:
    total = len(gallery.labels) - gallery.training
    if len(part.images) >= MOST * total:
        return None
    return Failure(
        f"The network was evaluated on only {len(part.images):,} of the {total:,} test images.",
        expected=EXPECTED,
        received=f"{len(part.images):,} images in cell {use.cell}",
        hint="Pass the whole of Xtest and Ytest to evaluate.",
    )


def _scaled_otherwise(
    student: Student, gallery: Gallery, training: Training, use: Use, part: Part
) -> Failure | None:
    trained = training_part(student, gallery, training.last)
    if trained is None or not trained.known:
        return None
    before, now = scale_of(gallery, trained), scale_of(gallery, part)
    if before is None or now is None or not before.differs(now):
        return None
    return Failure(
        f"The test images were not preprocessed as the training images were (cell {use.cell}).",
        expected=f"test images in the range {before.text()}, as in the training",
        received=f"test images in the range {now.text()}",
        hint="The network knows images on one scale only: preprocess all three sets alike.",
        counterexample=f"{part.name}.min(), {part.name}.max()" if part.named else None,
    )


def _none_at_all(student: Student, training: Training) -> Flaw:
    """There is no evaluate after the training: of another model perhaps, or before it, or in a dead cell."""
    received, hint = f"no evaluate of the model trained in {training.cells}", ""
    other = _instead(student, training)
    if other is not None:
        received = f"cell {other.cell} evaluates another model" + _called(other)
        hint = f"Which variable holds the network trained in {training.cells}?"
    elif any(use.model.identity == training.identity and use.kind == "evaluate" for use in student.uses):
        received, hint = "evaluate before the training only", "Run evaluate after fit."
    for cell in student.cells:
        if (
            cell.error
            and "evaluate" in cell.source
            and not any(use.cell == cell.number for use in student.uses)
        ):
            received = f"cell {cell.number}, which calls evaluate, stopped with {cell.error}"
            hint = cure(cell.error)
            break
    return Flaw(
        "not-evaluated",
        Failure(
            f"The network trained in {training.cells} was not evaluated on the test images.",
            expected=EXPECTED,
            received=received,
            hint=hint or "evaluate gives loss and accuracy on images that had no part in the training.",
            counterexample=f"{training.called}.evaluate(Xtest, Ytest)",
        ),
    )


def _instead(student: Student, training: Training) -> Use | None:
    """The first evaluate after the training and before the next one, which was of another model."""
    ended = training.last.ended
    later = [fit.order for fit in student.fits if fit.order > ended]
    for use in student.uses:
        if use.kind == "evaluate" and ended <= use.order < min(later, default=use.order + 1):
            return use
    return None


def _called(use: Use) -> str:
    return f", {', '.join(use.model.names)}" if use.model.names else ""
