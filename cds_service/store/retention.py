"""How long each table keeps its rows, and the removal of what is older."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Column, Engine, delete, func, select

from cds_service.store.database import writing
from cds_service.store.tables import (
    AUDIT,
    CARDS_SHOWN,
    FEEDBACK,
    LAUNCH_SESSIONS,
    REPLAY,
    TEXT_DECISIONS,
)

__all__ = ["purge"]

_AGE: Mapping[str, Column[datetime]] = {
    "cards_shown": CARDS_SHOWN.c.shown_at,
    "feedback": FEEDBACK.c.received_at,
    "audit": AUDIT.c.at,
    "text_decisions": TEXT_DECISIONS.c.at,
}
_EXPIRY: Mapping[str, Column[datetime]] = {
    "replay": REPLAY.c.expires_at,
    "launch_sessions": LAUNCH_SESSIONS.c.expires_at,
}


def purge(
    engine: Engine, days: Mapping[str, int], *, now: datetime, dry_run: bool = False
) -> dict[str, int]:
    """Remove, all or none, what is older than its table keeps it; return how many rows of each.

    `days` 0 keeps a table's rows for ever. Uses of tokens and the app's sessions go when they have
    expired. With `dry_run` the rows are counted and stay.
    """
    oldest = {name: now - timedelta(days=kept) for name, kept in days.items() if kept}
    conditions = {name: _AGE[name] < moment for name, moment in oldest.items()}
    conditions |= {name: column <= now for name, column in _EXPIRY.items()}
    counts: dict[str, int] = {}
    with writing(engine).begin() as connection:
        for name, condition in conditions.items():
            table = {**_AGE, **_EXPIRY}[name].table
            count = select(func.count()).select_from(table).where(condition)
            counts[name] = connection.execute(count).scalar_one()
            if not dry_run:
                connection.execute(delete(table).where(condition))
    return counts
