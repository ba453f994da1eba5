"""Sources, topics, links, override reasons and draft orders."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_service.cards.drafts import TEMPLATES, draft_request, suggest
from cds_service.cards.sources import (
    HPR_PAPER,
    OVERRIDE_REASONS,
    CardKind,
    links_to,
    source_of,
    topic,
)
from cds_service.guideline_profile import Draft
from fhir_mapping.codes import HCC_CDS_SYSTEM, Codes
from fhir_mapping.orders import OrderKind, kind_of_order
from tests.unit.cds_service.consultations import HPR, HPR_AFTER, METASTASIS

KINDS = {
    Draft.TUMOUR_BOARD: OrderKind.TUMOUR_BOARD,
    Draft.TACE: OrderKind.TACE,
    Draft.HAIC: OrderKind.HAIC,
    Draft.CT_CHEST_ABDOMEN: OrderKind.IMAGING,
    Draft.AFP: OrderKind.AFP,
    Draft.BASELINE_IMAGING: OrderKind.IMAGING,
    Draft.EARLY_IMAGING: OrderKind.IMAGING,
}
# non-adherence-reason-clinical, the 12 codes of the CDS Hooks 3.0 ballot.
STANDARD_REASONS = {
    "cds-not-applicable", "cds-suboptimal-context", "recipient-disagrees-evidence",
    "recipient-concerns-outcomes", "does-not-align-preferences", "not-convenient-feasible",
    "action-completed", "patient-contraindication", "patient-refuses", "too-costly-uncovered",
    "service-not-available", "recipient-does-not-understand",
}  # fmt: skip


def _code_system() -> dict[str, str]:
    text = files("fhir_mapping").joinpath("value_sets", "codesystem-hcc-cds.json").read_text()
    return {item["code"]: item["display"] for item in json.loads(text)["concept"]}


@pytest.mark.parametrize("kind", list(CardKind))
def test_the_topic_of_a_card_is_in_our_code_system(kind: CardKind) -> None:
    """Every topic is a published code with the display that the code system gives it."""
    coding = topic(kind)
    assert coding.system == HCC_CDS_SYSTEM
    assert _code_system()[coding.code] == coding.display


def test_a_source_says_what_the_number_is() -> None:
    """The source of a card is the label and the paper of the data behind its number."""
    source = source_of(HPR, CardKind.CAUTION_WITH_SURGERY)
    assert (source.label, source.url) == (HPR.source_label, HPR.source_url)


def test_a_paper_is_linked_once() -> None:
    """Two models that rest on one paper give one link, and further links come last."""
    links = links_to([HPR, METASTASIS, HPR_AFTER], HPR_PAPER)
    assert [(link.label, link.url) for link in links] == [
        ("Paper of the data: re-estimated on Li 2014 with borrowed terms", HPR.source_url),
        (
            "Paper of the data: coefficients of Wang 2025, baseline reconstructed",
            METASTASIS.source_url,
        ),
        (HPR_PAPER.label, HPR_PAPER.url),
    ]


def test_override_reasons_are_of_the_standard() -> None:
    """Each reason is one of the 12 standard codes, with system and display (Z14)."""
    codes = [reason.code for reason in OVERRIDE_REASONS]
    assert set(codes) <= STANDARD_REASONS
    assert len(codes) == len(set(codes)) == 7
    assert {reason.system for reason in OVERRIDE_REASONS} == {
        "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
    }
    assert all(reason.display for reason in OVERRIDE_REASONS)


@pytest.mark.parametrize("draft", list(Draft))
def test_every_template_is_a_valid_draft_request(draft: Draft) -> None:
    """A template gives a ServiceRequest that FHIR accepts, with patient and reason (X-valid)."""
    resource = draft_request(draft, "p-1", "Condition/hcc")
    read = ServiceRequest.model_validate(resource)
    assert (read.status, read.intent) == ("draft", "proposal")
    assert read.subject.reference == "Patient/p-1"
    assert read.reasonReference[0].reference == "Condition/hcc"
    assert json.loads(read.model_dump_json(exclude_none=True)) == resource


@pytest.mark.parametrize("draft", list(Draft))
def test_our_own_draft_is_read_back_as_what_it_is(draft: Draft) -> None:
    """When the client sends the draft back as an order, the mapping knows what it is for."""
    assert kind_of_order(draft_request(draft, "p-1"), Codes.shipped()) is KINDS[draft]


@pytest.mark.parametrize("draft", list(Draft))
def test_a_code_of_a_template_is_a_shipped_one(draft: Draft) -> None:
    """Each code of a draft stands in a value set, with the same display."""
    entries = {
        (entry.system, entry.code): entry.display
        for concept in Codes.shipped().concepts.values()
        for entry in concept.include
    }
    for system, code, display in TEMPLATES[draft].codings:
        assert entries[system, code] == display


@pytest.mark.parametrize(
    "reference", ["", "#hcc", "https://other.example/Condition/1", "Condition/a b"]
)
def test_a_reference_that_is_no_condition_here_is_left_out(reference: str) -> None:
    """A draft has no reasonReference unless it is a Condition on the same server."""
    assert "reasonReference" not in draft_request(Draft.AFP, "p-1", reference)


def test_a_patient_id_that_is_no_fhir_id_gets_no_suggestion() -> None:
    """No draft is made for a patient whose id could not stand in a reference."""
    assert suggest([Draft.AFP], "p/1") == ()
    assert [item.label for item in suggest([Draft.AFP], "p-1")] == ["Draft AFP"]
