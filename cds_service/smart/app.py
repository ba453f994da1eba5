"""The app without its pages: the steps of a launch in their order, and who is signed in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cds_service.errors import (
    AppError,
    EhrUnusableError,
    LaunchFailedError,
    LaunchRefusedError,
)
from cds_service.fhir_base import FhirBase
from cds_service.outgoing import Outgoing, TimeBudget
from cds_service.security.key_cache import KeyCache
from cds_service.security.trust import SmartClient
from cds_service.smart.chart import Charts
from cds_service.smart.discovery import Discovery
from cds_service.smart.exchange import exchange
from cds_service.smart.identity import read_user
from cds_service.smart.launch import PendingLaunch, authorization_url, begin, is_launch_token
from cds_service.smart.sessions import Session, Sessions
from cds_service.smart.step import StepError
from cds_service.store.audit import AuditEvent, AuditTrail
from cds_service.store.pseudonyms import Pseudonyms

__all__ = ["AGAIN", "App", "refused"]

_LOG = logging.getLogger(__name__)

AGAIN = "Open the app again from the patient's chart."


@dataclass(frozen=True, slots=True)
class App:
    """Everything the app needs that does not come with a request; made once at start-up.

    `frame_origins` are the sites that may show it in a frame; `seconds` is the time budget of each step.
    """

    clients: Sequence[SmartClient]
    outgoing: Outgoing
    discovery: Discovery
    key_cache: KeyCache
    sessions: Sessions
    charts: Charts
    audit: AuditTrail
    pseudonyms: Pseudonyms
    clock: Callable[[], datetime]
    base_url: str
    frame_origins: tuple[str, ...]
    seconds: float
    demo: bool

    @property
    def redirect_uri(self) -> str:
        """Where the EHR sends the browser back to; registered there, never taken from a request."""
        return f"{self.base_url}/app/callback"

    def find(self, iss: str) -> tuple[SmartClient, FhirBase] | None:
        """Return the registration for the FHIR base that a launch names, None if there is none."""
        for client in self.clients:
            base = client.find_base(iss)
            if base is not None:
                return client, base
        return None

    def begin(self, iss: str, launch: str) -> tuple[str, str, PendingLaunch]:
        """Return where to send the browser, the state it will come back with, and what is kept."""
        registered = self.find(iss)
        if registered is None:
            raise _not_registered()
        if not is_launch_token(launch):
            raise refused(
                "launch_unreadable", LaunchFailedError(f"The launch cannot be read. {AGAIN}")
            )
        client, base = registered
        try:
            endpoints = self.discovery.endpoints(client, base, TimeBudget(self.seconds))
        except StepError as failed:
            raise refused(failed.code, _unusable()) from None
        pending = begin(client, base, endpoints)
        state = self.sessions.keep_launch(pending)
        url = authorization_url(
            client, endpoints, pending, state=state, launch=launch, redirect_uri=self.redirect_uri
        )
        return url, state, pending

    def finish(self, pending: PendingLaunch, code: str) -> tuple[str, int, str]:
        """Return the name of a new session, its seconds, and the tenant it belongs to."""
        registered = self.find(pending.base)
        if registered is None:
            raise _not_registered()
        client, _ = registered
        now = self.clock().timestamp()
        try:
            granted = exchange(
                self.outgoing,
                client,
                pending,
                code,
                redirect_uri=self.redirect_uri,
                budget=TimeBudget(self.seconds),
                now=lambda: now,
            )
            user = read_user(granted.id_token, pending, client.client_id, self.key_cache, now=now)
        except StepError as failed:
            raise refused(failed.code, _words_of(failed)) from None
        session = Session(pending.base, granted.patient_id, user, granted.access_token)
        return self.sessions.open(session, granted.seconds), granted.seconds, client.tenant

    def note(self, event: str, outcome: str, tenant: str, request_id: str) -> None:
        """Write into the audit trail what was done, for which tenant, never on whom."""
        self.audit.record(
            AuditEvent(
                at=self.clock(),
                event=event,
                outcome=outcome,
                tenant=self.pseudonyms.of("tenant", tenant),
                request=request_id,
            )
        )

    def note_stranger(self, outcome: str, request_id: str) -> None:
        """Write a refusal into the audit trail, within its limit."""
        self.audit.record_stranger(
            AuditEvent(
                at=self.clock(),
                event="app",
                outcome=outcome,
                request=request_id,
            )
        )


def _not_registered() -> AppError:
    return refused(
        "iss_not_listed",
        LaunchRefusedError(
            "This app is not registered for the system it was opened from. Nothing was asked of it."
        ),
    )


def _unusable() -> AppError:
    return EhrUnusableError(
        "The EHR did not answer as the launch of an app needs it. Try again; if that does not help,"
        " tell whoever runs the app."
    )


def _words_of(failed: StepError) -> AppError:
    if failed.code == "id_token_not_a_clinician":
        return LaunchRefusedError(
            "The EHR does not say that a clinician is signed in, and only clinicians use this app."
        )
    return LaunchFailedError(f"The EHR's answer to the launch could not be accepted. {AGAIN}")


def refused(code: str, error: AppError) -> AppError:
    """Note in the log why, in a code of ours, and return the error that says what to do."""
    _LOG.warning("app launch refused: %s", code)
    return error
