"""What an advice is given (Consultation) and what it gives back (Proposal)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from cds_service.guideline_profile import GuidelineProfile
from cds_service.wire import Card
from fhir_mapping.orders import OrdersRead
from fhir_mapping.patient_record import PatientRecord
from models.model import Model

__all__ = ["Advice", "Consultation", "Proposal", "Repeat"]


class Repeat(StrEnum):
    """When a card that was shown before is shown again with the same basis."""

    ALWAYS = "always"
    ONCE_PER_SESSION = "once-per-session"
    ON_CHANGE = "on-change"


@dataclass(frozen=True, slots=True)
class Consultation:
    """One call of one hook: everything an advice may look at.

    `hpd_early_imaging_weeks` is the site's interval, None where it has set none. With
    `confirms_in_app` a clinician can confirm in the app what was read from text.
    """

    hook: str
    patient_id: str
    user_id: str
    record: PatientRecord
    orders: OrdersRead
    on: date
    profile: GuidelineProfile
    public_url: str
    demo: bool
    models: Mapping[str, Model]
    hpd_early_imaging_weeks: int | None = None
    confirms_in_app: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A card that an advice would show, before the quiet rules and without uuids.

    `basis` is the canonical text of inputs, model hashes and profile that the card rests on; it may
    hold patient values, so only its keyed hash ever leaves memory.
    """

    kind: str
    card: Card
    repeat: Repeat
    basis: str
    model_hashes: tuple[str, ...]


class Advice(Protocol):
    """One advice, offered as one service per hook."""

    @property
    def name(self) -> str:
        """First part of the service ids."""

    @property
    def title(self) -> str:
        """Title in discovery."""

    @property
    def description(self) -> str:
        """Description in discovery."""

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks it is offered on."""

    @property
    def required_keys(self) -> tuple[str, ...]:
        """Prefetch keys without which it cannot answer."""

    @property
    def optional_keys(self) -> tuple[str, ...]:
        """Prefetch keys that only narrow the range."""

    def advise(self, consultation: Consultation) -> tuple[Proposal, ...]:
        """Return the cards to propose, the most important first."""
