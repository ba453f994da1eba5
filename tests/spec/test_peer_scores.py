"""Worked examples of the peer scores: null first, then both sides of every cut."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import product

import pytest

from models.early_recurrence_score import early_recurrence_score
from models.inputs import Input, Interval, exactly, one_of_numbers, unknown
from models.liver_function import albi, child_pugh
from models.model import Model
from models.outcome import Score
from models.quantities import quantity
from models.staging import bclc_2022
from models.tumour_burden import afp_model, tumour_burden_score


def _inputs(**values: str | float) -> dict[str, Input]:
    return {name: exactly(quantity(name), str(value)) for name, value in values.items()}


def _score(model: Model, inputs: Mapping[str, Input]) -> Score:
    answer = model.evaluate(inputs)
    assert isinstance(answer, Score)
    return answer


ERS_NULL = {
    "afp_ng_ml": 5,
    "tumour_size_cm": 2,
    "tumour_number": 1,
    "satellites": "absent",
    "macrovascular_invasion": "absent",
    "microvascular_invasion": "absent",
    "residual_tumour": "R0",
}


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 0),
        ({"afp_ng_ml": "9.9"}, 0),
        ({"afp_ng_ml": 10}, 2),
        ({"afp_ng_ml": 100}, 2),
        ({"afp_ng_ml": "100.1"}, 3),
        ({"tumour_size_cm": "3.9"}, 0),
        ({"tumour_size_cm": 4}, 1),
        ({"tumour_number": 2}, 2),
        ({"satellites": "present"}, 2),
        ({"macrovascular_invasion": "present"}, 2),
        ({"microvascular_invasion": "present"}, 2),
        ({"macrovascular_invasion": "present", "microvascular_invasion": "present"}, 2),
        ({"residual_tumour": "R1"}, 2),
    ],
)
def test_early_recurrence_score(change: dict[str, str | float], points: int) -> None:
    """Each item of the published table adds its points, on both sides of each cut."""
    score = _score(early_recurrence_score(), _inputs(**{**ERS_NULL, **change}))
    assert score.value is not None
    assert (score.value.lower, score.value.upper, score.maximum) == (points, points, 12)


def test_early_recurrence_score_before_surgery_is_a_range() -> None:
    """Without the specimen, vascular invasion and margin leave four points open."""
    known = {
        k: v for k, v in ERS_NULL.items() if k not in {"microvascular_invasion", "residual_tumour"}
    }
    score = _score(early_recurrence_score(), _inputs(**known))
    assert score.value is not None
    assert (score.value.lower, score.value.upper) == (0, 4)
    assert score.missing == ("Vascular invasion", "R1 margin")


def test_an_r2_margin_is_not_named_by_the_source() -> None:
    """R2 leaves the margin item open: the table prints R1 only."""
    score = _score(early_recurrence_score(), _inputs(**{**ERS_NULL, "residual_tumour": "R2"}))
    assert score.value is not None
    assert (score.value.lower, score.value.upper) == (0, 2)


@pytest.mark.parametrize(
    ("size", "number", "afp", "points", "category"),
    [
        (3, 3, 100, 0, "low"),
        ("3.1", 1, 100, 1, "low"),
        (6, 1, 100, 1, "low"),
        ("6.1", 1, 100, 4, "high"),
        (3, 4, 100, 2, "low"),
        (3, 1, "100.1", 2, "low"),
        (3, 1, 1000, 2, "low"),
        (3, 1, "1000.1", 3, "high"),
    ],
)
def test_afp_model(size: str, number: int, afp: str, points: int, category: str) -> None:
    """Size, number and AFP add up; above 2 is high."""
    score = _score(afp_model(), _inputs(tumour_size_cm=size, tumour_number=number, afp_ng_ml=afp))
    assert score.value is not None
    assert (score.value.lower, score.category) == (points, category)


def test_tumour_burden_score_is_a_distance_without_class() -> None:
    """Size 4 cm and 3 nodules give 5; cut-offs differ by paper, so there is no class."""
    score = _score(tumour_burden_score(), _inputs(tumour_size_cm=4, tumour_number=3))
    assert score.value is not None
    assert (score.value.lower, score.category) == (5.0, None)
    assert score.note.startswith("Cut-offs differ by paper")


@pytest.mark.parametrize(
    ("bilirubin", "albumin", "value", "grade"),
    [(10, 40, -2.74, "1"), (20, 38, -2.37, "2a"), (34, 32, -1.71, "2b"), (100, 30, -1.23, "3")],
)
def test_albi(bilirubin: int, albumin: int, value: float, grade: str) -> None:
    """The equation with -0.085 (not -0.0852) and its four grades."""
    score = _score(albi(), _inputs(bilirubin_umol_l=bilirubin, albumin_g_l=albumin))
    assert score.value is not None
    assert (round(score.value.lower, 2), score.category) == (value, grade)


CHILD_PUGH_NULL = {
    "bilirubin_umol_l": 20,
    "albumin_g_l": 40,
    "inr": 1,
    "ascites": "none",
    "encephalopathy": "none",
}


@pytest.mark.parametrize(
    ("change", "points", "grade"),
    [
        ({}, 5, "A"),
        ({"bilirubin_umol_l": "34.1"}, 5, "A"),
        ({"bilirubin_umol_l": "34.2"}, 6, "A"),
        ({"bilirubin_umol_l": "51.3"}, 6, "A"),
        ({"bilirubin_umol_l": "51.4"}, 7, "B"),
        ({"albumin_g_l": "35.1"}, 5, "A"),
        ({"albumin_g_l": 35}, 6, "A"),
        ({"albumin_g_l": 28}, 6, "A"),
        ({"albumin_g_l": "27.9"}, 7, "B"),
        ({"inr": "1.69"}, 5, "A"),
        ({"inr": "1.7"}, 6, "A"),
        ({"inr": "2.3"}, 6, "A"),
        ({"inr": "2.31"}, 7, "B"),
        ({"ascites": "slight"}, 6, "A"),
        ({"ascites": "moderate"}, 7, "B"),
        ({"encephalopathy": "grade-3-4", "ascites": "moderate", "inr": 3}, 11, "C"),
    ],
)
def test_child_pugh(change: dict[str, str | float], points: int, grade: str) -> None:
    """Five items of 1 to 3 points; A 5-6, B 7-9, C 10-15."""
    score = _score(child_pugh(), _inputs(**{**CHILD_PUGH_NULL, **change}))
    assert score.value is not None
    assert (score.value.lower, score.category) == (points, grade)


BCLC_NULL = {
    "tumour_size_cm": 1.5,
    "tumour_number": 1,
    "macrovascular_invasion": "absent",
    "extrahepatic_disease": "absent",
    "child_pugh_class": "A",
    "ecog": 0,
}


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        ({}, ("0",)),
        ({"tumour_size_cm": 2}, ("0", "A")),
        ({"tumour_size_cm": "2.1"}, ("A",)),
        ({"tumour_size_cm": 9}, ("A",)),
        ({"tumour_number": 3, "tumour_size_cm": "2.9"}, ("A",)),
        ({"tumour_number": 3, "tumour_size_cm": 3}, ("A", "B")),
        ({"tumour_number": 3, "tumour_size_cm": "3.1"}, ("B",)),
        ({"tumour_number": 4}, ("B",)),
        ({"macrovascular_invasion": "present"}, ("C",)),
        ({"extrahepatic_disease": "present"}, ("C",)),
        ({"ecog": 1}, ("C",)),
        ({"ecog": 2}, ("C",)),
        ({"ecog": 3}, ("D",)),
        ({"child_pugh_class": "C"}, ("D",)),
    ],
)
def test_bclc_2022(change: dict[str, str | float], stages: tuple[str, ...]) -> None:
    """Extent, spread, performance status and liver function; 2 and 3 cm exactly stay open."""
    assert _score(bclc_2022(), _inputs(**{**BCLC_NULL, **change})).possible_categories == stages


GRID: dict[str, tuple[str, ...]] = {
    "afp_ng_ml": ("5", "50", "500", "5000"),
    "tumour_size_cm": ("1.5", "2.5", "4", "7"),
    "tumour_number": ("1", "3", "5"),
    "satellites": ("absent", "present"),
    "macrovascular_invasion": ("absent", "present"),
    "microvascular_invasion": ("absent", "present"),
    "residual_tumour": ("R0", "R1"),
    "extrahepatic_disease": ("absent", "present"),
    "child_pugh_class": ("A", "B", "C"),
    "ecog": ("0", "2", "4"),
    "bilirubin_umol_l": ("10", "40", "90"),
    "albumin_g_l": ("25", "30", "40"),
    "inr": ("1", "2", "3"),
    "ascites": ("none", "slight", "moderate"),
    "encephalopathy": ("none", "grade-1-2", "grade-3-4"),
}
MODELS = (early_recurrence_score, afp_model, tumour_burden_score, albi, child_pugh, bclc_2022)


@pytest.mark.parametrize("make", MODELS)
def test_a_partly_known_patient_gets_exactly_the_answers_of_every_completion(make: object) -> None:
    """With two inputs each open over a few values, the answer is what brute force over them finds."""
    assert callable(make)
    model: Model = make()
    names = [need.quantity.name for need in model.needs]
    base = {name: exactly(quantity(name), GRID[name][0]) for name in names}
    for first, second in zip(names, names[1:] + names[:1], strict=True):
        opened = {**base, first: _open(first), second: _open(second)}
        answers = [
            _score(
                model,
                {**base, first: exactly(quantity(first), a), second: exactly(quantity(second), b)},
            )
            for a, b in product(GRID[first], GRID[second])
        ]
        score = _score(model, opened)
        if score.value is not None:
            values = [answer.value for answer in answers if answer.value is not None]
            assert score.value.lower == min(value.lower for value in values)
            assert score.value.upper == max(value.upper for value in values)
        found = {stage for answer in answers for stage in answer.possible_categories}
        assert found <= set(score.possible_categories)
        if score.value is None:
            assert found == set(score.possible_categories)


def _open(name: str) -> Input:
    if quantity(name).is_number:
        return one_of_numbers(quantity(name), [Decimal(value) for value in GRID[name]])
    chosen = frozenset(GRID[name])
    whole = unknown(quantity(name))
    return Input(whole.quantity, whole.knowledge, categories=chosen)


def test_an_unknown_patient_gets_every_stage() -> None:
    """Nothing known leaves every BCLC stage possible and names every input."""
    score = _score(bclc_2022(), {})
    assert score.possible_categories == ("0", "A", "B", "C", "D")
    assert len(score.missing) == 6


def test_two_possible_performance_states_skip_the_stage_between() -> None:
    """Performance status 0 or 3 gives A or D, never C."""
    known = _inputs(**{**BCLC_NULL, "tumour_size_cm": 4})
    status = Input(
        quantity("ecog"),
        known["ecog"].knowledge,
        (Interval(Decimal(0), Decimal(0)), Interval(Decimal(3), Decimal(3))),
    )
    assert _score(bclc_2022(), {**known, "ecog": status}).possible_categories == ("A", "D")
