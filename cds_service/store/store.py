"""The store as the service sees it: one database, its tables, its pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from cds_service.settings import Settings
from cds_service.store.cards_shown import CardsShown
from cds_service.store.database import open_database, upgrade
from cds_service.store.feedback import FeedbackLog
from cds_service.store.pseudonyms import Pseudonyms, kept_key

__all__ = ["Store", "open_store"]


@dataclass(frozen=True, slots=True)
class Store:
    """What the service remembers."""

    engine: Engine
    cards_shown: CardsShown
    feedback: FeedbackLog
    pseudonyms: Pseudonyms

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
    return Store(engine, CardsShown(engine), FeedbackLog(engine), Pseudonyms(key))
