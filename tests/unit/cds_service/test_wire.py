"""The wire types refuse what must not leave the service."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cds_service.wire import Action, Card, CdsResponse, Link, Suggestion, to_json

SOURCE = {"label": "hcc-cds", "topic": {"code": "c", "system": "s"}}
CARD: dict[str, Any] = {"summary": "s", "indicator": "info", "source": SOURCE}


def _card(**members: Any) -> Card:
    return Card.model_validate({**CARD, **members})


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"summary": "x" * 140}, "at most 139 characters"),
        ({"summary": ""}, "at least 1 character"),
        ({"indicator": "hard-stop"}, "'info', 'warning' or 'critical'"),
        ({"source": {"label": "hcc-cds"}}, "source.topic\n  Field required"),
        ({"source": {"label": "hcc-cds", "topic": {"code": "c"}}}, "source.topic.system"),
        ({"source": None}, "source\n"),
        ({"selectionBehavior": "all"}, "'any' or 'at-most-one'"),
        ({"suggestions": [{"label": "Draft"}]}, "suggestions need a selectionBehavior"),
        ({"links": []}, "at least 1 item"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_card_keeps_its_rules(members: dict[str, Any], says: str) -> None:
    """A card that breaks a rule cannot be made (H50, H52-H55, I61, A3)."""
    with pytest.raises(ValidationError, match=says):
        _card(**members)


def test_longest_summary_has_139_characters() -> None:
    """139 characters are fewer than 140 (H50)."""
    assert len(_card(summary="x" * 139).summary) == 139


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({}, "type\n  Field required"),
        ({"type": "patch"}, "'create', 'update' or 'delete'"),
        ({"type": "delete", "resourceId": "Task/1", "description": None}, "description\n"),
        ({"type": "delete"}, "a delete names its resourceId"),
        ({"type": "create"}, "a create or update carries its resource"),
        ({"type": "update", "resource": {}}, "a create or update carries its resource"),
    ],
)
def test_action_names_what_it_changes(members: dict[str, Any], says: str) -> None:
    """An action that does not say what it changes cannot be made (K65-K68)."""
    with pytest.raises(ValidationError, match=says):
        Action.model_validate({"description": "d", **members})


def test_delete_is_by_reference() -> None:
    """A delete goes by resourceId (K68)."""
    action = Action.model_validate({"type": "delete", "description": "d", "resourceId": "Task/1"})
    assert action.resource_id == "Task/1"


LINK = {"label": "l", "url": "https://a.example", "type": "absolute"}


@pytest.mark.parametrize("name", LINK)
def test_link_keeps_its_rules(name: str) -> None:
    """A link without label, url or type, or of a type that does not exist, cannot be made (L69, L70)."""
    assert Link.model_validate(LINK).type == "absolute"
    assert Link.model_validate({**LINK, "type": "smart"}).type == "smart"
    with pytest.raises(ValidationError, match=f"{name}\n  Field required"):
        Link.model_validate({key: value for key, value in LINK.items() if key != name})
    with pytest.raises(ValidationError, match="'absolute' or 'smart'"):
        Link.model_validate({**LINK, "type": "relative"})


def test_app_context_goes_with_smart_links_only() -> None:
    """AppContext on an absolute link is refused (L72)."""
    link = {"label": "l", "url": "https://a.example", "appContext": "x"}
    assert Link.model_validate({**link, "type": "smart"}).app_context == "x"
    with pytest.raises(ValidationError, match="appContext goes with a smart link only"):
        Link.model_validate({**link, "type": "absolute"})


def test_serialised_card_has_the_specifications_names_and_no_null() -> None:
    """Members are spelled as in the specification; what has no value is left out (A2-A4)."""
    card = _card(
        suggestions=(Suggestion.model_validate({"label": "Draft", "isRecommended": False}),),
        selectionBehavior="any",
    )
    assert to_json(CdsResponse(cards=(card,))) == {
        "cards": [
            {
                "summary": "s",
                "indicator": "info",
                "source": SOURCE,
                "suggestions": [{"label": "Draft", "isRecommended": False}],
                "selectionBehavior": "any",
            }
        ]
    }
    assert to_json(CdsResponse()) == {"cards": []}
