"""What the audit of the checks found: which seeded faults they miss, and which right ways they fail.

Pure functions on records; ``grader.audit_cases`` makes the cases, ``grader.audit_pool`` runs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from checks.kit.fault import Fault, Rewrite
from grader.records import CheckResult

Outcome = Literal["caught", "passed", "missed", "elsewhere", "vague", "false alarm", "broken", "error"]
GOOD: tuple[Outcome, ...] = ("caught", "passed")
MEANINGS: dict[Outcome, str] = {
    "missed": "no check failed",
    "elsewhere": "another check than the one named failed",
    "vague": "the named check failed, but its message lacks words that it must hold",
    "false alarm": "a right way does not pass",
    "broken": "the edits do not fit the hand-in that they are for",
    "error": "a check, or the audit itself, failed through a fault of ours",
    "caught": "the named check failed",
    "passed": "every check passed",
}


@dataclass(frozen=True)
class Case:
    """One fault or rewrite, ready to run; plain data that can be sent to another process.

    Args:
        name: of the fault or rewrite.
        sources: the code cells to run, in order.
        files: text of each file beside the notebook.
        first: ids of the checks that are judged in any case.
        others: ids of those that are judged where none of the first failed.
        share: how many of the calls that checks search through are drawn, 0–1.
        seed: is added to that of the run.
    """

    name: str
    sources: tuple[str, ...]
    files: dict[str, str]
    first: tuple[str, ...]
    others: tuple[str, ...] = ()
    share: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Trial:
    """How a case ended. ``problem`` says why it could not be judged; ``raised`` are the cells' errors.

    ``busy_s`` are the seconds that processors worked for it, however busy the machine is with other things.
    """

    results: tuple[CheckResult, ...] = ()
    raised: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0
    busy_s: float = 0.0


@dataclass(frozen=True)
class Entry:
    """A fault or rewrite as found: in which topic, and either the case made of it or why that failed."""

    topic: str
    seeded: Fault | Rewrite
    tasks: tuple[str, ...]
    case: Case | None = None
    problem: str = ""
    difference: str = ""

    @property
    def name(self) -> str:
        """The name of the fault or rewrite."""
        return self.seeded.name


@dataclass(frozen=True)
class Verdict:
    """What came of one fault or rewrite. ``message`` is the sentence that a reader needs first."""

    name: str
    topic: str
    tasks: tuple[str, ...]
    kind: Literal["fault", "rewrite"]
    outcome: Outcome
    caught_by: str = ""
    message: str = ""
    difference: str = ""
    trial: Trial = field(default_factory=Trial)

    @property
    def good(self) -> bool:
        """Whether the checks did what they should."""
        return self.outcome in GOOD


def judge(entry: Entry, trial: Trial) -> Verdict:
    """Hold what the checks said against what they should have said."""
    seeded = entry.seeded
    if entry.problem:
        outcome, message = _of("broken", entry.problem)
    elif trial.problem:
        outcome, message = _of("error", trial.problem)
    elif errors := [result for result in trial.results if result.status == "error"]:
        outcome, message = _of("error", f"{errors[0].id}: {errors[0].message}")
    elif isinstance(seeded, Fault):
        outcome, message = _judge_fault(seeded, trial)
    else:
        outcome, message = _judge_rewrite(trial)
    return Verdict(
        name=seeded.name, topic=entry.topic, tasks=entry.tasks,
        kind="fault" if isinstance(seeded, Fault) else "rewrite", outcome=outcome,
        caught_by=seeded.caught_by if isinstance(seeded, Fault) else "", message=message,
        difference=entry.difference, trial=trial,
    )  # fmt: skip


def _of(outcome: Outcome, message: str) -> tuple[Outcome, str]:
    return outcome, message


def _judge_fault(fault: Fault, trial: Trial) -> tuple[Outcome, str]:
    results = {result.id: result for result in trial.results}
    named = results.get(fault.caught_by)
    if named is not None and named.status == "failed":
        lacking = [word for word in fault.words if word not in said(named)]
        if lacking:
            return "vague", f"without {_quoted(lacking)}: {named.message}"
        return "caught", named.message
    other = next((result for result in trial.results if result.status == "failed"), None)
    status = named.status if named is not None else "not judged"
    if other is not None:
        return "elsewhere", f"{fault.caught_by}: {status}; {other.id} says: {other.message}"
    return "missed", f"{fault.caught_by}: {status}{_raised(trial)}"


def _judge_rewrite(trial: Trial) -> tuple[Outcome, str]:
    bad = [result for result in trial.results if result.status not in ("passed", "manual")]
    if not bad:
        return "passed", ""
    first = next((result for result in bad if result.status == "failed"), bad[0])
    return "false alarm", f"{first.id}: {first.message}{_raised(trial)}"


def said(result: CheckResult) -> str:
    """All that a check says to the student."""
    parts = (result.message, result.expected, result.received, result.hint, result.counterexample or "")
    return " ".join(part for part in parts if part)


def _raised(trial: Trial) -> str:
    return f" (cells raised: {'; '.join(trial.raised[:3])})" if trial.raised else ""


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(repr(word) for word in words)


@dataclass(frozen=True)
class Line:
    """One line of the summary: how many faults of a task, or of all, were caught, and rewrites passed."""

    task: str
    faults: int
    caught: int
    rewrites: int
    passed: int
    seconds: float
    busy_s: float


def summarise(verdicts: Iterable[Verdict]) -> tuple[Line, ...]:
    """A line per task in the order of the verdicts, and one for all; "several" where tasks go together."""
    by_task: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_task.setdefault(verdict.tasks[0] if len(verdict.tasks) == 1 else "several", []).append(verdict)
    lines = [_line(task, members) for task, members in sorted(by_task.items())]
    return (*lines, _line("all", [one for members in by_task.values() for one in members]))


def _line(task: str, verdicts: Sequence[Verdict]) -> Line:
    counts = Counter((verdict.kind, verdict.good) for verdict in verdicts)
    return Line(
        task,
        faults=counts["fault", True] + counts["fault", False],
        caught=counts["fault", True],
        rewrites=counts["rewrite", True] + counts["rewrite", False],
        passed=counts["rewrite", True],
        seconds=round(sum(verdict.trial.seconds for verdict in verdicts), 1),
        busy_s=round(sum(verdict.trial.busy_s for verdict in verdicts), 1),
    )


def worst_first(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """What went wrong before what went well, misses first; else in the order given."""
    order = tuple(MEANINGS)
    return tuple(sorted(verdicts, key=lambda verdict: order.index(verdict.outcome)))
