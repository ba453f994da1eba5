"""What the cards say on opening the chart, one line each: the same advice, the same shadow.

These lines are asked for, so the quiet rules do not hold them back, and nothing is remembered of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.advice.consultation import Consultation
from cds_service.guideline_profile import GuidelineProfile
from cds_service.hooks.services import Service
from cds_service.hooks.shadow import Shadow
from cds_service.settings import Settings
from fhir_mapping.orders import OrdersRead
from fhir_mapping.patient_record import PatientRecord
from models.model import Model

__all__ = ["Said", "Summaries"]

_HOOK = "patient-view"


@dataclass(frozen=True, slots=True)
class Said:
    """The summary of one card with the service it is of and where its number is from."""

    title: str
    summary: str
    source: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class Summaries:
    """Asks every advice that is offered on opening a chart."""

    services: Mapping[str, Service]
    models: Mapping[str, Model]
    profile: GuidelineProfile
    settings: Settings
    shadow: Shadow

    def of(self, record: PatientRecord, user_id: str) -> tuple[Said, ...]:
        """Return the lines for a record; a service whose required data are missing says nothing."""
        consultation = Consultation(
            hook=_HOOK,
            patient_id=record.patient_id,
            user_id=user_id,
            record=record,
            orders=OrdersRead(),
            on=record.on,
            profile=self.profile,
            public_url=self.settings.base_url,
            demo=self.settings.demo,
            models=self.models,
            hpd_early_imaging_weeks=self.settings.hpd_early_imaging_weeks,
        )
        return tuple(
            Said(
                title=service.advice.title,
                summary=proposal.card.summary,
                source=proposal.card.source.label,
                is_warning=proposal.card.indicator != "info",
            )
            for service in self.services.values()
            if service.hook == _HOOK and _has_required(record, service)
            for proposal in service.advice.advise(consultation)
            if proposal.kind not in self.settings.off and not self.shadow.hides(proposal)
        )


def _has_required(record: PatientRecord, service: Service) -> bool:
    states = record.key_states
    return all(
        name in states and states[name].was_answered for name in service.advice.required_keys
    )
