"""Follow-up after resection as proposals: how often, a plan, a visit. Nothing is booked or ordered by it.

The interval is the one of the site's guideline profile, at the end of which follow-up is overdue. Only
elements of FHIR 4.0.1 are used.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from cds_service.wire import Action, ActionType, Suggestion

__all__ = ["follow_up_plan", "follow_up_visit", "repeated"]

PLAN_LABEL = "Draft follow-up plan"
VISIT_LABEL = "Draft follow-up visit"


def timing(months: int, on: date) -> dict[str, Any]:
    """Return a FHIR Timing: once in so many months, from a day on."""
    return {
        "repeat": {
            "boundsPeriod": {"start": on.isoformat()},
            "frequency": 1,
            "period": months,
            "periodUnit": "mo",
        }
    }


def repeated(suggestions: Iterable[Suggestion], *, months: int, on: date) -> tuple[Suggestion, ...]:
    """Return draft requests that say how often they are meant (`occurrenceTiming`)."""
    return tuple(
        item.model_copy(
            update={
                "actions": tuple(
                    action.model_copy(
                        update={
                            "resource": {
                                **(action.resource or {}),
                                "occurrenceTiming": timing(months, on),
                            }
                        }
                    )
                    for action in item.actions or ()
                )
            }
        )
        for item in suggestions
    )


def follow_up_plan(
    requests: Iterable[Suggestion], *, months: int, on: date
) -> tuple[Suggestion, ...]:
    """Return the drafts of a follow-up as one CarePlan proposal; none if there is no draft."""
    drafts = [
        action.resource
        for item in requests
        for action in item.actions or ()
        if action.resource is not None
    ]
    if not drafts:
        return ()
    plan: dict[str, Any] = {
        "resourceType": "CarePlan",
        "status": "draft",
        "intent": "proposal",
        "title": "Follow-up after resection of HCC",
        "subject": drafts[0]["subject"],
        "period": {"start": on.isoformat()},
        "activity": [
            {
                "detail": {
                    "kind": "ServiceRequest",
                    "code": draft["code"],
                    "status": "not-started",
                    "scheduledTiming": timing(months, on),
                }
            }
            for draft in drafts
        ],
    }
    if "reasonReference" in drafts[0]:
        plan["addresses"] = drafts[0]["reasonReference"]
    what = " and ".join(str(draft["code"]["text"]).partition(",")[0] for draft in drafts)
    return (_creates(PLAN_LABEL, f"Creates a draft plan: {what}, every {months} months", plan),)


def follow_up_visit(requests: Iterable[Suggestion], *, on: date) -> tuple[Suggestion, ...]:
    """Return a proposed Appointment to talk about what is due; none if nothing is.

    It has no time: an Appointment that is only proposed needs none (FHIR R4, app-3), and the clinic
    finds one.
    """
    for item in requests:
        for action in item.actions or ():
            resource = action.resource or {}
            visit: dict[str, Any] = {
                "resourceType": "Appointment",
                "status": "proposed",
                "description": "Follow-up after resection of HCC",
                "requestedPeriod": [{"start": on.isoformat()}],
                "participant": [
                    {
                        "actor": resource["subject"],
                        "required": "required",
                        "status": "needs-action",
                    }
                ],
            }
            if "reasonReference" in resource:
                visit["reasonReference"] = resource["reasonReference"]
            return (
                _creates(VISIT_LABEL, "Creates a proposed appointment without a time yet", visit),
            )
    return ()


def _creates(label: str, description: str, resource: dict[str, Any]) -> Suggestion:
    create = Action(type=ActionType.CREATE, description=description, resource=resource)
    return Suggestion(label=label, actions=(create,))
