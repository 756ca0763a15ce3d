"""What the feedback shows of a submission, one ``PictureRule`` each; none gives a verdict."""

from __future__ import annotations

from checks.kit import PictureRule
from checks.project4.shown_cases import accuracies, trainings
from checks.project4.shown_fish import confusion, misclassified, samples
from checks.project4.shown_flow import mask, masked, vector_field

PICTURES: tuple[PictureRule, ...] = (
    vector_field,
    mask,
    masked,
    samples,
    trainings,
    accuracies,
    confusion,
    misclassified,
)
