"""Runs, reports with their checks and answers, and people's marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    _make_reports()
    _make_what_reports_hold()
    _make_marks()


def _make_reports() -> None:
    texts = ("lab", "student", "name", "notebook", "sha256", "rubric_sha256", "version")
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("seed", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("training", "sandbox", "status")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("score", "max_score", "pending_manual")),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("lab", "student", "digest", name="uq_reports_lab_student_digest"),
    )
    op.create_table(
        "results",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("lab", sa.Text, nullable=False),
        sa.Column("student", sa.Text, nullable=False),
        sa.Column("report", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_results"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_results_run"),
        sa.ForeignKeyConstraint(["report"], ["reports.id"], name="fk_results_report"),
    )
    op.create_index("ix_results_lab_student_id", "results", ["lab", "student", "id"])
    op.create_index("ix_results_run", "results", ["run"])
    op.create_index("ix_results_report", "results", ["report"])


def _make_what_reports_hold() -> None:
    op.create_table(
        "checks",
        sa.Column("report", sa.Integer, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("task", "title", "status")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("points", "max_points")),
        sa.Column("message", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("report", "id", name="pk_checks"),
        sa.ForeignKeyConstraint(["report"], ["reports.id"], name="fk_checks_report"),
    )
    texts = ("question", "question_id", "text", "text_sha256", "verdict", "reason")
    op.create_table(
        "answers",
        sa.Column("report", sa.Integer, nullable=False),
        sa.Column("check_id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("cell", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("report", "check_id", name="pk_answers"),
        sa.ForeignKeyConstraint(["report"], ["reports.id"], name="fk_answers_report"),
    )


def _make_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("lab", "student", "check_id")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("points", sa.Float),
        sa.Column("out_of", sa.Float, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("comment", "reason", "who")),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("restores", sa.Integer),
        sa.Column("report", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("text_sha256", "submission_sha256", "status")
        ),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("had_points", "max_points")),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
        sa.UniqueConstraint(
            "lab", "student", "check_id", "version", name="uq_marks_lab_student_check_id_version"
        ),
    )
    op.create_index("ix_marks_lab_check_id", "marks", ["lab", "check_id"])
