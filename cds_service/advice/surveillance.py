"""Surveillance: distant metastasis after resection, and whether follow-up imaging is overdue."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from cds_service.advice.assessment import (
    assess,
    basis_of,
    counted_from,
    hashes_of,
    hcc_reference,
    horizon_has_passed,
)
from cds_service.advice.consultation import Consultation, Proposal, Repeat
from cds_service.advice.evidence import evidence_lines
from cds_service.advice.not_applicable import has_number
from cds_service.advice.offers import offered
from cds_service.advice.overdue import overdue_since
from cds_service.advice.recurrence_found import recurrence_found, recurrence_is_found
from cds_service.advice.sections import caution_blocks, record_blocks, source_block
from cds_service.cards.assessed import Assessed
from cds_service.cards.card import build_card
from cds_service.cards.detail import bullets, compose, outcome_text
from cds_service.cards.drafts import suggest
from cds_service.cards.follow_up import follow_up_plan, follow_up_visit, repeated
from cds_service.cards.phrases import surveillance_summary
from cds_service.cards.sources import CardKind, links_to, model_pages, source_of
from cds_service.guideline_profile import Draft
from cds_service.wire import Indicator, Suggestion
from models.outcome import RiskEstimate

__all__ = ["Surveillance"]

METASTASIS = "distant_metastasis"


class Surveillance:
    """Where and how often to look, with both views of the interval."""

    name: ClassVar[str] = "surveillance"
    title: ClassVar[str] = "Surveillance after resection of HCC"
    description: ClassVar[str] = (
        "After resection of hepatocellular carcinoma: class and points of distant metastasis, the sites"
        " where the source cohort looked, and follow-up imaging that is overdue."
    )
    hooks: ClassVar[tuple[str, ...]] = ("patient-view",)
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
        """Return the surveillance card, the recurrence card, or none."""
        if consultation.record.has_hcc is False:
            return ()
        if consultation.record.index_operation.phase != "done":
            return ()
        if recurrence_is_found(consultation):
            return (recurrence_found(consultation),)
        (metastasis,) = assess(consultation, METASTASIS)
        keys = (*self.required_keys, *self.optional_keys)
        last = overdue_since(consultation)
        if has_number(metastasis) or (last is not None and horizon_has_passed(metastasis)):
            return (_surveillance(consultation, metastasis, last, keys),)
        # Why the models do not apply is said once, by the service for the time after resection.
        return ()


def _proposals(consultation: Consultation) -> tuple[Suggestion, ...]:
    """Return what is due as drafts with their interval, as one plan, and a visit to talk about it."""
    drafts = suggest(
        offered(consultation, (Draft.CT_CHEST_ABDOMEN, Draft.AFP)),
        consultation.patient_id,
        hcc_reference(consultation),
    )
    months, on = consultation.profile.imaging_interval_months, consultation.on
    return (
        *repeated(drafts, months=months, on=on),
        *follow_up_plan(drafts, months=months, on=on),
        *follow_up_visit(drafts, on=on),
    )


def _surveillance(
    consultation: Consultation, metastasis: Assessed, last: date | None, keys: tuple[str, ...]
) -> Proposal:
    since = counted_from(consultation.record.index_operation)
    outcome = metastasis.outcome
    is_high = isinstance(outcome, RiskEstimate) and outcome.risk_class == "high"
    profile = consultation.profile
    overdue = ""
    if last is not None:
        overdue = (
            f"**Overdue:** no imaging on record since {last.isoformat()}, longer than"
            f" {profile.imaging_interval_months} months ({profile.interval_source})."
        )
    detail = compose(
        [
            overdue,
            outcome_text(metastasis, since),
            *caution_blocks([metastasis]),
            f"**{profile.surveillance}** Guideline profile: {profile.name} ({profile.jurisdiction}).",
            bullets("Both views of the interval", evidence_lines("surveillance")),
            bullets("Sites", evidence_lines("sites")),
            *record_blocks(consultation, [("metastasis", metastasis)], keys),
            source_block([metastasis]),
        ],
        demo=consultation.demo,
    )
    card = build_card(
        Indicator.WARNING if is_high else Indicator.INFO,
        surveillance_summary(metastasis, since, last),
        detail,
        source_of(outcome.provenance, CardKind.SURVEILLANCE),
        links=links_to(
            [outcome.provenance], *model_pages(consultation.public_url, [outcome.provenance])
        ),
        suggestions=_proposals(consultation),
    )
    return Proposal(
        CardKind.SURVEILLANCE,
        card,
        Repeat.ALWAYS if is_high or last is not None else Repeat.ON_CHANGE,
        basis_of(
            consultation,
            CardKind.SURVEILLANCE,
            [metastasis],
            overdue_since=last.isoformat() if last else "",
        ),
        hashes_of([metastasis]) if has_number(metastasis) else (),
    )
