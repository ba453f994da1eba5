"""The records that the property tests of the mapping vary, and how each is varied."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from cds_service.demo.patients.catalogue import PATIENTS
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS, MappingSettings
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey
from models.inputs import Input
from models.registry import MODELS
from tests.mapping_records import ON, PATIENT_ID, Resource, full_resources, prefetch_of

__all__ = ["RECORDS", "inputs_of", "mapped_as", "meaning_of", "withdrawn"]

_READ_TYPES = frozenset(
    {"Patient", "Condition", "Procedure", "Observation", "DiagnosticReport", "MedicationRequest",
     "MedicationAdministration", "Encounter", "ServiceRequest"}
)  # fmt: skip

RECORDS: Mapping[str, list[Resource]] = {
    PATIENT_ID: full_resources(),
    **{
        name: [item for item in patient.resources(ON) if item["resourceType"] in _READ_TYPES]
        for name, patient in PATIENTS.items()
    },
}


def inputs_of(record: PatientRecord) -> dict[str, Input]:
    """Return every input of every model, and of the situation."""
    found = {
        f"{name}: {key}": item.value
        for name, model in MODELS.items()
        for key, item in record.inputs_for(model.needs).items()
    }
    return {**found, **{key: item.value for key, item in record.situation().items()}}


def meaning_of(record: PatientRecord) -> dict[str, Any]:
    """Return what every input may be, without the words of its reason."""
    return {
        key: (item.knowledge, item.numbers, item.categories)
        for key, item in inputs_of(record).items()
    }


def mapped_as(
    patient_id: str,
    resources: Iterable[Resource],
    settings: MappingSettings = DEFAULT_SETTINGS,
    prefetch: Mapping[str, PrefetchKey] | None = None,
) -> PatientRecord:
    """Return the record of these resources; every key answered unless a prefetch is given."""
    return map_record(
        prefetch_of(resources) if prefetch is None else prefetch,
        patient_id=patient_id,
        on=ON,
        settings=settings,
    )


def withdrawn(resource: Resource, identifier: str = "") -> Resource:
    """Return a copy that was entered in error, under its own id or another."""
    changed = copy.deepcopy(resource)
    changed["id"] = identifier or changed["id"]
    if changed["resourceType"] == "Condition":
        changed["verificationStatus"] = {"coding": [{"code": "entered-in-error"}]}
    else:
        changed["status"] = "entered-in-error"
    return changed
