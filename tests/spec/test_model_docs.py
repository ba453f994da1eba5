"""The pages of the models are current."""

from __future__ import annotations

from pathlib import Path

from models.registry import PARAMETERS
from tests.spec.model_docs import rendered

ROOT = Path(__file__).parents[2]


def test_the_pages_of_the_models_are_current() -> None:
    """docs/models says what parameter files and worked examples say now (else: make docs)."""
    pages = rendered()
    assert {path.stem for path in pages} == set(PARAMETERS)
    for path, text in pages.items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"{path} is stale: make docs"


def test_a_page_names_every_source_and_hash() -> None:
    """A page shows where each number comes from and which file it was made of."""
    for path, text in rendered().items():
        parameters = PARAMETERS[path.stem]
        assert parameters.content_hash in text
        assert all(citation.text in text for citation in parameters.citations.values())
        assert all(term.label in text for term in parameters.terms)
