"""A limit of calls per issuer, in the memory of one process: a brake for a client that runs wild.

It is off by default and no defence against a flood, which belongs to the proxy. Each worker counts for
itself, so that all together let through up to `workers` times as many.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flask import Blueprint, request

from cds_service.errors import TooManyCallsError

__all__ = ["TokenBuckets", "limit_blueprint"]


class TokenBuckets:
    """One bucket per name: full at first, refilled evenly, one token per call."""

    def __init__(self, per_minute: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> bool:
        """Take a token; False if there is none. Names come from the trust file, so they are few."""
        with self._lock:
            now = self._monotonic()
            left, then = self._buckets.get(name, (self._most, now))
            left = min(self._most, left + (now - then) * self._most / 60)
            taken = left >= 1
            self._buckets[name] = (left - 1 if taken else left, now)
            return taken


def limit_blueprint(blueprint: Blueprint, buckets: TokenBuckets, issuer: Callable[[], str]) -> None:
    """Refuse a call of an issuer whose bucket is empty; after the guard, which says who calls."""

    def brake() -> None:
        if request.method != "OPTIONS" and not buckets.take(issuer()):
            raise TooManyCallsError(
                "This client made more calls than the service allows. Wait and try again.",
                diagnostics="HCC_CDS_CALLS_PER_MINUTE limits the calls of one issuer",
            )

    blueprint.before_request(brake)
