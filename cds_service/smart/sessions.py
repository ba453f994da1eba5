"""Step 5: the session of one clinician with one patient, kept sealed until the token expires.

The browser holds its name in a cookie and nothing else; a new launch gets a new name.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import StoreUnavailableError
from cds_service.smart.launch import PendingLaunch
from cds_service.store.launch_sessions import LaunchSessions

__all__ = ["LAUNCH_MINUTES", "Session", "Sessions"]

LAUNCH_MINUTES = 10
"""How long a launch may be under way, signing in included. Our own choice."""

_LAUNCH, _SESSION = "launch", "session"
_LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class Session:
    """Who looks at whose record, with which token; `form_token` proves a form to be of this session."""

    base: str
    patient_id: str
    user_id: str
    access_token: str = field(repr=False)
    form_token: str = field(default_factory=secrets.token_urlsafe, repr=False)

    def to_text(self) -> str:
        """Return it as text, to be sealed."""
        return json.dumps(asdict(self))


class Sessions:
    """Launches under way and sessions, as the store keeps them."""

    def __init__(self, kept: LaunchSessions, clock: Callable[[], datetime]) -> None:
        self._kept = kept
        self._clock = clock

    def keep_launch(self, pending: PendingLaunch) -> str:
        """Keep a launch for some minutes and return its state."""
        return self._put(_LAUNCH, pending.to_text(), timedelta(minutes=LAUNCH_MINUTES))

    def take_launch(self, state: str) -> PendingLaunch | None:
        """Return the launch of a state, the first time only."""
        text = self._read(self._kept.take, _LAUNCH, state)
        return PendingLaunch.from_text(text) if text else None

    def open(self, session: Session, seconds: int) -> str:
        """Keep a session and return its name."""
        return self._put(_SESSION, session.to_text(), timedelta(seconds=seconds))

    def find(self, name: str) -> Session | None:
        """Return the session of a name, None if it has expired."""
        text = self._read(self._kept.get, _SESSION, name)
        members: dict[str, Any] = json.loads(text) if text else {}
        return Session(**members) if members else None

    def close(self, name: str) -> None:
        """Forget a session."""
        try:
            self._kept.drop(_SESSION, name)
        except SQLAlchemyError:
            raise _unavailable() from None

    def _put(self, kind: str, text: str, life: timedelta) -> str:
        now = self._clock()
        try:
            return self._kept.put(kind, text, now=now, expires_at=now + life)
        except SQLAlchemyError:
            raise _unavailable() from None

    def _read(self, read: Callable[..., str | None], kind: str, name: str) -> str | None:
        if not 0 < len(name) <= _LONGEST_NAME:
            return None
        try:
            return read(kind, name, now=self._clock())
        except InvalidToken:
            # Sealed with another key of the site: nobody's session any more.
            return None
        except SQLAlchemyError:
            raise _unavailable() from None


def _unavailable() -> StoreUnavailableError:
    return StoreUnavailableError("The session cannot be kept or read now. Try again later.")
