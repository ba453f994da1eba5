"""A call of a service: request in, cards out.

The steps: read the request, read the prefetch and fetch what is missing, map the record, let the
advice propose, apply the quiet rules, give uuids, remember.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from cds_service.advice.consultation import Consultation, Proposal
from cds_service.advice.guideline_profile import GuidelineProfile
from cds_service.errors import NotAJsonObjectError
from cds_service.hooks.quiet_rules import Moment, Weighed, to_show
from cds_service.hooks.services import Service
from cds_service.prefetch import (
    RecordSource,
    check_patient,
    read_prefetch,
    require,
    still_to_fetch,
)
from cds_service.request import DEEPEST_NESTING, HookRequest, nesting_depth, read_request
from cds_service.settings import Settings
from cds_service.store.cards_shown import Remembered, ShownCard
from cds_service.store.store import Store
from cds_service.wire import Card, CdsResponse
from fhir_mapping.codes import Codes
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.orders import OrderKind, read_orders
from fhir_mapping.patient_record import map_record
from fhir_mapping.prefetch_key import PrefetchKey
from models.model import Model

__all__ = ["Invocation"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invocation:
    """Everything a call needs that does not come with it; made once at start-up."""

    settings: Settings
    profile: GuidelineProfile
    models: Mapping[str, Model]
    codes: Codes
    mapping: MappingSettings
    store: Store
    clock: Callable[[], datetime]
    new_uuid: Callable[[], UUID]
    record_source: RecordSource | None = None

    def answer(self, service: Service, body: bytes, tenant: str = "") -> CdsResponse:
        """Return the cards of one call.

        Raises
        ------
        ServiceError
            If the call cannot be read or lacks required data.
        """
        request = read_request(body, hook=service.hook)
        now = self.clock()
        try:
            proposals = self._propose(service, request, now)
        except RecursionError:
            if nesting_depth([request.prefetch, request.draft_orders]) > DEEPEST_NESTING:
                raise NotAJsonObjectError(
                    "The request is nested too deeply.",
                    diagnostics=f"body: more than {DEEPEST_NESTING} levels",
                ) from None
            raise
        memory = _Memory(self.store, service, request, tenant)
        weighed = [Weighed(item, memory.basis_of(item)) for item in proposals]
        moment = Moment(
            hook=service.hook,
            hook_instance=memory.hook_instance,
            session_begins=now - timedelta(hours=self.settings.session_hours),
        )
        chosen = to_show(weighed, memory.earlier(), moment)
        # Without a site's approval a model's card is computed and recorded, and not shown
        # (evidence.md, section 9); approvals are not read yet, so outside the demo none is.
        shown = [(item, self._with_uuids(item.proposal.card)) for item in chosen]
        visible = tuple(card for item, card in shown if not self._is_shadowed(item.proposal))
        memory.remember(shown, now, self._is_shadowed)
        return CdsResponse(cards=visible)

    def _propose(
        self, service: Service, request: HookRequest, now: datetime
    ) -> tuple[Proposal, ...]:
        advice = service.advice
        keys = self._keys(service, request)
        orders = read_orders(request.draft_orders, request.selections, self.codes)
        on = now.astimezone(self.settings.time_zone).date()
        record = map_record(
            keys,
            patient_id=request.patient_id,
            on=on,
            resection_ordered=any(order.kind is OrderKind.RESECTION for order in orders.orders),
            settings=self.mapping,
            codes=self.codes,
        )
        return advice.advise(
            Consultation(
                hook=service.hook,
                patient_id=request.patient_id,
                user_id=request.user_id,
                record=record,
                orders=orders,
                on=on,
                profile=self.profile,
                public_url=self.settings.base_url,
                demo=self.settings.demo,
                models=self.models,
            )
        )

    def _keys(self, service: Service, request: HookRequest) -> Mapping[str, PrefetchKey]:
        keys: Mapping[str, PrefetchKey] = read_prefetch(request.prefetch, service.templates)
        # A Patient that is somebody else ends the call before anything is fetched.
        check_patient(keys, request.patient_id)
        wanted = still_to_fetch(request, keys, service.templates)
        if wanted and self.record_source is not None:
            keys = {**keys, **self.record_source(request, wanted)}
            check_patient(keys, request.patient_id)
        require(keys, service.advice.required_keys)
        return keys

    def _is_shadowed(self, proposal: Proposal) -> bool:
        return not self.settings.demo and bool(proposal.model_hashes)

    def _with_uuids(self, card: Card) -> Card:
        suggestions = card.suggestions and tuple(
            item.model_copy(update={"uuid": str(self.new_uuid())}) for item in card.suggestions
        )
        return card.model_copy(update={"uuid": str(self.new_uuid()), "suggestions": suggestions})


class _Memory:
    """What the store knows of this user, this patient and this advice."""

    def __init__(self, store: Store, service: Service, request: HookRequest, tenant: str) -> None:
        make = store.pseudonyms.of
        self._store = store
        self._service = service
        self._is_anonymous = not request.user_id
        self.tenant = make("tenant", tenant)
        self.user = make("user", tenant, request.user_id)
        self.patient = make("patient", tenant, request.patient_id)
        # A call without a hookInstance is never taken for a repetition of another one.
        self.hook_instance = (
            make("hookInstance", tenant, request.hook_instance) if request.hook_instance else ""
        )

    def basis_of(self, proposal: Proposal) -> str:
        """Return the pseudonym of what a card rests on."""
        return self._store.pseudonyms.of(
            "basis", self._service.advice.name, proposal.kind, proposal.basis
        )

    def earlier(self) -> tuple[Remembered, ...]:
        """Return what was shown before; nothing if that cannot be known, so that all is shown."""
        if self._is_anonymous:
            return ()
        try:
            return self._store.cards_shown.latest(
                tenant=self.tenant,
                user=self.user,
                patient=self.patient,
                advice=self._service.advice.name,
            )
        except SQLAlchemyError as error:
            _LOG.error("store unreadable, all cards shown: %s", type(error).__name__)
            return ()

    def remember(
        self,
        shown: Sequence[tuple[Weighed, Card]],
        now: datetime,
        is_shadowed: Callable[[Proposal], bool],
    ) -> None:
        """Record the cards of this answer; a store that fails never costs the answer."""
        rows = [
            ShownCard(
                card=card.uuid or "",
                shown_at=now,
                service=self._service.id,
                advice=self._service.advice.name,
                hook=self._service.hook,
                kind=item.proposal.kind,
                indicator=card.indicator.value,
                tenant=self.tenant,
                user=self.user,
                patient=self.patient,
                hook_instance=self.hook_instance,
                basis=item.basis,
                model_hashes=item.proposal.model_hashes,
                suggestions=tuple(entry.uuid or "" for entry in card.suggestions or ()),
                shadow=is_shadowed(item.proposal),
            )
            for item, card in shown
        ]
        try:
            self._store.cards_shown.record(rows)
        except SQLAlchemyError as error:
            _LOG.error("store not writable, cards not remembered: %s", type(error).__name__)
