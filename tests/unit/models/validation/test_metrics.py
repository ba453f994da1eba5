"""The measures, each against a closed form, brute force or another library."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu

from models.validation.horizon import FloatArray, FollowUp, HorizonOutcome, outcome_by
from models.validation.metrics import (
    area_under_curve,
    bootstrap,
    brier_score,
    calibration_curve,
    calibration_intercept,
    calibration_slope,
    harrell_c,
    integrated_calibration_index,
    risk_measures,
    scaled_brier_score,
    wilson_interval,
)

from .synthetic_cohort import follow_up_of


def two_groups() -> tuple[FloatArray, HorizonOutcome]:
    """Ten people told 20 % of whom 3 had the event, ten told 60 % of whom 5 had it."""
    risk = np.repeat([0.2, 0.6], 10)
    occurred = np.concatenate([np.arange(10) < 3, np.arange(10) < 5]).astype(float)
    return risk, HorizonOutcome(occurred, np.ones(20), 4)


def calibrated(number: int, seed: int) -> tuple[FloatArray, FollowUp]:
    """Risks between 2 and 60 %, and events drawn with exactly these probabilities."""
    generator = np.random.default_rng(seed)
    risk = generator.uniform(0.02, 0.6, number)
    return risk, follow_up_of(risk, 4, generator)


def test_auc_is_the_mann_whitney_statistic() -> None:
    """Ties count one half in both."""
    risk, follow_up = calibrated(300, 3)
    risk = np.round(risk, 1)
    outcome = outcome_by(follow_up, 4)

    statistic = mannwhitneyu(risk[outcome.occurred == 1], risk[outcome.occurred == 0]).statistic

    pairs = outcome.events * (300 - outcome.events)
    assert area_under_curve(risk, outcome) == pytest.approx(statistic / pairs)


def test_harrell_c_is_the_share_of_concordant_pairs() -> None:
    """Counted by hand over the pairs of which it is known who came first."""
    months = np.array([2.0, 5.0, 5.5, 8.0, 9.0])
    first = np.array([1, 0, 1, 1, 0])
    score = np.array([0.9, 0.1, 0.3, 0.5, 0.2])
    concordant = pairs = 0
    for i in range(5):
        for j in range(5):
            if first[i] == 1 and months[i] < months[j]:
                pairs += 1
                concordant += score[i] > score[j]

    assert pairs == 7
    assert harrell_c(score, FollowUp(months, first)) == pytest.approx(concordant / pairs)


def test_harrell_c_keeps_who_died_as_never_having_the_event() -> None:
    """A death at one month compares with an event at two: the event came first."""
    follow_up = FollowUp(np.array([1.0, 2.0]), np.array([2, 1]))

    assert harrell_c(np.array([0.1, 0.9]), follow_up) == 1.0


def test_calibration_slope_of_two_groups_has_a_closed_form() -> None:
    """The slope joins the observed log odds of the two groups."""
    risk, outcome = two_groups()

    expected = (logit(0.5) - logit(0.3)) / (logit(0.6) - logit(0.2))

    assert calibration_slope(risk, outcome) == pytest.approx(expected, abs=1e-6)


def test_calibration_intercept_makes_the_mean_risk_right() -> None:
    """It is the shift after which as many events are expected as were observed."""
    risk, outcome = two_groups()

    expected = brentq(lambda shift: expit(shift + logit(risk)).mean() - 8 / 20, -5, 5)

    assert calibration_intercept(risk, outcome) == pytest.approx(expected, abs=1e-6)


def test_well_calibrated_risks_measure_as_such() -> None:
    """Intercept near 0, slope near 1, a small index, and observed to expected near 1."""
    risk, follow_up = calibrated(6000, 5)

    measures = risk_measures(risk, outcome_by(follow_up, 4), follow_up)

    assert measures["calibration_intercept"] == pytest.approx(0, abs=0.06)
    assert measures["calibration_slope"] == pytest.approx(1, abs=0.06)
    assert measures["observed_to_expected"] == pytest.approx(1, abs=0.04)
    assert measures["integrated_calibration_index"] < 0.015


def test_the_integrated_calibration_index_is_the_mean_error_of_doubled_risks() -> None:
    """If everybody is told twice the truth, the index is half the mean risk told."""
    risk, follow_up = calibrated(6000, 7)
    told = np.minimum(2 * risk, 0.99)
    keep = 2 * risk < 0.99
    outcome = outcome_by(follow_up.take(np.flatnonzero(keep)), 4)

    index = integrated_calibration_index(told[keep], outcome)

    assert index == pytest.approx(told[keep].mean() / 2, abs=0.015)


def test_the_flexible_curve_of_one_single_risk_is_the_observed_rate() -> None:
    """There is nothing to smooth over when everybody is told the same."""
    outcome = HorizonOutcome(np.array([1.0, 0, 0, 0]), np.ones(4), 4)

    curve = calibration_curve(np.full(4, 0.4), outcome)

    assert curve.observed.tolist() == [0.25] * 4


def test_the_flexible_curve_has_a_value_everywhere_even_with_few_distinct_risks() -> None:
    """Two risks leave no local slope; the curve then says the rate of the nearest of the two."""
    risk, outcome = two_groups()

    curve = calibration_curve(risk, outcome, np.array([0.2, 0.6]))

    assert curve.observed.tolist() == pytest.approx([0.3, 0.5])


def test_the_flexible_curve_of_a_crowd_at_one_risk_is_their_own_rate() -> None:
    """Where all neighbours were told the same there is no slope, and their rate is the answer."""
    risk = np.concatenate([np.full(36, 0.2), np.full(4, 0.6)])
    occurred = np.concatenate([np.arange(36) < 9, np.arange(4) < 2]).astype(float)
    outcome = HorizonOutcome(occurred, np.ones(40), 4)

    curve = calibration_curve(risk, outcome, np.array([0.2, 0.25]))

    assert curve.observed.tolist() == pytest.approx([0.25, 0.25])


def test_brier_score_is_the_mean_squared_error() -> None:
    """By hand: 3 x 0.8^2 + 7 x 0.2^2 + 5 x 0.4^2 + 5 x 0.6^2, over 20."""
    risk, outcome = two_groups()

    assert brier_score(risk, outcome) == pytest.approx(4.8 / 20)


def test_giving_everybody_the_observed_rate_has_a_scaled_brier_score_of_zero() -> None:
    """A model that knows only the rate is of no use."""
    _, outcome = two_groups()

    assert scaled_brier_score(np.full(20, 0.4), outcome) == pytest.approx(0)


def test_losing_a_fifth_at_random_moves_no_measure_far() -> None:
    """Weighting gives what would have been seen without the losses."""
    generator = np.random.default_rng(13)
    risk = generator.uniform(0.02, 0.6, 8000)
    follow_up = follow_up_of(risk, 4, generator, loss=0.2)

    measures = risk_measures(risk, outcome_by(follow_up, 4), follow_up)

    assert measures["calibration_intercept"] == pytest.approx(0, abs=0.08)
    assert measures["calibration_slope"] == pytest.approx(1, abs=0.08)
    assert measures["integrated_calibration_index"] < 0.02


def test_wilson_interval_is_the_score_interval() -> None:
    """The ends are where the score test of the proportion just rejects."""
    lower, upper = wilson_interval(8, 47)

    for end in (lower, upper):
        statistic = (8 / 47 - end) ** 2 / (end * (1 - end) / 47)
        assert statistic == pytest.approx(1.959964**2, rel=1e-5)


def test_equal_seeds_give_equal_intervals_around_the_figure() -> None:
    """A report can be made again."""
    values = np.random.default_rng(1).normal(size=200)

    def mean(rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> dict[str, float]:
        return {"mean": float(values[rows].mean())}

    first, second = (bootstrap(mean, 200, draws=400, seed=5)["mean"] for _ in range(2))

    assert first == second
    assert first.value == pytest.approx(values.mean())
    half_width = 1.96 * values.std() / np.sqrt(200)
    assert first.upper - first.lower == pytest.approx(2 * half_width, rel=0.15)


def test_samples_without_any_event_are_left_out_and_counted() -> None:
    """With one event among six, a sample may miss it; the measure does not exist there."""
    occurred = np.array([1.0, 0, 0, 0, 0, 0])
    score = np.array([0.9, 0.1, 0.2, 0.3, 0.4, 0.5])

    def measure(rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> dict[str, float]:
        outcome = HorizonOutcome(occurred[rows], np.ones(6), 4)
        return {"auc": area_under_curve(score[rows], outcome)}

    found = bootstrap(measure, 6, draws=100, seed=2)["auc"]

    assert found.failed_draws > 10
    assert found.draws + found.failed_draws == 100
    assert found.lower == 1.0


def test_a_measure_that_fails_in_every_sample_has_no_interval() -> None:
    """The figure stands alone and the interval is not a number."""
    asked = 0

    def measure(rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> dict[str, float]:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise ValueError("one class only")
        return {"auc": 0.7 if len(rows) == 5 else 0.0}

    found = bootstrap(measure, 5, draws=10, seed=2)["auc"]

    assert found.value == 0.7
    assert np.isnan(found.lower)
    assert found.failed_draws == 10
