"""The parts a summary is made of: the number, what it depends on, the class, the status."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cds_service.cards.assessed import Assessed
from cds_service.cards.detail import METASTASIS, risk_words
from cds_service.cards.summary import Part, fit
from cds_service.cards.words import (
    join_words,
    label_in_sentence,
    one_decimal,
    percent_span,
    plain,
    points,
)
from models.outcome import Narrowing, PointsSoFar, RiskEstimate, Status
from models.quantities import QUANTITIES

__all__ = [
    "after_resection_summary",
    "caution_summary",
    "reason_part",
    "settling_input",
    "surveillance_summary",
]

_CONFLICT = "conflict"

# What is never dropped from a summary has one wording; the weights order the rest.
STATUS_WEIGHT, DEPENDS_WEIGHT, CLASS_WEIGHT, RISK_WEIGHT = 1, 2, 3, 4


def caution_summary(estimate: RiskEstimate, one: Assessed) -> str:
    """Return the sentence of the card before surgery."""
    return fit((*_recurrence_parts(estimate, one), status_part([estimate.provenance.status])))


def after_resection_summary(assessed: Sequence[Assessed], since: str) -> str:
    """Return the sentence of the card after surgery, for the models that gave a number."""
    parts: list[Part] = []
    statuses: list[Status] = []
    for one in assessed:
        estimate = one.outcome
        if isinstance(estimate, PointsSoFar):
            parts.append(_so_far_part(estimate))
        if not isinstance(estimate, RiskEstimate):
            continue
        statuses.append(estimate.provenance.status)
        if estimate.provenance.model_id == METASTASIS:
            parts.append(_metastasis_part(estimate, alone=not parts))
        else:
            parts += _recurrence_parts(estimate, one, alone=not parts)
    return fit((*parts, _since_part(since), *([status_part(statuses)] if statuses else [])))


def surveillance_summary(one: Assessed, since: str, last_look: date | None) -> str:
    """Return the sentence of the surveillance card; overdue imaging comes first."""
    parts: list[Part] = []
    if last_look is not None:
        day = last_look.isoformat()
        parts.append(Part((f"Imaging overdue: none on record since {day}",), RISK_WEIGHT))
    estimate = one.outcome
    if isinstance(estimate, PointsSoFar):
        return fit((*parts, _so_far_part(estimate), _since_part(since)))
    if not isinstance(estimate, RiskEstimate):
        return fit((*parts, Part(("metastasis score not shown: horizon passed",))))
    parts.append(_metastasis_part(estimate, alone=not parts))
    if estimate.risk_class is None:
        parts.append(settling_part(estimate, one))
    return fit((*parts, _since_part(since), status_part([estimate.provenance.status])))


def risk_part(lead: str, short_lead: str, estimate: RiskEstimate, one: Assessed) -> Part:
    """Return the risk with what it depends on, or a point with its confidence interval."""
    risk = risk_words(estimate)
    if estimate.risk.is_point:
        interval = estimate.confidence_interval
        limits = f"95 % CI {percent_span(interval)}" if interval else "no 95 % CI known"
        return Part((f"{lead}: {risk} ({limits})", f"{short_lead}: {risk} ({limits})"), RISK_WEIGHT)
    wordings = [f"{lead}: {risk}{text}" for text in _dependence(one)]
    return Part((*wordings, f"{short_lead}: {risk}"), DEPENDS_WEIGHT)


def class_part(estimate: RiskEstimate) -> Part:
    """Return the class, or which classes are still open."""
    if estimate.risk_class is not None:
        return Part((f"{estimate.risk_class} class",), CLASS_WEIGHT)
    ends = " to ".join((estimate.possible_classes[0], estimate.possible_classes[-1]))
    return Part((f"class not settled ({ends})", f"class {ends}"), CLASS_WEIGHT)


def settling_input(estimate: RiskEstimate) -> Narrowing | None:
    """Return the one input to ask for: the first that settles the class, else the most helpful."""
    for answer in ("always", "sometimes"):
        for item in estimate.would_settle:
            if item.settles_class == answer:
                return item
    return estimate.would_settle[0] if estimate.would_settle else None


def settling_part(estimate: RiskEstimate, one: Assessed) -> Part:
    """Return the request for the one input that would settle the class."""
    item = settling_input(estimate)
    if item is None:
        return Part(("",))
    name = label_in_sentence(QUANTITIES[item.input_name])
    reason = dict(one.open_inputs).get(item.input_name, "")
    if reason.startswith(_CONFLICT):
        return Part((f"{name} decides ({reason})", f"settle {name}: {reason}"), RISK_WEIGHT)
    longest = {
        "always": f"recording {name} would settle it",
        "sometimes": f"recording {name} may settle it",
    }.get(item.settles_class, f"record {name} first")
    return Part((longest, f"record {name}"), RISK_WEIGHT)


def status_part(statuses: Sequence[Status]) -> Part:
    """Return where the numbers come from."""
    names = list(dict.fromkeys(status.value for status in statuses))
    noun = "model" if len(names) == 1 else "models"
    return Part((f"{join_words(names)} {noun}", "/".join(names)), STATUS_WEIGHT)


def reason_part(reasons: Sequence[str]) -> Part:
    """Return the reasons a model is not applicable, shortened to the first."""
    first = plain(reasons[0], limit=400) if reasons else "reason not stated"
    every = join_words([plain(reason, limit=400) for reason in reasons])
    more = f"{first} (and {len(reasons) - 1} more)" if len(reasons) > 1 else first
    return Part((every or first, more, first), STATUS_WEIGHT)


def _recurrence_parts(estimate: RiskEstimate, one: Assessed, *, alone: bool = True) -> list[Part]:
    name = "Early recurrence" if alone else "early recurrence"
    lead = f"{name} ({estimate.horizon_months} mo)"
    parts = [risk_part(lead, name, estimate, one), class_part(estimate)]
    if estimate.risk_class is None:
        parts.append(settling_part(estimate, one))
    return parts


def _metastasis_part(estimate: RiskEstimate, *, alone: bool) -> Part:
    ends = (estimate.possible_classes[0], estimate.possible_classes[-1])
    risk_class = estimate.risk_class or " to ".join(ends)
    score = f"{points(estimate.points)} points, {risk_class}"
    lead = "Distant metastasis" if alone else "distant metastasis"
    short = "Metastasis" if alone else "metastasis"
    return Part(
        (
            f"{lead} ({estimate.horizon_months} mo): {score} class",
            f"{short} ({estimate.horizon_months} mo) {score} class",
            f"{short} {score}",
            # A settled class is never dropped.
            f"{short} {score}"
            if estimate.risk_class
            else f"{short} {points(estimate.points)} points",
        ),
        DEPENDS_WEIGHT,
    )


def _so_far_part(so_far: PointsSoFar) -> Part:
    known = f"{points(so_far.points)} of {one_decimal(so_far.knowable_points)} points"
    return Part((f"Distant metastasis: {known} so far, no class yet",), RISK_WEIGHT)


def _since_part(since: str) -> Part:
    return Part((f"counted from {since}", f"from {since}"), STATUS_WEIGHT)


def _dependence(one: Assessed) -> list[str]:
    names = [label_in_sentence(QUANTITIES[name]) for name, _ in one.open_inputs]
    reasons = [reason for _, reason in one.open_inputs]
    if not names:
        return [" depending on what is unknown"]
    if len(names) > 2:
        return [
            f" depending on {names[0]} and {len(names) - 1} more inputs not known",
            f" depending on {len(names)} unknown inputs",
        ]
    full = join_words([f"{name} ({why})" for name, why in zip(names, reasons, strict=True)])
    shared = f"{join_words(names)} ({reasons[0]})" if len(set(reasons)) == 1 else full
    return [f" depending on {shared}", f" depending on {join_words(names)}"]
