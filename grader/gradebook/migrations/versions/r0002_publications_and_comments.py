"""Which marks are on the students' pages, and comments that people use again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add three tables."""
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
    )
    op.create_table(
        "published",
        sa.Column("publication", sa.Integer, nullable=False),
        sa.Column("mark", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("publication", "mark", name="pk_published"),
        sa.ForeignKeyConstraint(["publication"], ["publications.id"], name="fk_published_publication"),
        sa.ForeignKeyConstraint(["mark"], ["marks.id"], name="fk_published_mark"),
    )
    op.create_index("ix_published_mark", "published", ["mark"])
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("lab", "check_id", "text", "who")),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("removed", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_lab_check_id", "comments", ["lab", "check_id"])
