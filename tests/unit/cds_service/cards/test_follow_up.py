"""Follow-up as proposals: what FHIR accepts, with our own rules, and never a medicine."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.appointment import Appointment, AppointmentParticipant
from fhir.resources.R4B.careplan import CarePlan, CarePlanActivityDetail
from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_service.bindings import CREATED, REQUIRED_BINDINGS, wrong_codes
from cds_service.cards.drafts import suggest
from cds_service.cards.follow_up import follow_up_plan, follow_up_visit, repeated
from cds_service.cards.site_options import take_system_actions, with_app_links
from cds_service.guideline_profile import Draft
from cds_service.wire import Card, SelectionBehavior, Suggestion
from tests.service.fakes import card

ON = date(2026, 3, 4)
DRAFTS = suggest((Draft.CT_CHEST_ABDOMEN, Draft.AFP), "p-1", "Condition/hcc")
CLASSES = {"ServiceRequest": ServiceRequest, "CarePlan": CarePlan, "Appointment": Appointment}
# Elements of FHIR 4.0.1 that we use, each copied by hand from its list of elements.
ELEMENTS_OF_4_0_1 = {
    "ServiceRequest": {
        *("resourceType", "status", "intent", "code", "subject", "reasonReference"),
        "occurrenceTiming",
    },
    "CarePlan": {
        *("resourceType", "status", "intent", "title", "subject", "period", "activity"),
        "addresses",
    },
    "Appointment": {
        *("resourceType", "status", "description", "requestedPeriod", "participant"),
        "reasonReference",
    },
}


def everything() -> list[dict[str, Any]]:
    """Return every resource the surveillance card may create."""
    made = (
        *repeated(DRAFTS, months=6, on=ON),
        *follow_up_plan(DRAFTS, months=6, on=ON),
        *follow_up_visit(DRAFTS, on=ON),
    )
    return [action.resource or {} for item in made for action in item.actions or ()]


@pytest.mark.parametrize("resource", everything(), ids=lambda item: str(item["resourceType"]))
def test_proposal_is_valid_fhir(resource: dict[str, Any]) -> None:
    """Each proposal is read and written back unchanged, with elements of 4.0.1 and required codes (X-valid)."""
    kind = resource["resourceType"]
    read = CLASSES[kind].model_validate(resource)
    assert json.loads(read.model_dump_json(exclude_none=True)) == resource
    assert set(resource) <= ELEMENTS_OF_4_0_1[kind]
    assert list(wrong_codes(resource)) == []
    assert kind in CREATED


def test_required_bindings_are_those_of_fhir() -> None:
    """Our lists are the ones that fhir.resources documents; a medicine is left out on purpose."""
    fields = {
        ("ServiceRequest", "status"): ServiceRequest.model_fields["status"],
        ("ServiceRequest", "intent"): ServiceRequest.model_fields["intent"],
        ("CarePlan", "status"): CarePlan.model_fields["status"],
        ("CarePlan", "intent"): CarePlan.model_fields["intent"],
        ("CarePlan", "activity.detail.kind"): CarePlanActivityDetail.model_fields["kind"],
        ("CarePlan", "activity.detail.status"): CarePlanActivityDetail.model_fields["status"],
        ("Appointment", "status"): Appointment.model_fields["status"],
        ("Appointment", "participant.status"): AppointmentParticipant.model_fields["status"],
        ("Appointment", "participant.required"): AppointmentParticipant.model_fields["required"],
    }
    for (kind, element), field in fields.items():
        extra: Any = field.json_schema_extra
        told = set(extra["enum_values"]) - {"MedicationRequest"}
        assert REQUIRED_BINDINGS[kind][element] == told, (kind, element)
    assert len(fields) == sum(len(elements) for elements in REQUIRED_BINDINGS.values())


def test_drafts_say_how_often() -> None:
    """A surveillance draft carries the interval of the profile from the day of the card on."""
    for item in repeated(DRAFTS, months=6, on=ON):
        assert item.actions is not None
        assert (item.actions[0].resource or {})["occurrenceTiming"] == {
            "repeat": {
                "boundsPeriod": {"start": "2026-03-04"},
                "frequency": 1,
                "period": 6,
                "periodUnit": "mo",
            }
        }


def test_plan_holds_what_the_drafts_hold() -> None:
    """The plan has one activity per draft with its code, for the same patient and reason."""
    (plan,) = follow_up_plan(DRAFTS, months=3, on=ON)
    assert plan.actions is not None
    action = plan.actions[0]
    assert action.description == (
        "Creates a draft plan: CT of chest and abdomen with contrast and AFP in serum, every 3 months"
    )
    resource = action.resource or {}
    codes = [item["detail"]["code"]["coding"][0]["code"] for item in resource["activity"]]
    assert codes == ["42275-8", "1834-1"]
    assert resource["subject"] == {"reference": "Patient/p-1"}
    assert resource["addresses"] == [{"reference": "Condition/hcc"}]


def test_reason_that_is_unknown_is_left_out() -> None:
    """Without a Condition of this server neither plan nor visit has a reason."""
    drafts = suggest((Draft.AFP,), "p-1")
    for item in (*follow_up_plan(drafts, months=6, on=ON), *follow_up_visit(drafts, on=ON)):
        assert item.actions is not None
        assert not {"addresses", "reasonReference"} & set(item.actions[0].resource or {})


@pytest.mark.parametrize("nothing", [(), (Suggestion(label="Keep"),)])
def test_nothing_due_gives_no_plan_and_no_visit(nothing: tuple[Suggestion, ...]) -> None:
    """Where neither CT nor AFP is offered there is nothing to plan."""
    assert follow_up_plan(nothing, months=6, on=ON) == ()
    assert follow_up_visit(nothing, on=ON) == ()


def test_app_link_comes_with_an_absolute_one() -> None:
    """A SMART link carries appContext; the absolute link to the same address does not (L72, S2.11)."""
    found = with_app_links(card(), "https://app.example/launch", "surveillance").links or ()
    assert [(item.type, item.url, item.app_context) for item in found] == [
        ("smart", "https://app.example/launch", "card=surveillance"),
        ("absolute", "https://app.example/launch", None),
    ]


def test_no_app_no_link() -> None:
    """Without a configured app a card is left as it is."""
    assert with_app_links(card(), "", "surveillance") == card()


def offering(*drafts: Draft) -> Card:
    """Return a card that offers these drafts."""
    return card(suggestions=suggest(drafts, "p-1"), selection_behavior=SelectionBehavior.ANY)


def test_referral_becomes_one_system_action() -> None:
    """Of two cards that offer the referral one action is made, and no suggestion of it is left (M74)."""
    cards = (offering(Draft.TUMOUR_BOARD, Draft.AFP), offering(Draft.TUMOUR_BOARD))
    left, actions = take_system_actions(cards)
    assert [[item.label for item in one.suggestions or ()] for one in left] == [["Draft AFP"], []]
    assert [one.selection_behavior for one in left] == [SelectionBehavior.ANY, None]
    assert [item.description for item in actions] == [
        "Creates a draft order: Referral to the liver tumour board"
    ]


def test_no_other_draft_becomes_a_system_action() -> None:
    """TACE, HAIC, imaging and AFP stay suggestions that a person takes."""
    cards = (offering(Draft.TACE, Draft.HAIC, Draft.CT_CHEST_ABDOMEN, Draft.AFP),)
    assert take_system_actions(cards) == (cards, ())
