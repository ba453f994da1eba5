"""Every line of the reading rules, on both sides; rendered names are those of docs/mapping.md.

A patient with HCC (diagnosed 1 September 2026), a resection on 1 October 2026 where there is one,
and today is 22 November 2026.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mapping.findings import Selected
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.patient_record import PatientRecord
from models.inputs import Input, Knowledge
from models.model import Anchor, InputNeed, Preference
from models.quantities import quantity
from tests.mapping_records import (
    Resource,
    concept,
    condition,
    encounter,
    loinc,
    mapped,
    observation,
    own,
    procedure,
    quantity_of,
    resection,
    sct,
)

BEFORE = Anchor.BEFORE_OPERATION
COURSE = Anchor.SPECIMEN_AND_COURSE
NOW = Anchor.NOW
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
_IMAGING = {"method": sct("77477000")}
_SPECIMEN = {"specimen": {"reference": "Specimen/s"}}


def asked(
    record: PatientRecord,
    name: str,
    anchor: Anchor = BEFORE,
    preference: Preference = Preference.NONE,
    window_days: int | None = None,
) -> Selected:
    """Return one input as a model would ask for it."""
    return record.select(InputNeed(quantity(name), anchor, window_days, preference))


def said(value: Input) -> str:
    """Return an input in a few words, as a spec reads it."""
    if value.knowledge is Knowledge.NOT_YET_KNOWABLE:
        return "not yet knowable"
    if value.is_known:
        return str(value.value)
    if value.knowledge is Knowledge.UNKNOWN:
        return "unknown"
    if value.categories:
        return " or ".join(name for name in value.quantity.categories if name in value.categories)
    parts = [
        f"{part.lower}" if part.lower == part.upper
        else f"{'>' if part.lower_open else ''}{part.lower} to {'<' if part.upper_open else ''}{part.upper}"
        for part in value.numbers
    ]  # fmt: skip
    return " or ".join(parts)


def answer(code: Resource) -> Resource:
    """Return a coded answer."""
    return {"valueCodeableConcept": code}


PRESENT, ABSENT = answer(sct("52101004")), answer(sct("2667000"))


def above(value: Input, cut: str) -> str:
    """Return whether a number is above a cut-off: strictly, on decimals."""
    sides = {part.upper > Decimal(cut) for part in value.numbers}
    sides |= {
        part.lower > Decimal(cut) or (part.lower == Decimal(cut) and part.lower_open)
        for part in value.numbers
    }
    return "unknown" if len(sides) == 2 else ("above" if sides.pop() else "not above")


# --- Cuts are strict, on exact decimals; what straddles a cut is unknown.


@pytest.mark.parametrize(
    ("sent", "cut", "expected"),
    [
        (quantity_of(400, "ng/mL"), "400", "not above"),
        (quantity_of(400.1, "ng/mL"), "400", "above"),
        (quantity_of(25, "ng/mL"), "25", "not above"),
        (quantity_of(25.0001, "ng/mL"), "25", "above"),
        (quantity_of(1210, "ng/mL", ">"), "400", "above"),
        (quantity_of(400, "ng/mL", ">"), "400", "above"),
        (quantity_of(400, "ng/mL", ">="), "400", "unknown"),
        (quantity_of(300, "ng/mL", ">"), "400", "unknown"),
        (quantity_of(500, "ng/mL", "<"), "400", "unknown"),
        (quantity_of(20, "ng/mL", "<"), "25", "not above"),
        ({"valueString": ">1210 ng/mL"}, "400", "above"),
        ({"valueString": "＞ 1210 ng/ml"}, "400", "above"),
        ({"valueString": "300-500 ng/mL"}, "400", "unknown"),
        ({"valueRange": {"low": {"value": 300, "unit": "ng/mL"}, "high": {"value": 500, "unit": "ng/mL"}}}, "400", "unknown"),
    ],
)  # fmt: skip
def test_afp_against_a_cut_off(sent: Resource, cut: str, expected: str) -> None:
    """A comparator or a range leaves the category unknown exactly where it straddles the cut."""
    value = asked(mapped(observation(loinc("1834-1"), sent)), "afp_ng_ml").value
    assert above(value, cut) == expected


@pytest.mark.parametrize(
    ("unit", "sent", "expected"),
    [
        ("mm", 50, "5.0"),
        ("mm", 50.1, "5.01"),
        ("cm", 5, "5"),
        ("[in_i]", 2, "5.08"),
        ("毫米", 48, "4.8"),
    ],
)
def test_a_size_is_converted_exactly(unit: str, sent: float, expected: str) -> None:
    """50 mm is exactly 5 cm and so not above 5.0 cm."""
    chosen = asked(mapped(observation(loinc("21889-1"), quantity_of(sent, unit))), "tumour_size_cm")
    assert chosen.value.value == Decimal(expected)


# --- Size: last imaging before the operation, or the specimen.

_CT_OLD = observation(loinc("21889-1"), quantity_of(4.1, "cm"), "2026-08-01", **_IMAGING)
_CT = observation(loinc("21889-1"), quantity_of(4.8, "cm"), "2026-09-15", **_IMAGING)
_MRI = observation(
    loinc("21889-1"), quantity_of(5.3, "cm"), "2026-09-15", id_as="mri", method=sct("113091000")
)
_GROSS = observation(loinc("21889-1"), quantity_of(5.6, "cm"), "2026-10-05", **_SPECIMEN)
_RECURRED = observation(loinc("21889-1"), quantity_of(1.2, "cm"), "2026-11-15", **_IMAGING)


@pytest.mark.parametrize(
    ("resources", "preference", "expected"),
    [
        ([_CT_OLD, _CT], Preference.IMAGING_ONLY, "4.8"),
        ([_CT, resection(), _GROSS], Preference.IMAGING_ONLY, "4.8"),
        ([_CT, resection(), _GROSS], Preference.SPECIMEN_FIRST, "5.6"),
        ([_CT, resection()], Preference.SPECIMEN_FIRST, "4.8"),
        ([_CT, resection(), _RECURRED], Preference.SPECIMEN_FIRST, "4.8"),
        ([_CT, resection(), _RECURRED], Preference.IMAGING_ONLY, "4.8"),
        ([resection(), _RECURRED], Preference.IMAGING_ONLY, "unknown"),
        ([_CT, _MRI], Preference.IMAGING_ONLY, "4.8 or 5.3"),
        ([_CT, _MRI, resection(), _GROSS], Preference.SPECIMEN_FIRST, "5.6"),
        ([_CT, _MRI, resection(), _GROSS], Preference.IMAGING_ONLY, "4.8 or 5.3"),
    ],
)  # fmt: skip
def test_which_size_counts(
    resources: list[Resource], preference: Preference, expected: str
) -> None:
    """Before surgery the last imaging counts, also later; else the specimen; conflicts are shown."""
    assert (
        said(asked(mapped(*resources), "tumour_size_cm", preference=preference).value) == expected
    )


def test_a_conflict_is_named_and_both_values_are_its_evidence() -> None:
    """Two sizes of one day that exclude each other are both shown."""
    chosen = asked(mapped(_CT, _MRI), "tumour_size_cm", preference=Preference.IMAGING_ONLY)
    assert chosen.value.reason == "conflict: 4.8 and 5.3 cm"
    assert [item.evidence.value for item in chosen.used] == ["5.3 cm", "4.8 cm"]


def test_the_largest_lesion_counts() -> None:
    """Sizes of different lesions of one day give the largest, without a conflict."""
    lesions = [
        observation(loinc("21889-1"), quantity_of(size, "cm"), "2026-09-15", id_as=f"lesion-{name}",
                    focus=[{"reference": f"BodyStructure/{name}"}], **_IMAGING)
        for name, size in (("a", 3.1), ("b", 5.9))
    ]  # fmt: skip
    assert said(asked(mapped(*lesions), "tumour_size_cm").value) == "5.9"


def test_only_the_longest_dimension_of_a_tumour_is_its_size() -> None:
    """MCODE's component for another dimension is never read as the size."""
    size = observation(
        loinc("21889-1"),
        {"component": [
            {"code": loinc("33729-5"), **quantity_of(60, "mm")},
            {"code": loinc("33728-7"), **quantity_of(85, "mm")},
        ]},
        "2026-09-15", **_IMAGING,
    )  # fmt: skip
    assert said(asked(mapped(size), "tumour_size_cm").value) == "8.5"


# --- AFP: the latest within 90 days before the operation and before any treatment.


def _afp(value: float, on: str, **more: Any) -> Resource:
    return observation(loinc("1834-1"), quantity_of(value, "ng/mL"), on, **more)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([_afp(10, "2026-08-20"), _afp(30, "2026-09-20"), resection()], "30"),
        ([_afp(30, "2026-09-20"), _afp(5, "2026-10-15"), resection()], "30"),
        ([_afp(30, "2026-07-03"), resection()], "30"),
        ([_afp(30, "2026-07-02"), resection()], "unknown"),
        ([_afp(30, "2026-10-01"), resection()], "30"),
        ([_afp(30, "2026-11-01")], "30"),
        ([_afp(30, "2026-08-01")], "unknown"),
        ([_afp(30, "2026-09-01"), _afp(8, "2026-09-25"), procedure(sct("441525007"), "2026-09-10"), resection()], "30"),
        ([_afp(30, "2026-09-20", status="preliminary"), _afp(12, "2026-09-10"), resection()], "12"),
        ([_afp(30, "2026-09-20", status="registered"), resection()], "unknown"),
        ([_afp(30, "2026-09-20", status="cancelled"), resection()], "unknown"),
        ([_afp(30, "2026-09-20", status="corrected"), _afp(12, "2026-09-10"), resection()], "30"),
        ([_afp(30, "2026-09"), resection()], "30"),
        ([_afp(30, "2026-10"), resection()], "unknown"),
        ([_afp(30, "2026-09"), _afp(12, "2026-09-10"), resection()], "12 or 30"),
    ],
)  # fmt: skip
def test_which_afp_counts(resources: list[Resource], expected: str) -> None:
    """The latest final AFP in the 90 days before the operation counts; a coarse date competes."""
    assert said(asked(mapped(*resources), "afp_ng_ml", window_days=90).value) == expected


def test_the_window_of_afp_is_a_setting() -> None:
    """A site that accepts older values says so."""
    record = mapped(
        _afp(30, "2026-06-01"), resection(), settings=MappingSettings(afp_window_days=180)
    )
    assert said(asked(record, "afp_ng_ml").value) == "30"


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("19176-7", quantity_of(320, "IU/mL", code="[IU]/mL"), "387.20 to 409.60"),
        ("19176-7", quantity_of(512, "[IU]/mL"), "619.52"),
        ("19176-7", quantity_of(512, "kIU/L"), "619.52"),
        ("19176-7", quantity_of(20, "IU/mL"), "24.20 to 25.60"),
        ("19176-7", quantity_of(10, "IU/mL"), "12.10"),
        ("19176-7", quantity_of(1000, "IU/mL", ">"), ">1210.00 to 10000000"),
    ],
)
def test_afp_in_international_units(code: str, value: Resource, expected: str) -> None:
    """IU/mL is converted by the site's factor; a cut-off between the known factors leaves a range."""
    chosen = asked(mapped(observation(loinc(code), value)), "afp_ng_ml")
    assert said(chosen.value) == expected
    assert "x 1.21" in chosen.used[0].evidence.conversion


def test_a_converted_afp_is_marked() -> None:
    """The conversion stands in the evidence in words."""
    record = mapped(observation(loinc("19176-7"), quantity_of(512, "IU/mL", code="[IU]/mL")))
    evidence = asked(record, "afp_ng_ml").used[0].evidence
    assert evidence.conversion == "512 [IU]/mL x 1.21 = 619.52 ng/mL"


@pytest.mark.parametrize(
    ("code", "value", "reason"),
    [
        (loinc("1834-1"), quantity_of(320, "[IU]/mL"), "its unit ([IU]/mL) contradicts its code (a mass concentration)"),
        (loinc("19176-7"), quantity_of(320, "ng/mL"), "its unit (ng/mL) contradicts its code (an arbitrary concentration)"),
        (loinc("1834-1"), quantity_of(320, "mAU/mL"), "mAU/mL is not a unit of mass concentration"),
        (loinc("1834-1"), {"valueQuantity": {"value": 320}}, "no unit"),
        (loinc("1834-1"), quantity_of(-3, "ng/mL"), "outside the plausible range 0 to 10000000 ng/mL"),
        (loinc("1834-1"), {"valueString": "1,210 ng/mL"}, "its comma may mean thousands or decimals"),
        (loinc("1834-1"), {"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}, "no value (not-performed)"),
        (loinc("19177-5"), quantity_of(3, "umol/L"), "this AFP code is not of a concentration by mass or IU"),
    ],
)  # fmt: skip
def test_an_afp_that_is_not_used_says_why(code: Resource, value: Resource, reason: str) -> None:
    """A unit that contradicts its code, an implausible or an unreadable value is not used."""
    chosen = asked(mapped(observation(code, value)), "afp_ng_ml")
    assert chosen.value.knowledge is Knowledge.UNKNOWN
    assert chosen.value.reason == f"not usable: {reason}"
    assert [item.reason for item in chosen.rejected] == [reason]


@pytest.mark.parametrize("code", ["1832-5", "19171-8", "43798-8", "42332-7", "34444-0"])
def test_afp_of_another_fluid_or_another_marker_is_never_afp(code: str) -> None:
    """Amniotic fluid, AFP-L3 and PIVKA-II are not AFP."""
    record = mapped(observation(loinc(code), quantity_of(500, "ng/mL")))
    assert said(asked(record, "afp_ng_ml").value) == "unknown"


# --- Margin: the nearest distance; R0 without a distance is unknown.


@pytest.mark.parametrize(
    ("resources", "margin", "residual"),
    [
        ([observation(loinc("33737-8"), quantity_of(8, "mm"), "2026-10-05")], "0.8", "unknown"),
        ([observation(sct("277062004"), answer(sct("258254000")), "2026-10-05")], "unknown", "R0"),
        ([observation(sct("17964000"), answer(sct("278271003")), "2026-10-05")], "unknown", "R1"),
        ([observation(sct("277062004"), {"valueString": "R0"}, "2026-10-05")], "unknown", "R0"),
        ([observation(sct("277062004"), answer(sct("258255004")), "2026-10-05")], "unknown", "unknown"),
        ([observation(sct("396324006"), PRESENT, "2026-10-05")], "unknown", "R1 or R2"),
        ([observation(sct("396324006"), {}, "2026-10-05")], "unknown", "R1 or R2"),
        ([observation(sct("396324006"), ABSENT, "2026-10-05")], "unknown", "unknown"),
        ([observation(sct("277062004"), answer(own("residual-tumour-r2")), "2026-10-05")], "unknown", "R2"),
    ],
)  # fmt: skip
def test_margin_and_residual_tumour(resources: list[Resource], margin: str, residual: str) -> None:
    """A margin needs its distance; R0 alone is never below 1 cm; the disputed R1 code is not read."""
    record = mapped(resection(), *resources)
    assert said(asked(record, "margin_cm", COURSE).value) == margin
    assert said(asked(record, "residual_tumour", NOW).value) == residual


# --- MVI: M0 absent, M1 and M2 present; TNM and lymphatic invasion never.


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        (own("microvascular-invasion"), answer(own("mvi-m0")), "absent"),
        (own("microvascular-invasion"), answer(own("mvi-m1")), "present"),
        (own("microvascular-invasion"), answer(own("mvi-m2")), "present"),
        (own("microvascular-invasion"), {"valueString": "M2"}, "present"),
        (own("microvascular-invasion"), {"valueBoolean": False}, "absent"),
        (own("microvascular-invasion"), answer(sct("1156316003")), "unknown"),
        (sct("399387003"), {"valueString": "M1"}, "unknown"),
        (sct("371497001"), {"valueString": "pM0"}, "unknown"),
        (loinc("33739-4"), {"valueString": "L1"}, "unknown"),
        (sct("395715009"), PRESENT, "unknown"),
        (loinc("59544-7"), PRESENT, "unknown"),
        (loinc("59544-7"), ABSENT, "unknown"),
        (sct("371512006"), PRESENT, "unknown"),
        (sct("370052007"), answer(sct("260385009")), "unknown"),
    ],
)  # fmt: skip
def test_what_is_mvi(code: Resource, value: Resource, expected: str) -> None:
    """Only the MVI question is MVI: TNM M0/M1, L0/L1 and lymphovascular invasion are not."""
    record = mapped(resection(), observation(code, value, "2026-10-05"))
    assert said(asked(record, "microvascular_invasion", COURSE).value) == expected


def test_mvi_is_of_the_specimen_of_the_index_operation() -> None:
    """Before surgery MVI is not yet knowable; that of an older specimen is not used."""
    mvi = observation(own("microvascular-invasion"), answer(own("mvi-m1")), "2026-09-15")
    need = InputNeed(quantity("microvascular_invasion"), COURSE)
    assert said(mapped(mvi).select(need).value) == "not yet knowable"
    after = mapped(mvi, resection()).select(need)
    assert said(after.value) == "unknown"
    assert after.rejected[0].reason == "it was before the operation, so it is not of its specimen"


# --- Macrovascular invasion: tumour thrombus, never bland or unspecified thrombosis.


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (observation(own("macrovascular-invasion"), PRESENT), "present"),
        (observation(own("macrovascular-invasion"), ABSENT), "absent"),
        (observation(own("portal-vein-tumour-thrombus"), PRESENT), "present"),
        (observation(own("portal-vein-tumour-thrombus"), answer(own("pvtt-vp3"))), "present"),
        (observation(own("portal-vein-tumour-thrombus"), answer(own("pvtt-vp0"))), "unknown"),
        (observation(own("hepatic-vein-tumour-thrombus"), PRESENT), "present"),
        (observation(own("vena-cava-tumour-thrombus"), PRESENT), "present"),
        (observation(own("bile-duct-tumour-thrombus"), PRESENT), "unknown"),
        (observation(sct("371493002"), PRESENT), "present"),
        (observation(loinc("33740-2"), {"valueString": "V0"}), "absent"),
        (observation(loinc("33740-2"), {"valueString": "V1"}), "unknown"),
        (condition(own("portal-vein-tumour-thrombus")), "present"),
        (condition(sct("17920008")), "unknown"),
        (condition(concept(ICD_10_CM, "I81")), "unknown"),
        (condition(own("portal-vein-tumour-thrombus"), verificationStatus={"coding": [{"code": "provisional"}]}), "unknown"),
    ],
)  # fmt: skip
def test_what_is_macrovascular_invasion(resource: Resource, expected: str) -> None:
    """Tumour thrombus of portal vein, hepatic vein or vena cava; nothing else."""
    record = mapped(resource, condition(sct("109841003")))
    assert said(asked(record, "macrovascular_invasion").value) == expected


# --- Satellites, number, rupture, capsule.


@pytest.mark.parametrize(
    ("resources", "number", "satellites"),
    [
        ([observation(loinc("42032-3"), quantity_of(1, "1")), observation(own("satellite-nodules"), PRESENT)], "1", "present"),
        ([observation(loinc("42032-3"), {"valueInteger": 3})], "3", "unknown"),
        ([observation(sct("405930005"), quantity_of(2, "个"))], "2", "unknown"),
        ([observation(loinc("42030-7"), PRESENT)], "2 to 100", "unknown"),
        ([observation(sct("399506006"), {})], "2 to 100", "unknown"),
        ([observation(loinc("42030-7"), ABSENT)], "1", "unknown"),
        ([observation(loinc("42032-3"), quantity_of(3, "1")), observation(sct("399506006"), PRESENT)], "3", "unknown"),
        ([observation(loinc("42032-3"), quantity_of(1.5, "1"))], "unknown", "unknown"),
        ([observation(loinc("44632-8"), PRESENT)], "unknown", "unknown"),
        ([observation(loinc("84886-1"), PRESENT)], "unknown", "unknown"),
    ],
)  # fmt: skip
def test_number_and_satellites(resources: list[Resource], number: str, satellites: str) -> None:
    """Satellites never add to the number; melanoma and colorectal satellite codes are not read."""
    record = mapped(*resources)
    assert said(asked(record, "tumour_number").value) == number
    assert said(asked(record, "satellites").value) == satellites


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (condition(own("tumour-rupture")), "present"),
        (observation(own("tumour-rupture"), ABSENT), "absent"),
        (condition(concept(ICD_10_CM, "K66.1")), "unknown"),
        (condition(concept(ICD_10_CM, "S36.115A")), "unknown"),
        (
            condition(own("tumour-rupture"), verificationStatus={"coding": [{"code": "refuted"}]}),
            "unknown",
        ),
    ],
)
def test_rupture(resource: Resource, expected: str) -> None:
    """Spontaneous rupture needs its own code; haemoperitoneum and liver injury are no rupture."""
    assert said(asked(mapped(resource, condition(sct("109841003"))), "rupture").value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (answer(own("capsule-complete")), "complete"),
        (answer(own("capsule-incomplete")), "incomplete"),
        (answer(own("capsule-absent")), "absent"),
        (PRESENT, "present"),
        ({"valueString": "不完整"}, "incomplete"),
        ({"valueString": "see report"}, "unknown"),
    ],
)
def test_capsule(value: Resource, expected: str) -> None:
    """Incomplete stays incomplete: what it means is the model's business."""
    record = mapped(observation(own("tumour-capsule"), value))
    assert said(asked(record, "capsule").value) == expected


# --- Ki67.


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        (loinc("29593-1"), quantity_of(35, "%"), "35"),
        (loinc("29593-1"), {"valueString": "30-40%"}, "30 to 40"),
        (loinc("29593-1"), quantity_of(0.4, "1"), "40.0"),
        (loinc("29593-1"), quantity_of(40, "1"), "unknown"),
        (loinc("29593-1"), {"valueRatio": {"numerator": {"value": 2}, "denominator": {"value": 5}}}, "40.0"),
        (loinc("85330-9"), quantity_of(35, "%"), "unknown"),
        (loinc("33055-5"), PRESENT, "unknown"),
        (loinc("29593-1"), quantity_of(135, "%"), "unknown"),
    ],
)  # fmt: skip
def test_ki67(code: Resource, value: Resource, expected: str) -> None:
    """A share of nuclei in per cent; breast codes and mere presence are not it."""
    record = mapped(resection(), observation(code, value, "2026-10-05"))
    assert said(asked(record, "ki67_percent", COURSE).value) == expected


# --- Transfusion: allogeneic red cells or whole blood during the index operation.

_PART_OF = [{"reference": "Procedure/resection"}]
_THEATRE = {
    "performedPeriod": {"start": "2026-10-01T09:00:00+08:00", "end": "2026-10-01T14:00:00+08:00"}
}


@pytest.mark.parametrize(
    ("transfusion", "expected"),
    [
        (procedure(sct("116863004"), "2026-10-01", partOf=_PART_OF), "present"),
        (procedure(sct("33389009"), "2026-10-01", partOf=_PART_OF), "present"),
        (procedure(sct("116863004"), "2026-10-01T03:30:00Z"), "present"),
        (procedure(sct("116863004"), "2026-10-01T20:30:00+08:00"), "unknown"),
        (procedure(sct("116863004"), "2026-10-01"), "unknown"),
        (procedure(sct("116863004"), "2026-10-03"), "unknown"),
        (procedure(sct("116861002"), "2026-10-01", partOf=_PART_OF), "unknown"),
        (procedure(sct("116859006"), "2026-10-01", partOf=_PART_OF), "unknown"),
        (procedure(sct("11397000"), "2026-10-01", partOf=_PART_OF), "unknown"),
        (procedure(sct("116863004"), "2026-10-01", partOf=_PART_OF, status="not-done"), "unknown"),
        (observation(own("intraoperative-transfusion"), ABSENT, "2026-10-01"), "absent"),
        (observation(own("intraoperative-transfusion"), PRESENT, "2026-10-01"), "present"),
        (observation(own("intraoperative-transfusion"), PRESENT, "2025-01-01"), "unknown"),
    ],
)  # fmt: skip
def test_transfusion(transfusion: Resource, expected: str) -> None:
    """Red cells linked by partOf or time; later, day-only or other products leave it unknown."""
    operation = resection(**_THEATRE)
    operation.pop("performedDateTime")
    record = mapped(operation, transfusion)
    assert said(asked(record, "transfusion", COURSE).value) == expected


# --- Complication: any grade during the index stay; until discharge "none recorded" is unknown.

_STAY = encounter("2026-09-30", "2026-10-10")
_STILL_IN = encounter("2026-09-30")
_VISIT = encounter("2026-10-01", "2026-10-01", id="visit", **{"class": {"code": "AMB"}})


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([_STAY, condition(own("bile-leak"), "2026-10-04")], "present"),
        ([_STAY, condition(concept(ICD_10_CM, "K91.840"), "2026-10-10")], "present"),
        ([_STAY, condition(own("bile-leak"), "2026-10-20")], "absent"),
        ([_STAY, condition(own("bile-leak"), "2026-09-20")], "absent"),
        ([_STAY], "absent"),
        ([_STILL_IN], "unknown"),
        ([_STILL_IN, condition(own("bile-leak"), "2026-10-04")], "present"),
        ([_STAY, observation(sct("789279006"), answer(own("clavien-dindo-1")), "2026-10-05")], "present"),
        ([_STAY, observation(sct("789279006"), {"valueString": "IIIa"}, "2026-10-05")], "present"),
        ([_STAY, observation(own("postoperative-complication"), ABSENT, "2026-10-10")], "absent"),
        ([_STILL_IN, observation(own("postoperative-complication"), ABSENT, "2026-10-10")], "unknown"),
        ([_STAY, observation(own("bile-leak"), ABSENT, "2026-10-08")], "absent"),
        ([], "unknown"),
        ([condition(own("bile-leak"), "2026-10-20")], "present"),
        ([condition(own("bile-leak"), "2026-11-10")], "unknown"),
        ([observation(own("postoperative-complication"), ABSENT, "2026-10-10")], "absent"),
        ([_VISIT], "unknown"),
        ([_VISIT, {**_STAY, "id": "inpatient", "class": {"code": "IMP"}}], "absent"),
        ([{**_STAY, "status": "cancelled"}], "unknown"),
        ([_STAY, condition(own("bile-leak"), "2026-10")], "unknown"),
        ([_STAY, condition(own("bile-leak"), "", encounter={"reference": "Encounter/stay"})], "present"),
        ([_STAY, observation(own("bile-leak"), PRESENT, "2026-10-08")], "present"),
        ([_STAY, observation(own("postoperative-complication"), {"valueString": "?"}, "2026-10-08")], "unknown"),
        ([_STAY, condition(own("bile-leak"), "2026-10-04", verificationStatus={"coding": [{"code": "refuted"}]})], "absent"),
    ],
)  # fmt: skip
def test_complication(resources: list[Resource], expected: str) -> None:
    """Any complication of the index stay counts; none recorded means none only after discharge."""
    record = mapped(resection(), condition(sct("109841003")), *resources)
    assert said(asked(record, "complication", COURSE).value) == expected


def test_a_complication_of_the_encounter_of_the_operation_counts() -> None:
    """The encounter of the operation links a complication that has no date."""
    stay = {"reference": "Encounter/stay"}
    record = mapped(
        resection(encounter=stay),
        _STAY,
        condition(sct("109841003")),
        condition(own("bile-leak"), "", encounter=stay),
    )
    assert said(asked(record, "complication", COURSE).value) == "present"


def test_a_complication_and_the_statement_of_none_are_a_conflict() -> None:
    """Whichever was written later, both stay possible and the conflict is shown."""
    record = mapped(
        resection(),
        _STAY,
        condition(sct("109841003")),
        condition(own("bile-leak"), "2026-10-04"),
        observation(own("postoperative-complication"), ABSENT, "2026-10-10"),
    )
    assert asked(record, "complication", COURSE).value.reason == "conflict: absent and present"


def test_a_complication_named_on_the_operation_counts() -> None:
    """Procedure.complication says it directly."""
    record = mapped(resection(complication=[{"text": "bile leak"}]))
    assert said(asked(record, "complication", COURSE).value) == "present"
