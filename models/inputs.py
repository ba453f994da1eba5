"""What is known of one input, as the set of values it may have.

A number's set is a union of disjoint intervals, a category's a set of categories. One value, an
interval (">1210"), a choice (4.8 or 5.3 cm), unknown (the whole plausible range) and not yet
knowable are all the same type, so every form has one path for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from models.quantities import Quantity

__all__ = [
    "Input",
    "Interval",
    "Knowledge",
    "between",
    "exactly",
    "not_yet_knowable",
    "one_of",
    "one_of_numbers",
    "unknown",
]


class Knowledge(StrEnum):
    """How much is known of an input."""

    KNOWN = "known"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    NOT_YET_KNOWABLE = "not-yet-knowable"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The numbers from `lower` to `upper`; each end belongs to it unless it is marked open."""

    lower: Decimal
    upper: Decimal
    lower_open: bool = False
    upper_open: bool = False

    def __post_init__(self) -> None:
        empty = self.lower == self.upper and (self.lower_open or self.upper_open)
        if self.lower > self.upper or empty:
            raise ValueError(f"an interval needs at least one value: {self}")

    def __contains__(self, value: Decimal) -> bool:
        """Tell whether the value lies in the interval."""
        above = value > self.lower or (value == self.lower and not self.lower_open)
        below = value < self.upper or (value == self.upper and not self.upper_open)
        return above and below


@dataclass(frozen=True, slots=True)
class Input:
    """One quantity with the set of values it may have.

    Exactly one of `numbers` (sorted, disjoint) and `categories` is filled. `reason` says in a few
    words why the input is not fully known ("not recorded", "conflict: 4.8 and 5.3 cm").
    """

    quantity: Quantity
    knowledge: Knowledge
    numbers: tuple[Interval, ...] = ()
    categories: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def value(self) -> Decimal | str | None:
        """The one value if the input is known, else None."""
        if self.knowledge is not Knowledge.KNOWN:
            return None
        if self.numbers:
            return self.numbers[0].lower
        return next(iter(self.categories))

    @property
    def is_known(self) -> bool:
        """Whether exactly one value is possible."""
        return self.knowledge is Knowledge.KNOWN


def exactly(quantity: Quantity, value: Decimal | int | str) -> Input:
    """Return the input whose one possible value is this.

    Raises
    ------
    ValueError
        If the value is outside the plausible range, not whole where it must be, or no category
        of the quantity.
    """
    if quantity.is_number:
        number = Decimal(value)
        _check_number(quantity, number)
        return Input(quantity, Knowledge.KNOWN, (Interval(number, number),))
    return one_of(quantity, [str(value)])


def between(
    quantity: Quantity,
    lower: Decimal | None = None,
    upper: Decimal | None = None,
    *,
    lower_open: bool = False,
    upper_open: bool = False,
    reason: str = "",
) -> Input:
    """Return the input that lies between two numbers; a missing end is the plausible limit.

    Raises
    ------
    ValueError
        If no plausible value lies between them.
    """
    low, high = _limits(quantity)
    if lower is None or lower < low:
        lower, lower_open = low, False
    if upper is None or upper > high:
        upper, upper_open = high, False
    return _from_intervals(quantity, [Interval(lower, upper, lower_open, upper_open)], reason)


def one_of_numbers(quantity: Quantity, values: Iterable[Decimal], reason: str = "") -> Input:
    """Return the input that has one of several numbers (conflicting records).

    Raises
    ------
    ValueError
        If there is no value or one is not plausible.
    """
    numbers = sorted(set(values))
    for number in numbers:
        _check_number(quantity, number)
    return _from_intervals(quantity, [Interval(number, number) for number in numbers], reason)


def one_of(quantity: Quantity, categories: Iterable[str], reason: str = "") -> Input:
    """Return the input that has one of these categories.

    Raises
    ------
    ValueError
        If there is none, or one that the quantity does not have.
    """
    chosen = frozenset(categories)
    if not chosen or not chosen <= frozenset(quantity.categories):
        raise ValueError(f"{quantity.name} has the categories {quantity.categories}")
    if len(chosen) == 1:
        knowledge = Knowledge.KNOWN
    elif chosen == frozenset(quantity.categories):
        knowledge = Knowledge.UNKNOWN
    else:
        knowledge = Knowledge.PARTIAL
    return Input(quantity, knowledge, categories=chosen, reason=reason)


def unknown(quantity: Quantity, reason: str = "not recorded") -> Input:
    """Return the input of which nothing is known: its whole plausible range."""
    return _whole_range(quantity, Knowledge.UNKNOWN, reason)


def not_yet_knowable(quantity: Quantity, reason: str = "known only after the operation") -> Input:
    """Return the input that cannot exist yet, such as MVI before surgery."""
    return _whole_range(quantity, Knowledge.NOT_YET_KNOWABLE, reason)


def _whole_range(quantity: Quantity, knowledge: Knowledge, reason: str) -> Input:
    numbers, categories = _everything(quantity)
    return Input(quantity, knowledge, numbers, categories, reason)


@cache
def _everything(quantity: Quantity) -> tuple[tuple[Interval, ...], frozenset[str]]:
    """Return the plausible range, or every category; of each quantity it is made once."""
    if quantity.is_number:
        return (Interval(*_limits(quantity)),), frozenset()
    return (), frozenset(quantity.categories)


def _from_intervals(quantity: Quantity, intervals: list[Interval], reason: str) -> Input:
    if not intervals:
        raise ValueError(f"{quantity.name} needs at least one possible value")
    numbers = tuple(intervals)
    if len(numbers) == 1 and numbers[0].lower == numbers[0].upper:
        knowledge = Knowledge.KNOWN
    elif numbers == (Interval(*_limits(quantity)),):
        knowledge = Knowledge.UNKNOWN
    else:
        knowledge = Knowledge.PARTIAL
    return Input(quantity, knowledge, numbers=numbers, reason=reason)


def _limits(quantity: Quantity) -> tuple[Decimal, Decimal]:
    if quantity.lower is None or quantity.upper is None:
        raise ValueError(f"{quantity.name} is a category, not a number")
    return quantity.lower, quantity.upper


def _check_number(quantity: Quantity, number: Decimal) -> None:
    low, high = _limits(quantity)
    if not low <= number <= high:
        raise ValueError(f"{quantity.name} is plausible from {low} to {high} {quantity.unit}")
    if quantity.integer and number != number.to_integral_value():
        raise ValueError(f"{quantity.name} is a whole number")
