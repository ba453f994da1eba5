"""The derivation reproduces the figures of the evidence, and the files are what it writes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from models.derivation import __main__ as command
from models.derivation.conditional_inference_tree import Branch, Tip
from models.derivation.distant_metastasis import FACTORS, external_checks, reconstruct
from models.derivation.hpr_fit import derive
from models.parameter_set import CoxParameters, LogisticParameters
from models.registry import PARAMETERS

TO_A_THOUSANDTH = 0.001
TO_A_HUNDREDTH = 0.01


def test_the_parameter_files_are_what_the_derivation_writes() -> None:
    """A rebuild gives the same bytes."""
    for path, text in command.rebuilt().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: make parameters"


@pytest.mark.parametrize(
    ("index", "beta", "ratio", "lower", "upper"),
    [
        (1, -0.361, 0.70, 0.52, 0.94),
        (2, 0.891, 2.44, 1.01, 5.89),
        (3, 0.656, 1.93, 0.88, 4.24),
        (4, 1.046, 2.85, 1.34, 6.04),
        (5, 0.999, 2.72, 1.20, 6.13),
        (6, 1.150, 3.16, 1.47, 6.81),
    ],
    ids=["age", "AFP", "size", "number", "vascular invasion", "capsule"],
)
def test_plain_fit(index: int, beta: float, ratio: float, lower: float, upper: float) -> None:
    """The plain logistic fit on 227 resections, as tabled: beta and odds ratio with interval."""
    assert derive().plain[index] == pytest.approx(beta, abs=TO_A_THOUSANDTH)
    effect = PARAMETERS["hpr_preoperative"].terms[index - 1]
    assert effect.kind != "axis"
    assert effect.effect is not None
    shown = effect.effect.ratio
    assert [float(x or 0) for x in (shown.value, shown.lower, shown.upper)] == pytest.approx(
        [ratio, lower, upper], abs=0.005
    )


def test_plain_intercept_and_cohort() -> None:
    """52 of 227 recurred within four months; the plain intercept is -3.242."""
    fit = derive()
    assert (len(fit.cohort), int(fit.cohort.recurred.sum())) == (227, 52)
    assert fit.plain[0] == pytest.approx(-3.242, abs=TO_A_THOUSANDTH)


@pytest.mark.parametrize(
    ("model_id", "name", "value", "points"),
    [
        ("hpr_preoperative", "age_years", -0.3131, 16.7),
        ("hpr_preoperative", "afp_ng_ml", 0.7733, 41.2),
        ("hpr_preoperative", "tumour_size_cm", 0.5691, 30.3),
        ("hpr_preoperative", "tumour_number", 0.9078, 48.3),
        ("hpr_preoperative", "macrovascular_invasion", 0.8673, 46.2),
        ("hpr_preoperative", "capsule", 0.9982, 53.1),
        ("hpr_postoperative", "microvascular_invasion", 0.6353, 33.8),
        ("hpr_postoperative", "ki67_percent", 0.4220, 22.5),
        ("hpr_postoperative", "complication", 0.6934, 36.9),
        ("distant_metastasis", "macrovascular_invasion", 1.2361, 100.0),
        ("distant_metastasis", "rupture", 0.9392, 76.0),
        ("distant_metastasis", "tumour_size_cm", 0.8879, 71.8),
        ("distant_metastasis", "microvascular_invasion", 0.7319, 59.2),
        ("distant_metastasis", "satellites", 0.5400, 43.7),
        ("distant_metastasis", "afp_ng_ml", 0.5230, 42.3),
        ("distant_metastasis", "margin_cm", 0.5026, 40.7),
        ("distant_metastasis", "transfusion", 0.3961, 32.0),
        ("distant_metastasis", "tumour_number", 0.3279, 26.5),
    ],
)
def test_shipped_coefficients(model_id: str, name: str, value: float, points: float) -> None:
    """Every shipped coefficient with its points per unit."""
    parameters = PARAMETERS[model_id]
    term = next(item for item in parameters.terms if item.input == name)
    assert term.kind != "axis"
    coefficient = float(term.coefficient.value)
    assert coefficient == pytest.approx(value, abs=TO_A_THOUSANDTH)
    scale = 100 / float(parameters.points.score_of_100_points.value)
    assert abs(coefficient) * scale == pytest.approx(points, abs=0.05)


@pytest.mark.parametrize(
    ("model_id", "intercept"), [("hpr_preoperative", -3.4577), ("hpr_postoperative", -4.2369)]
)
def test_intercepts(model_id: str, intercept: float) -> None:
    """The intercepts that keep the mean risk at 506/3125."""
    form = PARAMETERS[model_id].form
    assert isinstance(form, LogisticParameters)
    assert float(form.intercept.value) == pytest.approx(intercept, abs=TO_A_THOUSANDTH)


def test_the_mean_risk_is_that_of_the_published_cohort() -> None:
    """Over the cohort, the shipped model's mean risk is 16.19 %."""
    fit = derive()
    risk = 1 / (1 + np.exp(-(fit.intercept + fit.cohort.design @ fit.shipped)))
    assert float(risk.mean()) == pytest.approx(506 / 3125, abs=0.0001)


def test_discrimination_and_optimism() -> None:
    """Apparent AUC 0.806, optimism 0.026, corrected about 0.78, bootstrap slope 0.86 to 0.875."""
    fit = derive()
    assert fit.apparent_auc == pytest.approx(0.806, abs=TO_A_THOUSANDTH)
    assert fit.optimism == pytest.approx(0.026, abs=TO_A_HUNDREDTH)
    assert fit.apparent_auc - fit.optimism == pytest.approx(0.78, abs=TO_A_HUNDREDTH)
    assert fit.bootstrap_slope == pytest.approx(0.868, abs=TO_A_HUNDREDTH)


def test_tree() -> None:
    """Three leaves on the score: 4/95, 8/47 and 40/85, cut at 0.0877 and 0.1555."""
    fit = derive()
    assert fit.cuts == (0.0877, 0.1555)
    assert isinstance(fit.tree, Branch)
    assert isinstance(fit.tree.below, Branch)
    assert fit.tree.below.below == Tip(95, 4)
    assert fit.tree.below.above == Tip(47, 8)
    assert fit.tree.above == Tip(85, 40)


@pytest.mark.parametrize(
    ("risk_class", "events", "n", "rate", "lower", "upper"),
    [
        ("low", 4, 95, 4, 2, 10),
        ("intermediate", 8, 47, 17, 9, 30),
        ("high", 40, 85, 47, 37, 58),
    ],
)
def test_class_rates(
    risk_class: str, events: int, n: int, rate: int, lower: int, upper: int
) -> None:
    """Observed rates per class with 95 % Wilson intervals, in whole per cent."""
    tree = PARAMETERS["hpr_preoperative"].classes.tree
    text = next(leaf for leaf in _leaves(tree) if leaf["risk_class"] == risk_class)
    observed = text["observed"]
    assert (text["events"], text["n"]) == (events, n)
    assert [round(100 * float(observed[key])) for key in ("value", "lower", "upper")] == [
        rate,
        lower,
        upper,
    ]


def _leaves(tree: object) -> list[dict[str, dict[str, float]]]:
    document = tree.model_dump()  # type: ignore[attr-defined] # any node of the tree
    found: list[dict[str, dict[str, float]]] = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if "below" in node:
            waiting += [node["below"], node["above"]]
        else:
            found.append(node)
    return found


@pytest.mark.parametrize(
    ("group", "n", "events"),
    [("women", 30, 7), ("HBsAg-negative", 18, 2), ("65 years or older", 31, 8)],
)
def test_fairness_counts(group: str, n: int, events: int) -> None:
    """How many of a group the cohort holds: too few to judge."""
    groups = {
        item.name: (item.n, item.events)
        for item in PARAMETERS["hpr_preoperative"].population.groups
    }
    assert groups[group] == (n, events)


def test_the_ages_that_are_warned_about() -> None:
    """22 and 74 are the 1st and 99th percentile of the cohort's ages."""
    low, high = np.percentile(derive().cohort.age_years, [1, 99])
    assert (round(float(low)), round(float(high))) == (22, 74)


def test_draws_hold_the_estimate() -> None:
    """1,000 draws per model; each shipped coefficient lies well inside its own draws."""
    for model_id in ("hpr_preoperative", "hpr_postoperative"):
        parameters = PARAMETERS[model_id]
        assert parameters.draws is not None
        rows = np.array([[float(value) for value in row] for row in parameters.draws.rows])
        assert rows.shape == (1000, len(parameters.terms) + 1)
        for column, term in zip(rows[:, 1:].T, parameters.terms, strict=True):
            assert term.kind != "axis"
            low, high = np.percentile(column, [25, 75])
            assert low < float(term.coefficient.value) < high


def test_borrowed_terms_are_drawn_from_their_printed_intervals() -> None:
    """2.5th and 97.5th percentile of the drawn terms are the shrunken ends of the intervals."""
    parameters = PARAMETERS["hpr_postoperative"]
    assert parameters.draws is not None
    rows = np.array([[float(value) for value in row] for row in parameters.draws.rows])
    for index, (lower, upper) in ((7, (1.597, 2.706)), (8, (1.364, 1.939)), (9, (1.161, 4.258))):
        ends = np.percentile(rows[:, index], [2.5, 97.5])
        expected = [0.868 * math.log(lower), 0.868 * math.log(upper)]
        assert ends.tolist() == pytest.approx(expected, abs=0.06)


def test_metastasis_reconstruction() -> None:
    """Mean score, cuts, shares, baseline, mean risks and AUC of the 512 patterns."""
    found = reconstruct()
    assert found.mean_linear_predictor == pytest.approx(1.5656, abs=0.0001)
    assert found.cuts == pytest.approx((1.4008, 2.6259), abs=0.0001)
    assert [cut * 100 / math.log(3.442) for cut in found.cuts] == pytest.approx(
        [113.3, 212.4], abs=0.05
    )
    assert found.shares == pytest.approx((0.489, 0.358, 0.153), abs=0.0005)
    assert found.baseline_cumulative_hazard == pytest.approx(0.0117763, abs=1e-7)
    assert math.exp(-found.baseline_cumulative_hazard) == pytest.approx(0.98829, abs=1e-5)
    assert found.mean_risks == pytest.approx((0.028, 0.082, 0.276), abs=0.0005)
    assert found.area_under_curve == pytest.approx(0.85, abs=0.005)
    assert found.beyond_points == pytest.approx(344, abs=0.05)


def test_metastasis_points_before_and_after_the_operation() -> None:
    """492.3 points in all, 131.9 of them from operation and specimen."""
    scale = 100 / math.log(3.442)
    points = {factor.name: math.log(factor.hazard_ratio) * scale for factor in FACTORS}
    later = sum(points[name] for name in ("microvascular_invasion", "margin_cm", "transfusion"))
    assert later == pytest.approx(131.9, abs=0.05)
    assert sum(points.values()) == pytest.approx(492.3, abs=0.05)
    assert sum(points.values()) - later == pytest.approx(360.3, abs=0.05)


def test_metastasis_baseline_range() -> None:
    """One-year baseline survival 0.98829, range 0.987 to 0.992."""
    form = PARAMETERS["distant_metastasis"].form
    assert isinstance(form, CoxParameters)
    assert form.baseline_range is not None
    assert float(form.baseline_range.survival_lower.value) == 0.987
    assert float(form.baseline_range.survival_upper.value) == 0.992


def test_external_check_of_the_metastasis_score() -> None:
    """Four of nine factors in the public cohort: AUC 0.714 (0.636-0.794) at 4, 0.665 at 12 months."""
    four, twelve = external_checks()
    assert four.area == pytest.approx(0.714, abs=TO_A_THOUSANDTH)
    assert (four.lower, four.upper) == pytest.approx((0.636, 0.794), abs=TO_A_HUNDREDTH)
    assert twelve.area == pytest.approx(0.665, abs=TO_A_THOUSANDTH)


def test_the_command_checks_and_rewrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` names a file that differs and changes nothing; without it, the file is rewritten."""
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    assert command.main(["--check"]) == 1
    assert "hpr_preoperative.json differs from its derivation" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert command.main([]) == 0
    assert "distant_metastasis.json rewritten" in capsys.readouterr().out
    assert command.main(["--check"]) == 0
    assert command.main(["--help"]) == 2
    assert "usage: python -m models.derivation [--check]" in capsys.readouterr().out
