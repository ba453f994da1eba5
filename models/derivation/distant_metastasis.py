"""Builds the parameter file of `distant_metastasis` (evidence.md section 2).

The paper prints hazard ratios (Table 4) and how often each factor occurs in three groups (Table 1),
not the baseline and not the cut-offs. Both are reconstructed: the 512 patterns of the nine factors
are enumerated as a mixture of the three groups, independent within a group. No random numbers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.derivation import metastasis_texts as texts
from models.derivation.document import Document, figure, rounded
from models.derivation.fitting import area_under_curve, resamples, rise_to
from models.derivation.public_cohort import FloatArray, load_cohort

__all__ = ["FACTORS", "Reconstruction", "metastasis_document", "reconstruct"]


@dataclass(frozen=True)
class Factor:
    """One row of Table 4 with its row of Table 1 (per cent: none, intrahepatic only, distant)."""

    name: str
    hazard_ratio: float
    lower: float
    upper: float
    percent: tuple[float, float, float]


FACTORS = (
    Factor("macrovascular_invasion", 3.442, 2.639, 4.489, (2.6, 10.4, 30.1)),
    Factor("rupture", 2.558, 1.808, 3.617, (1.7, 3.4, 11.7)),
    Factor("tumour_size_cm", 2.430, 1.845, 3.202, (37.5, 51.5, 77.7)),
    Factor("microvascular_invasion", 2.079, 1.597, 2.706, (28.6, 52.1, 71.8)),
    Factor("satellites", 1.716, 1.246, 2.364, (8.6, 23.6, 40.2)),
    Factor("afp_ng_ml", 1.687, 1.344, 2.117, (26.5, 33.0, 50.8)),
    Factor("margin_cm", 1.653, 1.325, 2.063, (43.2, 59.9, 62.0)),
    Factor("transfusion", 1.486, 1.157, 1.910, (10.6, 13.9, 32.8)),
    Factor("tumour_number", 1.388, 1.013, 1.902, (10.0, 24.1, 35.2)),
)
GROUPS = (1198, 1165, 342)  # no recurrence, intrahepatic only, distant
RESECTIONS = 2705
DISTANT_WITHIN_YEAR = 230
PERCENTILES = (0.50, 0.85)
BEYOND_PERCENTILE = 0.99
SURVIVAL_RANGE = (0.987, 0.992)
REPORTED_AUC = 0.875
DRAWS, SEED = 1000, 1
# Which of the public cohort's columns are factors of this score.
EXTERNAL = ("afp_ng_ml", "tumour_size_cm", "tumour_number", "macrovascular_invasion")


@dataclass(frozen=True)
class Reconstruction:
    """What the mixture gives.

    Attributes
    ----------
    cuts : tuple of float
        On the linear predictor, half-way between attainable scores.
    beyond_points : float
        Points above which fewer than one in a hundred patients lie.
    shares, mean_risks : tuple of float
        Per class, low to high.
    """

    mean_linear_predictor: float
    cuts: tuple[float, float]
    beyond_points: float
    shares: tuple[float, float, float]
    baseline_cumulative_hazard: float
    mean_risks: tuple[float, float, float]
    area_under_curve: float


@cache
def reconstruct() -> Reconstruction:
    """Enumerate the patterns and read off baseline, cuts, shares and discrimination."""
    betas = np.array([math.log(factor.hazard_ratio) for factor in FACTORS])
    patterns = list(itertools.product((0, 1), repeat=len(FACTORS)))
    scores = np.array([float(np.array(pattern) @ betas) for pattern in patterns])
    weights = np.array([[_share(pattern, group) for group in range(3)] for pattern in patterns])
    weight = weights.sum(axis=1)
    low_cut, high_cut = (_cut(scores, weight, share) for share in PERCENTILES)
    hazard = rise_to(
        DISTANT_WITHIN_YEAR / RESECTIONS,
        lambda value: float(weight @ -np.expm1(-value * np.exp(scores))),
        0.0,
        1.0,
    )
    risk = -np.expm1(-hazard * np.exp(scores))
    members = (scores < low_cut, (scores > low_cut) & (scores < high_cut), scores > high_cut)
    shares = tuple(float(weight[chosen].sum()) for chosen in members)
    risks = tuple(float((weight * risk)[chosen].sum() / weight[chosen].sum()) for chosen in members)
    return Reconstruction(
        mean_linear_predictor=float(weight @ scores),
        cuts=(low_cut, high_cut),
        beyond_points=_cut(scores, weight, BEYOND_PERCENTILE) * 100.0 / float(betas[0]),
        shares=(shares[0], shares[1], shares[2]),
        baseline_cumulative_hazard=hazard,
        mean_risks=(risks[0], risks[1], risks[2]),
        area_under_curve=_area(scores, weights[:, 2], weights[:, 0] + weights[:, 1]),
    )


def _share(pattern: Sequence[int], group: int) -> float:
    chances = (factor.percent[group] / 100.0 for factor in FACTORS)
    within = math.prod(
        chance if present else 1.0 - chance
        for chance, present in zip(chances, pattern, strict=True)
    )
    return GROUPS[group] / RESECTIONS * within


def _cut(scores: FloatArray, weight: FloatArray, percentile: float) -> float:
    """Half-way between the score at which the percentile is passed and the attainable one below."""
    order = np.argsort(scores)
    passed = int(np.searchsorted(np.cumsum(weight[order]), percentile))
    return float((scores[order][passed - 1] + scores[order][passed]) / 2.0)


def _area(scores: FloatArray, cases: FloatArray, controls: FloatArray) -> float:
    difference = np.round(scores[:, None] - scores[None, :], 10)
    wins = (difference > 0) + 0.5 * (difference == 0)
    return float(cases @ wins @ controls / cases.sum() / controls.sum())


@dataclass(frozen=True)
class ExternalCheck:
    """Discrimination of the four recorded factors in the public cohort."""

    months: int
    area: float
    lower: float
    upper: float


@cache
def external_checks() -> tuple[ExternalCheck, ExternalCheck]:
    """Hold the four factors the public cohort has against recurrence within 4 and 12 months."""
    cohort = load_cohort()
    beta = {factor.name: math.log(factor.hazard_ratio) for factor in FACTORS}
    score = cohort.design[:, 1:5] @ np.array([beta[name] for name in EXTERNAL])
    checks = []
    for months, outcome in ((4, cohort.recurred), (12, cohort.recurred_within_year)):
        areas = [
            area_under_curve(score[rows], outcome[rows])
            for rows in itertools.islice(resamples(len(cohort), SEED), DRAWS)
        ]
        low, high = np.percentile(np.array(areas), [2.5, 97.5])
        checks.append(
            ExternalCheck(months, area_under_curve(score, outcome), float(low), float(high))
        )
    return checks[0], checks[1]


def _terms() -> list[Document]:
    terms = []
    for factor in FACTORS:
        coefficient = figure(
            rounded(math.log(factor.hazard_ratio), 6),
            "published",
            "wang-2025",
            note=f"ln({factor.hazard_ratio}), Table 4",
        )
        ratio = figure(
            factor.hazard_ratio, "published", "wang-2025", lower=factor.lower, upper=factor.upper
        )
        effect = {
            "measure": "hazard ratio",
            "ratio": ratio,
            "endpoint": "distant metastasis at first recurrence (Table 4)",
        }
        terms.append(
            {
                **texts.TERMS[factor.name],
                "input": factor.name,
                "coefficient": coefficient,
                "effect": effect,
            }
        )
    return terms


def _leaf(found: Reconstruction, index: int, risk_class: str) -> Document:
    return {
        "risk_class": risk_class,
        "share": figure(rounded(found.shares[index], 4), "reconstructed", "this derivation"),
        "mean_risk": figure(
            rounded(found.mean_risks[index], 4), "reconstructed", "this derivation"
        ),
    }


def _class_tree(found: Reconstruction) -> Document:
    cuts = [
        figure(rounded(cut, 4), "reconstructed", "this derivation", note=f"{percent} percentile")
        for cut, percent in zip(found.cuts, ("50th", "85th"), strict=True)
    ]
    return {
        "on": "score",
        "cut": cuts[1],
        "cut_goes": "above",
        "below": {
            "on": "score",
            "cut": cuts[0],
            "cut_goes": "above",
            "below": _leaf(found, 0, "low"),
            "above": _leaf(found, 1, "intermediate"),
        },
        "above": _leaf(found, 2, "high"),
    }


def _form(found: Reconstruction) -> Document:
    low, high = SURVIVAL_RANGE
    return {
        "kind": "cox",
        "baseline_cumulative_hazard": figure(
            rounded(found.baseline_cumulative_hazard, 7),
            "reconstructed",
            "this derivation",
            note=f"makes the mean one-year risk {DISTANT_WITHIN_YEAR}/{RESECTIONS}",
        ),
        "baseline_range": {
            "survival_lower": figure(low, "reconstructed", "this derivation"),
            "survival_upper": figure(high, "reconstructed", "this derivation"),
            "method": texts.RANGE_METHOD.format(low=low, high=high),
        },
        "beyond_data_points": figure(
            rounded(found.beyond_points, 0),
            "reconstructed",
            "this derivation",
            note="99th percentile of the reconstructed score",
        ),
        "beyond_data_risk": figure(0.5, "reconstructed", "own rule", note="shown as 'over 50 %'"),
    }


def _performance(found: Reconstruction) -> list[Document]:
    rows: list[Document] = [
        {
            "measure": "time-point AUC at 1 year, as printed (called C-index)",
            "value": REPORTED_AUC,
            "data": "the paper's own 2,705 resections",
            "method": "bootstrap only, no interval printed, no external data",
            "status": "published",
            "source": "wang-2025",
        },
        {
            "measure": "AUC for distant metastasis, reconstructed",
            "value": rounded(found.area_under_curve, 3),
            "data": "512 patterns, prevalences of Table 1",
            "method": "mixture of the three outcome groups, independent within a group",
            "status": "reconstructed",
            "source": "this derivation",
        },
    ]
    rows += [
        {
            "measure": f"AUC for any recurrence within {check.months} months, four of nine factors",
            "value": rounded(check.area, 3),
            "lower": rounded(check.lower, 2),
            "upper": rounded(check.upper, 2),
            "data": "asaur::hepatoCellular (Li 2014), 227 resections; external, partial",
            "method": f"percentile interval of {DRAWS} bootstrap samples; seed {SEED}",
            "status": "reconstructed",
            "source": "li-2014",
            "external": True,
        }
        for check in external_checks()
    ]
    return rows


def metastasis_document() -> Document:
    """Return the parameter file of `distant_metastasis`."""
    found = reconstruct()
    return {
        **texts.HEADER,
        "citations": texts.CITATIONS,
        "population": {**texts.POPULATION, "n": RESECTIONS, "events": GROUPS[2], "groups": []},
        "outcome": texts.OUTCOME,
        "form": _form(found),
        "terms": _terms(),
        "points": {
            "score_of_100_points": figure(
                rounded(math.log(FACTORS[0].hazard_ratio), 6), "published", "wang-2025"
            ),
            "anchor": "100 points are macrovascular invasion",
        },
        "classes": {
            "method": texts.CLASS_METHOD,
            "caveat": texts.CLASS_CAVEAT,
            "tree": _class_tree(found),
        },
        "no_interval_because": texts.NO_INTERVAL,
        "performance": _performance(found),
        "limits": texts.LIMITS,
        "cautions": texts.CAUTIONS,
    }
