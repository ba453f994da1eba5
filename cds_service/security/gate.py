"""The one place where trust meets Flask: asks every call of a blueprint who it is."""

from __future__ import annotations

import logging

from flask import Blueprint, g, request

from cds_service.errors import NotTrustedError
from cds_service.request_body import read_body
from cds_service.security.client_jwt import ClientVerifier, TrustedClient
from cds_service.security.client_token import ClientRefusedError
from cds_service.security.mutual_tls import check_certificate, check_proxy
from cds_service.security.trust import MutualTls

__all__ = ["current_client", "guard_blueprint", "refused_client"]

_log = logging.getLogger(__name__)


def guard_blueprint(
    blueprint: Blueprint, verifier: ClientVerifier, mutual_tls: MutualTls | None = None
) -> None:
    """Let only trusted CDS clients reach the views of `blueprint`, discovery and feedback included.

    A refused call raises `NotTrustedError`, which is answered with a bare 401; the log gets the code.
    """

    def _require_trust() -> None:
        # A preflight carries no Authorization (CORS); it reaches no view and no data.
        if request.method == "OPTIONS":
            return
        try:
            g.cds_client = _authenticate(verifier, mutual_tls)
        except ClientRefusedError as refused:
            g.cds_client_refused = refused
            _log.warning(
                "CDS client refused: %s %s", refused.code, refused.iss or "(unknown issuer)"
            )
        else:
            return
        raise NotTrustedError("The caller is not trusted.")

    blueprint.before_request(_require_trust)


def current_client() -> TrustedClient:
    """Return the trusted client of the request under way."""
    client: TrustedClient = g.cds_client
    return client


def refused_client() -> ClientRefusedError | None:
    """Return why the caller of the request under way was not let in, None if it was or nobody asked."""
    refused: ClientRefusedError | None = g.get("cds_client_refused")
    return refused


def _authenticate(verifier: ClientVerifier, mutual_tls: MutualTls | None) -> TrustedClient:
    if mutual_tls is not None:
        check_proxy(mutual_tls, _connection_peer(), request.headers.get)
    client = verifier.verify(
        request.headers.get("Authorization"),
        path=request.path,
        read_body=lambda: read_body(cache=True),
    )
    if mutual_tls is not None:
        check_certificate(mutual_tls, client.issuer, client.tenant, request.headers.get)
    return client


def _connection_peer() -> str:
    # werkzeug's ProxyFix puts what a header says into REMOTE_ADDR and keeps the true peer here.
    original = request.environ.get("werkzeug.proxy_fix.orig", {})
    return str(original.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR", ""))
