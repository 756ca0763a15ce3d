"""The table of accuracies: what the notebook claims of its eight cases, and the grader's own training."""

from __future__ import annotations

from checks.kit import AccuracyRow, Fit, Origin, Probe, Student
from checks.project4 import vgg_learning
from checks.project4.vgg_claims import claims

NO_HIDDEN = "there are no hidden pictures of fish"


def rows(student: Student) -> tuple[AccuracyRow, ...]:
    """The short training of P2.3, and the eight cases."""
    claimed = claims(student)
    return (
        _learns(student),
        *(
            AccuracyRow(
                task="P2.3",
                name=f"case {number}",
                claimed=Origin(None, claim)
                if isinstance(claim, str)
                else Origin(claim.value, f"cell {claim.cell}"),
                budget=Origin(None, "measured for the small network alone"),
                full=Origin(None, NO_HIDDEN if student.training == "full" else "not run"),
            )
            for number, claim in claimed.items()
        ),
    )


def _learns(student: Student) -> AccuracyRow:
    """What the network of build_vgg16 at a small width reaches after the grader's short training."""
    accuracy, check = student.measured.get(vgg_learning.CHECK), vgg_learning.CHECK
    own = student.thresholds.get(check, 0.0)
    stored = vgg_learning.stored()
    trained = (
        f"{vgg_learning.EPOCHS} epochs on {vgg_learning.IMAGES} drawn fish, the best of "
        f"{vgg_learning.TRIES} tries at most"
    )
    missing = "not run" if student.training == "claimed" else "not reached"
    return AccuracyRow(
        task="P2.3",
        name="build_vgg16 at a small width",
        claimed=Origin(None, "no task asks for it"),
        budget=Origin(
            accuracy,
            missing if accuracy is None else trained,
            own or stored["threshold"],
            None if own else stored["chance"],
        ),
        full=Origin(None, "no task asks for it"),
    )


def probes(student: Student, fit: Fit) -> tuple[Probe, ...]:
    """None: all pictures of fish are the student's, so that nothing hidden is left to score."""
    return ()
