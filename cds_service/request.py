"""A call as it arrives, read tolerantly: only what makes it unusable is refused.

Refused are exactly: not a JSON object; `hook` missing or not this id's; `context` not an object;
`patientId` missing or not a string; `prefetch` or `fhirAuthorization` not an object; a Patient or an
authorization that is not the context's. Everything else is read as far as it goes.
CDS Hooks 2.0.1, "Calling a CDS Service".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from cds_service.errors import (
    ContextNotAnObjectError,
    FhirAuthorizationNotAnObjectError,
    HookMismatchError,
    NotAJsonObjectError,
    OtherPatientError,
    PatientIdUnusableError,
    PrefetchNotAnObjectError,
)

__all__ = [
    "DEEPEST_NESTING",
    "FhirAuthorization",
    "HookRequest",
    "nesting_depth",
    "parse_object",
    "read_request",
]

DEEPEST_NESTING = 100
"""Levels of JSON that every reader here copes with; real requests need about 20. Our own choice."""


@dataclass(frozen=True, slots=True)
class FhirAuthorization:
    """What the client grants for this one call; the token is never shown, stored or logged."""

    access_token: str = field(repr=False)
    token_type: str = "Bearer"  # noqa: S105 - the one type the specification allows, not a secret
    scope: str = ""
    subject: str = ""
    patient: str = ""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of one service. Members that were not sent are empty."""

    hook: str
    hook_instance: str
    patient_id: str
    user_id: str
    encounter_id: str
    draft_orders: object = field(repr=False)
    selections: object = field(repr=False)
    prefetch: Mapping[str, Any] = field(repr=False)
    fhir_server: str = ""
    authorization: FhirAuthorization | None = None


def parse_object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in a body.

    A member named twice counts as last sent, as in every common JSON reader.

    Raises
    ------
    NotAJsonObjectError
        If the body is not JSON in UTF-8 (NaN and numbers beyond a double included), is nested
        beyond what the parser takes, or is something else than an object.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        # The parser's message quotes nothing, yet its position is of no use to a clinician.
        raise NotAJsonObjectError(
            "The request body is not valid JSON.", diagnostics="body: not JSON in UTF-8"
        ) from None
    if not isinstance(value, dict):
        raise NotAJsonObjectError(
            "The request body must be a JSON object.", diagnostics="body: not an object"
        )
    return value


def read_request(body: bytes, *, hook: str) -> HookRequest:
    """Return the call in a body that was posted to a service on this hook.

    Raises
    ------
    BadRequestError
        In one of its kinds, naming the member that is wrong.
    """
    message = parse_object(body)
    if message.get("hook") != hook:
        raise HookMismatchError(
            f"This service answers the hook {hook}.",
            diagnostics=f"hook: missing or not {hook}",
            expressions=("hook",),
        )
    context = message.get("context")
    if not isinstance(context, dict):
        raise ContextNotAnObjectError(
            "The member context must be an object.",
            diagnostics="context: missing or not an object",
            expressions=("context",),
        )
    patient_id = _logical_id(context.get("patientId"))
    if not patient_id:
        raise PatientIdUnusableError(
            "The member context.patientId must be the id of the patient, as a string.",
            diagnostics="context.patientId: missing or not a string",
            expressions=("context.patientId",),
        )
    prefetch = message.get("prefetch", {})
    if not isinstance(prefetch, dict):
        raise PrefetchNotAnObjectError(
            "The member prefetch must be an object.",
            diagnostics="prefetch: not an object",
            expressions=("prefetch",),
        )
    return HookRequest(
        hook=hook,
        hook_instance=_text(message.get("hookInstance")),
        patient_id=patient_id,
        user_id=_text(context.get("userId")),
        encounter_id=_text(context.get("encounterId")),
        draft_orders=context.get("draftOrders"),
        selections=context.get("selections"),
        prefetch=prefetch,
        fhir_server=_text(message.get("fhirServer")),
        authorization=_authorization(message, patient_id),
    )


def nesting_depth(value: object) -> int:
    """Return how many levels of objects and lists a value has, without recursion."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in _children(item)]
    return depth


def _children(item: dict[str, Any] | list[Any]) -> list[Any]:
    return list(item.values()) if isinstance(item, dict) else item


def _authorization(message: Mapping[str, Any], patient_id: str) -> FhirAuthorization | None:
    if "fhirAuthorization" not in message:
        return None
    sent = message["fhirAuthorization"]
    if not isinstance(sent, dict):
        raise FhirAuthorizationNotAnObjectError(
            "The member fhirAuthorization must be an object.",
            diagnostics="fhirAuthorization: not an object",
            expressions=("fhirAuthorization",),
        )
    if sent.get("patient") is not None and _logical_id(sent["patient"]) != patient_id:
        raise OtherPatientError(
            "The authorization is for another patient than the context.",
            diagnostics="fhirAuthorization.patient: not context.patientId",
            expressions=("fhirAuthorization.patient", "context.patientId"),
        )
    return FhirAuthorization(
        access_token=_text(sent.get("access_token")),
        token_type=_text(sent.get("token_type")) or "Bearer",
        scope=_text(sent.get("scope")),
        subject=_text(sent.get("subject")),
        patient=patient_id if sent.get("patient") is not None else "",
    )


def _logical_id(value: object) -> str:
    """Return a patient id without the type some clients put before it; empty if it is no text."""
    return _text(value).removeprefix("Patient/")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
