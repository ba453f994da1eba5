"""Feedback: written once, never changed; the same report twice is one row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from cds_service.store.database import writing
from cds_service.store.tables import FEEDBACK

__all__ = ["Feedback", "FeedbackLog", "Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a client reports of one card; `comment` is empty or encrypted, `tenant` a pseudonym."""

    service: str
    card: str
    outcome: str
    outcome_at: datetime | None = None
    accepted_suggestions: tuple[str, ...] = ()
    reason_system: str = ""
    reason_code: str = ""
    tenant: str = ""
    comment: str = ""

    def fingerprint(self) -> str:
        """Return the hash by which the same report is recognised.

        The comment is not in it: encrypted twice, one text gives two results.
        """
        at = self.outcome_at.astimezone(UTC).isoformat() if self.outcome_at else ""
        accepted = sorted(self.accepted_suggestions)
        parts = [self.tenant, self.service, self.card, self.outcome, at, accepted]
        text = json.dumps([*parts, self.reason_system, self.reason_code])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Feedback:
    """A report as it is kept: when it came, and whether its card was one of ours."""

    report: Report
    received_at: datetime
    card_known: bool


class FeedbackLog:
    """The table of feedback."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(
        self, reports: Sequence[Report], *, known: frozenset[str], received_at: datetime
    ) -> int:
        """Write the reports that are new, all or none; return how many were."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        written = 0
        with writing(self._engine).begin() as connection:
            for report in reports:
                statement = (
                    dialect.insert(FEEDBACK)
                    .values(
                        reported=report.fingerprint(),
                        received_at=received_at,
                        service=report.service,
                        card=report.card,
                        card_known=report.card in known,
                        outcome=report.outcome,
                        outcome_at=report.outcome_at,
                        accepted_suggestions=list(report.accepted_suggestions),
                        reason_system=report.reason_system,
                        reason_code=report.reason_code,
                        tenant=report.tenant,
                        comment=report.comment,
                    )
                    .on_conflict_do_nothing(index_elements=["reported"])
                    # Not rowcount: PostgreSQL's driver does not always know it.
                    .returning(FEEDBACK.c.id)
                )
                written += connection.execute(statement).first() is not None
        return written

    def all(self) -> tuple[Feedback, ...]:
        """Return everything that was reported, in the order it came."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(FEEDBACK).order_by(FEEDBACK.c.id)).mappings().all()
        return tuple(
            Feedback(
                Report(
                    service=row["service"],
                    card=row["card"],
                    outcome=row["outcome"],
                    outcome_at=row["outcome_at"],
                    accepted_suggestions=tuple(row["accepted_suggestions"]),
                    reason_system=row["reason_system"],
                    reason_code=row["reason_code"],
                    tenant=row["tenant"],
                    comment=row["comment"],
                ),
                row["received_at"],
                row["card_known"],
            )
            for row in rows
        )
