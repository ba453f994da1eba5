"""Whose a record is, and which of its versions counts."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mapping.findings import Selected
from fhir_mapping.patient_record import PatientRecord
from models.inputs import Knowledge
from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import (
    PATIENT_ID,
    Resource,
    condition,
    loinc,
    mapped,
    observation,
    quantity_of,
    resection,
    sct,
)

_AFP = loinc("1834-1")
_HCC = sct("109841003")
_VER = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_OF_ANOTHER = "it is of another person, such as a relative or a donor"


def _afp(record: PatientRecord) -> Selected:
    return record.select(InputNeed(quantity("afp_ng_ml"), Anchor.NOW))


def _of(value: float, **more: Any) -> Resource:
    return observation(_AFP, quantity_of(value, "ng/mL"), id_as="a", **more)


# --- Whose it is.


@pytest.mark.parametrize(
    "more",
    [
        {"category": [{"coding": [{"code": "family-history"}]}]},
        {"category": [{"coding": [{"code": "1", "display": "Family history of disorder"}]}]},
        {"category": [{"text": "Family History"}]},
        {"category": [{"text": "家族史"}]},
        {"code": {**_HCC, "text": "Family history of hepatocellular carcinoma"}},
    ],
)
def test_the_cancer_of_a_relative_is_not_the_patients(more: dict[str, Any]) -> None:
    """A Condition that is a family history has the patient as its subject and is of a relative."""
    record = mapped({**condition(_HCC), **more})
    assert record.has_hcc is False
    assert [(i.name, i.reason, i.evidence.rule) for i in record.rejected] == [
        ("hcc", _OF_ANOTHER, "other-person")
    ]


def test_a_diagnosis_of_the_patient_has_a_category_too() -> None:
    """The usual categories say nothing of whose it is."""
    usual = [{"coding": [{"code": "problem-list-item"}], "text": "Problem List"}]
    assert mapped(condition(_HCC, category=usual)).has_hcc is True


def test_a_family_member_history_is_never_read() -> None:
    """It is a resource of its own type, whatever it says."""
    history = {
        "resourceType": "FamilyMemberHistory", "id": "f", "status": "completed",
        "patient": {"reference": f"Patient/{PATIENT_ID}"}, "condition": [{"code": _HCC}],
    }  # fmt: skip
    prostate = condition(sct("399068003"), contained=[history])
    assert mapped(prostate).has_hcc is False


@pytest.mark.parametrize(
    ("focus", "is_read"),
    [
        ("RelatedPerson/donor", False),
        ("Patient/donor", False),
        (f"Patient/{PATIENT_ID}", True),
        ("BodyStructure/b", True),
    ],
)
def test_a_value_of_a_donor_is_not_the_patients(focus: str, is_read: bool) -> None:
    """Observation.focus names whom a value is about where that is not its subject."""
    record = mapped(_of(512, focus=[{"reference": focus}]))
    assert (_afp(record).value.value is not None) is is_read
    assert [i.reason for i in _afp(record).rejected] == ([] if is_read else [_OF_ANOTHER])


def test_an_operation_on_a_donor_is_not_the_patients() -> None:
    """R5 has Procedure.focus for it."""
    done = resection(focus={"reference": "RelatedPerson/donor"})
    assert mapped(done).index_operation.phase == "none"
    assert mapped(resection()).index_operation.phase == "done"


@pytest.mark.parametrize("first", [True, False])
def test_a_refuted_diagnosis_is_refuted_wherever_its_status_stands(first: bool) -> None:
    """A national guide puts codings of its own beside HL7's verification status."""
    codings = [
        {"system": _VER, "code": "refuted"},
        {"system": "https://guide.example/x", "code": "7"},
    ]
    said = {"coding": codings if first else codings[::-1]}
    assert mapped(condition(_HCC, verificationStatus=said)).has_hcc is False


def test_a_component_with_a_modifier_that_is_not_known_is_not_read() -> None:
    """A modifier may turn the meaning around, on a component as on the whole."""
    part = {"code": loinc("33728-7"), **quantity_of(6.2, "cm")}
    need = InputNeed(quantity("tumour_size_cm"), Anchor.NOW)
    plain = observation(loinc("21889-1"), {"component": [part]})
    assert str(mapped(plain).select(need).value.value) == "6.2"
    modified = {**plain, "component": [{**part, "modifierExtension": [{"url": "x"}]}]}
    selected = mapped(modified).select(need)
    assert selected.value.knowledge is Knowledge.UNKNOWN
    assert [(i.evidence.value, i.reason) for i in selected.rejected] == [
        ("6.2 cm", "it carries a modifierExtension that is not known here")
    ]


@pytest.mark.parametrize(
    ("subject", "is_read"), [("Patient/x", False), (f"Patient/{PATIENT_ID}", True)]
)
def test_what_a_resource_contains_may_name_its_own_subject(subject: str, is_read: bool) -> None:
    """A donor's result within the recipient's report is the donor's."""
    inner = {**_of(512), "subject": {"reference": subject}}
    report = {
        "resourceType": "DiagnosticReport", "id": "r", "status": "final",
        "subject": {"reference": f"Patient/{PATIENT_ID}"}, "code": loinc("11502-2"),
        "contained": [inner], "result": [{"reference": "#a"}],
    }  # fmt: skip
    record = mapped(report)
    assert (_afp(record).value.value is not None) is is_read
    others = [(i.evidence.reference, i.reason) for i in record.rejected]
    assert others == ([] if is_read else [("DiagnosticReport/r#a", "it is of another patient")])


# --- Which version counts.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # The one that counts, and the one that does not.
        ({"meta": {"lastUpdated": "2026-11-02T05:00:00Z"}}, {"meta": {"lastUpdated": "2026-11-02T10:00:00+08:00"}}),
        ({"meta": {"lastUpdated": "2026-11-02T05:00:00Z"}}, {"meta": {"lastUpdated": "2026-11-02T04:59:59.9Z"}}),
        ({"meta": {"versionId": "10"}}, {"meta": {"versionId": "9"}}),
        ({"meta": {"versionId": "2"}, "status": "preliminary"}, {"meta": {"versionId": "1"}}),
        ({"status": "corrected"}, {"status": "final"}),
        ({"status": "amended"}, {"status": "final"}),
        ({"status": "final"}, {"status": "preliminary"}),
        ({"status": "final"}, {"status": "entered-in-error"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("value", "old"), [(20, 512), (512, 20)])
def test_the_later_version_of_one_resource_counts(
    one: Resource, other: Resource, value: int, old: int
) -> None:
    """By its time, its version, its status; never by the value or the order of arrival."""
    counts, does_not = _of(value, **one), _of(old, **other)
    for resources in ([counts, does_not], [does_not, counts]):
        assert _afp(mapped(*resources)).value.value == value


def test_a_version_that_withdraws_the_one_before_is_the_one_that_counts() -> None:
    """Version 2 says that version 1 was an error."""
    wrong = _of(512, status="entered-in-error", meta={"versionId": "2"})
    record = mapped(_of(512, meta={"versionId": "1"}), wrong)
    assert [i.reason for i in _afp(record).rejected] == ["entered in error"]


def _replacing(target: str, **more: Any) -> Resource:
    url = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
    named = [{"url": url, "valueReference": {"reference": target}}]
    return {**_of(20, extension=named, **more), "id": "b"}


@pytest.mark.parametrize(
    ("target", "more", "values"),
    [
        ("Observation/a", {"status": "corrected"}, {20}),
        ("https://ehr.example/fhir/Observation/a", {"status": "final"}, {20}),
        ("Observation/other", {"status": "final"}, {20, 512}),
        ("Observation/a", {"status": "entered-in-error"}, {512}),
        ("Observation/a", {"status": "cancelled"}, {512}),
    ],
)
def test_a_value_that_another_replaces_does_not_count(
    target: str, more: dict[str, Any], values: set[int]
) -> None:
    """HL7's observation-replaces says so; a withdrawn replacement replaces nothing."""
    selected = _afp(mapped(_of(512), _replacing(target, **more)))
    assert {part.lower for part in selected.value.numbers} == values
    replaced = [
        i.evidence.value for i in selected.rejected if i.reason == "another one replaces it"
    ]
    assert replaced == ([] if 512 in values else [""])
