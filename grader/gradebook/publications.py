"""Which marks students see: a publication holds the entries that were in effect when it was made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from grader.gradebook.marking import KEY, mark_from, newest
from grader.gradebook.records import Comment, Mark, Publication
from grader.gradebook.tables import COMMENTS, MARKS, PUBLICATIONS, PUBLISHED


def publish(connection: sa.Connection, who: str, labs: Iterable[str]) -> tuple[Mark, ...]:
    """Note that all entries in effect on these labs are published; those that take a mark back too."""
    rows = connection.execute(newest(MARKS.c.lab.in_(list(labs))))
    entries = tuple(mark_from(row) for row in rows)
    values = {"at": datetime.now(UTC), "who": who}
    statement = sa.insert(PUBLICATIONS).values(values).returning(PUBLICATIONS.c.id)
    number = connection.execute(statement).scalar_one()
    if entries:
        rows_of = [{"publication": number, "mark": entry.id} for entry in entries]
        connection.execute(sa.insert(PUBLISHED), rows_of)
    return entries


def published(connection: sa.Connection, *filters: sa.ColumnElement[bool]) -> tuple[Mark, ...]:
    """The entries that the last publication of each check holds."""
    top = (
        sa.select(*KEY, sa.func.max(PUBLISHED.c.publication).label("publication"))
        .join_from(PUBLISHED, MARKS, PUBLISHED.c.mark == MARKS.c.id)
        .where(*filters)
        .group_by(*KEY)
        .subquery("top")
    )
    same = [MARKS.c[name] == top.c[name] for name in ("lab", "student", "check_id")]
    statement = (
        sa.select(MARKS)
        .join(top, sa.and_(*same))
        .join(PUBLISHED, (PUBLISHED.c.mark == MARKS.c.id) & (PUBLISHED.c.publication == top.c.publication))
    )
    return tuple(mark_from(row) for row in connection.execute(statement))


def last_publication(connection: sa.Connection) -> Publication | None:
    """The newest one."""
    row = connection.execute(sa.select(PUBLICATIONS).order_by(PUBLICATIONS.c.id.desc()).limit(1)).first()
    return Publication(row.id, row.at, row.who) if row else None


def comments(connection: sa.Connection, lab: str, check: str) -> tuple[Comment, ...]:
    """Comments to use again for a question, its own first, then those of the whole lab; oldest first."""
    wanted = (COMMENTS.c.lab == lab, COMMENTS.c.check_id.in_(["", check]), COMMENTS.c.removed.is_(None))
    rows = connection.execute(sa.select(COMMENTS).where(*wanted).order_by(COMMENTS.c.id))
    found = [Comment(row.id, row.lab, row.check_id, row.text, row.who) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.check == "", one.id)))


def add_comment(connection: sa.Connection, lab: str, check: str, text: str, who: str) -> None:
    """Keep a comment for use again, unless it is there already."""
    if any(one.text == text and one.check in ("", check) for one in comments(connection, lab, check)):
        return
    values = {"lab": lab, "check_id": check, "text": text, "who": who, "at": datetime.now(UTC)}
    connection.execute(sa.insert(COMMENTS).values(values))


def remove_comment(connection: sa.Connection, number: int) -> None:
    """No longer offer a comment; marks that use it keep its text."""
    removing = sa.update(COMMENTS).where(COMMENTS.c.id == number).values(removed=datetime.now(UTC))
    connection.execute(removing)
