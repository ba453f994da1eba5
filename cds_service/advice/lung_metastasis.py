"""Lung metastasis of an HCC: what to discuss at the tumour board, criterion by criterion."""

from __future__ import annotations

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
    CRITERION_WORDS,
    checklist_table,
    definition_lines,
    lung_metastasis_summary,
)
from cds_service.cards.detail import bullets, compose
from cds_service.cards.drafts import suggest
from cds_service.cards.inputs_table import found_lines
from cds_service.cards.sources import CardKind, links_to, model_pages, source_of
from cds_service.guideline_profile import Draft
from cds_service.wire import Indicator
from models.outcome import Checklist
from models.quantities import PRESENT

__all__ = ["LungMetastasis"]

CRITERIA, METASTASIS = "lung_metastasis", "lung_metastasis"
_OF_THE_TUMOUR = ("tumour_size_cm", "tumour_number", "macrovascular_invasion")
_TO_DISCUSS = (
    "**Consider discussing at the tumour board: local treatment of the lung metastases and of the"
    " liver, and the choice of systemic therapy.** The criteria below are those of retrospective"
    " studies. That one is not met is no reason against a treatment, and that all are met none for it."
)


class LungMetastasis:
    """The criteria under which retrospective studies saw a benefit of local treatment."""

    name: ClassVar[str] = "lung-metastasis"
    title: ClassVar[str] = "Lung metastasis of HCC"
    description: ClassVar[str] = (
        "When lung metastases of hepatocellular carcinoma are on record: the criteria of retrospective"
        " studies, each met, not met, met in some studies or unknown, as points to consider discussing"
        " at the tumour board."
    )
    hooks: ClassVar[tuple[str, ...]] = ("patient-view",)
    required_keys: ClassVar[tuple[str, ...]] = ("patient", "conditions")
    optional_keys: ClassVar[tuple[str, ...]] = (
        "procedures",
        "observations",
        "reports",
        "medications",
        "administrations",
    )

    def advise(self, consultation: Consultation) -> tuple[Proposal, ...]:
        """Return the one card of the criteria, or none without a lung metastasis on record."""
        if consultation.record.has_hcc is False:
            return ()
        if selected_now(consultation, (METASTASIS,))[METASTASIS].value.value != PRESENT:
            return ()
        instead = left_after_resection(consultation, _OF_THE_TUMOUR)
        (criteria,) = assess(consultation, CRITERIA, instead=instead)
        keys = (*self.required_keys, *self.optional_keys)
        if not isinstance(criteria.outcome, Checklist):
            return (no_number(consultation, [criteria], keys, Repeat.ON_CHANGE),)
        return (_card(consultation, criteria, keys),)


def _card(consultation: Consultation, criteria: Assessed, keys: tuple[str, ...]) -> Proposal:
    provenance = criteria.outcome.provenance
    limits = criteria.outcome.warnings if isinstance(criteria.outcome, Checklist) else ()
    detail = compose(
        [
            _TO_DISCUSS,
            bullets("Lung metastasis on record", found_lines(criteria.selected[METASTASIS])),
            *caution_blocks([criteria]),
            checklist_table(criteria, "Criterion", CRITERION_WORDS),
            bullets("What each criterion rests on", definition_lines(criteria)),
            bullets("Systemic therapy", evidence_lines("lung_metastasis_therapy")),
            bullets("For", evidence_lines("lung_metastasis_for")),
            bullets("Against, or open", limits),
            *record_blocks(consultation, [("lung metastasis", criteria)], keys),
            source_block([criteria]),
        ],
        demo=consultation.demo,
    )
    card = build_card(
        Indicator.INFO,
        lung_metastasis_summary(criteria),
        detail,
        source_of(provenance, CardKind.LUNG_METASTASIS),
        links=links_to([provenance], *model_pages(consultation.public_url, [provenance])),
        suggestions=suggest(
            offered(consultation, (Draft.TUMOUR_BOARD,)),
            consultation.patient_id,
            hcc_reference(consultation),
        ),
    )
    return Proposal(
        CardKind.LUNG_METASTASIS,
        card,
        Repeat.ON_CHANGE,
        basis_of(consultation, CardKind.LUNG_METASTASIS, [criteria]),
        hashes_of([criteria]),
    )
