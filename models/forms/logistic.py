"""The logistic form."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Logistic"]


@dataclass(frozen=True, slots=True)
class Logistic:
    """`risk = 1 / (1 + exp(-(intercept + score)))`.

    Parameters
    ----------
    intercept : float
        Log odds at a score of zero.

    Examples
    --------
    >>> round(Logistic(intercept=0.0).risk(0.0), 3)
    0.5
    >>> round(Logistic(intercept=-3.4577).risk(3.1175), 4)
    0.4158
    """

    intercept: float

    def risk(self, score: float) -> float:
        """Return the probability [0 to 1] at a score."""
        log_odds = self.intercept + score
        if log_odds >= 0:
            return 1.0 / (1.0 + math.exp(-log_odds))
        odds = math.exp(log_odds)
        return odds / (1.0 + odds)

    def score_at(self, risk: float) -> float:
        """Return the score at a probability."""
        return math.log(risk / (1.0 - risk)) - self.intercept

    def turning_points(self, low: float, high: float) -> tuple[float, ...]:
        """Return the one shift that centres the range on a risk of one half."""
        return (-(low + high) / 2.0 - self.intercept,)
