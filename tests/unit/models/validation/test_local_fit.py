"""Local fits recover what the data were made with, and refuse what the data cannot say."""

import numpy as np
import pytest

from models.validation.horizon import FloatArray, FollowUp, outcome_by
from models.validation.local_fit import (
    LocalFit,
    NoFitError,
    Scale,
    few_events,
    recalibrate,
    refit,
    risk_of,
)
from models.validation.metrics import calibration_intercept, calibration_slope

from .synthetic_cohort import follow_up_of

SLOPES = np.array([0.9, 0.6, -0.8])
NAMES = ("first", "second", "third")


def made(scale: Scale, number: int, seed: int, *, loss: float = 0.0) -> tuple[FloatArray, FollowUp]:
    """Three yes/no terms with known effects on the scale of the link."""
    generator = np.random.default_rng(seed)
    design = generator.integers(0, 2, (number, 3)).astype(float)
    return design, follow_up_of(risk_of(scale, -1.2 + design @ SLOPES), 4, generator, loss=loss)


@pytest.mark.parametrize("scale", ["logit", "complementary log-log"])
def test_a_refit_recovers_the_effects_the_patients_were_made_with(scale: Scale) -> None:
    """Within three standard errors, with a fifth of them lost before the horizon."""
    design, follow_up = made(scale, 5000, 1, loss=0.2)

    found = refit(design, follow_up, 4, scale=scale, names=NAMES, draws=30, seed=1)

    errors = 3 * found.draws.std(axis=0)
    assert np.abs(found.slopes - SLOPES).max() < errors[1:].max() < 0.4
    assert abs(found.intercept + 1.2) < errors[0]
    assert found.shrinkage == pytest.approx(1, abs=0.03)
    assert found.failed_draws == 0


def test_a_refit_gives_the_observed_rate_on_average() -> None:
    """The intercept is anchored after shrinking."""
    design, follow_up = made("logit", 500, 2, loss=0.2)

    found = refit(design, follow_up, 4, scale="logit", names=NAMES, draws=30, seed=1)

    assert found.risk(design).mean() == pytest.approx(outcome_by(follow_up, 4).rate)


def test_few_patients_are_shrunken_more_than_many() -> None:
    """The price of overfitting is paid where there is some."""

    def shrinkage(number: int) -> float:
        design, follow_up = made("logit", number, 3)
        found = refit(design, follow_up, 4, scale="logit", names=NAMES, draws=40, seed=1)
        assert found.shrinkage is not None
        return found.shrinkage

    assert shrinkage(150) < shrinkage(3000) < 1.02


def test_a_recalibration_takes_out_a_wrong_level_and_a_wrong_spread() -> None:
    """Told doubled slopes and a wrong intercept, it finds both factors."""
    design, follow_up = made("logit", 5000, 4)
    start = np.array([0.5, *(2 * SLOPES)])

    found = recalibrated(design, follow_up, start, with_slope=True)

    assert found.multiplier == pytest.approx(0.5, abs=0.06)
    assert found.slopes == pytest.approx(SLOPES, abs=0.12)
    outcome = outcome_by(follow_up, 4)
    assert calibration_intercept(found.risk(design), outcome) == pytest.approx(0, abs=1e-4)
    assert calibration_slope(found.risk(design), outcome) == pytest.approx(1, abs=1e-4)


def test_a_recalibration_without_slope_moves_the_intercept_only() -> None:
    """The slopes stay to the digit."""
    design, follow_up = made("logit", 2000, 5)
    start = np.array([0.0, *SLOPES])

    found = recalibrated(design, follow_up, start, with_slope=False)

    assert found.slopes.tolist() == SLOPES.tolist()
    assert found.multiplier == 1
    assert found.intercept == pytest.approx(-1.2, abs=0.15)


def test_the_draws_of_a_recalibration_hold_the_uncertainty_of_the_old_slopes() -> None:
    """Without old draws the slopes are fixed; with them they vary as before."""
    design, follow_up = made("logit", 600, 6)
    start = np.array([-1.2, *SLOPES])
    old = start + np.random.default_rng(1).normal(0, 0.3, (50, 4))

    fixed = recalibrated(design, follow_up, start, with_slope=False)
    varied = recalibrated(design, follow_up, start, with_slope=False, start_draws=old)

    assert fixed.draws[:, 1:].std(axis=0).max() == pytest.approx(0, abs=1e-12)
    assert varied.draws[:, 1:] == pytest.approx(old[:30, 1:])


def test_a_term_that_never_varies_is_named() -> None:
    """Its effect cannot be seen in these patients."""
    design, follow_up = made("logit", 300, 7)
    design[:, 1] = 0

    with pytest.raises(
        NoFitError, match="the same in every patient, so no effect can be seen: second"
    ):
        refit(design, follow_up, 4, scale="logit", names=NAMES, draws=5, seed=1)


def test_data_that_separate_are_refused() -> None:
    """Everybody with the first term has the event, nobody without: no finite effect exists."""
    design = np.repeat([[0.0], [1.0]], 30, axis=0)
    follow_up = FollowUp(np.where(design[:, 0] == 1, 2.0, 9.0), design[:, 0].astype(np.int64))

    with pytest.raises(
        NoFitError, match="separates the patients with the event from those without"
    ):
        refit(design, follow_up, 4, scale="logit", names=("only",), draws=5, seed=1)


def test_terms_that_always_go_together_are_refused() -> None:
    """Nobody has one without the other, so neither has an effect of its own."""
    design, follow_up = made("logit", 300, 8)
    design[:, 1] = design[:, 0]

    with pytest.raises(NoFitError, match="or terms always go together"):
        refit(design, follow_up, 4, scale="logit", names=NAMES, draws=5, seed=1)


def test_a_sample_without_a_finite_fit_is_left_out_and_counted() -> None:
    """A rare term with few events separates in some samples; the others still make the draws."""
    generator = np.random.default_rng(3)
    design = (generator.uniform(size=(80, 2)) < [0.5, 0.06]).astype(float)
    follow_up = follow_up_of(risk_of("logit", -0.8 + design @ [0.5, 0.5]), 4, generator)

    found = refit(design, follow_up, 4, scale="logit", names=("a", "b"), draws=40, seed=1)

    assert 0 < found.failed_draws < 40
    assert len(found.draws) == 40 - found.failed_draws


def test_a_cohort_in_which_nobody_has_the_event_is_refused() -> None:
    """There is no level to move the intercept to."""
    follow_up = FollowUp(np.full(30, 9.0), np.zeros(30, dtype=np.int64))

    with pytest.raises(NoFitError, match="the data do not determine the model"):
        recalibrated(np.ones((30, 1)), follow_up, np.array([-1.0, 0.5]), with_slope=False)


def test_ten_events_per_term_are_asked_for() -> None:
    """The reason names both numbers."""
    assert (
        few_events(19, 2) == "19 events for 2 terms: fewer than 10 events per term (20 are needed)"
    )
    assert few_events(9, 1) == "9 events for 1 term: fewer than 10 events per term (10 are needed)"
    assert few_events(20, 2) is None


def recalibrated(
    design: FloatArray,
    follow_up: FollowUp,
    start: FloatArray,
    *,
    with_slope: bool,
    start_draws: FloatArray | None = None,
) -> LocalFit:
    """Recalibrate with few draws."""
    return recalibrate(
        design,
        follow_up,
        4,
        scale="logit",
        start=start,
        start_draws=start_draws,
        with_slope=with_slope,
        draws=30,
        seed=1,
    )
