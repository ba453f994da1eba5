"""Remember what clinicians decided of findings read from text, and the app's sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cds_service.store.tables import UtcDateTime

revision = "0003"
down_revision: str | None = "0002"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "text_decisions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("patient", sa.String(64), nullable=False),
        sa.Column("finding", sa.String(64), nullable=False),
        sa.Column("concept", sa.String(100), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_text_decisions"),
    )
    op.create_index("ix_text_decisions_at", "text_decisions", ["at"])
    op.create_index("ix_text_decisions_of_patient", "text_decisions", ["patient", "tenant"])
    op.create_table(
        "launch_sessions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_launch_sessions"),
    )
    op.create_index("ix_launch_sessions_expires_at", "launch_sessions", ["expires_at"])
