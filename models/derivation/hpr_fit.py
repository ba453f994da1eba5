"""Fits the two HPR models: plain fit, shrinkage, anchoring, tree, bootstrap."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from models.derivation.conditional_inference_tree import Branch, Tip, grow
from models.derivation.document import rounded
from models.derivation.fitting import (
    NORMAL_97_5,
    Rows,
    anchored_intercept,
    area_under_curve,
    fit_logistic,
    logistic_risk,
    resamples,
    standard_errors,
    with_intercept,
)
from models.derivation.public_cohort import Cohort, FloatArray, load_cohort

__all__ = [
    "BORROWED",
    "DRAWS",
    "HPR_CASES",
    "HPR_RESECTIONS",
    "MEAN_RISK",
    "SEED",
    "SHRINKAGE",
    "Borrowed",
    "Fit",
    "derive",
    "three_leaves",
]

HPR_CASES, HPR_RESECTIONS = 506, 3125  # Qi 2025, abstract
MEAN_RISK = HPR_CASES / HPR_RESECTIONS
# The bootstrap's mean slope is 0.86 to 0.875 by seed; fixed, so that no seed decides a coefficient.
SHRINKAGE = 0.868
DRAWS = 1000
SEED = 1


@dataclass(frozen=True)
class Borrowed:
    """A term taken from another study."""

    name: str
    ratio: float
    lower: float
    upper: float
    prevalence: float


BORROWED = (
    Borrowed("microvascular_invasion", 2.079, 1.597, 2.706, 0.442),
    Borrowed("ki67_percent", 1.626, 1.364, 1.939, 0.411),
    Borrowed("complication", 2.223, 1.161, 4.258, 0.376),
)


@dataclass(frozen=True)
class Fit:
    """Everything the two files are made of, unrounded except the shipped coefficients."""

    cohort: Cohort
    plain: FloatArray
    plain_errors: FloatArray
    shipped: FloatArray
    intercept: float
    borrowed: FloatArray
    postoperative_intercept: float
    tree: Branch | Tip
    cuts: tuple[float, float]
    apparent_auc: float
    auc_interval: tuple[float, float]
    optimism: float
    bootstrap_slope: float
    redrawn: int
    draws: FloatArray
    postoperative_draws: FloatArray


@cache
def derive() -> Fit:
    """Fit, shrink, anchor, grow the tree and draw the bootstrap; about five seconds."""
    cohort = load_cohort()
    design, outcome = with_intercept(cohort.design), cohort.recurred
    plain = fit_logistic(design, outcome)
    shipped = _rounded(SHRINKAGE * plain[1:])
    score = cohort.design @ shipped
    intercept = rounded(_anchor(score), 4)
    borrowed = _rounded(SHRINKAGE * np.array([math.log(item.ratio) for item in BORROWED]))
    scores, weights = _mixture(score, borrowed)
    tree = grow(score, outcome)
    bootstrap = _bootstrap(cohort, score)
    return Fit(
        cohort=cohort,
        plain=plain,
        plain_errors=standard_errors(design, plain),
        shipped=shipped,
        intercept=intercept,
        borrowed=borrowed,
        postoperative_intercept=rounded(anchored_intercept(scores, weights, MEAN_RISK), 4),
        tree=tree,
        cuts=_cuts(tree, intercept),
        apparent_auc=area_under_curve(score, outcome),
        auc_interval=_percentiles(bootstrap.areas),
        optimism=float(bootstrap.optimisms.mean()),
        bootstrap_slope=float(bootstrap.slopes.mean()),
        redrawn=bootstrap.redrawn,
        draws=bootstrap.draws,
        postoperative_draws=_postoperative_draws(cohort, bootstrap),
    )


@dataclass(frozen=True)
class _Bootstrap:
    slopes: FloatArray
    optimisms: FloatArray
    draws: FloatArray
    areas: tuple[float, ...]
    samples: tuple[Rows, ...]
    redrawn: int


def _bootstrap(cohort: Cohort, shipped_score: FloatArray) -> _Bootstrap:
    """Repeat fit, shrinkage and anchoring in each resample; judge discrimination on the cohort."""
    design, outcome = with_intercept(cohort.design), cohort.recurred
    slopes: list[float] = []
    optimisms: list[float] = []
    draws: list[list[float]] = []
    areas: list[float] = []
    samples: list[Rows] = []
    redrawn = 0
    for rows in resamples(len(cohort), SEED):
        try:
            slope = fit_logistic(design[rows], outcome[rows])[1:]
        except ValueError:
            # A factor separates the outcomes in this sample (once in about a thousand).
            redrawn += 1
            continue
        score = cohort.design @ slope
        slopes.append(float(fit_logistic(with_intercept(score[:, None]), outcome)[1]))
        areas.append(area_under_curve(shipped_score[rows], outcome[rows]))
        optimisms.append(
            area_under_curve(score[rows], outcome[rows]) - area_under_curve(score, outcome)
        )
        samples.append(rows)
        draws.append([_anchor(SHRINKAGE * score[rows]), *(SHRINKAGE * slope).tolist()])
        if len(draws) == DRAWS:
            break
    return _Bootstrap(
        np.array(slopes),
        np.array(optimisms),
        np.array(draws),
        tuple(areas),
        tuple(samples),
        redrawn,
    )


def _postoperative_draws(cohort: Cohort, bootstrap: _Bootstrap) -> FloatArray:
    """Add the borrowed terms, drawn on the log scale from their printed 95 % intervals."""
    source, normal = random.Random(SEED), NormalDist()  # noqa: S311 - a bootstrap, not a secret
    result = []
    for draw, rows in zip(bootstrap.draws, bootstrap.samples, strict=True):
        terms = []
        for item in BORROWED:
            error = (math.log(item.upper) - math.log(item.lower)) / (2 * NORMAL_97_5)
            deviate = normal.inv_cdf(source.random())
            terms.append(SHRINKAGE * (math.log(item.ratio) + error * deviate))
        scores, weights = _mixture(cohort.design[rows] @ draw[1:], np.array(terms))
        result.append([anchored_intercept(scores, weights, MEAN_RISK), *draw[1:], *terms])
    return np.array(result)


def _anchor(score: FloatArray) -> float:
    return anchored_intercept(score, np.full(len(score), 1.0 / len(score)), MEAN_RISK)


def _mixture(score: FloatArray, borrowed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cross the cohort with the eight patterns of the borrowed factors, taken as independent."""
    scores, weights = [], []
    for pattern in itertools.product((0, 1), repeat=len(BORROWED)):
        share = math.prod(
            item.prevalence if present else 1.0 - item.prevalence
            for item, present in zip(BORROWED, pattern, strict=True)
        )
        scores.append(score + float(np.array(pattern) @ borrowed))
        weights.append(np.full(len(score), share / len(score)))
    return np.concatenate(scores), np.concatenate(weights)


def _rounded(values: FloatArray) -> FloatArray:
    return np.array([rounded(float(value), 4) for value in values])


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.percentile(np.array(values), [2.5, 97.5])
    return float(low), float(high)


def _cuts(tree: Branch | Tip, intercept: float) -> tuple[float, float]:
    """Return the cuts on the shipped risk, half-way between neighbours rounded to four decimals."""
    upper, lower, _ = three_leaves(tree)
    return _between(lower, intercept), _between(upper, intercept)


def three_leaves(tree: Branch | Tip) -> tuple[Branch, Branch, tuple[Tip, Tip, Tip]]:
    """Return the upper fork, the lower fork and the leaves from low to high.

    Raises
    ------
    ValueError
        If the tree has grown into another shape, so that its classes need new names.
    """
    if isinstance(tree, Branch) and isinstance(tree.below, Branch):
        low, intermediate, high = tree.below.below, tree.below.above, tree.above
        if isinstance(low, Tip) and isinstance(intermediate, Tip) and isinstance(high, Tip):
            return tree, tree.below, (low, intermediate, high)
    raise ValueError("the tree does not have three leaves, two of them below its first fork")


def _between(branch: Branch, intercept: float) -> float:
    sides = np.array([branch.last_below, branch.first_above]) + intercept
    below, above = (rounded(float(risk), 4) for risk in logistic_risk(sides))
    return rounded(rounded((below + above) / 2.0, 6), 4)
