"""Resources by prefetch key in, a PatientRecord with every finding and rejection out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from fhir_mapping.codes import Codes
from fhir_mapping.findings import Evidence, Finding, Rejected, Selected
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS, MappingSettings
from fhir_mapping.orders import OrderKind
from fhir_mapping.prefetch_key import PrefetchKey
from models.inputs import unknown
from models.model import Anchor, InputNeed
from models.quantities import quantity

__all__ = ["IndexOperation", "MappingSettings", "PatientRecord", "RecentOrder", "map_record"]

_SITUATION = (
    "age_years", "resection", "months_since_resection", "liver_transplantation",
    "other_liver_cancer", "extrahepatic_disease", "recurrence", "earlier_resection",
    "earlier_treatment", "residual_tumour", "child_pugh_class", "hbv", "hbv_antiviral",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IndexOperation:
    """The earliest completed therapeutic HCC resection, or where the patient stands without one.

    `note` says why the phase is unclear; empty otherwise.
    """

    phase: Literal["none", "planned", "done", "unclear"] = "none"
    earliest: date | None = None
    latest: date | None = None
    reference: str = ""
    display: str = ""
    date_as_sent: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """Imaging or AFP that is ordered, or was done recently."""

    kind: OrderKind
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """What the record says of one patient on one day."""

    patient_id: str
    on: date
    has_hcc: bool | None = None
    findings: tuple[Finding, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    index_operation: IndexOperation = IndexOperation()
    key_states: Mapping[str, PrefetchKey] = field(default_factory=dict)
    recent_orders: tuple[RecentOrder, ...] = ()
    settings: MappingSettings = DEFAULT_SETTINGS

    def select(self, need: InputNeed) -> Selected:
        """Return one input of a model, with the findings it rests on and what was passed over."""
        return Selected(unknown(need.quantity))

    def inputs_for(self, needs: Iterable[InputNeed]) -> dict[str, Selected]:
        """Return every input a model asks for, by quantity name."""
        return {need.quantity.name: self.select(need) for need in needs}

    def situation(self) -> dict[str, Selected]:
        """Return what decides applicability, by quantity name."""
        return self.inputs_for(InputNeed(quantity(name), Anchor.NOW) for name in _SITUATION)


def map_record(
    prefetch: Mapping[str, PrefetchKey],
    *,
    patient_id: str,
    on: date,
    resection_ordered: bool = False,
    settings: MappingSettings = DEFAULT_SETTINGS,
    codes: Codes | None = None,
) -> PatientRecord:
    """Read one patient's resources."""
    codes = codes or Codes.shipped()
    conditions = prefetch["conditions"].resources if "conditions" in prefetch else ()
    has_hcc = any(codes.matches("hcc", condition.get("code")) for condition in conditions)
    phase: Literal["none", "planned"] = "planned" if resection_ordered else "none"
    return PatientRecord(
        patient_id=patient_id,
        on=on,
        has_hcc=has_hcc,
        index_operation=IndexOperation(phase),
        key_states=dict(prefetch),
        settings=settings,
    )
