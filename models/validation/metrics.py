"""How well risks fit what happened: discrimination, calibration, overall error.

Every measure weights for patients lost before the horizon (`horizon.HorizonOutcome`); without
losses the weights are 1 and the measures are the plain ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from lifelines.utils import concordance_index
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn import config_context
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import brier_score_loss, roc_auc_score
from statsmodels.nonparametric.smoothers_lowess import lowess
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    PerfectSeparationWarning,
    SingularMatrixWarning,
)
from tqdm import tqdm

from models.validation.horizon import FirstEvent, FloatArray, FollowUp, HorizonOutcome

__all__ = [
    "NO_ANSWER",
    "CalibrationCurve",
    "Estimate",
    "area_under_curve",
    "bootstrap",
    "brier_score",
    "calibration_curve",
    "calibration_intercept",
    "calibration_slope",
    "harrell_c",
    "integrated_calibration_index",
    "one_sample",
    "risk_measures",
    "scaled_brier_score",
    "wilson_interval",
]

# Risks of 0 or 1 have no logit; the shipped models never reach them.
_EDGE = 1e-9
# Share of the patients each local regression sees; statsmodels' own default, R's as well.
_LOESS_SPAN = 2 / 3
# A sample of one class, one that separates perfectly, one in which a term never varies: no answer.
NO_ANSWER = (
    ConvergenceWarning,
    PerfectSeparationWarning,
    RuntimeWarning,
    SingularMatrixWarning,
    UndefinedMetricWarning,
)


@contextmanager
def one_sample() -> Iterator[None]:
    """Set the conditions of one bootstrap sample.

    Warnings that mean "there is no such number here" become exceptions, and scikit-learn does not
    check again what was checked on the whole cohort.
    """
    quick = config_context(assume_finite=True, skip_parameter_validation=True)
    with quick, warnings.catch_warnings():
        for category in NO_ANSWER:
            warnings.simplefilter("error", category)
        yield


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure with its 95 % percentile bootstrap interval.

    `failed_draws` counts bootstrap samples in which the measure does not exist (no event drawn).
    """

    value: float
    lower: float
    upper: float
    draws: int
    failed_draws: int = 0


def area_under_curve(score: FloatArray, outcome: HorizonOutcome) -> float:
    """Return the probability that a patient with the event scores higher than one without.

    Cumulative/dynamic AUC at the horizon; ties count one half.
    """
    known = outcome.known
    return float(
        roc_auc_score(outcome.occurred[known], score[known], sample_weight=outcome.weight[known])
    )


def harrell_c(score: FloatArray, follow_up: FollowUp) -> float:
    """Return Harrell's concordance over the whole follow-up; a higher score means earlier.

    Harrell et al., JAMA 1982. A patient with a competing event can no longer have the
    event and is kept as event-free beyond the last time seen (Wolbers et al., Epidemiology
    2009).
    """
    beyond = float(follow_up.months.max()) + 1
    competing = follow_up.first_event == FirstEvent.COMPETING
    months = np.where(competing, beyond, follow_up.months)
    return float(concordance_index(months, -score, follow_up.first_event == FirstEvent.EVENT))


def calibration_intercept(risk: FloatArray, outcome: HorizonOutcome) -> float:
    """Return a of logit P(event) = a + logit(risk): 0 if the mean risk is right.

    Above 0 the risks are too low on average, below 0 too high.
    """
    known = outcome.known
    expected = _log_odds(risk[known])
    weighted = outcome.weight[known] / outcome.weight[known].sum()
    observed = float(weighted @ outcome.occurred[known])
    # from the shift that makes the mean right: from further away the iteration can diverge
    start = brentq(lambda shift: float(weighted @ expit(shift + expected)) - observed, -60, 60)
    fit = sm.GLM(
        outcome.occurred[known],
        np.ones((int(known.sum()), 1)),
        family=sm.families.Binomial(),
        offset=expected,
        freq_weights=outcome.weight[known],
    ).fit(start_params=[start])
    return float(fit.params[0])


def calibration_slope(risk: FloatArray, outcome: HorizonOutcome) -> float:
    """Return b of logit P(event) = a + b logit(risk): 1 if the spread of the risks is right.

    Below 1 the risks are too extreme (the mark of overfitting), above 1 too timid.
    """
    known = outcome.known
    fit = sm.GLM(
        outcome.occurred[known],
        sm.add_constant(_log_odds(risk[known]), has_constant="add"),
        family=sm.families.Binomial(),
        freq_weights=outcome.weight[known],
    ).fit()
    return float(fit.params[1])


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Observed probability, smoothed, against the risk that was given."""

    risk: FloatArray
    observed: FloatArray


def calibration_curve(
    risk: FloatArray, outcome: HorizonOutcome, at: FloatArray | None = None
) -> CalibrationCurve:
    """Return the flexible calibration curve: a local linear regression of the event on the risk.

    Loess without robustness iterations, as the outcome is 0 or 1. The response is weight x event,
    whose expectation at a given risk is the probability of the event, so patients lost before the
    horizon stay in. `at` are the risks to evaluate at; by default the patients' own.
    """
    where = risk if at is None else at
    if np.ptp(risk) == 0:  # one single risk: nothing to smooth over
        return CalibrationCurve(where, np.full(len(where), outcome.rate))
    order = np.argsort(risk, kind="stable")
    with np.errstate(divide="ignore", invalid="ignore"):  # a crowd at one risk: see below
        smooth = lowess(
            (outcome.weight * outcome.occurred)[order],
            risk[order],
            frac=_LOESS_SPAN,
            it=0,
            xvals=where,
        )
    # xvals without neighbours of another risk have no local slope: use the mean of that risk
    holes = np.isnan(smooth)
    if holes.any():
        pooled = outcome.weight * outcome.occurred
        smooth[holes] = [
            pooled[np.abs(risk - x) == np.abs(risk - x).min()].mean() for x in where[holes]
        ]
    return CalibrationCurve(where, np.clip(smooth, 0.0, 1.0))


def integrated_calibration_index(risk: FloatArray, outcome: HorizonOutcome) -> float:
    """Return the mean distance between a patient's risk and the flexible curve at that risk.

    Austin and Steyerberg, Stat Med 2019. 0 is perfect; the unit is probability.
    """
    curve = calibration_curve(risk, outcome)
    return float(np.mean(np.abs(curve.observed - risk)))


def brier_score(risk: FloatArray, outcome: HorizonOutcome) -> float:
    """Return the mean squared distance between risk and outcome; 0 is perfect."""
    known = outcome.known
    squared = brier_score_loss(
        outcome.occurred[known], risk[known], sample_weight=outcome.weight[known]
    )
    return float(squared)


def scaled_brier_score(risk: FloatArray, outcome: HorizonOutcome) -> float:
    """Return 1 - Brier / Brier of giving everybody the observed rate; 1 is perfect, 0 is no use."""
    mean = np.full(len(risk), outcome.rate)
    return 1 - brier_score(risk, outcome) / brier_score(mean, outcome)


def wilson_interval(events: int, patients: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a proportion (Wilson, JASA 1927).

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(4, 95)]
    [0.016, 0.103]
    """
    lower, upper = proportion_confint(events, patients, alpha=0.05, method="wilson")
    return float(lower), float(upper)


def risk_measures(
    risk: FloatArray, outcome: HorizonOutcome, follow_up: FollowUp
) -> dict[str, float]:
    """Return every measure of absolute risks at a horizon, by name."""
    return {
        "auc": area_under_curve(risk, outcome),
        "harrell_c": harrell_c(risk, follow_up),
        "calibration_intercept": calibration_intercept(risk, outcome),
        "calibration_slope": calibration_slope(risk, outcome),
        "integrated_calibration_index": integrated_calibration_index(risk, outcome),
        "brier": brier_score(risk, outcome),
        "scaled_brier": scaled_brier_score(risk, outcome),
        "observed_to_expected": outcome.rate / float(np.mean(risk)),
    }


def bootstrap(
    measure: Callable[[NDArray[np.intp]], Mapping[str, float]],
    patients: int,
    *,
    draws: int,
    seed: int,
    progress: str | None = None,
) -> dict[str, Estimate]:
    """Return each measure on all patients with its 95 % percentile interval over resamples.

    Parameters
    ----------
    measure : callable
        Takes row numbers (drawn with replacement), returns measures by name. A sample on which it
        raises ValueError (one class only) is left out and counted.
    patients : int
        Number of rows.
    draws : int
        Number of bootstrap samples.
    seed : int
        Seed of the generator; equal seeds give equal intervals.
    progress : str or None
        Label of the progress bar; none is shown without one.
    """
    point = measure(np.arange(patients))
    generator = np.random.default_rng(seed)
    values: dict[str, list[float]] = {name: [] for name in point}
    failed = 0
    for _ in tqdm(range(draws), desc=progress, disable=progress is None, unit="sample"):
        rows = generator.integers(0, patients, patients)
        try:
            with one_sample():
                drawn = measure(rows)
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, *NO_ANSWER):
            failed += 1
            continue
        for name, value in drawn.items():
            values[name].append(value)
    return {
        name: _estimate(point[name], np.asarray(drawn), failed) for name, drawn in values.items()
    }


def _estimate(value: float, drawn: FloatArray, failed: int) -> Estimate:
    if not len(drawn):
        return Estimate(value, float("nan"), float("nan"), 0, failed)
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(lower), float(upper), len(drawn), failed)


def _log_odds(risk: FloatArray) -> FloatArray:
    odds: FloatArray = logit(np.clip(risk, _EDGE, 1 - _EDGE))
    return odds
