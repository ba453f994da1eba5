"""The store as the service sees it: one database, its tables, its pseudonyms, its seals."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from sqlalchemy import Engine

from cds_service.settings import Settings
from cds_service.store.audit import AuditEvent, AuditTrail, insert_event
from cds_service.store.cards_shown import CardsShown, ShownCard, insert_cards
from cds_service.store.comments import CommentBox
from cds_service.store.confirmations import Confirmations, TextDecisionRow, insert_decisions
from cds_service.store.database import open_database, upgrade, writing
from cds_service.store.feedback import FeedbackLog
from cds_service.store.history import History
from cds_service.store.launch_sessions import LaunchSessions
from cds_service.store.models_seen import ModelsSeen
from cds_service.store.pseudonyms import Pseudonyms, kept_key
from cds_service.store.snoozes import Snoozes

__all__ = ["Store", "open_store"]


@dataclass(frozen=True, slots=True)
class Store:
    """What the service remembers."""

    engine: Engine
    cards_shown: CardsShown
    feedback: FeedbackLog
    pseudonyms: Pseudonyms
    snoozes: Snoozes
    audit: AuditTrail
    models_seen: ModelsSeen
    comments: CommentBox
    history: History
    confirmations: Confirmations
    launch_sessions: LaunchSessions
    turn: AbstractContextManager[object] = field(
        default_factory=nullcontext, repr=False, compare=False
    )

    def record_answer(self, cards: Sequence[ShownCard], event: AuditEvent) -> None:
        """Write the cards of one answer and that it was given, both or neither."""
        with self.turn, writing(self.engine).begin() as connection:
            insert_cards(connection, cards)
            insert_event(connection, event)

    def record_decisions(self, rows: Sequence[TextDecisionRow], event: AuditEvent) -> None:
        """Write what was decided of findings read from text, and that it was, both or neither."""
        with self.turn, writing(self.engine).begin() as connection:
            insert_decisions(connection, rows)
            insert_event(connection, event)

    def after_fork(self) -> None:
        """Let go of connections that belong to the parent process, without closing them there."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(settings: Settings) -> Store:
    """Open the store, its schema brought up to date.

    Raises
    ------
    ConfigurationError
        If the database or the state folder cannot be used.
    """
    # Outside the demo the settings insist on a key of the site's own.
    key = settings.pseudonym_key or kept_key(settings.state_folder)
    engine = open_database(settings.database)
    upgrade(engine)
    return Store(
        engine=engine,
        cards_shown=CardsShown(engine),
        feedback=FeedbackLog(engine),
        pseudonyms=Pseudonyms(key),
        snoozes=Snoozes(engine, settings.snooze_days),
        audit=AuditTrail(engine),
        models_seen=ModelsSeen(engine),
        comments=CommentBox(settings.comment_key),
        # Threads of one process wait in turn; left to SQLite they would poll for its one write lock,
        # and wait tens of milliseconds for what takes one.
        turn=threading.Lock() if engine.dialect.name == "sqlite" else nullcontext(),
        history=History(engine),
        confirmations=Confirmations(engine),
        # Sealed with what every replica of the site shares.
        launch_sessions=LaunchSessions(engine, key),
    )
