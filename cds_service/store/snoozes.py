"""Cards that a clinician overrode: what stays away, and until when.

The last report on a card counts. Nothing is written here: the answer follows from the cards shown
and the feedback on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, bindparam, select

from cds_service.store.database import reading
from cds_service.store.tables import CARDS_SHOWN, FEEDBACK

__all__ = ["ActiveSnooze", "SnoozeKey", "Snoozes"]

_OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class SnoozeKey:
    """What a card is, to the one who overrode it: its kind, and the pseudonym of its basis."""

    kind: str
    basis: str


@dataclass(frozen=True, slots=True)
class ActiveSnooze:
    """A card that stays away from one clinician and patient, and until when."""

    advice: str
    kind: str
    model_hashes: tuple[str, ...]
    until: datetime
    tenant: str = ""


class Snoozes:
    """What the feedback says of cards to come; `days` 0 switches it off."""

    def __init__(self, engine: Engine, days: int) -> None:
        self._engine = engine
        self._length = timedelta(days=days)

    def of(
        self, *, tenant: str, user: str, patient: str, advice: str, now: datetime
    ) -> Mapping[SnoozeKey, datetime]:
        """Return until when which cards of this advice on this patient stay away from this user."""
        if not self._length:
            return {}
        whose = {"tenant": tenant, "user": user, "patient": patient, "advice": advice}
        since = now - self._length
        last: dict[SnoozeKey, tuple[str, datetime]] = {}
        with reading(self._engine).connect() as connection:
            rows = connection.execute(_OF_ONE_USER, {**whose, "since": since})
            for kind, basis, outcome, received_at in rows:
                last[SnoozeKey(kind, basis)] = (outcome, received_at)
        return {
            key: received_at + self._length
            for key, (outcome, received_at) in last.items()
            if outcome == _OVERRIDDEN
        }

    def of_cards(
        self, cards: Iterable[str], *, tenant: str, now: datetime
    ) -> Mapping[str, datetime]:
        """Return until when which of these cards stay away."""
        if not self._length:
            return {}
        named = and_(
            CARDS_SHOWN.c.tenant == tenant,
            CARDS_SHOWN.c.card.in_(list(cards)),
            FEEDBACK.c.received_at > now - self._length,
        )
        last: dict[str, tuple[str, datetime]] = {}
        with self._engine.connect() as connection:
            for card, outcome, received_at in connection.execute(
                _reports(CARDS_SHOWN.c.card, where=named)
            ):
                last[card] = (outcome, received_at)
        return {
            card: received_at + self._length
            for card, (outcome, received_at) in last.items()
            if outcome == _OVERRIDDEN
        }

    def active(self, now: datetime) -> tuple[ActiveSnooze, ...]:
        """Return every card that stays away from somebody, without saying from whom."""
        if not self._length:
            return ()
        cards = CARDS_SHOWN.c
        key = (cards.tenant, cards.user, cards.patient, cards.advice, cards.kind, cards.basis)
        query = _reports(
            *key, cards.model_hashes, where=FEEDBACK.c.received_at > now - self._length
        )
        last: dict[tuple[str, ...], tuple[Sequence[str], str, datetime]] = {}
        with self._engine.connect() as connection:
            for *identity, hashes, outcome, received_at in connection.execute(query):
                last[tuple(identity)] = (hashes, outcome, received_at)
        return tuple(
            ActiveSnooze(
                identity[3], identity[4], tuple(hashes), received_at + self._length, identity[0]
            )
            for identity, (hashes, outcome, received_at) in last.items()
            if outcome == _OVERRIDDEN
        )


def _reports(*columns: ColumnElement[Any], where: ColumnElement[bool]) -> Select[Any]:
    """Return the query of the reports on cards that were sent to somebody known, oldest first."""
    return (
        select(*columns, FEEDBACK.c.outcome, FEEDBACK.c.received_at)
        .join(
            FEEDBACK,
            and_(
                FEEDBACK.c.card == CARDS_SHOWN.c.card,
                FEEDBACK.c.service == CARDS_SHOWN.c.service,
                FEEDBACK.c.tenant == CARDS_SHOWN.c.tenant,
            ),
        )
        .where(
            where,
            CARDS_SHOWN.c.user != "",
            CARDS_SHOWN.c.shadow.is_(False),
            CARDS_SHOWN.c.snoozed_until.is_(None),
        )
        .order_by(FEEDBACK.c.received_at, FEEDBACK.c.id)
    )


# Written out once: to put a query together takes longer than to run it.
_OF_ONE_USER = _reports(
    CARDS_SHOWN.c.kind,
    CARDS_SHOWN.c.basis,
    where=and_(
        CARDS_SHOWN.c.tenant == bindparam("tenant"),
        CARDS_SHOWN.c.user == bindparam("user"),
        CARDS_SHOWN.c.patient == bindparam("patient"),
        CARDS_SHOWN.c.advice == bindparam("advice"),
        FEEDBACK.c.received_at > bindparam("since"),
    ),
)
