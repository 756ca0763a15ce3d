"""Marks in the database: each change adds an entry, and none is ever changed or removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from grader.gradebook.problems import Conflict
from grader.gradebook.records import Basis, Mark, MarkKind, Target, Wish
from grader.gradebook.tables import ANSWERS, CHECKS, MARKS, REPORTS

KEY = (MARKS.c.lab, MARKS.c.student, MARKS.c.check_id)


def add(connection: sa.Connection, entry: Mark) -> Mark:
    """Append an entry whose version is one above the last that its author has seen.

    Raises:
        Conflict: that version is taken, or others have come between.
    """
    current = current_of(connection, entry.target)
    if (current.version if current else 0) != entry.version - 1:
        raise Conflict(current)
    try:
        with connection.begin_nested():
            statement = sa.insert(MARKS).values(_values(entry)).returning(MARKS.c.id)
            number = connection.execute(statement).scalar_one()
    except sa.exc.IntegrityError:  # on PostgreSQL another writer may come between the two statements
        raise Conflict(current_of(connection, entry.target)) from None
    return Mark(**{**entry.__dict__, "id": int(number)})


def entry_for(target: Target, wish: Wish, basis: Basis, who: str, version: int, kind: MarkKind) -> Mark:
    """A new entry, not yet in the database."""
    return Mark(
        0, target, version, kind, wish.points, wish.out_of, wish.comment, wish.reason,
        who, datetime.now(UTC), basis,
    )  # fmt: skip


def basis_in(connection: sa.Connection, target: Target, report: int) -> Basis | None:
    """What a person saw of a check in the report of that number; ``None`` where it is not there."""
    statement = (
        sa.select(*basis_columns())
        .join_from(CHECKS, REPORTS, CHECKS.c.report == REPORTS.c.id)
        .outerjoin(ANSWERS, (ANSWERS.c.report == CHECKS.c.report) & (ANSWERS.c.check_id == CHECKS.c.id))
        .where(
            REPORTS.c.id == report, REPORTS.c.lab == target.lab, REPORTS.c.student == target.student,
            CHECKS.c.id == target.check,
        )
    )  # fmt: skip
    row = connection.execute(statement).first()
    return basis_from(row) if row else None


def basis_columns() -> tuple[sa.ColumnElement[Any], ...]:
    """What ``basis_from`` reads, of ``REPORTS``, ``CHECKS`` and ``ANSWERS``, which may be missing."""
    return (
        sa.func.coalesce(ANSWERS.c.text_sha256, "").label("now_text"), REPORTS.c.sha256.label("now_sha256"),
        CHECKS.c.status.label("now_status"), CHECKS.c.points.label("now_points"),
        CHECKS.c.max_points.label("now_max"), REPORTS.c.id.label("now_report"),
    )  # fmt: skip


def basis_from(row: sa.Row[Any]) -> Basis:
    """A row with ``basis_columns``."""
    return Basis(row.now_text, row.now_sha256, row.now_status, row.now_points, row.now_max, row.now_report)


def current_of(connection: sa.Connection, target: Target) -> Mark | None:
    """The newest entry of one check's history, one that takes a mark back too."""
    statement = of_target(target).order_by(MARKS.c.version.desc()).limit(1)
    row = connection.execute(statement).first()
    return mark_from(row) if row else None


def of_target(target: Target) -> sa.Select[Any]:
    """All entries of one check."""
    return sa.select(MARKS).where(
        MARKS.c.lab == target.lab, MARKS.c.student == target.student, MARKS.c.check_id == target.check
    )


def newest(*filters: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The newest entry of each check."""
    top = sa.select(*KEY, sa.func.max(MARKS.c.version).label("version")).where(*filters).group_by(*KEY)
    last = top.subquery("last")
    same = [MARKS.c[name] == last.c[name] for name in ("lab", "student", "check_id", "version")]
    return sa.select(MARKS).join(last, sa.and_(*same))


def mark_from(row: sa.Row[Any]) -> Mark:
    """A row of the table."""
    basis = Basis(
        row.text_sha256, row.submission_sha256, row.status, row.had_points, row.max_points, row.report
    )
    return Mark(
        row.id, Target(row.lab, row.student, row.check_id), row.version, row.kind, row.points, row.out_of,
        row.comment, row.reason, row.who, row.at, basis, row.restores,
    )  # fmt: skip


def _values(entry: Mark) -> dict[str, Any]:
    basis = entry.basis
    return {
        "lab": entry.target.lab, "student": entry.target.student, "check_id": entry.target.check,
        "version": entry.version, "kind": entry.kind, "points": entry.points, "out_of": entry.out_of,
        "comment": entry.comment, "reason": entry.reason, "who": entry.who, "at": entry.at,
        "restores": entry.restores, "report": basis.report, "text_sha256": basis.text_sha256,
        "submission_sha256": basis.submission_sha256, "status": basis.status, "had_points": basis.points,
        "max_points": basis.max_points,
    }  # fmt: skip
