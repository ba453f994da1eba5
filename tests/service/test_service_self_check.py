"""What happens to an answer of ours that breaks our own rules."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from cds_service.app import Gate
from cds_service.operations.metrics import Metrics
from cds_service.self_check import NOT_SHOWN
from cds_service.wire import Card, Link, Suggestion
from tests.service.conftest import Service, ServiceMaker
from tests.service.fakes import FakeAdvice, card, card_with_suggestion, hook_request, proposal

OPEN = Gate(lambda _: None, lambda: "north")
SITE = {"HCC_CDS_PUBLIC_URL": "https://cds.example", "HCC_CDS_PSEUDONYM_KEY": "k" * 32}
CALL = "fake-order-select"


def production(
    make_service: ServiceMaker, *cards: Card, **parts: Any
) -> tuple[Service, list[dict[str, Any]]]:
    """Return a service outside the demo and the cards it sends when it should send these."""
    # A card without a model is never in shadow.
    proposals = tuple(
        proposal(f"kind-{number}", item, model_hashes=()) for number, item in enumerate(cards)
    )
    service = make_service(
        FakeAdvice(proposals=proposals), demo=False, environment=SITE, gate=OPEN, **parts
    )
    return service, service.cards(CALL, hook_request())


def broken(**members: Any) -> Card:
    """Return a card that no validation has seen, as a bug would make it."""
    return card("Broken").model_copy(update=members)


def test_broken_card_is_replaced_by_a_fixed_one(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """In production a card that breaks a rule (R1-R12) is dropped whole, replaced and logged."""
    _, cards = production(make_service, broken(summary="canary " * 30), card("Sound"))
    assert [item["summary"] for item in cards] == [NOT_SHOWN["summary"], "Sound"]
    assert {name: cards[0][name] for name in NOT_SHOWN} == NOT_SHOWN
    assert set(cards[0]) == {*NOT_SHOWN, "uuid"}
    assert cards[0]["uuid"] != cards[1]["uuid"]
    line = next(item.getMessage() for item in caplog.records if "dropped" in item.getMessage())
    assert line == "dropped: part=card rule=R3 at=cards[0].summary"
    assert "canary" not in caplog.text


def test_card_that_was_held_back_is_not_remembered_as_shown(make_service: ServiceMaker) -> None:
    """What was not shown does not keep the next card quiet: the store knows the sound one only."""
    service, cards = production(make_service, broken(summary="x" * 140), card("Sound"))
    known = service.store.cards_shown.known(
        CALL,
        {item["uuid"] for item in cards},
        tenant=service.store.pseudonyms.of("tenant", "north"),
    )
    assert known == {cards[1]["uuid"]}


def test_broken_suggestion_is_dropped_alone(make_service: ServiceMaker) -> None:
    """A suggestion that breaks a rule goes as a whole; the card and the other one stay."""
    sound = card_with_suggestion()
    assert sound.suggestions is not None
    blank = sound.suggestions[0].model_copy(update={"label": " "})
    mixed = sound.model_copy(update={"suggestions": (blank, sound.suggestions[1])})
    _, cards = production(make_service, mixed)
    assert [item["label"] for item in cards[0]["suggestions"]] == ["Draft AFP"]
    assert cards[0]["summary"] == sound.summary


def test_card_without_its_last_suggestion_has_no_selection_behaviour(
    make_service: ServiceMaker,
) -> None:
    """No empty list is left behind (A3), and nothing that speaks of suggestions."""
    _, cards = production(
        make_service,
        card_with_suggestion().model_copy(
            update={"suggestions": (Suggestion.model_construct(label=" ", uuid=None),)}
        ),
    )
    assert not {"suggestions", "selectionBehavior"} & set(cards[0])


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/x", "javascript:alert(1)"], ids=["other host", "script"]
)
def test_link_that_leads_elsewhere_is_dropped(make_service: ServiceMaker, url: str) -> None:
    """Links lead to the papers behind the models and to this service, nowhere else (X-link)."""
    links = (
        Link(label="Elsewhere", url=url, type="absolute"),
        Link(label="Paper", url="https://doi.org/10.1371/journal.pone.0110064", type="absolute"),
        Link(label="Here", url="https://cds.example/models", type="absolute"),
    )
    _, cards = production(make_service, card(links=links))
    assert [item["label"] for item in cards[0]["links"]] == ["Paper", "Here"]


def test_text_of_a_card_is_never_cut(make_service: ServiceMaker) -> None:
    """A detail with raw HTML costs the whole card: half of an advice could say the opposite."""
    _, cards = production(make_service, card(detail="Do not operate <b>unless</b> ..."))
    assert [item["summary"] for item in cards] == [NOT_SHOWN["summary"]]


def test_drop_is_counted_with_its_rule(make_service: ServiceMaker) -> None:
    """The metrics say which rule was broken by which part."""
    metrics = Metrics()
    production(make_service, broken(summary="x" * 140), metrics=metrics)
    text = metrics.exposition().decode()
    assert 'hcc_cds_dropped_total{part="card",rule="R3"} 1.0' in text
    assert 'hcc_cds_cards_total{fate="dropped",kind="kind-0"} 1.0' in text


def test_demo_and_tests_fail_on_a_broken_card(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """Outside production nothing is mended: the call fails and the log names the error."""
    caplog.set_level(logging.ERROR)
    service = make_service(FakeAdvice(proposals=(proposal(shown=broken(summary="x" * 140)),)))
    assert service.post(CALL, hook_request()).status_code == 500
    assert "type=NotConformantError" in caplog.text
