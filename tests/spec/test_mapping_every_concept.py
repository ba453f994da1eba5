"""Every value set that is read, every code of it: what one resource with that code comes to.

The table is the contract: a value set that is read and has no line here fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from fhir_mapping.codes import Codes
from fhir_mapping.intake import QUANTITY_OF_CONCEPT
from fhir_mapping.patient_record import PatientRecord
from fhir_mapping.reading import CONDITION_READERS, OBSERVATION_READERS
from models.inputs import Input
from tests.mapping_doc import ALSO_READ_FROM
from tests.mapping_records import (
    PATIENT_ID,
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

Maker = Callable[[Resource], tuple[Resource, ...]]

HCC = condition(sct("109841003"))
SPECIMEN = {"specimen": {"reference": "Specimen/s"}}
STAY = encounter("2026-09-29", "2026-10-12")
DURING = {
    "partOf": [{"reference": "Procedure/resection"}],
    "performedDateTime": "2026-10-01T10:00:00Z",
}


def measured(value: float, unit: str) -> Maker:
    """Return a maker of an observation with a number, of the specimen of the operation."""
    return lambda code: (
        resection(),
        observation(code, quantity_of(value, unit), "2026-10-04", **SPECIMEN),
    )


def now(value: float, unit: str, **more: Any) -> Maker:
    """Return a maker of an observation with a number, without an operation."""
    return lambda code: (observation(code, quantity_of(value, unit), **more),)


def said(value: bool) -> Maker:
    """Return a maker of an observation that says yes or no."""
    return lambda code: (observation(code, {"valueBoolean": value}),)


def answered(answer: str) -> Maker:
    """Return a maker of an observation with a coded answer."""
    (entry, *_) = next(
        item.include
        for item in Codes.shipped().concepts.values()
        if answer in (item.name, item.include[0].code if item.include else "")
    )
    value = {"valueCodeableConcept": concept(entry.system, entry.code)}
    return lambda code: (observation(code, value),)


def worded(text: str) -> Maker:
    """Return a maker of an observation with a text."""
    return lambda code: (observation(code, {"valueString": text}),)


def alone_stated() -> Maker:
    """Return a maker of an observation whose code is all it says."""
    return lambda code: (observation(code, {}),)


def afp() -> Maker:
    """Return a maker of an AFP in the unit of its code."""

    def make(code: Resource) -> tuple[Resource, ...]:
        by_units = "afp-arbitrary-concentration" in Codes.shipped().concepts_of(code)
        sent = quantity_of(100, "[IU]/mL") if by_units else quantity_of(121, "ng/mL")
        return (observation(code, sent),)

    return make


def bilirubin() -> Maker:
    """Return a maker of a bilirubin in the unit of its code."""

    def make(code: Resource) -> tuple[Resource, ...]:
        by_mass = "bilirubin-mass-concentration" in Codes.shipped().concepts_of(code)
        sent = quantity_of(1, "mg/dL") if by_mass else quantity_of(17.1, "umol/L")
        return (observation(code, sent),)

    return make


def ldh() -> Maker:
    """Return a maker of an LDH with its laboratory's limit."""
    limit = [{"high": {"value": 250, "unit": "U/L", "code": "U/L"}}]
    return now(300, "U/L", referenceRange=limit)


def beside(other: str, value: float, of_other: float) -> Maker:
    """Return a maker of a cell count beside another of the same specimen."""
    return lambda code: (
        observation(code, quantity_of(value, "10*9/L"), **SPECIMEN),
        observation(loinc(other), quantity_of(of_other, "10*9/L"), **SPECIMEN),
    )


def transfused() -> Maker:
    """Return a maker of a transfusion that is part of the index operation."""
    return lambda code: (HCC, resection(), STAY, procedure(code, "2026-10-01", **DURING))


def course(value: bool) -> Maker:
    """Return a maker of a statement on the index stay, made at its end."""
    return lambda code: (
        HCC,
        resection(),
        STAY,
        observation(code, {"valueBoolean": value}, "2026-10-12"),
    )


def graded(answer: str) -> Maker:
    """Return a maker of a graded complication of the index stay."""
    value = {"valueCodeableConcept": own(answer)}
    return lambda code: (HCC, resection(), STAY, observation(code, value, "2026-10-08"))


def complicated() -> Maker:
    """Return a maker of a complication during the index stay."""
    return lambda code: (HCC, resection(), STAY, condition(code, "2026-10-08", id_as="asked"))


def alone(on: str) -> Maker:
    """Return a maker of an operation, the only one on record."""
    return lambda code: (HCC, procedure(code, on))


def diagnosed(on: str = "2026-09-01") -> Maker:
    """Return a maker of a condition beside the HCC."""
    return lambda code: (HCC, condition(code, on, id_as="asked"))


def operated(on: str = "2026-10-05", *, first: str = "2026-10-01") -> Maker:
    """Return a maker of a procedure after, or before, the index operation."""
    return lambda code: (HCC, resection(first), STAY, procedure(code, on, id_as="asked"))


def given(status: str = "active") -> Maker:
    """Return a maker of a prescription by code, before the operation of a month later."""
    return lambda code: (
        HCC,
        resection(),
        {
            "resourceType": "MedicationRequest", "id": "asked", "status": status, "intent": "order",
            "subject": {"reference": f"Patient/{PATIENT_ID}"},
            "medicationCodeableConcept": code, "authoredOn": "2026-09-01",
        },
    )  # fmt: skip


NO_SPREAD_ELSEWHERE = "none in one organ says nothing of the others"
BLAND = "it does not say tumour thrombus; a bland thrombus is no macrovascular invasion"
LYMPHOVASCULAR = "lymphovascular invasion does not say whether blood vessels are invaded"
AFP_CODE = "this AFP code is not of a concentration by mass or IU"
OTHER_PRODUCT = "another or an unstated blood product"
SECONDARY = "it does not say of which tumour: it may be of the HCC itself"

# Value set -> what is sent with each of its codes, and what is read of it: "quantity = value", or
# "quantity: why not". Where one value set is asked in several ways, each stands on a line.
TABLE: dict[str, list[tuple[Maker, str]]] = {
    "ablation": [
        (operated("2026-09-01"), "earlier_treatment = present"),
        (operated(), "earlier_treatment: it was after the index operation"),
    ],
    "adrenal-metastasis": [
        (diagnosed(), "metastatic_sites = 1 to 20"),
        (said(False), f"extrahepatic_disease: {NO_SPREAD_ELSEWHERE}"),
    ],
    "afp": [(afp(), "afp_ng_ml = 121")],
    "afp-unusable": [(now(512, "ng/mL"), f"afp_ng_ml: {AFP_CODE}")],
    "albumin": [(now(38, "g/L"), "albumin_g_l = 38")],
    "ascites": [
        (said(True), "ascites = moderate, slight"),
        (said(False), "ascites = none"),
        (diagnosed(), "ascites = moderate, slight"),
    ],
    "autologous-transfusion": [
        (transfused(), "transfusion: autologous blood is not counted"),
    ],
    "bile-leak": [(said(True), "bile_leak = present"), (said(False), "bile_leak = absent")],
    "bilirubin": [(bilirubin(), "bilirubin_umol_l = 17.1")],
    "bone-metastasis": [(diagnosed(), "metastatic_sites = 1 to 20")],
    "brain-metastasis": [(diagnosed(), "metastatic_sites = 1 to 20")],
    "child-pugh-class": [(answered("child-pugh-class-b"), "child_pugh_class = B")],
    "child-pugh-score": [(now(7, "{score}"), "child_pugh_class = B")],
    "clavien-dindo": [(graded("clavien-dindo-2"), "complication = present")],
    "complication-stated": [
        (course(True), "complication = present"),
        (course(False), "complication = absent"),
    ],
    "ecog": [(now(1, "{score}"), "ecog = 1")],
    "extrahepatic-disease": [
        (said(True), "extrahepatic_disease = present"),
        (said(False), "extrahepatic_disease = absent"),
        (diagnosed(), "extrahepatic_disease = present"),
    ],
    "haemoglobin": [(now(131, "g/L"), "haemoglobin_g_l = 131")],
    "haemoperitoneum": [
        (said(True), "rupture: haemoperitoneum alone is no proof of rupture"),
        (diagnosed(), "rupture: haemoperitoneum alone is no proof of rupture"),
    ],
    "haic": [(operated("2026-09-01"), "earlier_treatment = present")],
    "hbsag": [(said(True), "hbv = present"), (said(False), "hbv = absent")],
    "hbv-antiviral": [(given(), "hbv_antiviral = present")],
    "hbv-dna": [
        (said(True), "hbv = present"),
        (said(False), "hbv: HBV DNA not detected does not rule hepatitis B out"),
    ],
    "hbv-negative": [
        (said(True), "hbv = absent"),
        (said(False), "hbv: it says only what is not the case"),
        (diagnosed(), "hbv = absent"),
    ],
    "hbv-positive": [(said(True), "hbv = present"), (diagnosed(), "hbv = present")],
    "hcc": [(diagnosed(), "hcc = present")],
    "hcc-morphology": [(diagnosed(), "hcc = present")],
    "hcc-recurrence": [
        (said(True), "recurrence = present"),
        (diagnosed(), "recurrence = present"),
    ],
    "hepatic-encephalopathy": [
        (said(True), "encephalopathy = grade-1-2, grade-3-4"),
        (said(False), "encephalopathy = none"),
        (diagnosed(), "encephalopathy = grade-1-2, grade-3-4"),
    ],
    "hepatic-vein-tumour-thrombus": [
        (said(True), "macrovascular_invasion = present"),
        (
            said(False),
            "macrovascular_invasion: no tumour thrombus in one vein says nothing of the other veins",
        ),
        (diagnosed(), "macrovascular_invasion = present"),
    ],
    "history-of-immunotherapy": [(diagnosed(), "earlier_treatment = present")],
    "history-of-liver-cancer": [
        (diagnosed(), "hcc: a history of liver cancer of no stated type"),
    ],
    "hmga2-expression": [(said(True), "hmga2_expression = present")],
    "immune-checkpoint-inhibitor": [
        (given(), "immune_checkpoint_inhibitor = present"),
        (given(), "earlier_treatment = present"),
    ],
    "inr": [(now(1.2, "{INR}"), "inr = 1.2")],
    "intrahepatic-disease-controlled": [(said(True), "intrahepatic_control = present")],
    "intraoperative-transfusion": [
        (course(True), "transfusion = present"),
        (course(False), "transfusion = absent"),
    ],
    "invasion-unspecified": [
        (said(True), "microvascular_invasion: it does not say what is invaded"),
    ],
    "ki67": [(measured(40, "%"), "ki67_percent = 40")],
    "kinase-inhibitor": [(given(), "kinase_inhibitor = present")],
    "lactate-dehydrogenase": [(ldh(), "ldh_times_upper_limit = 1.2")],
    "liver-cancer-unspecified": [
        (diagnosed(), "hcc: it does not say which liver cancer"),
    ],
    "liver-excision-or-destruction": [(alone("2026-10-01"), "an operation in question")],
    "liver-resection": [(alone("2026-10-01"), "index operation of 2026-10-01")],
    "liver-transplantation": [(operated(), "liver_transplantation = present")],
    "lung-metastasis": [
        (diagnosed(), "lung_metastasis = present"),
        (said(True), "lung_metastasis = present"),
        (said(False), "lung_metastasis = absent"),
        (said(False), f"extrahepatic_disease: {NO_SPREAD_ELSEWHERE}"),
    ],
    "lung-metastasis-number": [(now(3, "1"), "lung_foci = 3")],
    "lymph-node-metastasis": [
        (diagnosed(), "lymph_node_metastasis = present"),
        (said(True), "extrahepatic_disease = present"),
        (said(False), "lymph_node_metastasis = absent"),
    ],
    "lymphatic-invasion": [
        (
            said(True),
            "microvascular_invasion: lymphatic invasion is not microvascular invasion",
        ),
    ],
    "lymphocytes": [(beside("751-8", 1.5, 6), "nlr = 4")],
    "lymphovascular-invasion": [(said(True), f"microvascular_invasion: {LYMPHOVASCULAR}")],
    "m-category": [
        (worded("cM1"), "extrahepatic_disease = present"),
        (worded("pM0"), "extrahepatic_disease: M0 says nothing of lymph nodes"),
    ],
    "macrovascular-invasion": [
        (said(True), "macrovascular_invasion = present"),
        (said(False), "macrovascular_invasion = absent"),
        (said(False), "pvtt = absent"),
    ],
    "margin-distance": [(measured(8, "mm"), "margin_cm = 0.8")],
    "margin-involved": [
        (said(True), "residual_tumour = R1, R2"),
        (said(False), "residual_tumour: it says only what is not the case"),
    ],
    "margin-of-another-organ": [
        (measured(8, "mm"), "margin_cm: it is the margin of another organ"),
    ],
    "metastasis-unspecified": [
        (diagnosed(), "extrahepatic_disease: it does not say where the metastasis is"),
    ],
    "metastatic-site-number": [(now(3, "1"), "metastatic_sites = 3")],
    "microvascular-invasion": [
        (said(True), "microvascular_invasion = present"),
        (answered("mvi-m0"), "microvascular_invasion = absent"),
    ],
    "mixed-liver-cancer": [
        (diagnosed(), "other_liver_cancer = present"),
        (diagnosed(), "hcc = present"),
    ],
    "multifocal-tumour": [
        (said(True), "tumour_number = 2 to 100"),
        (said(False), "tumour_number = 1"),
    ],
    "mycn-expression": [(said(False), "mycn_expression = absent")],
    "neutrophils": [(beside("731-0", 6, 1.5), "nlr = 4")],
    "other-liver-cancer": [(diagnosed(), "other_liver_cancer = present")],
    "other-metastasis": [
        (diagnosed(), "extrahepatic_disease = present"),
        (said(True), "extrahepatic_disease = present"),
        (said(False), f"extrahepatic_disease: {NO_SPREAD_ELSEWHERE}"),
    ],
    "peritoneal-metastasis": [(diagnosed(), "metastatic_sites = 1 to 20")],
    "portal-vein-thrombosis": [
        (said(True), f"macrovascular_invasion: {BLAND}"),
        (diagnosed(), f"macrovascular_invasion: {BLAND}"),
    ],
    "portal-vein-tumour-thrombus": [
        (said(True), "pvtt = present"),
        (said(True), "macrovascular_invasion = present"),
        (said(False), "pvtt = absent"),
        (diagnosed(), "pvtt = present"),
    ],
    "postoperative-complication": [(complicated(), "complication = present")],
    "pvtt-absent": [
        (said(True), "pvtt = absent"),
        (said(False), "pvtt: it says only what is not the case"),
    ],
    "pvtt-type": [
        (said(True), "pvtt = present"),
        (said(True), "macrovascular_invasion = present"),
        (said(False), "pvtt: it says only what is not the case"),
    ],
    "radiotherapy": [(operated("2026-09-01"), "earlier_treatment = present")],
    "red-cell-transfusion": [(transfused(), "transfusion = present")],
    "residual-tumour": [(answered("residual-tumour-r2"), "residual_tumour = R2")],
    "satellite-nodules": [
        (said(True), "satellites = present"),
        (said(False), "satellites = absent"),
        (diagnosed(), "satellites = present"),
    ],
    "secondary-liver-cancer": [(diagnosed(), f"other_liver_cancer: {SECONDARY}")],
    "staged-hepatectomy": [(alone("2026-10-01"), "an operation in question")],
    "staged-hepatectomy-first-stage": [(alone("2026-10-01"), "before the operation")],
    "tace": [(operated("2026-09-01"), "earlier_treatment = present")],
    "targeted-therapy": [(given(), "earlier_treatment = present")],
    "transfusion-other": [(transfused(), f"transfusion: {OTHER_PRODUCT}")],
    "tumour-capsule": [
        (answered("capsule-incomplete"), "capsule = incomplete"),
        (said(False), "capsule = absent"),
    ],
    "tumour-number": [(now(2, "1"), "tumour_number = 2")],
    "tumour-rupture": [
        (said(True), "rupture = present"),
        (said(False), "rupture = absent"),
        (diagnosed(), "rupture = present"),
    ],
    "tumour-size": [(now(62, "mm"), "tumour_size_cm = 6.2")],
    "tumour-size-longest-dimension": [(now(62, "mm"), "tumour_size_cm = 6.2")],
    # Answers that are sent as the code itself.
    "capsule-absent": [(said(True), "capsule = absent")],
    "capsule-complete": [(said(True), "capsule = complete")],
    "capsule-incomplete": [(said(True), "capsule = incomplete")],
    "capsule-present": [(said(True), "capsule = present")],
    "child-pugh-class-a": [(said(True), "child_pugh_class = A")],
    "child-pugh-class-b": [(said(True), "child_pugh_class = B")],
    "child-pugh-class-c": [(said(True), "child_pugh_class = C")],
    "ecog-0": [(said(True), "ecog = 0")],
    "ecog-1": [(said(True), "ecog = 1")],
    "ecog-2": [(said(True), "ecog = 2")],
    "ecog-3": [(said(True), "ecog = 3")],
    "ecog-4": [(said(True), "ecog = 4")],
    "liver-failure": [
        (said(True), "liver_failure = present"),
        (diagnosed(), "liver_failure = present"),
    ],
    "mvi-absent": [
        (said(True), "microvascular_invasion = absent"),
        (said(False), "microvascular_invasion: it says only what is not the case"),
        (alone_stated(), "microvascular_invasion = absent"),
    ],
    "mvi-present": [
        (said(True), "microvascular_invasion = present"),
        (said(False), "microvascular_invasion: it says only what is not the case"),
    ],
    "residual-tumour-r0": [(said(True), "residual_tumour = R0")],
    "residual-tumour-r1": [(said(True), "residual_tumour = R1")],
    "residual-tumour-r2": [(said(True), "residual_tumour = R2")],
}


def _read_concepts() -> set[str]:
    """Return every value set that is read."""
    also = {concept for concepts in ALSO_READ_FROM.values() for concept in concepts}
    return {*QUANTITY_OF_CONCEPT, *also, *OBSERVATION_READERS, *CONDITION_READERS}


def test_every_value_set_that_is_read_has_its_lines() -> None:
    """A value set that gets a reader needs a line here, and a line needs its value set."""
    assert set(TABLE) == _read_concepts()


@pytest.mark.parametrize(
    ("name", "maker", "wanted"),
    [
        pytest.param(name, maker, wanted, id=f"{name}: {wanted}")
        for name, lines in TABLE.items()
        for maker, wanted in lines
    ],
)
def test_every_code_of_a_value_set_is_read_alike(name: str, maker: Maker, wanted: str) -> None:
    """What is read of one code of a value set is read of each."""
    for entry in Codes.shipped().concepts[name].include:
        code = concept(entry.system, entry.code)
        record = mapped(*maker(code))
        assert wanted in set(_in_words(record)), entry.code


def _in_words(record: PatientRecord) -> Iterator[str]:
    for item in record.findings:
        yield f"{item.name} = {_value_in_words(item.value)}"
    for item in record.rejected:
        yield f"{item.name}: {item.reason}"
    index = record.index_operation
    if index.phase == "done":
        yield f"index operation of {index.earliest}"
    elif index.phase == "unclear":
        yield "an operation in question"
    else:
        yield "before the operation"


def _value_in_words(value: Input) -> str:
    if isinstance(value.value, Decimal):
        return f"{value.value.normalize():f}"
    if value.value is not None:
        return str(value.value)
    if value.numbers:
        (interval,) = value.numbers
        return f"{interval.lower} to {interval.upper}"
    return ", ".join(sorted(value.categories))
