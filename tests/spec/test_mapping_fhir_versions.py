"""R4B and R5 resources of the same types are read as R4's are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from fhir.resources import get_fhir_model_class
from fhir.resources.R4B import get_fhir_model_class as get_r4b_model_class

from fhir_mapping.orders import OrderKind
from fhir_mapping.patient_record import PatientRecord
from models.inputs import Input
from models.model import Anchor, InputNeed
from models.quantities import quantity
from models.registry import MODELS
from tests.mapping_records import (
    PATIENT_ID,
    Resource,
    encounter,
    full_resources,
    loinc,
    mapped,
    medication,
    observation,
    own,
    procedure,
    quantity_of,
    resection,
    sct,
)

_SUBJECT = {"reference": f"Patient/{PATIENT_ID}"}
_IMP = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}


def as_r5(resource: Resource) -> Resource:
    """Return an R4 resource as R5 writes it: the elements that were renamed, and no others."""
    item = copy.deepcopy(resource)
    change = _CHANGES.get(item["resourceType"])
    if change is not None:
        change(item)
    return item


def _procedure(item: Resource) -> None:
    for old in [name for name in item if name.startswith("performed")]:
        item[old.replace("performed", "occurrence")] = item.pop(old)


def _medication_request(item: Resource) -> None:
    item["medication"] = {"concept": item.pop("medicationCodeableConcept")}


def _administration(item: Resource) -> None:
    _medication_request(item)
    item["occurenceDateTime"] = item.pop("effectiveDateTime")  # Spelled so in R5.


def _encounter(item: Resource) -> None:
    item["actualPeriod"] = item.pop("period")
    item["class"] = [{"coding": [item.pop("class", _IMP)]}]
    item["status"] = "completed" if item["status"] == "finished" else item["status"]


def _service_request(item: Resource) -> None:
    item["code"] = {"concept": item["code"]}


_CHANGES: dict[str, Callable[[Resource], None]] = {
    "Procedure": _procedure,
    "MedicationRequest": _medication_request,
    "MedicationAdministration": _administration,
    "Encounter": _encounter,
    "ServiceRequest": _service_request,
}


def _whole() -> list[Resource]:
    """Return the whole record with a dose given, so that every type that changed is in it."""
    dose = {
        "resourceType": "MedicationAdministration", "id": "dose", "status": "completed",
        "subject": _SUBJECT, "medicationCodeableConcept": {"text": "Nivolumab 240 mg"},
        "effectiveDateTime": "2026-11-10",
    }  # fmt: skip
    stay = [item for item in full_resources() if item["resourceType"] == "Encounter"]
    others = [item for item in full_resources() if item["resourceType"] != "Encounter"]
    return [*others, *({**item, "class": _IMP} for item in stay), dose]


def _inputs(record: PatientRecord) -> dict[str, Input]:
    chosen = {
        f"{name}: {key}": item.value
        for name, model in MODELS.items()
        for key, item in record.inputs_for(model.needs).items()
    }
    return chosen | {key: item.value for key, item in record.situation().items()}


@pytest.mark.parametrize("resource", _whole(), ids=lambda item: str(item["id"]))
def test_the_resources_compared_are_valid_r4b_and_r5(resource: Resource) -> None:
    """The record that is compared below is FHIR in both versions, so the test proves something."""
    kind = resource["resourceType"]
    assert get_r4b_model_class(kind).model_validate(resource).id == resource["id"]
    assert get_fhir_model_class(kind).model_validate(as_r5(resource)).id == resource["id"]


def test_a_record_in_r5_gives_the_inputs_it_gives_in_r4() -> None:
    """Every input of every model is the same, and so are the operation and what is ordered."""
    in_r4, in_r5 = mapped(*_whole()), mapped(*map(as_r5, _whole()))
    assert _inputs(in_r5) == _inputs(in_r4)
    assert in_r5.index_operation == in_r4.index_operation
    assert in_r5.recent_orders == in_r4.recent_orders
    assert [item.kind for item in in_r5.recent_orders if item.done is None] == [OrderKind.IMAGING]
    assert [(item.name, item.evidence) for item in in_r5.findings] == [
        (item.name, item.evidence) for item in in_r4.findings
    ]


def test_conditions_of_r5_say_who_took_part_and_are_read_as_ever() -> None:
    """Condition.participant stands where R4 has recorder and asserter."""
    record = mapped(
        {
            "resourceType": "Condition", "id": "hcc", "subject": _SUBJECT, "code": sct("109841003"),
            "clinicalStatus": {"coding": [{"code": "active"}]}, "recordedDate": "2026-09-01",
            "verificationStatus": {"coding": [{"code": "confirmed"}]},
            "participant": [{"actor": {"reference": "Practitioner/a"}}],
        }
    )  # fmt: skip
    assert record.has_hcc is True
    assert [(i.name, i.evidence.date) for i in record.findings if i.name == "hcc"] == [
        ("hcc", "2026-09-01")
    ]


def test_a_staged_resection_recorded_as_one_period_is_done_at_its_end_in_r5_too() -> None:
    """Procedure.occurrencePeriod is R4's performedPeriod."""
    staged = procedure(sct("723069003"), "2026-09-01")
    del staged["performedDateTime"]
    period = {"start": "2026-09-01", "end": "2026-09-15"}
    for name in ("performedPeriod", "occurrencePeriod"):
        index = mapped({**staged, name: period}).index_operation
        assert (index.phase, str(index.latest)) == ("done", "2026-09-15")


def test_a_medication_of_r5_is_found_behind_its_reference() -> None:
    """MedicationRequest.medication is a CodeableReference: a concept, or a contained Medication."""
    request = medication("x", "2026-08-01")
    del request["medicationCodeableConcept"]
    request["medication"] = {"reference": {"reference": "#m"}}
    request["contained"] = [
        {"resourceType": "Medication", "id": "m", "code": {"text": "Lenvatinib 4 MG Oral Capsule"}}
    ]
    assert mapped(request).situation()["earlier_treatment"].value.value == "present"


def test_a_complication_of_r5_is_a_codeable_reference() -> None:
    """Procedure.complication names a condition, or says it in words."""
    need = InputNeed(quantity("complication"), Anchor.SPECIMEN_AND_COURSE)
    for said in (
        {"concept": {"text": "bile leak"}},
        {"reference": {"reference": "Condition/leak"}},
    ):
        operation = as_r5(resection("2026-10-01", complication=[said]))
        assert mapped(operation).select(need).value.value == "present"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            {"valueAttachment": {"contentType": "image/png", "url": "https://example.org/a"}},
            "its value is not a number",
        ),
        ({"valueReference": {"reference": "MolecularSequence/m"}}, "its value is not a number"),
        (
            {"triggeredBy": [{"observation": {"reference": "Observation/x"}, "type": "reflex"}]},
            "no value",
        ),
    ],
)
def test_a_value_that_only_r5_has_is_no_value_here(more: Resource, reason: str) -> None:
    """An attachment or a reference under a known code is listed with its reason."""
    record = mapped(observation(loinc("1834-1"), more))
    rejected = [(item.name, item.reason) for item in record.rejected]
    assert rejected == [("afp_ng_ml", reason)]


def test_lesions_of_r5_are_told_apart_by_their_body_structure() -> None:
    """Observation.bodyStructure is new in R5; the larger of two lesions counts."""
    sizes = [
        observation(
            loinc("21889-1"), quantity_of(size, "cm"), id_as=name,
            bodyStructure={"reference": f"BodyStructure/{name}"},
        )
        for name, size in (("a", 3), ("b", 5))
    ]  # fmt: skip
    need = InputNeed(quantity("tumour_size_cm"), Anchor.BEFORE_OPERATION)
    assert mapped(*sizes).select(need).value.value == 5


def test_a_report_with_a_conclusion_code_and_a_composition_is_read_for_its_results() -> None:
    """DiagnosticReport.conclusionCode is CodeableConcept in both versions; results are the values."""
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": _SUBJECT,
        "code": loinc("30612-6"), "effectiveDateTime": "2026-11-01",
        "conclusionCode": [sct("109841003")], "composition": {"reference": "Composition/c"},
        "result": [{"reference": "Observation/satellites"}],
    }  # fmt: skip
    satellites = observation(own("satellite-nodules"), {"valueBoolean": True}, id_as="satellites")
    found = [item for item in mapped(report, satellites).findings if item.name == "satellites"]
    assert [item.origin for item in found] == ["imaging"]


def test_the_stay_of_r5_ends_at_its_discharge() -> None:
    """Encounter.actualPeriod, its class a list, its status "completed": none recorded means none."""
    stay = as_r5(encounter("2026-09-30", "2026-10-10"))
    need = InputNeed(quantity("complication"), Anchor.SPECIMEN_AND_COURSE)
    assert mapped(as_r5(resection("2026-10-01")), stay).select(need).value.value == "absent"
    still = as_r5(encounter("2026-09-30"))
    open_stay = mapped(as_r5(resection("2026-10-01")), still).select(need).value
    assert open_stay.reason == "none recorded until now; known at discharge"
