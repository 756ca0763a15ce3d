"""Evaluations and predictions on the test images, upright or turned."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from checks.cnn.memo import gallery_for
from checks.cnn.parts import Part, Scale, mislabelled, scale_of, training_part, used_part
from checks.cnn.turns import Sighting, sighted_test
from checks.kit import Failure, Fit, Student, Use
from checks.kit.student import Array

OTHER_WAYS = ("load_weights", "load_model", "set_weights", "clone_model", "train_on_batch", "GradientTape")
DRAWN_APART = 1.6  # how many times wider a generator's draws may be than the images it draws from


@dataclass(frozen=True)
class Tested:
    """One ``evaluate`` or ``predict`` of test images.

    ``seen`` tells how all the images are turned, ``part`` has them upright, with their labels if there are.
    """

    use: Use
    seen: Sighting
    part: Part

    @property
    def model(self) -> str:
        """The model's variable, or what to call it."""
        return next(iter(self.use.model.names), "The network")

    def label_fault(self, student: Student) -> Failure | None:
        """The failure where images have other images' labels."""
        return mislabelled(gallery_for(student), self.part)

    def scale_fault(self, student: Student) -> Failure | None:
        """The failure where the images were not prepared like those that the network was trained on."""
        fit = last_fit(student, self.use)
        expected = None if fit is None else _scale_for_the_network(student, fit)
        received = scale_of(gallery_for(student), self.part)
        if expected is None or received is None or not expected.differs(received):
            return None
        return Failure(
            f"The test images in cell {self.use.cell} were not preprocessed like the training images.",
            expected=f"black and white as {expected.text()}, as for the training",
            received=f"{received.text()}",
            hint="Give the test images the same steps as the training images, once.",
            counterexample="Xtest.min(), Xtest.max(), Xtrain.min(), Xtrain.max()",
        )


def calls_on_test_images(student: Student) -> tuple[Tested, ...]:
    """Every evaluation and prediction whose images are mostly test images, in the order of the calls."""
    uses = [use for use in student.uses if not use.inside_fit]
    if not uses:  # and no image needs to be searched for
        return ()
    gallery = gallery_for(student)
    found = []
    for use in uses:
        seen = sighted_test(use.source.images, gallery)
        part = None if seen is None else used_part(student, gallery, use)
        if seen is None or part is None:
            continue
        name = part.name if seen.turn.quarters == 0 and not seen.turn.mirrored else "Xtest_rotated"
        upright = seen.turn.undone(part.images)
        part = dataclasses.replace(part, name=name, images=upright, index=seen.trace.index)
        found.append(Tested(use, seen, part))
    return tuple(found)


def last_fit(student: Student, use: Use) -> Fit | None:
    """The fit by which the network of a call was trained last."""
    before = [
        fit
        for fit in student.fits
        if fit.model.identity == use.model.identity and fit.order <= use.order and not fit.error
    ]
    return before[-1] if before else None


def trained_before(student: Student, use: Use) -> bool:
    """Whether the network was trained when it was used; true where weights may have come another way."""
    if use.model.fits_before or not use.model.identity:
        return True
    return any(way in cell.source for cell in student.cells for way in OTHER_WAYS)


def _scale_for_the_network(student: Student, fit: Fit) -> Scale | None:
    """The scale of what the network got; ``None`` where a generator may scale its images itself."""
    part = training_part(student, gallery_for(student), fit)
    if part is None or not part.known:
        return None
    if fit.source.kind != "arrays" and not _as_wide(fit.source.drawn[0], part.images):
        return None
    return scale_of(gallery_for(student), part)


def _as_wide(drawn: Array | None, images: Array) -> bool:
    if drawn is None or not drawn.size or drawn.dtype.kind not in "biuf":
        return False
    one, other = (float(array.max()) - float(array.min()) for array in (drawn, images))
    return one <= DRAWN_APART * other and other <= DRAWN_APART * one
