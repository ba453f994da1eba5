"""A published score on a card: one line under its own name."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards.assessed import Assessed
from cds_service.cards.words import (
    describe_input,
    join_words,
    label_in_sentence,
    points,
    short_hash,
)
from models.inputs import Knowledge
from models.outcome import Score, Span
from models.quantities import QUANTITIES

__all__ = ["score_line"]

# What the category of a score is called.
_CATEGORY = {"albi": "grade ", "child_pugh": "class ", "bclc_2022": "stage "}
_CHILD_PUGH = "child_pugh"
_CLASS = "child_pugh_class"
_COMPUTED = "child-pugh-computed"
_NOTHING = (Knowledge.UNKNOWN, Knowledge.NOT_YET_KNOWABLE)


def score_line(one: Assessed, names: Sequence[str], when: str = "", note: str = "") -> str:
    """Return the score as a number, a range where it is partly known, or why it cannot be computed.

    `names` are the inputs of the score, `when` says of which moment it is.
    """
    outcome = one.outcome
    if not isinstance(outcome, Score):
        return ""
    provenance = outcome.provenance
    title = f"{provenance.title}, {when}" if when else provenance.title
    foot = f"{provenance.status.value}, {short_hash(provenance.content_hash)}"
    unknown = [name for name in names if one.selected[name].value.knowledge in _NOTHING]
    # A formula without a maximum has no honest range while an input may be anything plausible.
    is_open = outcome.value is not None and outcome.maximum is None
    if unknown and (is_open or len(unknown) == len(names)):
        return f"{title}: not computable: {_named(unknown)} not known ({foot})"
    text = ", ".join(filter(None, (_value(outcome), _category(outcome))))
    depends = f"; depends on {_named(unknown)}" if unknown and not _is_settled(outcome) else ""
    said = " ".join(filter(None, (_recorded(one, outcome), note)))
    return f"{title}: **{text}**{depends}.{f' {said}' if said else ''} ({foot})"


def _named(names: Sequence[str]) -> str:
    return join_words([label_in_sentence(QUANTITIES[name]) for name in names])


def _is_settled(outcome: Score) -> bool:
    is_point = outcome.value is None or outcome.value.is_point
    return is_point and (outcome.category is not None or not outcome.possible_categories)


def _value(outcome: Score) -> str:
    if outcome.value is None:
        return ""
    if outcome.maximum is not None:
        return f"{points(outcome.value)} of {points(Span(outcome.maximum, outcome.maximum))} points"
    low, high = (f"{end:.2f}" for end in (outcome.value.lower, outcome.value.upper))
    return low if low == high else f"{low} to {high}"


def _category(outcome: Score) -> str:
    named = outcome.category or join_words(outcome.possible_categories, "or")
    return f"{_CATEGORY.get(outcome.provenance.model_id, '')}{named}" if named else ""


def _recorded(one: Assessed, outcome: Score) -> str:
    """Return the recorded Child-Pugh class beside the computed one: they may differ."""
    selected = one.selected.get(_CLASS)
    if outcome.provenance.model_id != _CHILD_PUGH or selected is None:
        return ""
    recorded = [item for item in selected.used if item.evidence.rule != _COMPUTED]
    return f"On record: class {describe_input(selected.value)}." if recorded else ""
