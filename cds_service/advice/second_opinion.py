"""Second opinion: published scores under their own names, beside the main result and never in it."""

from __future__ import annotations

from dataclasses import replace

from cds_service.advice.assessment import assess, selected_now
from cds_service.advice.consultation import Consultation
from cds_service.cards.assessed import Assessed
from cds_service.cards.detail import bullets
from cds_service.cards.inputs_table import found_lines
from cds_service.cards.scores import score_line
from models.model import Anchor
from models.quantities import PRESENT, QUANTITIES
from models.rule_set import RuleSet

__all__ = ["second_opinion_blocks"]

_SCORES = (
    "early_recurrence_score",
    "afp_model",
    "tumour_burden_score",
    "albi",
    "child_pugh",
    "bclc_2022",
)
# A stage is of the tumour that was there, so after a resection it is asked as before it.
_STAGE = "bclc_2022"
_MARKERS = ("mycn_expression", "hmga2_expression")


def second_opinion_blocks(consultation: Consultation) -> list[str]:
    """Return the scores, one line each, and the markers of the tumour's biology where present."""
    lines = [_line(consultation, one) for one in _scores(consultation)]
    return [
        bullets("Second opinion: published scores, not part of the risk", lines),
        bullets(
            "Marker of aggressive biology, no weight in any number here", _markers(consultation)
        ),
    ]


def _scores(consultation: Consultation) -> list[Assessed]:
    names = [name for name in _SCORES if name in consultation.models]
    found = assess(consultation, *(name for name in names if name != _STAGE))
    if _STAGE in names:
        needs = consultation.models[_STAGE].needs
        before = (replace(need, anchor=Anchor.BEFORE_OPERATION) for need in needs)
        found += assess(consultation, _STAGE, instead=consultation.record.inputs_for(before))
    return found


def _line(consultation: Consultation, one: Assessed) -> str:
    model_id = one.outcome.provenance.model_id
    model = consultation.models[model_id]
    is_done = consultation.record.index_operation.phase == "done"
    when = "as before the operation" if model_id == _STAGE and is_done else ""
    rules = getattr(model, "rules", None)
    # Of the limits the last is the one that a reader of the number needs; the page has them all.
    note = rules.limits[-1] if isinstance(rules, RuleSet) and rules.limits else ""
    return score_line(one, [need.quantity.name for need in model.needs], when, note)


def _markers(consultation: Consultation) -> list[str]:
    return [
        f"{QUANTITIES[name].label}: {line}"
        for name, selected in selected_now(consultation, _MARKERS).items()
        if selected.value.value == PRESENT
        for line in found_lines(selected)
    ]
