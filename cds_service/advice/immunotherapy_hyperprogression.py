"""Hyperprogressive disease (HPD): an immune checkpoint inhibitor is ordered or running."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import ClassVar

from cds_service.advice.assessment import (
    assess,
    basis_of,
    hashes_of,
    hcc_reference,
    selected_now,
)
from cds_service.advice.consultation import Consultation, Proposal, Repeat
from cds_service.advice.evidence import evidence_lines
from cds_service.advice.not_applicable import no_number
from cds_service.advice.offers import offered
from cds_service.advice.present_tumour import left_after_resection
from cds_service.advice.sections import caution_blocks, record_blocks, source_block
from cds_service.cards.assessed import Assessed
from cds_service.cards.card import build_card
from cds_service.cards.checklists import (
    FLAG_WORDS,
    checklist_table,
    definition_lines,
    hyperprogression_summary,
)
from cds_service.cards.detail import bullets, compose
from cds_service.cards.drafts import suggest
from cds_service.cards.sources import CardKind, links_to, model_pages, source_of
from cds_service.guideline_profile import Draft
from cds_service.wire import Indicator
from fhir_mapping.orders import OrderKind
from models.outcome import Checklist
from models.quantities import PRESENT

__all__ = ["ImmunotherapyHyperprogression"]

HPD, INHIBITOR = "hyperprogressive_disease", "immune_checkpoint_inhibitor"
_OF_HCC_CARE = (
    OrderKind.SYSTEMIC_THERAPY,
    OrderKind.TACE,
    OrderKind.HAIC,
    OrderKind.ABLATION,
    OrderKind.IMAGING,
    OrderKind.AFP,
    OrderKind.TUMOUR_BOARD,
)
_WHAT_IT_IS = (
    "**HPD is accelerated growth under an immune checkpoint inhibitor. It is not HPR, which is a"
    " recurrence after surgery.** The flags stand one by one: no validated score exists, so there is"
    " no probability and no total, and a flag is no reason against treatment."
)
_AFTER_FIRST_DOSE = "it was after the first dose, so it is no baseline"


class ImmunotherapyHyperprogression:
    """The published flags, each with its source and what speaks against it."""

    name: ClassVar[str] = "immunotherapy-hyperprogression"
    title: ClassVar[str] = "Hyperprogressive disease (HPD) under an immune checkpoint inhibitor"
    description: ClassVar[str] = (
        "When an immune checkpoint inhibitor is ordered or running for a patient with hepatocellular"
        " carcinoma: the published flags of hyperprogressive disease that are present, absent or not"
        " known, each with its source and the evidence against it. No score and no probability."
    )
    hooks: ClassVar[tuple[str, ...]] = ("order-select", "order-sign")
    required_keys: ClassVar[tuple[str, ...]] = ("patient", "conditions")
    optional_keys: ClassVar[tuple[str, ...]] = (
        "procedures",
        "observations",
        "reports",
        "medications",
        "administrations",
        "orders",
    )

    def advise(self, consultation: Consultation) -> tuple[Proposal, ...]:
        """Return the one card of the flags, or none."""
        if consultation.record.has_hcc is False or not _concerns(consultation):
            return ()
        since = _first_on_record(consultation)
        asked = consultation
        if since is not None:
            record = consultation.record.before(since, _AFTER_FIRST_DOSE)
            asked = replace(consultation, record=record)
        instead = left_after_resection(asked, ("pvtt",))
        (flags,) = assess(asked, HPD, instead=instead)
        keys = (*self.required_keys, *self.optional_keys)
        if not isinstance(flags.outcome, Checklist):
            return (no_number(consultation, [flags], keys, Repeat.ONCE_PER_SESSION),)
        return (_card(consultation, flags, since, keys),)


def _concerns(consultation: Consultation) -> bool:
    if consultation.orders.of_kind(OrderKind.IMMUNE_CHECKPOINT_INHIBITOR):
        return True
    return bool(consultation.orders.of_kind(*_OF_HCC_CARE)) and _is_running(consultation)


def _is_running(consultation: Consultation) -> bool:
    return selected_now(consultation, (INHIBITOR,))[INHIBITOR].value.value == PRESENT


def _first_on_record(consultation: Consultation) -> date | None:
    """Return the first day on which a running immune checkpoint inhibitor is on record."""
    days = [
        item.earliest
        for item in consultation.record.findings
        if item.name == INHIBITOR and item.value.value == PRESENT and item.earliest is not None
    ]
    return min(days, default=None)


def _card(
    consultation: Consultation, flags: Assessed, since: date | None, keys: tuple[str, ...]
) -> Proposal:
    provenance = flags.outcome.provenance
    limits = flags.outcome.warnings if isinstance(flags.outcome, Checklist) else ()
    detail = compose(
        [
            _WHAT_IT_IS,
            *caution_blocks([flags]),
            checklist_table(flags, "Flag", FLAG_WORDS),
            _baseline(consultation, since),
            bullets("What each flag rests on", definition_lines(flags)),
            bullets("How often HPD was seen", evidence_lines("hyperprogression_incidence")),
            bullets("Limits", limits),
            *record_blocks(consultation, [("HPD", flags)], keys),
            source_block([flags]),
        ],
        demo=consultation.demo,
    )
    weeks = consultation.hpd_early_imaging_weeks
    drafts = [Draft.TUMOUR_BOARD]
    drafts += [Draft.BASELINE_IMAGING] if not _is_running(consultation) else []
    drafts += [Draft.EARLY_IMAGING] if weeks is not None else []
    card = build_card(
        Indicator.INFO,
        hyperprogression_summary(flags),
        detail,
        source_of(provenance, CardKind.HYPERPROGRESSIVE_DISEASE),
        links=links_to([provenance], *model_pages(consultation.public_url, [provenance])),
        suggestions=suggest(
            offered(consultation, drafts),
            consultation.patient_id,
            hcc_reference(consultation),
            weeks,
        ),
    )
    basis = basis_of(
        consultation,
        CardKind.HYPERPROGRESSIVE_DISEASE,
        [flags],
        first_dose=since.isoformat() if since else "",
    )
    return Proposal(
        CardKind.HYPERPROGRESSIVE_DISEASE,
        card,
        Repeat.ONCE_PER_SESSION,
        basis,
        hashes_of([flags]),
    )


def _baseline(consultation: Consultation, since: date | None) -> str:
    """Return of which moment the values are: the baseline before the first dose."""
    if since is not None:
        return (
            f"**Baseline:** an immune checkpoint inhibitor is on record since {since.isoformat()}."
            " The values above are the last ones up to that day; later ones are no baseline."
        )
    selected = selected_now(consultation, (INHIBITOR,))[INHIBITOR]
    if selected.value.value == PRESENT:
        return (
            "**Baseline:** an immune checkpoint inhibitor is running, and the day of its first dose"
            " is not on record. The values above may be from after it."
        )
    if not selected.value.is_known:
        return (
            "**Baseline:** whether an immune checkpoint inhibitor was given before is not known."
            " Only values from before the first dose are a baseline."
        )
    return (
        "**Baseline:** no running immune checkpoint inhibitor is on record. The values above are the"
        " latest ones; draw what is missing before the first dose."
    )
