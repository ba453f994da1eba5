"""What happened to each patient by the horizon, with censored patients weighted for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from statsmodels.duration.survfunc import SurvfuncRight

__all__ = ["FirstEvent", "FloatArray", "FollowUp", "HorizonOutcome", "outcome_by"]

FloatArray = NDArray[np.float64]


class FirstEvent(IntEnum):
    """What ended a patient's follow-up."""

    NONE = 0
    EVENT = 1
    COMPETING = 2


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Months to the first event or the last contact, and which of the two it was.

    Parameters
    ----------
    months : array of float
        Time since the index operation [months].
    first_event : array of int
        `FirstEvent` of each patient; a competing event (death, or a recurrence that is not the
        model's event) makes the event impossible, it does not end the observation.
    """

    months: FloatArray
    first_event: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.months)

    def take(self, rows: NDArray[np.intp]) -> FollowUp:
        """Return the follow-up of these patients, in this order."""
        return FollowUp(self.months[rows], self.first_event[rows])


@dataclass(frozen=True, slots=True)
class HorizonOutcome:
    """Whether the event happened by the horizon, and how much each patient counts.

    `weight` is 0 for a patient lost before the horizon: whether the event came is unknown, and
    unknown is not no. The others count for those like them who were lost (inverse probability of
    censoring weighting, Graf et al., Stat Med 1999). Without losses every weight is 1.
    """

    occurred: FloatArray
    weight: FloatArray
    horizon_months: float

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which patients' outcome is known."""
        known: NDArray[np.bool_] = self.weight > 0
        return known

    @property
    def events(self) -> int:
        """How many events happened by the horizon."""
        return int(self.occurred[self.known].sum())

    @property
    def lost(self) -> int:
        """How many were lost before the horizon."""
        return int((~self.known).sum())

    @property
    def rate(self) -> float:
        """Observed probability of the event by the horizon."""
        return float(np.sum(self.weight * self.occurred) / len(self.weight))


def outcome_by(follow_up: FollowUp, horizon_months: float) -> HorizonOutcome:
    """Return the outcome by the horizon; an event exactly at the horizon has happened.

    The weight is 1 / G(t-), G the Kaplan-Meier estimate of not yet being lost, at the time of the
    first event or at the horizon, whichever comes first.

    Examples
    --------
    >>> follow_up = FollowUp(np.array([2.0, 9.0, 4.0]), np.array([1, 0, 2]))
    >>> outcome_by(follow_up, 4).occurred.tolist()
    [1.0, 0.0, 0.0]
    >>> outcome_by(follow_up, 4).weight.tolist()
    [1.0, 1.0, 1.0]
    """
    months, first = follow_up.months, follow_up.first_event
    lost = (first == FirstEvent.NONE) & (months < horizon_months)
    occurred = ((first == FirstEvent.EVENT) & (months <= horizon_months)).astype(float)
    if not lost.any():
        return HorizonOutcome(occurred, np.ones(len(months)), horizon_months)
    lost_at = SurvfuncRight(months, (first == FirstEvent.NONE).astype(int))
    # the left limit: a loss at the very moment of an event comes after it
    steps = np.searchsorted(lost_at.surv_times, np.minimum(months, horizon_months), side="left")
    still_seen = np.concatenate([[1.0], lost_at.surv_prob])[steps]
    weight = np.where(lost, 0.0, 1.0 / np.where(lost, 1.0, still_seen))
    return HorizonOutcome(occurred, weight, horizon_months)
