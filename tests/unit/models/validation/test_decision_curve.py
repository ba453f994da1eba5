"""Net benefit, against its definition."""

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from models.validation.decision_curve import ALL, NONE, net_benefit
from models.validation.horizon import FollowUp, outcome_by
from models.validation.public_analysis import benefit_at

from .synthetic_cohort import follow_up_of

THRESHOLDS = (0.05, 0.2, 0.4)


def test_net_benefit_is_true_positives_less_false_positives_at_the_exchange_rate() -> None:
    """For the model, for a yes/no rule, for everybody and for nobody."""
    generator = np.random.default_rng(3)
    risk = generator.uniform(0, 0.7, 200)
    rule = (risk > 0.3).astype(float)
    follow_up = follow_up_of(risk, 4, generator)
    occurred = outcome_by(follow_up, 4).occurred

    found = net_benefit({"model": risk, "rule": rule}, follow_up, 4, THRESHOLDS)

    for place, threshold in enumerate(THRESHOLDS):
        rate, odds = occurred.mean(), threshold / (1 - threshold)
        assert found["model"][place] == pytest.approx(benefit_at(risk, occurred, threshold))
        assert found["rule"][place] == pytest.approx(benefit_at(rule, occurred, threshold))
        assert found[ALL][place] == pytest.approx(rate - (1 - rate) * odds)
        assert found[NONE][place] == 0


def test_with_losses_the_rates_are_kaplan_meier_estimates() -> None:
    """Acting on everybody gains the Kaplan-Meier rate, not the share seen to have the event."""
    generator = np.random.default_rng(4)
    follow_up = follow_up_of(np.full(300, 0.3), 4, generator, loss=0.4)
    rate = 1 - float(KaplanMeierFitter().fit(follow_up.months, follow_up.first_event).predict(4.0))

    found = net_benefit({"model": np.full(300, 0.3)}, follow_up, 4, (0.1,))

    assert found[ALL][0] == pytest.approx(rate - (1 - rate) * 0.1 / 0.9)


def test_a_death_is_kept_as_free_of_the_event() -> None:
    """Half of the patients die early; they count among the false positives, not as lost."""
    months = np.array([1.0] * 50 + [2.0] * 25 + [9.0] * 24 + [3.0])
    first = np.array([2] * 50 + [1] * 25 + [0] * 25)

    found = net_benefit({"model": np.full(100, 0.9)}, FollowUp(months, first), 4, (0.2,))

    assert found[ALL][0] == pytest.approx(0.25 - 0.75 * 0.25, abs=0.005)


def test_no_figure_is_given_where_nobody_was_followed_to_the_horizon() -> None:
    """Above the threshold stands one patient, lost at two months: there is no estimate."""
    follow_up = FollowUp(np.array([2.0, 1.0, 9.0, 9.0]), np.array([0, 1, 0, 0]))

    found = net_benefit({"model": np.array([0.9, 0.2, 0.1, 0.1])}, follow_up, 4, (0.05, 0.5))

    assert np.isfinite(found["model"][0])
    assert np.isnan(found["model"][1])
