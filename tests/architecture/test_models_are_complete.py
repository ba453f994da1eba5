"""Every model has its file, table or derivation, spec tests, golden case, rendered doc and model card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.model_card import model_card
from models.registry import MODELS, PARAMETERS, RULES
from tests.render_docs import RENDERERS
from tests.spec import model_docs, rule_docs

ROOT = Path(__file__).resolve().parent.parent.parent
SPEC = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests/spec").glob("*.py")}
FILES = {**PARAMETERS, **RULES}


def _golden_hashes() -> str:
    cases = (ROOT / "tests" / "golden").glob("*/*/response.json")
    return "\n".join(path.read_text(encoding="utf-8") for path in cases)


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_a_model_lacks_nothing(model_id: str) -> None:
    """A parameter or rule file, a derivation for fitted numbers, spec tests, a rendered page, a card."""
    file = FILES[model_id]
    if model_id in PARAMETERS:
        derivation = (ROOT / "models" / "derivation").glob("*.py")
        assert any(model_id in path.read_text(encoding="utf-8") for path in derivation)
        assert (ROOT / "tests" / "spec" / "tables" / f"{model_id}.txt").exists()
    else:
        assert file.items or file.constants or file.flags
        assert any(f"{model_id}(" in text for text in SPEC.values())
    assert (ROOT / "docs" / "models" / f"{model_id}.md").exists()
    assert len(model_card(MODELS[model_id], file).attributes) == 31


@pytest.mark.parametrize("model_id", sorted(MODELS))
def test_a_model_stands_in_a_golden_case(model_id: str) -> None:
    """At least one whole answer that is kept shows the model's result, by its title."""
    assert json.dumps(FILES[model_id].title, ensure_ascii=False)[1:-1] in _golden_hashes()


def test_the_pages_of_the_rules_are_current() -> None:
    """docs/models of the tables and checklists are what the rule files say now."""
    for path, text in rule_docs.rendered().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, path


def test_every_renderer_is_run_by_make_docs() -> None:
    """`make docs` renders both kinds of pages."""
    assert model_docs.__name__ in RENDERERS
    assert rule_docs.__name__ in RENDERERS
