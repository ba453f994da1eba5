"""What we may create, and the codes FHIR R4 (4.0.1) requires in it.

`fhir.resources` accepts any code in a required binding, so these are checked by our own rules. A test
holds the lists against the values that library documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["CREATED", "REQUIRED_BINDINGS", "wrong_codes"]

_REQUEST_STATUS = frozenset(
    {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
)

REQUIRED_BINDINGS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "ServiceRequest": {
        "status": _REQUEST_STATUS,
        "intent": frozenset(
            {
                *("proposal", "plan", "directive", "order", "original-order", "reflex-order"),
                *("filler-order", "instance-order", "option"),
            }
        ),
    },
    "CarePlan": {
        "status": _REQUEST_STATUS,
        "intent": frozenset({"proposal", "plan", "order", "option"}),
        "activity.detail.kind": frozenset(
            {
                # A MedicationRequest is a kind as well: never one of ours.
                *("Appointment", "CommunicationRequest", "DeviceRequest", "NutritionOrder"),
                *("Task", "ServiceRequest", "VisionPrescription"),
            }
        ),
        "activity.detail.status": frozenset(
            {
                *("not-started", "scheduled", "in-progress", "on-hold", "completed", "cancelled"),
                *("stopped", "unknown", "entered-in-error"),
            }
        ),
    },
    "Appointment": {
        "status": frozenset(
            {
                *("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"),
                *("entered-in-error", "checked-in", "waitlist"),
            }
        ),
        "participant.status": frozenset({"accepted", "declined", "tentative", "needs-action"}),
        "participant.required": frozenset({"required", "optional", "information-only"}),
    },
}
"""Element by resource type; where a list stands on the way, every entry of it."""

CREATED = frozenset(REQUIRED_BINDINGS)
"""The resource types a suggestion may create or change; a MedicationRequest is none of them."""

_REQUIRED = {
    "ServiceRequest": ("status", "intent"),
    "CarePlan": ("status", "intent"),
    "Appointment": ("status", "participant"),
}


def wrong_codes(resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield the elements of a resource that lack a required code or hold one outside its binding."""
    kind = resource["resourceType"]
    for element in _REQUIRED.get(kind, ()):
        if element not in resource:
            yield element
    for element, codes in REQUIRED_BINDINGS.get(kind, {}).items():
        for value in _values(resource, element.split(".")):
            if value not in codes:
                yield element


def _values(value: Any, way: list[str]) -> Iterator[object]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, way)
    elif not way:
        yield value
    elif isinstance(value, Mapping) and way[0] in value:
        yield from _values(value[way[0]], way[1:])
