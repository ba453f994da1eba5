"""Remembers which tokens were used, so that a stolen one is not used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["MemoryReplayStore", "ReplayKey", "ReplayStore"]


@dataclass(frozen=True, slots=True)
class ReplayKey:
    """One use of one token: jti is only unique within a tenant and an issuer.

    `scope` is empty, or a hash of endpoint and body where the issuer's policy accepts the same token
    for several of them.
    """

    tenant: str
    issuer: str
    jti: str
    scope: str = ""


class ReplayStore(Protocol):
    """Where uses are remembered; the SQL store implements it for several processes."""

    def remember(self, key: ReplayKey, expires_at: float) -> bool:
        """Record a use and tell whether it is the first; `expires_at` is in epoch seconds.

        Telling and recording are one step, so that of two simultaneous uses one is refused. A store that
        cannot record raises: it never returns True.
        """


class MemoryReplayStore:
    """Uses of one process only; full (of tokens not yet expired), it accepts no more."""

    def __init__(self, *, max_uses: int = 100_000, now: Callable[[], float] = time.time) -> None:
        self._max_uses = max_uses
        self._now = now
        self._lock = threading.Lock()
        self._uses: dict[ReplayKey, float] = {}

    def remember(self, key: ReplayKey, expires_at: float) -> bool:
        """Record a use and tell whether it is the first."""
        now = self._now()
        with self._lock:
            if self._uses.get(key, now) > now:
                return False
            if len(self._uses) >= self._max_uses:
                self._uses = {use: end for use, end in self._uses.items() if end > now}
                if len(self._uses) >= self._max_uses:
                    return False
            self._uses[key] = expires_at
            return True
