"""One judgement part by part: taken where its key is equal, else made, and noted if it is worth it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from checks.kit import AccuracyRow, Check, Shown
from grader.cache import loaded
from grader.cache.arrays import Arrays, Lost
from grader.cache.case_keys import CaseKeys, execution_inputs
from grader.cache.evidence import RecordedEvidence
from grader.cache.keys import key_of
from grader.cache.runs import run_of
from grader.cache.sources import file_hash
from grader.cache.transcript import OF_THE_MACHINE, Recorder, Repeater
from grader.evidence import Evidence, LiveStudent
from grader.recall import NotKept, Put
from grader.records import CheckResult, Execution, Finding, Report
from grader.report_json import value_of

Json = dict[str, Any]
Result = TypeVar("Result")
KINDS: Mapping[str, Any] = {
    "claims": tuple[Finding, ...], "pictures": tuple[Shown, ...], "accuracies": tuple[AccuracyRow, ...],
}  # fmt: skip
TRIM_EVERY_S = 60.0
NOT_JSON = (ValueError, TypeError, KeyError, RecursionError)


@dataclass
class StoredParts:
    """The parts of one judgement: of a run that is kept, with a ``repeater``, or of one that begins.

    ``known`` are the parts that are kept, ``noted`` those that were made now, each by name; ``run`` is the
    name of the kept run. ``doubtful`` says why nothing is to be kept, or is "".
    """

    keys: CaseKeys
    known: Json = field(default_factory=dict)
    repeater: Repeater | None = None
    run: str = ""
    noted: Json = field(default_factory=dict)
    doubtful: str = ""
    recorder: Recorder | None = None
    recorded: RecordedEvidence | None = None
    student: LiveStudent | None = None

    @property
    def renewed(self) -> bool:
        """Whether parts had to be made again."""
        return bool(self.noted)

    def evidence(self, folder: Path) -> Evidence:
        """Where the evidence of a run goes."""
        self.recorded = RecordedEvidence(folder)
        return self.recorded

    def wrapped(self, put: Put) -> Put:
        """The way to the kernel, with notes of what is asked."""
        if self.repeater is not None:
            return self.repeater.put
        self.recorder = Recorder(self._arrays(), put)
        return self.recorder.put

    def watch(self, student: LiveStudent) -> None:
        """The student that is judged from now on."""
        self.student = student

    def verdict(self, check: Check, blank: CheckResult, make: Callable[[], CheckResult]) -> CheckResult:
        """A check's result with the title and points of ``blank``; raises NotKept where it cannot be had."""
        result: CheckResult = self._part(check.id, self.keys.of_check(check), CheckResult, make)
        if self.repeater is None:
            return result
        if result.status == "error":  # maybe of something that is no longer kept
            raise NotKept(check.id)
        points = blank.points if result.status == "passed" else 0.0
        return dataclasses.replace(
            result, id=blank.id, task=blank.task, title=blank.title, points=points,
            max_points=blank.max_points,
        )  # fmt: skip

    def take(self, name: str, make: Callable[[], Result]) -> Result:
        """What is found or shown beside the checks; raises NotKept where it cannot be had."""
        key = self.keys.of_part(name, self._student().measured)
        found: Result = self._part(name, key, KINDS[name], make)
        return found

    def keep(self, report: Report, run: Execution, executed: Any) -> None:
        """Note what came of it, unless it may be due to this machine; never raises."""
        try:
            if self.noted and self._is_sure(report, run):
                self._write(report, run, executed)
                self.keys.plan.store.trim(TRIM_EVERY_S)
        except (OSError, Lost, *NOT_JSON):
            pass  # what cannot be kept is made again one day

    def _student(self) -> LiveStudent:
        if self.student is None:
            raise NotKept("nobody is judged")
        return self.student

    def _arrays(self) -> Arrays:
        return Arrays(self.keys.plan.store, self.keys.case.settings.visible)

    def _part(self, name: str, key: str, kind: Any, make: Callable[[], Any]) -> Any:
        known = self.known.get(name)
        if known is not None and known.get("key") == key:
            try:
                return self._adopted(name, known, kind)
            except NOT_JSON:
                raise NotKept(name) from None
        return self._made(name, key, kind, make)

    def _adopted(self, name: str, known: Json, kind: Any) -> Any:
        value = value_of(kind, known["value"])
        suspicions = value_of(tuple[Finding, ...], known["suspicions"])
        measured = {str(check): float(number) for check, number in known["measured"].items()}
        self._student().suspicions.extend(suspicions)
        self._student().measured.update(measured)
        if self.repeater is not None:
            self.repeater.skip(name)
        return value

    def _made(self, name: str, key: str, kind: Any, make: Callable[[], Any]) -> Any:
        student = self._student()
        if self.repeater is not None:
            self.repeater.begin(name, student)
        elif self.recorder is not None:
            self.recorder.begin(name)
        suspected, measured = len(student.suspicions), dict(student.measured)
        value = make()
        if self.repeater is not None:
            self.repeater.end()
        new = {check: n for check, n in student.measured.items() if measured.get(check) != n}
        self._note(name, key, kind, value, tuple(student.suspicions[suspected:]), new)
        return value

    def _note(
        self, name: str, key: str, kind: Any, value: Any, suspicions: tuple[Finding, ...],
        measured: Mapping[str, float],
    ) -> None:  # fmt: skip
        """Note a part, if JSON gives it back as it is."""
        entry = {"key": key, "value": value, "suspicions": suspicions, "measured": dict(measured)}
        try:
            found = json.loads(json.dumps(entry, default=_plain))
            same = value_of(kind, found["value"]) == value and found["measured"] == measured
        except NOT_JSON:
            same = False
        if not same:
            self.doubtful = f"{name} is not JSON"
            return
        self.noted[name] = found

    def _is_sure(self, report: Report, run: Execution) -> bool:
        """Whether a run of the same would give the same, as far as can be told."""
        student = self._student()
        plan = self.keys.plan
        if self.doubtful or student.gone or student.evidence.honesty.changed:
            return False
        if self.recorder is not None and self.recorder.doubtful:
            return False
        if report.status != "graded" or run.status not in ("ok", "error"):
            return False
        if any(error.ename in OF_THE_MACHINE for error in run.errors):
            return False
        return plan.fits_here() and loaded.is_current(plan.code) and self._is_unchanged()

    def _is_unchanged(self) -> bool:
        """Whether the hand-in's files are still those of the keys; raises OSError where one is gone."""
        case = self.keys.case
        place = case.submission.notebook
        unchanged = place is not None and file_hash(place) == case.notebook.sha256
        return unchanged and key_of(execution_inputs(self.keys.plan, case)) == self.keys.execution

    def _write(self, report: Report, run: Execution, executed: Any) -> None:
        """Put all of it into the store, what is referred to first.

        Raises:
            OSError: the store cannot be written.
            ValueError, TypeError, RecursionError: something is not JSON.
        """
        store = self.keys.plan.store
        name = self.run or self._write_run(report, run, executed)
        parts = {**self.known, **self.noted} if self.run else self.noted
        store.note("verdicts", self.keys.verdicts, {"run": name, "parts": parts})

    def _write_run(self, report: Report, run: Execution, executed: Any) -> str:
        store = self.keys.plan.store
        contradictions = tuple(self._student().evidence.honesty.contradictions)
        kept = run_of(run, executed, report.phases, report.peak_mib, contradictions)
        name = store.add("runs", kept.as_bytes())
        if self.recorded is not None and self.recorder is not None:
            self._write_evidence(name, self.recorded, self.recorder)
        store.note("runs", self.keys.execution, {"run": name})
        return name

    def _write_evidence(self, name: str, recorded: RecordedEvidence, recorder: Recorder) -> None:
        """Keep the evidence where it may have room; without it the verdicts are worth keeping, too."""
        store = self.keys.plan.store
        if recorded.spooled_bytes > store.limit_bytes:
            return
        try:
            document = {**recorded.as_json(self._arrays()), "questions": recorder.questions}
            store.note("evidence", name, document)
        except NOT_JSON:
            return


def _plain(value: Any) -> Any:
    """A record as a dictionary, and NumPy's numbers as Python's own.

    Raises:
        TypeError: it is neither.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not JSON")
