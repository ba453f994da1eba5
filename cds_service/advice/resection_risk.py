"""Caution with surgery: a resection of HCC is being ordered."""

from __future__ import annotations

from typing import ClassVar

from cds_service.advice.assessment import assess, basis_of, class_leaf, hashes_of, hcc_reference
from cds_service.advice.consultation import Consultation, Proposal, Repeat
from cds_service.advice.evidence import evidence_lines
from cds_service.advice.not_applicable import has_number, no_number, phase_unclear
from cds_service.advice.offers import offered
from cds_service.advice.second_opinion import second_opinion_blocks
from cds_service.advice.sections import caution_blocks, record_blocks, source_block
from cds_service.cards.assessed import Assessed
from cds_service.cards.card import build_card
from cds_service.cards.detail import bullets, compose, outcome_text
from cds_service.cards.drafts import suggest
from cds_service.cards.phrases import caution_summary
from cds_service.cards.sources import HPR_PAPER, CardKind, links_to, model_pages, source_of
from cds_service.cards.words import percent
from cds_service.guideline_profile import Draft
from cds_service.wire import Indicator
from fhir_mapping.orders import OrderKind
from models.outcome import RiskEstimate

__all__ = ["ResectionRisk"]

HPR, METASTASIS = "hpr_preoperative", "distant_metastasis"
_NOT_ALONE = (
    "Not to be used alone to withhold resection; discuss alternatives, repeat imaging and closer"
    " follow-up."
)
_HOW_READ = (
    "The source does not say whether capsule and vascular invasion were read on imaging or in the"
    " specimen."
)


class ResectionRisk:
    """What to discuss before a resection: early recurrence, and the points of the metastasis score."""

    name: ClassVar[str] = "resection-risk"
    title: ClassVar[str] = "Early recurrence before resection of HCC"
    description: ClassVar[str] = (
        "When a liver resection is ordered for a patient with hepatocellular carcinoma: estimated"
        " risk of recurrence within 4 months and the points of the distant-metastasis score known"
        " before surgery, with what is not known and the evidence for and against."
    )
    hooks: ClassVar[tuple[str, ...]] = ("order-select", "order-sign")
    required_keys: ClassVar[tuple[str, ...]] = ("patient", "conditions")
    optional_keys: ClassVar[tuple[str, ...]] = (
        "procedures",
        "observations",
        "reports",
        "medications",
        "administrations",
    )

    def advise(self, consultation: Consultation) -> tuple[Proposal, ...]:
        """Return the one card for a draft resection, or none."""
        resections = consultation.orders.of_kind(OrderKind.RESECTION)
        if not resections or consultation.record.has_hcc is False:
            return ()
        recurrence, metastasis = assess(consultation, HPR, METASTASIS)
        keys = (*self.required_keys, *self.optional_keys)
        if consultation.record.index_operation.phase == "unclear":
            return (phase_unclear(consultation, [recurrence], keys, Repeat.ONCE_PER_SESSION),)
        estimate = recurrence.outcome
        if not isinstance(estimate, RiskEstimate):
            return (no_number(consultation, [recurrence], keys, Repeat.ONCE_PER_SESSION),)
        if estimate.risk_class == "low" and consultation.hook == "order-sign":
            return ()
        return (_caution(consultation, estimate, [recurrence, metastasis], keys),)


def _caution(
    consultation: Consultation,
    estimate: RiskEstimate,
    assessed: list[Assessed],
    keys: tuple[str, ...],
) -> Proposal:
    recurrence, metastasis = assessed
    shown = [one for one in assessed if has_number(one)]
    detail = compose(
        [
            outcome_text(recurrence),
            outcome_text(metastasis),
            *caution_blocks(assessed),
            _what_to_do(consultation, estimate),
            *record_blocks(
                consultation,
                [("early recurrence", recurrence), ("metastasis", metastasis)],
                keys,
            ),
            bullets("For and against", _for_and_against(consultation, estimate)),
            *second_opinion_blocks(consultation),
            source_block(assessed),
        ],
        demo=consultation.demo,
    )
    provenances = [one.outcome.provenance for one in shown]
    card = build_card(
        Indicator.WARNING if estimate.risk_class == "high" else Indicator.INFO,
        caution_summary(estimate, recurrence),
        detail,
        source_of(estimate.provenance, CardKind.CAUTION_WITH_SURGERY),
        links=links_to(provenances, HPR_PAPER, *model_pages(consultation.public_url, provenances)),
        suggestions=suggest(
            offered(consultation, (Draft.TUMOUR_BOARD,)),
            consultation.patient_id,
            hcc_reference(consultation),
        ),
    )
    return Proposal(
        CardKind.CAUTION_WITH_SURGERY,
        card,
        Repeat.ONCE_PER_SESSION,
        basis_of(consultation, CardKind.CAUTION_WITH_SURGERY, assessed),
        hashes_of(shown),
    )


def _what_to_do(consultation: Consultation, estimate: RiskEstimate) -> str:
    """Return what the card asks for; a settled low class asks for nothing."""
    if estimate.risk_class == "low":
        return "A low class is no reason for a resection, as a high one is none against it."
    return f"**{consultation.profile.before_surgery}** {_NOT_ALONE}"


def _for_and_against(consultation: Consultation, estimate: RiskEstimate) -> list[str]:
    lines = list(evidence_lines("before_surgery"))
    leaf = class_leaf(consultation.models[HPR], "high")
    may_be_high = "high" in estimate.possible_classes
    if may_be_high and leaf is not None and leaf.n and leaf.events is not None:
        free = leaf.n - leaf.events
        lines.insert(
            1,
            f"In the high class {percent(free / leaf.n)} had no recurrence by four months"
            f" ({free} of {leaf.n}).",
        )
    return [*lines, _HOW_READ]
