"""What a site may add to every card: a link to a SMART app, and drafts as systemActions."""

from __future__ import annotations

from cds_service.wire import Action, Card, Link
from fhir_mapping.codes import HCC_CDS_SYSTEM

__all__ = ["take_system_actions", "with_app_links"]

_REFERRAL = "tumour-board-referral"


def with_app_links(card: Card, launch_url: str, kind: str) -> Card:
    """Return a card with a SMART link to the app, and an absolute one for clients that cannot launch.

    `appContext` names the kind of card and nothing of the patient; it does not reach the app in every
    EHR, so the app works without it.
    """
    if not launch_url:
        return card
    links = (
        Link(label="Open hcc-cds", url=launch_url, type="smart", app_context=f"card={kind}"),
        Link(label="Open hcc-cds in the browser", url=launch_url, type="absolute"),
    )
    return card.model_copy(update={"links": (*(card.links or ()), *links)})


def take_system_actions(cards: tuple[Card, ...]) -> tuple[tuple[Card, ...], tuple[Action, ...]]:
    """Take the tumour-board referral out of the suggestions; return the cards left and the actions.

    It is the only draft a client may apply without asking: it commits nobody to a treatment. One is
    enough, however many cards offer it.
    """
    taken: list[Action] = []
    left: list[Card] = []
    for card in cards:
        kept = tuple(item for item in card.suggestions or () if not _is_referral(item.actions))
        taken += [
            action
            for item in card.suggestions or ()
            if _is_referral(item.actions)
            for action in item.actions or ()
        ]
        left.append(
            card.model_copy(
                update={
                    "suggestions": kept or None,
                    "selection_behavior": card.selection_behavior if kept else None,
                }
            )
        )
    return tuple(left), tuple(taken[:1])


def _is_referral(actions: tuple[Action, ...] | None) -> bool:
    codings = [
        coding
        for action in actions or ()
        for coding in (action.resource or {}).get("code", {}).get("coding", [])
    ]
    return any(
        coding["system"] == HCC_CDS_SYSTEM and coding["code"] == _REFERRAL for coding in codings
    )
