"""Proves who calls: the JWT of a CDS client (CDS Hooks 2.0.1, "Trusting CDS Clients").

Order of checks as the best practices advise (checklist line 95): issuer listed, audience is this
endpoint, time, tenant, then the signature, then whether the token was used before. The caller learns
nothing of it: any failure is one `ClientRefusedError`, answered with a bare 401.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from joserfc import jws
from joserfc.errors import JoseError

from cds_service.security.client_token import ClientRefusedError, ClientToken, read_client_token
from cds_service.security.key_cache import KeyCache, KeysUnavailableError
from cds_service.security.replay import ReplayKey, ReplayStore
from cds_service.security.trust import Issuer, ReplayPolicy, Trust

__all__ = ["ClientVerifier", "TrustedClient"]

# Beyond any date; keeps arithmetic on a hostile number (10^400, 1e308) out of the way.
_LATEST_SECONDS = 100_000_000_000
_MAX_TEXT_CHARACTERS = 256


class _Registry(jws.JWSRegistry):
    """joserfc's own limit of a header, 512 bytes, is too short for a long kid and jku together."""

    max_header_length = 4096
    max_signature_length = 2048


@dataclass(frozen=True, slots=True)
class TrustedClient:
    """A caller that has proven who it is; these members may be logged."""

    issuer: Issuer
    tenant: str
    jti: str


class ClientVerifier:
    """Checks the token of every call against the configured trust.

    `base_url` is the public address of the service, which is what clients put into `aud`; it is never
    taken from the request.
    """

    def __init__(
        self,
        trust: Trust,
        key_cache: KeyCache,
        replay_store: ReplayStore,
        *,
        base_url: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._trust = trust
        self._key_cache = key_cache
        self._replay_store = replay_store
        self._base_url = base_url.rstrip("/")
        self._now = now

    def verify(
        self, authorization: str | None, *, path: str, read_body: Callable[[], bytes]
    ) -> TrustedClient:
        """Return who calls `path` (below the base URL, such as /cds-services), or refuse.

        `read_body` is only called after the signature was proven, and only if the issuer's replay policy
        needs the body.
        """
        token = read_client_token(authorization)
        issuer = self._trust.find_issuer(token.claims.get("iss"))
        if issuer is None:
            raise ClientRefusedError("issuer_not_listed")
        code = (
            _check_audience(token, self._base_url + path)
            or _check_times(token, issuer, self._now())
            or _check_texts(token, issuer)
        )
        if code:
            raise ClientRefusedError(code, iss=issuer.iss)
        client = TrustedClient(
            issuer=issuer, tenant=token.claims.get("tenant") or "", jti=token.claims["jti"]
        )
        self._check_signature(token, issuer)
        self._check_first_use(token, client, path, read_body)
        return client

    def _check_signature(self, token: ClientToken, issuer: Issuer) -> None:
        code = ""
        try:
            key = self._key_cache.find_key(issuer, token.kid)
        except KeysUnavailableError:
            key, code = None, "keys_unavailable"
        if key is None:
            raise ClientRefusedError(code or "unknown_kid", iss=issuer.iss)
        # Never an empty list: joserfc would then fall back to its own, which has HS256.
        algorithms = [token.algorithm]
        registry = _Registry(algorithms=algorithms, strict_check_header=False)
        try:
            # Refuses a key of another type or curve than the algorithm's, or bound to another `alg`.
            jws.deserialize_compact(token.compact, key, algorithms=algorithms, registry=registry)
        except (JoseError, ValueError):
            code = "signature"
        if code:
            raise ClientRefusedError(code, iss=issuer.iss)

    def _check_first_use(
        self,
        token: ClientToken,
        client: TrustedClient,
        path: str,
        read_body: Callable[[], bytes],
    ) -> None:
        issuer = client.issuer
        if issuer.replay is ReplayPolicy.ALLOW:
            return
        scope = ""
        if issuer.replay is ReplayPolicy.PER_ENDPOINT_AND_BODY:
            scope = hashlib.sha256(path.encode() + b"\n" + read_body()).hexdigest()
        key = ReplayKey(tenant=client.tenant, issuer=issuer.iss, jti=client.jti, scope=scope)
        expires_at = token.claims["exp"] + issuer.leeway_seconds
        if not self._replay_store.remember(key, expires_at):
            raise ClientRefusedError("replayed", iss=issuer.iss, tenant=client.tenant)


def _check_audience(token: ClientToken, endpoint: str) -> str:
    audience = token.claims.get("aud")
    if audience == endpoint or (isinstance(audience, list) and endpoint in audience):
        return ""
    return "audience"


def _check_times(token: ClientToken, issuer: Issuer, now: float) -> str:
    claims, leeway = token.claims, issuer.leeway_seconds
    expires, issued = _read_time(claims.get("exp")), _read_time(claims.get("iat"))
    not_before = _read_time(claims["nbf"]) if "nbf" in claims else issued
    if expires is None or issued is None or not_before is None:
        return "time_claims"
    if expires <= now - leeway:
        return "expired"
    if max(issued, not_before) > now + leeway:
        return "not_yet_valid"
    if not 0 < expires - issued <= issuer.max_lifetime_seconds:
        return "lifetime"
    return ""


def _read_time(value: object) -> float | None:
    # type(), not isinstance(): True is an int. NaN and infinity fail the comparison.
    if (type(value) is int or type(value) is float) and 0 <= value <= _LATEST_SECONDS:
        return value
    return None


def _check_texts(token: ClientToken, issuer: Issuer) -> str:
    tenant, jti = token.claims.get("tenant"), token.claims.get("jti")
    is_tenant_listed = tenant in issuer.tenants if isinstance(tenant, str) else tenant is None
    if not is_tenant_listed or (tenant is None and issuer.tenants):
        return "tenant"
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_TEXT_CHARACTERS:
        return "jti"
    if token.algorithm not in issuer.algorithms:
        return "algorithm_not_allowed"
    if token.jku and token.jku != issuer.accepted_jku:
        return "jku_not_listed"
    return ""
