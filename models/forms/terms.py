"""Terms of an additive score: each is a function of one input, evaluated over its possible values.

A term is `coefficient x design value`. Because every term looks at one input only, the lowest and
the highest score over all completions are sums of the terms' own extremes: exact, not a bound.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from models.forms.sets import Numbers, common, merged, point, scaled, whole_numbers
from models.inputs import Input, Interval, one_of, unknown
from models.quantities import Quantity

__all__ = ["AxisTerm", "LevelTerm", "LinearTerm", "StepTerm", "Term", "possible_numbers"]


def possible_numbers(known: Input) -> Numbers:
    """Return the numbers an input may have; whole numbers only where the quantity is whole.

    A range without any whole number (a count between 1.2 and 1.8) contradicts itself and says
    nothing: the whole plausible range remains.
    """
    if not known.quantity.integer:
        return known.numbers
    return whole_numbers(known.numbers) or whole_numbers(unknown(known.quantity).numbers)


@dataclass(frozen=True)
class Term(ABC):
    """One term: an input, its coefficient, and the design values of no points and of most points.

    Parameters
    ----------
    quantity : Quantity
        The one input it looks at.
    coefficient : Decimal
        Score per unit of the design value.
    reference : Decimal
        Design value that earns no points.
    top : Decimal
        Design value that earns the most points.
    """

    quantity: Quantity
    coefficient: Decimal
    reference: Decimal
    top: Decimal

    @abstractmethod
    def design(self, known: Input) -> Numbers:
        """Return the design values over everything the input may be."""

    @abstractmethod
    def answers(self, known: Input) -> tuple[Input, ...]:
        """Return the kinds of answer that knowing the input could give, one restricted input each.

        Within one answer the design value is single, ambiguous by nature (a category the source did
        not know) or, for a continuous term, a stretch of values of which each is one answer.
        """

    @property
    def is_continuous(self) -> bool:
        """Whether an answer may be any number of a stretch."""
        return False

    def contribution(self, known: Input) -> Numbers:
        """Return what the term may add to the score."""
        return scaled(self.design(known), self.coefficient)

    @property
    def reference_contribution(self) -> Decimal:
        """What the term adds at the value of no points."""
        return self.coefficient * self.reference

    @property
    def largest_contribution(self) -> Decimal:
        """What the term adds at the value of most points."""
        return self.coefficient * self.top


def _numeric_cells(known: Input, regions: tuple[Interval, ...]) -> tuple[Input, ...]:
    cells = []
    for region in regions:
        parts = (common(part, region) for part in possible_numbers(known))
        inside = tuple(part for part in parts if part is not None)
        if inside:
            cells.append(Input(known.quantity, known.knowledge, inside, reason=known.reason))
    return tuple(cells)


def _separate_cells(known: Input) -> tuple[Input, ...]:
    """Return one restricted input per stretch or whole number; they are disjoint as they are."""
    return tuple(
        Input(known.quantity, known.knowledge, (part,), reason=known.reason)
        for part in possible_numbers(known)
    )


@dataclass(frozen=True)
class LinearTerm(Term):
    """`(value - centre) / per`, such as age per decade centred at 50."""

    centre: Decimal
    per: Decimal

    def design(self, known: Input) -> Numbers:
        """Return the design values over everything the input may be."""
        return merged(
            Interval(
                (part.lower - self.centre) / self.per,
                (part.upper - self.centre) / self.per,
                part.lower_open,
                part.upper_open,
            )
            for part in possible_numbers(known)
        )

    def answers(self, known: Input) -> tuple[Input, ...]:
        """Return one answer per separate stretch or whole number."""
        return _separate_cells(known)

    @property
    def is_continuous(self) -> bool:
        """Whether an answer may be any number of a stretch."""
        return not self.quantity.integer


@dataclass(frozen=True)
class StepTerm(Term):
    """1 strictly beyond a cut, else 0: above 5.0 cm, below 1.0 cm."""

    cut: Decimal
    above: bool

    @cached_property
    def _regions(self) -> tuple[Interval, Interval]:
        """The values that count 0 and those that count 1; the cut itself counts 0."""
        infinity = Decimal("Infinity")
        if self.above:
            return Interval(-infinity, self.cut), Interval(self.cut, infinity, lower_open=True)
        return Interval(self.cut, infinity), Interval(-infinity, self.cut, upper_open=True)

    def design(self, known: Input) -> Numbers:
        """Return the design values over everything the input may be."""
        # The parts are in order: if none of them reaches a side, the outermost does not.
        parts = possible_numbers(known)
        ends = (parts[0], parts[-1]) if self.above else (parts[-1], parts[0])
        return tuple(
            point(Decimal(value))
            for value, (region, end) in enumerate(zip(self._regions, ends, strict=True))
            if common(end, region) is not None
        )

    def answers(self, known: Input) -> tuple[Input, ...]:
        """Return one answer per side of the cut."""
        return _numeric_cells(known, self._regions)


@dataclass(frozen=True)
class LevelTerm(Term):
    """A design value per category; a category the source did not know has several.

    An incomplete capsule, for a cohort that knew only absent and present, is 0 or 1.
    """

    levels: Mapping[str, tuple[Decimal, ...]]

    def design(self, known: Input) -> Numbers:
        """Return the design values over everything the input may be."""
        return merged(
            point(value) for category in known.categories for value in self.levels[category]
        )

    def answers(self, known: Input) -> tuple[Input, ...]:
        """Return one answer per category."""
        return tuple(one_of(self.quantity, [category]) for category in sorted(known.categories))

    def is_ambiguous(self, category: str) -> bool:
        """Tell whether the source does not say what this category counts."""
        return len(self.levels[category]) > 1


@dataclass(frozen=True)
class AxisTerm(Term):
    """A nomogram axis: points at knots, straight lines between, held at the end values beyond.

    Parameters
    ----------
    knots : tuple of (Decimal, Decimal)
        (value, points) in ascending order of the value.
    """

    knots: tuple[tuple[Decimal, Decimal], ...]

    def points_at(self, value: Decimal) -> Decimal:
        """Read the axis at one value."""
        (first, first_points), (last, last_points) = self.knots[0], self.knots[-1]
        if value <= first:
            return first_points
        if value >= last:
            return last_points
        for (x0, y0), (x1, y1) in pairwise(self.knots):
            if value <= x1:
                return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
        return last_points  # pragma: no cover - the knots reach to `last`

    def design(self, known: Input) -> Numbers:
        """Return the points over everything the input may be."""
        return merged(self._image(part) for part in possible_numbers(known))

    def answers(self, known: Input) -> tuple[Input, ...]:
        """Return one answer per separate stretch or whole number."""
        return _separate_cells(known)

    @property
    def is_continuous(self) -> bool:
        """Whether an answer may be any number of a stretch."""
        return not self.quantity.integer

    def _image(self, part: Interval) -> Interval:
        if part.lower == part.upper:
            return point(self.points_at(part.lower))
        inner = [x for x, _ in self.knots if part.lower < x < part.upper]
        reached = [self.points_at(x) for x in inner]
        # An open end is reached all the same where the axis is flat beside it.
        low_next, high_next = (inner[0], inner[-1]) if inner else (part.upper, part.lower)
        ends = [
            (self.points_at(part.lower), part.lower_open, self.points_at((part.lower + low_next) / 2)),
            (self.points_at(part.upper), part.upper_open, self.points_at((part.upper + high_next) / 2)),
        ]  # fmt: skip
        reached += [value for value, is_open, beside in ends if not is_open or beside == value]
        limits = [*reached, *(value for value, _, _ in ends)]
        low, high = min(limits), max(limits)
        return Interval(low, high, low not in reached, high not in reached)
