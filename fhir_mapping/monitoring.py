"""Imaging and AFP that are ordered or were done lately, and the last day of imaging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from fhir_mapping.findings import Evidence, Finding, Origin
from fhir_mapping.intake import Intake
from fhir_mapping.observed import Observed
from fhir_mapping.orders import OrderKind
from fhir_mapping.resources import status_code

__all__ = ["RecentOrder", "last_imaging", "recent_orders"]

_OPEN_ORDER = frozenset({"draft", "active", "on-hold"})


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """Imaging or AFP that is ordered, or was done recently; `done` is its day, None if ordered."""

    kind: OrderKind
    evidence: Evidence
    done: date | None = None


def recent_orders(intake: Intake, observed: Iterable[Observed]) -> Iterator[RecentOrder]:
    """Yield imaging and AFP that is ordered, or was done within the recent days."""
    since = intake.on - timedelta(days=intake.settings.recent_days)
    for entry in intake.of("ServiceRequest"):
        kind = _monitoring_kind(entry.concepts)
        if kind is not None and status_code(entry.resource.get("status")) in _OPEN_ORDER:
            yield RecentOrder(kind, entry.evidence("ordered"))
    for entry in intake.of("DiagnosticReport"):
        kind = _monitoring_kind(entry.concepts)
        if kind is not None and entry.days.latest is not None and entry.days.latest >= since:
            yield RecentOrder(kind, entry.evidence("done"), entry.days.latest)
    for item in observed:
        if "afp" in item.concepts and item.days.latest is not None and item.days.latest >= since:
            yield RecentOrder(OrderKind.AFP, item.evidence(), item.days.latest)


def last_imaging(intake: Intake, findings: Iterable[Finding]) -> date | None:
    """Return the last day on which imaging is known to have been done, however long ago."""
    spans = [(item.earliest, item.latest) for item in findings if item.origin is Origin.IMAGING]
    spans += [
        (entry.days.earliest, entry.days.latest)
        for entry in intake.of("DiagnosticReport")
        if _monitoring_kind(entry.concepts) is OrderKind.IMAGING
    ]
    # A partial date that reaches into the future may mean today.
    days = [min(last, intake.on) for first, last in spans if first and last and first <= intake.on]
    return max(days, default=None)


def _monitoring_kind(concepts: frozenset[str]) -> OrderKind | None:
    if "imaging" in concepts:
        return OrderKind.IMAGING
    return OrderKind.AFP if concepts & {"afp", "afp-panel"} else None
