"""Codes that are shipped so that they are known, and that decide no input of any model."""

from __future__ import annotations

import pytest

from fhir_mapping.codes import Codes
from tests.mapping_records import (
    concept,
    condition,
    mapped,
    observation,
    procedure,
    quantity_of,
    resection,
    sct,
)

NAMED_ONLY = (
    "alanine-aminotransferase",
    "alkaline-phosphatase",
    "apri",
    "arterial-antineoplastic",
    "aspartate-aminotransferase",
    "bclc-stage-method",
    "biliary-disease-other",
    "blood-loss",
    "bone-imaging",
    "brain-imaging",
    "child-pugh-panel",
    "cirrhosis",
    "clavien-dindo-method",
    "creatinine",
    "fib-4",
    "gamma-glutamyl-transferase",
    "hepatic-artery-occlusion",
    "hepatitis-c",
    "hepatitis-c-negative",
    "histologic-grade",
    "histologic-grade-answer",
    "leukocytes",
    "liver-disease-other",
    "liver-stiffness",
    "margin-unspecified",
    "portal-hypertension",
    "portal-vein",
    "prothrombin-time",
    "specimen-multifocal-status",
    "tumour-marker",
)
HCC = condition(sct("109841003"))


@pytest.mark.parametrize("name", NAMED_ONLY)
def test_a_code_that_no_model_asks_for_decides_nothing(name: str) -> None:
    """Whatever resource carries it, every input stays as it was without it, but what it shares."""
    plain = mapped(HCC, resection())
    for entry in Codes.shipped().concepts[name].include:
        code = concept(entry.system, entry.code)
        if Codes.shipped().concepts_of(code) != {name}:
            continue
        for resource in (
            condition(code),
            observation(code, quantity_of(3, "cm")),
            observation(code, {"valueBoolean": True}),
            procedure(code, "2026-10-05"),
        ):
            assert mapped(HCC, resection(), resource).findings == plain.findings


def test_a_liver_tumour_of_uncertain_behaviour_is_no_hcc() -> None:
    """D37.6 is excluded from HCC, also where another coding says HCC."""
    code = concept("http://hl7.org/fhir/sid/icd-10-cm", "D37.6")
    both = {"coding": [*code["coding"], *sct("109841003")["coding"]]}
    assert mapped(condition(both)).has_hcc is not True
