"""What the service counts, for Prometheus; no label ever holds anything of a request but its route's names.

Every worker process counts for itself. With several of them `Metrics.across_workers` lets each write
into one folder, and `/metrics` sums what stands there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["CONTENT_TYPE", "PHASES", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PHASES = ("read", "fetch", "map", "advise", "store")

# In seconds, our own choice: around the 50 ms that a call may take and the 500 ms of the specification.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The counters of one application."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._phases = Histogram(
            "hcc_cds_phase_seconds",
            "Time of one phase of a call",
            ["phase"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._timers = {phase: self._phases.labels(phase) for phase in PHASES}
        self._calls = self._counter("calls", "Answers by route and status", "route", "status")
        self._cards = self._counter(
            "cards", "Cards by kind and what became of them", "kind", "fate"
        )
        self._prefetch = self._counter("prefetch_keys", "Prefetch keys by state", "key", "state")
        self._fetches = self._counter("fallback_fetches", "Keys fetched by FHIR", "key", "state")
        self._refusals = self._counter("refusals", "Calls answered with an error, by code", "code")
        self._dropped = self._counter(
            "dropped", "Parts of answers that our own check did not let out", "part", "rule"
        )

    @classmethod
    def across_workers(cls, folder: Path) -> Metrics:
        """Return metrics that all workers of one server share; call it once, before the fork."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left_over in folder.glob("*.db"):
            left_over.unlink()
        # The library takes its folder from there and from nowhere else.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # noqa: TID251 - written, not read
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # so typed by the library
        return cls(folder)

    def exposition(self) -> bytes:
        """Return everything counted, in the text format of Prometheus."""
        if self._folder is None:
            return generate_latest(self._registry)
        summed = CollectorRegistry()
        MultiProcessCollector(summed, path=str(self._folder))  # type: ignore[no-untyped-call]  # so typed by the library
        return generate_latest(summed)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time one phase of a call, also one that fails."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._timers[name].observe(time.perf_counter() - begun)

    def count_answer(self, route: str, status: int) -> None:
        """Count an answer by its route, as the code spells it, and its status."""
        self._calls.labels(route, str(status)).inc()

    def count_card(self, kind: str, fate: str) -> None:
        """Count a card that was shown, kept in shadow or snoozed."""
        self._cards.labels(kind, fate).inc()

    def count_prefetch(self, key: str, state: str) -> None:
        """Count the state in which a prefetch key came."""
        self._prefetch.labels(key, state).inc()

    def count_fetch(self, key: str, state: str) -> None:
        """Count a key that was fetched from a FHIR server, by the state it is in then."""
        self._fetches.labels(key, state).inc()

    def count_refusal(self, code: str) -> None:
        """Count an error by its stable code."""
        self._refusals.labels(code).inc()

    def count_dropped(self, part: str, rule: str) -> None:
        """Count a card, suggestion, link or action that was not let out."""
        self._dropped.labels(part, rule).inc()

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"hcc_cds_{name}", meaning, labels, registry=self._registry)
