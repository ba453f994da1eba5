"""What happened by the horizon, and the weights for those who were lost."""

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from models.validation.horizon import FirstEvent, FollowUp, outcome_by

from .synthetic_cohort import follow_up_of


def test_an_event_at_the_horizon_has_happened_and_a_later_one_has_not() -> None:
    """Four months is within four months; more is not."""
    follow_up = FollowUp(np.array([4.0, 4.1, 9.0]), np.array([1, 1, 0]))

    outcome = outcome_by(follow_up, 4)

    assert outcome.occurred.tolist() == [1.0, 0.0, 0.0]
    assert outcome.events == 1
    assert outcome.lost == 0


def test_somebody_lost_before_the_horizon_is_neither_a_yes_nor_a_no() -> None:
    """Unknown is not no: the weight is 0, and the rest stand in for the patient."""
    follow_up = FollowUp(np.array([1.0, 2.0, 9.0, 9.0]), np.array([0, 1, 0, 0]))

    outcome = outcome_by(follow_up, 4)

    assert outcome.known.tolist() == [False, True, True, True]
    assert outcome.lost == 1
    assert outcome.weight.tolist() == pytest.approx([0, 4 / 3, 4 / 3, 4 / 3])


def test_a_competing_event_before_the_horizon_is_a_known_no() -> None:
    """Who died at two months cannot recur by four."""
    follow_up = FollowUp(np.array([2.0, 9.0]), np.array([FirstEvent.COMPETING, FirstEvent.NONE]))

    outcome = outcome_by(follow_up, 4)

    assert outcome.occurred.tolist() == [0.0, 0.0]
    assert outcome.known.all()


def test_the_weighted_rate_is_the_kaplan_meier_estimate() -> None:
    """Without competing events, weighting and Kaplan-Meier are the same number."""
    generator = np.random.default_rng(11)
    follow_up = follow_up_of(np.full(400, 0.3), 4, generator, loss=0.3)

    outcome = outcome_by(follow_up, 4)
    reference = KaplanMeierFitter().fit(follow_up.months, follow_up.first_event)

    assert outcome.lost > 50
    assert outcome.rate == pytest.approx(1 - float(reference.predict(4.0)), abs=1e-9)
