"""Sets of numbers as sorted, disjoint intervals: what terms map and scores add up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property, lru_cache

from models.inputs import Interval

__all__ = ["Numbers", "SumSet", "common", "merged", "point", "remainder", "scaled", "whole_numbers"]

Numbers = tuple[Interval, ...]
# An interval by its members: sums are many, and nobody but this module sees them.
_Ends = tuple[Decimal, Decimal, bool, bool]
_ZERO: _Ends = (Decimal(0), Decimal(0), False, False)


def point(value: Decimal) -> Interval:
    """Return the interval that holds one number."""
    return Interval(value, value)


def merged(parts: Iterable[Interval]) -> Numbers:
    """Return the union as sorted, disjoint intervals.

    >>> merged([point(Decimal(1)), point(Decimal(0)), point(Decimal(1))]) == (
    ...     point(Decimal(0)), point(Decimal(1)))
    True
    """
    unsorted = tuple(parts)
    if len(unsorted) < 2:
        return unsorted
    result: list[Interval] = []
    for part in sorted(unsorted, key=lambda item: (item.lower, item.lower_open)):
        last = result[-1] if result else None
        if last is None or not _joins(last, part):
            result.append(part)
            continue
        upper, upper_open = max(
            (last.upper, not last.upper_open), (part.upper, not part.upper_open)
        )
        result[-1] = Interval(last.lower, upper, last.lower_open, not upper_open)
    return tuple(result)


def _joins(first: Interval, second: Interval) -> bool:
    """Whether two intervals, in order, leave no number between them."""
    if second.lower < first.upper:
        return True
    return second.lower == first.upper and not (first.upper_open and second.lower_open)


def common(one: Interval, other: Interval) -> Interval | None:
    """Return the numbers in both intervals, None if there is none."""
    # Asked for hundreds of times per patient: the ends are compared one by one, and an interval that
    # lies within the other is returned as it is.
    first = second = one
    if other.lower > one.lower or (
        other.lower_open and not one.lower_open and other.lower == one.lower
    ):
        first = other
    if other.upper < one.upper or (
        other.upper_open and not one.upper_open and other.upper == one.upper
    ):
        second = other
    lower, upper = first.lower, second.upper
    if lower > upper or (lower == upper and (first.lower_open or second.upper_open)):
        return None
    if first is second:
        return first
    return Interval(lower, upper, first.lower_open, second.upper_open)


def remainder(numbers: Numbers, taken: Interval) -> Numbers:
    """Return the numbers that are not in the interval taken away (its ends are finite)."""
    infinity = Decimal("Infinity")
    sides = (
        Interval(-infinity, taken.lower, upper_open=not taken.lower_open),
        Interval(taken.upper, infinity, lower_open=not taken.upper_open),
    )
    kept = (common(part, side) for part in numbers for side in sides)
    return merged(part for part in kept if part is not None)


@lru_cache(maxsize=256)
def whole_numbers(numbers: Numbers) -> Numbers:
    """Return the whole numbers of the set (sorted, disjoint intervals), one point each.

    Kept for the sets asked for last: the whole plausible range of an unknown count comes up again and
    again, with up to a hundred points.
    """
    found: list[Interval] = []
    for part in numbers:
        first = int(part.lower.to_integral_value(ROUND_CEILING))
        last = int(part.upper.to_integral_value(ROUND_FLOOR))
        # Only an open end can be whole and not in the interval.
        first += part.lower_open and first == part.lower
        last -= part.upper_open and last == part.upper
        found.extend(point(Decimal(value)) for value in range(first, last + 1))
    return tuple(found)


def scaled(numbers: Numbers, factor: Decimal) -> Numbers:
    """Return every number of the set times a factor."""
    if factor == 0:
        return (point(Decimal(0)),)
    if factor > 0:
        parts = [Interval(factor * p.lower, factor * p.upper, p.lower_open, p.upper_open) for p in numbers]  # fmt: skip
    else:
        parts = [Interval(factor * p.upper, factor * p.lower, p.upper_open, p.lower_open) for p in numbers]  # fmt: skip
    return merged(parts)


@dataclass(frozen=True)
class SumSet:
    """Every sum of one number from each of several independent sets.

    >>> two = SumSet(((point(Decimal(0)), point(Decimal(1))), (point(Decimal(0)), point(Decimal(5)))))
    >>> two.hull.lower, two.hull.upper, two.reaches(Interval(Decimal(2), Decimal(4)))
    (Decimal('0'), Decimal('6'), False)
    """

    parts: tuple[Numbers, ...]

    @cached_property
    def hull(self) -> Interval:
        """From the lowest to the highest sum; an end is open if no sum reaches it."""
        return Interval(
            sum((part[0].lower for part in self.parts), Decimal(0)),
            sum((part[-1].upper for part in self.parts), Decimal(0)),
            any(part[0].lower_open for part in self.parts),
            any(part[-1].upper_open for part in self.parts),
        )

    @property
    def is_point(self) -> bool:
        """Whether there is exactly one sum."""
        return self.hull.lower == self.hull.upper

    @cached_property
    def _split(self) -> tuple[Numbers, tuple[_Ends, ...]]:
        """The set with most pieces, and the sums of all others (meet in the middle)."""
        if not self.parts:
            return (point(Decimal(0)),), (_ZERO,)
        ordered = sorted(self.parts, key=len)
        sums = {_ZERO}
        for part in ordered[:-1]:
            sums = {_added(one, other) for one in sums for other in part}
        return ordered[-1], tuple(sorted(sums))

    def reaches(self, target: Interval) -> bool:
        """Tell whether at least one sum lies in the target."""
        if common(self.hull, target) is None:
            return False
        largest, sums = self._split
        uppers = [piece.upper for piece in largest]
        return any(_meets(base, largest, uppers, target) for base in sums)

    def nearest(self, number: Decimal) -> tuple[Decimal, ...]:
        """Return the closest sums at or below and at or above a number, where there are any.

        Open ends count as reached: this serves extremes of continuous functions.
        """
        largest, sums = self._split
        uppers = [piece.upper for piece in largest]
        below: list[Decimal] = []
        above: list[Decimal] = []
        for base_lower, base_upper, _, _ in sums:
            index = bisect_left(uppers, number - base_upper)
            for piece in largest[max(index - 1, 0) : index + 1]:
                lower, upper = base_lower + piece.lower, base_upper + piece.upper
                if lower <= number <= upper:
                    return (number,)
                if upper < number:
                    below.append(upper)
                else:
                    above.append(lower)
        return tuple(([max(below)] if below else []) + ([min(above)] if above else []))


def _added(one: _Ends, other: Interval) -> _Ends:
    lower, upper, lower_open, upper_open = one
    return (
        lower + other.lower,
        upper + other.upper,
        lower_open or other.lower_open,
        upper_open or other.upper_open,
    )


def _meets(base: _Ends, pieces: Numbers, uppers: Sequence[Decimal], target: Interval) -> bool:
    """Whether base plus one of the sorted pieces meets the target."""
    start = bisect_left(uppers, target.lower - base[1])
    for piece in pieces[start:]:
        if base[0] + piece.lower > target.upper:
            return False
        if common(Interval(*_added(base, piece)), target) is not None:
            return True
    return False
