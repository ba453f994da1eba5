"""What was done, by which tenant, when, and how it ended: never on whom.

A stranger can make the service write as often as it likes, and so can a client that calls more often
than it may. Their refusals are written at most so many times a minute, each tenant's and the strangers'
counted apart, and the next one written says how many were not.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from cds_service.store.database import writing
from cds_service.store.tables import AUDIT

__all__ = ["AuditEvent", "AuditTrail", "insert_event"]

_LOG = logging.getLogger(__name__)
_REFUSALS_PER_MINUTE = 60
"""Refusals of one tenant, or of strangers, that one process writes down in a minute. Our own choice."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that was done; `tenant` is a pseudonym, `details` holds counts and ids of ours."""

    at: datetime
    event: str
    outcome: str
    tenant: str = ""
    request: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Minute:
    """The refusals of one minute, and how many went unwritten since the last that was written."""

    begun: datetime | None = None
    refusals: int = 0
    unwritten: int = 0


_FIELDS = tuple(item.name for item in fields(AuditEvent))
# Written out once: to put a statement together takes longer than to run it.
_INSERT = insert(AUDIT)


class AuditTrail:
    """The table of events; a trail that cannot be written never costs an answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        # Tenants come from the trust file, so they are few.
        self._minutes: dict[str, _Minute] = defaultdict(_Minute)

    def record(self, event: AuditEvent) -> None:
        """Write one event, or say in the log that it could not be written."""
        try:
            with writing(self._engine).begin() as connection:
                insert_event(connection, event)
        except SQLAlchemyError as error:
            _LOG.error("event not recorded: %s %s", event.event, type(error).__name__)

    def record_stranger(self, event: AuditEvent) -> None:
        """Write the refusal of a caller nobody knows, unless there were too many this minute."""
        self.record_refusal(replace(event, tenant=""))

    def record_refusal(self, event: AuditEvent) -> None:
        """Write the refusal of a tenant's call, unless it had too many this minute."""
        with self._lock:
            minute = self._minutes[event.tenant]
            if minute.begun is None or event.at >= minute.begun + timedelta(minutes=1):
                minute.begun, minute.refusals = event.at, 0
            minute.refusals += 1
            if minute.refusals > _REFUSALS_PER_MINUTE:
                minute.unwritten += 1
                return
            unwritten, minute.unwritten = minute.unwritten, 0
        details = {**event.details, "notWrittenBefore": unwritten} if unwritten else event.details
        self.record(replace(event, details=details))

    def all(self) -> tuple[AuditEvent, ...]:
        """Return every event, in the order they were recorded."""
        query = select(*(AUDIT.c[name] for name in _FIELDS)).order_by(AUDIT.c.id)
        with self._engine.connect() as connection:
            return tuple(AuditEvent(*row) for row in connection.execute(query))


def insert_event(connection: Connection, event: AuditEvent) -> None:
    """Write an event within a transaction of the caller."""
    row = {name: getattr(event, name) for name in _FIELDS}
    connection.execute(_INSERT, [{**row, "details": dict(event.details)}])
