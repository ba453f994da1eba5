"""Fits and measures in a few lines each, the same on every version of the science stack.

Random numbers come from Python's own Mersenne twister (`random.Random(seed).random()`, whose
sequence Python guarantees), never from numpy, whose streams may change between versions.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import numpy as np

from models.derivation.public_cohort import FloatArray

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]

__all__ = [
    "Rows",
    "anchored_intercept",
    "area_under_curve",
    "fit_logistic",
    "logistic_risk",
    "resamples",
    "rise_to",
    "standard_errors",
    "wilson_interval",
    "with_intercept",
]

LARGEST_COEFFICIENT = 12.0
NORMAL_97_5 = 1.959963984540054


def with_intercept(design: FloatArray) -> FloatArray:
    """Return the design with a leading column of ones."""
    return np.column_stack([np.ones(len(design)), design])


def logistic_risk(log_odds: FloatArray) -> FloatArray:
    """Return risks from log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def fit_logistic(design: FloatArray, outcome: FloatArray) -> FloatArray:
    """Return the maximum-likelihood coefficients (Newton-Raphson).

    Raises
    ------
    ValueError
        If a factor separates the outcomes, so that its coefficient grows without end.
    """
    coefficients = np.zeros(design.shape[1])
    for _ in range(50):
        risk = logistic_risk(design @ coefficients)
        information = (design.T * (risk * (1.0 - risk))) @ design
        step = np.linalg.solve(information, design.T @ (outcome - risk))
        coefficients = coefficients + step
        if np.abs(coefficients).max() > LARGEST_COEFFICIENT:
            break
        if np.abs(step).max() < 1e-12:
            return coefficients
    raise ValueError("the logistic fit does not exist: a factor separates the outcomes")


def standard_errors(design: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Return the standard errors from the inverse information."""
    risk = logistic_risk(design @ coefficients)
    information = (design.T * (risk * (1.0 - risk))) @ design
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(information))))


def rise_to(target: float, function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function reaches the target (bisection to the last bit)."""
    for _ in range(200):
        middle = (low + high) / 2.0
        if function(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def anchored_intercept(scores: FloatArray, weights: FloatArray, mean_risk: float) -> float:
    """Return the intercept that gives the weighted mean risk."""
    return rise_to(
        mean_risk,
        lambda intercept: float(weights @ logistic_risk(scores + intercept)),
        -25.0,
        25.0,
    )


def area_under_curve(score: FloatArray, outcome: FloatArray) -> float:
    """Return the chance that somebody with the event scores higher; ties count one half."""
    cases, controls = score[outcome == 1], score[outcome == 0]
    difference = np.round(cases[:, None] - controls[None, :], 10)
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def resamples(size: int, seed: int) -> Iterator[Rows]:
    """Yield bootstrap samples as row numbers, without end."""
    source = random.Random(seed)  # noqa: S311 - a bootstrap, not a secret
    while True:
        yield np.array([int(source.random() * size) for _ in range(size)], dtype=np.int64)


def wilson_interval(events: int, size: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a proportion.

    >>> [round(end, 2) for end in wilson_interval(40, 85)]
    [0.37, 0.58]
    """
    share, z2 = events / size, NORMAL_97_5**2
    middle = (share + z2 / (2 * size)) / (1 + z2 / size)
    half = (
        NORMAL_97_5 * math.sqrt(share * (1 - share) / size + z2 / (4 * size**2)) / (1 + z2 / size)
    )
    return middle - half, middle + half
