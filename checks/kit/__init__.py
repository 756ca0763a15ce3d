"""The vocabulary of a check author; everything a module under ``checks/<lab>/`` needs."""

from checks.kit.accuracy import AccuracyRow, Origin, Probe
from checks.kit.check import Check, Holds, check
from checks.kit.failure import Failure, Mismatch, NotAttempted, TableRow, Undecided
from checks.kit.falsify import falsify, first_failure
from checks.kit.lab import Lab, Marker
from checks.kit.saved import Doubt, PictureRule, Saved, Shown, TrustRule
from checks.kit.student import (
    Cell,
    Event,
    Fit,
    Gone,
    NamedModel,
    NamedSource,
    Raised,
    Reply,
    Scored,
    Source,
    Student,
    Use,
    Used,
    Version,
)

__all__ = [
    "AccuracyRow", "Cell", "Check", "Doubt", "Event", "Failure", "Fit", "Gone", "Holds", "Lab", "Marker",
    "Mismatch", "NamedModel", "NamedSource", "NotAttempted", "Origin", "PictureRule", "Probe", "Raised",
    "Reply", "Saved", "Scored", "Shown", "Source", "Student", "TableRow", "TrustRule", "Undecided", "Use",
    "Used", "Version", "check", "falsify", "first_failure",
]  # fmt: skip
