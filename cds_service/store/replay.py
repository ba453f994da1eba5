"""Uses of tokens, remembered for all processes and replicas until the tokens expire."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import StoreUnavailableError
from cds_service.security.replay import ReplayKey
from cds_service.store.database import writing
from cds_service.store.tables import REPLAY

__all__ = ["SqlReplayStore"]

_LOG = logging.getLogger(__name__)
_PURGE_EVERY = timedelta(minutes=10)
"""How often a process removes expired uses. Our own choice; they harm nothing but the disk."""


class SqlReplayStore:
    """The table of uses; of two uses at once the database lets one through."""

    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._now = now
        self._lock = threading.Lock()
        self._purge_at = now() + _PURGE_EVERY

    def remember(self, key: ReplayKey, expires_at: float) -> bool:
        """Record a use and tell whether it is the first.

        Raises
        ------
        StoreUnavailableError
            If it cannot be recorded: the call is refused, never let through unseen.
        """
        now = self._now()
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(REPLAY).values(
            issuer=key.issuer,
            tenant=key.tenant,
            jti=_hash(key.jti),
            scope=key.scope,
            expires_at=datetime.fromtimestamp(expires_at, UTC),
        )
        # One statement: an expired use is overwritten, one that is not keeps its row, and only who
        # wrote gets a row back.
        statement = insert.on_conflict_do_update(
            index_elements=list(REPLAY.primary_key),
            set_={"expires_at": insert.excluded.expires_at},
            where=REPLAY.c.expires_at <= now,
        ).returning(REPLAY.c.jti)
        try:
            with writing(self._engine).begin() as connection:
                is_first = connection.execute(statement).first() is not None
        except SQLAlchemyError as error:
            _LOG.error("use of a token not recorded, call refused: %s", type(error).__name__)
            raise StoreUnavailableError("The call could not be checked. Send it again.") from None
        self._purge_sometimes(now)
        return is_first

    def _purge_sometimes(self, now: datetime) -> None:
        with self._lock:
            if now < self._purge_at:
                return
            self._purge_at = now + _PURGE_EVERY
        try:
            with writing(self._engine).begin() as connection:
                connection.execute(delete(REPLAY).where(REPLAY.c.expires_at <= now))
        except SQLAlchemyError as error:
            _LOG.warning("expired uses of tokens not removed: %s", type(error).__name__)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
