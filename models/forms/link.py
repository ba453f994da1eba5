"""What every form gives the evaluator: a risk that rises with the score."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Link"]


class Link(Protocol):
    """A strictly rising function from the score to a probability."""

    def risk(self, score: float) -> float:
        """Return the probability [0 to 1] at a score."""

    def score_at(self, risk: float) -> float:
        """Return the score at a probability (the inverse of `risk`)."""

    def turning_points(self, low: float, high: float) -> tuple[float, ...]:
        """Return the shifts v at which `risk(high + v) - risk(low + v)` may be extreme."""
