"""Trust at run time: the trust file put to work, ready to be handed to the application."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint

from cds_service.fhir_client import FhirClient, FhirLimits, FhirRecordSource
from cds_service.outgoing import Outgoing
from cds_service.security.client_jwt import ClientVerifier
from cds_service.security.gate import current_client, guard_blueprint
from cds_service.security.key_cache import KeyCache
from cds_service.security.replay import ReplayStore
from cds_service.security.trust import Trust, stored_tenant

__all__ = ["SiteTrust"]


class SiteTrust:
    """Who may call (`guard`, `tenant`) and where their records are read (`record_source`).

    `outgoing`, `key_cache` and `fhir_client` are the only way out, for the app as well.

    `base_url` is the public address of the service; `fhir_seconds` is the time budget of all fetches of one
    call. Make it before a fork and use it after: connections and threads start with the first call.
    """

    def __init__(
        self,
        trust: Trust,
        replay_store: ReplayStore,
        *,
        base_url: str,
        fhir_seconds: float,
        fhir_limits: FhirLimits | None = None,
        ca_bundle: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.outgoing = Outgoing(
            trust.origins, sandbox_hosts=trust.sandbox_hosts, ca_bundle=ca_bundle
        )
        self.key_cache = KeyCache(self.outgoing)
        self.smart_clients = trust.smart_clients
        self._mutual_tls = trust.mutual_tls
        self._verifier = ClientVerifier(
            trust, self.key_cache, replay_store, base_url=base_url, now=now
        )
        self.fhir_client = FhirClient(self.outgoing, limits=fhir_limits)
        self.record_source = FhirRecordSource(
            self.fhir_client,
            # Only the bases of the issuer whose token came with this very request.
            lambda fhir_server: current_client().issuer.find_base(fhir_server),
            seconds=fhir_seconds,
        )

    def guard(self, blueprint: Blueprint) -> None:
        """Close a blueprint to all but trusted CDS clients."""
        guard_blueprint(blueprint, self._verifier, self._mutual_tls)

    @staticmethod
    def tenant() -> str:
        """Return who calls, for stored keys."""
        client = current_client()
        return stored_tenant(client.issuer.iss, client.tenant)

    def close(self) -> None:
        """Close connections and threads."""
        self.fhir_client.close()
        self.outgoing.close()
