"""What must never change a result, over the records of all synthetic patients."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from tests.mapping_records import Resource, prefetch_of
from tests.property.mapping_variants import (
    RECORDS,
    inputs_of,
    mapped_as,
    meaning_of,
    withdrawn,
)
from tests.published_examples import EXAMPLES, patient_of

_EACH = pytest.mark.parametrize("patient_id", RECORDS)
_FEW = settings(max_examples=6, deadline=None)
_EXPECTED = {name: inputs_of(mapped_as(name, resources)) for name, resources in RECORDS.items()}
_WITHOUT_PATIENT = {
    name: [item for item in resources if item["resourceType"] != "Patient"]
    for name, resources in RECORDS.items()
}
_UNITS = {
    "cm": [("mm", 10), ("毫米", 10), ("m", Decimal("0.01")), ("厘米", 1)],
    "mm": [("cm", Decimal("0.1")), ("毫米", 1), ("CM", Decimal("0.1"))],
    "ng/mL": [("ug/L", 1), ("µg/L", 1), ("pg/mL", 1000), ("纳克/毫升", 1)],
    "%": [("percent", 1), ("％", 1), ("1", Decimal("0.01"))],
    "g/L": [("g/dL", Decimal("0.1")), ("克/升", 1)],
    "10*9/L": [("10*3/uL", 1), ("K/uL", 1), ("/uL", 1000), ("个/微升", 1000), ("x10^9/L", 1)],
    "umol/L": [("μmol/L", 1), ("微摩尔/升", 1)],
}


@_EACH
@_FEW
@given(data=st.data())
def test_order_copies_and_withdrawn_copies_never_matter(
    patient_id: str, data: st.DataObject
) -> None:
    """In any order, some twice, some withdrawn under a new id or their own: the inputs are the same."""
    others = st.sampled_from(_WITHOUT_PATIENT[patient_id])
    copies = data.draw(st.lists(others, max_size=4))
    wrong = [
        withdrawn(item, f"wrong-{number}" if data.draw(st.booleans()) else "")
        for number, item in enumerate(data.draw(st.lists(others, max_size=4)))
        if item["resourceType"] != "DiagnosticReport"
    ]
    everything = [*RECORDS[patient_id], *copy.deepcopy(copies), *wrong]
    shuffled = data.draw(st.permutations(everything))
    assert inputs_of(mapped_as(patient_id, shuffled)) == _EXPECTED[patient_id]


@_EACH
@_FEW
@given(data=st.data())
def test_the_page_and_the_key_that_a_resource_comes_in_never_matter(
    patient_id: str, data: st.DataObject
) -> None:
    """Split over pages, or sent along with another key's query, the same resources say the same."""
    whole = prefetch_of(RECORDS[patient_id])
    keys = sorted(set(whole) - {"patient"})
    pages: dict[str, list[Resource]] = {key: [] for key in keys}
    for key in keys:
        for resource in whole[key].resources:
            target = data.draw(st.sampled_from([key, key, *keys]))
            pages[target].append(dict(resource))
    moved = {
        key: PrefetchKey(whole[key].state, tuple(resources)) for key, resources in pages.items()
    }
    record = mapped_as(patient_id, (), prefetch={"patient": whole["patient"], **moved})
    assert inputs_of(record) == _EXPECTED[patient_id]


@_EACH
@_FEW
@given(data=st.data())
def test_the_unit_of_a_value_never_matters(patient_id: str, data: st.DataObject) -> None:
    """Every quantity of the record in another unit of its kind, in UCUM or as hospitals write it."""
    resources = copy.deepcopy(RECORDS[patient_id])
    for resource in resources:
        if resource["resourceType"] == "Observation":
            for node in (resource, *resource.get("component", [])):
                _change_unit(node, data)
    assert meaning_of(mapped_as(patient_id, resources)) == meaning_of(
        mapped_as(patient_id, RECORDS[patient_id])
    )


def _change_unit(node: dict[str, Any], data: st.DataObject) -> None:
    amount = node.get("valueQuantity", {})
    if not isinstance(amount.get("value"), int | float) or amount.get("code") not in _UNITS:
        return
    unit, factor = data.draw(st.sampled_from(_UNITS[amount["code"]]))
    changed = Decimal(str(amount["value"])) * factor
    amount.update(value=float(changed), unit=unit)
    del amount["code"]


@_EACH
@_FEW
@given(hours=st.integers(-12, 14))
def test_the_zone_an_instant_is_written_in_never_matters(patient_id: str, hours: int) -> None:
    """Every day of the record as an instant: the site's zone decides the day, not the writer's."""
    site = timezone(timedelta(hours=8))
    written_in = timezone(timedelta(hours=hours))

    def as_instants(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: _instant(item, site, written_in) if key in _DATES else as_instants(item)
                for key, item in value.items()
            }
        return [as_instants(item) for item in value] if isinstance(value, list) else value

    resources = [as_instants(item) for item in RECORDS[patient_id]]
    in_zone = mapped_as(patient_id, resources, MappingSettings(time_zone=site))
    assert meaning_of(in_zone) == meaning_of(mapped_as(patient_id, RECORDS[patient_id]))


# Not those of an operation and a transfusion: a time says more of them than a day.
_DATES = frozenset({"effectiveDateTime", "onsetDateTime", "recordedDate", "authoredOn"})


def _instant(value: object, site: timezone, written_in: timezone) -> object:
    """Return a day as half past midnight at the site, written elsewhere; yesterday there, often."""
    if not isinstance(value, str) or len(value) != len("2026-11-22"):
        return value
    day = datetime.fromisoformat(value).replace(hour=0, minute=30, tzinfo=site)
    assert day.astimezone(UTC).date() < day.date()
    return day.astimezone(written_in).isoformat()


_OF_ANOTHER_CANCER = [
    item
    for name, item in EXAMPLES.items()
    if item["resourceType"] != "Patient"
    # These say what is of the patient, or of a tumour that is not named.
    and not name.endswith(("ecog-performance-status-jenny-m", "serum-total-bilirubin"))
    and "tumor-size" not in name
    and "Secondary" not in name
]


@_EACH
@_FEW
@given(data=st.data())
def test_the_record_of_another_cancer_never_matters(patient_id: str, data: st.DataObject) -> None:
    """Published breast and lung cancer examples among a patient's resources change no input."""
    drawn = data.draw(st.lists(st.sampled_from(_OF_ANOTHER_CANCER), max_size=6))
    others = [{**item, "subject": {"reference": f"Patient/{patient_id}"}} for item in drawn]
    record = mapped_as(patient_id, [*RECORDS[patient_id], *others])
    assert meaning_of(record) == meaning_of(mapped_as(patient_id, RECORDS[patient_id]))


@_EACH
def test_the_resources_of_another_patient_are_never_used(patient_id: str) -> None:
    """The whole published record, left under its own subjects, is listed and not read."""
    strangers = [item for item in EXAMPLES.values() if item["resourceType"] != "Patient"]
    assert all(patient_of(item) != patient_id for item in strangers)
    record = mapped_as(patient_id, [*RECORDS[patient_id], *strangers])
    assert inputs_of(record) == _EXPECTED[patient_id]
    foreign = [item for item in record.rejected if item.reason == "it is of another patient"]
    assert len({item.evidence.reference for item in foreign}) >= len(strangers)


@_EACH
@_FEW
@given(data=st.data())
def test_a_page_that_is_missing_never_makes_a_value_of_its_list_certain(
    patient_id: str, data: st.DataObject
) -> None:
    """What rests on the latest of a list of observations that was cut short is not one value."""
    whole = prefetch_of(RECORDS[patient_id])
    observations = whole["observations"].resources
    kept = tuple(item for item in observations if data.draw(st.booleans()))
    cut = {**whole, "observations": PrefetchKey(PrefetchState.INCOMPLETE, kept)}
    record = mapped_as(patient_id, (), prefetch=cut)
    inputs = inputs_of(record)
    for name in ("hpr_preoperative: afp_ng_ml", "albi: bilirubin_umol_l", "albi: albumin_g_l"):
        assert not inputs[name].is_known
