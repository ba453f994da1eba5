"""Builds the parameter files of the two HPR models from their fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from models.derivation import hpr_texts as texts
from models.derivation.conditional_inference_tree import Tip
from models.derivation.document import Document, figure, rounded
from models.derivation.fitting import NORMAL_97_5, wilson_interval
from models.derivation.hpr_fit import (
    BORROWED,
    DRAWS,
    HPR_CASES,
    HPR_RESECTIONS,
    MEAN_RISK,
    SEED,
    SHRINKAGE,
    Fit,
    derive,
    three_leaves,
)
from models.derivation.public_cohort import FACTORS, Cohort, FloatArray

__all__ = ["MEAN_RISK", "SHRINKAGE", "postoperative_document", "preoperative_document"]


def _class_tree(fit: Fit, leaves: tuple[Document, Document, Document]) -> Document:
    upper, lower, _ = three_leaves(fit.tree)
    low, intermediate, high = leaves
    return {
        "on": "risk",
        "cut": figure(fit.cuts[1], "re-estimated", "this derivation"),
        "cut_goes": "below",
        "p_value": figure(_three_digits(upper.p_value), "re-estimated", "this derivation"),
        "below": {
            "on": "risk",
            "cut": figure(fit.cuts[0], "re-estimated", "this derivation"),
            "cut_goes": "above",
            "p_value": figure(_three_digits(lower.p_value), "re-estimated", "this derivation"),
            "below": low,
            "above": intermediate,
        },
        "above": high,
    }


def _three_digits(value: float) -> float:
    return float(f"{value:.2e}")


def _leaf(risk_class: str, tip: Tip) -> Document:
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
    _, _, (low, intermediate, high) = three_leaves(fit.tree)
    leaves = (_leaf("low", low), _leaf("intermediate", intermediate), _leaf("high", high))
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
