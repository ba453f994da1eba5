"""What a model's figures lose when it meets patients it was not fitted to.

Harrell, Lee and Mark, Stat Med 1996: refit the whole model in each bootstrap sample, measure
it there and on the original patients; the mean difference is the optimism of the apparent figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from tqdm import tqdm

from models.validation.horizon import FloatArray
from models.validation.metrics import NO_ANSWER, one_sample

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

    `lower` and `upper` are the 95 % interval over bootstrap samples of patients, the model kept as
    it is, moved by the optimism (a location-shifted interval, after Noma et al., Stat Med
    2021, but for the model as it stands instead of one refitted in every sample): it keeps the
    sampling error of the patients and drops the flattery.
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
    fitted_risk = fit(design, event).risk(design)
    apparent = measure(fitted_risk, everybody)
    generator = np.random.default_rng(seed)
    sampled: dict[str, list[float]] = {name: [] for name in apparent}
    optimism: dict[str, list[float]] = {name: [] for name in apparent}
    for _ in tqdm(range(draws), desc=progress, disable=progress is None, unit="sample"):
        rows = generator.integers(0, len(event), len(event))
        try:
            with one_sample():
                fitted = fit(design[rows], event[rows])
                drawn = measure(fitted.risk(design[rows]), rows)
                original = measure(fitted.risk(design), everybody)
                as_it_is = measure(fitted_risk[rows], rows)
        except NO_ANSWER:
            continue  # no finite fit or slope in this sample
        for name in apparent:
            sampled[name].append(as_it_is[name])
            optimism[name].append(drawn[name] - original[name])
    return {
        name: _corrected(value, np.asarray(sampled[name]), float(np.mean(optimism[name])))
        for name, value in apparent.items()
    }


def _corrected(apparent: float, drawn: FloatArray, optimism: float) -> Corrected:
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    return Corrected(apparent, optimism, float(lower) - optimism, float(upper) - optimism)
