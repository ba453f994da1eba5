"""What a model's figures lose when it meets patients it was not fitted to.

Harrell, Lee and Mark, Stat Med 1996;15:361: refit the whole model in each bootstrap sample, measure
it there and on the original patients; the mean difference is the optimism of the apparent figure.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning
from tqdm import tqdm

from models.validation.horizon import FloatArray

__all__ = ["Corrected", "LogisticFit", "anchored", "correct_for_optimism", "fit_logistic"]


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A maximum-likelihood logistic regression: intercept first."""

    coefficients: FloatArray

    def risk(self, design: FloatArray) -> FloatArray:
        """Return the probability of the event for each row."""
        probability: FloatArray = expit(self.coefficients[0] + design @ self.coefficients[1:])
        return probability


@dataclass(frozen=True, slots=True)
class Corrected:
    """An apparent figure, its optimism, and their difference.

    `lower` and `upper` are the 95 % bootstrap interval of the figure, moved so that its middle is
    the corrected figure (a location-shifted interval, after Noma et al., Stat Med 2021;40:5691): it
    keeps the sampling error and drops the flattery.
    """

    apparent: float
    optimism: float
    lower: float
    upper: float

    @property
    def corrected(self) -> float:
        """Apparent minus optimism."""
        return self.apparent - self.optimism


def fit_logistic(
    design: FloatArray, event: FloatArray, weight: FloatArray | None = None
) -> LogisticFit:
    """Fit P(event) by maximum likelihood on a design without constant column."""
    with_constant = sm.add_constant(design, has_constant="add")
    model = sm.GLM(event, with_constant, family=sm.families.Binomial(), freq_weights=weight)
    return LogisticFit(np.asarray(model.fit().params, dtype=float))


def anchored(slopes: FloatArray, design: FloatArray, mean_risk: float) -> LogisticFit:
    """Return the model with these slopes whose mean risk over the design is the one given."""
    score = design @ slopes
    intercept = brentq(lambda start: float(np.mean(expit(start + score))) - mean_risk, -30, 30)
    return LogisticFit(np.concatenate([[intercept], slopes]))


def correct_for_optimism(
    design: FloatArray,
    event: FloatArray,
    measure: Callable[[FloatArray, NDArray[np.intp]], Mapping[str, float]],
    *,
    fit: Callable[[FloatArray, FloatArray], LogisticFit],
    draws: int,
    seed: int,
    progress: str | None = None,
) -> dict[str, Corrected]:
    """Return each measure of the refitted model, corrected for optimism.

    Parameters
    ----------
    design : array
        One row per patient, one column per term.
    event : array
        0 or 1.
    measure : callable
        Takes the risks of some patients and their row numbers, returns measures by name.
    fit : callable
        The whole way from data to model, every step of it: what is not repeated in each sample is
        not corrected for.
    draws, seed : int
        Number of bootstrap samples and seed of the generator.
    progress : str or None
        Label of the progress bar; none is shown without one.
    """
    everybody = np.arange(len(event))
    apparent = measure(fit(design, event).risk(design), everybody)
    generator = np.random.default_rng(seed)
    in_sample: dict[str, list[float]] = {name: [] for name in apparent}
    optimism: dict[str, list[float]] = {name: [] for name in apparent}
    for _ in tqdm(range(draws), desc=progress, disable=progress is None, unit="sample"):
        rows = generator.integers(0, len(event), len(event))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", ConvergenceWarning)
                warnings.simplefilter("error", PerfectSeparationWarning)
                fitted = fit(design[rows], event[rows])
        except (ConvergenceWarning, PerfectSeparationWarning):
            continue  # no finite fit in this sample
        drawn = measure(fitted.risk(design[rows]), rows)
        original = measure(fitted.risk(design), everybody)
        for name in apparent:
            in_sample[name].append(drawn[name])
            optimism[name].append(drawn[name] - original[name])
    return {
        name: _corrected(value, np.asarray(in_sample[name]), float(np.mean(optimism[name])))
        for name, value in apparent.items()
    }


def _corrected(apparent: float, drawn: FloatArray, optimism: float) -> Corrected:
    lower, upper = np.quantile(drawn - drawn.mean(), [0.025, 0.975])
    corrected = apparent - optimism
    return Corrected(apparent, optimism, corrected + float(lower), corrected + float(upper))
