"""Inputs: what each way of knowing means, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.inputs import (
    Interval,
    Knowledge,
    between,
    exactly,
    not_yet_knowable,
    one_of,
    one_of_numbers,
    unknown,
)
from models.model import Criterion, judge_applicability
from models.quantities import QUANTITIES, quantity

AGE, SIZE, MVI = (
    quantity("age_years"),
    quantity("tumour_size_cm"),
    quantity("microvascular_invasion"),
)


def test_one_value_is_known() -> None:
    """A number or a category with one possible value is known, and its value is that."""
    assert exactly(SIZE, "4.80").value == Decimal("4.80")
    assert exactly(MVI, "present").value == "present"
    assert one_of_numbers(SIZE, [Decimal(3), Decimal(3)]).is_known


def test_several_values_are_partial_and_all_are_unknown() -> None:
    """Two of three categories are partial, all of them unknown; the same for numbers."""
    residual = quantity("residual_tumour")
    assert one_of(residual, ["R0", "R1"]).knowledge is Knowledge.PARTIAL
    assert one_of(residual, ["R0", "R1", "R2"]).knowledge is Knowledge.UNKNOWN
    assert between(SIZE, Decimal(3)).knowledge is Knowledge.PARTIAL
    assert between(SIZE, Decimal(-5), Decimal(999)).knowledge is Knowledge.UNKNOWN
    assert between(SIZE).value is None


def test_not_yet_knowable_is_its_own_state() -> None:
    """MVI before the operation may be anything, and is not merely unknown."""
    later, missing = not_yet_knowable(MVI), unknown(MVI)
    assert later.categories == missing.categories == frozenset({"absent", "present"})
    assert (later.knowledge, missing.knowledge) == (Knowledge.NOT_YET_KNOWABLE, Knowledge.UNKNOWN)
    assert (later.reason, missing.reason) == ("known only after the operation", "not recorded")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: exactly(SIZE, 41), "tumour_size_cm is plausible from 0.1 to 40 cm"),
        (lambda: exactly(AGE, "50.5"), "age_years is a whole number"),
        (lambda: exactly(MVI, "maybe"), r"microvascular_invasion has the categories \('absent', 'present'\)"),
        (lambda: one_of(MVI, []), "microvascular_invasion has the categories"),
        (lambda: one_of_numbers(SIZE, []), "tumour_size_cm needs at least one possible value"),
        (lambda: between(MVI, Decimal(1)), "microvascular_invasion is a category, not a number"),
        (lambda: Interval(Decimal(2), Decimal(1)), "an interval needs at least one value"),
        (lambda: Interval(Decimal(1), Decimal(1), lower_open=True), "an interval needs at least one value"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make: object, message: str) -> None:
    """An impossible value is refused in words that name the quantity."""
    assert callable(make)
    with pytest.raises(ValueError, match=message):
        make()


def test_an_interval_holds_its_closed_ends_only() -> None:
    """Above 1 up to 2: 2 belongs to it, 1 does not."""
    part = Interval(Decimal(1), Decimal(2), lower_open=True)
    assert Decimal(2) in part
    assert Decimal(1) not in part


def test_every_quantity_says_what_it_means() -> None:
    """A quantity has a meaning in one sentence, and either a range or categories."""
    for name, known in QUANTITIES.items():
        assert known.meaning.endswith("."), name
        assert known.is_number == (known.lower is not None and known.upper is not None), name


def _adult(known: object) -> tuple[bool, bool, bool]:
    criterion = Criterion(AGE, "under 18 years", intervals=(Interval(Decimal(0), Decimal(18), upper_open=True),))  # fmt: skip
    inputs = {"age_years": known} if known is not None else {}
    judged = judge_applicability((criterion,), inputs)  # type: ignore[arg-type] # inputs of the test
    return bool(judged.excluded), bool(judged.unchecked), bool(judged.warnings)


@pytest.mark.parametrize(
    ("known", "excluded", "unchecked"),
    [
        (None, False, True),
        (unknown(AGE), False, True),
        (exactly(AGE, 17), True, False),
        (exactly(AGE, 18), False, False),
        (between(AGE, Decimal(16), Decimal(18), upper_open=True), True, False),
        (between(AGE, Decimal(17), Decimal(18)), False, True),
        (between(AGE, Decimal(18), Decimal(19)), False, False),
        (between(AGE, Decimal(17), Decimal(19), lower_open=True), False, True),
    ],
)
def test_a_criterion_on_a_number(known: object, excluded: bool, unchecked: bool) -> None:
    """It excludes if every possible value is inside, and is stated as unchecked if only some are."""
    assert _adult(known) == (excluded, unchecked, False)


def test_a_label_keeps_its_names_in_a_sentence() -> None:
    """Names keep their capitals: "Child-Pugh class", "age", "earlier HCC treatment"."""
    names = ("age_years", "child_pugh_class", "earlier_treatment", "hbv_antiviral", "recurrence")
    population = tuple(
        Criterion(
            quantity(name), "never", frozenset({"present"}), (Interval(Decimal(0), Decimal(1)),)
        )
        for name in names
    )
    assert judge_applicability(population, {}).unchecked == (
        "age (not recorded)",
        "Child-Pugh class (not recorded)",
        "earlier HCC treatment (not recorded)",
        "HBV antiviral (not recorded)",
        "recurrence (not recorded)",
    )
