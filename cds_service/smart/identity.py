"""Step 4: who is signed in, from the id_token (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import binascii
import re
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from cds_service.fhir_base import FhirBase
from cds_service.security.key_cache import KeyCache, KeysUnavailableError
from cds_service.security.strict_json import StrictJsonError, parse_strict_object
from cds_service.security.trust import ALGORITHMS, Issuer
from cds_service.smart.launch import PendingLaunch
from cds_service.smart.step import StepError

__all__ = ["read_user"]

_MAX_CHARACTERS = 8192
_MAX_KID_CHARACTERS = 256
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LEEWAY_SECONDS = 10
_LATEST_SECONDS = 100_000_000_000
_LONGEST_LIFE_SECONDS = 86_400
# A patient or relative who is signed in confirms nothing.
_CLINICIAN = re.compile(r"(Practitioner|PractitionerRole)/[A-Za-z0-9.-]{1,64}")
_REFUSED_HEADERS = ("crit", "b64", "jwk", "x5u", "x5c", "jku", "zip", "enc")


class _Registry(jws.JWSRegistry):
    """joserfc's own limit of a header is too short for a long kid."""

    max_header_length = 4096
    max_signature_length = 2048


def read_user(
    id_token: str, pending: PendingLaunch, client_id: str, key_cache: KeyCache, *, now: float
) -> str:
    """Return the reference of the clinician who is signed in, or raise `StepError`."""
    if len(id_token) > _MAX_CHARACTERS or not _COMPACT.fullmatch(id_token):
        raise StepError("id_token_form")
    encoded_header, encoded_claims, _ = id_token.split(".")
    header, claims = _decode(encoded_header), _decode(encoded_claims)
    code = _check_claims(claims, pending, client_id) or _check_times(claims, now)
    if code:
        raise StepError(f"id_token_{code}")
    _check_signature(id_token, header, pending, key_cache)
    return _clinician(claims.get("fhirUser"), FhirBase.parse(pending.base))


def _decode(encoded: str) -> dict[str, Any]:
    try:
        return parse_strict_object(urlsafe_b64decode(encoded.encode("ascii")))
    except (StrictJsonError, binascii.Error):
        code = "id_token_form"
    raise StepError(code)


def _check_claims(claims: dict[str, Any], pending: PendingLaunch, client_id: str) -> str:
    if claims.get("iss") != pending.issuer:
        return "iss"
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        return "aud"
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        return "azp"
    return "" if claims.get("nonce") == pending.nonce else "nonce"


def _check_times(claims: dict[str, Any], now: float) -> str:
    expires, issued = _moment(claims.get("exp")), _moment(claims.get("iat"))
    if expires is None or issued is None:
        return "time_claims"
    if expires <= now - _LEEWAY_SECONDS:
        return "expired"
    if not now - _LONGEST_LIFE_SECONDS <= issued <= now + _LEEWAY_SECONDS:
        return "issued"
    return ""


def _moment(value: object) -> float | None:
    # type(), not isinstance(): True is an int. NaN and infinity fail the comparison.
    if (type(value) is int or type(value) is float) and 0 <= value <= _LATEST_SECONDS:
        return value
    return None


def _check_signature(
    id_token: str, header: dict[str, Any], pending: PendingLaunch, key_cache: KeyCache
) -> None:
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or any(name in header for name in _REFUSED_HEADERS):
        raise StepError("id_token_header")
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID_CHARACTERS:
        raise StepError("id_token_kid")
    code = "id_token_unknown_kid"
    try:
        key = key_cache.find_key(Issuer(iss=pending.issuer, jku=pending.key_set), kid)
        if key is not None:
            code = "id_token_signature"
            # Never an empty list: joserfc would then fall back to its own, which has HS256.
            registry = _Registry(algorithms=[algorithm], strict_check_header=False)
            jws.deserialize_compact(id_token, key, algorithms=[algorithm], registry=registry)
            return
    except KeysUnavailableError:
        code = "id_token_keys_unavailable"
    except (JoseError, ValueError):
        pass
    raise StepError(code)


def _clinician(user: object, base: FhirBase) -> str:
    """Return the relative reference of a clinician on this FHIR server.

    `fhirUser` is an absolute address; relative ones are seen as well.
    """
    relative = user.removeprefix(f"{base}/") if isinstance(user, str) else ""
    if not _CLINICIAN.fullmatch(relative):
        raise StepError("id_token_not_a_clinician")
    return relative
