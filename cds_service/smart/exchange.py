"""Step 3: the code is exchanged for a token (SMART App Launch 2.2, "Obtain access token")."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oauthlib.oauth2 import WebApplicationClient

from cds_service.outgoing import Outgoing, OutgoingError, TimeBudget
from cds_service.security.strict_json import StrictJsonError, parse_strict_object
from cds_service.security.trust import SmartClient
from cds_service.smart.launch import PendingLaunch
from cds_service.smart.step import StepError

__all__ = ["Granted", "exchange"]

_MAX_BYTES = 64_000
_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_ACCESS_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,8192}=*")  # b64token, RFC 6750 section 2.1
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Ours: what a token without `expires_in` is used for, and the longest a session lasts.
_UNSAID_SECONDS = 300
_LONGEST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Granted:
    """What the EHR granted: whose record may be read, with which token and how long."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    patient_id: str
    seconds: int


def exchange(
    outgoing: Outgoing,
    client: SmartClient,
    pending: PendingLaunch,
    code: str,
    *,
    redirect_uri: str,
    budget: TimeBudget,
    now: Callable[[], float],
) -> Granted:
    """Redeem a code, once, or raise `StepError`."""
    more: dict[str, str] = {}
    if client.signing_key is not None:
        assertion = client.signing_key.assert_client(
            client.client_id, pending.token_endpoint, jti=secrets.token_urlsafe(), now=now()
        )
        more = {"client_assertion_type": _ASSERTION, "client_assertion": assertion}
    form = WebApplicationClient(client.client_id).prepare_request_body(
        code=code,
        redirect_uri=redirect_uri,
        code_verifier=pending.verifier,
        # RFC 7523: the statement names the client; a public client names itself.
        include_client_id=client.signing_key is None,
        **more,
    )
    problem = ""
    try:
        answer = outgoing.post_once(
            pending.token_endpoint,
            form,
            content_types=("application/json",),
            budget=budget,
            max_bytes=_MAX_BYTES,
        )
        return _read(parse_strict_object(answer.body))
    except OutgoingError as failure:
        problem = f"{failure.code}{failure.status or ''}"
    except StrictJsonError as refused:
        problem = refused.code
    # Raised outside the except block: nothing of the code or the token hangs on as context.
    raise StepError(f"token_{problem}")


def _read(answer: dict[str, Any]) -> Granted:
    token, kind, patient = (answer.get(name) for name in ("access_token", "token_type", "patient"))
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise StepError("token_type")
    if not isinstance(token, str) or not _ACCESS_TOKEN.fullmatch(token):
        raise StepError("token_access_token")
    if not isinstance(patient, str) or not _FHIR_ID.fullmatch(patient):
        raise StepError("token_patient")
    id_token = answer.get("id_token")
    if not isinstance(id_token, str):
        raise StepError("token_id_token")
    seconds = answer.get("expires_in", _UNSAID_SECONDS)
    # type(), not isinstance(): True is an int.
    if type(seconds) is not int or seconds <= 0:
        raise StepError("token_expires_in")
    return Granted(token, id_token, patient, min(seconds, _LONGEST_SECONDS))
