"""What the people who mark ask of the database: one question across all students, and how far they are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grader.gradebook.fitting import standing_of
from grader.gradebook.keeping import latest
from grader.gradebook.marking import basis_columns, basis_from, mark_from, newest
from grader.gradebook.records import Mark, OpenAnswer, Progress, Standing, Target
from grader.gradebook.tables import ANSWERS, CHECKS, MARKS, REPORTS, RESULTS


def answers_to(connection: sa.Connection, lab: str, check: str) -> tuple[OpenAnswer, ...]:
    """The answers of all students to one question, each with its mark, in the order of their slugs."""
    columns = [column for column in ANSWERS.c if column.name not in ("report", "check_id", "text_sha256")]
    statement = _checks_of(
        CHECKS.c.id == check, REPORTS.c.lab == lab, columns=(REPORTS.c.name, CHECKS.c.task, *columns)
    ).where(ANSWERS.c.report.is_not(None))
    filters = (MARKS.c.lab == lab, MARKS.c.check_id == check)
    entries = [mark_from(row) for row in connection.execute(newest(*filters))]
    marks = {entry.target.student: entry for entry in entries}
    rows = connection.execute(statement.order_by(REPORTS.c.student))
    return tuple(_open_answer(row, lab, check, marks.get(row.student)) for row in rows)


def progress(connection: sa.Connection, lab: str | None = None) -> tuple[Progress, ...]:
    """How far each question is marked, in the order of the labs and their checks."""
    marks: dict[tuple[str, str, str], Mark] = {
        (one.target.lab, one.target.student, one.target.check): one
        for row in connection.execute(newest(*([MARKS.c.lab == lab] if lab is not None else [])))
        if (one := mark_from(row)).points is not None
    }
    about = (ANSWERS.c.question, ANSWERS.c.question_id, CHECKS.c.task, CHECKS.c.place)
    statement = _checks_of(
        (ANSWERS.c.report.is_not(None)) | (CHECKS.c.status == "manual"), columns=(*about, CHECKS.c.title)
    )
    if lab is not None:
        statement = statement.where(REPORTS.c.lab == lab)
    groups: dict[tuple[str, str], list[tuple[sa.Row[Any], Standing | None]]] = {}
    for row in connection.execute(statement.order_by(REPORTS.c.lab, CHECKS.c.place)):
        mark = marks.get((row.lab, row.student, row.check_id))
        standing = standing_of(mark, basis_from(row)) if mark else None
        groups.setdefault((row.lab, row.check_id), []).append((row, standing))
    return tuple(_progress(lab, check, rows) for (lab, check), rows in groups.items())


def unfit(connection: sa.Connection) -> tuple[Standing, ...]:
    """The marks in effect that do not count any more, on answers and on all other checks."""
    marks = [entry for row in connection.execute(newest()) if (entry := mark_from(row)).points is not None]
    checks = {mark.target.check for mark in marks}
    rows = connection.execute(_checks_of(CHECKS.c.id.in_(checks), columns=()))
    bases = {Target(row.lab, row.student, row.check_id): basis_from(row) for row in rows}
    found = (standing_of(mark, bases.get(mark.target)) for mark in marks)
    return tuple(standing for standing in found if standing.problem)


def _checks_of(
    *filters: sa.ColumnElement[bool], columns: tuple[sa.ColumnElement[Any], ...]
) -> sa.Select[Any]:
    """The checks of every student's latest report, with what ``basis_from`` reads."""
    last = latest()
    key = (REPORTS.c.lab, REPORTS.c.student, CHECKS.c.id.label("check_id"))
    return (
        sa.select(*key, *columns, *basis_columns())
        .select_from(last)
        .join(RESULTS, RESULTS.c.id == last.c.id)
        .join(REPORTS, REPORTS.c.id == RESULTS.c.report)
        .join(CHECKS, CHECKS.c.report == REPORTS.c.id)
        .outerjoin(ANSWERS, (ANSWERS.c.report == CHECKS.c.report) & (ANSWERS.c.check_id == CHECKS.c.id))
        .where(*filters)
    )


def _open_answer(row: sa.Row[Any], lab: str, check: str, mark: Mark | None) -> OpenAnswer:
    basis = basis_from(row)
    return OpenAnswer(
        Target(lab, row.student, check), row.name, row.now_report, row.question, row.question_id, row.task,
        row.text, row.verdict, row.reason, tuple(row.words), row.cell, basis,
        standing_of(mark, basis) if mark and mark.points is not None else None,
        mark.version if mark else 0,
    )  # fmt: skip


def _progress(lab: str, check: str, rows: list[tuple[sa.Row[Any], Standing | None]]) -> Progress:
    first = rows[0][0]
    marked = sum(standing is not None and standing.counts for _, standing in rows)
    unfit = sum(standing is not None and not standing.counts for _, standing in rows)
    decided = sum(standing is None and row.now_status != "manual" for row, standing in rows)
    return Progress(
        lab, check, first.task, first.question_id or "", first.question or first.title,
        max(row.now_max for row, _ in rows), len(rows), marked, unfit, decided,
    )  # fmt: skip
