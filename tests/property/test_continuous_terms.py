"""Continuous terms, open ends exactly on cuts, and nomogram axes, held against a fine grid."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.forms.additive import Additive
from models.forms.logistic import Logistic
from models.forms.terms import AxisTerm, LevelTerm, LinearTerm
from models.forms.tree import SCORE, Leaf, Split
from models.inputs import Input, Interval, Knowledge, one_of
from models.quantities import quantity

SIZE, RUPTURE, AGE = quantity("tumour_size_cm"), quantity("rupture"), quantity("age_years")
# Ends, cuts and jumps are multiples of 1/2, so a grid of eighths meets every stretch between them.
GRID = Decimal("0.125")
halves = st.integers(2, 16).map(lambda number: Decimal(number) / 2)


@st.composite
def _intervals(draw: st.DrawFn) -> tuple[Interval, ...]:
    ends = sorted(draw(st.sets(halves, min_size=2, max_size=4)))
    if len(ends) % 2:
        ends.append(ends[-1])
    parts = []
    for lower, upper in zip(ends[::2], ends[1::2], strict=True):
        is_open = lower < upper
        parts.append(
            Interval(lower, upper, is_open and draw(st.booleans()), is_open and draw(st.booleans()))
        )
    return tuple(parts)


def _grid(parts: tuple[Interval, ...]) -> list[Decimal]:
    values = (GRID * step for step in range(8, 65))
    return [value for value in values if any(value in part for part in parts)]


def _size(parts: tuple[Interval, ...]) -> Input:
    return Input(SIZE, Knowledge.PARTIAL, parts)


@st.composite
def _forms(draw: st.DrawFn) -> Additive:
    slope = draw(st.sampled_from([Decimal(1), Decimal(-1)]))
    size = LinearTerm(SIZE, slope, Decimal(0), Decimal(1), Decimal(0), Decimal(1))
    jump = draw(st.sampled_from([Decimal(1), Decimal("2.5"), Decimal(-3)]))
    rupture = LevelTerm(
        RUPTURE, jump, Decimal(0), Decimal(1), {"absent": (Decimal(0),), "present": (Decimal(1),)}
    )
    low, high = sorted((slope * draw(halves), slope * draw(halves)))
    below = Split(SCORE, Leaf("low"), Leaf("middle"), low, draw(st.booleans()))
    tree = Split(SCORE, below, Leaf("high"), high, draw(st.booleans()))
    return Additive((size, rupture), Logistic(-4.0), tree, Decimal(1))


def _class_of(form: Additive, score: Decimal) -> str:
    return next(path.leaf.risk_class for path in form.paths if score in path.score)


@settings(deadline=None, max_examples=200)
@given(_forms(), _intervals(), st.sampled_from([["absent"], ["present"], ["absent", "present"]]))
def test_open_and_closed_ends_decide_the_class(
    form: Additive, parts: tuple[Interval, ...], ruptured: list[str]
) -> None:
    """An end on a cut counts only if it belongs to the interval."""
    patient = {"tumour_size_cm": _size(parts), "rupture": one_of(RUPTURE, ruptured)}
    size, rupture = form.terms
    jumps = [rupture.coefficient * (name == "present") for name in ruptured]
    scores = {value: [size.coefficient * value + jump for jump in jumps] for value in _grid(parts)}
    evaluated = form.evaluate(patient)
    expected = {_class_of(form, score) for found in scores.values() for score in found}
    assert set(evaluated.possible_classes) == expected
    narrowing = next(n for n in evaluated.narrowings() if n.input_name == "tumour_size_cm")
    settled = [len({_class_of(form, score) for score in found}) == 1 for found in scores.values()]
    how_often = "always" if all(settled) else "sometimes" if any(settled) else "never"
    assert narrowing.settles_class == how_often
    assert form.link is not None
    closure = _grid(tuple(Interval(part.lower, part.upper) for part in parts))
    ends = [
        (size.coefficient * value + min(jumps), size.coefficient * value + max(jumps))
        for value in closure
    ]
    widths = [form.link.risk(float(high)) - form.link.risk(float(low)) for low, high in ends]
    present = evaluated.risk.width
    # The widest may lie between two values of the grid.
    assert narrowing.at_least <= present - max(widths) + 1e-12
    assert narrowing.at_least == pytest.approx(present - max(widths), abs=0.002)
    assert narrowing.at_most == pytest.approx(present - min(widths), abs=1e-12)


@st.composite
def _axes(draw: st.DrawFn) -> AxisTerm:
    marks = sorted(draw(st.sets(halves, min_size=2, max_size=4)))
    points = [Decimal(draw(st.integers(0, 10))) for _ in marks]
    return AxisTerm(
        SIZE, Decimal(1), min(points), max(points), tuple(zip(marks, points, strict=True))
    )


@settings(deadline=None, max_examples=200)
@given(_axes(), _intervals())
def test_an_axis_reaches_exactly_its_points(axis: AxisTerm, parts: tuple[Interval, ...]) -> None:
    """The points of an interval run from the lowest to the highest on it, with open ends where open."""
    image = axis.design(_size(parts))
    reached = [axis.points_at(value) for value in _grid(parts)]
    assert all(any(value in part for part in image) for value in reached)
    knots = {x for x, _ in axis.knots}
    for end, is_open in (
        (image[0].lower, image[0].lower_open),
        (image[-1].upper, image[-1].upper_open),
    ):
        if not is_open:
            assert end in reached
        else:
            assert end not in reached
            closed = {part.lower for part in parts} | {part.upper for part in parts} | knots
            assert end in {axis.points_at(value) for value in closed}


@given(_axes())
def test_an_axis_is_held_at_its_ends(axis: AxisTerm) -> None:
    """Beyond its marks an axis keeps the points of its last mark."""
    (first, low), (last, high) = axis.knots[0], axis.knots[-1]
    assert axis.points_at(first - 1) == axis.points_at(first) == low
    assert axis.points_at(last + 1) == axis.points_at(last) == high
    for (x0, y0), (x1, y1) in pairwise(axis.knots):
        assert axis.points_at((x0 + x1) / 2) == (y0 + y1) / 2


@given(st.integers(0, 120), st.integers(0, 120))
def test_a_whole_quantity_is_read_year_by_year(first: int, last: int) -> None:
    """An age between two years is one of the whole years between, never a fraction."""
    assume(first <= last)
    axis = AxisTerm(AGE, Decimal(1), Decimal(0), Decimal(100), ((Decimal(20), Decimal(100)), (Decimal(80), Decimal(0))))  # fmt: skip
    known = Input(AGE, Knowledge.PARTIAL, (Interval(Decimal(first), Decimal(last)),))
    assert not axis.is_continuous
    image = axis.design(known)
    assert {part.lower for part in image} == {
        axis.points_at(Decimal(year)) for year in range(first, last + 1)
    }
    assert len(axis.answers(known)) == last - first + 1
