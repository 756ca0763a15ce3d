"""The files under ``--out``: result.json, the gradebook, and the pages, each written in one piece."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from grader.pages import render_class, render_feedback
from grader.policies import final_of
from grader.records import Answer, CheckResult, Execution, Phase, Provenance, Report, TaskResult
from grader.similarity.records import Similar
from grader.similarity.story import as_json, from_json

SCHEMA = 1
OUTPUTS = ("feedback.html", "result.json", "executed.ipynb")  # a student's files
CLASS_OUTPUTS = ("index.html", "gradebook.csv", "similarity.json")
DEPTH_LIMIT = 100  # levels of a student's notebook; real ones have about six
_DRAFT = re.compile(r"\..+\.\d+\.[0-9a-f]{16}\.tmp")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")

Json = dict[str, object]


def write_report(report: Report, folder: Path) -> None:
    """Write feedback.html, result.json and executed.ipynb into ``folder``, creating it.

    Raises:
        OSError: the folder cannot be written.
    """
    write_executed(report, folder)
    write_pages(report, folder)


def write_executed(report: Report, folder: Path) -> None:
    """Write executed.ipynb alone into ``folder``, creating it; an older one is removed where there is none.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    executed = folder / "executed.ipynb"
    if report.executed is None:
        executed.unlink(missing_ok=True)
    else:
        write_atomically(executed, json.dumps(plain(report.executed), indent=1) + "\n")


def write_pages(report: Report, folder: Path) -> None:
    """Write feedback.html and result.json alone into ``folder``, which exists.

    Raises:
        OSError: the folder cannot be written.
    """
    started = time.monotonic()
    write_atomically(folder / "feedback.html", render_feedback(report))
    pages = Phase("pages", round(time.monotonic() - started, 2))
    write_atomically(folder / "result.json", result_json(replace(report, phases=(*report.phases, pages))))


def write_class(reports: Sequence[Report], out: Path, title: str) -> None:
    """Write index.html and gradebook.csv into ``out``, creating it.

    The page shows the similar submissions of ``out``'s similarity.json, where there is one.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / "index.html", render_class(reports, title=title, similar=read_similar(out)))
    write_atomically(out / "gradebook.csv", gradebook_csv(reports))


def write_similar(similar: Similar, out: Path) -> None:
    """Write similarity.json into ``out``; the class page is to be written after it.

    Raises:
        OSError: the folder cannot be written.
    """
    write_atomically(out / "similarity.json", _readable(as_json(similar)))


def read_similar(out: Path) -> Similar | None:
    """The similar submissions that the last run found; ``None`` where none looked, or the file is damaged."""
    try:
        return from_json(json.loads((out / "similarity.json").read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def forget_similar(out: Path) -> None:
    """Remove similarity.json before a run, so that it does not tell of an earlier one; never raises."""
    _remove(out, ("similarity.json",))


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 so that a reader sees the old file or the new one, never a part.

    Raises:
        OSError: the folder cannot be written; nothing is left behind.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(8)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def forget_report(folder: Path) -> None:
    """Remove a student's files, so that no old marks stay where a new run fails; never raises."""
    remove_drafts(folder)
    _remove(folder, OUTPUTS)


def forget_class(out: Path) -> None:
    """Remove the class's files, so that they do not tell of an earlier run; never raises."""
    _remove(out, CLASS_OUTPUTS)


def remove_drafts(folder: Path) -> None:
    """Remove what a process that was killed while writing into ``folder`` has left there; never raises."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if _DRAFT.fullmatch(path.name):
                path.unlink()


def _remove(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()


def result_json(report: Report) -> str:
    """Return result.json, schema 1: the contract's keys and a few more, always in the same order."""
    return _readable(_result(report))


def _readable(value: Json) -> str:
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def gradebook_csv(reports: Sequence[Report]) -> str:
    """Return the gradebook: one row per student, each of a group too, and one column per task.

    A cell is blank where a student lacks the task, and where all of it waits for a person: a 0 there
    would read as a verdict. Where there are policies, the last column has the final score.
    """
    ordered = sorted(reports, key=lambda report: (report.student.casefold(), report.slug))
    by_lab = sorted(ordered, key=lambda report: report.lab)
    tasks = list(dict.fromkeys(task.id for report in by_lab for task in report.tasks))
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    more = ["final_score"] if any(report.terms for report in ordered) else []
    writer.writerow(["student", "score", "max_score", "status", *map(guarded, tasks), *more])
    for report in ordered:
        had = {task.id: _cell(task.points) for task in report.tasks if not _waits(task)}
        row = [_cell(report.score), _cell(report.max_score), guarded(report.status)]
        row += [had.get(task, "") for task in tasks]
        final = final_of(report)
        row += [_cell(final.score if final else report.score)] * len(more)
        for student in students_of(report):
            writer.writerow([guarded(student), *row])
    return sheet.getvalue()


def students_of(report: Report) -> tuple[str, ...]:
    """The students whose work it is: one, or those of a group."""
    return (report.terms.members if report.terms else ()) or (report.student,)


def guarded(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula.

    >>> guarded("=1+1"), guarded("Ada")
    ("'=1+1", 'Ada')
    """
    # A bare \r ends a row for many readers, and the csv module does not quote it.
    line = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def plain(value: object, depth: int = 0) -> object:
    """Return ``value`` as what JSON can hold: NaN and infinities, and what lies too deep, become null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= DEPTH_LIMIT:
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    return str(value)


def _waits(task: TaskResult) -> bool:
    """Whether a person has all of a task's points to give."""
    return task.pending > 0 and task.decided <= 0 and not task.points


def _cell(value: float) -> str:
    return f"{_number(value):.10g}" if math.isfinite(value) else ""


def _number(value: float) -> float:
    """Sums of binary fractions without their noise: 0.30000000000000004 is 0.3."""
    return round(float(value), 6)


def _result(report: Report) -> Json:
    return {
        "schema": SCHEMA,
        "lab": report.lab,
        "lab_title": report.lab_title,
        "student": report.student,
        "slug": report.slug,
        "notebook": report.notebook,
        "sha256": report.sha256,
        "status": report.status,
        "problem": report.problem,
        "note": report.note,
        "score": _number(report.score),
        "max_score": _number(report.max_score),
        "pending_manual": _number(report.pending_manual),
        **_final(report),
        "execution": _execution(report.execution),
        "training_note": report.training_note,
        "tasks": [
            {
                "id": task.id,
                "title": task.title,
                "status": task.status,
                "points": _number(task.points),
                "max_points": _number(task.max_points),
            }
            for task in report.tasks
        ],
        "checks": [_check(result) for result in report.checks],
        "accuracies": [asdict(row) for row in report.accuracies],
        "findings": [asdict(finding) for finding in report.findings],
        "answers": [_answer(answer) for answer in report.answers],
        "provenance": _provenance(report.provenance),
        "phases": [{"name": phase.name, "seconds": _number(phase.seconds)} for phase in report.phases],
        "peak_mib": _number(report.peak_mib),
    }


def _final(report: Report) -> Json:
    """What the policies make of the score; nothing where there are none."""
    final = final_of(report)
    if final is None or report.terms is None:
        return {}
    told = {"final_score": _number(final.score), "final_reasons": list(final.reasons)}
    members = {"members": list(report.terms.members)} if report.terms.members else {}
    return {**told, "submitted": report.terms.submitted or None, **members}


def _execution(execution: Execution) -> Json:
    errors = [{**asdict(error), "cell": int(error.cell)} for error in execution.errors]
    first = {key: errors[0][key] for key in ("cell", "ename", "evalue")} if errors else None
    return {
        "status": execution.status,
        "cells": int(execution.cells),
        "cells_run": int(execution.cells_run),
        "seconds": _number(execution.seconds),
        "first_error": first,
        "errors": errors,
        "note": execution.note,
    }


def _check(result: CheckResult) -> Json:
    return {
        "id": result.id,
        "task": result.task,
        "title": result.title,
        "status": result.status,
        "points": _number(result.points),
        "max_points": _number(result.max_points),
        "message": result.message,
        "counterexample": result.counterexample,
        "expected": result.expected,
        "received": result.received,
        "hint": result.hint,
        "table": [asdict(row) for row in result.table],
        "not_counted": result.not_counted,
        "seconds": _number(result.seconds),
        "marked": _marking(result),
    }


def _marking(result: CheckResult) -> Json | None:
    """What a person decided; who it was is between the people who mark."""
    marking = result.marking
    if marking is None:
        return None
    program = {"status": marking.status, "points": _number(marking.points)}
    return {"comment": marking.comment, "at": marking.at, "program": program}


def _answer(answer: Answer) -> Json:
    return {
        "id": answer.id,
        "task": answer.task,
        "text": answer.text,
        "verdict": answer.verdict,
        "reason": answer.reason,
        "words": list(answer.words),
        "cell": int(answer.cell),
        "question": answer.question,
    }


def _provenance(provenance: Provenance) -> Json:
    packages, limits = dict(sorted(provenance.packages)), dict(provenance.limits)
    return {**asdict(provenance), "packages": packages, "limits": limits}
