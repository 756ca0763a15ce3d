"""Reports in the database: every one that a run had, with its checks and answers; none is ever changed."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from grader.gradebook.records import Attempt, answer_of, text_hash
from grader.gradebook.tables import ANSWERS, CHECKS, REPORTS, RESULTS, RUNS, storable
from grader.records import Answer, Report
from grader.report_json import from_json, to_json


def begin_run(connection: sa.Connection, title: str) -> int:
    """A new run's number."""
    values = {"at": datetime.now(UTC), "title": title}
    return int(connection.execute(sa.insert(RUNS).values(values).returning(RUNS.c.id)).scalar_one())


def keep(connection: sa.Connection, run: int, report: Report) -> int:
    """Note that a run had this report, and the report itself where it is new; its number."""
    document = document_of(report)
    digest = digest_of(document)
    number = number_of(connection, report, digest)
    if number is None:
        number = _insert(connection, report, document, digest)
    values = {"run": run, "lab": report.lab, "student": report.slug, "report": number}
    connection.execute(sa.insert(RESULTS).values(values))
    return number


def number_of(connection: sa.Connection, report: Report, digest: str) -> int | None:
    """The number of a report that is there already."""
    wanted = (REPORTS.c.lab == report.lab, REPORTS.c.student == report.slug, REPORTS.c.digest == digest)
    return connection.execute(sa.select(REPORTS.c.id).where(*wanted)).scalar()


def document_of(report: Report) -> str:
    """The report as JSON, in ASCII; the same for a report that has been through a file."""
    document = json.dumps(to_json(report), default=_plain)
    try:
        return json.dumps(to_json(from_json(json.loads(document))))
    except (ValueError, TypeError):
        return document


def digest_of(document: str) -> str:
    """The hash by which a document is known."""
    return hashlib.sha256(document.encode("ascii")).hexdigest()


def read_document(text: str) -> Report:
    """The report of a document.

    Raises:
        ValueError: it is none.
    """
    return from_json(json.loads(text))


def latest() -> sa.Subquery:
    """The newest result of each student in each lab: ``lab``, ``student``, ``id``."""
    columns = (RESULTS.c.lab, RESULTS.c.student)
    return sa.select(*columns, sa.func.max(RESULTS.c.id).label("id")).group_by(*columns).subquery("latest")


def attempts() -> sa.Select[Any]:
    """What ``attempt_from`` reads, of every result of every run."""
    columns = [
        column for column in REPORTS.c if column.name not in ("document", "digest", "training", "sandbox")
    ]
    return sa.select(RESULTS.c.run, *columns).join_from(RESULTS, REPORTS, RESULTS.c.report == REPORTS.c.id)


def attempt_from(row: sa.Row[Any]) -> Attempt:
    """A row of ``attempts``."""
    return Attempt(**row._mapping)


def _insert(connection: sa.Connection, report: Report, document: str, digest: str) -> int:
    number = int(
        connection.execute(
            sa.insert(REPORTS).values(_columns(report, document, digest)).returning(REPORTS.c.id)
        ).scalar_one()
    )
    checks = {check.id: (place, check) for place, check in enumerate(report.checks)}
    rows = [
        {
            "report": number, "id": check.id, "place": place, "task": check.task,
            "title": check.title, "status": check.status, "points": finite(check.points),
            "max_points": finite(check.max_points), "message": check.message,
        }
        for place, check in checks.values()
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(CHECKS), rows)
    found = {check: answer for check in checks if (answer := answer_of(report, check))}
    if found:
        rows = [_answer(number, check, answer) for check, answer in found.items()]
        connection.execute(sa.insert(ANSWERS), rows)
    return number


def _columns(report: Report, document: str, digest: str) -> dict[str, Any]:
    origin = report.provenance
    return {
        "digest": digest, "at": datetime.now(UTC), "lab": report.lab, "student": report.slug,
        "name": report.student, "notebook": report.notebook, "sha256": report.sha256,
        "rubric_sha256": origin.rubric_sha256, "version": origin.version, "seed": origin.seed,
        "training": origin.training, "sandbox": origin.sandbox, "status": report.status,
        "score": finite(report.score), "max_score": finite(report.max_score),
        "pending_manual": finite(report.pending_manual), "document": document,
    }  # fmt: skip


def _answer(number: int, check: str, answer: Answer) -> dict[str, Any]:
    return {
        "report": number, "check_id": check, "question": answer.question,
        "question_id": answer.id, "text": answer.text,
        "text_sha256": text_hash(answer.text), "verdict": answer.verdict,
        "reason": answer.reason, "words": [storable(word) for word in answer.words],
        "cell": answer.cell,
    }  # fmt: skip


def finite(value: float) -> float:
    """A number that every database takes: SQLite makes nothing of NaN."""
    return float(value) if math.isfinite(value) else 0.0


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
