"""The sections that every card with a model behind it ends with."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.advice.assessment import not_used
from cds_service.advice.consultation import Consultation
from cds_service.cards.assessed import Assessed
from cds_service.cards.detail import bullets, number_lines
from cds_service.cards.inputs_table import inputs_table, not_received_lines, not_used_lines
from cds_service.cards.words import escape
from fhir_mapping.findings import Certainty, Rejected
from models.outcome import NotApplicable

__all__ = ["caution_blocks", "record_blocks", "source_block"]

_CONFIRM_IN_APP = "What was read from text can be confirmed, or refused, in the app."


def record_blocks(
    consultation: Consultation,
    columns: Sequence[tuple[str, Assessed]],
    asked_keys: Sequence[str],
) -> list[str]:
    """Return what was read: the table of inputs, what was not used and what did not arrive."""
    assessed = [one for _, one in columns]
    passed = not_used(consultation, assessed)
    return [
        inputs_table([(title, one) for title, one in columns if one.contributions]),
        bullets("Not used", not_used_lines(passed)),
        _offer_to_confirm(consultation, assessed, passed),
        bullets("Not received", not_received_lines(consultation.record.key_states, asked_keys)),
    ]


def caution_blocks(assessed: Sequence[Assessed]) -> list[str]:
    """Return why a number deserves caution in this patient, and what it takes for granted."""
    warnings = dict.fromkeys(text for one in assessed for text in one.warnings)
    assumes = dict.fromkeys(text for one in assessed for text in one.assumes)
    return [
        bullets("Warnings", [escape(text, limit=400) for text in warnings]),
        _applies_only_if(tuple(assumes)),
    ]


def source_block(assessed: Sequence[Assessed]) -> str:
    """Return where the numbers come from: status, version, hash and cautions of each model."""
    shown = [
        one.outcome.provenance for one in assessed if not isinstance(one.outcome, NotApplicable)
    ]
    return bullets("Where the numbers come from", number_lines(shown))


def _offer_to_confirm(
    consultation: Consultation, assessed: Sequence[Assessed], passed: Sequence[Rejected]
) -> str:
    """Return where to confirm what was read from text, if the card lists any and the app is on."""
    waits = Certainty.READ_FROM_TEXT
    used = (
        finding
        for one in assessed
        for name in one.input_names
        if name in one.selected
        for finding in one.selected[name].used
    )
    listed = any(item.reason == waits for item in passed) or any(
        finding.certainty is waits for finding in used
    )
    return _CONFIRM_IN_APP if listed and consultation.confirms_in_app else ""


def _applies_only_if(assumes: Sequence[str]) -> str:
    if not assumes:
        return ""
    listed = ", ".join(escape(text) for text in assumes)
    return f"**Applies only if** none of these excludes the patient: {listed}."
