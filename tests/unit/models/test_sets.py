"""Sets of numbers: unions, intersections, whole numbers, sums."""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.forms.additive import Additive
from models.forms.cox import Cox
from models.forms.points import RiskAxis
from models.forms.sets import SumSet, common, merged, point, remainder, scaled, whole_numbers
from models.forms.terms import AxisTerm, StepTerm
from models.forms.tree import Leaf
from models.inputs import Interval, between, exactly, unknown
from models.quantities import quantity

ONE, TWO, THREE, FOUR = (Decimal(number) for number in (1, 2, 3, 4))


def test_intervals_that_touch_are_one() -> None:
    """Two intervals join where at least one holds the number between them."""
    assert merged([Interval(ONE, TWO, upper_open=True), Interval(TWO, THREE)]) == (
        Interval(ONE, THREE),
    )
    apart = (Interval(ONE, TWO, upper_open=True), Interval(TWO, THREE, lower_open=True))
    assert merged(reversed(apart)) == apart
    assert merged([Interval(ONE, FOUR), Interval(TWO, THREE)]) == (Interval(ONE, FOUR),)
    assert merged([Interval(ONE, TWO, upper_open=True), Interval(ONE, TWO)]) == (
        Interval(ONE, TWO),
    )


def test_what_two_intervals_share() -> None:
    """An open end wins, and a shared end that neither lacks is one number."""
    assert common(Interval(ONE, THREE, lower_open=True), Interval(ONE, TWO)) == Interval(
        ONE, TWO, lower_open=True
    )
    assert common(Interval(ONE, TWO), Interval(TWO, THREE)) == point(TWO)
    assert common(Interval(ONE, TWO, upper_open=True), Interval(TWO, THREE)) is None
    assert common(point(ONE), point(TWO)) is None


def test_what_is_left() -> None:
    """Taking 2 to 3 (without 3) from 1 to 4 leaves 1 up to 2, and from 3."""
    left = remainder((Interval(ONE, FOUR),), Interval(TWO, THREE, upper_open=True))
    assert left == (Interval(ONE, TWO, upper_open=True), Interval(THREE, FOUR))
    assert remainder((point(TWO),), Interval(ONE, THREE)) == ()


def test_whole_numbers_respect_open_ends() -> None:
    """Above 1 and up to 3 are 2 and 3; between 1.2 and 1.8 there is none."""
    assert whole_numbers((Interval(ONE, THREE, lower_open=True),)) == (point(TWO), point(THREE))
    assert whole_numbers((Interval(Decimal("1.2"), Decimal("1.8")),)) == ()


def test_a_negative_factor_turns_the_set_around() -> None:
    """Minus two times 1 (open) to 2 is -4 to -2 (open); times zero is zero."""
    turned = scaled((Interval(ONE, TWO, lower_open=True),), Decimal(-2))
    assert turned == (Interval(Decimal(-4), Decimal(-2), upper_open=True),)
    assert scaled((Interval(ONE, TWO),), Decimal(0)) == (point(Decimal(0)),)


def test_sums_know_their_gaps() -> None:
    """{0, 1} + {0, 5} reaches 5 and 6, not 2 to 4; the nearest sums to 3 are 1 and 5."""
    sums = SumSet(((point(Decimal(0)), point(ONE)), (point(Decimal(0)), point(Decimal(5)))))
    assert not sums.reaches(Interval(TWO, FOUR))
    assert sums.reaches(Interval(Decimal(5), Decimal(9)))
    assert not sums.reaches(Interval(Decimal(6), Decimal(9), lower_open=True))
    assert sums.nearest(THREE) == (ONE, Decimal(5))
    assert sums.nearest(Decimal(5)) == (Decimal(5),)
    assert sums.nearest(Decimal(-1)) == (Decimal(0),)
    assert sums.nearest(Decimal(9)) == (Decimal(6),)


def test_the_sum_of_nothing_is_zero() -> None:
    """No sets have one sum."""
    assert SumSet(()).hull == point(Decimal(0))
    assert SumSet(()).nearest(ONE) == (Decimal(0),)


def test_a_form_of_one_term() -> None:
    """One unknown input is the whole range, and knowing it closes it."""
    size = quantity("tumour_size_cm")
    term = StepTerm(size, TWO, Decimal(0), ONE, Decimal(5), above=True)
    form = Additive((term,), Cox(0.1), Leaf("any"), ONE)
    evaluated = form.evaluate({"tumour_size_cm": unknown(size)})
    (narrowing,) = evaluated.narrowings()
    assert narrowing.at_least == evaluated.risk.width
    assert narrowing.settles_class == "always"
    difference = evaluated.risk_differences()["tumour_size_cm"]
    assert difference.upper == pytest.approx(evaluated.risk.width)


def test_a_score_without_risk_has_points_only() -> None:
    """Points and contributions, and a plain refusal of a risk."""
    size = quantity("tumour_size_cm")
    term = StepTerm(size, TWO, Decimal(0), ONE, Decimal(5), above=True)
    evaluated = Additive((term,), None, Leaf(""), ONE).evaluate(
        {"tumour_size_cm": exactly(size, 8)}
    )
    assert evaluated.points.lower == 2
    assert evaluated.risk_differences() == {}
    with pytest.raises(ValueError, match="a score without risk"):
        _ = evaluated.risk


def test_a_stretch_of_points_narrows_to_one_number() -> None:
    """A continuous axis without risk: knowing the value closes the whole range of points."""
    size = quantity("tumour_size_cm")
    term = AxisTerm(size, ONE, Decimal(0), FOUR, ((ONE, Decimal(0)), (FOUR, FOUR)))
    evaluated = Additive((term,), None, Leaf(""), ONE).evaluate({"tumour_size_cm": unknown(size)})
    (narrowing,) = evaluated.narrowings()
    assert (narrowing.at_least, narrowing.at_most) == (4.0, 4.0)
    assert narrowing.settles_class == "always"


def test_an_answer_on_one_side_of_a_cut() -> None:
    """Above 5 cm for certain, there is one answer; unknown, there are two."""
    size = quantity("tumour_size_cm")
    term = StepTerm(size, TWO, Decimal(0), ONE, Decimal(5), above=True)
    assert term.answers(exactly(size, 8)) == (exactly(size, 8),)
    assert len(term.answers(unknown(size))) == 2


def test_a_count_without_a_whole_number_says_nothing() -> None:
    """A number of tumours "between 1.2 and 1.8" contradicts itself: any number is possible."""
    number = quantity("tumour_number")
    term = StepTerm(number, ONE, Decimal(0), ONE, ONE, above=True)
    assert term.design(between(number, Decimal("1.2"), Decimal("1.8"))) == (
        point(Decimal(0)),
        point(ONE),
    )
    assert term.design(between(number, Decimal("1.2"), Decimal("2.8"))) == (point(ONE),)


def test_a_cut_below_counts_strictly() -> None:
    """Exactly 1.0 cm is not below 1.0 cm; "<1" is."""
    margin = quantity("margin_cm")
    term = StepTerm(margin, ONE, Decimal(0), ONE, ONE, above=False)
    assert term.design(exactly(margin, 1)) == (point(Decimal(0)),)
    assert term.design(between(margin, None, ONE, upper_open=True)) == (point(ONE),)
    assert term.design(between(margin, None, ONE)) == (point(Decimal(0)), point(ONE))


def test_a_risk_axis_is_read_both_ways() -> None:
    """Points give a risk, the risk gives the points; off the axis there is no answer."""
    axis = RiskAxis(((10.0, 0.1), (50.0, 0.5), (60.0, 0.9)))
    assert (axis.risk(0.0), axis.risk(30.0), axis.risk(99.0)) == (0.1, pytest.approx(0.3), 0.9)
    assert axis.score_at(0.7) == pytest.approx(55.0)
    with pytest.raises(ValueError, match="the risk axis does not reach this probability"):
        axis.score_at(0.95)


def test_a_cox_risk_is_read_both_ways() -> None:
    """The score at a risk gives that risk back; a single number has no turning point."""
    cox = Cox(0.0117763)
    assert cox.risk(cox.score_at(0.3)) == pytest.approx(0.3)
    assert cox.turning_points(1.0, 1.0) == ()
