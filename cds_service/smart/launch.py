"""Step 2: the browser is sent to the EHR's authorization server (authorization code with PKCE S256).

What must come back unchanged stays here, sealed and for one use: the state is the name it is kept
under. A cookie binds it to this browser, so that nobody can have a stranger finish his own launch.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from oauthlib.oauth2 import WebApplicationClient

from cds_service.fhir_base import FhirBase
from cds_service.security.trust import SmartClient
from cds_service.smart.discovery import Endpoints

__all__ = ["READS", "PendingLaunch", "authorization_url", "begin", "is_launch_token"]

READS = (
    *("Patient", "Condition", "Procedure", "Observation", "DiagnosticReport", "MedicationRequest"),
    *("MedicationAdministration", "Encounter", "ServiceRequest"),
)
"""The resource types the app reads: those of the prefetch templates."""

_VERIFIER_CHARACTERS = 64
_LAUNCH_TOKEN = re.compile(r"[\x21-\x7e]{1,2048}")


@dataclass(frozen=True, slots=True)
class PendingLaunch:
    """One launch under way; everything the callback is checked against."""

    base: str
    issuer: str
    token_endpoint: str
    key_set: str
    verifier: str
    nonce: str
    browser: str

    def to_text(self) -> str:
        """Return it as text, to be sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> PendingLaunch:
        """Return it from its text."""
        members: dict[str, Any] = json.loads(text)
        return cls(**members)


def is_launch_token(text: str) -> bool:
    """Whether a text may be the `launch` of an EHR: visible ASCII, not endless."""
    return _LAUNCH_TOKEN.fullmatch(text) is not None


def begin(client: SmartClient, base: FhirBase, endpoints: Endpoints) -> PendingLaunch:
    """Return a launch with fresh secrets."""
    oauth = WebApplicationClient(client.client_id)
    return PendingLaunch(
        base=str(base),
        issuer=endpoints.issuer,
        token_endpoint=endpoints.token,
        key_set=endpoints.key_set,
        verifier=oauth.create_code_verifier(_VERIFIER_CHARACTERS),
        nonce=secrets.token_urlsafe(),
        browser=secrets.token_urlsafe(),
    )


def authorization_url(
    client: SmartClient,
    endpoints: Endpoints,
    pending: PendingLaunch,
    *,
    state: str,
    launch: str,
    redirect_uri: str,
) -> str:
    """Return where to send the browser (SMART App Launch 2.2, "Obtain authorization code")."""
    oauth = WebApplicationClient(client.client_id)
    scheme, rest = endpoints.authorization.split(":", 1)
    url: str = oauth.prepare_request_uri(
        # oauthlib takes https only; that a sandbox may be plain http was decided in the trust file.
        f"https:{rest}",
        redirect_uri=redirect_uri,
        scope=_scope(v2=endpoints.reads_v2_scopes),
        state=state,
        code_challenge=oauth.create_code_challenge(pending.verifier, "S256"),
        code_challenge_method="S256",
        aud=pending.base,
        launch=launch,
        nonce=pending.nonce,
    )
    return f"{scheme}{url.removeprefix('https')}"


def _scope(*, v2: bool) -> list[object]:
    """Return the least that is needed, in the words of the server's version of SMART."""
    reads = [f"patient/{kind}.{'rs' if v2 else 'read'}" for kind in READS]
    return ["launch", "openid", "fhirUser", *reads]
