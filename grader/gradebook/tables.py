"""The tables of the gradebook, as the newest migration leaves them. A test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(sa.TypeDecorator[datetime]):
    """A time with a zone for us, the same in UTC without one for the database: SQLite knows no zones."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To the database."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From the database."""
        return value and value.replace(tzinfo=UTC)


class AnyText(sa.TypeDecorator[str]):
    """Text of a student's too: half signs and zero bytes, which databases refuse, become replacements."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """Text that every database takes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


RUNS = sa.Table(
    "runs", METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("title", AnyText, nullable=False),
)  # fmt: skip

REPORTS = sa.Table(  # one row for each different report; ``document`` is all of it as JSON
    "reports", METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("lab", AnyText, nullable=False),
    sa.Column("student", AnyText, nullable=False),
    sa.Column("name", AnyText, nullable=False),
    sa.Column("notebook", AnyText, nullable=False),
    sa.Column("sha256", AnyText, nullable=False),
    sa.Column("rubric_sha256", AnyText, nullable=False),
    sa.Column("version", AnyText, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("training", AnyText, nullable=False),
    sa.Column("sandbox", AnyText, nullable=False),
    sa.Column("status", AnyText, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("max_score", sa.Float, nullable=False),
    sa.Column("pending_manual", sa.Float, nullable=False),
    sa.Column("document", AnyText, nullable=False),
    sa.UniqueConstraint("lab", "student", "digest"),
)  # fmt: skip

RESULTS = sa.Table(  # which report each run had for each student; the highest id is the latest
    "results", METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("lab", AnyText, nullable=False),
    sa.Column("student", AnyText, nullable=False),
    sa.Column("report", sa.ForeignKey("reports.id"), nullable=False),
    sa.Index(None, "lab", "student", "id"),
    sa.Index(None, "run"),
    sa.Index(None, "report"),
)  # fmt: skip

CHECKS = sa.Table(  # the automatic points
    "checks", METADATA,
    sa.Column("report", sa.ForeignKey("reports.id"), primary_key=True),
    sa.Column("id", AnyText, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("task", AnyText, nullable=False),
    sa.Column("title", AnyText, nullable=False),
    sa.Column("status", AnyText, nullable=False),
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("max_points", sa.Float, nullable=False),
    sa.Column("message", AnyText, nullable=False),
)  # fmt: skip

ANSWERS = sa.Table(
    "answers", METADATA,
    sa.Column("report", sa.ForeignKey("reports.id"), primary_key=True),
    sa.Column("check_id", AnyText, primary_key=True),
    sa.Column("question", AnyText, nullable=False),
    sa.Column("question_id", AnyText, nullable=False),
    sa.Column("text", AnyText, nullable=False),
    sa.Column("text_sha256", AnyText, nullable=False),
    sa.Column("verdict", AnyText, nullable=False),
    sa.Column("reason", AnyText, nullable=False),
    sa.Column("words", sa.JSON, nullable=False),
    sa.Column("cell", sa.Integer, nullable=False),
)  # fmt: skip

MARKS = sa.Table(  # append-only: the constraint on versions keeps two people from overwriting each other
    "marks", METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("lab", AnyText, nullable=False),
    sa.Column("student", AnyText, nullable=False),
    sa.Column("check_id", AnyText, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", AnyText, nullable=False),
    sa.Column("points", sa.Float),
    sa.Column("out_of", sa.Float, nullable=False),
    sa.Column("comment", AnyText, nullable=False),
    sa.Column("reason", AnyText, nullable=False),
    sa.Column("who", AnyText, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("restores", sa.Integer),
    sa.Column("report", sa.Integer, nullable=False),
    sa.Column("text_sha256", AnyText, nullable=False),
    sa.Column("submission_sha256", AnyText, nullable=False),
    sa.Column("status", AnyText, nullable=False),
    sa.Column("had_points", sa.Float, nullable=False),
    sa.Column("max_points", sa.Float, nullable=False),
    sa.UniqueConstraint("lab", "student", "check_id", "version"),
    sa.Index(None, "lab", "check_id"),
)  # fmt: skip

PUBLICATIONS = sa.Table(
    "publications",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("who", AnyText, nullable=False),
)

PUBLISHED = sa.Table(  # the entries of each publication; a check's is the one with the highest publication
    "published",
    METADATA,
    sa.Column("publication", sa.ForeignKey("publications.id"), primary_key=True),
    sa.Column("mark", sa.ForeignKey("marks.id"), primary_key=True),
    sa.Index(None, "mark"),
)

COMMENTS = sa.Table(  # ``check_id`` is "" for a comment that suits every question of the lab
    "comments",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("lab", AnyText, nullable=False),
    sa.Column("check_id", AnyText, nullable=False),
    sa.Column("text", AnyText, nullable=False),
    sa.Column("who", AnyText, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("removed", UtcTime),
    sa.Index(None, "lab", "check_id"),
)
