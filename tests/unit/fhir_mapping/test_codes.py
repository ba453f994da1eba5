"""Whether a coding is a concept, in every shape it arrives in."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mapping.codes import HCC_CDS_SYSTEM, LOINC, SNOMED, Codes

CODES = Codes.shipped()
AFP = {"system": LOINC, "code": "1834-1"}


@pytest.mark.parametrize(
    "value",
    [
        AFP,
        {"coding": [AFP]},
        [{"coding": [AFP]}],
        {"coding": AFP},
        {"coding": [{"system": "local", "code": "x"}, AFP]},
        {"concept": {"coding": [AFP]}},
        {"system": "http://loinc.org/", "code": "1834-1"},
        {"system": "https://loinc.org", "code": " 1834-1 "},
        {"code": "1834-1"},
        {"coding": [{"code": "1834-1"}]},
    ],
)
def test_every_shape_of_a_code_is_matched(value: Any) -> None:
    """A Coding, a CodeableConcept, a list, an R5 CodeableReference, a system with a slash."""
    assert CODES.matches("afp", value)


@pytest.mark.parametrize(
    "value",
    [
        None, "1834-1", 1834, [], {}, {"coding": "1834-1"}, {"coding": [None, 3]},
        {"system": SNOMED, "code": "1834-1"}, {"system": "urn:oid:1.2.3", "code": "1834-1"},
        {"code": "109841003"}, {"system": LOINC, "code": None}, {"system": 3, "code": True},
    ],
)  # fmt: skip
def test_what_is_no_code_of_the_concept_is_not_matched(value: Any) -> None:
    """Another system, no code, or something else altogether."""
    assert not CODES.matches("afp", value)
    assert not CODES.matches("hcc", value)


def test_an_exclusion_outweighs_an_inclusion() -> None:
    """A code that says both serum and amniotic fluid is not AFP in serum."""
    both = {"coding": [AFP, {"system": LOINC, "code": "1832-5"}]}
    assert not CODES.matches("afp", both)


def test_a_numeric_code_is_read_as_its_digits() -> None:
    """Seen in feeds that lose the quotes of SNOMED CT codes."""
    assert CODES.matches("hcc", {"system": SNOMED, "code": 109841003})


def test_concept_names_may_be_written_with_underscores() -> None:
    """The quantities' spelling is understood too."""
    own = {"system": HCC_CDS_SYSTEM, "code": "microvascular-invasion"}
    assert CODES.matches("microvascular_invasion", own)


def test_the_search_token_list_names_each_code_once() -> None:
    """One comma-separated value for a prefetch template, in a fixed order."""
    tokens = CODES.search_token_list(["afp", "afp-mass-concentration"]).split(",")
    assert tokens[0] == "http://loinc.org|1834-1"
    assert len(tokens) == len(set(tokens))
    assert "http://loinc.org|1832-5" not in tokens


def test_every_shipped_code_is_matched_by_its_concept() -> None:
    """What a concept includes and does not exclude, it matches."""
    for concept in CODES.concepts.values():
        for entry in concept.include:
            assert CODES.matches(concept.name, {"system": entry.system, "code": entry.code}), entry
