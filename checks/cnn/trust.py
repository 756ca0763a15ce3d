"""What of a submission's own numbers does not fit together: the rules of this lab.

They read three sources: the saved outputs of the notebook, what the grader recorded when it ran the notebook,
and the written answers. A finding is an accusation, so each rule speaks only where all that it compares is
known for sure; it costs no points.
"""

from __future__ import annotations

from checks.cnn.trust_answers import other_test_accuracy, unprinted, wrong_difference
from checks.cnn.trust_augmentation import wrong_gain, wrong_pace
from checks.cnn.trust_counts import other_layers, other_parameters, other_size
from checks.cnn.trust_directions import denied_chance, denied_overfitting, wrong_direction
from checks.cnn.trust_logs import other_steps, other_summary, other_validation
from checks.cnn.trust_record import augmented_leaks, leaks, reused
from checks.cnn.trust_rotation import wrong_turn
from checks.cnn.trust_tables import other_claims
from checks.kit import TrustRule

RULES: tuple[TrustRule, ...] = (
    leaks, augmented_leaks, reused, other_steps, other_validation, other_summary, unprinted,
    other_test_accuracy, wrong_difference, wrong_direction, wrong_turn, wrong_pace,
    wrong_gain, denied_overfitting, denied_chance,
    other_parameters, other_layers, other_size, other_claims,
)  # fmt: skip
