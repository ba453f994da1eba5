"""The app's launches under way and its sessions, for all processes and replicas, until they expire.

Only the browser holds the id of a session; the table holds its hash. What a session holds (tokens,
who is signed in) is sealed with a key made of the site's key and that id: whoever reads the database
reads nothing, not even with the site's key.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ColumnElement, Engine, and_, delete, insert, select

from cds_service.store.database import writing
from cds_service.store.tables import LAUNCH_SESSIONS

__all__ = ["LaunchSessions"]

_ID_BYTES = 32


class LaunchSessions:
    """The table of sessions; `kind` keeps a launch under way from passing for a session."""

    def __init__(self, engine: Engine, key: str) -> None:
        self._engine = engine
        self._key = key.encode()

    def put(self, kind: str, payload: str, *, now: datetime, expires_at: datetime) -> str:
        """Keep something and return the id under which it is found again.

        What has expired goes at the same time, so that the table stays as small as its use.
        """
        name = secrets.token_urlsafe(_ID_BYTES)
        row = {
            "id": _hash(name),
            "kind": kind,
            "payload": self._cipher(name).encrypt(payload.encode()).decode("ascii"),
            "created_at": now,
            "expires_at": expires_at,
        }
        with writing(self._engine).begin() as connection:
            connection.execute(delete(LAUNCH_SESSIONS).where(LAUNCH_SESSIONS.c.expires_at <= now))
            connection.execute(insert(LAUNCH_SESSIONS).values(row))
        return name

    def get(self, kind: str, name: str, *, now: datetime) -> str | None:
        """Return what is kept under an id, or None if there is nothing or it has expired."""
        query = select(LAUNCH_SESSIONS.c.payload, LAUNCH_SESSIONS.c.expires_at)
        with self._engine.connect() as connection:
            row = connection.execute(query.where(_is(kind, name))).first()
        return None if row is None else self._opened(name, *row, now=now)

    def take(self, kind: str, name: str, *, now: datetime) -> str | None:
        """Return what is kept under an id and remove it: of two who take it at once, one gets it."""
        statement = (
            delete(LAUNCH_SESSIONS)
            .where(_is(kind, name))
            .returning(LAUNCH_SESSIONS.c.payload, LAUNCH_SESSIONS.c.expires_at)
        )
        with writing(self._engine).begin() as connection:
            row = connection.execute(statement).first()
        return None if row is None else self._opened(name, *row, now=now)

    def drop(self, kind: str, name: str) -> None:
        """Forget what is kept under an id."""
        with writing(self._engine).begin() as connection:
            connection.execute(delete(LAUNCH_SESSIONS).where(_is(kind, name)))

    def _opened(
        self, name: str, payload: str, expires_at: datetime, *, now: datetime
    ) -> str | None:
        if expires_at <= now:
            return None
        try:
            return self._cipher(name).decrypt(payload).decode()
        except InvalidToken:
            # The site has another key by now: whoever had signed in does so again.
            return None

    def _cipher(self, name: str) -> Fernet:
        derived = HKDF(SHA256(), 32, salt=None, info=b"launch session " + _utf8(name))
        return Fernet(base64.urlsafe_b64encode(derived.derive(self._key)))


def _is(kind: str, name: str) -> ColumnElement[bool]:
    return and_(LAUNCH_SESSIONS.c.id == _hash(name), LAUNCH_SESSIONS.c.kind == kind)


def _hash(name: str) -> str:
    return hashlib.sha256(_utf8(name)).hexdigest()


def _utf8(name: str) -> bytes:
    """Return the bytes of an id; a cookie may hold anything."""
    return name.encode("utf-8", "surrogatepass")
