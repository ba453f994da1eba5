"""A model held against a site's own cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.additive_model import AdditiveModel
from models.forms.tree import Leaf, Node
from models.inputs import Input
from models.model import judge_applicability
from models.quantities import ABSENT, PRESENT
from models.validation.cohort import Cohort
from models.validation.decision_curve import net_benefit
from models.validation.horizon import FloatArray, FollowUp, HorizonOutcome, outcome_by
from models.validation.metrics import (
    Estimate,
    area_under_curve,
    bootstrap,
    calibration_curve,
    risk_measures,
    wilson_interval,
)
from models.validation.plots import CalibrationSeries, ClassBar
from models.validation.scoring import Scored, score_patients

__all__ = [
    "EVENTS_FOR_VALIDATION",
    "Flow",
    "GroupFigures",
    "Patients",
    "SiteAnalysis",
    "TooFewEventsError",
    "analyse_site",
    "applicable_patients",
    "too_few_for_validation",
]

EVENTS_FOR_VALIDATION = 100
_FEWEST = 2  # below two events, or two without, no measure exists at all
_CURVE_POINTS = 40


def _is(known: Input | None, value: str) -> bool:
    return known is not None and known.value == value


# Who is counted apart: the groups too small to judge in the cohort the HPR model comes from.
_GROUPS: tuple[tuple[str, str, Callable[[Input | None], bool]], ...] = (
    ("women", "sex", lambda known: _is(known, "female")),
    ("men", "sex", lambda known: _is(known, "male")),
    ("without hepatitis B", "hbv", lambda known: _is(known, ABSENT)),
    ("with hepatitis B", "hbv", lambda known: _is(known, PRESENT)),
    (
        "aged 65 or more",
        "age_years",
        lambda known: known is not None and bool(known.numbers) and known.numbers[0].lower >= 65,
    ),
)


class TooFewEventsError(ValueError):
    """Too few events for what was asked; the message holds the reason."""


@dataclass(frozen=True)
class Flow:
    """How many patients there were at each step, and why some left.

    `excluded` counts by reason, a patient once per reason; `missing` counts patients in whom an
    input is not settled, by input.
    """

    in_file: int
    outside: int
    excluded: Mapping[str, int]
    applicable: int
    complete: int
    missing: Mapping[str, int]

    @property
    def incomplete_share(self) -> float:
        """Share of the applicable patients whose risk is a range."""
        return 1 - self.complete / self.applicable if self.applicable else 0.0


@dataclass(frozen=True)
class Patients:
    """The applicable patients, and those among them whose risk is a point."""

    inputs: tuple[Mapping[str, Input], ...]
    follow_up: FollowUp
    scored: Scored
    complete: NDArray[np.intp]
    flow: Flow

    @property
    def complete_inputs(self) -> tuple[Mapping[str, Input], ...]:
        """Inputs of the complete patients."""
        return tuple(self.inputs[row] for row in self.complete)

    @property
    def complete_follow_up(self) -> FollowUp:
        """Follow-up of the complete patients."""
        return self.follow_up.take(self.complete)


@dataclass(frozen=True)
class GroupFigures:
    """A group's counts, and its figures where there are enough events to judge."""

    name: str
    patients: int
    events: int
    auc: Estimate | None
    observed_to_expected: Estimate | None


@dataclass(frozen=True)
class SiteAnalysis:
    """Every figure of a site's validation."""

    flow: Flow
    horizon_months: int
    outcome: HorizonOutcome
    risk: FloatArray
    measures: Mapping[str, Estimate]
    curve: CalibrationSeries
    bars: tuple[ClassBar, ...]
    thresholds: tuple[float, ...]
    net_benefit: Mapping[str, FloatArray]
    groups: tuple[GroupFigures, ...]
    mean_range_width: float
    mean_range_width_of_incomplete: float | None
    longest_months: float

    @property
    def events(self) -> int:
        """Events that the point measures rest on."""
        return self.outcome.events


def too_few_for_validation(events: int) -> str | None:
    """Return why so few events are refused, or None.

    Examples
    --------
    >>> too_few_for_validation(99)
    '99 events: fewer than 100, so that calibration cannot be told from chance'
    >>> too_few_for_validation(100) is None
    True
    """
    if events >= EVENTS_FOR_VALIDATION:
        return None
    return (
        f"{events} events: fewer than {EVENTS_FOR_VALIDATION}, so that calibration cannot be told "
        "from chance"
    )


def applicable_patients(cohort: Cohort, model: AdditiveModel) -> Patients:
    """Leave out whom the model was not made for, and score the others."""
    reasons: Counter[str] = Counter()
    kept: list[int] = []
    for row, inputs in enumerate(cohort.inputs):
        excluded = judge_applicability(model.population, inputs).excluded
        reasons.update(excluded)
        if not excluded:
            kept.append(row)
    completed = tuple(model.completed(cohort.inputs[row]) for row in kept)
    scored = score_patients(model.form, completed)
    complete = np.flatnonzero(scored.is_point) if kept else np.array([], dtype=np.intp)
    missing = Counter(name for names in scored.unsettled for name in names)
    flow = Flow(
        in_file=len(cohort),
        outside=len(cohort) - len(kept),
        excluded=dict(sorted(reasons.items())),
        applicable=len(kept),
        complete=len(complete),
        missing=dict(missing.most_common()),
    )
    return Patients(
        inputs=tuple(
            {**cohort.inputs[row], **inputs} for row, inputs in zip(kept, completed, strict=True)
        ),
        follow_up=cohort.follow_up.take(np.array(kept, dtype=np.intp)),
        scored=scored,
        complete=complete,
        flow=flow,
    )


def analyse_site(
    patients: Patients,
    model: AdditiveModel,
    *,
    draws: int,
    seed: int,
    allow_few_events: bool = False,
    progress: bool = False,
) -> SiteAnalysis:
    """Compute every figure on the complete patients; unknown inputs are never filled.

    Raises
    ------
    TooFewEventsError
        With fewer than 100 events, unless `allow_few_events`; with fewer than two events or two
        patients without, always.
    """
    horizon = model.parameters.outcome.horizon_months
    follow_up = patients.complete_follow_up
    outcome = _checked_outcome(follow_up, horizon, allow_few_events=allow_few_events)
    risk = patients.scored.lower[patients.complete]

    first, last = (float(end) for end in np.quantile(risk, [0.005, 0.995]))
    at = np.linspace(first, last, _CURVE_POINTS)

    def measure(rows: NDArray[np.intp]) -> dict[str, float]:
        drawn = follow_up.take(rows)
        drawn_outcome = outcome_by(drawn, horizon)
        curve = calibration_curve(risk[rows], drawn_outcome, at)
        points = {f"curve {place}": float(value) for place, value in enumerate(curve.observed)}
        return {**risk_measures(risk[rows], drawn_outcome, drawn), **points}

    found = bootstrap(
        measure,
        len(risk),
        draws=draws,
        seed=seed,
        progress=f"measures of {model.provenance.status.value} model" if progress else None,
    )
    thresholds = _thresholds(risk, outcome.rate)
    widths = patients.scored.upper - patients.scored.lower
    open_widths = widths[~patients.scored.is_point]
    return SiteAnalysis(
        flow=patients.flow,
        horizon_months=horizon,
        outcome=outcome,
        risk=risk,
        measures={name: value for name, value in found.items() if not name.startswith("curve ")},
        curve=_curve(at, found, risk),
        bars=class_bars(patients, model, outcome),
        thresholds=thresholds,
        net_benefit=net_benefit({"model": risk}, follow_up, horizon, thresholds),
        groups=_groups(patients, outcome, risk, horizon, draws=draws, seed=seed),
        mean_range_width=float(widths.mean()),
        mean_range_width_of_incomplete=float(open_widths.mean()) if len(open_widths) else None,
        longest_months=float(follow_up.months.max()),
    )


def _checked_outcome(
    follow_up: FollowUp, horizon: float, *, allow_few_events: bool
) -> HorizonOutcome:
    if not len(follow_up):
        raise TooFewEventsError("no patient has every input known: there is nothing to measure")
    outcome = outcome_by(follow_up, horizon)
    without = int(outcome.known.sum()) - outcome.events
    if outcome.events < _FEWEST or without < _FEWEST:
        raise TooFewEventsError(
            f"{outcome.events} patients with the event and {without} known to be without: no "
            "measure exists with fewer than two of each"
        )
    reason = too_few_for_validation(outcome.events)
    if reason and not allow_few_events:
        raise TooFewEventsError(reason)
    return outcome


def _curve(at: FloatArray, found: Mapping[str, Estimate], risk: FloatArray) -> CalibrationSeries:
    """Return the flexible curve over the middle of the risks, with its band."""
    points = [found[f"curve {place}"] for place in range(len(at))]
    return CalibrationSeries(
        "flexible curve, 95 % band",
        at,
        np.array([point.value for point in points]),
        np.array([point.lower for point in points]),
        np.array([point.upper for point in points]),
        risk,
    )


def class_bars(
    patients: Patients, model: AdditiveModel, outcome: HorizonOutcome
) -> tuple[ClassBar, ...]:
    """Return how often the event came in each class, among those whose outcome is known."""
    classes = np.array([patients.scored.risk_class[row] for row in patients.complete], dtype=object)
    risk = patients.scored.lower[patients.complete]
    bars = []
    for name in class_names(model.form.tree):
        inside = (classes == name) & outcome.known
        number, events = int(inside.sum()), int(outcome.occurred[inside].sum())
        if not number:
            continue
        lower, upper = wilson_interval(events, number)
        bars.append(
            ClassBar(
                name, events, number, events / number, lower, upper, float(risk[inside].mean())
            )
        )
    return tuple(bars)


def class_names(node: Node) -> tuple[str, ...]:
    """Return the classes of a tree, lowest first."""
    if isinstance(node, Leaf):
        return (node.risk_class,)
    return tuple(dict.fromkeys(class_names(node.below) + class_names(node.above)))


def _thresholds(risk: FloatArray, rate: float) -> tuple[float, ...]:
    """From 1 % to well past the observed rate, where the risks still reach."""
    highest = min(0.99, max(2.5 * rate, float(np.quantile(risk, 0.9))))
    steps = max(10, min(50, round(highest * 100)))
    return tuple(round(float(value), 4) for value in np.linspace(0.01, max(highest, 0.1), steps))


def _groups(
    patients: Patients,
    outcome: HorizonOutcome,
    risk: FloatArray,
    horizon: float,
    *,
    draws: int,
    seed: int,
) -> tuple[GroupFigures, ...]:
    rows = patients.complete_inputs
    follow_up = patients.complete_follow_up
    found = []
    for name, quantity_name, test in _GROUPS:
        inside = np.array([test(row.get(quantity_name)) for row in rows], dtype=bool)
        if not inside.any():
            continue
        own = np.flatnonzero(inside)
        events = int(outcome.occurred[own].sum())
        enough = events >= EVENTS_FOR_VALIDATION
        figures: dict[str, Estimate] = {}
        if enough:
            figures = bootstrap(
                _group_measure(risk[own], follow_up.take(own), horizon),
                len(own),
                draws=draws,
                seed=seed,
            )
        found.append(
            GroupFigures(
                name, len(own), events, figures.get("auc"), figures.get("observed_to_expected")
            )
        )
    return tuple(found)


def _group_measure(
    risk: FloatArray, follow_up: FollowUp, horizon: float
) -> Callable[[NDArray[np.intp]], dict[str, float]]:
    def measure(rows: NDArray[np.intp]) -> dict[str, float]:
        outcome = outcome_by(follow_up.take(rows), horizon)
        return {
            "auc": area_under_curve(risk[rows], outcome),
            "observed_to_expected": outcome.rate / float(risk[rows].mean()),
        }

    return measure
