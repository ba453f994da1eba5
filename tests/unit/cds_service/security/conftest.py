"""A fake CDS client with real keys, and the service's side with fake clocks."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from cds_service.outgoing import Outgoing
from cds_service.security.client_jwt import ClientVerifier, TrustedClient
from cds_service.security.key_cache import KeyCache
from cds_service.security.key_set import read_key_set
from cds_service.security.replay import MemoryReplayStore
from cds_service.security.trust import Issuer, Trust

ISS = "https://ehr.hospital.example"
JKU = "https://ehr.hospital.example/jwks.json"
BASE_URL = "https://cds.hospital.example/liver"
PATH = "/cds-services/resection-risk-order-sign"
ENDPOINT = BASE_URL + PATH
NOW = 1_790_000_000.0
CANARY = "CANARY-4d1f"


class FakeClock:
    """A clock that only moves when told."""

    def __init__(self, start: float = NOW) -> None:
        self.time = start

    def __call__(self) -> float:
        """Return the time it was set to."""
        return self.time


def encode(part: bytes) -> bytes:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(part).rstrip(b"=")


class FakeEhr:
    """A CDS client that signs what it is told to, right or wrong."""

    def __init__(self) -> None:
        self.ec = ECKey.generate_key("P-384", {"kid": "ec-1"})
        self.rsa = RSAKey.generate_key(2048, {"kid": "rsa-1"})
        self.by_algorithm: dict[str, Any] = {"ES384": self.ec, "RS384": self.rsa}

    def key_set(self) -> dict[str, Any]:
        """Return the JWK Set it publishes."""
        return {"keys": [self.ec.as_dict(private=False), self.rsa.as_dict(private=False)]}

    def header(self, **changes: Any) -> dict[str, Any]:
        """Return a good header with changes; None leaves a member out."""
        header = {"alg": "ES384", "typ": "JWT", "kid": "ec-1", **changes}
        return {name: value for name, value in header.items() if value is not None}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return good claims with changes; None leaves a member out."""
        claims = {
            "iss": ISS,
            "aud": ENDPOINT,
            "exp": int(NOW) + 300,
            "iat": int(NOW),
            "jti": f"{CANARY}-jti",
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def sign(
        self,
        header: dict[str, Any] | bytes,
        claims: dict[str, Any] | bytes,
        key: Any = None,
        algorithm: str = "",
    ) -> str:
        """Return the compact token; bytes are taken as they are, to write what no library would."""
        header_text = header if isinstance(header, bytes) else json.dumps(header).encode()
        claims_text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        algorithm = algorithm or json.loads(header_text)["alg"]
        signing_input = encode(header_text) + b"." + encode(claims_text)
        key = key or self.by_algorithm.get(algorithm, self.ec)
        signature = jws.JWSRegistry.algorithms[algorithm].sign(signing_input, key)
        return (signing_input + b"." + encode(signature)).decode()

    def token(self, **claims: Any) -> str:
        """Return a good token with changed claims."""
        return self.sign(self.header(), self.claims(**claims))


class Service:
    """The service's side: one trusted issuer, changed as a test needs it."""

    def __init__(self, ehr: FakeEhr, clock: FakeClock, **changes: Any) -> None:
        settings: dict[str, Any] = {"iss": ISS, "keys": read_key_set(ehr.key_set()), **changes}
        self.clock = clock
        self.bodies_read = 0
        self.trust = Trust(issuers=(Issuer(**settings),))
        self.key_cache = KeyCache(Outgoing(self.trust.origins), clock=clock)
        self.replay_store = MemoryReplayStore(now=clock)
        self.verifier = ClientVerifier(
            self.trust, self.key_cache, self.replay_store, base_url=BASE_URL + "/", now=clock
        )

    def call(self, token: str | None, *, path: str = PATH, body: bytes = b"{}") -> TrustedClient:
        """Call an endpoint with a token."""

        def read_body() -> bytes:
            self.bodies_read += 1
            return body

        authorization = None if token is None else f"Bearer {token}"
        return self.verifier.verify(authorization, path=path, read_body=read_body)


@pytest.fixture(scope="session")
def ehr() -> FakeEhr:
    """Return a client whose keys are made once."""
    return FakeEhr()


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


@pytest.fixture
def make_service(ehr: FakeEhr, clock: FakeClock) -> Callable[..., Service]:
    """Return a maker of services that trust `ehr`, with changes of its issuer."""
    return lambda **changes: Service(ehr, clock, **changes)


@pytest.fixture
def secret() -> OctKey:
    """Return a symmetric key, as an attacker makes one."""
    return OctKey.import_key("k" * 64)
