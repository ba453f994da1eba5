"""Finds the public key of a client: fixed in the configuration, or from its fetched key set."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cds_service.outgoing import Outgoing, OutgoingError, TimeBudget
from cds_service.security.key_set import KeySetError, PublicKey, parse_key_set
from cds_service.security.trust import Issuer

__all__ = ["KeyCache", "KeyCacheLimits", "KeysUnavailableError"]

_log = logging.getLogger(__name__)

_ACCEPT = "application/jwk-set+json, application/json"
# RFC 7517 section 8.5 registers the first; most servers send the second.
_CONTENT_TYPES = ("application/jwk-set+json", "application/json")
_MAX_BYTES = 256_000


class KeysUnavailableError(Exception):
    """The key set of an issuer could not be fetched and none is kept."""


@dataclass(frozen=True, slots=True)
class KeyCacheLimits:
    """How long fetched keys serve; all are ours.

    After `fresh_seconds` a new fetch is tried; if it fails, the old keys serve until `keep_seconds`, so
    that a short outage of the client's server refuses nobody. At most one fetch per `pause_seconds` and
    key set, whatever kid a caller names; per `pause_after_failure_seconds` after one that failed.
    """

    fresh_seconds: float = 600.0
    keep_seconds: float = 3600.0
    pause_seconds: float = 60.0
    pause_after_failure_seconds: float = 5.0
    fetch_seconds: float = 5.0


class KeyCache:
    """Keys by issuer and kid; safe to share between threads."""

    def __init__(
        self,
        outgoing: Outgoing,
        *,
        limits: KeyCacheLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outgoing = outgoing
        self._limits = limits or KeyCacheLimits()
        self._clock = clock
        self._lock = threading.Lock()
        self._fetched: dict[str, _FetchedKeys] = {}

    def find_key(self, issuer: Issuer, kid: str) -> PublicKey | None:
        """Return the key, None if the issuer has no key of that kid.

        Raises
        ------
        KeysUnavailableError
            If the issuer's key set could not be had.
        """
        if not issuer.jku:
            return issuer.keys.get(kid)
        with self._lock:
            keys = self._fetched.setdefault(issuer.jku, _FetchedKeys(self, issuer.jku))
        return keys.find(kid)

    def fetch(self, jku: str) -> Mapping[str, PublicKey]:
        """Return a key set as it is published now; raises `OutgoingError` or `KeySetError`."""
        answer = self._outgoing.get(
            jku,
            accept=_ACCEPT,
            content_types=_CONTENT_TYPES,
            budget=TimeBudget(self._limits.fetch_seconds, self._clock),
            max_bytes=_MAX_BYTES,
        )
        return parse_key_set(answer.body)

    @property
    def limits(self) -> KeyCacheLimits:
        """The limits of this cache."""
        return self._limits

    def now(self) -> float:
        """Return the time of this cache's clock."""
        return self._clock()


class _FetchedKeys:
    """The keys of one jku, with the times at which they were fetched and last asked for."""

    def __init__(self, cache: KeyCache, jku: str) -> None:
        self._cache = cache
        self._jku = jku
        self._lock = threading.Lock()
        self._keys: Mapping[str, PublicKey] = {}
        self._fetched_at = float("-inf")
        self._next_try_at = float("-inf")

    def find(self, kid: str) -> PublicKey | None:
        limits, now = self._cache.limits, self._cache.now()
        # A known, fresh key is found without the lock: nobody waits while another kid is looked for.
        key = self._keys.get(kid)
        if key is not None and now - self._fetched_at < limits.fresh_seconds:
            return key
        with self._lock:
            self._refresh(kid)
            if self._cache.now() - self._fetched_at >= limits.keep_seconds:
                raise KeysUnavailableError
            return self._keys.get(kid)

    def _refresh(self, kid: str) -> None:
        limits, now = self._cache.limits, self._cache.now()
        is_fresh = now - self._fetched_at < limits.fresh_seconds
        if (is_fresh and kid in self._keys) or now < self._next_try_at:
            return
        self._next_try_at = now + limits.pause_after_failure_seconds
        try:
            self._keys = self._cache.fetch(self._jku)
        except OutgoingError as failure:
            _log.warning("key set not fetched: %s", failure)
        except KeySetError as refused:
            _log.warning("key set refused: %s", refused)
        else:
            self._fetched_at = now
            self._next_try_at = now + limits.pause_seconds
