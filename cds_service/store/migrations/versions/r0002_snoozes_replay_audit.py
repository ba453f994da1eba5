"""Remember snoozed cards, uses of tokens, what was done, and which model a hash stands for.

Feedback gets its tenant. Reports of before have none and therefore snooze nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cds_service.store.tables import UtcDateTime

revision = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("cards_shown", sa.Column("snoozed_until", UtcDateTime, nullable=True))
    op.create_index("ix_cards_shown_shown_at", "cards_shown", ["shown_at"])
    op.add_column("feedback", sa.Column("tenant", sa.String(64), nullable=False, server_default=""))
    op.add_column("feedback", sa.Column("comment", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_feedback_received_at", "feedback", ["received_at"])
    op.create_table(
        "replay",
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("jti", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "tenant", "jti", "scope", name="pk_replay"),
    )
    op.create_index("ix_replay_expires_at", "replay", ["expires_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(60), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("request", sa.String(36), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "models_seen",
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("model_id", sa.String(100), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("first_seen_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("content_hash", name="pk_models_seen"),
    )
