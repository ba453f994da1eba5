"""The orders that a visitor of the demo can pick, each as the FHIR resource an EHR would draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cds_service.demo.patients.codings import coding

__all__ = ["ORDERS", "OrderKind", "draft_order"]


@dataclass(frozen=True, slots=True)
class OrderKind:
    """One line of the order form."""

    id: str
    label: str
    resource_type: str
    coding_name: str

    def resource(self) -> dict[str, Any]:
        """Return the draft without the members that depend on patient, user and moment."""
        one = coding(self.coding_name)
        concept = {"coding": [one], "text": self.label}
        member = (
            "medicationCodeableConcept" if self.resource_type == "MedicationRequest" else "code"
        )
        return {
            "resourceType": self.resource_type,
            "status": "draft",
            "intent": "order",
            member: concept,
        }


_ALL: Final = (
    OrderKind("resection", "Liver resection", "ServiceRequest", "partial hepatectomy"),
    OrderKind("tace", "Adjuvant TACE", "ServiceRequest", "adjuvant TACE"),
    OrderKind("ct", "CT chest and abdomen", "ServiceRequest", "CT chest and abdomen"),
    OrderKind("afp", "AFP", "ServiceRequest", "AFP"),
    OrderKind("nivolumab", "Nivolumab (immune checkpoint inhibitor)", "MedicationRequest", "nivolumab"),
)  # fmt: skip

ORDERS: Final[Mapping[str, OrderKind]] = MappingProxyType({item.id: item for item in _ALL})


def draft_order(kind: OrderKind, patient_id: str, order_id: str, user_id: str) -> dict[str, Any]:
    """Return one draft order of a patient, as it stands in `context.draftOrders`."""
    return {
        **kind.resource(),
        "id": order_id,
        "subject": {"reference": f"Patient/{patient_id}"},
        "requester": {"reference": user_id},
    }
