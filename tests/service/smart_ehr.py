"""A hospital's EHR that opens the app: authorization server and FHIR server, right or wrong as told."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import requests
import responses
from joserfc import jws
from joserfc.jwk import ECKey

from cds_service.demo.fhir_endpoint import searchset
from cds_service.demo.patients.catalogue import PATIENTS

__all__ = ["BASE", "ISS", "ISSUER", "SmartEhr", "trust_table"]

ISS = "https://ehr.hospital.example"
BASE = "https://fhir.hospital.example/r4"
ISSUER = "https://login.hospital.example"
CLIENT = "hcc-cds"
KEY = ECKey.generate_key("P-384", {"kid": "login-1", "use": "sig", "alg": "ES384"})

Answer = tuple[int, dict[str, str], str]


def trust_table(*, smart: str = "") -> str:
    """Return a trust file with this EHR, and the app registered there."""
    return f"""
[[issuer]]
iss = "{ISS}"
fhir_base_urls = ["{BASE}"]
keys.jku = "{ISS}/jwks.json"
[issuer.smart]
client_id = "{CLIENT}"
authorization_origins = ["{ISSUER}"]
{smart}
"""


@dataclass
class SmartEhr:
    """What it answers can be changed: `configuration`, `token`, `claims` and `patient` are merged in.

    `None` takes a member out. `raw` answers take the place of whole endpoints.
    """

    clock: Callable[[], datetime]
    patient_id: str = "mvi-in-words"
    configuration: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Answer] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    signing_key: ECKey | None = None
    asked: dict[str, str] = field(default_factory=dict)
    sent: list[dict[str, str]] = field(default_factory=list)
    bearers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.key = KEY
        self.access_token = "CANARY-access-token-51c2"

    def answer_at(self, mock: responses.RequestsMock) -> None:
        """Let a sealed network lead here."""
        mock.add_callback("GET", f"{BASE}/.well-known/smart-configuration", self._configuration)
        mock.add_callback("POST", f"{ISSUER}/token", self._token)
        mock.add_callback("GET", f"{ISSUER}/jwks", self._key_set)
        for method in ("GET", "POST"):
            mock.add_callback(method, re.compile(re.escape(BASE) + "/[A-Z].*"), self._fhir)

    def authorize(self, url: str) -> str:
        """Sign a clinician in and return the address, with its query, that the browser is sent to."""
        self.asked = dict(parse_qsl(urlsplit(url).query))
        query = urlencode({"code": "code-1", "state": self.asked["state"]})
        return f"/app/callback?{query}"

    def id_token(self) -> str:
        """Return the id_token as it is told to be."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "u1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked.get("nonce"),
            "fhirUser": f"{BASE}/Practitioner/surgeon-1",
        }
        header = _merged({"alg": "ES384", "kid": "login-1"}, self.header)
        text = json.dumps(_merged(claims, self.claims)).encode()
        if header["alg"] == "none":
            return f"{_encoded(json.dumps(header).encode())}.{_encoded(text)}.AA"
        signing_input = f"{_encoded(json.dumps(header).encode())}.{_encoded(text)}"
        signature = jws.JWSRegistry.algorithms["ES384"].sign(
            signing_input.encode(), self.signing_key or self.key
        )
        return f"{signing_input}.{_encoded(signature)}"

    def _configuration(self, _: requests.PreparedRequest) -> Answer:
        document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "permission-v2"],
        }
        return self._answer("configuration", _merged(document, self.configuration))

    def _token(self, request: requests.PreparedRequest) -> Answer:
        form = {name: values[0] for name, values in parse_qs(str(request.body)).items()}
        self.sent.append(form)
        challenge = _encoded(hashlib.sha256(form["code_verifier"].encode()).digest())
        if challenge != self.asked["code_challenge"] or form["code"] != "code-1":
            return 400, {}, json.dumps({"error": "invalid_grant"})
        answer = {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": 600,
            "patient": self.patient_id,
            "id_token": self.id_token(),
        }
        return self._answer("token", _merged(answer, self.token))

    def _key_set(self, _: requests.PreparedRequest) -> Answer:
        return self._answer("key_set", {"keys": [self.key.as_dict(private=False)]})

    def _fhir(self, request: requests.PreparedRequest) -> Answer:
        self.bearers.add(str(request.headers.get("Authorization")))
        parts = urlsplit(str(request.url))
        kind, _, rest = parts.path.removeprefix(urlsplit(BASE).path + "/").partition("/")
        sent = parts.query or str(request.body or "")
        if kind in self.resources:
            return self._answer(kind, self.resources[kind], "application/fhir+json")
        day: date = self.clock().date()
        if rest and rest != "_search":
            found = PATIENTS[self.patient_id].resources(day)
            body = next(item for item in found if item["resourceType"] == kind)
        else:
            body = searchset(BASE, kind, dict(parse_qsl(sent)), day)
        return self._answer(kind, body, "application/fhir+json")

    def _answer(self, name: str, body: object, content_type: str = "application/json") -> Answer:
        if name in self.raw:
            return self.raw[name]
        return 200, {"Content-Type": content_type}, json.dumps(body)


def _merged(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not None}


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
