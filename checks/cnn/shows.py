"""What the feedback shows of a submission, one ``PictureRule`` each; none gives a verdict."""

from __future__ import annotations

from checks.cnn.shown_images import augmented, misclassified, responses, rotated
from checks.cnn.shown_photographs import photographs
from checks.cnn.shown_trainings import confusion, trainings
from checks.kit import PictureRule

PICTURES: tuple[PictureRule, ...] = (
    responses,
    trainings,
    rotated,
    augmented,
    confusion,
    misclassified,
    photographs,
)
