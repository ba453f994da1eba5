"""The tables, as SQLAlchemy sees them; `migrations/` makes them. No column holds patient data."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

__all__ = [
    "AUDIT",
    "CARDS_SHOWN",
    "FEEDBACK",
    "LAUNCH_SESSIONS",
    "METADATA",
    "MODELS_SEEN",
    "REPLAY",
    "TEXT_DECISIONS",
    "UtcDateTime",
]

# Named constraints, so that a later migration can change one on any database.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on the way in and out, in UTC in between (SQLite knows no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class's signature
        """Bring an aware moment to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone is not stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class's signature
        """Give a moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_HASH = String(64)

# One row per card that an answer held or would have held. `tenant`, `user`, `patient`,
# `hook_instance` and `basis` are pseudonyms (keyed hashes); `user` is empty if nobody was named. Neither a card in `shadow` nor one with
# `snoozed_until` was sent.
CARDS_SHOWN = Table(
    "cards_shown",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("card", String(36), nullable=False, unique=True),
    Column("shown_at", UtcDateTime, nullable=False),
    Column("service", String(100), nullable=False),
    Column("advice", String(100), nullable=False),
    Column("hook", String(40), nullable=False),
    Column("kind", String(100), nullable=False),
    Column("indicator", String(10), nullable=False),
    Column("tenant", _HASH, nullable=False),
    Column("user", _HASH, nullable=False),
    Column("patient", _HASH, nullable=False),
    Column("hook_instance", _HASH, nullable=False),
    Column("basis", _HASH, nullable=False),
    Column("model_hashes", JSON, nullable=False),
    Column("suggestions", JSON, nullable=False),
    Column("shadow", Boolean, nullable=False),
    Column("snoozed_until", UtcDateTime, nullable=True),
    Index("ix_cards_shown_shown_at", "shown_at"),
    Index("ix_cards_shown_memory", "patient", "user", "advice", "shown_at"),
)

# Append-only: a row is written once and never changed. `reported` is the hash of what the client
# reported, so that the same report twice is one row. `comment` is empty, or encrypted with the site's
# key.
FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("reported", _HASH, nullable=False, unique=True),
    Column("received_at", UtcDateTime, nullable=False),
    Column("service", String(100), nullable=False),
    Column("card", Text, nullable=False, index=True),
    Column("card_known", Boolean, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("outcome_at", UtcDateTime, nullable=True),
    Column("accepted_suggestions", JSON, nullable=False),
    Column("reason_system", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("tenant", _HASH, nullable=False, server_default=""),
    Column("comment", Text, nullable=False, server_default=""),
    Index("ix_feedback_received_at", "received_at"),
)

# Uses of tokens, each until its token expires: of two uses of one token the second finds the first.
# `jti` and `scope` are hashes, so that a long one is no longer than an index allows.
REPLAY = Table(
    "replay",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("tenant", Text, primary_key=True),
    Column("jti", _HASH, primary_key=True),
    Column("scope", _HASH, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# What was done, for whom (a pseudonym) and how it ended. `details` holds counts and ids of ours.
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("event", String(40), nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("tenant", _HASH, nullable=False),
    Column("request", String(36), nullable=False),
    Column("details", JSON, nullable=False),
)

# Which model a content hash stands for, also when the model has long been replaced.
MODELS_SEEN = Table(
    "models_seen",
    METADATA,
    Column("content_hash", _HASH, primary_key=True),
    Column("model_id", String(100), nullable=False),
    Column("version", String(40), nullable=False),
    Column("status", String(40), nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
)

# Append-only: what a clinician decided of a finding read from text; the last row on a finding counts.
# `tenant`, `user`, `patient` and `finding` are keyed hashes; `concept` is the name of a quantity.
TEXT_DECISIONS = Table(
    "text_decisions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("tenant", _HASH, nullable=False),
    Column("user", _HASH, nullable=False),
    Column("patient", _HASH, nullable=False),
    Column("finding", _HASH, nullable=False),
    Column("concept", String(100), nullable=False),
    Column("decision", String(20), nullable=False),
    Index("ix_text_decisions_of_patient", "patient", "tenant"),
)

# Launches of the app under way and its sessions, until they expire. `id` is the hash of what only the
# browser holds; `payload` is sealed.
LAUNCH_SESSIONS = Table(
    "launch_sessions",
    METADATA,
    Column("id", _HASH, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
