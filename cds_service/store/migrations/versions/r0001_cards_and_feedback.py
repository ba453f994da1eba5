"""Remember the cards that were shown, and the feedback on them.

No revision goes back: it would lose what was acknowledged. A backup is restored instead.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cds_service.store.tables import UtcDateTime

revision = "0001"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "cards_shown",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("card", sa.String(36), nullable=False),
        sa.Column("shown_at", UtcDateTime, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("advice", sa.String(100), nullable=False),
        sa.Column("hook", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("indicator", sa.String(10), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("patient", sa.String(64), nullable=False),
        sa.Column("hook_instance", sa.String(64), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("model_hashes", sa.JSON, nullable=False),
        sa.Column("suggestions", sa.JSON, nullable=False),
        sa.Column("shadow", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cards_shown"),
        sa.UniqueConstraint("card", name="uq_cards_shown_card"),
    )
    op.create_index(
        "ix_cards_shown_memory", "cards_shown", ["patient", "user", "advice", "shown_at"]
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("reported", sa.String(64), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("card", sa.Text, nullable=False),
        sa.Column("card_known", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("outcome_at", UtcDateTime, nullable=True),
        sa.Column("accepted_suggestions", sa.JSON, nullable=False),
        sa.Column("reason_system", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("reported", name="uq_feedback_reported"),
    )
    op.create_index("ix_feedback_card", "feedback", ["card"])
