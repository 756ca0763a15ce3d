"""What students may check themselves: the public checks of a lab, and how many others there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from checks.kit import Check, Lab
from grader import labs
from grader.labs import Rubric


def public_checks(
    lab: Lab, rubric: Rubric, without: Collection[str] = (), tasks: Collection[str] = ()
) -> tuple[Check, ...]:
    """The checks that students may run, in the lab's order: public ones all of whose needs are public.

    Args:
        lab: the lab.
        rubric: says which checks are private, and what each looks at.
        without: those that look at one of these, "training" or "calls", are left out.
        tasks: only checks of these tasks; of all where empty.
    """

    def admitted(check: Check) -> bool:
        return (
            check.id not in rubric.private
            and rubric.looks_at.get(check.id) not in without
            and all(need.id in rubric.switched_off or admitted(need) for need in check.needs)
        )

    return tuple(
        check
        for check in labs.load_checks(lab)
        if (not tasks or check.task in tasks) and check.id not in rubric.switched_off and admitted(check)
    )


def other_checks(lab: Lab, rubric: Rubric) -> Mapping[str, int]:
    """How many checks of each task are made of a hand-in, and are not public; tasks without are left out."""
    public = set(public_checks(lab, rubric))
    counts = Counter(rubric.unlisted)
    for check in labs.load_checks(lab):
        if check not in public and check.id not in rubric.switched_off:
            counts[check.task] += 1
    return dict(counts)


def told_of_others(count: int, where: str = "") -> str:
    """A sentence on the checks that are not public.

    Args:
        count: how many there are.
        where: such as " of task 4.1", or "".
    """
    if not count:
        return f"There are no checks{where} that are not public."
    are, make = ("check is", "It is") if count == 1 else ("checks are", "They are")
    return f"{count} other {are} not public{where and ','}{where}. {make} made when your work is graded."


def judge_training(tasks: Collection[str]) -> bool:
    """Whether a public check of these tasks looks at a training."""
    return any(
        rubric.looks_at.get(check.id) == "training"
        for lab in map(labs.load_lab, labs.lab_ids())
        for rubric in [labs.load_rubric(lab)]
        for check in public_checks(lab, rubric, tasks=tasks)
    )
