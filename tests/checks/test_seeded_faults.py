"""What holds for the seeded faults and rewrites of every lab: the checks are themselves under test."""

from __future__ import annotations

import re

import pytest

from checks.kit import Check, Lab
from checks.kit.fault import Fault, Rewrite
from grader import audit_cases, labs
from tests.test_architecture import modules, targets

LABS = [labs.load_lab(lab) for lab in labs.lab_ids()]
CHECKS = [
    pytest.param(lab, check, id=f"{lab.id}-{check.id}") for lab in LABS for check in labs.load_checks(lab)
]
FAULTS = {
    lab.id: [entry.seeded for entry in audit_cases.entries(lab) if isinstance(entry.seeded, Fault)]
    for lab in LABS
}
REWRITES = {
    lab.id: [entry for entry in audit_cases.entries(lab) if isinstance(entry.seeded, Rewrite)] for lab in LABS
}


@pytest.mark.parametrize(("lab", "check"), CHECKS)
def test_every_check_has_a_fault(lab: Lab, check: Check) -> None:
    """Each check of each lab is named by at least one seeded fault, or nobody knows that it can fail."""
    assert any(fault.caught_by == check.id for fault in FAULTS[lab.id])


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_every_task_has_a_rewrite(lab: Lab) -> None:
    """Each task with checks has at least one other right way that must pass."""
    tasks = {check.task for check in labs.load_checks(lab)}
    assert tasks - {task for entry in REWRITES[lab.id] for task in entry.tasks} == set()


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_names_are_for_reading(lab: Lab) -> None:
    """A name is a few words in small letters, so that --only can choose it."""
    names = [one.name for one in (*FAULTS[lab.id], *(entry.seeded for entry in REWRITES[lab.id]))]
    assert [name for name in names if not re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", name)] == []


def test_there_are_many_for_the_cnn() -> None:
    """The lab that is graded most has at least 80 faults and 40 rewrites."""
    assert len(FAULTS["cnn"]) >= 80
    assert len(REWRITES["cnn"]) >= 40


def test_seeded_faults_know_no_check() -> None:
    """A table of faults imports the kit and its neighbours: a fault that knew a check could be made to fit."""
    wrong = [
        f"{module.name} imports {target}"
        for module in modules()
        if re.match(r"checks\.\w+\.faults\b", module.name)
        for target in targets(module)
        if target.startswith(("checks.", "grader", "reference"))
        and not target.startswith(("checks.kit", ".".join(module.name.split(".")[:3])))
    ]
    assert wrong == []
