"""What must never change a result: order, copies, units, time zones, irrelevant resources."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_mapping.findings import Selected
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey
from models.inputs import Input
from models.registry import MODELS
from tests.mapping_records import (
    ON,
    PATIENT_ID,
    Resource,
    full_resources,
    loinc,
    mapped,
    observation,
    prefetch_of,
    quantity_of,
)

_NEEDS = {
    (need.quantity.name, need.anchor, need.preference): need
    for model in MODELS.values()
    for need in model.needs
}
_FEW = settings(max_examples=40, deadline=None)


def inputs_of(record: PatientRecord) -> dict[Any, Input]:
    """Return every input of every model, and of the situation."""
    chosen: dict[Any, Selected] = {key: record.select(need) for key, need in _NEEDS.items()}
    return {key: item.value for key, item in {**chosen, **record.situation()}.items()}


EXPECTED = inputs_of(mapped(*full_resources()))


def test_the_whole_record_is_read() -> None:
    """The record that is varied below gives known values, so that a change would be seen."""
    known = {
        key if isinstance(key, str) else key[0] for key, value in EXPECTED.items() if value.is_known
    }
    assert known >= {
        "age_years", "afp_ng_ml", "tumour_size_cm", "tumour_number", "macrovascular_invasion",
        "capsule", "satellites", "rupture", "microvascular_invasion", "ki67_percent", "margin_cm",
        "transfusion", "complication", "residual_tumour", "hbv", "hbv_antiviral",
    }  # fmt: skip


@_FEW
@given(st.permutations(full_resources()))
def test_the_order_of_resources_never_matters(resources: list[Resource]) -> None:
    """However the resources are ordered, the inputs are the same."""
    assert inputs_of(mapped(*resources)) == EXPECTED


@_FEW
@given(st.lists(st.sampled_from(full_resources()), max_size=8))
def test_duplicates_never_matter(copies: list[Resource]) -> None:
    """A resource that arrives twice counts once."""
    others = [copy.deepcopy(item) for item in copies if item["resourceType"] != "Patient"]
    assert inputs_of(mapped(*full_resources(), *others)) == EXPECTED


@_FEW
@given(st.lists(st.sampled_from(full_resources()), max_size=8), st.booleans())
def test_copies_entered_in_error_never_matter(copies: list[Resource], own_id: bool) -> None:
    """A copy that was entered in error is not used, with a new id or under the same."""
    wrong = []
    for number, item in enumerate(copies):
        if item["resourceType"] in ("Patient", "DiagnosticReport"):
            continue
        changed = copy.deepcopy(item)
        if not own_id:
            changed["id"] = f"wrong-{number}"
        if item["resourceType"] == "Condition":
            changed["verificationStatus"] = {"coding": [{"code": "entered-in-error"}]}
        else:
            changed["status"] = "entered-in-error"
        wrong.append(changed)
    assert inputs_of(mapped(*full_resources(), *wrong)) == EXPECTED


@_FEW
@given(st.lists(st.integers(0, 20), max_size=3, unique=True))
def test_pages_never_matter(cuts: list[int]) -> None:
    """Resources that arrive under another key, as a second page would, count the same."""
    resources = full_resources()
    moved = [item for number, item in enumerate(resources) if number in cuts]
    kept = [item for item in resources if item not in moved]
    prefetch = prefetch_of(kept)
    extra = [item for item in moved if item["resourceType"] != "Patient"]
    patients = [item for item in moved if item["resourceType"] == "Patient"]
    whole = prefetch_of(resources)
    for key, part in prefetch.items():
        prefetch[key] = PrefetchKey(whole[key].state, part.resources)
    prefetch["patient"] = PrefetchKey(
        whole["patient"].state, (*prefetch["patient"].resources, *patients)
    )
    prefetch["more"] = PrefetchKey(whole["observations"].state, tuple(extra))
    assert inputs_of(map_record(prefetch, patient_id=PATIENT_ID, on=ON)) == EXPECTED


@_FEW
@given(
    st.integers(1, 400).map(lambda millimetres: Decimal(millimetres)),
    st.sampled_from([("mm", "1"), ("cm", "0.1"), ("毫米", "1"), ("厘米", "0.1"), ("m", "0.001"), ("CM", "0.1")]),
)  # fmt: skip
def test_the_unit_of_a_size_never_matters(millimetres: Decimal, unit: tuple[str, str]) -> None:
    """The same size in another unit is the same input, exactly."""
    sent = float(millimetres * Decimal(unit[1]))
    record = mapped(observation(loinc("21889-1"), quantity_of(sent, unit[0])))
    need = next(item for (name, *_), item in _NEEDS.items() if name == "tumour_size_cm")
    assert record.select(need).value.value == millimetres / 10


@_FEW
@given(
    st.decimals("0.1", "90000", places=1),
    st.sampled_from([("ng/mL", "1"), ("ug/L", "1"), ("ng/ml", "1"), ("µg/L", "1"), ("pg/mL", "1000"), ("ng/L", "1000")]),
)  # fmt: skip
def test_the_unit_of_afp_never_matters(afp: Decimal, unit: tuple[str, str]) -> None:
    """The same AFP in another mass unit is the same input, exactly."""
    sent = float(afp * Decimal(unit[1]))
    record = mapped(observation(loinc("1834-1"), quantity_of(sent, unit[0])))
    need = next(item for (name, *_), item in _NEEDS.items() if name == "afp_ng_ml")
    assert record.select(need).value.value == afp


@_FEW
@given(st.integers(-12, 14), st.integers(-12, 14))
def test_the_time_zone_of_an_instant_never_matters(one: int, other: int) -> None:
    """With the site's zone set, the same instant written in two zones is the same day."""
    site = MappingSettings(time_zone=timezone(timedelta(hours=8)))
    instant = datetime(2026, 10, 1, 1, 30, tzinfo=UTC)
    results = []
    for hours in (one, other):
        written = instant.astimezone(timezone(timedelta(hours=hours))).isoformat()
        resources = full_resources()
        for item in resources:
            if item["resourceType"] == "Procedure" and item["id"] == "resection":
                item["performedDateTime"] = written
        results.append(inputs_of(mapped(*resources, settings=site)))
    assert results[0] == results[1]


@_FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["17856-6", "2160-0", "29463-7", "85330-9", "1832-5"]),
            st.floats(0, 999),
        ),
        max_size=12,
    )
)
def test_irrelevant_resources_never_matter(extra: list[tuple[str, float]]) -> None:
    """Glycated haemoglobin, creatinine, weight, breast Ki67 and AFP in amniotic fluid change nothing."""
    others = [
        observation(loinc(code), quantity_of(value, "g/dL"), "2026-11-10", id_as=f"x{number}")
        for number, (code, value) in enumerate(extra)
    ]
    assert inputs_of(mapped(*full_resources(), *others)) == EXPECTED
