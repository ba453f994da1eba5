"""What was shown to whom: the memory behind the quiet rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, insert, select

from cds_service.store.database import reading, writing
from cds_service.store.tables import CARDS_SHOWN

__all__ = ["CardsShown", "Remembered", "ShownCard", "insert_cards"]

_MEMORY_CARDS = 20
"""How far back the quiet rules look, so that a busy form never makes a call slow. Our own choice."""


@dataclass(frozen=True, slots=True)
class ShownCard:
    """One card of one answer; users, patients, hook instances and bases as pseudonyms."""

    card: str
    shown_at: datetime
    service: str
    advice: str
    hook: str
    kind: str
    indicator: str
    tenant: str
    user: str
    patient: str
    hook_instance: str
    basis: str
    model_hashes: tuple[str, ...]
    suggestions: tuple[str, ...]
    shadow: bool = False
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the quiet rules have to know of a card shown before."""

    kind: str
    hook: str
    hook_instance: str
    basis: str
    shown_at: datetime


# Written out once, here and below: to put a query together takes longer than to run it.
_LATEST = {
    shadow: select(*(CARDS_SHOWN.c[item.name] for item in fields(Remembered)))
    .where(
        CARDS_SHOWN.c.tenant == bindparam("tenant"),
        CARDS_SHOWN.c.user == bindparam("user"),
        CARDS_SHOWN.c.patient == bindparam("patient"),
        CARDS_SHOWN.c.advice == bindparam("advice"),
        CARDS_SHOWN.c.shadow.is_(shadow),
        CARDS_SHOWN.c.snoozed_until.is_(None),
    )
    .order_by(CARDS_SHOWN.c.shown_at.desc(), CARDS_SHOWN.c.id.desc())
    .limit(_MEMORY_CARDS)
    for shadow in (False, True)
}
_INSERT = insert(CARDS_SHOWN)


class CardsShown:
    """The table of cards shown."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, cards: Sequence[ShownCard]) -> None:
        """Write the cards of one answer, all or none."""
        with writing(self._engine).begin() as connection:
            insert_cards(connection, cards)

    def latest(
        self, *, tenant: str, user: str, patient: str, advice: str, shadow: bool = False
    ) -> tuple[Remembered, ...]:
        """Return what this user was shown of this advice on this patient, the oldest first.

        With `shadow`, what they would have been shown: it silences only what runs in shadow.
        """
        whose = {"tenant": tenant, "user": user, "patient": patient, "advice": advice}
        with reading(self._engine).connect() as connection:
            newest_first = [Remembered(*row) for row in connection.execute(_LATEST[shadow], whose)]
        return tuple(reversed(newest_first))

    def all(self) -> tuple[ShownCard, ...]:
        """Return every card, in the order they were recorded."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(CARDS_SHOWN).order_by(CARDS_SHOWN.c.id)).mappings()
            return tuple(_card(dict(row)) for row in rows)

    def known(self, service: str, cards: Iterable[str], *, tenant: str) -> frozenset[str]:
        """Return which of these cards this service has shown to this tenant."""
        query = select(CARDS_SHOWN.c.card).where(
            CARDS_SHOWN.c.tenant == tenant,
            CARDS_SHOWN.c.service == service,
            CARDS_SHOWN.c.card.in_(list(cards)),
            CARDS_SHOWN.c.shadow.is_(False),
            CARDS_SHOWN.c.snoozed_until.is_(None),
        )
        with self._engine.connect() as connection:
            return frozenset(connection.scalars(query))


def insert_cards(connection: Connection, cards: Sequence[ShownCard]) -> None:
    """Write cards within a transaction of the caller."""
    if cards:
        connection.execute(_INSERT, [_row(card) for card in cards])


_FIELDS = tuple(item.name for item in fields(ShownCard))


def _row(card: ShownCard) -> dict[str, object]:
    row = {name: getattr(card, name) for name in _FIELDS}
    return {
        **row,
        "model_hashes": list(card.model_hashes),
        "suggestions": list(card.suggestions),
    }


def _card(row: dict[str, object]) -> ShownCard:
    kept = {name: row[name] for name in _FIELDS}
    for name in ("model_hashes", "suggestions"):
        kept[name] = tuple(kept[name])  # type: ignore[arg-type]  # a JSON list of text by the table
    return ShownCard(**kept)  # type: ignore[arg-type]  # the columns are the fields, a test compares them
