"""Builds the parameter files of the two HPR models (evidence.md section 1)."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from models.derivation import hpr_texts as texts
from models.derivation.conditional_inference_tree import Branch, Tip, grow
from models.derivation.document import Document, figure, rounded
from models.derivation.fitting import (
    NORMAL_97_5,
    Rows,
    anchored_intercept,
    area_under_curve,
    fit_logistic,
    logistic_risk,
    resamples,
    standard_errors,
    wilson_interval,
    with_intercept,
)
from models.derivation.public_cohort import FACTORS, Cohort, FloatArray, load_cohort

__all__ = ["Fit", "derive", "postoperative_document", "preoperative_document"]

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
    if not isinstance(tree, Branch) or not isinstance(tree.below, Branch):
        raise TypeError("the tree no longer has three leaves in the expected order")
    return _between(tree.below, intercept), _between(tree, intercept)


def _between(branch: Branch, intercept: float) -> float:
    sides = np.array([branch.last_below, branch.first_above]) + intercept
    below, above = (rounded(float(risk), 4) for risk in logistic_risk(sides))
    return rounded(rounded((below + above) / 2.0, 6), 4)


def _class_tree(fit: Fit, leaves: tuple[Document, Document, Document]) -> Document:
    tree = fit.tree
    if not isinstance(tree, Branch) or not isinstance(tree.below, Branch):
        raise TypeError("the tree no longer has three leaves in the expected order")
    low, intermediate, high = leaves
    return {
        "on": "risk",
        "cut": figure(fit.cuts[1], "re-estimated", "this derivation"),
        "cut_goes": "below",
        "p_value": figure(_three_digits(tree.p_value), "re-estimated", "this derivation"),
        "below": {
            "on": "risk",
            "cut": figure(fit.cuts[0], "re-estimated", "this derivation"),
            "cut_goes": "above",
            "p_value": figure(_three_digits(tree.below.p_value), "re-estimated", "this derivation"),
            "below": low,
            "above": intermediate,
        },
        "above": high,
    }


def _three_digits(value: float) -> float:
    return float(f"{value:.2e}")


def _leaf(risk_class: str, tip: Branch | Tip) -> Document:
    if not isinstance(tip, Tip):
        raise TypeError("the tree no longer has three leaves in the expected order")
    low, high = wilson_interval(tip.events, tip.n)
    observed = figure(
        rounded(tip.events / tip.n, 4),
        "re-estimated",
        "li-2014",
        lower=rounded(low, 4),
        upper=rounded(high, 4),
        note="95 % Wilson interval; the cohort's own rate, unscaled",
    )
    return {"risk_class": risk_class, "n": tip.n, "events": tip.events, "observed": observed}


def _fitted_terms(fit: Fit) -> list[Document]:
    terms = []
    for index, name in enumerate(FACTORS):
        beta, error = float(fit.plain[index + 1]), float(fit.plain_errors[index + 1])
        limits = sorted((beta - NORMAL_97_5 * error, beta + NORMAL_97_5 * error))
        ratio = figure(
            rounded(math.exp(beta), 4),
            "re-estimated",
            "li-2014",
            lower=rounded(math.exp(limits[0]), 4),
            upper=rounded(math.exp(limits[1]), 4),
            note=f"plain fit, coefficient {rounded(beta, 4)}",
        )
        coefficient = figure(
            float(fit.shipped[index]),
            "re-estimated",
            "li-2014",
            note=f"{SHRINKAGE} x the plain fit's coefficient (shrunken slope)",
        )
        effect = {
            "measure": "odds ratio",
            "ratio": ratio,
            "endpoint": "recurrence within 4 months of resection",
        }
        terms.append(
            {**texts.TERMS[name], "input": name, "coefficient": coefficient, "effect": effect}
        )
    return terms


def _borrowed_terms(fit: Fit) -> list[Document]:
    terms = []
    for item, coefficient in zip(BORROWED, fit.borrowed, strict=True):
        source = texts.BORROWED_FROM[item.name]
        ratio = figure(
            item.ratio, "published", source["source"], lower=item.lower, upper=item.upper
        )
        terms.append(
            {
                **texts.TERMS[item.name],
                "input": item.name,
                "coefficient": figure(
                    float(coefficient),
                    "re-estimated",
                    source["source"],
                    note=f"borrowed: {SHRINKAGE} x ln({item.ratio})",
                ),
                "effect": {
                    "measure": source["measure"],
                    "ratio": ratio,
                    "endpoint": source["endpoint"],
                },
            }
        )
    return terms


def _population(cohort: Cohort) -> Document:
    def group(name: str, members: FloatArray) -> Document:
        return {
            "name": name,
            "n": int(members.sum()),
            "events": int((members * cohort.recurred).sum()),
            "source": "li-2014",
        }

    return {
        **texts.POPULATION,
        "n": len(cohort),
        "events": int(cohort.recurred.sum()),
        "groups": [
            group("women", cohort.women),
            group("HBsAg-negative", cohort.hbsag_negative),
            group("65 years or older", cohort.aged_65_or_more),
        ],
    }


def _performance(fit: Fit) -> list[Document]:
    low, high = fit.auc_interval
    common = {"data": "the cohort it was fitted to", "status": "re-estimated", "source": "li-2014"}
    return [
        {
            "measure": "AUC, apparent",
            "value": rounded(fit.apparent_auc, 3),
            "lower": rounded(low, 2),
            "upper": rounded(high, 2),
            "method": f"percentile interval of {DRAWS} bootstrap samples; optimistic, fitted here",
            **common,
        },
        {
            "measure": "AUC, corrected for optimism",
            "value": rounded(fit.apparent_auc - fit.optimism, 3),
            "lower": rounded(low - fit.optimism, 2),
            "upper": rounded(high - fit.optimism, 2),
            "method": (
                f"apparent minus the mean optimism of {DRAWS} bootstrap refits "
                f"({rounded(fit.optimism, 3)}); the interval is the apparent one moved by it"
            ),
            **common,
        },
        {
            "measure": "calibration slope of bootstrap refits",
            "value": rounded(fit.bootstrap_slope, 3),
            "method": f"mean over {DRAWS} bootstrap refits; the shipped slope is shrunken by {SHRINKAGE}",
            **common,
        },
    ]


def _draws(columns: Sequence[str], rows: FloatArray, method: str) -> Document:
    return {
        "method": method,
        "seed": SEED,
        "columns": ["intercept", *columns],
        "rows": [[rounded(float(value), 4) for value in row] for row in rows],
    }


def _points(fit: Fit) -> Document:
    span = 6.0 * abs(float(fit.shipped[0]))
    return {
        "score_of_100_points": figure(rounded(span, 4), "re-estimated", "this derivation"),
        "anchor": "100 points are age 20 on an axis from 20 to 80 years",
    }


def _intercept(value: float, note: str) -> Document:
    return figure(value, "re-estimated", "qi-2025", note=note)


def preoperative_document() -> Document:
    """Return the parameter file of `hpr_preoperative`."""
    fit = derive()
    tree = fit.tree
    if not isinstance(tree, Branch) or not isinstance(tree.below, Branch):
        raise TypeError("the tree no longer has three leaves in the expected order")
    leaves = (
        _leaf("low", tree.below.below),
        _leaf("intermediate", tree.below.above),
        _leaf("high", tree.above),
    )
    share = rounded(100 * fit.cohort.recurred.mean(), 1)
    mean = f"mean risk of the cohort is {HPR_CASES}/{HPR_RESECTIONS}"
    return {
        **texts.PREOPERATIVE,
        "citations": {key: texts.CITATIONS[key] for key in texts.PREOPERATIVE_CITATIONS},
        "population": _population(fit.cohort),
        "outcome": texts.OUTCOME,
        "form": {
            "kind": "logistic",
            "intercept": _intercept(fit.intercept, f"set so that the {mean}"),
            "plain_fit_intercept": figure(
                rounded(float(fit.plain[0]), 4), "re-estimated", "li-2014"
            ),
        },
        "terms": _fitted_terms(fit),
        "points": _points(fit),
        "classes": {
            "method": texts.TREE_METHOD,
            "caveat": texts.LEAF_CAVEAT.format(share=share),
            "tree": _class_tree(fit, leaves),
        },
        "draws": _draws(
            FACTORS, fit.draws, texts.DRAW_METHOD.format(draws=DRAWS, redrawn=fit.redrawn)
        ),
        "performance": _performance(fit),
        "limits": texts.LIMITS,
        "cautions": texts.CAUTIONS,
    }


def postoperative_document() -> Document:
    """Return the parameter file of `hpr_postoperative`."""
    fit = derive()
    names = (*FACTORS, *(item.name for item in BORROWED))
    leaves = tuple({"risk_class": name} for name in ("low", "intermediate", "high"))
    shares = ", ".join(
        f"{texts.TERMS[item.name]['label']} {rounded(100 * item.prevalence, 1)} %"
        for item in BORROWED
    )
    note = (
        f"set so that the mean risk stays {HPR_CASES}/{HPR_RESECTIONS} with {shares}, taken as "
        "independent"
    )
    return {
        **texts.POSTOPERATIVE,
        "citations": texts.CITATIONS,
        "population": _population(fit.cohort),
        "outcome": texts.OUTCOME,
        "form": {"kind": "logistic", "intercept": _intercept(fit.postoperative_intercept, note)},
        "terms": [*_fitted_terms(fit), *_borrowed_terms(fit)],
        "points": _points(fit),
        "classes": {
            "method": texts.POSTOPERATIVE_TREE_METHOD,
            "caveat": texts.POSTOPERATIVE_CAVEAT,
            "tree": _class_tree(fit, (leaves[0], leaves[1], leaves[2])),
        },
        "draws": _draws(
            names,
            fit.postoperative_draws,
            texts.POSTOPERATIVE_DRAW_METHOD.format(draws=DRAWS, redrawn=fit.redrawn),
        ),
        "performance": [],
        "limits": [*texts.POSTOPERATIVE_LIMITS, *texts.LIMITS],
        "cautions": [*texts.POSTOPERATIVE_CAUTIONS, *texts.CAUTIONS],
    }
