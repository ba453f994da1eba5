"""The few lines of statistics the derivation stands on."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from models.derivation.conditional_inference_tree import Branch, Tip, association, grow
from models.derivation.document import as_text, rounded
from models.derivation.fitting import area_under_curve, fit_logistic, resamples
from models.derivation.hpr_fit import three_leaves
from models.derivation.public_cohort import load_cohort


def test_a_separating_factor_has_no_fit() -> None:
    """Where a factor separates the outcomes the fit says so instead of giving a huge number."""
    design = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    outcome = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="a factor separates the outcomes"):
        fit_logistic(design, outcome)


def test_an_intercept_alone_is_the_log_odds() -> None:
    """With no factor the fit is ln(odds): 1 of 4 is ln(1/3)."""
    fitted = fit_logistic(np.ones((4, 1)), np.array([1.0, 0.0, 0.0, 0.0]))
    assert fitted[0] == pytest.approx(np.log(1 / 3))


def test_area_counts_ties_as_half() -> None:
    """Of four pairs two are won, one tied, one lost: 0.625."""
    score = np.array([2.0, 1.0, 1.0, 1.5])
    assert area_under_curve(score, np.array([1.0, 1.0, 0.0, 0.0])) == 0.625


def test_resamples_are_the_same_on_every_machine() -> None:
    """The first rows of seed 1, which Python guarantees for its own generator."""
    first = next(resamples(227, seed=1))
    assert first[:5].tolist() == [30, 192, 173, 57, 112]
    assert [len(rows) for rows in islice(resamples(5, seed=1), 3)] == [5, 5, 5]


def test_the_tree_does_not_split_on_noise() -> None:
    """Without association there is one leaf; with too few people there is one leaf too."""
    score = np.arange(40.0)
    assert grow(score, np.tile([0.0, 1.0], 20)) == Tip(40, 20)
    assert grow(score[:19], (score[:19] > 9).astype(float)) == Tip(19, 9)


def test_the_tree_splits_where_the_outcome_changes() -> None:
    """A clean change of outcome is found between its two neighbours."""
    score = np.arange(40.0)
    tree = grow(score, (score >= 25).astype(float))
    assert isinstance(tree, Branch)
    assert (tree.last_below, tree.first_above) == (24.0, 25.0)
    assert (tree.below, tree.above) == (Tip(25, 0), Tip(15, 15))


def test_no_leaf_is_smaller_than_seven() -> None:
    """A change of outcome among the last three people is cut where seven remain."""
    score = np.arange(40.0)
    tree = grow(score, (score >= 37).astype(float))
    assert isinstance(tree, Branch)
    assert tree.above == Tip(7, 3)


def test_a_score_of_few_levels_may_have_no_split() -> None:
    """An association that no cut with seven on either side can use leaves one leaf."""
    score = np.array([0.0] * 36 + [1.0] * 4)
    assert grow(score, score) == Tip(40, 4)


def test_no_variance_is_no_association() -> None:
    """If everybody has the same outcome nothing is associated."""
    assert association(np.arange(5.0), np.ones(5)) == 0.0


def test_numbers_are_rounded_half_up_and_written_the_same_way() -> None:
    """0.15545 is 0.1555, minus zero is zero, and draws stand one row per line."""
    assert rounded(0.15545, 4) == 0.1555
    assert str(rounded(-0.00001, 4)) == "0.0"
    text = as_text({"a": "≥", "draws": {"seed": 1, "rows": [[1.0, 2.0], [3.0, 4.0]]}})
    assert "      [1.0, 2.0],\n      [3.0, 4.0]\n" in text
    assert "≥" in text
    assert as_text({"a": 1}) == '{\n  "a": 1\n}\n'


def test_a_tree_of_another_shape_is_refused() -> None:
    """If the tree ever has other leaves, its classes need new names: the derivation stops."""
    leaf = Tip(20, 2)
    with pytest.raises(ValueError, match="the tree does not have three leaves"):
        three_leaves(leaf)
    inner = Branch(0.01, 1.0, 2.0, leaf, leaf)
    with pytest.raises(ValueError, match="the tree does not have three leaves"):
        three_leaves(Branch(0.01, 3.0, 4.0, inner, inner))
    fork = Branch(0.01, 3.0, 4.0, inner, leaf)
    assert three_leaves(fork) == (fork, inner, (leaf, leaf, leaf))


def test_nobody_may_be_censored_before_the_horizon() -> None:
    """At 40 months people are censored, so recurrence by then is no plain yes or no."""
    with pytest.raises(ValueError, match="somebody is censored before the horizon"):
        load_cohort(horizon_months=40)


def test_a_fit_without_end_is_refused() -> None:
    """A fit that keeps moving is refused, too."""
    with pytest.raises(ValueError, match="the logistic fit does not exist"):
        fit_logistic(np.ones((4, 1)), np.full(4, np.nan))
