"""A CDS client's token taken apart, before anything in it is believed.

The header is held to RFC 7515 and to CDS Hooks 2.0.1, "Trusting CDS Clients" (checklist lines 87, 88);
sizes are limited before parsing, and a member named twice is refused here because joserfc takes the last.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import Any

from joserfc.util import urlsafe_b64decode

from cds_service.security.strict_json import StrictJsonError, parse_strict_object
from cds_service.security.trust import ALGORITHMS

__all__ = ["ClientRefusedError", "ClientToken", "read_client_token"]

MAX_TOKEN_CHARACTERS = 8192
_MAX_TEXT_CHARACTERS = 256
_BEARER = re.compile(
    r"bearer +(?P<token>[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE
)
# Keys that come with the token (jwk, x5c), are named outside our list (x5u), or change what the rest of
# the header means (crit, b64; RFC 7797). jku is held to the issuer's one value later.
_REFUSED_HEADERS = ("crit", "b64", "jwk", "x5u", "x5c", "zip", "enc")


class ClientRefusedError(Exception):
    """The caller is not trusted; only `code` may be logged, with `iss` where it is a listed one.

    `tenant` is given only where the signature was proven; without it the issuer is merely claimed.
    """

    def __init__(self, code: str, *, iss: str = "", tenant: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.iss = iss
        self.tenant = tenant


@dataclass(frozen=True, slots=True)
class ClientToken:
    """A well-formed token; nothing in it is proven yet."""

    compact: str = field(repr=False)
    algorithm: str
    kid: str
    jku: str
    claims: dict[str, Any] = field(repr=False)


def read_client_token(authorization: str | None) -> ClientToken:
    """Return the token of an Authorization header, or raise `ClientRefusedError`."""
    if not authorization:
        raise ClientRefusedError("no_token")
    if len(authorization) > MAX_TOKEN_CHARACTERS:
        raise ClientRefusedError("token_too_large")
    match = _BEARER.fullmatch(authorization)
    if match is None:
        raise ClientRefusedError("not_a_bearer_token")
    compact = match["token"]
    encoded_header, encoded_payload, _ = compact.split(".")
    header = _decode(encoded_header)
    claims = _decode(encoded_payload)
    if header.get("typ") != "JWT":
        raise ClientRefusedError("header_typ")
    for name in _REFUSED_HEADERS:
        if name in header:
            raise ClientRefusedError(f"header_{name}")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise ClientRefusedError("header_alg")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_TEXT_CHARACTERS:
        raise ClientRefusedError("header_kid")
    jku = header.get("jku", "")
    if not isinstance(jku, str):
        raise ClientRefusedError("header_jku")
    return ClientToken(compact=compact, algorithm=algorithm, kid=kid, jku=jku, claims=claims)


def _decode(encoded: str) -> dict[str, Any]:
    try:
        return parse_strict_object(urlsafe_b64decode(encoded.encode("ascii")))
    except StrictJsonError as refused:
        code = refused.code
    except binascii.Error:
        code = "not_base64url"
    # Raised outside the except block: nothing of the token hangs on as context.
    raise ClientRefusedError(code)
