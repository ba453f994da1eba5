"""What apparent figures lose when the whole fit is repeated."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.validation.horizon import FloatArray, HorizonOutcome
from models.validation.metrics import area_under_curve
from models.validation.optimism import anchored, correct_for_optimism, fit_logistic


def test_the_fit_is_the_maximum_likelihood_fit_of_another_library() -> None:
    """Coefficients agree with scikit-learn without penalty."""
    generator = np.random.default_rng(2)
    design = generator.normal(size=(400, 3))
    event = (generator.uniform(size=400) < 1 / (1 + np.exp(-design[:, 0]))).astype(float)

    found = fit_logistic(design, event)
    reference = LogisticRegression(C=np.inf, tol=1e-8).fit(design, event)

    assert found.coefficients[0] == pytest.approx(reference.intercept_[0], abs=1e-4)
    assert found.coefficients[1:] == pytest.approx(reference.coef_[0], abs=1e-4)


def test_pure_noise_looks_good_and_is_corrected_to_a_coin() -> None:
    """Ten random columns and forty events: the apparent AUC flatters, the corrected does not."""
    generator = np.random.default_rng(8)
    design = generator.normal(size=(160, 10))
    event = (np.arange(160) < 40).astype(float)

    def auc(risk: FloatArray, rows: NDArray[np.intp]) -> dict[str, float]:
        outcome = HorizonOutcome(event[rows], np.ones(len(rows)), 4)
        return {"auc": area_under_curve(risk, outcome)}

    found = correct_for_optimism(design, event, auc, fit=fit_logistic, draws=60, seed=1)["auc"]

    assert found.apparent > 0.63
    assert found.corrected == pytest.approx(0.5, abs=0.08)
    assert found.lower < found.corrected < found.upper


def test_anchoring_sets_the_mean_risk_and_leaves_the_slopes() -> None:
    """The slopes are given, the intercept makes the mean what it should be."""
    design = np.random.default_rng(1).normal(size=(100, 2))

    found = anchored(np.array([0.5, -1.0]), design, 0.1619)

    assert found.risk(design).mean() == pytest.approx(0.1619)
    assert found.coefficients[1:].tolist() == [0.5, -1.0]


def test_a_sample_that_separates_is_left_out() -> None:
    """With two events some samples have no finite fit; the others still give a figure."""
    design = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    event = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0])

    def mean(risk: FloatArray, rows: NDArray[np.intp]) -> dict[str, float]:
        return {"mean": float(risk.mean()) + 0 * len(rows)}

    found = correct_for_optimism(design, event, mean, fit=fit_logistic, draws=30, seed=1)["mean"]

    assert found.apparent == pytest.approx(2 / 6, abs=1e-6)
    assert np.isfinite(found.corrected)
