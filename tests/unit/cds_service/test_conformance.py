"""Our conformance rules: each one finds its breach and nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest

from cds_service.conformance import RULES, Breach, check_discovery, check_response

UUIDS = [str(UUID(int=number)) for number in range(1, 6)]
GOOD: dict[str, Any] = {
    "cards": [
        {
            "uuid": UUIDS[0],
            "summary": "Early recurrence (4 mo): 26-49 %; < 5 cm",
            "detail": "**Recurrence**: AFP > 400 ng/mL",
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

# rule, where it is put, the value put there (None as `...` deletes), where it is found
CASES: list[tuple[str, str, Any, str]] = [
    ("R1", "cards", "none", "cards"),
    ("R1", "cards", ..., "cards"),
    ("R2", "cards/0", "card", CARD),
    ("R2", "cards/0/summary", ..., f"{CARD}.summary"),
    ("R2", "cards/0/indicator", ..., f"{CARD}.indicator"),
    ("R2", "cards/0/source", ..., f"{CARD}.source"),
    ("R3", "cards/0/summary", "x" * 140, f"{CARD}.summary"),
    ("R4", "cards/0/indicator", "hard-stop", f"{CARD}.indicator"),
    ("R5", "cards/0/source/label", ..., f"{CARD}.source"),
    ("R5", "cards/0/source/topic", ..., f"{CARD}.source"),
    ("R5", "cards/0/source/topic/system", ..., f"{CARD}.source"),
    ("R6", "cards/0/detail", " ", f"{CARD}.detail"),
    ("R7", "cards/0/detail", 5, f"{CARD}.detail"),
    ("R7", "cards/0/links", {"a": 1}, f"{CARD}.links"),
    ("R7", "cards/0/source/url", "doi.org/x", f"{CARD}.source.url"),
    ("R7", "cards/0/source/icon", "https://[", f"{CARD}.source.icon"),
    ("R8", "cards/0/selectionBehavior", ..., f"{CARD}.selectionBehavior"),
    ("R8", "cards/0/selectionBehavior", "all", f"{CARD}.selectionBehavior"),
    ("R9", "cards/0/overrideReasons/0/display", ..., f"{CARD}.overrideReasons[0]"),
    ("R10", "cards/0/links/0/type", ..., f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/type", "relative", f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/url", "javascript:alert(1)", f"{CARD}.links[0]"),
    ("R10", "cards/0/links/0/appContext", "p", f"{CARD}.links[0].appContext"),
    ("R11", "cards/0/suggestions/0/label", ..., f"{CARD}.suggestions[0]"),
    ("R11", "cards/0/suggestions/0/actions", "none", f"{CARD}.suggestions[0].actions"),
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
    ("X-null", "cards/0/detail", None, f"{CARD}.detail"),
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
    ("X-spelling", "cards/0/links/1/autoLaunchable", True, f"{CARD}.links[1]"),
    ("X-link", "cards/0/links/0/url", "https://other.example/", f"{CARD}.links[0].url"),
    ("X-unknown", "cards/0/colour", "red", f"{CARD}.colour"),
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
    """A response changed in one place breaks the rule of that place (R1-R12 and ours)."""
    assert Breach(rule, where) in check_response(_changed(path, value), link_hosts=HOSTS)


def test_only_one_suggestion_is_recommended_if_one_may_be_taken() -> None:
    """at-most-one allows one recommendation, any allows several (J63)."""
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
    """Each entry of discovery has hook, id, title and description (B6, B8, B9)."""
    assert Breach("D3", where) in check_discovery(response)
