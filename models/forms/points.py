"""The points form: a printed nomogram whose total-points axis is read against a risk axis."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

__all__ = ["RiskAxis"]


@dataclass(frozen=True, slots=True)
class RiskAxis:
    """The risk axis of a nomogram: straight lines between printed marks, held at the ends beyond.

    Parameters
    ----------
    marks : tuple of (float, float)
        (total points, risk), both strictly ascending.

    Examples
    --------
    >>> RiskAxis(((0.0, 0.1), (100.0, 0.5))).risk(50.0) == 0.1 + 0.4 * 0.5
    True
    """

    marks: tuple[tuple[float, float], ...]

    def risk(self, score: float) -> float:
        """Return the probability [0 to 1] at a total of points."""
        if score <= self.marks[0][0]:
            return self.marks[0][1]
        for (x0, y0), (x1, y1) in pairwise(self.marks):
            if score <= x1:
                # Rounding must not lift a value above the mark that follows it.
                return min(y1, y0 + (y1 - y0) * (score - x0) / (x1 - x0))
        return self.marks[-1][1]

    def score_at(self, risk: float) -> float:
        """Return the total of points at a probability on the axis.

        Raises
        ------
        ValueError
            If the axis does not reach this probability.
        """
        for (x0, y0), (x1, y1) in pairwise(self.marks):
            if y0 <= risk <= y1:
                return x0 + (x1 - x0) * (risk - y0) / (y1 - y0)
        raise ValueError("the risk axis does not reach this probability")

    def turning_points(self, low: float, high: float) -> tuple[float, ...]:
        """Return the shifts that bring either end onto a printed mark."""
        return tuple(x - end for x, _ in self.marks for end in (low, high))
