"""A recurrence already on record: the paper's figures and a referral, never a risk."""

from __future__ import annotations

from cds_service.advice.assessment import basis_of, counted_from, hcc_reference
from cds_service.advice.consultation import Consultation, Proposal, Repeat
from cds_service.advice.evidence import evidence_lines
from cds_service.advice.offers import offered
from cds_service.cards.card import build_card
from cds_service.cards.detail import bullets, compose
from cds_service.cards.drafts import suggest
from cds_service.cards.inputs_table import found_lines
from cds_service.cards.sources import CardKind, links_to, topic
from cds_service.guideline_profile import Draft
from cds_service.wire import Indicator, Source
from models.quantities import PRESENT

__all__ = ["recurrence_found", "recurrence_is_found"]

SUMMARY = "Recurrence of HCC on record: no risk is computed; discuss treatment of the recurrence at the tumour board"


def recurrence_is_found(consultation: Consultation) -> bool:
    """Tell whether the record certainly holds a recurrence after the index operation."""
    return consultation.record.situation()["recurrence"].value.value == PRESENT


def recurrence_found(consultation: Consultation) -> Proposal:
    """Return the information card of a recurrence."""
    paper = consultation.models["distant_metastasis"].provenance
    recurrence = consultation.record.situation()["recurrence"]
    detail = compose(
        [
            "**A recurrence is on record, so no risk of recurrence is shown.**",
            bullets("Where from", found_lines(recurrence)),
            bullets("What the cohort reported", evidence_lines("recurrence_found")),
        ],
        demo=consultation.demo,
    )
    card = build_card(
        Indicator.INFO,
        SUMMARY,
        detail,
        Source(
            label="hcc-cds, figures printed in Wang 2025, no risk computed",
            url=paper.source_url,
            topic=topic(CardKind.RECURRENCE_FOUND),
        ),
        links=links_to([paper]),
        suggestions=suggest(
            offered(consultation, (Draft.TUMOUR_BOARD,)),
            consultation.patient_id,
            hcc_reference(consultation),
        ),
    )
    basis = basis_of(
        consultation,
        CardKind.RECURRENCE_FOUND,
        (),
        recurrence=[item.evidence.reference for item in recurrence.used],
        since=counted_from(consultation.record.index_operation),
    )
    return Proposal(CardKind.RECURRENCE_FOUND, card, Repeat.ON_CHANGE, basis, ())
