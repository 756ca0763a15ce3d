"""The vocabulary of a check author; everything a module under ``checks/<lab>/`` needs."""

from checks.kit.check import Check, Holds, check
from checks.kit.failure import Failure, Mismatch, NotAttempted, TableRow
from checks.kit.falsify import falsify
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
    Source,
    Student,
    Use,
    Used,
    Version,
)

__all__ = [
    "Cell", "Check", "Doubt", "Event", "Failure", "Fit", "Gone", "Holds", "Lab", "Marker", "Mismatch",
    "NamedModel", "NamedSource", "NotAttempted", "PictureRule", "Raised", "Reply", "Saved", "Shown", "Source",
    "Student", "TableRow", "TrustRule", "Use", "Used", "Version", "check", "falsify",
]  # fmt: skip
