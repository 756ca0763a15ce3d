"""One task, checked on the live kernel of a student's notebook: an aid, no verdict.

Nothing is run again. So there is one value of each variable, the present one, and no record of trainings
and other calls; checks that look at these are left to ``labgrade check``.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from checks.kit import Cell, NotAttempted, Raised, Reply
from grader import grading, labs
from grader.data import PreparedData, prepare_data
from grader.errors import UsageProblem
from grader.evidence import Evidence, LiveStudent
from grader.given import Given
from grader.public import other_checks, public_checks
from grader.records import CheckResult, TaskResult

LOOKS_AT = ("training", "calls")
BUILT_IN = "built-in pictures"
NOT_HERE = (
    "This looks at {what}, which only a run from the first cell to the last shows. "
    "In a terminal, labgrade check judges it."
)
WHAT = {"training": "how your networks were trained", "calls": "what was called, and with what"}
NO_CIFAR10 = (
    "CIFAR-10 is not in Keras' own cache on this machine, so there is nothing to compare your images with."
)


@dataclass(frozen=True)
class Card:
    """What was found of one task: its public checks, and how many ``others`` it has."""

    task: TaskResult
    others: int


class OwnData(Mapping[str, Any]):
    """The data that the notebook itself has loaded on this machine, found when they are first asked for."""

    @functools.cached_property
    def _prepared(self) -> PreparedData:
        return prepare_data(None)

    @functools.cached_property
    def _given(self) -> Given:
        return Given(self._prepared.visible)

    def __getitem__(self, name: str) -> Any:
        """The array of that name.

        Raises:
            NotAttempted: it is a stand-in for training images that the notebook has from elsewhere.
        """
        if name.endswith("x_train") and self._prepared.label == BUILT_IN:
            raise NotAttempted(NO_CIFAR10, hint="In a terminal, labgrade check judges this.")
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


class Kept(Evidence):
    """Evidence that stays where it is: in the memory of the notebook's process."""

    def _spool(self, array: Any) -> Any:
        self.spooled += 1
        return array


class NotebookStudent(LiveStudent):
    """A notebook that is being written."""

    def why_missing(self, name: str) -> str:
        """That the name is not there now; which cell would set it is not known."""
        return f"`{name}` is not set in this kernel: run the cell that sets it"


def check_live(
    task: str, namespace: dict[str, Any], sources: Sequence[str], given: Mapping[str, Any] | None = None
) -> Card:
    """Check one task on the names that live in this process, and leave them as they are.

    Args:
        task: the id of a task, as the rubric spells it.
        namespace: the notebook's names and their values.
        sources: the code that was run, oldest first.
        given: the data, by name; by default what is found on this machine.

    Raises:
        UsageProblem: no lab has this task.
    """
    from grader.kernel.live import Live  # noqa: PLC0415 - runs in the student's process alone

    lab = next((labs.load_lab(one) for one in labs.lab_ids() if task in labs.task_ids(one)), None)
    if lab is None:
        raise UsageProblem(f"there is no task {task!r}")
    rubric = labs.load_rubric(lab)
    here = public_checks(lab, rubric, LOOKS_AT, (task,))
    elsewhere = [check for check in public_checks(lab, rubric, (), (task,)) if check not in here]
    live = Live(namespace, dict(lab.watch))
    with live.undisturbed():
        student = student_of(live, sources, OwnData() if given is None else given)
        judged = grading.grade(grading.with_needs(here), rubric, student, lambda _text: None)
    found = [result for one in judged if one.id == task for result in one.checks]
    found += [
        CheckResult(
            check.id, task, check.title, "skipped", 0.0, 0.0,
            NOT_HERE.format(what=WHAT[rubric.looks_at[check.id]]),
        )
        for check in elsewhere
    ]  # fmt: skip
    about = next(one for one in rubric.tasks if one.id == task)
    result = TaskResult(task, about.title, about.asked, 0.0, 0.0, tuple(found))
    return Card(_without_points(result), other_checks(lab, rubric).get(task, 0))


def student_of(live: Any, sources: Sequence[str], given: Mapping[str, Any]) -> NotebookStudent:
    """The notebook as checks see it now; ``live`` answers for it (a ``grader.kernel.live.Live``)."""
    put = functools.partial(_put, live)
    cells = tuple(Cell(number, text) for number, text in enumerate(filter(str.strip, sources), start=1))
    evidence = Kept(Path(tempfile.gettempdir()) / "labgrade-writes-nothing-here")
    evidence.add(len(cells), put("observe", {"cell": len(cells)}, ()))
    return NotebookStudent(
        evidence=evidence, given=given, seed=0, put=put, errors=(), cells=cells, last_cell=len(cells)
    )


def _put(live: Any, op: str, arguments: Mapping[str, Any], arrays: Sequence[Any]) -> Reply:
    """One request, carried as plain data as if it had come from another process."""
    from grader.kernel.calls import StudentRaised  # noqa: PLC0415 - as above

    try:
        data, found = live.answer(op, [_read_only(array) for array in arrays], _plain(arguments))
    except StudentRaised as raised:
        if raised.ename == "KeyboardInterrupt":  # the student's own, at the keyboard
            raise KeyboardInterrupt from None
        raise Raised(raised.ename, " ".join(raised.evalue[:2000].split())) from None
    return Reply(_plain(data), tuple(np.asarray(array) for array in found))


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _read_only(array: Any) -> Any:
    copy = np.array(array, copy=True)
    copy.flags.writeable = False
    return copy


def _without_points(task: TaskResult) -> TaskResult:
    """The task with verdicts alone: what a hand-in earns is decided when it is graded."""
    bare = tuple(dataclasses.replace(check, points=0.0, max_points=0.0) for check in task.checks)
    return dataclasses.replace(task, points=0.0, max_points=0.0, checks=bare)
