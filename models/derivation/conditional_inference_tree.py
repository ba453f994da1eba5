"""A conditional inference tree on one score (Hothorn, Hornik and Zeileis 2006).

At each node a permutation test asks whether outcome and score are associated at all; only then is
the best split sought, so the tree does not favour splits by chance. The test statistic's mean and
variance under permutation are known in closed form, and its square is held against chi-squared
with one degree of freedom: no random numbers. Levels and sizes are the defaults of the method's
own implementation (level 0.05, 20 to split, 7 in a leaf); the choice to use them is ours.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from models.derivation.public_cohort import FloatArray

__all__ = ["Branch", "Tip", "association", "grow"]

LEVEL = 0.05
SMALLEST_TO_SPLIT = 20
SMALLEST_LEAF = 7


@dataclass(frozen=True)
class Tip:
    """A leaf: how many people, how many with the event."""

    n: int
    events: int


@dataclass(frozen=True)
class Branch:
    """A fork between two neighbouring scores.

    Attributes
    ----------
    p_value : float
        Of the permutation test of association at this node.
    last_below, first_above : float
        The scores on either side of the fork.
    """

    p_value: float
    last_below: float
    first_above: float
    below: Branch | Tip
    above: Branch | Tip


def association(values: FloatArray, outcome: FloatArray) -> float:
    """Return the squared standardised linear statistic sum(values x outcome) under permutation."""
    n = len(outcome)
    difference = float((values * outcome).sum() - values.sum() * outcome.mean())
    variance = float(outcome.var() * ((values - values.mean()) ** 2).sum()) * n / (n - 1)
    return difference**2 / variance if variance > 0 else 0.0


def _p_value(statistic: float) -> float:
    """Upper tail of chi-squared with one degree of freedom."""
    return math.erfc(math.sqrt(statistic / 2.0))


def grow(score: FloatArray, outcome: FloatArray) -> Branch | Tip:
    """Return the tree grown on the score."""
    tip = Tip(len(outcome), int(outcome.sum()))
    p_value = _p_value(association(score, outcome))
    if len(outcome) < SMALLEST_TO_SPLIT or p_value > LEVEL:
        return tip
    levels = np.unique(score)
    best: tuple[float, float, float] | None = None
    for below, above in itertools.pairwise(levels):
        group = (score <= below).astype(float)
        if not SMALLEST_LEAF <= group.sum() <= len(group) - SMALLEST_LEAF:
            continue
        statistic = association(group, outcome)
        # Rounded, so that two equally good splits are never ordered by the last bit.
        if best is None or round(statistic, 9) > round(best[0], 9):
            best = (statistic, float(below), float(above))
    if best is None:
        return tip
    _, last_below, first_above = best
    lower = score <= last_below
    return Branch(
        p_value,
        last_below,
        first_above,
        grow(score[lower], outcome[lower]),
        grow(score[~lower], outcome[~lower]),
    )
