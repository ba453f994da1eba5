"""The shapes in which one and the same fact arrives, guide by guide: what goes in, what is read.

The shapes of the German MII oncology module and of mCODE STU3 are written by hand after their profiles.
"""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mapping.patient_record import PatientRecord
from models.inputs import Knowledge
from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import (
    PATIENT_ID,
    Resource,
    concept,
    condition,
    loinc,
    mapped,
    observation,
    own,
    quantity_of,
    resection,
    sct,
)

_SUBJECT = {"reference": f"Patient/{PATIENT_ID}"}
_AFP = loinc("1834-1")
_SIZE = loinc("21889-1")
_KI67 = loinc("29593-1")
_MACROVASCULAR = own("macrovascular-invasion")
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_CT = {"method": sct("77477000")}


def _read(record: PatientRecord, name: str) -> str:
    """Return an input in a few words: its value, or why it has none."""
    value = record.select(InputNeed(quantity(name), Anchor.NOW)).value
    if value.is_known:
        return str(value.value)
    if value.knowledge is Knowledge.UNKNOWN:
        return value.reason
    part = value.numbers[0]
    left, right = "(" if part.lower_open else "[", ")" if part.upper_open else "]"
    return f"{left}{part.lower}, {part.upper}{right}"


def _quantity(value: float, unit: str, comparator: str = "") -> Resource:
    amount = quantity_of(value, unit, comparator)["valueQuantity"]
    assert isinstance(amount, dict)
    return amount


def _coded(code: Resource) -> Resource:
    return {"valueCodeableConcept": code}


_VALUES: list[tuple[str, Resource, Resource, str, str]] = [
    # shape, code, value as sent, quantity, what is read
    ("quantity", _AFP, quantity_of(512, "ng/mL"), "afp_ng_ml", "512"),
    ("quantity without a unit code", _AFP, {"valueQuantity": {"value": 512, "unit": "ng/mL"}}, "afp_ng_ml", "512"),
    ("quantity with a comparator", _AFP, quantity_of(1210, "ng/mL", ">"), "afp_ng_ml", "(1210, 10000000]"),
    ("quantity with the comparator in its value", _AFP, {"valueQuantity": {"value": ">1210", "unit": "ng/mL"}}, "afp_ng_ml", "(1210, 10000000]"),
    ("string that is a number", _AFP, {"valueString": "512 ng/mL"}, "afp_ng_ml", "512"),
    ("string with a comparator", _AFP, {"valueString": "> 1210 ng/mL"}, "afp_ng_ml", "(1210, 10000000]"),
    ("string with a fullwidth comparator", _AFP, {"valueString": "＞1210ng/mL"}, "afp_ng_ml", "(1210, 10000000]"),
    ("string that is a range", _AFP, {"valueString": "300-350 ng/mL"}, "afp_ng_ml", "[300, 350]"),
    ("string that is a sentence", _AFP, {"valueString": "see comment"}, "afp_ng_ml", "not usable: the text is not a number"),
    ("string with a point before three digits", _AFP, {"valueString": "1.210 ng/mL"}, "afp_ng_ml", "not usable: its point may mean thousands or decimals"),
    ("string with a comma before three digits", _AFP, {"valueString": ">1,210 ng/mL"}, "afp_ng_ml", "not usable: its comma may mean thousands or decimals"),
    ("string with a decimal comma", _AFP, {"valueString": "0,512 ng/mL"}, "afp_ng_ml", "0.512"),
    ("string with both marks", _AFP, {"valueString": "1.210,5 ng/mL"}, "afp_ng_ml", "not usable: its point may mean thousands or decimals"),
    ("string that is about a number", _AFP, {"valueString": "约512 ng/mL"}, "afp_ng_ml", "not usable: the text is not a number"),
    ("quantity whose decimal is kept as text", _AFP, {"valueQuantity": {"value": "1.210", "unit": "ng/mL"}}, "afp_ng_ml", "1.210"),
    ("quantity with a comparator that is none", _AFP, quantity_of(5, "ng/mL", "ad"), "afp_ng_ml", "not usable: its comparator is not known"),
    ("quantity with a comparator of another type", _AFP, {"valueQuantity": {"value": 5, "unit": "ng/mL", "comparator": {"code": ">"}}}, "afp_ng_ml", "not usable: its comparator is not known"),
    ("range", _AFP, {"valueRange": {"low": _quantity(300, "ng/mL"), "high": _quantity(350, "ng/mL")}}, "afp_ng_ml", "[300, 350]"),
    ("range with one end", _AFP, {"valueRange": {"low": _quantity(300, "ng/mL")}}, "afp_ng_ml", "[300, 10000000]"),
    ("range open below", _AFP, {"valueRange": {"high": _quantity(350, "ng/mL")}}, "afp_ng_ml", "[0, 350]"),
    ("range the wrong way round", _AFP, {"valueRange": {"low": _quantity(350, "ng/mL"), "high": _quantity(300, "ng/mL")}}, "afp_ng_ml", "not usable: its range is the wrong way round"),
    ("ratio with units", _SIZE, {"valueRatio": {"numerator": _quantity(6, "cm"), "denominator": _quantity(1, "cm")}}, "tumour_size_cm", "not usable: a ratio with units is not read"),
    ("integer for a size", _SIZE, {"valueInteger": 6}, "tumour_size_cm", "not usable: no unit"),
    ("integer", loinc("42032-3"), {"valueInteger": 2}, "tumour_number", "2"),
    ("coded: present", _MACROVASCULAR, _coded(sct("52101004")), "macrovascular_invasion", "present"),
    ("coded: absent", _MACROVASCULAR, _coded(sct("2667000")), "macrovascular_invasion", "absent"),
    ("coded in LOINC: absent", _MACROVASCULAR, _coded(loinc("LA9634-2")), "macrovascular_invasion", "absent"),
    ("coded: indeterminate", _MACROVASCULAR, _coded(loinc("LA11884-6")), "macrovascular_invasion", "not usable: it could not be determined"),
    ("coded: present, in words absent", _MACROVASCULAR, _coded({**sct("52101004"), "text": "absent"}), "macrovascular_invasion", "not usable: its answer says two things"),
    ("coded: present, in words too", _MACROVASCULAR, _coded({**sct("52101004"), "text": "Positive"}), "macrovascular_invasion", "present"),
    ("coded: complete, in words present", own("tumour-capsule"), _coded({**own("capsule-complete"), "text": "present"}), "capsule", "complete"),
    ("coded: present and indeterminate", _MACROVASCULAR, _coded({"coding": [*sct("52101004")["coding"], *loinc("LA11884-6")["coding"]]}), "macrovascular_invasion", "not usable: it could not be determined"),
    ("coded: present, and a reason for none", _MACROVASCULAR, {**_coded(sct("52101004")), "dataAbsentReason": concept(f"{_HL7}data-absent-reason", "error")}, "macrovascular_invasion", "not usable: it holds a value and a reason why it has none"),
    ("number where an answer is asked", own("satellite-nodules"), {"valueInteger": 2}, "satellites", "not usable: a number does not answer it"),
    ("boolean", own("satellite-nodules"), {"valueBoolean": True}, "satellites", "present"),
    ("interpretation instead of a value", own("satellite-nodules"), {"interpretation": [concept(f"{_HL7}v3-ObservationInterpretation", "NEG")]}, "satellites", "absent"),
    ("data absent reason", _AFP, {"dataAbsentReason": concept(f"{_HL7}data-absent-reason", "not-performed")}, "afp_ng_ml", "not usable: no value (not-performed)"),
    ("value beside a data absent reason", _AFP, {**quantity_of(512, "ng/mL"), "dataAbsentReason": concept(f"{_HL7}data-absent-reason", "error")}, "afp_ng_ml", "not usable: it holds a value and a reason why it has none"),
    ("interpretation alone, high", _AFP, {"interpretation": [concept(f"{_HL7}v3-ObservationInterpretation", "H")]}, "afp_ng_ml", "not usable: no value"),
    ("attachment (R5)", _AFP, {"valueAttachment": {"contentType": "application/pdf"}}, "afp_ng_ml", "not usable: its value is not a number"),
    ("sampled data", _AFP, {"valueSampledData": {"origin": {"value": 1}, "data": "1 2 3"}}, "afp_ng_ml", "not usable: its value is not a number"),
    ("time", _AFP, {"valueDateTime": "2026-11-01"}, "afp_ng_ml", "not usable: its value is not a number"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "value", "name", "read"),
    [row[1:] for row in _VALUES],
    ids=[row[0].replace(" ", "-") for row in _VALUES],
)
def test_a_value_is_read_in_every_shape_fhir_has_for_it(
    code: Resource, value: Resource, name: str, read: str
) -> None:
    """The same fact in each of the elements that `value[x]` allows, and what allows no reading."""
    assert _read(mapped(observation(code, value)), name) == read


def test_a_ratio_is_read_as_a_share_of_the_specimen() -> None:
    """40 of 100 nuclei is a Ki67 of 40 %."""
    ratio = {"valueRatio": {"numerator": {"value": 40}, "denominator": {"value": 100}}}
    record = mapped(
        resection("2026-10-01"),
        observation(_KI67, ratio, "2026-10-05", specimen={"reference": "Specimen/s"}),
    )
    need = InputNeed(quantity("ki67_percent"), Anchor.SPECIMEN_AND_COURSE)
    assert record.select(need).value.value == 40


def _plain_r4() -> list[Resource]:
    return [observation(_SIZE, quantity_of(6.2, "cm"), **_CT)]


def _us_core() -> list[Resource]:
    profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-clinical-result"
    return [
        observation(
            concept("http://loinc.org", "21889-1", "Size Tumor"), quantity_of(62, "mm"),
            "2026-11-01T09:30:00-05:00", meta={"profile": [profile]},
            category=[concept(f"{_HL7}observation-category", "imaging")],
        )
    ]  # fmt: skip


def _mcode(version: str, **more: Any) -> list[Resource]:
    profile = f"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-tumor-size|{version}"
    return [
        observation(
            _SIZE,
            {"component": [
                {"code": loinc("33728-7"), **quantity_of(6.2, "cm")},
                {"code": loinc("33729-5"), **quantity_of(4.0, "cm")},
            ]},
            meta={"profile": [profile]}, **{**_CT, **more},
        )
    ]  # fmt: skip


def _ips() -> list[Resource]:
    member = observation(_SIZE, quantity_of(6.2, "cm"), "", id_as="size")
    del member["effectiveDateTime"]
    study = observation(
        loinc("30612-6"), {"valueString": "See the findings."}, id_as="study",
        category=[concept(f"{_HL7}observation-category", "imaging")],
        hasMember=[{"reference": "Observation/size"}],
    )  # fmt: skip
    return [study, member]


def _mii() -> list[Resource]:
    code = {"coding": [*_SIZE["coding"], *sct("371479009")["coding"]]}
    return [
        condition(concept("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "C22.0"), id_as="primary"),
        condition(sct("109841003"), id_as="hcc"),
        observation(
            code, quantity_of(62, "mm"), focus=[{"reference": "Condition/hcc"}],
            bodySite={"coding": [{"display": "Leber"}]}, **_CT,
        ),
    ]  # fmt: skip


def _report_result() -> list[Resource]:
    size = observation(_SIZE, quantity_of(6.2, "cm"), "", id_as="size")
    return [size, _report(result=[{"reference": "Observation/size"}])]


def _contained() -> list[Resource]:
    inner = {
        "resourceType": "Observation", "id": "size", "status": "final", "code": _SIZE,
        **quantity_of(6.2, "cm"),
    }  # fmt: skip
    return [_report(contained=[inner], result=[{"reference": "#size"}])]


def _report(**more: Any) -> Resource:
    return {
        "resourceType": "DiagnosticReport", "id": "ct", "status": "final", "subject": _SUBJECT,
        "code": loinc("30612-6"), "effectiveDateTime": "2026-11-01",
        "category": [concept("http://loinc.org", "LP29684-5", "Radiology")], **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param(_plain_r4(), id="plain R4: value on the Observation"),
        pytest.param(_us_core(), id="US Core: clinical result, with a time"),
        pytest.param(_mcode("3.0.0"), id="mCODE STU3: components"),
        pytest.param(
            _mcode("4.0.0", focus=[{"reference": "BodyStructure/t"}]),
            id="mCODE STU4: components, focus on the tumour",
        ),
        pytest.param(_ips(), id="IPS: member of an imaging study"),
        pytest.param(_mii(), id="German MII oncology: two codings, focus on the diagnosis"),
        pytest.param(_report_result(), id="DiagnosticReport.result"),
        pytest.param(_contained(), id="contained in its report"),
    ],
)
def test_a_size_of_62_mm_is_the_same_in_every_guide(resources: list[Resource]) -> None:
    """However a guide writes it, the largest tumour is 6.2 cm on imaging of 1 November."""
    selected = mapped(*resources).select(InputNeed(quantity("tumour_size_cm"), Anchor.NOW))
    assert str(selected.value.value) == "6.2"
    (used,) = selected.used
    assert used.origin == "imaging"
    assert used.earliest is not None
    assert used.earliest.isoformat() == "2026-11-01"


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({"bodySite": sct("80248007")}, False),
        ({"bodySite": {"text": "left breast"}}, False),
        ({"bodySite": {"text": "右肺下叶"}}, False),
        ({"bodySite": {"text": "liver, beside the right kidney"}}, True),
        ({"bodySite": {"text": "segment VII"}}, True),
        ({"bodySite": sct("1")}, True),
        ({"focus": [{"reference": "Condition/breast"}]}, False),
        ({"focus": [{"reference": "Condition/condition-109841003"}]}, True),
        ({"focus": [{"reference": "Condition/not-sent"}]}, True),
    ],
)
def test_a_size_of_another_tumour_is_not_the_size_of_the_hcc(more: Resource, read: bool) -> None:
    """The body site, or the focus on a condition that is on record, tells one tumour from another."""
    record = mapped(
        condition(sct("109841003")),
        condition(sct("254837009"), id_as="breast"),
        observation(_SIZE, quantity_of(6.2, "cm"), **more),
    )
    selected = record.select(InputNeed(quantity("tumour_size_cm"), Anchor.NOW))
    if read:
        assert str(selected.value.value) == "6.2"
    else:
        assert selected.value.knowledge is Knowledge.UNKNOWN
        assert [(item.reason, item.evidence.rule) for item in selected.rejected] == [
            ("it is of another tumour", "other-tumour")
        ]


BREAST = concept("http://hl7.org/fhir/sid/icd-10-cm", "C50.912")
LUNG = {"text": "Adenocarcinoma of the right lung"}


@pytest.mark.parametrize(
    ("second", "more", "reason"),
    [
        (condition(BREAST), {}, "it does not say of which tumour, and another cancer is on record"),
        (
            {**condition(BREAST), "code": LUNG},
            {},
            "it does not say of which tumour, and another cancer is on record",
        ),
        ({**condition(BREAST), "code": {"text": "Lung carcinoma, metastatic"}}, {}, ""),
        (condition(BREAST), {"bodySite": {"text": "segment VII"}}, ""),
        (condition(BREAST), {"focus": [{"reference": "Condition/condition-109841003"}]}, ""),
        (condition(BREAST), {"specimen": {"display": "Liver, right lobe"}}, ""),
        (condition(BREAST, clinicalStatus={"coding": [{"code": "remission"}]}), {}, ""),
        (condition(BREAST, verificationStatus={"coding": [{"code": "refuted"}]}), {}, ""),
        (condition(concept("http://hl7.org/fhir/sid/icd-10-cm", "C22.0")), {}, ""),
        (condition(concept("http://hl7.org/fhir/sid/icd-10-cm", "C78.00")), {}, ""),
        (condition(concept("http://hl7.org/fhir/sid/icd-10-cm", "K74.60")), {}, ""),
    ],
)
def test_a_size_of_no_stated_tumour_is_not_used_beside_a_second_cancer(
    second: Resource, more: Resource, reason: str
) -> None:
    """With one cancer on record a bare size is the HCC's; with two it may be either's."""
    record = mapped(
        condition(sct("109841003")), second, observation(_SIZE, quantity_of(6.2, "cm"), **more)
    )
    selected = record.select(InputNeed(quantity("tumour_size_cm"), Anchor.NOW))
    if reason:
        assert selected.value.reason == f"not usable: {reason}"
    else:
        assert str(selected.value.value) == "6.2"


@pytest.mark.parametrize(
    ("reason", "phase"),
    [
        ({"reasonReference": [{"reference": "Condition/condition-109841003"}]}, "done"),
        ({"reasonReference": [{"reference": "Condition/colorectal"}]}, "none"),
        ({"reason": [{"reference": {"reference": "Condition/colorectal"}}]}, "none"),
        ({"reasonReference": [{"reference": "Condition/not-sent"}]}, "done"),
        (
            {
                "reasonReference": [
                    {"reference": "Condition/colorectal"},
                    {"reference": "Condition/condition-109841003"},
                ]
            },
            "done",
        ),
    ],
)
def test_the_reason_of_a_resection_is_followed_to_its_diagnosis(
    reason: Resource, phase: str
) -> None:
    """MCODE names the diagnosis by reference, R5 inside a CodeableReference."""
    record = mapped(
        condition(sct("109841003")),
        condition(sct("94381002"), id_as="colorectal"),
        resection(**reason),
    )
    assert record.index_operation.phase == phase
