"""The index operation: the earliest completed, therapeutic HCC resection (evidence, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from fhir_mapping.findings import Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.resources import (
    as_object,
    display_of,
    first_of,
    objects_in,
    read_days,
    reference_as_type_and_id,
    status_code,
)

__all__ = ["NO_OPERATION", "IndexOperation", "Operations", "find_operations", "is_open_order"]

Phase = Literal["none", "planned", "done", "unclear"]

_RESECTIONS = frozenset({"liver-resection", "staged-hepatectomy", "staged-hepatectomy-first-stage"})
_MAY_BE_RESECTION = "liver-excision-or-destruction"
_NEVER = {
    "donor-hepatectomy": "a donor operation is no HCC resection",
    "liver-biopsy": "a biopsy is no resection",
    "total-hepatectomy": "a total hepatectomy is part of a transplantation",
}
_OTHER_REASONS = frozenset({"other-liver-cancer", "secondary-liver-cancer"})
_PLANNED_STATUSES = frozenset({"preparation", "in-progress", "on-hold"})
_ORDER_STATUSES = frozenset({"draft", "active", "on-hold"})
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IndexOperation:
    """The earliest completed therapeutic HCC resection, or where the patient stands without one.

    `note` says why the phase is unclear; empty otherwise.
    """

    phase: Phase = "none"
    earliest: date | None = None
    latest: date | None = None
    reference: str = ""
    display: str = ""
    date_as_sent: str = ""
    note: str = ""


NO_OPERATION = IndexOperation()


@dataclass(frozen=True, slots=True)
class Operations:
    """The index operation with its resource, and what else was found of resections."""

    index: IndexOperation
    entry: Entry | None = None
    parts: frozenset[str] = frozenset()
    repeats: tuple[Entry, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def find_operations(
    intake: Intake, *, resection_ordered: bool, hcc_events: Iterable[date]
) -> Operations:
    """Find the index operation.

    `hcc_events` are the days of recurrences and HCC treatments: one between two resections close
    to each other makes the second a repeat and not the second stage of the first.
    """
    rejected: list[Rejected] = []
    completed: list[Entry] = []
    planned = [entry for entry in intake.of("ServiceRequest") if is_open_order(entry, intake)]
    for entry in intake.of("Procedure"):
        reason = _never_counts(entry, intake)
        if reason is None:
            continue
        if reason:
            rejected.append(Rejected("resection", entry.evidence(rule="index-operation"), reason))
        elif status_code(entry.resource.get("status")) in _PLANNED_STATUSES:
            planned.append(entry)
        else:
            completed.append(entry)
    if not completed:
        return Operations(_not_done(planned, resection_ordered), rejected=tuple(rejected))
    return _judge(intake, completed, planned, sorted(hcc_events), tuple(rejected))


def _never_counts(entry: Entry, intake: Intake) -> str | None:
    """Return why a procedure is no HCC resection; None if it is nothing of the kind, "" if it is one."""
    for concept, reason in _NEVER.items():
        if concept in entry.concepts:
            return reason
    if not entry.concepts & {*_RESECTIONS, _MAY_BE_RESECTION}:
        return None
    status = status_code(entry.resource.get("status"))
    if status in {"not-done", "stopped"}:
        return f"its status is {status}"
    if status in _PLANNED_STATUSES:
        return ""
    if entry.days.earliest is not None and entry.days.earliest > intake.on + _ONE_DAY:
        return "it is recorded as done on a day that has not come"
    return "its reason is not an HCC" if _is_for_another(entry, intake) else ""


def _reasons(entry: Entry, intake: Intake) -> Iterator[frozenset[str]]:
    """Yield what each reason means: coded, or a condition on record (R5 has both in one element)."""
    conditions = {item.reference: item.concepts for item in intake.of("Condition")}
    for name in ("reasonCode", "reason", "reasonReference"):
        for item in objects_in(entry.resource.get(name)):
            yield intake.codes.concepts_of(item)
            for reference in (item, as_object(item.get("reference"))):
                yield conditions.get(reference_as_type_and_id(reference), frozenset())


def is_open_order(entry: Entry, intake: Intake) -> bool:
    """Tell whether an order is for an HCC resection that is still to come."""
    return (
        bool(entry.concepts & _RESECTIONS)
        and status_code(entry.resource.get("status")) in _ORDER_STATUSES
        and entry.resource.get("doNotPerform") is not True
        and not _is_for_another(entry, intake)
    )


def _is_for_another(entry: Entry, intake: Intake) -> bool:
    """Tell whether every reason that is known names another cancer."""
    reasons = frozenset[str]().union(*_reasons(entry, intake))
    return bool(reasons & _OTHER_REASONS) and "hcc" not in reasons


def _not_done(planned: list[Entry], resection_ordered: bool) -> IndexOperation:
    if not planned:
        return IndexOperation("planned" if resection_ordered else "none")
    first = planned[0]
    return IndexOperation(
        "planned",
        reference=first.reference,
        display=display_of(first.resource.get("code"))[:200],
        date_as_sent=first.days.as_sent,
    )


def _judge(
    intake: Intake,
    completed: list[Entry],
    planned: list[Entry],
    events: list[date],
    rejected: tuple[Rejected, ...],
) -> Operations:
    dated = [entry for entry in completed if entry.days.earliest is not None]
    if not dated or len(dated) < len(completed):
        undated = next(entry for entry in completed if entry.days.earliest is None)
        return Operations(_unclear(undated, "a liver resection without a date"), rejected=rejected)
    groups = _operations(dated)
    first = groups[0]
    chosen = first[-1]
    note = (
        _doubt_about_kind(first)
        or _doubt_about_status(first)
        or _doubt_about_date(intake, first, planned)
    )
    later = groups[1:]
    is_staged = bool(later) and _is_first_stage(first)
    is_close = bool(later) and _is_close(intake, first, later[0], events)
    if not note and later and (is_close or is_staged):
        completes = _is_completing(later[0])
        if (is_staged and (is_close or completes)) or completes:
            chosen, later = later[0][-1], later[1:]
            first = [*first, *groups[1]]
        else:
            note = _question(first, later[0]) if is_close else _late_stage(first, later[0])
    elif not note and _is_first_stage(first):
        if planned or not any("staged-hepatectomy" in entry.concepts for entry in first):
            return Operations(_not_done(planned, resection_ordered=True), rejected=rejected)
        note = "a staged hepatectomy (ALPPS) that does not say whether it is complete"
    index = _unclear(chosen, note) if note else _done(intake, chosen)
    repeats = tuple(entry for group in later for entry in group)
    references = frozenset(entry.reference for entry in first)
    return Operations(index, chosen, references, repeats, rejected)


def _operations(dated: list[Entry]) -> list[list[Entry]]:
    """Group the procedures of one day, and those that are part of another, into operations."""
    ordered = sorted(dated, key=lambda e: (e.days.earliest, e.days.latest, e.reference))
    groups: list[list[Entry]] = []
    for entry in ordered:
        parents = {
            reference_as_type_and_id(item) for item in objects_in(entry.resource.get("partOf"))
        }
        for group in groups:
            same_day = any(_may_be_same_day(entry, other) for other in group)
            if same_day or parents & {other.reference for other in group}:
                group.append(entry)
                break
        else:
            groups.append([entry])
    return groups


def _may_be_same_day(one: Entry, other: Entry) -> bool:
    return (one.days.earliest, one.days.latest) == (other.days.earliest, other.days.latest)


def _is_first_stage(group: list[Entry]) -> bool:
    staged = {"staged-hepatectomy", "staged-hepatectomy-first-stage"}
    return (
        any(entry.concepts & staged for entry in group)
        and not _is_completing(group)
        and not any(
            entry.days.is_partial
            and first_of(entry.resource, "performedPeriod", "occurrencePeriod") is not None
            for entry in group
        )
    )


def _is_completing(group: list[Entry]) -> bool:
    return any("staged-hepatectomy-completing-stage" in entry.concepts for entry in group)


def _is_close(intake: Intake, first: list[Entry], second: list[Entry], events: list[date]) -> bool:
    start, end = _latest(first), _earliest(second)
    if (end - start).days > intake.settings.staged_window_days:
        return False
    return not any(start < day < end for day in events)


def _earliest(group: list[Entry]) -> date:
    return min(entry.days.earliest for entry in group if entry.days.earliest)


def _latest(group: list[Entry]) -> date:
    return max(entry.days.latest for entry in group if entry.days.latest)


def _doubt_about_kind(group: list[Entry]) -> str:
    if any(entry.concepts & _RESECTIONS for entry in group):
        return ""
    return "an operation that does not say whether liver tissue was resected or destroyed"


def _doubt_about_status(group: list[Entry]) -> str:
    if any(status_code(entry.resource.get("status")) == "completed" for entry in group):
        return ""
    return "a liver resection whose status does not say that it was completed"


def _doubt_about_date(intake: Intake, group: list[Entry], planned: list[Entry]) -> str:
    """Return why a partial date does not say whether it lies before today, or before an order."""
    exact = [entry for entry in group if not entry.days.is_partial]
    if exact or first_of(group[0].resource, "performedPeriod", "occurrencePeriod") is not None:
        return ""
    start, end = _earliest(group), _latest(group)
    if end > intake.on:
        return "the date of the liver resection is too coarse to say whether it lies before today"
    for order in planned:
        first, last = order.days.earliest, order.days.latest
        if first is not None and last is not None and first <= end and start <= last:
            return "the date of the liver resection is too coarse to say whether it lies before its order"
    return ""


def _question(first: list[Entry], second: list[Entry]) -> str:
    return (
        f"two liver resections ({first[0].days.as_sent} and {second[0].days.as_sent}) with no HCC "
        "event between: one staged operation, or a repeat resection?"
    )


def _late_stage(first: list[Entry], second: list[Entry]) -> str:
    return (
        f"a first stage ({first[0].days.as_sent}) and a liver resection ({second[0].days.as_sent}) "
        "that does not say whether it completes it"
    )


def _done(intake: Intake, entry: Entry) -> IndexOperation:
    """Return the operation as done; one recorded as a period is complete at its end."""
    days = entry.days
    period = as_object(first_of(entry.resource, "performedPeriod", "occurrencePeriod"))
    end = read_days(period.get("end"), intake.settings.time_zone)
    known = end if end.earliest is not None else days
    return IndexOperation(
        "done",
        known.earliest,
        known.latest,
        entry.reference,
        display_of(entry.resource.get("code"))[:200],
        days.as_sent,
    )


def _unclear(entry: Entry, note: str) -> IndexOperation:
    return IndexOperation(
        "unclear", entry.days.earliest, entry.days.latest, entry.reference,
        display_of(entry.resource.get("code"))[:200], entry.days.as_sent, note,
    )  # fmt: skip
