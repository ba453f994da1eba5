"""Our conformance rules: each one finds its breach and nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest

from cds_service.conformance import RULES, Breach, check_discovery, check_response
from cds_service.self_check import NOT_SHOWN, SelfCheck

UUIDS = [str(UUID(int=number)) for number in range(1, 6)]
GOOD: dict[str, Any] = {
    "cards": [
        {
            "uuid": UUIDS[0],
            "summary": "Early recurrence (4 mo): 26-49 %; < 5 cm",
            "detail": "**Recurrence**: AFP > 400 ng/mL, [paper](https://doi.org/x)",
            "indicator": "warning",
            "source": {
                "label": "hcc-cds",
                "url": "https://doi.org/10.1371/journal.pone.0110064",
                "topic": {"code": "c", "system": "s"},
            },
            "selectionBehavior": "at-most-one",
            "suggestions": [
                {
                    "label": "Draft",
                    "uuid": UUIDS[1],
                    "isRecommended": False,
                    "actions": [
                        {
                            "type": "create",
                            "description": "Draft",
                            "resource": {
                                "resourceType": "ServiceRequest",
                                "status": "draft",
                                "intent": "proposal",
                            },
                        },
                        {"type": "delete", "description": "Drop", "resourceId": "Task/t-1"},
                    ],
                },
                {"label": "Keep", "uuid": UUIDS[2]},
            ],
            "overrideReasons": [{"code": "c", "system": "s", "display": "d"}],
            "links": [
                {"label": "Paper", "url": "https://doi.org/x", "type": "absolute"},
                {
                    "label": "App",
                    "url": "https://cds.example/launch",
                    "type": "smart",
                    "appContext": "p",
                    "autolaunchable": False,
                },
            ],
        }
    ]
}
CARD = "cards[0]"
ACTION = f"{CARD}.suggestions[0].actions[0]"

# rule, where it is put, the value put there (None as `...` deletes), where it is found
CASES: list[tuple[str, str, Any, str]] = [
    ("R1", "cards", "none", "cards"),
    ("R1", "cards", ..., "cards"),
    ("R2", "cards/0", "card", CARD),
    ("R2", "cards/0/summary", ..., f"{CARD}.summary"),
    ("R2", "cards/0/indicator", ..., f"{CARD}.indicator"),
    ("R2", "cards/0/source", ..., f"{CARD}.source"),
    ("R2", "cards/0/summary", 5, f"{CARD}.summary"),
    ("R2", "cards/0/indicator", 5, f"{CARD}.indicator"),
    ("R2", "cards/0/source", "hcc-cds", f"{CARD}.source"),
    ("R3", "cards/0/summary", "x" * 140, f"{CARD}.summary"),
    ("R4", "cards/0/indicator", "hard-stop", f"{CARD}.indicator"),
    ("R5", "cards/0/source/label", ..., f"{CARD}.source"),
    ("R5", "cards/0/source/topic", ..., f"{CARD}.source"),
    ("R5", "cards/0/source/topic/system", ..., f"{CARD}.source"),
    ("R5", "cards/0/source/topic/code", 5, f"{CARD}.source"),
    ("R6", "cards/0/detail", " ", f"{CARD}.detail"),
    ("R6", "cards/0/overrideReasons/0/display", "", f"{CARD}.overrideReasons[0].display"),
    ("R6", "cards/0/suggestions/1/label", " ", f"{CARD}.suggestions[1].label"),
    ("R7", "cards/0/detail", 5, f"{CARD}.detail"),
    ("R7", "cards/0/uuid", 5, f"{CARD}.uuid"),
    ("R7", "cards/0/suggestions", {"a": 1}, f"{CARD}.suggestions"),
    ("R7", "cards/0/overrideReasons", {"a": 1}, f"{CARD}.overrideReasons"),
    ("R7", "cards/0/links", {"a": 1}, f"{CARD}.links"),
    ("R7", "cards/0/suggestions/0/isRecommended", "yes", f"{CARD}.suggestions[0].isRecommended"),
    ("R7", "cards/0/links/1/autolaunchable", "yes", f"{CARD}.links[1].autolaunchable"),
    ("R7", "cards/0/source/url", "doi.org/x", f"{CARD}.source.url"),
    ("R7", "cards/0/source/icon", "https://[", f"{CARD}.source.icon"),
    ("R8", "cards/0/selectionBehavior", ..., f"{CARD}.selectionBehavior"),
    ("R8", "cards/0/selectionBehavior", "all", f"{CARD}.selectionBehavior"),
    ("R9", "cards/0/overrideReasons/0/code", ..., f"{CARD}.overrideReasons[0]"),
    ("R9", "cards/0/overrideReasons/0/system", ..., f"{CARD}.overrideReasons[0]"),
    ("R9", "cards/0/overrideReasons/0/display", ..., f"{CARD}.overrideReasons[0]"),
    ("R10", "cards/0/links/0/label", ..., f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/url", ..., f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/url", "https:///x", f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/type", ..., f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/type", "relative", f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/url", "javascript:alert(1)", f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/appContext", "p", f"{CARD}.links[0].appContext"),
    ("R11", "cards/0/suggestions/0/label", ..., f"{CARD}.suggestions[0]"),
    ("R11", "cards/0/suggestions/0/actions", "none", f"{CARD}.suggestions[0].actions"),
    ("R11", "cards/0/suggestions/0/actions", [], f"{CARD}.suggestions[0].actions"),
    ("R12", "cards/0/suggestions/0/actions/0/type", ..., ACTION),
    ("R12", "cards/0/suggestions/0/actions/0/resource", ..., f"{ACTION}.resource"),
    ("R12", "cards/0/suggestions/0/actions/0", "create", f"{CARD}.suggestions[0].actions[0]"),
    (
        "R12",
        "cards/0/suggestions/0/actions/0/description",
        ...,
        f"{CARD}.suggestions[0].actions[0]",
    ),
    (
        "R12",
        "cards/0/suggestions/0/actions/0/type",
        "patch",
        f"{CARD}.suggestions[0].actions[0].type",
    ),
    (
        "R12",
        "cards/0/suggestions/0/actions/0/resource",
        "ServiceRequest",
        f"{CARD}.suggestions[0].actions[0].resource",
    ),
    (
        "R12",
        "cards/0/suggestions/0/actions/1/resourceId",
        "https://ehr/Task/1",
        f"{CARD}.suggestions[0].actions[1].resourceId",
    ),
    ("R12", "systemActions", [{"type": "create"}], "systemActions[0]"),
    ("X-delete", "cards/0/suggestions/0/actions/0/resourceId", "Task/1", ACTION),
    (
        "X-delete",
        "cards/0/suggestions/0/actions/1/resource",
        {"resourceType": "Task"},
        f"{CARD}.suggestions[0].actions[1]",
    ),
    ("X-null", "cards/0/detail", None, f"{CARD}.detail"),
    ("X-null", "cards/0/source/topic/display", None, f"{CARD}.source.topic.display"),
    ("X-empty", "cards/0/overrideReasons", [], f"{CARD}.overrideReasons"),
    ("X-empty", "systemActions", [], "systemActions"),
    ("X-uuid", "cards/0/uuid", ..., CARD),
    ("X-uuid", "cards/0/uuid", "card-1", CARD),
    ("X-uuid", "cards/0/suggestions/1/uuid", UUIDS[1], f"{CARD}.suggestions[1]"),
    (
        "X-resource",
        "cards/0/suggestions/0/actions/0/resource",
        {"status": "draft"},
        f"{CARD}.suggestions[0].actions[0].resource",
    ),
    (
        "X-created",
        "cards/0/suggestions/0/actions/0/resource",
        {"resourceType": "MedicationRequest", "status": "draft", "intent": "proposal"},
        f"{CARD}.suggestions[0].actions[0].resource",
    ),
    (
        "X-binding",
        "cards/0/suggestions/0/actions/0/resource/status",
        "bogus",
        f"{CARD}.suggestions[0].actions[0].resource.status",
    ),
    (
        "X-binding",
        "cards/0/suggestions/0/actions/0/resource/intent",
        ...,
        f"{CARD}.suggestions[0].actions[0].resource.intent",
    ),
    (
        "X-binding",
        "cards/0/suggestions/0/actions/0/resource",
        {"resourceType": "Appointment", "status": "proposed", "participant": [{"status": "yes"}]},
        f"{CARD}.suggestions[0].actions[0].resource.participant.status",
    ),
    (
        "X-binding",
        "cards/0/suggestions/0/actions/0/resource",
        {
            "resourceType": "CarePlan",
            "status": "draft",
            "intent": "proposal",
            "activity": [{"detail": {"kind": "MedicationRequest", "status": "not-started"}}],
        },
        f"{CARD}.suggestions[0].actions[0].resource.activity.detail.kind",
    ),
    ("X-detail", "cards/0/detail", "x" * 20_001, f"{CARD}.detail"),
    ("X-html", "cards/0/detail", "a <img src=x>", f"{CARD}.detail"),
    ("X-html", "cards/0/summary", "a </b>", f"{CARD}.summary"),
    ("X-html", "cards/0/source/label", "<i>a", f"{CARD}.source.label"),
    ("X-html", "cards/0/suggestions/1/label", "<i>a", f"{CARD}.suggestions[1].label"),
    ("X-html", "cards/0/suggestions/0/actions/0/description", "<!--", f"{ACTION}.description"),
    ("X-html", "cards/0/overrideReasons/0/display", "<i>a", f"{CARD}.overrideReasons[0].display"),
    ("X-html", "cards/0/links/0/label", "<i>a", f"{CARD}.links[0].label"),
    ("X-spelling", "cards/0/links/1/autoLaunchable", True, f"{CARD}.links[1]"),
    ("X-link", "cards/0/links/0/url", "https://other.example/", f"{CARD}.links[0].url"),
    ("X-link", "cards/0/links/0/url", "https://doi.org@other.example/", f"{CARD}.links[0].url"),
    ("X-link", "cards/0/detail", "see https://other.example/x", f"{CARD}.detail"),
    ("X-link", "cards/0/detail", "see www.other.example", f"{CARD}.detail"),
    ("X-link", "cards/0/detail", "see [here](//other.example/x)", f"{CARD}.detail"),
    ("X-link", "cards/0/detail", "![x](javascript:alert(1))", f"{CARD}.detail"),
    ("X-unknown", "cards/0/colour", "red", f"{CARD}.colour"),
    ("X-unknown", "cards/0/source/version", "1", f"{CARD}.source.version"),
    (
        "X-unknown",
        "cards/0/suggestions/0/actionSelectionBehavior",
        "any",
        f"{CARD}.suggestions[0].actionSelectionBehavior",
    ),
    ("X-unknown", "cards/0/suggestions/0/actions/0/colour", "red", f"{ACTION}.colour"),
    ("X-unknown", "cards/0/links/0/colour", "red", f"{CARD}.links[0].colour"),
    ("X-unknown", "more", "x", "more"),
]
HOSTS = {"doi.org", "cds.example"}


def _changed(path: str, value: Any) -> Any:
    response = deepcopy(GOOD)
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place: Any = response
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return response


def test_good_response_breaks_no_rule() -> None:
    """A response with everything a card can have breaks no rule."""
    assert check_response(GOOD, link_hosts=HOSTS) == ()
    assert check_response({"cards": []}) == ()


@pytest.mark.parametrize(("rule", "path", "value", "where"), CASES)
def test_each_breach_is_found_where_it_is(rule: str, path: str, value: Any, where: str) -> None:
    """A response changed in one place breaks the rule of that place (R1-R12, Z10, Z18).

    They stand for H56, H57, I60 and J62 of the specification. Of our own: X-null, X-empty, X-uuid, X-delete, X-resource, X-created, X-binding, X-detail, X-html,
    X-spelling, X-link, X-unknown. With X-recommended they are the 3.0 ballot's X-invariants as well.
    """
    assert Breach(rule, where) in check_response(_changed(path, value), link_hosts=HOSTS)


@pytest.mark.parametrize(("rule", "path", "value", "where"), CASES)
def test_no_breach_leaves_the_service(rule: str, path: str, value: Any, where: str) -> None:
    """Whatever rule an answer breaks, what leaves in its place breaks none and says so (R1-R12).

    So it is with X-null, X-empty, X-uuid, X-delete, X-resource, X-created, X-binding, X-detail, X-html,
    X-spelling, X-link and X-unknown.
    """
    told: list[str] = []
    check = SelfCheck(HOSTS, False, lambda: UUID(int=99), lambda _, broken: told.append(broken))
    sent = check.pass_on(_changed(path, value))
    assert check_response(sent, link_hosts=HOSTS) == ()
    assert rule in told, where
    # A card that is gone leaves the fixed one behind, never silence.
    assert [
        card["summary"] in (GOOD["cards"][0]["summary"], NOT_SHOWN["summary"])
        for card in sent["cards"]
    ] == [True]


def test_only_one_suggestion_is_recommended_if_one_may_be_taken() -> None:
    """at-most-one allows one recommendation, any allows several (J63, X-recommended, X-invariants)."""
    response = deepcopy(GOOD)
    for suggestion in response["cards"][0]["suggestions"]:
        suggestion["isRecommended"] = True
    assert check_response(response) == (Breach("X-recommended", f"{CARD}.suggestions"),)
    response["cards"][0]["selectionBehavior"] = "any"
    assert check_response(response) == ()


def test_every_rule_has_a_case() -> None:
    """No rule is without a test."""
    assert {rule for rule, *_ in CASES} | {"X-recommended"} == set(RULES)


def test_what_is_no_object_is_no_response() -> None:
    """A list or a text is no response."""
    assert check_response([]) == (Breach("R1", "response"),)


def test_breaches_hold_no_values() -> None:
    """A breach says where, never what stood there."""
    found = check_response(_changed("cards/0/indicator", "canary"))
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    ("response", "where"),
    [
        ([], "services"),
        ({"services": {}}, "services"),
        ({"services": ["x"]}, "services[0].hook"),
        (
            {"services": [{"hook": "h", "id": "i", "title": "t", "description": ""}]},
            "services[0].description",
        ),
    ],
)
def test_discovery_names_what_is_missing(response: object, where: str) -> None:
    """Each entry of discovery has hook, id, title and description (B6, B8, B9, D3)."""
    assert Breach("D3", where) in check_discovery(response)
