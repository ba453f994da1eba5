"""Net benefit of acting on a risk, over the thresholds at which one would act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from dcurves import dca

from models.validation.horizon import FirstEvent, FloatArray, FollowUp, outcome_by

__all__ = ["ALL", "NONE", "net_benefit"]

ALL = "all"
NONE = "none"


def net_benefit(
    risks: Mapping[str, FloatArray],
    follow_up: FollowUp,
    horizon_months: float,
    thresholds: Sequence[float],
) -> dict[str, FloatArray]:
    """Return the net benefit of each strategy at each threshold, by dcurves.

    Vickers and Elkin, Med Decis Making 2006. `risks` may hold a yes/no rule as 0 and 1.
    The strategies "all" (act on everybody) and "none" are added. Net benefit is in true positives
    per patient; the threshold is the risk from which one would act.

    If patients were lost before the horizon the probabilities are Kaplan-Meier estimates, a patient
    with a competing event kept as event-free beyond the horizon. Where nobody above a threshold was
    followed to the horizon there is no estimate, and the value is NaN.
    """
    frame = pd.DataFrame({f"model {name}": risk for name, risk in risks.items()})
    outcome = outcome_by(follow_up, horizon_months)
    options: dict[str, object] = {}
    if outcome.lost:
        competing = follow_up.first_event == FirstEvent.COMPETING
        beyond = max(float(follow_up.months.max()), horizon_months) + 1
        frame["months"] = np.where(competing, beyond, follow_up.months)
        frame["event"] = (follow_up.first_event == FirstEvent.EVENT).astype(int)
        options = {"time": horizon_months, "time_to_outcome_col": "months"}
    else:
        frame["event"] = outcome.occurred.astype(int)
    table = dca(
        data=frame,
        outcome="event",
        modelnames=[f"model {name}" for name in risks],
        thresholds=list(thresholds),
        **options,
    )
    return {
        str(name).removeprefix("model "): rows.sort_values("threshold")["net_benefit"].to_numpy(
            float
        )
        for name, rows in table.groupby("model")
    }
