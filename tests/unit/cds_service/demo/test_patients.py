"""The synthetic patients are valid FHIR, marked as synthetic, and never age."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from cds_service.demo.patients.catalogue import PATIENTS

ON = date(2026, 11, 22)
BROKEN_ON_PURPOSE = {"broken-record-albumin-without-a-number"}


def _all() -> list[Any]:
    return [
        pytest.param(resource, id=resource["id"])
        for patient in PATIENTS.values()
        for resource in patient.resources(ON)
    ]


@pytest.mark.parametrize("resource", _all())
def test_resource_is_valid_r4(resource: dict[str, Any]) -> None:
    """Every resource validates, except the one that is broken on purpose."""
    model = get_fhir_model_class(resource["resourceType"])
    if resource["id"] in BROKEN_ON_PURPOSE:
        with pytest.raises(ValidationError, match="Decimal value string"):
            model.model_validate(resource)
    else:
        assert model.model_validate(resource).id == resource["id"]


@pytest.mark.parametrize("patient_id", PATIENTS)
def test_every_resource_is_marked_synthetic(patient_id: str) -> None:
    """Each resource carries the tag for test data and each patient has 'Synthetic' as a name."""
    resources = PATIENTS[patient_id].resources(ON)
    assert {item["meta"]["tag"][0]["code"] for item in resources} == {"HTEST"}
    (person,) = [item for item in resources if item["resourceType"] == "Patient"]
    assert person["id"] == patient_id
    assert person["name"][0]["family"] in ("Synthetic", "合成")


@pytest.mark.parametrize("patient_id", PATIENTS)
def test_ids_are_unique(patient_id: str) -> None:
    """No two resources of a record share an id, so a reference is never ambiguous."""
    ids = [(item["resourceType"], item["id"]) for item in PATIENTS[patient_id].resources(ON)]
    assert len(set(ids)) == len(ids)


def test_no_date_is_in_the_future() -> None:
    """A record is never ahead of the day it is written for, on any day of the year."""
    for on in (ON, date(2028, 2, 29), date(2027, 1, 1)):
        for patient in PATIENTS.values():
            dates = [
                item[member]
                for item in patient.resources(on)
                for member in ("effectiveDateTime", "performedDateTime", "recordedDate")
                if member in item
            ]
            assert dates
            assert max(dates) <= on.isoformat()


def test_records_move_with_the_day() -> None:
    """The same record a year later has the same ages and distances, so the demo never ages."""
    first, later = (PATIENTS["mvi-present"].resources(on) for on in (ON, date(2027, 11, 22)))

    def operated(resources: tuple[dict[str, Any], ...]) -> str:
        return next(
            item["performedDateTime"]
            for item in resources
            if item["id"] == "mvi-present-partial-hepatectomy"
        )

    assert operated(first) == "2026-10-11"
    assert operated(later) == "2027-10-11"
    assert [item["id"] for item in first] == [item["id"] for item in later]


def test_broken_record_is_broken_as_told() -> None:
    """The broken record holds withdrawn copies, another patient's result and a wrong unit."""
    resources = {item["id"]: item for item in PATIENTS["broken-record"].resources(ON)}
    assert resources["broken-record-afp-entered-in-error"]["status"] == "entered-in-error"
    assert resources["broken-record-afp-of-another-patient"]["subject"] == {
        "reference": "Patient/somebody-else"
    }
    assert resources["broken-record-afp-with-a-wrong-unit"]["valueQuantity"]["code"] == "mmol/L"
