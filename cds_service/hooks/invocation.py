"""A call of a service: request in, cards out.

The steps: read the request, read the prefetch and fetch what is missing, map the record, let the
advice propose, apply the quiet rules, give uuids, remember.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cds_service.advice.consultation import Consultation, Proposal
from cds_service.cards.site_options import take_system_actions, with_app_links
from cds_service.errors import NotAJsonObjectError
from cds_service.guideline_profile import GuidelineProfile
from cds_service.hooks.memory import Memory
from cds_service.hooks.quiet_rules import Decided, Moment, Weighed, decide
from cds_service.hooks.services import Service
from cds_service.hooks.shadow import NOT_HIDDEN, Shadow
from cds_service.operations.metrics import Metrics
from cds_service.prefetch import (
    RecordSource,
    check_patient,
    read_prefetch,
    require,
    still_to_fetch,
)
from cds_service.request import DEEPEST_NESTING, HookRequest, nesting_depth, read_request
from cds_service.self_check import SelfCheck
from cds_service.settings import Settings
from cds_service.store.store import Store
from cds_service.text_decisions import TextDecisions
from cds_service.wire import Card, CdsResponse, to_json
from fhir_mapping.codes import Codes
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.orders import OrderKind, read_orders
from fhir_mapping.patient_record import map_record
from fhir_mapping.prefetch_key import PrefetchKey
from models.model import Model

__all__ = ["Invocation"]


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
    self_check: SelfCheck
    record_source: RecordSource | None = None
    shadow: Shadow = NOT_HIDDEN
    metrics: Metrics = field(default_factory=Metrics)
    confirms_in_app: bool = False

    def answer(
        self, service: Service, body: bytes, tenant: str = "", request_id: str = ""
    ) -> dict[str, Any]:
        """Return the answer of one call as JSON, checked.

        Raises
        ------
        ServiceError
            If the call cannot be read or lacks required data.
        """
        with self.metrics.phase("read"):
            request = read_request(body, hook=service.hook)
        now = self.clock()
        try:
            proposals = self._propose(service, request, now, tenant)
        except RecursionError:
            if nesting_depth([request.prefetch, request.draft_orders]) > DEEPEST_NESTING:
                raise NotAJsonObjectError(
                    "The request is nested too deeply.",
                    diagnostics=f"body: more than {DEEPEST_NESTING} levels",
                ) from None
            raise
        with self.metrics.phase("store"):
            return self._decide(service, request, proposals, now, (tenant, request_id))

    def _decide(
        self,
        service: Service,
        request: HookRequest,
        proposals: tuple[Proposal, ...],
        now: datetime,
        caller: tuple[str, str],
    ) -> dict[str, Any]:
        """Weigh the proposals against what is remembered; check and remember what is sent."""
        tenant, request_id = caller
        spoken = [item for item in proposals if item.kind not in self.settings.off]
        memory = Memory(self.store, service, request, tenant)
        moment = Moment(
            hook=service.hook,
            hook_instance=memory.hook_instance,
            session_begins=now - timedelta(hours=self.settings.session_hours),
        )
        decided = decide(
            [Weighed(item, memory.basis_of(item)) for item in spoken],
            memory.earlier,
            lambda: memory.snoozes(now),
            moment,
            self.shadow.hides,
        )
        cards = [(item, self._finished(item.proposal)) for item in decided]
        answer = self.self_check.pass_on(
            to_json(self._response(tuple(card for item, card in cards if item.is_shown)))
        )
        sent = {card["uuid"] for card in answer["cards"]}
        # What our own check held back was not shown, and does not keep the next card quiet.
        left = [(item, card) for item, card in cards if not item.is_shown or card.uuid in sent]
        memory.remember(left, now, request_id)
        for item, card in cards:
            self.metrics.count_card(item.proposal.kind, _fate(item, card.uuid in sent))
        return answer

    def _propose(
        self, service: Service, request: HookRequest, now: datetime, tenant: str
    ) -> tuple[Proposal, ...]:
        advice = service.advice
        keys = self._keys(service, request)
        with self.metrics.phase("map"):
            orders = read_orders(request.draft_orders, request.selections, self.codes)
            on = now.astimezone(self.settings.time_zone).date()
            record = map_record(
                keys,
                patient_id=request.patient_id,
                on=on,
                resection_ordered=any(order.kind is OrderKind.RESECTION for order in orders.orders),
                settings=self.mapping,
                codes=self.codes,
                decided=TextDecisions(self.store, self.settings.time_zone).reader(
                    tenant, request.patient_id
                ),
            )
        with self.metrics.phase("advise"):
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
                    hpd_early_imaging_weeks=self.settings.hpd_early_imaging_weeks,
                    confirms_in_app=self.confirms_in_app,
                )
            )

    def _keys(self, service: Service, request: HookRequest) -> Mapping[str, PrefetchKey]:
        keys: Mapping[str, PrefetchKey] = read_prefetch(request.prefetch, service.templates)
        # A Patient that is somebody else ends the call before anything is fetched.
        check_patient(keys, request.patient_id)
        wanted = still_to_fetch(request, keys, service.templates)
        for name, key in keys.items():
            self.metrics.count_prefetch(name, key.state.value)
        if wanted and self.record_source is not None:
            with self.metrics.phase("fetch"):
                fetched = self.record_source(request, wanted)
            for name, key in fetched.items():
                self.metrics.count_fetch(name, key.state.value)
            keys = {**keys, **fetched}
            check_patient(keys, request.patient_id)
        require(keys, service.advice.required_keys)
        return keys

    def _response(self, cards: tuple[Card, ...]) -> CdsResponse:
        if not self.settings.system_actions:
            return CdsResponse(cards=cards)
        left, actions = take_system_actions(cards)
        return CdsResponse(cards=left, system_actions=actions or None)

    def _finished(self, proposal: Proposal) -> Card:
        """Return the card of a proposal with what the site adds to it, and with uuids."""
        card = with_app_links(proposal.card, self.settings.smart_launch_url, proposal.kind)
        suggestions = card.suggestions and tuple(
            item.model_copy(update={"uuid": str(self.new_uuid())}) for item in card.suggestions
        )
        return card.model_copy(update={"uuid": str(self.new_uuid()), "suggestions": suggestions})


def _fate(item: Decided, is_sent: bool) -> str:
    """Name what became of a card, for the metrics."""
    if item.is_shadow:
        return "shadow"
    if item.snoozed_until is not None:
        return "snoozed"
    return "shown" if is_sent else "dropped"
