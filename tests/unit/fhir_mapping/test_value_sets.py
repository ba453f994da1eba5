"""The shipped value sets are valid FHIR, and none of the known traps is in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.valueset import ValueSet

from fhir_mapping.codes import HCC_CDS_SYSTEM, LOINC, SNOMED, Codes, shipped_folder
from fhir_mapping.none_recorded import NONE_RECORDED
from models.quantities import QUANTITIES

_FILES = sorted(shipped_folder().glob("*.json"))
_VALUE_SETS = [path for path in _FILES if not path.name.startswith("codesystem-")]
_OWN = json.loads((shipped_folder() / "codesystem-hcc-cds.json").read_text(encoding="utf-8"))
_CPT = "http://www.ama-assn.org/go/cpt"
CODES = Codes.shipped()


@pytest.mark.parametrize("path", _VALUE_SETS, ids=lambda path: path.stem)
def test_a_value_set_is_valid_fhir_and_named_like_its_file(path: Path) -> None:
    """Every file is an R4 ValueSet whose id is the name of its concept."""
    resource = json.loads(path.read_text(encoding="utf-8"))
    assert ValueSet.model_validate(resource).id == path.stem


def test_the_code_system_is_valid_fhir_and_complete() -> None:
    """Our CodeSystem is an R4 CodeSystem that counts its codes rightly, each code once."""
    resource = CodeSystem.model_validate(_OWN)
    codes = [item["code"] for item in _OWN["concept"]]
    assert resource.url == HCC_CDS_SYSTEM
    assert len(codes) == len(set(codes)) == _OWN["count"]


def test_every_own_code_used_in_a_value_set_is_published() -> None:
    """A value set never names a code that our CodeSystem does not hold."""
    published = {item["code"] for item in _OWN["concept"]}
    used = {
        entry.code
        for concept in CODES.concepts.values()
        for entry in (*concept.include, *concept.exclude)
        if entry.system == HCC_CDS_SYSTEM
    }
    assert used <= published


def test_every_foreign_code_names_its_source_and_none_is_licensed_away() -> None:
    """CPT is not shipped, and each code of another system says where it was verified."""
    for concept in CODES.concepts.values():
        for entry in (*concept.include, *concept.exclude):
            assert entry.system != _CPT
            assert entry.source or entry.system == HCC_CDS_SYSTEM, entry


def _loinc_check_digit(number: str) -> int:
    """Return LOINC's mod 10 check digit."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_P = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def _verhoeff_holds(code: str) -> bool:
    """Tell whether a SNOMED CT identifier passes its Verhoeff check."""
    check = 0
    for position, digit in enumerate(reversed(code)):
        check = _D[check][_P[position % 8][int(digit)]]
    return check == 0


def test_every_loinc_and_snomed_code_passes_its_check_digit() -> None:
    """A mistyped code would fail here."""
    for concept in CODES.concepts.values():
        for entry in (*concept.include, *concept.exclude):
            if entry.system == LOINC and not entry.code.startswith("LA"):
                number, digit = entry.code.split("-")
                assert _loinc_check_digit(number) == int(digit), entry
            if entry.system == SNOMED:
                assert _verhoeff_holds(entry.code), entry


def test_the_check_digits_reject_the_codes_known_to_be_wrong() -> None:
    """The two codes that circulate with a wrong check digit would be caught."""
    assert _loinc_check_digit("44805") != 4
    assert not _verhoeff_holds("372287004")


@pytest.mark.parametrize(
    ("system", "code", "concept"),
    [
        ("http://terminology.hl7.org/CodeSystem/icd-o-3", "C22.0", "hcc"),
        (LOINC, "85330-9", "ki67"),
        (SNOMED, "1237281001", "ki67"),
        (LOINC, "33055-5", "ki67"),
        (LOINC, "44632-8", "satellite-nodules"),
        (LOINC, "84886-1", "satellite-nodules"),
        (LOINC, "44669-0", "margin-distance"),
        (SNOMED, "258255004", "residual-tumour-r1"),
        (SNOMED, "17920008", "portal-vein-tumour-thrombus"),
        (SNOMED, "17920008", "macrovascular-invasion"),
        (SNOMED, "314617008", "tace"),
        (SNOMED, "233527006", "tace"),
        (SNOMED, "235462000", "liver-resection"),
        (SNOMED, "17203000", "liver-resection"),
        (LOINC, "1832-5", "afp"),
        (LOINC, "44805-4", "des-gamma-carboxyprothrombin"),
        (LOINC, "770-8", "neutrophils"),
        (SNOMED, "258273001", "tumour-size"),
        (SNOMED, "25370001", "hcc"),
    ],
)
def test_a_known_trap_is_not_the_concept(system: str, code: str, concept: str) -> None:
    """Each was seen in the wild, or looks like the concept and is not."""
    assert not CODES.matches(concept, {"system": system, "code": code})


def test_every_quantity_with_a_decision_exists() -> None:
    """The table of none-recorded decisions names real quantities."""
    assert NONE_RECORDED.keys() <= QUANTITIES.keys()
