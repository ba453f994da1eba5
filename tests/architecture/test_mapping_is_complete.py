"""Every input has codes, a spec test, a golden case and its line in the doc; every rule is in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fhir_mapping.codes import Codes
from fhir_mapping.intake import QUANTITY_OF_CONCEPT
from fhir_mapping.reading import CONDITION_READERS, OBSERVATION_READERS
from fhir_mapping.reading_rules import READING_RULES
from models.quantities import QUANTITIES
from models.registry import MODELS
from tests.mapping_doc import ALSO_READ_FROM, PATH, rendered

ROOT = Path(__file__).resolve().parent.parent.parent
MAPPING = ROOT / "fhir_mapping"
_SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in MAPPING.rglob("*.py"))
_SPECS = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "tests/spec").glob("test_mapping_*.py")
)
_INPUTS = sorted(
    {need.quantity.name for model in MODELS.values() for need in model.needs}
    | {item.quantity.name for model in MODELS.values() for item in model.population}
)
_FROM_ELSEWHERE = {"age_years", "sex", "months_since_resection"}
_ALSO_READ = {concept for concepts in ALSO_READ_FROM.values() for concept in concepts}
_WITH_CODES = {*QUANTITY_OF_CONCEPT.values(), *ALSO_READ_FROM, *_FROM_ELSEWHERE}


def _known_in_golden_cases() -> frozenset[str]:
    """Return every input that a golden case knows from a resource, not from an empty search."""
    known = set()
    for path in (ROOT / "tests/golden").glob("*/*/inputs.json"):
        read = json.loads(path.read_text(encoding="utf-8"))
        for inputs in (read["situation"], *read["models"].values()):
            for name, item in inputs.items():
                sources = [
                    source for source in item.get("from", []) if "none recorded" not in source
                ]
                if item["known"] == "known" and sources:
                    known.add(name)
    return frozenset(known)


_GOLDEN = _known_in_golden_cases()


@pytest.mark.parametrize("name", _INPUTS)
def test_an_input_has_codes_a_spec_test_a_golden_case_and_its_line_in_the_doc(name: str) -> None:
    """An input of any model cannot be added without all four."""
    document = rendered()[PATH]
    assert name in _WITH_CODES
    assert f'"{name}"' in _SPECS
    assert name in _GOLDEN
    assert f"(`{name}`) |" in document


@pytest.mark.parametrize("concept", sorted({*QUANTITY_OF_CONCEPT} | _ALSO_READ))
def test_a_concept_that_is_read_has_codes_and_its_line_in_the_doc(concept: str) -> None:
    """A concept without a code, or without its table of codes in the doc, fails."""
    document = rendered()[PATH]
    assert Codes.shipped().concepts[concept].include
    assert f"### {concept}\n" in document
    assert f"(#{concept})" in document


def test_every_reader_belongs_to_a_shipped_value_set() -> None:
    """A reader without codes would never be called."""
    shipped = Codes.shipped().concepts.keys()
    assert {*OBSERVATION_READERS, *CONDITION_READERS, *QUANTITY_OF_CONCEPT} <= shipped
    assert set(QUANTITY_OF_CONCEPT.values()) <= QUANTITIES.keys()


def test_every_rule_named_in_the_evidence_stands_in_words() -> None:
    """The anchors in the code are those of the rules, and no rule is left unused."""
    for anchor in READING_RULES:
        assert re.search(rf'"{anchor}"', _SOURCE.replace(f'    "{anchor}": (', "")), anchor


def test_the_rendered_document_is_current() -> None:
    """docs/mapping.md is what the code renders."""
    for path, text in rendered().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text
