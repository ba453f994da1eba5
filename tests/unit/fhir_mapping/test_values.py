"""Values as they arrive: numbers, answers, and why one is not used."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mapping.amounts import UnusableValueError, read_amount, value_as_sent
from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS, read_answer
from fhir_mapping.codes import LOINC, Codes
from models.inputs import Knowledge
from models.model import Anchor, InputNeed
from models.quantities import quantity
from tests.mapping_records import (
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

CODES = Codes.shipped()


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        ({"valueQuantity": {"value": 5}}, "5"),
        ({"valueQuantity": {"value": 5.5, "comparator": "<="}}, "<=5.5"),
        ({"valueQuantity": {"value": "<5", "unit": "cm"}}, "<5"),
        ({"valueQuantity": {"value": "5.0"}}, "5"),
        ({"valueQuantity": {"value": "1e5", "comparator": "<"}}, "<100000"),
        ({"valueInteger": 3}, "3"),
        ({"valueDecimal": 3.5}, "3.5"),
        ({"valueString": "≥ 2,5 cm"}, ">=2.5"),
        ({"valueString": "大于100"}, ">100"),
        ({"valueString": "40~50%"}, "40 to 50"),
        ({"valueRange": {"low": {"value": 4}}}, ">=4"),
        ({"valueRange": {"high": {"value": 4}}}, "<=4"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 4}}}, "0.25"),
    ],
)
def test_a_number_is_read_in_every_shape(node: Resource, shown: str) -> None:
    """Quantity, integer, decimal, text, Range and Ratio."""
    assert str(read_amount(node)) == shown


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ({}, "no value"),
        ({"dataAbsentReason": {"text": "lost"}}, "no value (reason given in words)"),
        ({"dataAbsentReason": {"coding": [{}, {"code": "unknown"}]}}, "no value (unknown)"),
        ({"valueQuantity": {}}, "no value"),
        ({"valueQuantity": {"value": True}}, "not a number"),
        ({"valueQuantity": {"value": []}}, "not a number"),
        ({"valueQuantity": {"value": 5, "comparator": "ad"}}, "its comparator is not known"),
        ({"valueQuantity": {"value": "about forty"}}, "the text is not a number"),
        ({"valueQuantity": {"value": float("nan")}}, "not a plausible number"),
        ({"valueQuantity": {"value": 1e300}}, "not a plausible number"),
        ({"valueInteger": "three"}, "not a number"),
        ({"valueString": "see report"}, "the text is not a number"),
        ({"valueString": "5-3 cm"}, "the text is not a number"),
        ({"valueString": "1,210"}, "its comma may mean thousands or decimals"),
        ({"valueRange": {}}, "no value"),
        ({"valueRange": {"low": {"value": 5}, "high": {"value": 3}}}, "its range is the wrong way round"),
        ({"valueRange": {"low": {"value": 5, "unit": "mm"}, "high": {"value": 6, "unit": "cm"}}}, "the two ends of its range have different units"),
        ({"valueRatio": {"numerator": {"value": 1, "unit": "cm"}, "denominator": {"value": 2}}}, "a ratio with units is not read"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 0}}}, "not a ratio of two numbers"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_read_says_why(node: Resource, reason: str) -> None:
    """The reason is shown, and never holds the value."""
    with pytest.raises(UnusableValueError) as caught:
        read_amount(node)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        ({"valueQuantity": {"value": 512, "comparator": ">", "unit": "ng/mL"}}, ">512 ng/mL"),
        ({"valueQuantity": {"value": 512, "code": "ng/mL"}}, "512 ng/mL"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "cm"}}}, "1 to 2 cm"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}}}, "1 : 2"),
        ({"valueCodeableConcept": {"text": "Present"}}, "Present"),
        ({"valueCodeableConcept": {"coding": [{"display": "Absent"}]}}, "Absent"),
        ({"valueCodeableConcept": {"coding": [{"code": "LA1"}]}}, "LA1"),
        ({"valueBoolean": True}, "True"),
        ({"valueString": "M1"}, "M1"),
        ({"valueInteger": 10**20}, "a very large number"),
        ({}, ""),
    ],
)
def test_a_value_is_shown_as_it_was_sent(node: Resource, shown: str) -> None:
    """For the evidence on cards and pages."""
    assert value_as_sent(node) == shown


@pytest.mark.parametrize(
    ("node", "category"),
    [
        ({"valueBoolean": True}, "present"),
        ({"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9634-2"}]}}, "absent"),
        ({"valueCodeableConcept": {"text": "Not detected"}}, "absent"),
        ({"valueString": "阳性"}, "present"),
        ({"interpretation": [{"coding": [{"code": "ND"}]}]}, "absent"),
    ],
)
def test_an_answer_is_read_in_every_shape(node: Resource, category: str) -> None:
    """A boolean, a code, a word, or an interpretation without a value."""
    assert read_answer(node, CODES, PRESENCE, PRESENCE_WORDS) == category


@pytest.mark.parametrize(
    ("node", "answers", "reason"),
    [
        ({}, PRESENCE, "no value"),
        ({"valueBoolean": True}, {"capsule-complete": "complete"}, "yes or no does not answer it"),
        ({"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9634-2"}, {"system": LOINC, "code": "LA9633-4"}]}}, PRESENCE, "its answer says two things"),
        ({"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA11884-6"}]}}, PRESENCE, "it could not be determined"),
        ({"valueCodeableConcept": {"coding": [{"system": "x", "code": "y"}]}}, PRESENCE, "its answer has a code that is not known here"),
        ({"valueString": "perhaps"}, PRESENCE, "its answer is not one that is known here"),
        ({"valueQuantity": {"value": 5}, "interpretation": [{"coding": [{"code": "POS"}]}]}, PRESENCE, "a number does not answer it"),
        ({"interpretation": [{"coding": [{"code": "IND"}]}]}, PRESENCE, "no value"),
        ({"interpretation": [{"coding": [{"code": "POS"}]}]}, {"capsule-complete": "complete"}, "no value"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_says_why(
    node: Resource, answers: dict[str, str], reason: str
) -> None:
    """Left open, said twice, or not known here."""
    with pytest.raises(UnusableValueError) as caught:
        read_answer(node, CODES, answers, PRESENCE_WORDS)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("resource", "name", "reason"),
    [
        (observation(loinc("1975-2"), {"valueString": "?"}), "bilirubin_umol_l", "the text is not a number"),
        (observation(loinc("1975-2"), quantity_of(1, "mmHg")), "bilirubin_umol_l", "mmHg is not a unit of bilirubin"),
        (observation(loinc("1975-2"), quantity_of(9999, "mg/dL")), "bilirubin_umol_l", "outside the plausible range 0.5 to 1500 umol/L"),
        (observation(sct("389026000"), {"valueString": "some"}), "ascites", "its answer is not one that is known here"),
        (observation(loinc("89247-1"), {"valueCodeableConcept": {"text": "fit"}}), "ecog", "its answer is not one that is known here"),
        (observation(loinc("89247-1"), {"valueInteger": 7}), "ecog", "outside the plausible range 0 to 4 {score}, whole numbers only"),
        (observation(loinc("98152-2"), {"valueString": "?"}), "child_pugh_class", "the text is not a number"),
        (observation(loinc("98152-2"), {"valueDecimal": 6.5}), "child_pugh_class", "a Child-Pugh score is from 5 to 15 points"),
        (observation(loinc("42595-9"), {"valueQuantity": {}}), "hbv", "no value"),
        (observation(loinc("42030-7"), {"valueString": "?"}), "tumour_number", "its answer is not one that is known here"),
        (observation(loinc("42032-3"), {"valueInteger": 0}), "tumour_number", "outside the plausible range 1 to 100 1, whole numbers only"),
        (condition(sct("389026000"), verificationStatus={"coding": [{"code": "provisional"}]}), "ascites", "it is not confirmed (provisional)"),
        (condition(sct("59927004"), clinicalStatus={"coding": [{"code": "resolved"}]}), "liver_failure", "it is recorded as no longer active"),
    ],
)  # fmt: skip
def test_what_is_not_used_is_listed_under_its_quantity(
    resource: Resource, name: str, reason: str
) -> None:
    """The input is unknown, and its reason is the one shown."""
    record = mapped(resource, condition(sct("109841003")))
    selected = record.select(InputNeed(quantity(name), Anchor.NOW))
    assert selected.value.knowledge is Knowledge.UNKNOWN
    assert [item.reason for item in selected.rejected] == [reason]
    assert selected.value.reason == f"not usable: {reason}"


def test_an_unanswered_margin_question_is_listed() -> None:
    """An involvement that is left open says nothing of R0, R1 or R2."""
    record = mapped(resection(), observation(sct("396324006"), {"valueString": "?"}, "2026-10-05"))
    rejected = record.situation()["residual_tumour"].rejected
    assert [item.reason for item in rejected] == ["its answer is not one that is known here"]


def test_afp_under_a_code_of_no_unit_is_read_by_its_unit() -> None:
    """SNOMED CT's AFP says neither mass nor units, so the unit decides."""
    need = InputNeed(quantity("afp_ng_ml"), Anchor.BEFORE_OPERATION)
    mass = mapped(observation(sct("104404005"), quantity_of(30, "ug/L")))
    units = mapped(observation(sct("104404005"), quantity_of(100, "kIU/L")))
    neither = mapped(observation(sct("104404005"), quantity_of(100, "mmol/L")))
    assert mass.select(need).value.value == 30
    assert units.select(need).value.value == Decimal(121)
    reason = "not usable: mmol/L is not a unit of arbitrary concentration"
    assert neither.select(need).value.reason == reason


# --- Negative controls in the shape of mCODE's breast cancer examples.


@pytest.mark.parametrize(
    "resource",
    [
        observation(sct("370052007"), {"valueCodeableConcept": sct("260385009")}, id_as="invasion"),
        observation(
            loinc("44669-0"), {"valueCodeableConcept": loinc("LA27151-2")}, id_as="margins"
        ),
        observation(
            loinc("85337-4"), {"valueCodeableConcept": loinc("LA6576-8")}, id_as="receptor"
        ),
        observation(loinc("85319-2"), {"valueCodeableConcept": loinc("LA6577-6")}, id_as="her2"),
        observation(loinc("26499-4"), quantity_of(3000, "10*3/uL"), id_as="neutrophils"),
        observation(loinc("97509-4"), {"valueCodeableConcept": sct("268910001")}, id_as="status"),
        condition(sct("254837009"), id_as="breast"),
    ],
    ids=lambda item: str(item["id"]),
)
def test_a_record_of_another_cancer_gives_no_input(resource: Resource) -> None:
    """A generic invasion status, breast margins and receptors are not read as anything of HCC."""
    plain: Any = {"observations": mapped().findings}
    record = mapped(resource, condition(sct("109841003")))
    assert {item.name for item in record.findings} == {item.name for item in plain["observations"]}


def test_mcodes_tumour_size_is_read_from_its_component() -> None:
    """Observation 21889-1 without a value, with the longest dimension as a component."""
    size = observation(
        loinc("21889-1"),
        {"component": [
            {"code": loinc("33728-7"), **quantity_of(2.5, "centimeters", code="cm")},
            {"code": loinc("33729-5"), **quantity_of(1.4, "centimeters", code="cm")},
        ]},
        method=sct("787377000"), specimen={"reference": "Specimen/s"},
    )  # fmt: skip
    record = mapped(size)
    assert [(i.name, i.value.value) for i in record.findings if i.name == "tumour_size_cm"] == [
        ("tumour_size_cm", Decimal("2.5"))
    ]
    assert record.rejected == ()


def test_own_and_unknown_answers_do_not_disturb() -> None:
    """A capsule answer under a foreign question is read, an unknown one is ignored."""
    question = concept("https://hospital.example.org", "q")
    record = mapped(
        observation(question, {"valueCodeableConcept": own("capsule-absent")}, id_as="a"),
        observation(question, {"valueCodeableConcept": sct("1")}, id_as="b"),
    )
    need = InputNeed(quantity("capsule"), Anchor.BEFORE_OPERATION)
    assert record.select(need).value.value == "absent"
