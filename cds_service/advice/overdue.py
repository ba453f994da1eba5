"""When follow-up imaging is overdue: our own rule over the profile's interval."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from cds_service.advice.consultation import Consultation
from cds_service.advice.offers import monitoring_under_way
from fhir_mapping.orders import OrderKind
from fhir_mapping.patient_record import PatientRecord

__all__ = ["months_later", "overdue_since"]

# Without an answer to these, imaging may have been done or ordered and is only not seen.
_NEEDED_KEYS = ("reports", "orders")


def overdue_since(consultation: Consultation) -> date | None:
    """Return the day since which no imaging is on record, if that is longer than the interval.

    Counted from the index operation or the last imaging after it. None while imaging is ordered or
    recent, and None where the reports or the orders did not arrive in full.
    """
    record = consultation.record
    states = record.key_states
    if not all(key in states and states[key].was_answered for key in _NEEDED_KEYS):
        return None
    if any(order.kind is OrderKind.IMAGING for order in monitoring_under_way(record)):
        return None
    last = _last_look(record)
    if last is None:
        return None
    due = months_later(last, consultation.profile.imaging_interval_months)
    return last if consultation.on > due else None


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _last_look(record: PatientRecord) -> date | None:
    """Return the last day on which the liver was surely looked at: the operation or imaging after."""
    operation = record.index_operation.latest
    if operation is None or record.last_imaging is None:
        return operation
    return max(operation, record.last_imaging)
