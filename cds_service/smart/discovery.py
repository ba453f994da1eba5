"""Step 1: where the EHR lets a user authorize the app (SMART App Launch 2.2, "Conformance").

Only the FHIR base comes from the launch, and it is one of ours; whatever address its document names
has to lie on an origin that the trust file lists for the app.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cds_service.fhir_base import FhirBase
from cds_service.origin import AddressRefusedError, parse_address
from cds_service.outgoing import Outgoing, OutgoingError, TimeBudget
from cds_service.security.strict_json import StrictJsonError, parse_strict_object
from cds_service.security.trust import SmartClient
from cds_service.smart.step import StepError

__all__ = ["Discovery", "Endpoints"]

_PATH = "/.well-known/smart-configuration"
_MAX_BYTES = 256_000
FRESH_FOR = timedelta(minutes=5)
PAUSE_AFTER_FAILURE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of one authorization server, each on a listed origin, and what it can do."""

    authorization: str
    token: str
    issuer: str
    key_set: str
    reads_v2_scopes: bool


class Discovery:
    """Reads the document of each FHIR base, and again only when it has grown old.

    Anybody may begin a launch; what he begins must not become a call to the EHR each time. After a
    document that could not be used the next is asked for seconds later. Both times are ours.
    """

    def __init__(self, outgoing: Outgoing, clock: Callable[[], datetime]) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, tuple[datetime, Endpoints | str]] = {}

    def endpoints(self, client: SmartClient, base: FhirBase, budget: TimeBudget) -> Endpoints:
        """Return where the app is authorized for a FHIR base, or raise `StepError`."""
        with self._lock:
            read_at, found = self._read.get(str(base), (None, ""))
        age = FRESH_FOR if isinstance(found, Endpoints) else PAUSE_AFTER_FAILURE
        if read_at is None or self._clock() - read_at >= age:
            try:
                found = _discover(self._outgoing, client, base, budget)
            except StepError as failed:
                found = failed.code
            with self._lock:
                self._read[str(base)] = (self._clock(), found)
        if isinstance(found, Endpoints):
            return found
        raise StepError(found)


def _discover(
    outgoing: Outgoing, client: SmartClient, base: FhirBase, budget: TimeBudget
) -> Endpoints:
    code = "not_json"
    try:
        answer = outgoing.get(
            f"{base}{_PATH}",
            accept="application/json",
            content_types=("application/json",),
            budget=budget,
            max_bytes=_MAX_BYTES,
        )
        document = parse_strict_object(answer.body)
    except OutgoingError as failure:
        code = failure.code
    except StrictJsonError as refused:
        code = refused.code
    else:
        return _read(document, client)
    raise StepError(f"discovery_{code}")


def _read(document: dict[str, Any], client: SmartClient) -> Endpoints:
    # PKCE with S256 is required of a server since SMART 2.0; without it a stolen code would do.
    if "S256" not in _texts(document, "code_challenge_methods_supported"):
        raise StepError("discovery_no_s256")
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or not issuer:
        raise StepError("discovery_no_issuer")
    return Endpoints(
        authorization=_address(document, "authorization_endpoint", client),
        token=_address(document, "token_endpoint", client),
        issuer=issuer,
        key_set=_address(document, "jwks_uri", client),
        reads_v2_scopes="permission-v2" in _texts(document, "capabilities"),
    )


def _address(document: dict[str, Any], name: str, client: SmartClient) -> str:
    try:
        address = parse_address(document.get(name))
    except AddressRefusedError:
        raise StepError(f"discovery_{name}") from None
    if not client.allows(address.origin):
        raise StepError(f"discovery_{name}_not_listed")
    return str(address)


def _texts(document: dict[str, Any], name: str) -> list[object]:
    value = document.get(name)
    return value if isinstance(value, list) else []
