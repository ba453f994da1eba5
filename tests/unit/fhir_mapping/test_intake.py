"""What of a long list of laboratory results is not even kept, and what of it still speaks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_mapping.codes import Codes
from fhir_mapping.findings import Finding
from fhir_mapping.intake import OF_NO_INPUT, QUANTITY_OF_CONCEPT, SAYS_NOTHING_MORE
from fhir_mapping.patient_record import PatientRecord
from fhir_mapping.reading import OBSERVATION_READERS
from fhir_mapping.topics.blood import COUNTED
from fhir_mapping.topics.course import OBSERVED
from tests.mapping_records import Resource, full_resources, loinc, mapped, observation, quantity_of
from tests.spec.test_mapping_named_only import NAMED_ONLY

_CREATININE = loinc("2160-0")
_UNKNOWN = loinc("29463-7")
_FREE = sorted(SAYS_NOTHING_MORE - {"resourceType", "id", "status", "subject", "code"})
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8) | st.just("C22.0"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "system", "text", "reference", "value"]), inner
        )
    ),
    max_leaves=8,
)


def said(record: PatientRecord) -> tuple[Any, ...]:
    """Return everything that resources say, but the resources themselves."""
    return (
        record.findings,
        record.rejected,
        record.index_operation,
        record.recent_orders,
        record.last_imaging,
        record.moment,
    )


def read(record: PatientRecord) -> list[Finding]:
    """Return what was found but what the helper's own Patient and Condition say."""
    return [item for item in record.findings if item.name not in ("age_years", "sex", "hcc")]


PLAIN = mapped(*full_resources())


@pytest.mark.parametrize("concept", sorted(OF_NO_INPUT))
def test_what_is_of_no_input_is_read_by_nobody(concept: str) -> None:
    """A reader of such a code would never be called."""
    assert concept in Codes.shipped().concepts
    assert concept in NAMED_ONLY
    assert concept not in {*OBSERVATION_READERS, *QUANTITY_OF_CONCEPT, *COUNTED, *OBSERVED}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([_CREATININE, _UNKNOWN]),
    st.dictionaries(st.sampled_from(_FREE), _JSON, max_size=5),
)
def test_a_result_of_no_input_changes_nothing_whatever_its_other_members(
    code: Resource, more: dict[str, Any]
) -> None:
    """With or without it, the record is the same: findings, reasons, orders, dates."""
    result = {**observation(code, quantity_of(80, "umol/L"), "2026-11-10", id_as="x"), **more}
    assert said(mapped(*full_resources(), result)) == said(PLAIN)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"status": "entered-in-error"}, "entered in error"),
        ({"status": " Cancelled"}, "its status is cancelled"),
        (
            {"modifierExtension": [{"url": "x"}]},
            "it carries a modifierExtension that is not known here",
        ),
    ],
)
def test_a_result_of_a_known_code_that_is_not_used_is_still_listed(
    more: dict[str, Any], reason: str
) -> None:
    """Creatinine is for no input, yet its code is known: the list of what was not used has it."""
    result = observation(_CREATININE, quantity_of(80, "umol/L"), **more)
    assert [item.reason for item in mapped(result).rejected] == [reason]


def test_a_result_without_a_code_that_was_withdrawn_is_still_listed() -> None:
    """Nobody knows what it was of."""
    result = observation(_UNKNOWN, quantity_of(80, "umol/L"), status="entered-in-error")
    del result["code"]
    assert [item.reason for item in mapped(result).rejected] == ["entered in error"]


def test_a_result_of_another_patient_is_listed_whatever_its_code() -> None:
    """The clinician must know that the prefetch holds somebody else's results."""
    result = observation(
        _UNKNOWN, quantity_of(80, "umol/L"), subject={"reference": "Patient/somebody-else"}
    )
    assert [item.reason for item in mapped(result).rejected] == ["it is of another patient"]


@pytest.mark.parametrize(
    "more",
    [
        {"component": [{"code": loinc("1834-1"), **quantity_of(512, "ng/mL")}]},
        {
            "contained": [
                {
                    "resourceType": "Observation", "id": "c", "status": "final",
                    "code": loinc("1834-1"), **quantity_of(512, "ng/mL"),
                }
            ]
        },
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", [_CREATININE, _UNKNOWN])
def test_a_result_of_no_input_is_kept_for_what_else_it_holds(
    code: Resource, more: dict[str, Any]
) -> None:
    """A component or a contained result may be of any code."""
    record = mapped(observation(code, {}, **more))
    assert [item.name for item in read(record)] == ["afp_ng_ml"]


@pytest.mark.parametrize("code", [_CREATININE, _UNKNOWN])
def test_the_words_of_a_result_of_no_input_are_read(code: Resource) -> None:
    """A note says something whatever the result is of."""
    note = [{"text": "Microvascular invasion: present."}]
    record = mapped(observation(code, quantity_of(80, "umol/L"), note=note))
    assert [item.name for item in read(record)] == ["microvascular_invasion"]


def test_the_members_of_a_panel_of_no_input_have_its_day() -> None:
    """A panel of an unknown code lends its date to what it lists."""
    panel = observation(_UNKNOWN, {}, "2026-11-03", hasMember=[{"reference": "Observation/m"}])
    member = observation(loinc("1834-1"), quantity_of(512, "ng/mL"), id_as="m")
    del member["effectiveDateTime"]
    (finding,) = read(mapped(panel, member))
    assert str(finding.earliest) == "2026-11-03"


def test_a_later_version_of_no_input_takes_the_place_of_the_earlier_one() -> None:
    """A result whose code was corrected to creatinine is no AFP any more."""
    earlier = observation(loinc("1834-1"), quantity_of(512, "ng/mL"), id_as="x")
    later = observation(_CREATININE, quantity_of(80, "umol/L"), id_as="x")
    earlier["meta"] = {"lastUpdated": "2026-11-01T00:00:00Z"}
    later["meta"] = {"lastUpdated": "2026-11-02T00:00:00Z"}
    assert read(mapped(earlier, later)) == read(mapped(later, earlier)) == []
