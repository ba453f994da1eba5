"""Builds FHIR resources and prefetch for the tests of the mapping, one short call each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from fhir_mapping.codes import HCC_CDS_SYSTEM, LOINC, SNOMED
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS, MappingSettings
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from tests.canaries import IDENTITY

__all__ = [
    "ON",
    "PATIENT_ID",
    "Resource",
    "concept",
    "condition",
    "encounter",
    "full_record",
    "loinc",
    "mapped",
    "medication",
    "observation",
    "order",
    "own",
    "patient",
    "prefetch_of",
    "procedure",
    "quantity_of",
    "resection",
    "sct",
]

Resource = dict[str, Any]

PATIENT_ID = "p"
ON = date(2026, 11, 22)
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
_KEY_OF_TYPE = {
    "Patient": "patient",
    "Condition": "conditions",
    "Procedure": "procedures",
    "Observation": "observations",
    "DiagnosticReport": "reports",
    "MedicationRequest": "medications",
    "MedicationAdministration": "administrations",
    "Encounter": "encounters",
    "ServiceRequest": "orders",
}
_SUBJECT = {"reference": f"Patient/{PATIENT_ID}"}


def concept(system: str, code: str, display: str = "") -> Resource:
    """Return a CodeableConcept with one coding."""
    return {
        "coding": [{"system": system, "code": code, **({"display": display} if display else {})}]
    }


def loinc(code: str) -> Resource:
    """Return a CodeableConcept of LOINC."""
    return concept(LOINC, code)


def sct(code: str) -> Resource:
    """Return a CodeableConcept of SNOMED CT."""
    return concept(SNOMED, code)


def own(code: str) -> Resource:
    """Return a CodeableConcept of our CodeSystem."""
    return concept(HCC_CDS_SYSTEM, code)


def quantity_of(value: float, unit: str, comparator: str = "", code: str = "") -> Resource:
    """Return a valueQuantity in a UCUM unit."""
    amount: Resource = {"value": value, "unit": unit, "system": UCUM, "code": code or unit}
    if comparator:
        amount["comparator"] = comparator
    return {"valueQuantity": amount}


def patient(**more: Any) -> Resource:
    """Return the patient, born on 1 May 1970."""
    return {
        "resourceType": "Patient",
        "id": PATIENT_ID,
        "gender": "male",
        "birthDate": "1970-05-01",
        **IDENTITY,
        **more,
    }


def condition(code: Resource, on: str = "2026-09-01", *, id_as: str = "", **more: Any) -> Resource:
    """Return a confirmed, active condition."""
    return {
        "resourceType": "Condition",
        "id": id_as or f"condition-{code['coding'][0]['code']}",
        "subject": _SUBJECT,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": code,
        "onsetDateTime": on,
        **more,
    }


def observation(
    code: Resource, value: Resource, on: str = "2026-11-01", *, id_as: str = "", **more: Any
) -> Resource:
    """Return a final observation."""
    return {
        "resourceType": "Observation",
        "id": id_as or f"observation-{code['coding'][0]['code']}-{on[:10]}",
        "status": "final",
        "subject": _SUBJECT,
        "code": code,
        "effectiveDateTime": on,
        **value,
        **more,
    }


def procedure(code: Resource, on: str, *, id_as: str = "", **more: Any) -> Resource:
    """Return a completed procedure."""
    return {
        "resourceType": "Procedure",
        "id": id_as or f"procedure-{code['coding'][0]['code']}-{on[:10]}",
        "status": "completed",
        "subject": _SUBJECT,
        "code": code,
        "performedDateTime": on,
        **more,
    }


def resection(on: str = "2026-10-01", **more: Any) -> Resource:
    """Return a completed partial hepatectomy."""
    return procedure(sct("71273005"), on, **{"id_as": "resection", **more})


def encounter(start: str, end: str = "", **more: Any) -> Resource:
    """Return an inpatient stay."""
    period = {"start": start, **({"end": end} if end else {})}
    return {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "finished" if end else "in-progress",
        "subject": _SUBJECT,
        "period": period,
        **more,
    }


def medication(name: str, on: str, *, status: str = "active", **more: Any) -> Resource:
    """Return a prescription that is known by its name alone."""
    return {
        "resourceType": "MedicationRequest",
        "id": f"medication-{name.split(' ')[0].lower()}",
        "status": status,
        "intent": "order",
        "subject": _SUBJECT,
        "medicationCodeableConcept": {"text": name},
        "authoredOn": on,
        **more,
    }


def order(code: Resource, on: str, *, status: str = "active", **more: Any) -> Resource:
    """Return a service order."""
    return {
        "resourceType": "ServiceRequest",
        "id": f"order-{code['coding'][0]['code']}",
        "status": status,
        "intent": "order",
        "subject": _SUBJECT,
        "code": code,
        "authoredOn": on,
        **more,
    }


def prefetch_of(
    resources: Iterable[Resource], states: Mapping[str, PrefetchState] | None = None
) -> dict[str, PrefetchKey]:
    """Return the resources by key, every key answered unless `states` says otherwise."""
    by_key: dict[str, list[Resource]] = {key: [] for key in _KEY_OF_TYPE.values()}
    for resource in resources:
        by_key[_KEY_OF_TYPE[resource["resourceType"]]].append(resource)
    parts: dict[str, PrefetchKey] = {}
    for key, items in by_key.items():
        state = PrefetchState.COMPLETE if items else PrefetchState.EMPTY
        parts[key] = PrefetchKey((states or {}).get(key, state), tuple(items))
    return parts


def mapped(
    *resources: Resource,
    states: Mapping[str, PrefetchState] | None = None,
    on: date = ON,
    resection_ordered: bool = False,
    settings: MappingSettings = DEFAULT_SETTINGS,
    **more: Any,
) -> PatientRecord:
    """Return the record of these resources; the patient and the HCC are added if missing."""
    everything = list(resources)
    kinds = {item["resourceType"] for item in everything}
    if "Patient" not in kinds:
        everything.append(patient())
    if "Condition" not in kinds:
        everything.append(condition(sct("109841003")))
    return map_record(
        prefetch_of(everything, states),
        patient_id=PATIENT_ID,
        on=on,
        resection_ordered=resection_ordered,
        settings=settings,
        **more,
    )


def full_resources() -> list[Resource]:
    """Return a whole record seven weeks after a resection, one resource of every kind read."""
    specimen = {"specimen": {"reference": "Specimen/s"}}
    imaging = {"method": sct("77477000")}
    return [
        patient(),
        condition(sct("109841003")),
        condition(sct("186639003"), "2010"),
        observation(loinc("1834-1"), quantity_of(512, "ng/mL"), "2026-09-20T07:30:00+08:00"),
        observation(
            loinc("21889-1"),
            {"component": [{"code": loinc("33728-7"), **quantity_of(62, "mm")}]},
            "2026-09-15",
            **imaging,
        ),
        observation(loinc("42032-3"), quantity_of(2, "1"), "2026-09-15", **imaging),
        observation(own("macrovascular-invasion"), {"valueCodeableConcept": sct("2667000")}, "2026-09-15", **imaging),
        observation(own("tumour-capsule"), {"valueCodeableConcept": own("capsule-absent")}, "2026-09-15", **imaging),
        observation(own("satellite-nodules"), {"valueBoolean": False}, "2026-09-15", **imaging),
        observation(own("tumour-rupture"), {"valueString": "absent"}, "2026-09-15", **imaging),
        resection("2026-10-01", encounter={"reference": "Encounter/stay"}),
        encounter("2026-09-30", "2026-10-10"),
        procedure(sct("116863004"), "2026-10-01", partOf=[{"reference": "Procedure/resection"}]),
        condition(own("bile-leak"), "2026-10-05"),
        observation(own("microvascular-invasion"), {"valueCodeableConcept": own("mvi-m1")}, "2026-10-05", **specimen),
        observation(loinc("29593-1"), quantity_of(40, "%"), "2026-10-05", **specimen),
        observation(loinc("33737-8"), quantity_of(8, "mm"), "2026-10-05", **specimen),
        observation(sct("277062004"), {"valueCodeableConcept": sct("258254000")}, "2026-10-05", **specimen),
        medication("entecavir 0.5 mg", "2020-01-01"),
        order(loinc("42277-4"), "2026-11-20"),
        {
            "resourceType": "DiagnosticReport", "id": "ct", "status": "final", "subject": _SUBJECT,
            "category": [{"coding": [{"code": "RAD"}]}], "code": loinc("30612-6"),
            "effectiveDateTime": "2026-09-15",
            "result": [{"reference": "Observation/observation-21889-1-2026-09-15"}],
        },
    ]  # fmt: skip


def full_record() -> dict[str, PrefetchKey]:
    """Return the whole record by prefetch key."""
    return prefetch_of(full_resources())
