"""Cards without a number: the model was not made for this patient, or cannot answer."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.advice.assessment import basis_of, hashes_of, horizon_has_passed
from cds_service.advice.consultation import Consultation, Proposal, Repeat
from cds_service.advice.sections import record_blocks
from cds_service.cards.assessed import Assessed
from cds_service.cards.card import build_card
from cds_service.cards.detail import compose, outcome_text
from cds_service.cards.phrases import reason_part
from cds_service.cards.sources import CardKind, links_to, model_pages, source_of
from cds_service.cards.summary import SUMMARY_LIMIT, fit
from cds_service.cards.words import escape, label_in_sentence
from cds_service.wire import Indicator
from models.outcome import NotApplicable, NotComputable
from models.quantities import QUANTITIES

__all__ = ["has_number", "no_number", "phase_unclear"]


def has_number(one: Assessed) -> bool:
    """Tell whether the model gave points or a risk."""
    return not isinstance(one.outcome, NotApplicable | NotComputable)


def no_number(
    consultation: Consultation,
    assessed: Sequence[Assessed],
    asked_keys: Sequence[str],
    repeat: Repeat,
) -> Proposal:
    """Return the card of models that all refuse, "Model not applicable: <reason>" before all."""
    # When all horizons have passed the last one says it all.
    is_over = all(horizon_has_passed(one) for one in assessed)
    outcomes = [one.outcome for one in (assessed[-1:] if is_over else assessed)]
    excluded = dict.fromkeys(
        reason for item in outcomes if isinstance(item, NotApplicable) for reason in item.reasons
    )
    missing = dict.fromkeys(
        f"{_label(name)}: {reason}"
        for item in outcomes
        if isinstance(item, NotComputable)
        for name, reason in item.reasons
    )
    head = "Model not applicable" if excluded else "Model not computable"
    blocks = [outcome_text(one) for one in assessed]
    return _without_number(
        consultation, assessed, head, tuple(excluded or missing), blocks, asked_keys, repeat
    )


def phase_unclear(
    consultation: Consultation,
    assessed: Sequence[Assessed],
    asked_keys: Sequence[str],
    repeat: Repeat,
) -> Proposal:
    """Return the card that says why it is unclear whether the operation is still to come."""
    note = consultation.record.index_operation.note or "an operation on record cannot be dated"
    block = (
        "**No number: the record does not say whether the index operation is still to come.** "
        f"Reason: {escape(note, limit=400)}."
    )
    return _without_number(
        consultation,
        assessed,
        "Before or after resection unclear, no risk shown",
        (note,),
        [block],
        asked_keys,
        repeat,
        note=note,
    )


def _without_number(
    consultation: Consultation,
    assessed: Sequence[Assessed],
    head: str,
    reasons: Sequence[str],
    blocks: Sequence[str],
    asked_keys: Sequence[str],
    repeat: Repeat,
    **more: str,
) -> Proposal:
    lead = f"{head}: "
    summary = lead + fit((reason_part(reasons),), limit=SUMMARY_LIMIT - len(lead))
    read = record_blocks(
        consultation, [(one.outcome.provenance.title, one) for one in assessed], asked_keys
    )
    provenances = [one.outcome.provenance for one in assessed]
    card = build_card(
        Indicator.INFO,
        summary,
        compose([*blocks, *read[1:]], demo=consultation.demo),
        source_of(provenances[0], CardKind.NOT_APPLICABLE),
        links=links_to(provenances, *model_pages(consultation.public_url, provenances)),
    )
    return Proposal(
        CardKind.NOT_APPLICABLE,
        card,
        repeat,
        basis_of(consultation, CardKind.NOT_APPLICABLE, assessed, **more),
        hashes_of(assessed),
    )


def _label(name: str) -> str:
    quantity = QUANTITIES.get(name)
    return label_in_sentence(quantity) if quantity else name
