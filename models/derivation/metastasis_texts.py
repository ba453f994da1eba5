"""The words of the parameter file of `distant_metastasis`."""

from __future__ import annotations

from typing import Any

from models.derivation import hpr_texts

CITATIONS = {
    key: hpr_texts.CITATIONS[key] for key in ("wang-2025", "li-2014", "this derivation", "own rule")
}

_CUT = {"status": "published", "source": "wang-2025"}
_PRESENT = {"kind": "levels", "levels": {"absent": [0], "present": [1]}}

TERMS: dict[str, dict[str, Any]] = {
    "macrovascular_invasion": {**_PRESENT, "label": "macrovascular invasion"},
    "rupture": {**_PRESENT, "label": "preoperative tumour rupture"},
    "tumour_size_cm": {
        "kind": "above",
        "label": "largest tumour above 5.0 cm",
        "cut": {"value": 5.0, **_CUT},
    },
    "microvascular_invasion": {**_PRESENT, "label": "microvascular invasion"},
    "satellites": {**_PRESENT, "label": "satellite nodules"},
    "afp_ng_ml": {"kind": "above", "label": "AFP above 400 ng/mL", "cut": {"value": 400, **_CUT}},
    "margin_cm": {
        "kind": "below",
        "label": "resection margin below 1.0 cm",
        "cut": {"value": 1.0, **_CUT},
    },
    "transfusion": {**_PRESENT, "label": "intraoperative transfusion"},
    "tumour_number": {"kind": "above", "label": "multiple tumours", "cut": {"value": 1, **_CUT}},
}

HEADER: dict[str, Any] = {
    "schema_version": 1,
    "model_id": "distant_metastasis",
    "title": "Distant metastasis at first recurrence, within one year of resection",
    "version": "1.0.0",
    "status": "reconstructed",
    "status_line": (
        "coefficients published (Wang 2025, Table 4); baseline and cut-offs reconstructed from its "
        "printed figures"
    ),
    "source_label": "hcc-cds, Wang 2025 with reconstructed baseline",
    "source_url": "https://doi.org/10.5582/bst.2024.01387",
    "purpose": (
        "After a resection of HCC: points, class and one-year risk of distant metastasis at first "
        "recurrence, to prompt a discussion of surveillance. Before the operation: the points that "
        "can be known."
    ),
    "equation": (
        "score = sum of ln(hazard ratio) of the factors present; risk within one year = "
        "1 - exp(-baseline cumulative hazard x exp(score))"
    ),
}

POPULATION: dict[str, Any] = {
    "description": (
        "2,705 curative resections in 11 centres in China, 2013-2020, median follow-up 62.0 months, "
        "85.5 % HBV"
    ),
    "included": [
        "adults",
        "histologically confirmed, initially diagnosed HCC",
        "curative-intent (R0) resection",
        "no earlier anti-tumour treatment",
        "rupture only where promptly controlled and without peritoneal seeding",
    ],
    "group_verdict": "no counts by sex, HBV status or age were read, so no group can be judged",
    "source": "wang-2025",
}

OUTCOME: dict[str, Any] = {
    "event": "distant metastasis at first recurrence",
    "horizon_months": 12,
    "definition": (
        "first recurrence outside the liver within one year of the resection; deaths and "
        "intrahepatic recurrences compete and are not accounted for"
    ),
}

RANGE_METHOD = (
    "one-year baseline survival {low} to {high}: the range that a one-factor correlation between the "
    "factors gives instead of the mixture"
)
CLASS_METHOD = (
    "Cuts near the 50th and 85th percentile of the score, as in the paper, each half-way between "
    "attainable scores so that no patient sits on a cut."
)
CLASS_CAVEAT = "The paper prints neither its cut-offs nor a rate per class; shares and risks are reconstructed."
NO_INTERVAL = (
    "The paper prints no covariance of its coefficients, so no confidence interval can be computed; "
    "the range over reconstructed baselines stands in its place."
)

LIMITS: list[str] = [
    "Absolute risk is overstated: deaths and intrahepatic recurrences are not accounted for.",
    "No 2- or 3-year risk: no counts are printed, until a site supplies a baseline.",
    "Discrimination was checked by bootstrap in the paper's own data only.",
    "Expect an AUC of about 0.65 to 0.72 where half of the inputs are missing.",
    "The paper's abstract lists eight factors, its Table 4 nine; Table 4 is used.",
]
CAUTIONS: list[str] = [
    "Overstated: deaths and intrahepatic recurrences are not accounted for.",
    "Baseline and cut-offs are reconstructed, not printed.",
    "Chinese centres only, 85.5 % HBV.",
]
