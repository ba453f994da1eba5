"""What became of the cards of a period: read for figures, of no user and no patient."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, Text, and_, cast, select

from cds_service.store.tables import CARDS_SHOWN, FEEDBACK

__all__ = ["Fate", "History", "PastCard"]

_ROWS_AT_ONCE = 5_000


class Fate(StrEnum):
    """What was done with a card."""

    SHOWN = "shown"
    SNOOZED = "snoozed"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class PastCard:
    """One card; `outcome` is what the last report on it said, empty if there was none.

    `tenant` is the pseudonym of who was answered.
    """

    advice: str
    kind: str
    model_hashes: tuple[str, ...]
    at: datetime
    fate: Fate
    outcome: str = ""
    reason: str = ""
    tenant: str = ""


class History:
    """The cards of a period with the feedback on them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, begin: datetime) -> Sequence[PastCard]:
        """Return every card from a moment on, the oldest first."""
        cards = CARDS_SHOWN.c
        # JSON is compared and kept as text, so that each list of hashes is read once.
        query = (
            select(
                cards.card,
                cards.advice,
                cards.kind,
                cast(cards.model_hashes, Text).label("hashes"),
                cards.shown_at,
                cards.shadow,
                cards.snoozed_until,
                cards.tenant,
            )
            .where(cards.shown_at >= begin)
            .order_by(cards.id)
            .execution_options(yield_per=_ROWS_AT_ONCE)
        )
        hashes: dict[str, tuple[str, ...]] = {}
        found: list[PastCard] = []
        last = self._last_reports(begin)
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                if row.hashes not in hashes:
                    hashes[row.hashes] = tuple(json.loads(row.hashes))
                fate = Fate.SHADOW if row.shadow else Fate.SHOWN
                if row.snoozed_until is not None:
                    fate = Fate.SNOOZED
                outcome, reason = last.get(row.card, ("", ""))
                found.append(
                    PastCard(
                        row.advice,
                        row.kind,
                        hashes[row.hashes],
                        row.shown_at,
                        fate,
                        outcome,
                        reason,
                        row.tenant,
                    )
                )
        return found

    def _last_reports(self, begin: datetime) -> dict[str, tuple[str, str]]:
        query = (
            select(FEEDBACK.c.card, FEEDBACK.c.outcome, FEEDBACK.c.reason_code)
            .join(
                CARDS_SHOWN,
                and_(
                    FEEDBACK.c.card == CARDS_SHOWN.c.card,
                    FEEDBACK.c.service == CARDS_SHOWN.c.service,
                    FEEDBACK.c.tenant == CARDS_SHOWN.c.tenant,
                ),
            )
            .where(
                CARDS_SHOWN.c.shown_at >= begin,
                CARDS_SHOWN.c.shadow.is_(False),
                CARDS_SHOWN.c.snoozed_until.is_(None),
            )
            .order_by(FEEDBACK.c.id)
        )
        with self._engine.connect() as connection:
            return {card: (outcome, code) for card, outcome, code in connection.execute(query)}
