"""Adjuvant therapy: what is known after the resection, and both sides of what could follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cds_service.advice.adjuvant_conditions import (
    CONDITION_INPUTS,
    all_met,
    condition_lines,
    conditions_for,
)
from cds_service.advice.assessment import (
    assess,
    basis_of,
    counted_from,
    hashes_of,
    hcc_reference,
    horizon_has_passed,
    selected_now,
)
from cds_service.advice.consultation import Consultation, Proposal, Repeat
from cds_service.advice.evidence import evidence_lines
from cds_service.advice.not_applicable import has_number, no_number
from cds_service.advice.offers import offered
from cds_service.advice.recurrence_found import recurrence_is_found
from cds_service.advice.second_opinion import second_opinion_blocks
from cds_service.advice.sections import caution_blocks, record_blocks, source_block
from cds_service.cards.assessed import Assessed
from cds_service.cards.card import build_card
from cds_service.cards.detail import bullets, compose, outcome_text
from cds_service.cards.drafts import suggest
from cds_service.cards.phrases import after_resection_summary
from cds_service.cards.sources import HPR_PAPER, CardKind, links_to, model_pages, source_of
from cds_service.guideline_profile import Draft
from cds_service.wire import Indicator
from fhir_mapping.findings import Selected
from fhir_mapping.orders import OrderKind
from models.outcome import RiskEstimate
from models.quantities import ABSENT, PRESENT

__all__ = ["AfterResection"]

HPR, METASTASIS = "hpr_postoperative", "distant_metastasis"
_TREATMENT = (
    OrderKind.TACE,
    OrderKind.HAIC,
    OrderKind.SYSTEMIC_THERAPY,
    OrderKind.IMMUNE_CHECKPOINT_INHIBITOR,
)
_FOLLOW_UP = (OrderKind.IMAGING, OrderKind.AFP, OrderKind.TUMOUR_BOARD, OrderKind.ABLATION)


class AfterResection:
    """What the specimen and the course say, with adjuvant options for and against."""

    name: ClassVar[str] = "after-resection"
    title: ClassVar[str] = "Adjuvant therapy after resection of HCC"
    description: ClassVar[str] = (
        "After resection of hepatocellular carcinoma: estimated risk of recurrence within 4 months and"
        " of distant metastasis within 12, and the evidence for and against adjuvant TACE and HAIC."
    )
    hooks: ClassVar[tuple[str, ...]] = ("patient-view", "order-select", "order-sign")
    required_keys: ClassVar[tuple[str, ...]] = ("patient", "conditions")
    optional_keys: ClassVar[tuple[str, ...]] = (
        "procedures",
        "observations",
        "reports",
        "medications",
        "administrations",
        "encounters",
    )

    def advise(self, consultation: Consultation) -> tuple[Proposal, ...]:
        """Return the adjuvant card, or none."""
        if not _concerns(consultation):
            return ()
        assessed = assess(consultation, HPR, METASTASIS)
        repeat = _repeat(consultation, assessed)
        keys = (*self.required_keys, *self.optional_keys)
        if consultation.hook == "patient-view" and horizon_has_passed(assessed[0]):
            # What is left is the metastasis score, and the surveillance service shows it.
            return ()
        if any(has_number(one) for one in assessed):
            if consultation.hook == "order-sign" and _all_low(assessed):
                return ()
            return (_adjuvant(consultation, assessed, repeat, keys),)
        if _is_quiet(consultation, assessed):
            return ()
        return (no_number(consultation, assessed, keys, repeat),)


def _concerns(consultation: Consultation) -> bool:
    if consultation.record.has_hcc is False:
        return False
    if consultation.record.index_operation.phase != "done":
        return False
    orders = consultation.orders.of_kind(*_TREATMENT, *_FOLLOW_UP)
    return consultation.hook == "patient-view" or bool(orders)


def _is_quiet(consultation: Consultation, assessed: list[Assessed]) -> bool:
    """Tell whether a card without a number would only be noise."""
    if all(horizon_has_passed(one) for one in assessed):
        return not consultation.orders.of_kind(*_TREATMENT)
    # On patient-view the surveillance service shows the recurrence.
    return consultation.hook == "patient-view" and recurrence_is_found(consultation)


def _all_low(assessed: list[Assessed]) -> bool:
    classes = {one.outcome.risk_class for one in assessed if isinstance(one.outcome, RiskEstimate)}
    return classes == {"low"}


def _has_high(assessed: list[Assessed]) -> bool:
    return any(
        isinstance(one.outcome, RiskEstimate) and one.outcome.risk_class == "high"
        for one in assessed
    )


def _rank(one: Assessed) -> int:
    """Order what a card says: a high class first, what gave no number last."""
    if not has_number(one):
        return 2
    outcome = one.outcome
    return 0 if isinstance(outcome, RiskEstimate) and outcome.risk_class == "high" else 1


def _repeat(consultation: Consultation, assessed: list[Assessed]) -> Repeat:
    if consultation.hook != "patient-view":
        return Repeat.ONCE_PER_SESSION
    return Repeat.ALWAYS if _has_high(assessed) else Repeat.ON_CHANGE


def _adjuvant(
    consultation: Consultation, assessed: list[Assessed], repeat: Repeat, keys: tuple[str, ...]
) -> Proposal:
    since = counted_from(consultation.record.index_operation)
    hepatitis = consultation.record.situation()
    selected = {**selected_now(consultation, CONDITION_INPUTS), **_model_inputs(assessed)}
    ordered = sorted(assessed, key=_rank)
    shown = [one for one in ordered if has_number(one)]
    provenances = [one.outcome.provenance for one in shown]
    tace, haic = conditions_for(Draft.TACE, selected), conditions_for(Draft.HAIC, selected)
    drafts = [Draft.TUMOUR_BOARD]
    drafts += [Draft.TACE] if all_met(tace) else []
    drafts += [Draft.HAIC] if all_met(haic) else []
    profile = consultation.profile
    detail = compose(
        [
            *(outcome_text(one, since) for one in ordered),
            *caution_blocks(assessed),
            f"**{profile.adjuvant}** Guideline profile: {profile.name} ({profile.jurisdiction}).",
            bullets("For adjuvant TACE or HAIC and others", evidence_lines("adjuvant_for")),
            bullets("Against, or open", evidence_lines("adjuvant_against")),
            bullets("Conditions of a draft of TACE or HAIC", condition_lines(tace)),
            bullets("Hepatitis B", _hepatitis_lines(hepatitis)),
            *second_opinion_blocks(consultation),
            *record_blocks(
                consultation,
                [("early recurrence", assessed[0]), ("metastasis", assessed[1])],
                keys,
            ),
            source_block(assessed),
        ],
        demo=consultation.demo,
    )
    card = build_card(
        Indicator.WARNING if _has_high(assessed) else Indicator.INFO,
        after_resection_summary(ordered, since),
        detail,
        source_of(provenances[0], CardKind.ADJUVANT_THERAPY),
        links=links_to(
            provenances,
            *([HPR_PAPER] if assessed[0] in shown else []),
            *model_pages(consultation.public_url, provenances),
        ),
        suggestions=suggest(
            offered(consultation, drafts), consultation.patient_id, hcc_reference(consultation)
        ),
    )
    return Proposal(
        CardKind.ADJUVANT_THERAPY,
        card,
        repeat,
        basis_of(
            consultation,
            CardKind.ADJUVANT_THERAPY,
            assessed,
            conditions=[[item.label, item.state.value] for item in tace],
            hepatitis=_hepatitis_lines(hepatitis),
        ),
        hashes_of(shown),
    )


def _model_inputs(assessed: list[Assessed]) -> dict[str, Selected]:
    """Return the specimen and tumour of the models; the conditions ask about the same ones."""
    names = ("microvascular_invasion", "tumour_number", "tumour_size_cm", "complication")
    return {name: one.selected[name] for one in assessed for name in names if name in one.selected}


def _hepatitis_lines(situation: Mapping[str, Selected]) -> list[str]:
    hbv, antiviral = situation["hbv"].value, situation["hbv_antiviral"].value
    if not hbv.is_known:
        return ["HBV status not found."]
    if hbv.value == ABSENT:
        return []
    if antiviral.value == PRESENT:
        return ["HBV present, antiviral on record."]
    return ["HBV present, antiviral not found: check.", *evidence_lines("hbv")]
