"""A drug on record was taken, was not, or leaves it open; each reading with what it decides."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import (
    ICD_10_CM,
    ON,
    PATIENT_ID,
    Resource,
    concept,
    condition,
    mapped,
    medication,
    patient,
    prefetch_of,
    sct,
)

_HCC = condition(sct("109841003"))


def _read(record: PatientRecord, name: str) -> str:
    """Return an input in a word, or why it has none."""
    value = record.select(InputNeed(quantity(name), Anchor.NOW)).value
    return str(value.value) if value.is_known else value.reason


_UNNAMED = "not usable: it does not say which drug"


@pytest.mark.parametrize(
    ("more", "treated", "running"),
    [
        ({}, "present", "present"),
        ({"status": "completed"}, "present", "absent"),
        ({"status": "stopped"}, "present", "absent"),
        ({"status": "ended"}, "present", "absent"),
        ({"status": "draft"}, "absent", "absent"),
        ({"status": "cancelled"}, "absent", "absent"),
        ({"doNotPerform": True}, "absent", "absent"),
        ({"doNotPerform": False}, "present", "present"),
        ({"intent": "proposal"}, "absent", "absent"),
        ({"intent": "option"}, "absent", "absent"),
        ({"intent": "plan"}, "not usable: its intent is plan", "absent"),
        ({"intent": "plan", "status": "draft"}, "absent", "absent"),
        ({"intent": "filler-order"}, "present", "present"),
    ],
)
def test_a_prescription_is_a_treatment_if_it_was_meant_to_be_given(
    more: dict[str, Any], treated: str, running: str
) -> None:
    """An order not to give a drug, or a proposal, is no treatment that turns a patient away."""
    record = mapped(_HCC, medication("sorafenib 200 mg", "2026-08-01", **more))
    assert _read(record, "earlier_treatment") == treated
    assert _read(record, "kinase_inhibitor") == running


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({}, "present"),
        ({"status": "ended"}, "present"),
        ({"status": "stopped"}, "not usable: its status is stopped"),
        ({"doNotPerform": True}, "absent"),
        ({"intent": "proposal"}, "absent"),
    ],
)
def test_an_antiviral_that_is_forbidden_or_proposed_is_not_on_record(
    more: dict[str, Any], read: str
) -> None:
    """The line that asks to check for an antiviral must not be hidden by an order against one."""
    record = mapped(_HCC, medication("entecavir 0.5 mg", "2026-08-01", **more))
    assert _read(record, "hbv_antiviral") == read


@pytest.mark.parametrize(
    ("adherence", "treated", "running"),
    [
        ("", "present", "absent"),
        ("taking", "present", "present"),
        ("taking-as-directed", "present", "present"),
        ("stopped", "present", "absent"),
        ("not-taking", "not usable: it is not taken (not-taking)", "absent"),
    ],
)
def test_a_statement_of_r5_says_beside_its_status_whether_the_drug_is_taken(
    adherence: str, treated: str, running: str
) -> None:
    """MedicationStatement.status is "recorded" in R5; what R4 had there stands in adherence.code."""
    statement = medication("sorafenib 200 mg", "2026-08-01", status="recorded")
    statement["resourceType"] = "MedicationStatement"
    del statement["intent"]
    if adherence:
        statement["adherence"] = {"code": {"coding": [{"code": adherence}]}}
    prefetch = prefetch_of([patient(), _HCC])
    prefetch["medications"] = PrefetchKey(PrefetchState.COMPLETE, (statement,))
    record = map_record(prefetch, patient_id=PATIENT_ID, on=ON)
    assert _read(record, "earlier_treatment") == treated
    assert _read(record, "kinase_inhibitor") == running


def _referring(**drug: Any) -> Resource:
    request = medication("x", "2026-08-01")
    del request["medicationCodeableConcept"]
    return {**request, **drug}


@pytest.mark.parametrize(
    "drug",
    [
        {"medicationReference": {"reference": "Medication/1", "display": "Nivolumab 240 mg"}},
        {"medication": {"reference": {"reference": "Medication/1", "display": "Nivolumab 240 mg"}}},
        {"medication": {"concept": {"text": "Nivolumab 240 mg"}}},
    ],
)
def test_a_drug_is_known_by_the_display_of_its_reference(drug: dict[str, Any]) -> None:
    """R4 has a Reference, R5 a Reference within a CodeableReference; the display names the drug."""
    record = mapped(_HCC, _referring(**drug))
    assert _read(record, "earlier_treatment") == "present"
    assert _read(record, "immune_checkpoint_inhibitor") == "present"


def test_a_drug_that_nothing_names_is_not_read_as_none() -> None:
    """Its Medication was not sent along: it may be any drug, so that none is no longer certain."""
    record = mapped(_HCC, _referring(medicationReference={"reference": "Medication/1"}))
    names = (
        "earlier_treatment", "hbv_antiviral", "immune_checkpoint_inhibitor", "kinase_inhibitor",
    )  # fmt: skip
    assert {_read(record, name) for name in names} == {_UNNAMED}
    over = mapped(
        _HCC, _referring(medicationReference={"reference": "Medication/1"}, status="cancelled")
    )
    assert {_read(over, name) for name in names} == {"absent"}


@pytest.mark.parametrize(
    ("verification", "read"),
    [
        ("confirmed", "present"),
        ("refuted", "absent"),
        ("provisional", "not usable: it is not confirmed (provisional)"),
    ],
)
def test_a_history_of_immunotherapy_counts_as_far_as_it_is_confirmed(
    verification: str, read: str
) -> None:
    """A diagnosis code that says "history of" is a diagnosis, with its verification."""
    history = condition(
        concept(ICD_10_CM, "Z92.26"),
        id_as="history",
        verificationStatus={"coding": [{"code": verification}]},
    )
    assert _read(mapped(_HCC, history), "earlier_treatment") == read
