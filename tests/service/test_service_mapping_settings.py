"""What a site decides about the reading of its records reaches the mapping of a call."""

from __future__ import annotations

from typing import Any

from fhir_mapping.patient_record import PatientRecord
from models.inputs import Knowledge
from models.registry import MODELS
from tests.service.conftest import ServiceMaker
from tests.service.fakes import hook_request

CALL = "fake-order-select"
SURGERY = {
    "resourceType": "Procedure",
    "id": "op-1",
    "status": "completed",
    "subject": {"reference": "Patient/p1"},
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "107963000"}]},
    "performedDateTime": "2026-02-10",
}
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "path-1",
    "status": "final",
    "subject": {"reference": "Patient/p1"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "11529-5"}]},
    "effectiveDateTime": "2026-02-12",
    "conclusion": "MVI: M1.",
}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    """Return a complete search result."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": item} for item in resources],
    }


def read(make_service: ServiceMaker, **environment: str) -> PatientRecord:
    """Return the record as a call of a service with these settings reads it."""
    service = make_service(environment=environment)
    sent = hook_request()
    sent["prefetch"]["procedures"] = bundle(SURGERY)
    sent["prefetch"]["observations"] = bundle(REPORT)
    service.cards(CALL, sent)
    (asked,) = service.advice.asked
    return asked.record


def test_text_narrows_only_where_the_site_says_so(make_service: ServiceMaker) -> None:
    """What a report says in words narrows MVI with HCC_CDS_TEXT_NARROWS=1, and not without."""
    (mvi,) = (
        item
        for item in MODELS["distant_metastasis"].needs
        if item.quantity.name == "microvascular_invasion"
    )
    assert read(make_service).select(mvi).value.knowledge is Knowledge.UNKNOWN
    allowed = read(make_service, HCC_CDS_TEXT_NARROWS="1")
    assert allowed.select(mvi).value.value == "present"


def test_what_none_recorded_means_is_the_sites_choice(make_service: ServiceMaker) -> None:
    """A problem list without metastasis is no proof of none, unless the site says it is."""
    spread = "extrahepatic_disease"
    assert read(make_service).situation()[spread].value.knowledge is Knowledge.UNKNOWN
    told = read(make_service, HCC_CDS_NONE_RECORDED_IS_ABSENT=f"hcc, {spread}")
    assert told.situation()[spread].value.value == "absent"
