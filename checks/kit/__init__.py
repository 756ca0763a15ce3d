"""The vocabulary of a check author; everything a module under ``checks/<lab>/`` needs."""

from checks.kit.check import Check, check
from checks.kit.failure import Failure, Mismatch, TableRow
from checks.kit.falsify import falsify
from checks.kit.lab import Lab, Marker
from checks.kit.student import Fit, Gone, Raised, Reply, Student, Version

__all__ = [
    "Check", "Failure", "Fit", "Gone", "Lab", "Marker", "Mismatch", "Raised", "Reply", "Student",
    "TableRow", "Version", "check", "falsify",
]  # fmt: skip
