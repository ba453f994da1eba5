"""The plots of docs/validation.md, by the name of their file."""

from __future__ import annotations

import numpy as np

from models.validation.decision_curve import ALL
from models.validation.plots import (
    CalibrationSeries,
    ForestRow,
    calibration_plot,
    class_plot,
    decision_plot,
    forest_plot,
)
from models.validation.public_analysis import (
    BCLC_RULE,
    GRID,
    HORIZONS,
    HPR_RESCALED,
    HPR_SHIPPED,
    PEERS,
    THRESHOLDS,
    PublicAnalysis,
)

__all__ = ["public_plots"]


def public_plots(analysis: PublicAnalysis) -> dict[str, str]:
    """Return every plot as SVG."""
    outcome_text = "recurrence within 4 months of resection, 227 patients"
    return {
        "discrimination": forest_plot(
            _forest_groups(analysis),
            "discrimination",
            "AUC of the HPR model, corrected for optimism, of the partial metastasis score, of BCLC "
            "and of TNM, within 4 and 12 months, with 95 % intervals",
            label="AUC with 95 % interval",
            line=0.5,
            line_label="a coin",
        ),
        "calibration": calibration_plot(
            [_calibration_series(analysis)],
            "calibration",
            f"Observed probability against the risk given by the HPR model, {outcome_text}",
        ),
        "classes": class_plot(
            analysis.bars, "classes", f"Observed probability per class, {outcome_text}"
        ),
        "decision": decision_plot(
            THRESHOLDS,
            analysis.net_benefit,
            "decision",
            f"Net benefit against the threshold, {outcome_text}",
            everybody=ALL,
            styles={HPR_SHIPPED: 0, HPR_RESCALED: 4, BCLC_RULE: 2},
        ),
    }


def _forest_groups(analysis: PublicAnalysis) -> dict[str, list[ForestRow]]:
    result = {}
    for months in HORIZONS:
        name = f"auc_{months}"
        own = analysis.hpr[name]
        rows = [
            ForestRow("HPR, corrected for optimism", own.corrected, own.lower, own.upper),
            ForestRow(
                "HPR, apparent (fitted here)",
                own.apparent,
                own.lower + own.optimism,
                own.upper + own.optimism,
                hollow=True,
            ),
        ]
        for style, peer in enumerate(PEERS, start=1):
            found = analysis.peers[peer][name]
            rows.append(ForestRow(peer, found.value, found.lower, found.upper, style=style))
        result[f"Recurrence within {months} months"] = rows
    return result


def _calibration_series(analysis: PublicAnalysis) -> CalibrationSeries:
    first, last = np.quantile(analysis.scored.lower, [0.005, 0.995])
    places = [place for place, risk in enumerate(GRID) if first <= risk <= last]
    found = [analysis.hpr[f"curve {place}"] for place in places]
    clipped = {
        side: np.clip([getattr(item, side) for item in found], 0, 1)
        for side in ("corrected", "lower", "upper")
    }
    return CalibrationSeries(
        "HPR as shipped, corrected for optimism, 95 % band",
        GRID[places],
        clipped["corrected"],
        clipped["lower"],
        clipped["upper"],
        analysis.scored.lower,
    )
