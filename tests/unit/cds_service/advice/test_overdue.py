"""When follow-up imaging is overdue."""

from __future__ import annotations

from datetime import date

import pytest

from cds_service.advice.overdue import months_later, overdue_since
from fhir_mapping.codes import Codes
from fhir_mapping.findings import Evidence
from fhir_mapping.orders import OrderKind
from fhir_mapping.patient_record import IndexOperation, RecentOrder, map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from tests.unit.cds_service.consultations import Record, after_surgery


def _operated(day: date | None) -> IndexOperation:
    return IndexOperation("done", day, day, "Procedure/op")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 3, 1), 6, date(2026, 9, 1)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 6, 30), 6, date(2025, 12, 30)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, later: date) -> None:
    """The same day of a later month, or that month's last day."""
    assert months_later(day, months) == later


@pytest.mark.parametrize(
    ("operated", "imaging", "since"),
    [
        (date(2026, 5, 22), None, None),
        (date(2026, 5, 21), None, date(2026, 5, 21)),
        (date(2025, 1, 1), date(2026, 5, 22), None),
        (date(2025, 1, 1), date(2026, 5, 21), date(2026, 5, 21)),
        (date(2026, 3, 1), date(2026, 2, 1), date(2026, 3, 1)),
        (None, date(2026, 2, 1), None),
    ],
)
def test_overdue_is_longer_than_six_months_since_the_last_look(
    operated: date | None, imaging: date | None, since: date | None
) -> None:
    """Counted from the operation or the imaging after it; six months to the day are not overdue."""
    record = Record(index_operation=_operated(operated), last_imaging=imaging)
    assert overdue_since(after_surgery(record=record)) == since


@pytest.mark.parametrize("key", ["reports", "orders"])
@pytest.mark.parametrize(
    "state", [PrefetchState.ABSENT, PrefetchState.ERROR, PrefetchState.INCOMPLETE]
)
def test_without_reports_or_orders_nothing_is_called_overdue(
    key: str, state: PrefetchState
) -> None:
    """Imaging that may only be unseen is not missing."""
    operation = _operated(date(2025, 1, 1))
    states = dict(Record().key_states) | {key: PrefetchKey(state)}
    assert (
        overdue_since(after_surgery(record=Record(index_operation=operation, key_states=states)))
        is None
    )
    missing = {name: value for name, value in states.items() if name != key}
    record = Record(index_operation=operation, key_states=missing)
    assert overdue_since(after_surgery(record=record)) is None


def test_imaging_that_is_ordered_is_not_overdue() -> None:
    """An active order answers what the card would ask for; an AFP order does not."""
    operation = _operated(date(2025, 1, 1))
    for kind, since in ((OrderKind.IMAGING, None), (OrderKind.AFP, date(2025, 1, 1))):
        orders = (RecentOrder(kind, Evidence("ServiceRequest/1")),)
        record = Record(index_operation=operation, recent_orders=orders)
        assert overdue_since(after_surgery(record=record)) == since


@pytest.mark.parametrize(
    ("sent", "last"),
    [("2026-04-01", date(2026, 4, 1)), ("2026", date(2026, 11, 22)), ("2027-01-01", None)],
)
def test_the_mapping_finds_the_last_imaging_however_long_ago(sent: str, last: date | None) -> None:
    """A report of imaging counts on its day; a partial date may reach until today, the future not."""
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "42275-8"}]},
        "subject": {"reference": "Patient/p-1"},
        "effectiveDateTime": sent,
    }
    prefetch = {"reports": PrefetchKey(PrefetchState.COMPLETE, (report,))}
    record = map_record(prefetch, patient_id="p-1", on=date(2026, 11, 22), codes=Codes.shipped())
    assert record.last_imaging == last
