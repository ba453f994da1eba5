"""Whom the service trusts: the CDS clients (issuers), as one readable file states them.

    [sandbox]
    hosts = ["localhost"]                     # plain http is accepted to these hosts only

    [[issuer]]
    iss = "https://ehr.hospital.example"
    tenants = ["north", "south"]              # leave out if the client sends no tenant
    fhir_base_urls = ["https://fhir.hospital.example/r4"]
    algorithms = ["ES384", "RS384"]           # the default
    replay = "refuse"                         # or "per-endpoint-and-body", "allow"
    max_lifetime_seconds = 3600               # ceiling of exp - iat
    leeway_seconds = 10                       # how far the clocks may differ

    [issuer.keys]                             # exactly one of jku, file, inline
    jku = "https://ehr.hospital.example/jwks.json"

    [issuer.smart]                            # only if the app may be opened from this EHR
    client_id = "hcc-cds"                     # as the EHR registered the app
    tenant = "north"                          # one of tenants, if they are listed
    fhir_base_urls = ["https://fhir.hospital.example/r4"]       # all of the issuer's if left out
    authorization_origins = ["https://login.hospital.example"]  # beside the FHIR servers' own
    # private_key_file = "app-key.json"       # a private JWK, if the app is no public client

`trust_file.py` reads it and reports every problem in words. Several tenants of one issuer have a table
`[[issuer.smart]]` each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cds_service.fhir_base import FhirBase
from cds_service.origin import Origin, parse_address
from cds_service.security.key_set import PublicKey
from cds_service.security.signing_key import SigningKey

__all__ = [
    "ALGORITHMS",
    "DEFAULT_ALGORITHMS",
    "Issuer",
    "MutualTls",
    "ReplayPolicy",
    "SmartClient",
    "Trust",
    "stored_tenant",
]

DEFAULT_ALGORITHMS = ("ES384", "RS384")
"""Recommended at publication of CDS Hooks 2.0.1 ("JWT Signing Algorithm"; checklist line 94)."""

ALGORITHMS = (
    *DEFAULT_ALGORITHMS,
    "ES256",
    "ES512",
    "RS256",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
)
"""All that may be configured: asymmetric only, so neither `none` nor HS* (checklist lines 92, 93)."""


class ReplayPolicy(StrEnum):
    """What happens when a token (its jti) comes a second time.

    `per-endpoint-and-body` accepts it for another endpoint or body: a conformance kit reuses one
    token for several bodies. `allow` remembers nothing.
    """

    REFUSE = "refuse"
    PER_ENDPOINT_AND_BODY = "per-endpoint-and-body"
    ALLOW = "allow"


def stored_tenant(iss: str, tenant: str) -> str:
    """Return the name under which everything of a tenant is stored: it is only unique within its issuer."""
    return f"{iss} {tenant}".rstrip()


@dataclass(frozen=True, slots=True)
class SmartClient:
    """How the app is registered at one EHR: a public client with PKCE, or one with a signing key.

    `authorization_origins` are where the EHR may send the browser and our token requests, beside the
    FHIR servers' own origins. `tenant` is the name under which the CDS calls of the same EHR are stored,
    so that what is decided in the app counts there.
    """

    client_id: str
    fhir_bases: tuple[FhirBase, ...]
    tenant: str = ""
    authorization_origins: frozenset[Origin] = frozenset()
    signing_key: SigningKey | None = field(default=None, repr=False)

    def find_base(self, iss: str) -> FhirBase | None:
        """Return the FHIR base that a launch names, None if the app is not registered for it."""
        return next((base for base in self.fhir_bases if base.is_named_by(iss)), None)

    def allows(self, origin: Origin) -> bool:
        """Whether an address that the EHR names for the authorization may be used."""
        return origin in self.authorization_origins or any(
            base.origin == origin for base in self.fhir_bases
        )


@dataclass(frozen=True, slots=True)
class Issuer:
    """One trusted CDS client, with the only keys and FHIR servers that are its own.

    `keys` are fixed keys by kid; `jku` is the key set to fetch when there are none. `accepted_jku` is
    the one value that the header `jku` of a token may have, "" if none may be sent.
    `client_certificates` are the exact values the proxy may report for it (mutual TLS).
    """

    iss: str
    fhir_bases: tuple[FhirBase, ...] = ()
    tenants: frozenset[str] = frozenset()
    algorithms: tuple[str, ...] = DEFAULT_ALGORITHMS
    replay: ReplayPolicy = ReplayPolicy.REFUSE
    max_lifetime_seconds: int = 3600
    leeway_seconds: int = 10
    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    jku: str = ""
    accepted_jku: str = ""
    client_certificates: frozenset[str] = frozenset()
    smart: tuple[SmartClient, ...] = ()

    def find_base(self, fhir_server: str) -> FhirBase | None:
        """Return the configured base that a request's `fhirServer` names, None if it is another's."""
        return next((base for base in self.fhir_bases if base.is_named_by(fhir_server)), None)


@dataclass(frozen=True, slots=True)
class MutualTls:
    """What a TLS-ending proxy reports about the client certificate, and who may report it.

    `proxy_peers` are addresses or networks; `verified_header` must hold `verified_value`;
    `certificate_header` must hold one of the issuer's `client_certificates`, letter for letter.
    """

    proxy_peers: tuple[str, ...]
    verified_header: str
    verified_value: str
    certificate_header: str


@dataclass(frozen=True, slots=True)
class Trust:
    """All trusted issuers, the sandbox hosts, and mutual TLS if it is asked for."""

    issuers: tuple[Issuer, ...] = ()
    sandbox_hosts: frozenset[str] = frozenset()
    mutual_tls: MutualTls | None = None

    def find_issuer(self, iss: object) -> Issuer | None:
        """Return the issuer of exactly this `iss`, None if it is not listed."""
        return next((issuer for issuer in self.issuers if issuer.iss == iss), None)

    @property
    def smart_clients(self) -> tuple[SmartClient, ...]:
        """Every registration of the app."""
        return tuple(client for issuer in self.issuers for client in issuer.smart)

    @property
    def origins(self) -> frozenset[Origin]:
        """Every origin the service may call: FHIR bases, key sets, the app's authorization servers."""
        origins = {base.origin for issuer in self.issuers for base in issuer.fhir_bases}
        origins |= {parse_address(issuer.jku).origin for issuer in self.issuers if issuer.jku}
        for client in self.smart_clients:
            origins |= client.authorization_origins
        return frozenset(origins)
