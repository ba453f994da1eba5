"""What the store knows of one user, one patient and one advice: read before an answer, written after."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from cds_service.advice.consultation import Proposal
from cds_service.hooks.quiet_rules import Decided
from cds_service.hooks.services import Service
from cds_service.request import HookRequest
from cds_service.store.audit import AuditEvent
from cds_service.store.cards_shown import Remembered, ShownCard
from cds_service.store.snoozes import SnoozeKey
from cds_service.store.store import Store
from cds_service.wire import Card

__all__ = ["Memory"]

_LOG = logging.getLogger(__name__)


class Memory:
    """The store in the words of one call: pseudonyms instead of names, made with the tenant."""

    def __init__(self, store: Store, service: Service, request: HookRequest, tenant: str) -> None:
        make = store.pseudonyms.of
        self._store = store
        self._service = service
        self._is_anonymous = not request.user_id
        self._tenant = make("tenant", tenant)
        # Nobody has no pseudonym: what was shown to nobody is nobody's memory.
        self._user = make("user", tenant, request.user_id) if request.user_id else ""
        self._patient = make("patient", tenant, request.patient_id)
        # A call without a hookInstance is never taken for a repetition of another one.
        self.hook_instance = (
            make("hookInstance", tenant, request.hook_instance) if request.hook_instance else ""
        )

    def basis_of(self, proposal: Proposal) -> str:
        """Return the pseudonym of what a card rests on, its models included."""
        return self._store.pseudonyms.of(
            "basis",
            self._tenant,
            self._service.advice.name,
            proposal.kind,
            proposal.basis,
            *proposal.model_hashes,
        )

    def earlier(self, is_shadow: bool) -> tuple[Remembered, ...]:
        """Return what was shown, or ran in shadow; nothing if that cannot be known: all is shown."""
        if self._is_anonymous:
            return ()
        try:
            return self._store.cards_shown.latest(
                tenant=self._tenant,
                user=self._user,
                patient=self._patient,
                advice=self._service.advice.name,
                shadow=is_shadow,
            )
        except SQLAlchemyError as error:
            _LOG.error("store unreadable, all cards shown: %s", type(error).__name__)
            return ()

    def snoozes(self, now: datetime) -> Mapping[SnoozeKey, datetime]:
        """Return what this user overrode; nothing if that cannot be known, so that all is shown."""
        if self._is_anonymous:
            return {}
        try:
            return self._store.snoozes.of(
                tenant=self._tenant,
                user=self._user,
                patient=self._patient,
                advice=self._service.advice.name,
                now=now,
            )
        except SQLAlchemyError as error:
            _LOG.error("store unreadable, nothing snoozed: %s", type(error).__name__)
            return {}

    def remember(
        self, cards: Sequence[tuple[Decided, Card]], now: datetime, request_id: str
    ) -> None:
        """Record this answer; a store that fails never costs the answer."""
        rows = [
            ShownCard(
                card=card.uuid or "",
                shown_at=now,
                service=self._service.id,
                advice=self._service.advice.name,
                hook=self._service.hook,
                kind=item.proposal.kind,
                indicator=card.indicator.value,
                tenant=self._tenant,
                user=self._user,
                patient=self._patient,
                hook_instance=self.hook_instance,
                basis=item.basis,
                model_hashes=item.proposal.model_hashes,
                suggestions=tuple(entry.uuid or "" for entry in card.suggestions or ()),
                shadow=item.is_shadow,
                snoozed_until=item.snoozed_until,
            )
            for item, card in cards
        ]
        counts = {
            "shown": sum(item.is_shown for item, _ in cards),
            "snoozed": sum(item.snoozed_until is not None for item, _ in cards),
            "shadow": sum(item.is_shadow for item, _ in cards),
        }
        event = AuditEvent(
            at=now,
            event="call",
            outcome="answered",
            tenant=self._tenant,
            request=request_id,
            details={"service": self._service.id, **counts},
        )
        try:
            self._store.record_answer(rows, event)
        except SQLAlchemyError as error:
            _LOG.error("store not writable, cards not remembered: %s", type(error).__name__)
