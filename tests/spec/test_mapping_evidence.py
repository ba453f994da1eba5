"""Every input says where it comes from, and everything that is not used says why: over all patients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from cds_service.demo.patients.catalogue import PATIENTS
from fhir_mapping.findings import Certainty, Evidence, Finding
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.reading_rules import READING_RULES
from models.registry import MODELS
from tests.mapping_records import ON, PATIENT_ID, Resource, full_resources, prefetch_of

_READ_TYPES = frozenset(
    {"Patient", "Condition", "Procedure", "Observation", "DiagnosticReport", "MedicationRequest",
     "MedicationAdministration", "Encounter", "ServiceRequest"}
)  # fmt: skip


def _records() -> dict[str, list[Resource]]:
    """Return the synthetic patients' records, and the whole record of the mapping's tests."""
    found = {
        name: [item for item in patient.resources(ON) if item["resourceType"] in _READ_TYPES]
        for name, patient in PATIENTS.items()
    }
    return {**found, PATIENT_ID: full_resources()}


# Made of several resources: the value says what was counted or divided.
_COMPUTED = frozenset({"nlr", "metastatic_sites"})
_RECORDS = _records()
_EACH = pytest.mark.parametrize("patient_id", _RECORDS)


def _mapped(patient_id: str) -> PatientRecord:
    return map_record(prefetch_of(_RECORDS[patient_id]), patient_id=patient_id, on=ON)


def _sources(patient_id: str, evidence: Evidence) -> Iterator[Resource]:
    """Yield the resources that the evidence names; a ratio or a count names several."""
    by_reference = {f"{i['resourceType']}/{i['id']}": i for i in _RECORDS[patient_id]}
    for reference in evidence.reference.split(", "):
        yield by_reference[reference.partition("#")[0]]


def _findings(patient_id: str) -> list[Finding]:
    return [item for item in _mapped(patient_id).findings if item.certainty is Certainty.CODED]


@_EACH
def test_a_finding_names_its_resource_date_code_and_value_as_they_were_sent(
    patient_id: str,
) -> None:
    """Reference, date, code and display can be found again in the resource, letter by letter."""
    findings = _findings(patient_id)
    assert findings
    for item in findings:
        evidence = item.evidence
        sent = [json.dumps(source, ensure_ascii=False) for source in _sources(patient_id, evidence)]
        assert any(evidence.date in text for text in sent)
        assert evidence.date
        if item.name in _COMPUTED:
            assert evidence.value
            continue
        if item.name not in ("age_years", "sex"):
            code = evidence.code.rpartition("|")[2]
            assert evidence.code or evidence.display
            assert all(f'"{part}"' in text for text in sent for part in (code,) if part)
            assert all(evidence.display in text for text in sent)
            assert evidence.value


@_EACH
def test_a_finding_names_the_rule_that_decided(patient_id: str) -> None:
    """The rule stands in docs/mapping.md under its anchor."""
    for item in _findings(patient_id):
        assert item.evidence.rule in READING_RULES, item


@_EACH
def test_a_conversion_is_said_wherever_one_was_made(patient_id: str) -> None:
    """A number that differs from the one sent says how it came about; one that does not, nothing."""
    for item in _findings(patient_id):
        number = item.value.value
        if not isinstance(number, Decimal) or item.name in ("age_years", *_COMPUTED):
            continue
        sent = Decimal(item.evidence.value.split(" ")[0])
        assert bool(item.evidence.conversion) == (number != sent), item


@_EACH
def test_everything_that_is_not_used_says_why_and_whence(patient_id: str) -> None:
    """Each rejection has a reason in words and the resource it is about."""
    for item in _mapped(patient_id).rejected:
        assert item.reason
        assert item.evidence.reference
        rule = item.evidence.rule
        assert rule in {"", *READING_RULES} or rule.startswith("narrative: ")


@_EACH
def test_an_input_shows_the_findings_it_rests_on(patient_id: str) -> None:
    """A known input has evidence: findings, or the searches that found nothing."""
    record = _mapped(patient_id)
    of_models = [
        item for model in MODELS.values() for item in record.inputs_for(model.needs).items()
    ]
    for name, selected in (*of_models, *record.situation().items()):
        assert selected.value.quantity.name == name
        if selected.value.is_known and name not in ("resection", "months_since_resection"):
            assert selected.used, name
        if not selected.value.is_known:
            assert selected.value.reason, name
        assert all(item.evidence.reference for item in selected.used)
        assert all(item.reason for item in selected.rejected)


def test_the_evidence_is_plain_data() -> None:
    """Cards, pages and reports show it without knowing FHIR: every part is text."""
    for item in _mapped(PATIENT_ID).findings:
        parts = [getattr(item.evidence, name) for name in Evidence.__dataclass_fields__]
        assert all(isinstance(part, str) for part in parts)
