"""Every input has codes, a rule in words and a spec test; no value set is shipped for nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fhir_mapping.codes import Codes
from fhir_mapping.intake import QUANTITY_OF_CONCEPT
from fhir_mapping.reading import CONDITION_READERS, OBSERVATION_READERS
from fhir_mapping.reading_rules import READING_RULES
from models.quantities import QUANTITIES
from models.registry import MODELS
from tests.mapping_doc import PATH, rendered

ROOT = Path(__file__).resolve().parent.parent.parent
MAPPING = ROOT / "fhir_mapping"
_SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in MAPPING.rglob("*.py"))
_SPECS = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "tests/spec").glob("test_mapping_*.py")
)
_HCC_INPUTS = sorted(
    {
        need.quantity.name
        for name in ("hpr_preoperative", "hpr_postoperative", "distant_metastasis")
        for need in MODELS[name].needs
    }
    | {item.quantity.name for item in MODELS["hpr_postoperative"].population}
)
_FROM_ELSEWHERE = {"age_years", "months_since_resection", "earlier_resection"}


@pytest.mark.parametrize("name", _HCC_INPUTS)
def test_an_input_has_codes_a_spec_test_and_its_line_in_the_doc(name: str) -> None:
    """An input of the resection models cannot be added without all three."""
    document = rendered()[PATH]
    assert name in QUANTITY_OF_CONCEPT.values() or name in _FROM_ELSEWHERE
    assert f'"{name}"' in _SPECS
    assert f"`{name}`" in document


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
