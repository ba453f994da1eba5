"""What the audit trail says of the requests of a CDS client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, Response, g, request

from cds_service.errors import TooManyCallsError
from cds_service.security.gate import refused_client
from cds_service.security.trust import stored_tenant
from cds_service.store.audit import AuditEvent
from cds_service.store.store import Store

__all__ = ["RequestAudit"]

_EVENTS = {"discover": "discovery", "call": "call", "take_feedback": "feedback"}


@dataclass(frozen=True, slots=True)
class RequestAudit:
    """Writes down feedback that was taken and whatever was refused.

    Calls that were answered are written together with their cards.
    """

    store: Store
    clock: Callable[[], datetime]
    tenant: Callable[[], str]

    def follow(self, blueprint: Blueprint) -> None:
        """Record how the requests of a blueprint end; to be called after its gate, before its limit."""

        @blueprint.before_request
        def mark() -> None:
            g.is_let_in = True

        @blueprint.after_request
        def record(response: Response) -> Response:
            if request.method != "OPTIONS" and not g.get("is_recorded"):
                self._record(response)
            return response

    def _record(self, response: Response) -> None:
        code = str(g.get("error_code", ""))
        endpoint = str(request.endpoint).rpartition(".")[2]
        event = AuditEvent(
            at=self.clock(),
            event=_EVENTS[endpoint],
            outcome=code or "taken",
            request=str(g.get("request_id", "")),
        )
        if not g.get("is_let_in"):
            self._record_refused(event)
            return
        # Discovery that was answered says nothing about anybody.
        if not code and endpoint == "discover":
            return
        # Of a path only an id of ours is written: it may hold anything.
        service = (
            "" if response.status_code == 404 else (request.view_args or {}).get("service_id", "")
        )
        # A client that calls too often must not make us write as often.
        over_the_limit = code == TooManyCallsError.code
        write = self.store.audit.record_refusal if over_the_limit else self.store.audit.record
        write(
            replace(
                event,
                tenant=self.store.pseudonyms.of("tenant", self.tenant()),
                details={"service": service} if service else {},
            )
        )

    def _record_refused(self, event: AuditEvent) -> None:
        """Write down who was not let in, as far as that is known: a listed issuer at most.

        The tenant is named only where the token was signed by its issuer; otherwise anybody may have
        claimed the issuer.
        """
        refused = refused_client()
        if refused is None:
            self.store.audit.record_stranger(event)
            return
        details = {"reason": refused.code, **({"issuer": refused.iss} if refused.iss else {})}
        if refused.tenant is None:
            self.store.audit.record_stranger(replace(event, details=details))
            return
        name = stored_tenant(refused.iss, refused.tenant)
        tenant = self.store.pseudonyms.of("tenant", name)
        self.store.audit.record_refusal(replace(event, tenant=tenant, details=details))
