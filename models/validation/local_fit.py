"""A model fitted to a site's own patients: recalibrated, or refitted term by term.

The outcome is whether the event came by the horizon, patients lost before it weighted for, and a
death or another recurrence counted as what it is: the event did not come. So the risk is the one a
patient has in a world where people also die, and no baseline hazard is needed beyond the horizon
(direct binomial regression, Scheike, Zhang and Gerds, Biometrika 2008). The link is the
model's own: logit, or complementary log-log for a proportional-hazards form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from tqdm import tqdm

from models.validation.horizon import FloatArray, FollowUp, HorizonOutcome, outcome_by
from models.validation.metrics import NO_ANSWER, area_under_curve, one_sample

__all__ = [
    "EVENTS_PER_TERM",
    "LocalFit",
    "NoFitError",
    "Scale",
    "few_events",
    "recalibrate",
    "refit",
]

EVENTS_PER_TERM = 10
# A log odds ratio above this (e^20) is no estimate: the data separate.
_LARGEST_COEFFICIENT = 20.0
_UNDETERMINED = (
    "the data do not determine the model: some combination of terms separates the patients with "
    "the event from those without, or terms always go together"
)

Scale = Literal["logit", "complementary log-log"]


class NoFitError(ValueError):
    """The data do not determine the model; the message says why."""


@dataclass(frozen=True)
class LocalFit:
    """Intercept and slopes fitted to the site's patients, on the scale of the model's link.

    Attributes
    ----------
    intercept : float
        Log odds, or log cumulative hazard, of a score of zero.
    slopes : array
        One per term.
    multiplier : float or None
        For a recalibration, what all slopes of the old model were multiplied by.
    shrinkage : float or None
        For a refit, what the fitted slopes were multiplied by to undo overfitting.
    draws : array
        Bootstrap samples of intercept and slopes, one per row.
    failed_draws : int
        Bootstrap samples without a finite fit.
    seed : int
        Seed of the generator.
    auc_optimism : float or None
        For a refit, how much its apparent AUC flatters it.
    """

    scale: Scale
    intercept: float
    slopes: FloatArray
    multiplier: float | None
    shrinkage: float | None
    draws: FloatArray
    failed_draws: int
    seed: int
    auc_optimism: float | None = None

    def risk(self, design: FloatArray) -> FloatArray:
        """Return the risk of each row of the design."""
        return risk_of(self.scale, self.intercept + design @ self.slopes)


def few_events(events: int, terms: int) -> str | None:
    """Return why so few events are refused, or None.

    Examples
    --------
    >>> few_events(59, 6)
    '59 events for 6 terms: fewer than 10 events per term (60 are needed)'
    >>> few_events(60, 6) is None
    True
    """
    needed = EVENTS_PER_TERM * terms
    if events >= needed:
        return None
    return (
        f"{events} events for {terms} {'term' if terms == 1 else 'terms'}: fewer than "
        f"{EVENTS_PER_TERM} events per term ({needed} are needed)"
    )


def risk_of(scale: Scale, predictor: FloatArray) -> FloatArray:
    """Return the risk at a linear predictor that holds the intercept."""
    risk: FloatArray = (
        expit(predictor) if scale == "logit" else -np.expm1(-np.exp(np.minimum(predictor, 50.0)))
    )
    return risk


def recalibrate(
    design: FloatArray,
    follow_up: FollowUp,
    horizon_months: float,
    *,
    scale: Scale,
    start: FloatArray,
    start_draws: FloatArray | None,
    with_slope: bool,
    draws: int,
    seed: int,
    progress: str | None = None,
) -> LocalFit:
    """Move the intercept, and with `with_slope` stretch all slopes by one factor.

    Parameters
    ----------
    design : array
        One row per patient, one column per term.
    start : array
        Intercept and slopes of the model so far.
    start_draws : array or None
        Its bootstrap draws; each is recalibrated in its own bootstrap sample, so that the interval
        holds both uncertainties. Without them the old slopes are taken as fixed.

    Raises
    ------
    NoFitError
        If the data do not determine the recalibration.
    """

    def fit(outcome: HorizonOutcome, rows: FloatArray, old: FloatArray) -> FloatArray:
        predictor = old[0] + rows @ old[1:]
        if with_slope:
            level, stretch = _fit(scale, outcome, predictor[:, None])
        else:
            level, stretch = (
                _fit(scale, outcome, np.empty((len(predictor), 0)), offset=predictor)[0],
                1.0,
            )
        return np.concatenate([[level + stretch * old[0]], stretch * old[1:]])

    outcome = outcome_by(follow_up, horizon_months)
    fitted = fit(outcome, design, start)
    generator = np.random.default_rng(seed)
    kept, failed = [], 0
    for number in tqdm(range(draws), desc=progress, disable=progress is None, unit="sample"):
        rows = generator.integers(0, len(design), len(design))
        old = start if start_draws is None else start_draws[number % len(start_draws)]
        try:
            sample = outcome_by(follow_up.take(rows), horizon_months)
            kept.append(fit(sample, design[rows], old))
        except NoFitError:
            failed += 1
    nonzero = np.flatnonzero(start[1:])
    return LocalFit(
        scale=scale,
        intercept=float(fitted[0]),
        slopes=fitted[1:],
        multiplier=float(fitted[1 + nonzero[0]] / start[1 + nonzero[0]]),
        shrinkage=None,
        draws=np.array(kept),
        failed_draws=failed,
        seed=seed,
    )


def refit(
    design: FloatArray,
    follow_up: FollowUp,
    horizon_months: float,
    *,
    scale: Scale,
    names: tuple[str, ...],
    draws: int,
    seed: int,
    progress: str | None = None,
) -> LocalFit:
    """Estimate every slope anew, shrink all by their bootstrap calibration slope, anchor the mean.

    The shrinkage is the mean calibration slope of models fitted in bootstrap samples, met with the
    original patients (Harrell); the intercept is then set so that the mean risk is the observed
    rate. The draws are shrunken and anchored in the same way.

    Raises
    ------
    NoFitError
        If a term does not vary, or the data do not determine the model.
    """
    constant = [name for name, column in zip(names, design.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise NoFitError(
            f"the same in every patient, so no effect can be seen: {', '.join(constant)}"
        )
    outcome = outcome_by(follow_up, horizon_months)
    plain = _fit(scale, outcome, design)
    generator = np.random.default_rng(seed)
    samples: list[tuple[FloatArray, NDArray[np.int64], float]] = []
    slopes: list[float] = []
    optimism: list[float] = []
    failed = 0
    for _ in tqdm(range(draws), desc=progress, disable=progress is None, unit="sample"):
        rows = generator.integers(0, len(design), len(design))
        try:
            sample = outcome_by(follow_up.take(rows), horizon_months)
            drawn = _fit(scale, sample, design[rows])
            predictor = drawn[0] + design @ drawn[1:]
            slopes.append(float(_fit(scale, outcome, predictor[:, None])[1]))
        except NoFitError:
            failed += 1
            continue
        samples.append((drawn[1:], rows, sample.rate))
        with one_sample():
            optimism.append(
                area_under_curve(predictor[rows], sample) - area_under_curve(predictor, outcome)
            )
    if not slopes:
        raise NoFitError("no bootstrap sample has a finite fit")
    shrinkage = float(np.mean(slopes))
    kept = [
        np.concatenate([[_anchor(scale, shrinkage * own, design[rows], rate)], shrinkage * own])
        for own, rows, rate in samples
    ]
    shrunken = shrinkage * plain[1:]
    return LocalFit(
        scale=scale,
        intercept=_anchor(scale, shrunken, design, outcome.rate),
        slopes=shrunken,
        multiplier=None,
        shrinkage=shrinkage,
        draws=np.array(kept),
        failed_draws=failed,
        seed=seed,
        auc_optimism=float(np.mean(optimism)),
    )


def _fit(
    scale: Scale,
    outcome: HorizonOutcome,
    columns: FloatArray,
    offset: FloatArray | None = None,
) -> FloatArray:
    """Return intercept and slopes by weighted maximum likelihood."""
    known = outcome.known
    start = None
    if offset is not None:
        # from the shift that makes the mean right: from further away the iteration can diverge
        rate = float(np.average(outcome.occurred[known], weights=outcome.weight[known]))
        start = [_shift(scale, offset[known], rate, outcome.weight[known])]
    link = sm.families.links.Logit() if scale == "logit" else sm.families.links.CLogLog()
    model = sm.GLM(
        outcome.occurred[known],
        sm.add_constant(columns[known], has_constant="add"),
        family=sm.families.Binomial(link),
        offset=None if offset is None else offset[known],
        freq_weights=outcome.weight[known],
    )
    try:
        with one_sample():
            found = np.asarray(model.fit(start_params=start).params, dtype=float)
    except (ValueError, np.linalg.LinAlgError, *NO_ANSWER) as error:
        raise NoFitError(_UNDETERMINED) from error
    if not np.isfinite(found).all() or np.abs(found).max() > _LARGEST_COEFFICIENT:
        raise NoFitError(_UNDETERMINED)
    return found


def _anchor(scale: Scale, slopes: FloatArray, design: FloatArray, mean_risk: float) -> float:
    """Return the intercept that makes the mean risk over the design what it should be."""
    return _shift(scale, design @ slopes, mean_risk, np.ones(len(design)))


def _shift(scale: Scale, predictor: FloatArray, mean_risk: float, weight: FloatArray) -> float:
    """Return the shift of the predictor that makes the weighted mean risk what it should be."""

    def miss(shift: float) -> float:
        return float(np.average(risk_of(scale, shift + predictor), weights=weight)) - mean_risk

    try:
        return float(brentq(miss, -60, 60))
    except ValueError as error:  # nobody, or everybody, has the event
        raise NoFitError(_UNDETERMINED) from error
