"""Task P2.3: the test accuracies that a notebook's saved outputs claim for its eight cases."""

from __future__ import annotations

from collections.abc import Mapping

from checks.kit import Student
from checks.kit.claimed import Claim, claim_of
from checks.project4.fish_sets import gallery_of
from checks.project4.vgg_cases import recognise
from checks.project4.vgg_printed import printed_for_cases
from checks.project4.vgg_tests import tests_of, unseen

UNDECIDED = "Nothing was trained here, since the level of training is claimed, so a person decides this. {}"


def claims(student: Student) -> Mapping[int, Claim | str]:
    """For each case what is claimed of its first test on unseen images, or why there is nothing."""
    gallery, printed = gallery_of(student), printed_for_cases(student.saved)
    found: dict[int, Claim | str] = {}
    for case in recognise(student):
        number = case.training.number
        if case.run is None:
            found[number] = "not trained"
            continue
        tests = [one for one in tests_of(student, case) if one.kind == "evaluate" and not one.inside_fit]
        own = [claim_of(student, student.saved, use) for use in tests if unseen(gallery, case, use)]
        known = [one for one in own if one is not None and 0 <= one.value <= 1]
        found[number] = known[0] if known else printed.get(number, "no saved output shows it")
    return found


def undecided(student: Student) -> str:
    """Why nothing can be said where nothing was trained, and what the notebook claims instead."""
    told = [
        f"{one.value:.1%} for case {number} (cell {one.cell})"
        for number, one in claims(student).items()
        if isinstance(one, Claim)
    ]
    if not told:
        return UNDECIDED.format("The notebook's saved outputs claim no test accuracy.")
    return UNDECIDED.format(f"The notebook's saved outputs claim {', '.join(told)}.")
