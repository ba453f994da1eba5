"""What a site switches on: the 3.0 ballot's version members, an app's links, systemActions."""

from __future__ import annotations

from cds_service.cards.drafts import suggest
from cds_service.conformance import check_response
from cds_service.guideline_profile import Draft
from cds_service.wire import SelectionBehavior
from tests.service.conftest import ServiceMaker
from tests.service.fakes import FakeAdvice, card, hook_request, proposal
from tests.service.openapi_file import response_violations

CALL = "fake-order-select"
OFFER = proposal(
    shown=card(
        suggestions=suggest((Draft.TUMOUR_BOARD, Draft.AFP), "p1"),
        selection_behavior=SelectionBehavior.ANY,
    )
)


def test_version_members_are_behind_a_switch(make_service: ServiceMaker) -> None:
    """With the switch each entry names the specification and its hook's version (Z2, B8)."""
    service = make_service(environment={"HCC_CDS_HOOKS_3": "1"})
    response = service.get("/cds-services")
    assert response_violations("/cds-services", "get", response) == []
    told = {
        (entry["hook"], entry["version"], entry["hookVersion"])
        for entry in response.get_json()["services"]
    }
    assert told == {
        ("order-select", "2.0.1", "1.0"),
        ("order-sign", "2.0.1", "1.0"),
        ("patient-view", "2.0.1", "1.0"),
    }


def test_version_members_are_not_there_by_default(make_service: ServiceMaker) -> None:
    """A 2.0 client sees the entries of 2.0 and nothing else (B8, B9, B10, Z2)."""
    for entry in make_service().get("/cds-services").get_json()["services"]:
        assert set(entry) == {"hook", "id", "title", "description", "prefetch"}


def test_app_of_the_site_is_linked_twice(make_service: ServiceMaker) -> None:
    """A SMART link, and an absolute one for clients whose server cannot launch (L69, L70, L72, S2.10)."""
    url = "https://app.example/launch"
    service = make_service(
        FakeAdvice(proposals=(OFFER,)), environment={"HCC_CDS_SMART_LAUNCH_URL": url}
    )
    (shown,) = service.cards(CALL, hook_request())
    assert shown["links"] == [
        {"label": "Open hcc-cds", "url": url, "type": "smart", "appContext": "card=risk"},
        {"label": "Open hcc-cds in the browser", "url": url, "type": "absolute"},
    ]


def test_system_actions_are_off_by_default(make_service: ServiceMaker) -> None:
    """Nothing is done without a user unless a site agreed on it with its client (M74, Z12)."""
    response = make_service(FakeAdvice(proposals=(OFFER,))).post(CALL, hook_request())
    assert set(response.get_json()) == {"cards"}
    labels = [item["label"] for item in response.get_json()["cards"][0]["suggestions"]]
    assert labels == ["Draft tumour-board referral", "Draft AFP"]


def test_system_actions_hold_the_referral_alone(make_service: ServiceMaker) -> None:
    """Switched on, the tumour-board referral moves from suggestion to systemAction (M74, G45)."""
    service = make_service(
        FakeAdvice(proposals=(OFFER,)), environment={"HCC_CDS_SYSTEM_ACTIONS": "1"}
    )
    body = service.post(CALL, hook_request()).get_json()
    assert check_response(body) == ()
    (action,) = body["systemActions"]
    assert (action["type"], action["resource"]["intent"]) == ("create", "proposal")
    assert action["resource"]["code"]["coding"][0]["code"] == "tumour-board-referral"
    assert [item["label"] for item in body["cards"][0]["suggestions"]] == ["Draft AFP"]
