"""The detail of a card in GitHub-Flavored Markdown; every text from a record is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards.assessed import Assessed
from cds_service.cards.words import (
    escape,
    join_words,
    label_in_sentence,
    one_decimal,
    percent,
    percent_span,
    points,
    short_hash,
)
from models.outcome import (
    NotApplicable,
    NotComputable,
    PointsSoFar,
    Provenance,
    RiskEstimate,
    Span,
)
from models.quantities import QUANTITIES

__all__ = [
    "INTENDED_USE",
    "METASTASIS",
    "OVERSTATED",
    "SYNTHETIC",
    "bullets",
    "compose",
    "number_lines",
    "outcome_text",
    "risk_words",
]

INTENDED_USE = (
    "Not a medical device, not CE-marked, not FDA-cleared. For evaluation by qualified HCC teams; "
    "not for clinical decisions until validated and approved locally. Not for patients' own use, "
    "children, transplantation, emergencies."
)
SYNTHETIC = "Synthetic patients. Not for clinical use."
OVERSTATED = "overstated: deaths and intrahepatic recurrences are not accounted for"
METASTASIS = "distant_metastasis"
_BEYOND = "over 50 % (beyond the data)"
_HALF = 0.5


def outcome_text(one: Assessed, counted_from: str = "") -> str:
    """Return what a model says of this patient, first the words, then its ranges by name."""
    outcome = one.outcome
    match outcome:
        case RiskEstimate():
            return _estimate(outcome, one, counted_from)
        case PointsSoFar():
            return _points_so_far(outcome, one)
        case NotApplicable():
            return f"**{escape(outcome.provenance.title)}: not applicable**, {_reasons(outcome)}."
        case NotComputable():
            return f"**{escape(outcome.provenance.title)}: not computable**, {_missing(outcome)}."
        case _:
            return ""


def risk_words(estimate: RiskEstimate) -> str:
    """Return the risk in whole per cent; where the data end, only on which side it lies."""
    return _within_data(estimate.risk, estimate)


def number_lines(provenances: Sequence[Provenance]) -> list[str]:
    """Return one line per model on where its numbers come from, with version and short hash."""
    lines = []
    for item in provenances:
        # What stands beside the risk already is not said twice.
        cautions = [text for text in item.cautions if not text.lower().startswith(OVERSTATED)]
        line = (
            f"{item.title}: {item.status_line.removesuffix('.')}. Version {item.version},"
            f" {short_hash(item.content_hash)}."
        )
        lines.append(" ".join((line, *cautions)))
    return lines


def bullets(title: str, lines: Sequence[str]) -> str:
    """Return a titled list, empty if there is nothing to list."""
    if not lines:
        return ""
    return "\n".join([f"**{title}**", "", *(f"- {line}" for line in lines)])


def compose(blocks: Sequence[str], *, demo: bool) -> str:
    """Return the blocks as one detail with the intended-use line at its foot."""
    foot = f"{SYNTHETIC} {INTENDED_USE}" if demo else INTENDED_USE
    return "\n\n".join([*(block for block in blocks if block), f"_{foot}_"])


def _estimate(estimate: RiskEstimate, one: Assessed, counted_from: str) -> str:
    counted = f", counted from {escape(counted_from)}" if counted_from else ""
    horizon = f" within {estimate.horizon_months} months"
    event = _sentence_case(estimate.event.removesuffix(horizon))
    head = f"{event}{horizon}{counted}"
    unknown = _because_unknown(one)
    if estimate.provenance.model_id == METASTASIS:
        # Points and class first: the baseline behind the risk is reconstructed.
        return (
            f"**{head}: {_points(estimate)}**{unknown}. {_class(estimate)} Risk:"
            f" {risk_words(estimate)}{_intervals(estimate)}; {OVERSTATED}."
        )
    return (
        f"**{head}: {risk_words(estimate)}**{unknown}{_intervals(estimate)}."
        f" {_class(estimate)} {_points(estimate)}."
    )


def _because_unknown(one: Assessed) -> str:
    texts = [
        f"{label_in_sentence(QUANTITIES[name])} ({escape(reason)})"
        for name, reason in one.open_inputs
    ]
    return f", because unknown: {join_words(texts)}" if texts else ""


def _intervals(estimate: RiskEstimate) -> str:
    """Return the ranges that are not because of unknown inputs, each under its name."""
    texts = []
    if estimate.confidence_interval is not None:
        limits = _within_data(estimate.confidence_interval, estimate)
        texts.append(f"95 % confidence interval: {limits}")
    if estimate.reconstruction_range is not None:
        limits = _within_data(estimate.reconstruction_range, estimate)
        texts.append(f"over the plausible baselines: {limits}")
    return "; " + "; ".join(texts or ["95 % confidence interval: not known"])


def _within_data(span: Span, estimate: RiskEstimate) -> str:
    """Return a span of risks, each end only as far as the data reach."""
    if estimate.beyond_data:
        return _BEYOND
    if estimate.upper_beyond_data:
        return f"{percent(min(span.lower, _HALF))} to {_BEYOND}"
    return percent_span(span)


def _class(estimate: RiskEstimate) -> str:
    note = f" {estimate.class_note}" if estimate.class_note else ""
    if estimate.risk_class is not None:
        return f"Class: **{estimate.risk_class}**.{note}"
    return f"Class: **not settled** ({join_words(estimate.possible_classes, 'or')}).{note}"


def _points(estimate: RiskEstimate) -> str:
    most = Span(estimate.maximum_points, estimate.maximum_points)
    return f"{points(estimate.points)} of {points(most)} points"


def _points_so_far(so_far: PointsSoFar, one: Assessed) -> str:
    return (
        f"**{_sentence_case(so_far.event)}: {points(so_far.points)} of"
        f" {one_decimal(so_far.knowable_points)} points knowable before surgery**"
        f"{_because_unknown(one)}; operation and specimen can add up to"
        f" {one_decimal(so_far.still_to_come_points)}. No class and no risk yet."
    )


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _reasons(outcome: NotApplicable) -> str:
    return escape("; ".join(outcome.reasons), limit=400)


def _missing(outcome: NotComputable) -> str:
    texts = []
    for name, reason in outcome.reasons:
        quantity = QUANTITIES.get(name)
        texts.append(f"{label_in_sentence(quantity) if quantity else name}: {reason}")
    return escape("; ".join(texts), limit=400)
