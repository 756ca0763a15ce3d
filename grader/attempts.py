"""Several attempts of one student: which files belong to which, and which attempt counts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.handin import HandIn, is_archive, is_notebook
from grader.origins import date_in
from grader.policies import final_of
from grader.records import Origin, Report, Submission

NUMBERED = re.compile(
    r"(?P<stem>.+)-(?P<number>\d{1,3})(?P<suffix>\.\w+)"
)  # as Canvas names what comes again

Part = tuple[Path, str]  # where a file or folder lies, and its place in the hand-in


def in_order(hand_ins: Sequence[HandIn]) -> HandIn:
    """The hand-ins of one student, first to last, as the last one with those before it."""
    *earlier, last = hand_ins
    return dataclasses.replace(last, earlier=tuple(earlier)) if earlier else last


def by_attempt(parts: Sequence[Part], origin: Origin) -> list[tuple[list[Part], Origin]]:
    """The parts of one student's hand-in, a list per attempt, first to last; one list where there is one."""
    if origin.lms == "canvas":
        return [(found, origin) for found in _by_number(parts)]
    if len(parts) == 1 and parts[0][0].is_dir() and not parts[0][0].is_symlink():
        dated = dated_folders(parts[0][0])
        if len(dated) > 1:
            return [([(folder, "")], dated_at(origin, when)) for when, folder in dated]
    return [(list(parts), origin)]


def dated_folders(folder: Path) -> list[tuple[str, Path]]:
    """The folders in ``folder`` whose names begin with a date, by date, if none of another name holds work.

    An empty list where any hand-in lies beside them.
    """
    try:
        inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
    dated = [(when, path) for path in inside if path.is_dir() and (when := date_in(path.name))]
    others = set(inside) - {path for _, path in dated}
    if any(path.is_dir() or is_notebook(path.name) or is_archive(path.name) for path in others):
        return []
    return sorted(dated)


def dated_at(origin: Origin, when: str) -> Origin:
    """``origin`` with the time that a folder's name tells."""
    return dataclasses.replace(origin, submitted=when, told_by="name of the folder")


def grade_attempts(
    submission: Submission, grade: Callable[[Submission], Report], progress: Callable[[str], None]
) -> Report:
    """Grade the last attempt, and those before it where the best one counts; return what counts.

    Of equal attempts the later one counts. Where the last one cannot be read, so that nobody knows its lab
    and policy, the one before it tells them.
    """
    attempts = [*submission.earlier, dataclasses.replace(submission, earlier=())]
    graded: dict[int, Report] = {len(attempts): grade(attempts[-1])}
    for number in range(len(attempts) - 1, 0, -1):
        if not _best_counts(list(graded.values())):
            break
        progress(f"attempt {number} of {len(attempts)}")
        graded[number] = grade(attempts[number - 1])
    best = _best_counts(list(graded.values()))
    number = max(graded, key=lambda one: (_worth(graded[one]), one)) if best else len(attempts)
    report = graded[number]
    if report.terms is None:
        return report
    terms = dataclasses.replace(report.terms, attempt=number, attempts=len(attempts))
    return dataclasses.replace(report, terms=terms)


def _best_counts(graded: Sequence[Report]) -> bool:
    """Whether earlier attempts are to be graded, by the policy of the first report that knows its lab."""
    known = [report.terms.policy.attempts for report in graded if report.terms is not None]
    return known[0] == "best" if known else graded[-1].status == "unreadable"


def _worth(report: Report) -> tuple[bool, float]:
    final = final_of(report)
    return report.status != "unreadable", final.score if final else report.score


def _by_number(parts: Sequence[Part]) -> list[list[Part]]:
    """Canvas' uploads by the number that it adds to the name of a file that comes again.

    An attempt also has the files of those before it that it does not bring anew.
    """
    numbered = [(_number(name), path, _plain(name)) for path, name in parts]
    numbers = sorted({number for number, _, name in numbered if is_notebook(name) or is_archive(name)})
    if len(numbers) < 2:
        return [list(parts)]
    attempts = []
    for most in numbers:
        files = {name: path for number, path, name in sorted(numbered) if number <= most}
        attempts.append([(path, name) for name, path in files.items()])
    return attempts


def _number(name: str) -> int:
    found = NUMBERED.fullmatch(name)
    return int(found["number"]) if found else 0


def _plain(name: str) -> str:
    found = NUMBERED.fullmatch(name)
    return f"{found['stem']}{found['suffix']}" if found else name
