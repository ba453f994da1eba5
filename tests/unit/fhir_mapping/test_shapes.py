"""Shapes in which resources arrive: panels, reports, contained, partial dates, R5, versions."""

from __future__ import annotations

from datetime import date, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from fhir_mapping.findings import Certainty, Evidence, Finding, Origin
from fhir_mapping.intake import Intake
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.patient_record import PatientRecord, map_record
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState
from fhir_mapping.resources import (
    Days,
    display_of,
    read_days,
    read_moment,
    reference_as_type_and_id,
    status_code,
)
from models.inputs import Knowledge, exactly
from models.model import Anchor, InputNeed, Preference
from models.quantities import quantity
from tests.mapping_records import (
    ON,
    PATIENT_ID,
    Resource,
    concept,
    condition,
    loinc,
    mapped,
    medication,
    observation,
    own,
    patient,
    prefetch_of,
    procedure,
    quantity_of,
    resection,
    sct,
)

SUBJECT = {"reference": f"Patient/{PATIENT_ID}"}


def chosen(record: PatientRecord, name: str, preference: Preference = Preference.NONE) -> Any:
    """Return one known value before the operation, None if it is not known."""
    need = InputNeed(quantity(name), Anchor.BEFORE_OPERATION, preference=preference)
    return record.select(need).value.value


# --- Dates.


@pytest.mark.parametrize(
    ("sent", "earliest", "latest"),
    [
        ("2026-03-04", "2026-03-04", "2026-03-04"),
        ("2026-03", "2026-03-01", "2026-03-31"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-03-04T23:30:00-05:00", "2026-03-04", "2026-03-04"),
        ({"start": "2026-03-01", "end": "2026-03-04"}, "2026-03-01", "2026-03-04"),
        ({"start": "2026-03"}, "2026-03-01", "2026-03-31"),
        ({"event": ["2026-03-01", "2026-02-01"]}, "2026-02-01", "2026-03-01"),
    ],
)
def test_a_date_means_these_days(sent: object, earliest: str, latest: str) -> None:
    """A partial date means every day it may be; a period reaches from start to end."""
    days = read_days(sent)
    assert (days.earliest, days.latest) == (
        date.fromisoformat(earliest),
        date.fromisoformat(latest),
    )
    assert days.is_partial is (earliest != latest)


@pytest.mark.parametrize(
    "sent", ["", "March", "2026-13", "2026-02-30", "0000", 5, None, [], {}, "2026-03-04 10:00"]
)
def test_what_is_no_date_is_undated(sent: object) -> None:
    """Nothing is guessed of a date that cannot be."""
    assert read_days(sent) == Days()


def test_an_instant_becomes_a_day_in_the_sites_zone() -> None:
    """Half past midnight in Shanghai is still yesterday in UTC."""
    shanghai = timezone(timedelta(hours=8))
    assert read_days("2026-03-03T16:30:00Z", shanghai).earliest == date(2026, 3, 4)
    assert read_days("2026-03-03T16:30:00", shanghai).earliest == date(2026, 3, 3)
    assert read_days("2026-03-03T99:30:00Z", shanghai) == Days()


@pytest.mark.parametrize("sent", ["2026-03-04", "2026-03-04T10:00:00", "2026-03-04Tx", None])
def test_only_a_time_with_an_offset_is_a_moment(sent: object) -> None:
    """A time without its offset cannot be compared with another."""
    assert read_moment(sent) is None


# --- References, statuses, displays.


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"reference": "Patient/1"}, "Patient/1"),
        ("https://x.example.org/fhir/r4/Patient/1/_history/2", "Patient/1"),
        ({"reference": "#p"}, "#p"),
        ("urn:uuid:5", "urn:uuid:5"),
        ({"display": "somebody"}, ""),
        (None, ""),
    ],
)
def test_a_reference_is_a_type_and_an_id(sent: object, expected: str) -> None:
    """Relative, absolute and versioned references are the same; others stay as they are."""
    assert reference_as_type_and_id(sent) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [("Final ", "final"), ({"coding": [{"code": "active"}]}, "active"), ({"text": "Active"}, "active"), (None, "")],
)  # fmt: skip
def test_a_status_is_a_code(sent: object, expected: str) -> None:
    """As a code, as a CodeableConcept, as text."""
    assert status_code(sent) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"text": "AFP", "coding": [{"display": "x"}]}, "AFP"),
        ({"coding": [{"code": "1"}, {"display": "x"}]}, "x"),
        ({"concept": {"text": "R5"}}, "R5"),
        ("plain", "plain"),
        (None, ""),
    ],
)
def test_what_a_code_says_in_words(sent: object, expected: str) -> None:
    """The text, else the first display."""
    assert display_of(sent) == expected


# --- Panels, reports, contained resources.


def test_a_panel_member_takes_the_date_of_its_panel() -> None:
    """A member without its own date has that of the panel that names it."""
    member = observation(loinc("1834-1"), quantity_of(30, "ng/mL"), "", id_as="member")
    panel = observation(
        loinc("48802-3"), {"hasMember": [{"reference": "Observation/member"}]}, "2026-11-01"
    )
    record = mapped(member, panel)
    assert chosen(record, "afp_ng_ml") == Decimal(30)
    assert {f.earliest for f in record.findings if f.name == "afp_ng_ml"} == {date(2026, 11, 1)}


def test_a_contained_observation_is_read_with_the_date_of_its_report() -> None:
    """A report may hold its results inside; their subject and date are the report's."""
    inner = {
        "resourceType": "Observation", "id": "afp", "status": "final",
        "code": loinc("1834-1"), **quantity_of(30, "ng/mL"),
    }  # fmt: skip
    report = {
        "resourceType": "DiagnosticReport", "id": "lab", "status": "final", "subject": SUBJECT,
        "code": {"text": "Laboratory"}, "effectiveDateTime": "2026-11-01",
        "contained": [inner, {"resourceType": "Organization", "id": "o"}],
        "result": [{"reference": "#afp"}],
    }  # fmt: skip
    record = mapped(report)
    assert chosen(record, "afp_ng_ml") == Decimal(30)
    afp = [item for item in record.findings if item.name == "afp_ng_ml"]
    assert [item.evidence.reference for item in afp] == ["DiagnosticReport/lab#afp"]


@pytest.mark.parametrize(
    ("report", "origin"),
    [
        ({"category": [{"coding": [{"code": "RAD"}]}]}, Origin.IMAGING),
        ({"category": [{"coding": [{"code": "SP"}]}]}, Origin.SPECIMEN),
        ({"code": loinc("30612-6")}, Origin.IMAGING),
        ({"specimen": [{"reference": "Specimen/s"}]}, Origin.SPECIMEN),
        ({}, Origin.UNSTATED),
    ],
)
def test_a_report_tells_the_origin_of_its_results(report: Resource, origin: Origin) -> None:
    """Imaging or specimen, by the report's category, code or specimen."""
    size = observation(loinc("21889-1"), quantity_of(4, "cm"), "", id_as="size")
    record = mapped(
        size,
        {
            "resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": SUBJECT,
            "code": {"text": "report"}, "effectiveDateTime": "2026-11-01",
            "result": [{"reference": "Observation/size"}], **report,
        },
    )  # fmt: skip
    found = [item for item in record.findings if item.name == "tumour_size_cm"]
    assert [(item.origin, item.earliest) for item in found] == [(origin, date(2026, 11, 1))]


@pytest.mark.parametrize(
    ("more", "origin"),
    [
        ({"method": sct("113091000"), "specimen": {"reference": "Specimen/s"}}, Origin.IMAGING),
        ({"method": sct("787377000")}, Origin.SPECIMEN),
        ({"category": [{"coding": [{"code": "imaging"}]}]}, Origin.IMAGING),
        ({"derivedFrom": [{"reference": "ImagingStudy/1"}]}, Origin.IMAGING),
        ({"category": [{"coding": [{"code": "exam"}]}]}, Origin.UNSTATED),
    ],
)
def test_an_observation_tells_its_own_origin(more: Resource, origin: Origin) -> None:
    """By method, specimen, category or imaging study."""
    record = mapped(observation(loinc("21889-1"), quantity_of(4, "cm"), **more))
    assert [i.origin for i in record.findings if i.name == "tumour_size_cm"] == [origin]


def test_an_answer_says_what_it_means_under_an_unknown_question() -> None:
    """An answer such as "R0" needs no question that is known here."""
    question = concept("https://hospital.example.org", "q")
    record = mapped(
        resection(), observation(question, {"valueCodeableConcept": sct("258254000")}, "2026-10-05")
    )
    assert record.situation()["residual_tumour"].value.value == "R0"


def test_a_finding_unstated_soon_after_surgery_is_of_the_specimen() -> None:
    """Within thirty days it is; later it does not say, and the size of a recurrence may be meant."""
    soon = observation(loinc("21889-1"), quantity_of(4, "cm"), "2026-10-20")
    late = observation(loinc("21889-1"), quantity_of(4, "cm"), "2026-11-10")
    assert chosen(mapped(resection(), soon), "tumour_size_cm", Preference.SPECIMEN_FIRST) == 4
    assert chosen(mapped(resection(), late), "tumour_size_cm", Preference.SPECIMEN_FIRST) is None
    assert chosen(mapped(resection(), soon), "tumour_size_cm", Preference.IMAGING_ONLY) is None


def test_undated_values_count_only_where_nothing_dated_does() -> None:
    """And never where a window in days must hold."""
    undated = observation(loinc("21889-1"), quantity_of(4, "cm"), "", id_as="undated")
    dated = observation(loinc("21889-1"), quantity_of(3, "cm"), "2026-11-01")
    assert chosen(mapped(undated), "tumour_size_cm") == 4
    record = mapped(undated, dated)
    assert chosen(record, "tumour_size_cm") == 3
    need = InputNeed(quantity("tumour_size_cm"), Anchor.BEFORE_OPERATION)
    assert [item.reason for item in record.select(need).rejected] == ["it has no date, others have"]
    afp = mapped(observation(loinc("1834-1"), quantity_of(4, "ng/mL"), ""))
    need = InputNeed(quantity("afp_ng_ml"), Anchor.BEFORE_OPERATION)
    assert afp.select(need).value.reason == "not usable: it has no date"


def test_a_value_of_the_future_is_not_used() -> None:
    """One day of grace, for records written further east."""
    tomorrow = observation(loinc("21889-1"), quantity_of(4, "cm"), "2026-11-23")
    later = observation(loinc("21889-1"), quantity_of(4, "cm"), "2026-11-24")
    assert chosen(mapped(tomorrow), "tumour_size_cm") == 4
    assert chosen(mapped(later), "tumour_size_cm") is None


def test_two_overlapping_sizes_of_lesions_give_what_the_larger_may_be() -> None:
    """One lesion of 3 cm and one above 2 cm: the largest is 3 cm or more."""
    focus = [[{"reference": f"BodyStructure/{name}"}] for name in "ab"]
    record = mapped(
        observation(loinc("21889-1"), quantity_of(3, "cm"), id_as="a", focus=focus[0]),
        observation(loinc("21889-1"), quantity_of(2, "cm", ">"), id_as="b", focus=focus[1]),
    )
    need = InputNeed(quantity("tumour_size_cm"), Anchor.BEFORE_OPERATION)
    part = record.select(need).value.numbers[0]
    assert (part.lower, part.lower_open, part.upper) == (Decimal(3), False, Decimal(40))


def test_ranges_that_exclude_each_other_leave_what_lies_between_them_too() -> None:
    """Below 20 and above 50 of the same day: nothing narrower can be said."""
    record = mapped(
        observation(loinc("1834-1"), quantity_of(20, "ng/mL", "<"), id_as="a"),
        observation(loinc("1834-1"), quantity_of(50, "ng/mL", ">"), id_as="b"),
    )
    value = record.select(InputNeed(quantity("afp_ng_ml"), Anchor.BEFORE_OPERATION)).value
    assert value.reason == "conflict: 0 to 20 and 50 to 10000000 ng/mL"
    assert value.knowledge is Knowledge.UNKNOWN


def test_a_value_within_a_recorded_range_settles_it() -> None:
    """Above 1210 and 1500 of the same day agree on 1500."""
    record = mapped(
        observation(loinc("1834-1"), quantity_of(1210, "ng/mL", ">"), id_as="a"),
        observation(loinc("1834-1"), quantity_of(1500, "ng/mL"), id_as="b"),
    )
    assert chosen(record, "afp_ng_ml") == 1500


def test_contradicting_answers_of_one_day_are_a_conflict() -> None:
    """Present and absent on the same day: both stay possible, and the reason says so."""
    record = mapped(
        observation(own("satellite-nodules"), {"valueBoolean": True}, id_as="a"),
        observation(own("satellite-nodules"), {"valueBoolean": False}, id_as="b"),
    )
    value = record.select(InputNeed(quantity("satellites"), Anchor.BEFORE_OPERATION)).value
    assert value.categories == {"absent", "present"}
    assert value.reason == "conflict: absent and present"


# --- R5, versions, intake.


def test_r5_resources_of_the_same_types_are_read() -> None:
    """Procedure.occurrence, Encounter.actualPeriod and CodeableReference are R5's names."""
    record = mapped(
        {
            "resourceType": "Procedure", "id": "resection", "status": "completed",
            "subject": SUBJECT, "code": sct("71273005"), "occurrenceDateTime": "2026-10-01",
            "reason": [{"concept": sct("109841003")}],
        },
        {
            "resourceType": "Encounter", "id": "stay", "status": "completed", "subject": SUBJECT,
            "class": [{"coding": [{"code": "IMP"}]}],
            "actualPeriod": {"start": "2026-09-30", "end": "2026-10-09"},
        },
        {
            "resourceType": "MedicationRequest", "id": "m", "status": "active", "subject": SUBJECT,
            "medication": {"concept": {"text": "Lenvatinib 12 mg"}}, "authoredOn": "2026-08-01",
        },
    )  # fmt: skip
    assert record.index_operation.earliest == date(2026, 10, 1)
    assert record.situation()["earlier_treatment"].value.value == "present"
    need = InputNeed(quantity("complication"), Anchor.SPECIMEN_AND_COURSE)
    assert record.select(need).value.value == "absent"


def test_a_contained_medication_is_read() -> None:
    """MedicationRequest.medicationReference may point inside the request."""
    request = medication("x", "2026-08-01")
    del request["medicationCodeableConcept"]
    request["medicationReference"] = {"reference": "#m"}
    request["contained"] = [
        {
            "resourceType": "Medication",
            "id": "m",
            "code": concept("http://www.whocc.no/atc", "L01EX08"),
        }
    ]
    assert mapped(request).situation()["earlier_treatment"].value.value == "present"


def test_a_later_version_of_a_resource_counts() -> None:
    """Of two versions with the same id the last updated one is read, also if it withdraws."""
    old = observation(
        loinc("1834-1"),
        quantity_of(30, "ng/mL"),
        id_as="a",
        meta={"lastUpdated": "2026-11-01T00:00:00Z"},
    )
    new = {
        **observation(loinc("1834-1"), quantity_of(60, "ng/mL"), id_as="a"),
        "meta": {"lastUpdated": "2026-11-02T00:00:00Z"},
    }
    assert chosen(mapped(old, new), "afp_ng_ml") == 60
    assert chosen(mapped(old, {**new, "status": "entered-in-error"}), "afp_ng_ml") is None


def test_a_modifier_extension_that_is_not_known_rules_a_resource_out() -> None:
    """FHIR forbids to read past one; the reason is listed."""
    record = mapped(
        observation(loinc("1834-1"), quantity_of(30, "ng/mL"), modifierExtension=[{"url": "not"}])
    )
    assert chosen(record, "afp_ng_ml") is None
    assert [(item.name, item.reason) for item in record.rejected] == [
        ("afp_ng_ml", "it carries a modifierExtension that is not known here")
    ]


def test_a_contained_patient_is_followed() -> None:
    """A subject inside the resource is read as the reference it stands for."""
    inside = {
        "contained": [{"resourceType": "Patient", "id": "me"}],
        "subject": {"reference": "#me"},
    }
    other = mapped(observation(loinc("1834-1"), quantity_of(30, "ng/mL"), **inside))
    assert [item.reason for item in other.rejected] == ["it is of another patient"]
    inside["contained"] = [{"resourceType": "Patient", "id": PATIENT_ID}]
    inside["subject"] = {"reference": f"#{PATIENT_ID}"}
    mine = mapped(observation(loinc("1834-1"), quantity_of(30, "ng/mL"), **inside))
    assert chosen(mine, "afp_ng_ml") == 30


def test_a_resource_without_a_subject_came_with_this_patients_search() -> None:
    """It is used; whoever sent it was asked for this patient."""
    lonely = observation(loinc("1834-1"), quantity_of(30, "ng/mL"))
    del lonely["subject"]
    assert chosen(mapped(lonely), "afp_ng_ml") == 30


def test_what_is_not_an_object_is_listed() -> None:
    """A number among the resources is not used, and said to be so."""
    prefetch = prefetch_of([patient(), condition(sct("109841003"))])
    broken: Any = (5,)
    prefetch["observations"] = PrefetchKey(PrefetchState.COMPLETE, broken)
    record = map_record(prefetch, patient_id=PATIENT_ID, on=ON)
    assert [(i.evidence.reference, i.reason) for i in record.rejected] == [
        ("an entry of observations", "not a JSON object")
    ]


def test_a_patient_who_is_somebody_else_is_never_used() -> None:
    """Not even the birth date."""
    prefetch = prefetch_of([patient(), condition(sct("109841003"))])
    prefetch["patient"] = PrefetchKey(PrefetchState.COMPLETE, (patient(id="other"),))
    record = map_record(prefetch, patient_id=PATIENT_ID, on=ON)
    assert record.situation()["age_years"].value.knowledge is Knowledge.UNKNOWN


def test_an_implausible_operation_date_is_survived() -> None:
    """A resection in the year 1 gives no months, and nothing raises."""
    record = mapped(procedure(sct("71273005"), "0001-01-01"))
    months = record.situation()["months_since_resection"].value
    assert months.reason == "the date of the operation is not plausible"


# --- Text, for the reader that a later version adds.


def _told(intake: Intake) -> Any:
    yield Finding(
        "satellites", exactly(quantity("satellites"), "present"),
        Evidence("DiagnosticReport/r", quote="satellite nodules are seen"),
        intake.on, intake.on, certainty=Certainty.READ_FROM_TEXT,
    )  # fmt: skip


def test_a_finding_read_from_text_narrows_only_where_the_site_allows_it() -> None:
    """Otherwise it is listed, to be confirmed; a coded value stands before it."""
    need = InputNeed(quantity("satellites"), Anchor.BEFORE_OPERATION)
    asked = mapped(narrative=_told).select(need)
    assert asked.value.reason == "not usable: read from text, to be confirmed"
    allowed = MappingSettings(narrative_narrows=True)
    assert mapped(narrative=_told, settings=allowed).select(need).value.value == "present"
    coded = observation(own("satellite-nodules"), {"valueBoolean": False})
    both = mapped(coded, narrative=_told, settings=allowed).select(need)
    assert both.value.value == "absent"
    assert [item.reason for item in both.rejected] == ["a coded value is preferred"]
