"""The demo's authorization server: SMART App Launch for one app, at once, as a synthetic surgeon.

It keeps nothing: a code is a sealed note of what was asked, and the keys are made at the start, before
the workers are forked. It protects nothing either, because the demo's FHIR server is open; it is there
so that the app in the demo goes every step it goes at a site.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import Fernet, InvalidToken
from flask import Blueprint, Response, jsonify, make_response, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey

from cds_service.demo.ehr import CLIENT_ID, DemoEhr
from cds_service.demo.patients.catalogue import PATIENTS

__all__ = ["SURGEON", "authorization_blueprint"]

SURGEON = "Practitioner/demo-surgeon"
_CODE_SECONDS = 60
_TOKEN_SECONDS = 3600


class _Server:
    """What is asked is sealed into the code; what is granted is read from it again."""

    def __init__(self, ehr: DemoEhr, clock: Callable[[], datetime]) -> None:
        self._ehr = ehr
        self._clock = clock
        self._seal = Fernet(Fernet.generate_key())
        self._key = ECKey.generate_key("P-384", {"kid": "demo", "alg": "ES384", "use": "sig"})
        self.issuer = f"{ehr.base_url}/demo/auth"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "token_endpoint_auth_methods_supported": ["none"],
            "grant_types_supported": ["authorization_code"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "fhirUser", "launch", "patient/*.rs"],
            "capabilities": [
                *("launch-ehr", "client-public", "context-ehr-patient"),
                *("sso-openid-connect", "permission-patient", "permission-v2"),
            ],
        }

    def key_set(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}

    def code_for(self, asked: dict[str, str]) -> str:
        """Return a code, empty if something in the request is not as the app sends it."""
        expected = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": f"{self._ehr.base_url}/app/callback",
            "aud": str(self._ehr.fhir_base),
            "code_challenge_method": "S256",
        }
        if any(asked.get(name) != value for name, value in expected.items()):
            return ""
        if asked.get("launch") not in PATIENTS or not asked.get("code_challenge"):
            return ""
        names = ("launch", "code_challenge", "nonce", "scope")
        note = json.dumps({name: asked.get(name, "") for name in names})
        return self._seal.encrypt_at_time(note.encode(), self._seconds()).decode()

    def grant(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return the token answer of a code and its verifier, None if they do not fit."""
        try:
            note = json.loads(
                self._seal.decrypt_at_time(form.get("code", ""), _CODE_SECONDS, self._seconds())
            )
        except InvalidToken:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if form.get("client_id") != CLIENT_ID or not hmac.compare_digest(
            challenge.encode(), note["code_challenge"].encode()
        ):
            return None
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "expires_in": _TOKEN_SECONDS,
            "scope": note["scope"],
            "patient": note["launch"],
            "id_token": self._id_token(note["nonce"]),
        }

    def _id_token(self, nonce: str) -> str:
        now = self._seconds()
        claims = {
            "iss": self.issuer,
            "sub": "demo-surgeon",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
            "nonce": nonce,
            "fhirUser": f"{self._ehr.fhir_base}/{SURGEON}",
        }
        return jwt.encode({"alg": "ES384", "kid": "demo"}, claims, self._key, algorithms=["ES384"])

    def _seconds(self) -> int:
        return int(self._clock().timestamp())


def authorization_blueprint(ehr: DemoEhr, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of the authorization server; registered in demo mode only."""
    server = _Server(ehr, clock)
    blueprint = Blueprint("demo_authorization", __name__)

    @blueprint.get("/demo/fhir/.well-known/smart-configuration")
    def configuration() -> Response:
        return jsonify(server.configuration())

    @blueprint.get("/demo/auth/jwks")
    def key_set() -> Response:
        return jsonify(server.key_set())

    @blueprint.get("/demo/auth/authorize")
    def authorize() -> Response:
        code = server.code_for(request.args.to_dict())
        if not code:
            return _error("invalid_request")
        query = urlencode({"code": code, "state": request.args.get("state", "")})
        return make_response(redirect(f"{request.args['redirect_uri']}?{query}", 303))

    @blueprint.post("/demo/auth/token")
    def token() -> Response:
        granted = server.grant(request.form.to_dict())
        return _error("invalid_grant") if granted is None else jsonify(granted)

    return blueprint


def _error(code: str) -> Response:
    response = jsonify({"error": code})
    response.status_code = 400
    return response
