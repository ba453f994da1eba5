"""Which draft orders a card may offer: the profile's, and not what is already under way."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.advice.consultation import Consultation
from cds_service.guideline_profile import Draft
from fhir_mapping.orders import OrderKind
from fhir_mapping.patient_record import PatientRecord, RecentOrder

__all__ = ["monitoring_under_way", "offered"]

_SAME_AS = {
    Draft.TUMOUR_BOARD: OrderKind.TUMOUR_BOARD,
    Draft.TACE: OrderKind.TACE,
    Draft.HAIC: OrderKind.HAIC,
    Draft.CT_CHEST_ABDOMEN: OrderKind.IMAGING,
    Draft.AFP: OrderKind.AFP,
    Draft.BASELINE_IMAGING: OrderKind.IMAGING,
    Draft.EARLY_IMAGING: OrderKind.IMAGING,
}


def offered(consultation: Consultation, drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """Return the drafts that the profile allows and nobody has ordered, or done recently."""
    under_way = {order.kind for order in consultation.orders.orders}
    monitoring = monitoring_under_way(consultation.record)
    ordered = under_way | {order.kind for order in monitoring if order.done is None}
    under_way |= {order.kind for order in monitoring}
    return tuple(
        draft
        for draft in drafts
        # Imaging that was done is the baseline that an early control is compared with.
        if consultation.profile.offers(draft)
        and _SAME_AS[draft] not in (ordered if draft is Draft.EARLY_IMAGING else under_way)
    )


def monitoring_under_way(record: PatientRecord) -> tuple[RecentOrder, ...]:
    """Return imaging and AFP that is ordered or recent; after a resection, only what came after it."""
    operation = record.index_operation
    since = operation.latest if operation.phase == "done" else None
    return tuple(
        order
        for order in record.recent_orders
        if since is None or order.done is None or order.done > since
    )
