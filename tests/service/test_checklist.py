"""The checklist of CDS Hooks 2.0.1: every line that is ours has a test that names it, and the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cds_service.advice.catalogue import ADVICE
from cds_service.cards.sources import OVERRIDE_REASONS
from cds_service.hooks.services import HOOK_VERSIONS
from tests.checklist import CLIENT, HELD, KIT, NOT_HELD, NOT_USED, names_by_test, rendered
from tests.service.conftest import Service
from tests.service.fakes import CONDITIONS, PATIENT, hook_request

ROOT = Path(__file__).parents[2]
RESPONSES = [
    json.loads(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / "tests" / "golden").glob("*/*/response.json"))
]
CARDS: list[dict[str, Any]] = [card for response in RESPONSES for card in response["cards"]]
CALL = "fake-order-select"


@pytest.mark.parametrize("line", [*HELD, *KIT])
def test_line_that_is_held_is_named_by_a_test(line: str) -> None:
    """A line of the checklist is only said to hold if a test's docstring names it."""
    assert names_by_test().get(line), f"no test names {line}: {(HELD | KIT)[line]}"


def test_every_line_is_accounted_for() -> None:
    """Lines 1 to 104 are each held, the client's, or optional and not used; none is forgotten."""
    numbers = sorted(int(line[1:]) for line in (*HELD, *CLIENT, *NOT_USED))
    assert numbers == list(range(1, 105))
    assert set(KIT) == {f"R{number}" for number in range(1, 13)}
    assert set(NOT_HELD) == {"R13", "T6", "T7", "T8", "C1", "Z"}


def test_document_is_current() -> None:
    """docs/conformance.md is what the checklist says."""
    for path, text in rendered().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text


def _everywhere(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _everywhere(item)
    elif isinstance(value, list):
        for item in value:
            yield from _everywhere(item)


def test_cards_say_what_they_rest_on() -> None:
    """A short label and an address of the data, the same for every patient; no icon (I58, I59, I60)."""
    assert CARDS
    by_address: dict[str, set[str]] = {}
    for card in CARDS:
        source = card["source"]
        assert 0 < len(source["label"]) <= 80
        assert urlsplit(source["url"]).scheme == "https"
        assert not urlsplit(source["url"]).query
        assert "icon" not in source
        by_address.setdefault(source["url"], set()).add(card["summary"])
    # An address that drilled down to a patient would stand on one card only.
    assert len(by_address) < len({card["summary"] for card in CARDS})


def test_cards_offer_any_of_their_suggestions() -> None:
    """Suggestions come with `any`, each a whole of one action (H54, H55, J64)."""
    for card in CARDS:
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert card.get("selectionBehavior", "any") == "any"
        assert all(len(item["actions"]) == 1 for item in card.get("suggestions", []))


def test_cards_offer_standard_reasons() -> None:
    """Every card has the standard reasons, each a Coding with display (H56, S102)."""
    reasons = [item.model_dump() for item in OVERRIDE_REASONS]
    for card in CARDS:
        assert card["overrideReasons"] == reasons
    for item in _everywhere(RESPONSES):
        if "system" in item and "code" in item and "resourceType" not in item:
            assert item["system"]
            assert item["code"]


def test_links_are_absolute_and_lead_to_papers() -> None:
    """Links are an array and lead straight to a paper (H57, L71)."""
    for card in CARDS:
        assert isinstance(card["links"], list)
        for link in card["links"]:
            assert link["type"] == "absolute"
            assert urlsplit(link["url"]).path.strip("/")


def test_details_are_markdown() -> None:
    """A detail is Markdown with paragraphs, emphasis and tables, without HTML (H51)."""
    for card in CARDS:
        assert "**" in card["detail"]
        assert "\n\n" in card["detail"]
    assert any("\n|---" in card["detail"] or "\n| ---" in card["detail"] for card in CARDS)


def test_resources_are_of_r4() -> None:
    """Every resource that is proposed is one of FHIR R4, the version that is read as well (S103)."""
    kinds = {item["resourceType"] for item in _everywhere(RESPONSES) if "resourceType" in item}
    assert kinds == {"ServiceRequest", "CarePlan", "Appointment"}


def test_we_send_no_extension() -> None:
    """No answer has an extension, so none has to be agreed on (R100)."""
    assert not any("extension" in item for item in _everywhere(RESPONSES))


def test_hooks_are_the_published_ones() -> None:
    """No advice is on a hook of our own, which would need a reverse-domain name (S104)."""
    assert {hook for item in ADVICE for hook in item.hooks} == set(HOOK_VERSIONS)


def test_extensions_break_no_call(service: Service) -> None:
    """An object under `extension`, or anything else, is tolerated wherever it stands (R99, R101)."""
    odd = {"com.example.thing": {"deep": [1, None, {}]}}
    request = hook_request(
        context={"userId": "Practitioner/x", "patientId": "p1", "extension": odd},
        prefetch={
            "patient": {**PATIENT, "extension": [odd]},
            "conditions": {**CONDITIONS, "extension": odd},
            "extension": odd,
        },
        extension=odd,
    )
    plain = service.cards(CALL, hook_request())
    for value in (odd, [odd], "text", None, 5):
        found = service.cards(CALL, {**request, "extension": value})
        assert [card["summary"] for card in found] == [card["summary"] for card in plain]


def test_override_may_come_without_reason_or_display(service: Service) -> None:
    """An override counts without a reason, and a reason without its display (N79, N80)."""
    (card,) = service.cards(CALL, hook_request())
    reason = {
        "code": "patient-refuses",
        "system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes",
    }
    for override in ({}, {"overrideReason": {"reason": reason}}):
        report = {"card": card["uuid"], "outcome": "overridden", **override}
        receipt = service.post(f"{CALL}/feedback", {"feedback": [report]}).get_json()
        assert (receipt["recorded"], receipt["unknownCards"]) == (1, 0)
