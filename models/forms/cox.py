"""The proportional-hazards form at one horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Cox"]


@dataclass(frozen=True, slots=True)
class Cox:
    """`risk = 1 - S0 ** exp(score)`, with `S0 = exp(-baseline_cumulative_hazard)`.

    Parameters
    ----------
    baseline_cumulative_hazard : float
        Cumulative hazard at the horizon for a score of zero.

    Examples
    --------
    >>> round(Cox(baseline_cumulative_hazard=0.0117763).risk(0.0), 5)
    0.01171
    """

    baseline_cumulative_hazard: float

    def risk(self, score: float) -> float:
        """Return the probability [0 to 1] at a score."""
        return -math.expm1(-self.baseline_cumulative_hazard * math.exp(score))

    def score_at(self, risk: float) -> float:
        """Return the score at a probability."""
        return math.log(-math.log1p(-risk) / self.baseline_cumulative_hazard)

    def turning_points(self, low: float, high: float) -> tuple[float, ...]:
        """Return the one shift at which both ends rise equally fast."""
        if low == high:
            return ()
        gap = math.exp(high) - math.exp(low)
        return (math.log((high - low) / (self.baseline_cumulative_hazard * gap)),)
